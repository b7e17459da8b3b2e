"""One line of a segment: a record to bytes and back, and against another reading of its page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from observer_crawler.items import line_of
from observer_crawler.kinds import ID

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = re.compile(ID)
_OF_THE_STORE = frozenset(("revision", "capture", "extractor"))


def as_bytes(record: Mapping[str, Any]) -> bytes:
    """Give a record's line as it stands in a segment."""
    return _encoded(line_of(record)) + b"\n"


def differing(record: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    """Name the fields in which a reading of a page is not what a line says of it.

    What is the store's own (revision, capture, extractor) does not count. A field that an old
    line lacks is as if it were empty; half a surrogate pair is another character once it is stored.
    """
    if not _differing(record, stored):
        return []
    return sorted(_differing(json.loads(as_bytes(record)), stored))


def _differing(record: Mapping[str, Any], stored: Mapping[str, Any]) -> list[str]:
    names = (name for name in record if name not in _OF_THE_STORE)
    return [name for name in names if not _agree(name, record[name], stored)]


def _agree(name: str, value: object, stored: Mapping[str, Any]) -> bool:
    return stored[name] == value if name in stored else value is None or value == []


def record_of(line: bytes) -> dict[str, Any] | None:
    """Give the record of a line, None for a line that is no article.

    Parsed whole, because a good beginning does not make a good line, and a line wrongly taken
    for good is an article never asked for again.
    """
    try:
        record: dict[str, Any] = json.loads(line)
        is_article = _ID.fullmatch(record["id"]) is not None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return record if is_article else None


def _encoded(line: str) -> bytes:
    """Encode as UTF-8; half a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return line.encode()
    except UnicodeEncodeError:
        return line.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
