"""Parquet: typed and documented columns, zstd, groups of rows that a reader can skip."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from observer_crawler.dataset.rows import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# A group of rows is held in memory: articles of a usual length make about 20 MB of this many,
# and long ones end a group early.
GROUP_ROWS = 4_096
GROUP_CHARACTERS = 8_000_000


class ParquetFile:
    """One Parquet file; where a group ends depends on the rows alone."""

    def __init__(self, path: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        """`about` is kept in the file, for whoever has it without its manifest."""
        said = json.dumps(about, ensure_ascii=False, sort_keys=True)
        self.notes: list[str] = []
        self._names = schema.names
        self._schema = schema.with_metadata({"observer_crawler": said})
        self._rows: list[dict[str, Any]] = []
        self._characters = 0
        self._writer = pq.ParquetWriter(
            path, self._schema, version="2.6", compression="zstd", compression_level=6
        )

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._rows.append({name: row[name] for name in self._names})
            self._characters += len(row["text"] or "")
            if len(self._rows) >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
                self._write_group()

    def finish(self) -> None:
        """Write what is held, and the footer."""
        if self._rows:
            self._write_group()
        self._writer.close()

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        with suppress(OSError):
            self._writer.close()

    def _write_group(self) -> None:
        taken = [typed(row) for row in self._rows]
        table = pa.Table.from_pylist(taken, schema=self._schema)
        self._writer.write_table(table, row_group_size=len(taken))
        self._rows.clear()
        self._characters = 0
