"""Lines of pages: dates, datelines, credits, counts, and the bytes they are decoded from.

A case is a day (or nothing), a line feed, and the bytes of a line.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from observer_crawler import dates, processors
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from random import Random

_LINES = tuple(
    line.encode()
    for line in (
        "Thursday, 16 June, 2022 at 12:00 AM",
        "Thursday, 16 June, 2022 at 2:05 PM Count : 1,155",
        "June 16, 2022 at 14:05:10+06:00",
        "2022-06-16T14:05",
        "বৃহস্পতিবার, ১৬ জুন, ২০২২ সময় ১২:০০ এএম",
        "29 February, 2023",
        "0 May 0000 at 24:60 AM",
        "PATNITALA, NAOGAON, Apr 26: Boro paddy",
        "COX'S BAZAR, Feb 29: One (BSS) -",
        "resources than Indians.    -AFP",
        "came. \u2014 Reuters/AFP & BSS",
        "Dear Sir, one",
        "9,99,,999 k",
        "Posted on Tuesday, 2 September Reads: 84",
        "caf\u00c3\u00a9 \u00e2\u20ac\u201c \u00c2\u00ab Previous",
        "It&amp;#39;s &amp;ldquo;late&amp;rdquo; &amp;lt;b&amp;gt;",
        "<meta charset=utf-16><a href='?a=1&amp;#39;'>",
    )
)
_DAYS = ("", "2022-06-16", "2024-02-29", "0001-01-01", "9999-12-31")


def make(random: Random) -> bytes:
    """Spoil a line."""
    line = mutated(random, random.choice(_LINES), _LINES)
    return random.choice(_DAYS).encode() + b"\n" + line


def _parts(case: bytes) -> tuple[str | None, bytes, str]:
    day, _, line = case.partition(b"\n")
    return day.decode("ascii", "replace") or None, line, processors.decode(line)


def read(case: bytes) -> object:
    """Ask everything of a line that pages are asked."""
    day, _, text = _parts(case)
    return {
        "published": dates.parse_published(text),
        "edition": dates.parse_edition(text),
        "dateline": dates.split_dateline(text, day),
        "of_date": dates.is_of_date_line(text),
        "count": processors.parse_count(text),
        "agency": processors.split_agency(text),
        "clean": processors.clean(text),
        "language": processors.count_language([text], "en"),
        "escapes": processors.shows_escapes([text]),
        "letter": processors.opens_letter(text),
        "once": processors.escape_once(text.encode()),
    }


def judge(case: bytes, found: object) -> None:
    """What is taken off a line stands in it, and what is a day is one."""
    assert isinstance(found, dict)
    said: dict[str, Any] = found
    day, line, text = _parts(case)
    assert text.encode().decode() == text
    if line.decode("utf-8", "replace").encode() == line and not processors.mend_and_say(line)[1]:
        sound = line.decode().replace("\x00", "").removeprefix("\ufeff")
        assert text == sound or b"charset" in line or line[:2] in {b"\xff\xfe", b"\xfe\xff"}
    if published := said["published"]:
        date = dt.date.fromisoformat(published.date)
        assert published.at is None or dt.datetime.fromisoformat(published.at).date() == date
        assert (published.edition == "online") == (published.at is not None)
    if dateline := said["dateline"]:
        assert text.startswith(dateline.text)
        assert text[len(dateline.text) :].strip() == dateline.rest
        assert all(place and place in dateline.text for place in dateline.places)
        assert dateline.date is None or (day is not None and dateline.date <= day)
    if agency := said["agency"]:
        before, credit, name = agency
        assert text.startswith(before)
        assert name in credit
        assert text.rstrip().endswith(credit)
    cleaned = said["clean"]
    assert cleaned is None or processors.clean(cleaned) == cleaned, "cleaned twice"
    assert said["count"] is None or said["count"] >= 0


TARGETS = (Target("words", 170_000, make, read, judge),)
