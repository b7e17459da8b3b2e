"""What robots.txt said while the lines came together, as far as captures have kept it.

Read by the indexes of closed WARC files: what a crawl under way has captured is not among them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observer_crawler.exceptions import ExportError
from observer_crawler.warc import FOLDER, Record, indexed, record_at, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_PATH = "/robots.txt"
# RFC 9309, 2.5: a crawler reads at least 500 KiB; what a person wants to see is far less.
_MOST_BYTES = 500 * 1024
_MOST_LINES = 200


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


def rules(data: Path, name: Callable[[str, str], None]) -> list[Rules]:
    """Give each text in the order of its first reading; `name` is told of what cannot be read.

    Raises ExportError for an index that is none.
    """
    groups: dict[tuple[str, int, str], list[Record]] = defaultdict(list)
    for record in _records(data / FOLDER, name):
        host = urlsplit(record.url).netloc.lower()
        groups[host, record.status, record.payload_digest].append(record)
    found = [_rules(*key, records) for key, records in groups.items()]
    return sorted(found, key=lambda each: (each.first, each.host, each.digest))


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


def _text(record: Record) -> str | None:
    """Give the first lines of the body; a revisit has none of its own."""
    if record.kind == "revisit":
        return None
    try:
        lines = unpacked(record, _MOST_BYTES).decode("utf-8", "replace").splitlines()
    except ValueError:
        return None
    cut = [f"... {len(lines) - _MOST_LINES:,} lines more"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *cut])
