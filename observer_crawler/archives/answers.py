"""The answer of a newspaper out of the answer of an archive that kept it.

A web archive hands a capture on in one of two ways: as an answer of its own that carries the
captured one (RFC 7089: `Memento-Datetime` says so and when), or as the piece of a WARC file in
which it stands. What carries neither is the archive's own word. Must not know Scrapy.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.warc import ANSWERS, Damage, joined, record_in

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = tuple[tuple[str, str], ...]

_MEMENTO = "memento-datetime"
_ORIGINAL = "x-archive-orig-"
# Of an answer that was handed on, these speak of the bytes that came now.
_OF_NOW = frozenset(("content-encoding", "transfer-encoding", "content-length"))
# What an archive says of itself; whoever gives all headers of the capture under names of their own
# says more, and then only these are taken.
_OWN = frozenset(
    (
        *(_MEMENTO, "link", "content-location", "date", "vary", "server", "connection"),
        *("keep-alive", "cache-control", "x-cache", "content-length", "transfer-encoding"),
    )
)
_PASSED_ON = frozenset(("content-type", "content-encoding"))
# The Wayback Machine renames each header of a capture; every answer has a date or a server.
_RENAMED = (f"{_ORIGINAL}date", f"{_ORIGINAL}server")


class Archived(NamedTuple):
    """An answer as it was captured: `date` is UTC, ISO 8601 to the microsecond."""

    url: str
    date: str
    status: int
    headers: Headers
    body: bytes


def from_memento(url: str, status: int, headers: Headers, body: bytes) -> Archived | None:
    """Give what a memento of `url` carries; None for an archive's own word."""
    said = next((value for name, value in headers if name.lower() == _MEMENTO), None)
    date = _date(said) if said else None
    return Archived(url, date, status, tuple(_captured(headers)), body) if date else None


def from_warc(packed: bytes) -> Archived | None:
    """Give the answer that one packed WARC record holds; None for what is no such record."""
    record = record_in(packed)
    if isinstance(record, Damage) or record.kind not in ANSWERS or not record.status:
        return None
    headers = tuple(pair for pair in record.http if pair[0].lower() != "transfer-encoding")
    return Archived(record.url, record.date, record.status, headers, joined(record))


def _date(text: str) -> str | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
    return found.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _captured(headers: Headers) -> Iterable[tuple[str, str]]:
    """Give the headers as the newspaper sent them, but for those of the bytes that came now."""
    names = {name.lower() for name, _ in headers}
    is_renamed = not names.isdisjoint(_RENAMED)
    original = {name.removeprefix(_ORIGINAL) for name in names if name.startswith(_ORIGINAL)}
    for name, value in headers:
        key = name.lower()
        if key.startswith(_ORIGINAL):
            bare = name[len(_ORIGINAL) :]
            if bare.lower() not in _OF_NOW | _PASSED_ON:
                yield bare, value
        elif key in _PASSED_ON or not (
            is_renamed or key in original or key in _OWN or key.startswith("x-archive-")
        ):
            yield name, value
