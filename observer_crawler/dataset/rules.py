"""What robots.txt said while the lines came together, as far as captures have kept it.

Read by the indexes of closed WARC files: what a crawl under way has captured is not among them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observer_crawler import rights
from observer_crawler.exceptions import ExportError
from observer_crawler.ledger.signals import ROBOTS, Spoken
from observer_crawler.warc import FOLDER, Record, indexed, record_at, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATH = "/robots.txt"
# RFC 9309, 2.5: a crawler reads at least 500 KiB; what a person wants to see is far less.
_MOST_BYTES = 500 * 1024
_MOST_LINES = 200
# What of a file is unpacked to hear what it says of AI; a crawl takes no larger ones either.
_MOST_HEARD = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Rules:
    """One answer to robots.txt, the same from `first` to `last`. `text`: None where unreadable."""

    host: str
    status: int
    digest: str
    first: str
    last: str
    readings: int
    text: str | None


def rules(data: Path, name: Callable[[str, str], None]) -> tuple[list[Rules], list[Spoken]]:
    """Give each text in the order of its first reading, and what was said on each day of AI.

    `name` is told of what cannot be read. Raises ExportError for an index that is none.
    """
    groups: dict[tuple[str, int, str], list[Record]] = defaultdict(list)
    for record in _records(data / FOLDER, name):
        host = urlsplit(record.url).netloc.lower()
        groups[host, record.status, record.payload_digest].append(record)
    found = [_rules(*key, records) for key, records in groups.items()]
    said = [row for key, records in groups.items() for row in _said(*key[:2], records)]
    return sorted(found, key=lambda each: (each.first, each.host, each.digest)), sorted(said)


def _records(folder: Path, name: Callable[[str, str], None]) -> Iterator[Record]:
    for file, offset in _places(folder):
        path = folder / file
        record = record_at(path, offset) if path.exists() else None
        if isinstance(record, Record):
            yield record
        else:
            name("of robots.txt, captured and not readable", f"warc/{file}, byte {offset}")


def _places(folder: Path) -> Iterator[tuple[str, int]]:
    try:
        for fields in indexed(folder):
            if urlsplit(fields["url"]).path.lower() == _PATH:
                yield _place(fields)
    except (ValueError, KeyError, TypeError, IndexError) as err:
        raise ExportError(
            f"an index in {folder} is none ({err}): remove it, the next crawl makes it anew"
        ) from err


def _place(fields: dict[str, Any]) -> tuple[str, int]:
    """Give file and offset; the file is one of the folder, whatever the index says."""
    return str(fields["filename"]).rpartition("/")[2], int(fields["offset"])


def _rules(host: str, status: int, digest: str, records: list[Record]) -> Rules:
    dates = sorted(record.date for record in records)
    texts = [text for record in records if (text := _text(record)) is not None]
    text = min(texts, default=None)
    return Rules(host, status, digest, dates[0], dates[-1], len(records), text)


def _said(host: str, status: int, records: list[Record]) -> Iterator[Spoken]:
    """Say what one text says of AI training, for each day on which it was read."""
    bodies = (body for record in records if (body := _body(record, _MOST_HEARD)) is not None)
    body = next(bodies, None)
    asked = None if body is None else rights.of_robots(status, body)
    if asked is None:
        return
    days: dict[str, list[str]] = defaultdict(list)
    for record in records:
        days[rights.day_of(record.date)].append(record.date)
    for day, dates in days.items():
        words, says = "\n".join(asked.words), str(asked.says)
        yield Spoken(day, host, ROBOTS, words, says, min(dates), max(dates), len(dates))


def _text(record: Record) -> str | None:
    """Give the first lines of the body."""
    body = _body(record, _MOST_BYTES)
    if body is None:
        return None
    lines = body.decode("utf-8", "replace").splitlines()
    cut = [f"... {len(lines) - _MOST_LINES:,} lines more"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *cut])


def _body(record: Record, most_bytes: int) -> bytes | None:
    """Give a body; a revisit has none of its own."""
    if record.kind == "revisit":
        return None
    try:
        return unpacked(record, most_bytes)
    except ValueError:
        return None
