"""A string in, a clean value out: bytes to text, space, date with zone, count, credits.

Pure, and of strings alone: no page, no selector, no clock. Words of the Bangla edition are
likely ones, for nobody has seen its pages here; those of the English one were seen.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import NamedTuple

from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
)

from observer_crawler.site import AGENCIES, ZONE

_MONTHS = "january february march april may june july august september october november december"
_BANGLA_MONTHS = (
    "জানুয়ারি জানুয়ারী",
    "ফেব্রুয়ারি ফেব্রুয়ারী",
    "মার্চ",
    "এপ্রিল",
    "মে",
    "জুন",
    "জুলাই",
    "আগস্ট আগষ্ট অগাস্ট",
    "সেপ্টেম্বর",
    "অক্টোবর",
    "নভেম্বর",
    "ডিসেম্বর",
)
_DIGITS = str.maketrans("০১২৩৪৫৬৭৮৯", "0123456789")


# A charset that a page may name and that is not read as UTF-8 mended with cp1252.
_OTHER_CHARSETS = re.compile(
    r"utf-?(16|32)|cp(125[013-8]|874|932|949)|iso8859-(?!1$|15$)|koi8|gb18030|big5|euc_|mac"
)


def decode(body: bytes, content_type: str | None = None) -> str:
    r"""Decode a page: charset of the header, then meta, then UTF-8; NUL is dropped.

    Each byte that breaks UTF-8 is read as cp1252, for pages mix the two (`Oscar` with an
    accent, a dash). So a page that declares latin-1 and is UTF-8 all the same comes out right.

    >>> decode(b"caf\xe9 \xe0\xa6\x95 \x96 AFP") == "caf\xe9 \u0995 \u2013 AFP"
    True
    >>> decode("\u0995".encode(), "text/html; charset=iso-8859-1") == "\u0995"
    True
    """
    charset, mark = read_bom(body)
    if charset is None:
        charset = http_content_type_encoding(content_type) or html_body_declared_encoding(body)
    if charset and _OTHER_CHARSETS.match(charset):
        text = body.decode(charset, errors="replace")
    else:
        text = _decode_mixed(body)
    text = text.removeprefix("\ufeff") if mark else text
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _decode_mixed(body: bytes) -> str:
    text = body.decode("utf-8", errors="surrogateescape")
    return re.sub("[\udc80-\udcff]", _as_cp1252, text)


def _as_cp1252(stray: re.Match[str]) -> str:
    return bytes([ord(stray[0]) - 0xDC00]).decode("cp1252", errors="replace")


def clean(text: str) -> str | None:
    r"""Make white space single, compose to NFC; None when nothing is left.

    >>> clean("  two\xa0\n words ")
    'two words'
    >>> clean(" \n") is None
    True
    """
    return unicodedata.normalize("NFC", " ".join(text.split())) or None


def clean_all(texts: list[str]) -> list[str]:
    """Clean each text and leave out the empty ones."""
    return [cleaned for text in texts if (cleaned := clean(text))]


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
_DATE = re.compile(
    r"[\s,]*(?:[^\W\d][^\s\d,]*[\s,]+)?"  # the weekday
    r"(?P<day>[0-9]{1,2})\s+(?P<month>[^\W\d_][^\s,.:0-9]{1,12})[\s,.]+(?P<year>[0-9]{4})"
    r"(?:(?:\s|,|at|সময়|সময়)*?(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::[0-9]{2})?"
    r"\s*(?P<half>[ap]\.?m\.?|এএম|পিএম)?)?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
# What may follow the date in its line; of anything else the line is a sentence and no date.
_AFTER_DATE = re.compile(
    r"[\s|,.()\[\]-]*(?:(?:last\s+)?(?:update|modified)|আপডেট|হালনাগাদ|$)", re.IGNORECASE
)


class Published(NamedTuple):
    """What a date line says: the day, the moment (aware, or None) and the edition."""

    date: str
    at: str | None
    edition: str | None


def parse_published(text: str) -> Published | None:
    """Read `Thursday, 16 June, 2022 at 2:05 PM`, in English or Bangla; None if it is no date.

    12:00 AM marks the print edition: its day is known, its time is not.

    >>> parse_published("Thursday, 16 June, 2022 at 12:00 AM")
    Published(date='2022-06-16', at=None, edition='print')
    >>> parse_published("Thursday, 16 June, 2022 at 2:05 PM").at
    '2022-06-16T14:05:00+06:00'
    >>> parse_published("বৃহস্পতিবার, ১৬ জুন, ২০২২").date
    '2022-06-16'
    >>> parse_published("3 May 2019 by the press") is None
    True
    """
    match = _DATE.match(unicodedata.normalize("NFC", text).translate(_BANGLA_DIGITS))
    if match is None or not _AFTER_DATE.match(match["rest"]):
        return None
    month = _MONTH_NAMES.get(match["month"].casefold())
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


def _time(hour: str | None, minute: str, half: str | None) -> dt.time | None:
    if hour is None:
        return None
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pPপ" else 0)
    return dt.time(hours, int(minute))


def parse_count(text: str) -> int | None:
    """Read a number with or without thousands commas, in either script.

    >>> parse_count("1,155"), parse_count("১৫৫"), parse_count("")
    (1155, 155, None)
    >>> parse_count("1.2K") is None
    True
    """
    match = _COUNT.match(text.translate(_BANGLA_DIGITS))
    return int(match[1].replace(",", "")) if match else None


_COUNT = re.compile(r"\s*([0-9][0-9,]{0,14})(?![.0-9]*\s?[km]\b)", re.IGNORECASE)


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
    >>> split_dateline("DHAKA, Dec 31: The year", "2022-01-01").date
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


_CREDIT = re.compile(
    r"(?:^|\s+)(?P<text>(?P<dash>[-\u2010-\u2015\u2212])?\s?"
    r"(?P<agency>[^\W\d_][^\s/&,:]*(?:\s?[/&]\s?[^\W\d_][^\s/&,:]*){0,2}))\s*$"
)


def split_agency(text: str) -> tuple[str, str, str] | None:
    """Split a credit that stands alone at the end: (text before, credit as printed, agency).

    >>> split_agency("resources than Indians.    -AFP")
    ('resources than Indians.', '-AFP', 'AFP')
    >>> split_agency("the agency AFP") is None
    True
    >>> split_agency("-UNB")
    ('', '-UNB', 'UNB')
    >>> split_agency("a leader of the party -BNP") is None
    True
    """
    match = _CREDIT.search(text)
    if match is None:
        return None
    agency, before = match["agency"].rstrip("."), text[: match.start()].rstrip()
    names = re.split(r"\s?[/&]\s?", agency)
    listed = all(name in AGENCIES for name in names)
    # Capitals that no list has may be a party or a team, unless the sentence has ended.
    unlisted = all(re.fullmatch("[A-Z]{3,8}", name) for name in names) and match["dash"]
    after_end = not before or before.endswith((".", "!", "?", '"', "”", "’", ")"))
    if not (listed and (match["dash"] or not before)) and not (unlisted and after_end):
        return None
    return before, match["text"].strip(), agency


def is_initials(text: str) -> bool:
    """Whether a last line is a sub-editor's initials: two or three capitals, nothing else.

    >>> is_initials("SR"), is_initials("UNESCO")
    (True, False)
    """
    return re.fullmatch("[A-Z]{2,3}", text) is not None


def opens_letter(text: str) -> bool:
    """Whether a first paragraph opens a letter to the editor.

    >>> opens_letter("Dear Sir, the drains"), opens_letter("Dear readers")
    (True, False)
    """
    return _SALUTATION.match(text) is not None


_SALUTATION = re.compile(
    r"(?:dear\s+|respected\s+)(?:sir|madam|editor)\b|sir\s*[,!]|মহোদয়|জনাব", re.IGNORECASE
)


def count_language(texts: list[str], default: str) -> str:
    """Tell `bn` from `en` by counting letters; `default` where there are none of either.

    >>> count_language(["ঢাকা DU"], "en"), count_language(["12"], "bn")
    ('bn', 'bn')
    """
    joined = "".join(texts)
    bangla = len(re.findall("[\u0980-\u09ff]", joined))
    latin = len(re.findall("[A-Za-z]", joined))
    return default if bangla == latin == 0 else ("bn" if bangla > latin else "en")


def unique(values: list[str]) -> list[str]:
    """Keep the first of each value, in order.

    >>> unique(["b:2", "b:1", "b:2"])
    ['b:2', 'b:1']
    """
    return list(dict.fromkeys(values))
