"""Every line of every segment: whole, of the shape promised, with the sum of its text.

What all lines say of themselves is listed for the other looks, in a file of SQLite's that goes
with the process.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler import schema
from observer_crawler.items import EXTRACTOR, Article, content_sha256
from observer_crawler.lines import record_of
from observer_crawler.store import segments_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.verify.findings import Findings

# KiB of memory for the list.
_KIB = 8_000
_TABLE = """
CREATE TABLE line (
  number INTEGER PRIMARY KEY, name TEXT, fetched_at TEXT, extractor INTEGER,
  file TEXT, offset INTEGER, size INTEGER, content_sha256 TEXT, captured INTEGER
);
CREATE INDEX line_by_name ON line (name, fetched_at, extractor);
"""
_PLACES = "SELECT file, offset, size FROM line"


class Place(NamedTuple):
    """Where a line stands, relative to the data folder."""

    file: str
    offset: int
    size: int

    def __str__(self) -> str:
        return f"{self.file}, byte {self.offset}"


class Lines:
    """The lines of a folder, read once."""

    def __init__(self, data: Path, findings: Findings, *, running: bool) -> None:
        """Read and judge them. While a crawl runs its last line may be on its way."""
        self.data = data
        self._findings = findings
        self._running = running
        self.table = sqlite3.connect("")
        self.table.executescript(f"PRAGMA cache_size = -{_KIB}; {_TABLE}")
        for path in segments_of(data):
            rows = self._rows(path, path.relative_to(data).as_posix())
            self.table.executemany(
                "INSERT INTO line VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def close(self) -> None:
        self.table.close()

    def record(self, place: Place) -> dict[str, Any] | None:
        """Read one line again; None where no article stands."""
        try:
            with (self.data / place.file).open("rb") as segment:
                segment.seek(place.offset)
                return record_of(segment.read(place.size))
        except FileNotFoundError:
            return None

    def captured(self) -> Iterator[tuple[int, Place]]:
        """Give each line that names a capture."""
        rows = self.table.execute("SELECT number, file, offset, size FROM line WHERE captured")
        for number, *place in rows:
            yield number, Place(*place)

    def sums(self, name: str) -> set[str]:
        """Give the sums of all texts of an article."""
        rows = self.table.execute("SELECT content_sha256 FROM line WHERE name = ?", (name,))
        return {content for (content,) in rows}

    def _rows(self, path: Path, file: str) -> Iterator[tuple[Any, ...]]:
        offset = 0
        with path.open("rb") as segment:
            for line in segment:
                place = Place(file, offset, len(line))
                offset += len(line)
                if (record := self._record(line, place)) is not None:
                    yield _row(record, place)

    def _record(self, line: bytes, place: Place) -> dict[str, Any] | None:
        """Judge a line; None where nothing can be learnt from it."""
        if not line.endswith(b"\n"):
            if not self._running:
                self._findings.found(
                    f"{place}: a torn last line; the next start of a crawl moves it aside"
                )
            return None
        self._findings.counts["lines"] += 1
        record = record_of(line)
        if record is None:
            self._findings.found(f"{place}: not an article")
            return None
        for problem in _problems(record):
            self._findings.found(f"{place}: {record['id']}: {problem}")
        return record


def _problems(record: dict[str, Any]) -> Iterator[str]:
    other = record.keys() ^ Article.__dataclass_fields__.keys()
    if other and record.get("extractor") == EXTRACTOR:
        yield f"it has fields more or less than a line of this version: {', '.join(sorted(other))}"
    problems = list(schema.stored_problems(record))
    yield from problems
    if not problems:
        told, is_ = record["content_sha256"], content_sha256(record["headline"], record["body"])
        if told != is_:
            yield f"content_sha256 is {told}, headline and body have {is_}"


def _row(record: dict[str, Any], place: Place) -> tuple[Any, ...]:
    texts = [record.get(name) for name in ("fetched_at", "content_sha256")]
    moment, content = (text if isinstance(text, str) else json.dumps(text) for text in texts)
    extractor = record.get("extractor")
    return (
        *(record["id"], moment, extractor if isinstance(extractor, int) else 0),
        *place,
        *(content, record.get("capture") is not None),
    )
