"""The answer of a newspaper out of the answer of an archive that kept it.

A web archive hands a capture on in one of two ways: as an answer of its own that carries the
captured one (RFC 7089: `Memento-Datetime` says so and when), or as the piece of a WARC file in
which it stands. What carries neither is the archive's own word. Must not know Scrapy.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.warc import Damage, joined, record_in

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        *("keep-alive", "cache-control", "x-cache"),
    )
)
_TYPE = "content-type"
_GZIP = b"\x1f\x8b"
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
    return Archived(url, date, status, tuple(_captured(headers, body)), body) if date else None


def from_warc(packed: bytes) -> Archived | None:
    """Give the answer that one packed WARC record holds; None for what is no such record."""
    record = record_in(packed)
    if isinstance(record, Damage) or record.kind != "response":
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


def _captured(headers: Headers, body: bytes) -> Iterator[tuple[str, str]]:
    """Give the headers as the newspaper sent them, but for those of the bytes that came now."""
    names = {name.lower() for name, _ in headers}
    is_renamed = not names.isdisjoint(_RENAMED)
    original = {name.removeprefix(_ORIGINAL) for name in names if name.startswith(_ORIGINAL)}
    for name, value in headers:
        key = name.lower()
        if key.startswith(_ORIGINAL):
            if key.removeprefix(_ORIGINAL) not in _OF_NOW | {_TYPE}:
                yield name[len(_ORIGINAL) :], value
        elif key == _TYPE or not (is_renamed or _is_own(key) or key in original):
            yield name, value
    if packing := _packing(headers, body):
        yield "Content-Encoding", packing


def _is_own(key: str) -> bool:
    return key in _OWN or key in _OF_NOW or key.startswith("x-archive-")


def _packing(headers: Headers, body: bytes) -> str:
    """Say how the bytes are packed: an archive may have unpacked them, or have forgotten to say so."""
    told = {name.lower(): value.strip() for name, value in headers if value.strip()}
    if now := told.get("content-encoding"):
        return now
    then = told.get(f"{_ORIGINAL}content-encoding", "")
    return then if body.startswith(_GZIP) else ""
