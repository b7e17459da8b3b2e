"""The stored lines of a folder, found by article, while captures are read again.

In a file of SQLite's that goes with the process: 600,000 lines would fill the memory.
"""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import Text
from observer_crawler.lines import differing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.store import Place, Segments

# KiB of memory for the list.
_KIB = 8_000
_TABLE = """
CREATE TABLE line (
  name TEXT, fetched_at TEXT, extractor INTEGER, file TEXT, offset INTEGER, size INTEGER,
  revision INTEGER, content_sha256 TEXT,
  PRIMARY KEY (name, fetched_at, extractor, file, offset)
) WITHOUT ROWID
"""
_OF = """
SELECT fetched_at, extractor, revision, content_sha256, file, offset, size
FROM line WHERE name = ? ORDER BY fetched_at, extractor
"""
_NOT_READ_AGAIN = """
SELECT count(*) FROM line AS one WHERE extractor < ?1 AND NOT EXISTS (
  SELECT 1 FROM line WHERE name = one.name AND fetched_at = one.fetched_at AND extractor >= ?1)
"""


class Stored:
    """All lines of the segments."""

    def __init__(self, segments: Segments) -> None:
        """Read them: 600,000 lines take about 10 s."""
        self._segments = segments
        self._lines = sqlite3.connect("")
        self._lines.execute(f"PRAGMA cache_size = -{_KIB}")
        self._lines.execute(_TABLE)
        for file in segments.sizes():
            rows = (
                _row(record, file, offset, size) for offset, record, size in segments.lines(file)
            )
            self._lines.executemany("INSERT INTO line VALUES (?,?,?,?,?,?,?,?)", rows)

    def close(self) -> None:
        self._lines.close()

    def of(self, name: str) -> list[Text]:
        """Give the lines of an article, the newest last."""
        return [Text(*row) for row in self._lines.execute(_OF, (name,))]

    def add(self, record: Mapping[str, Any], place: Place) -> None:
        """Know a line that was written now."""
        row = _row(record, place.file, place.offset, place.size)
        self._lines.execute("INSERT INTO line VALUES (?,?,?,?,?,?,?,?)", row)

    def left(self, extractor: int) -> int:
        """Count the lines of older extractors whose page was not read again."""
        count: int = self._lines.execute(_NOT_READ_AGAIN, (extractor,)).fetchone()[0]
        return count

    def differences(self, line: Text, record: Mapping[str, Any]) -> list[str]:
        """Name the fields in which a reading differs from a stored line."""
        return differing(record, self.record(line))

    def record(self, line: Text) -> dict[str, Any]:
        """Give the article as a stored line has it."""
        record: dict[str, Any] = json.loads(self._bytes(line))
        return record

    def _bytes(self, line: Text) -> bytes:
        with (self._segments.data / line.file).open("rb") as segment:
            return os.pread(segment.fileno(), line.size, line.offset)


def _row(record: Mapping[str, Any], file: str, offset: int, size: int) -> tuple[Any, ...]:
    return (
        *(record["id"], record.get("fetched_at") or "", record.get("extractor") or 0),
        *(file, offset, size),
        *(record.get("revision") or 1, record.get("content_sha256") or ""),
    )
