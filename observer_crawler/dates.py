"""Days and moments as pages print them: the date line, the dateline of a story.

Pure: strings in, ISO 8601 out, in the newspaper's zone; no clock. Words of the Bangla edition
are likely ones, for nobody has seen its pages here; those of the English one were seen.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Literal, NamedTuple

from observer_crawler.site import ZONE

_MONTH_NAMES = {
    name: number
    for number, names in enumerate(
        (
            "january jan জানুয়ারি জানুয়ারী",
            "february feb ফেব্রুয়ারি ফেব্রুয়ারী",
            "march mar মার্চ",
            "april apr এপ্রিল",
            "may মে",
            "june jun জুন",
            "july jul জুলাই",
            "august aug আগস্ট আগষ্ট অগাস্ট",
            "september sept sep সেপ্টেম্বর",
            "october oct অক্টোবর",
            "november nov নভেম্বর",
            "december dec ডিসেম্বর",
        ),
        start=1,
    )
    for name in unicodedata.normalize("NFC", names).split()
}
_BANGLA_DIGITS = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")
_MONTH_NAMED = r"(?P<month>[^\W\d_][^\s,.:0-9]{1,12})"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?\s*(?P<half>[ap]\.?m\.?|এএম|পিএম)?(?:\+06:?00)?"
# The ways to write a day that can be read in one way alone.
_DATES = tuple(
    re.compile(
        r"[\s,]*(?:[^\W\d][^\s\d,]*[\s,]+)?"  # the weekday
        rf"{form}(?:(?:\s|,|T|at|সময়|সময়)*?{_TIME})?(?P<rest>.*)",
        re.IGNORECASE | re.DOTALL,
    )
    for form in (
        rf"(?P<day>[0-9]{{1,2}})\s+{_MONTH_NAMED}[\s,.]+(?P<year>[0-9]{{4}})(?![0-9])",
        rf"{_MONTH_NAMED}[\s.]+(?P<day>[0-9]{{1,2}})[\s,]+(?P<year>[0-9]{{4}})(?![0-9])",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})(?![0-9])",
    )
)
# What may follow the date in its line; of anything else the line is a sentence and no date.
_AFTER_DATE = re.compile(
    r"[\s|,.()\[\]-]*(?:(?:last\s+)?(?:update|modified)|আপডেট|হালনাগাদ|$)", re.IGNORECASE
)


def is_of_date_line(text: str) -> bool:
    """Whether a line holds a date, a time or a labelled count, whatever their labels are.

    >>> is_of_date_line("Reads: 84"), is_of_date_line("Posted on Tuesday, 2 September")
    (True, True)
    >>> is_of_date_line("Rahim Uddin, Class 9"), is_of_date_line("By: Rahim Uddin")
    (False, False)
    """
    return _OF_DATE_LINE.search(latin_digits(text)) is not None


def latin_digits(text: str) -> str:
    """Write Bangla digits as the others.

    >>> latin_digits("১৬ June")
    '16 June'
    """
    return text if text.isascii() else text.translate(_BANGLA_DIGITS)


_MONTH = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_OF_DATE_LINE = re.compile(
    rf"\w\s*[:：]\s*[0-9]|\b[0-9]{{1,4}}([-/.])[0-9]{{1,2}}\1[0-9]{{2,4}}\b|"
    rf"\b[0-9]{{1,2}}(?:st|nd|rd|th)?[\s,]+(?:{_MONTH})(?!\w)|"
    rf"(?<!\w)(?:{_MONTH})[\s.]+[0-9]{{1,2}}\b",
    re.IGNORECASE,
)


class Published(NamedTuple):
    """What a date line says: the day, the moment (aware, or None) and the edition."""

    date: str
    at: str | None
    edition: Literal["print", "online"] | None


def parse_published(text: str) -> Published | None:
    """Read `Thursday, 16 June, 2022 at 2:05 PM`, in English or Bangla; None if it is no date.

    The month may be named first, or the day be that of ISO 8601; any other order is in doubt.
    12:00 AM marks the print edition: its day is known, its time is not.

    >>> parse_published("Thursday, 16 June, 2022 at 12:00 AM")
    Published(date='2022-06-16', at=None, edition='print')
    >>> parse_published("Thursday, 16 June, 2022 at 2:05 PM").at
    '2022-06-16T14:05:00+06:00'
    >>> parse_published("বৃহস্পতিবার, ১৬ জুন, ২০২২").date
    '2022-06-16'
    >>> parse_published("2022-06-16 14:05").at, parse_published("June 16, 2022").date
    ('2022-06-16T14:05:00+06:00', '2022-06-16')
    >>> parse_published("3 May 2019 by the press"), parse_published("05/06/2019")
    (None, None)
    """
    plain = latin_digits(unicodedata.normalize("NFC", text))
    match = next((found for date in _DATES if (found := date.match(plain))), None)
    if match is None or not _AFTER_DATE.match(match["rest"]):
        return None
    month = _month(match["month"])
    if month is None:
        return None
    try:
        day = dt.date(int(match["year"]), month, int(match["day"]))
        time = _time(match["hour"], match["minute"], match["half"])
    except ValueError:
        return None
    if time is None:
        return Published(day.isoformat(), None, None)
    if time == dt.time(0, 0):
        return Published(day.isoformat(), None, "print")
    return Published(day.isoformat(), dt.datetime.combine(day, time, ZONE).isoformat(), "online")


def _month(text: str) -> int | None:
    return int(text) if text.isdecimal() else _MONTH_NAMES.get(text.casefold())


def parse_edition(text: str) -> Literal["print", "online"] | None:
    """Tell the edition from the time of a date line, whose date may be in doubt.

    >>> parse_edition("Thursday, 16 June at 12:00 AM"), parse_edition("16 June, 2:05 PM")
    ('print', 'online')
    >>> parse_edition("Thursday, 16 June") is None
    True
    """
    match = _CLOCK.search(latin_digits(text))
    try:
        time = _time(match["hour"], match["minute"], match["half"]) if match else None
    except ValueError:
        return None
    return None if time is None else "print" if time == dt.time(0, 0) else "online"


_CLOCK = re.compile(rf"(?<![0-9:]){_TIME}(?![0-9:])", re.IGNORECASE)


def _time(hour: str | None, minute: str, half: str | None) -> dt.time | None:
    if hour is None:
        return None
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pPপ" else 0)
    return dt.time(hours, int(minute))


_PLACE = r"[A-Z][A-Z.'\u2019()-]*(?:\s+[A-Z.'\u2019()-]+)*"
_DATELINE = re.compile(
    rf"(?P<places>{_PLACE}(?:,\s*{_PLACE})*),?\s+(?P<month>[A-Z][a-z]{{2,8}})\.?\s+"
    r"(?P<day>[0-9]{1,2})\s*:(?![0-9])"
)


class SplitDateline(NamedTuple):
    """A dateline as printed, its places, its day (or None), and the text after it."""

    text: str
    places: list[str]
    date: str | None
    rest: str


def split_dateline(text: str, published_date: str | None) -> SplitDateline | None:
    """Split `BEIJING, June 15: Chinese ...`; the day is the last such one till publication.

    >>> split_dateline("PATNITALA, NAOGAON, Apr 26: Boro paddy", "2021-04-27")[1:]
    (['PATNITALA', 'NAOGAON'], '2021-04-26', 'Boro paddy')
    >>> split_dateline("SYLHET, Dec 31: The year", "2022-01-01").date
    '2021-12-31'
    >>> split_dateline("The UN said", None) is None
    True
    """
    match = _DATELINE.match(text)
    if match is None or (month := _MONTH_NAMES.get(match["month"].lower())) is None:
        return None
    places = [place.strip() for place in match["places"].split(",")]
    date = _last_such_day(month, int(match["day"]), published_date)
    return SplitDateline(match[0], places, date, text[match.end() :].strip())


def _last_such_day(month: int, day: int, published_date: str | None) -> str | None:
    if published_date is None:
        return None
    until = dt.date.fromisoformat(published_date)
    for year in range(until.year, until.year - 9, -1):  # 29 February may be eight years back
        try:
            date = dt.date(year, month, day)
        except ValueError:
            continue
        if date <= until:
            return date.isoformat()
    return None
