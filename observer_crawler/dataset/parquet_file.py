"""Parquet: typed and documented columns, zstd, groups of rows that a reader can skip."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from observer_crawler.dataset.batch import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

# A group of rows is held in memory: articles of a usual length make about 20 MB of this many,
# and long ones end a group early. A second one is held while the first is written.
GROUP_ROWS = 4_096
GROUP_CHARACTERS = 8_000_000
# Of zstd. 20,000 articles of 600 words: level 3 takes 0.02 ms an article and 0.80 KB, 6 takes
# 0.08 ms and 0.69 KB; the levels between them are no smaller than 3.
LEVEL = 3
# No two of them are alike: a dictionary is begun and given up for each group, a fifth of the time.
_LONG = frozenset({"text", "body"})


class ParquetFile:
    """One Parquet file; where a group ends depends on the rows alone.

    A group is packed and written by a thread of its own, while the next one comes together.
    """

    def __init__(self, path: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        """`about` is kept in the file, for whoever has it without its manifest."""
        said = json.dumps(about, ensure_ascii=False, sort_keys=True)
        self.notes: list[str] = []
        self._schema = schema.with_metadata({"observer_crawler": said})
        self._group: list[pa.RecordBatch] = []
        self._count = self._characters = 0
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            version="2.6",
            compression="zstd",
            compression_level=LEVEL,
            use_dictionary=[name for each in schema for name in _leaves(each.name, each.type)],
        )
        self._thread = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        batch = columns_of(rows, self._schema)
        begin = 0
        for number, characters in enumerate(_characters(rows)):
            self._count += 1
            self._characters += characters
            if self._count >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
                self._group.append(batch.slice(begin, number + 1 - begin))
                begin = number + 1
                self._write_group()
        if begin < len(batch):
            self._group.append(batch.slice(begin))

    def finish(self) -> None:
        """Write what is held, and the footer."""
        if self._count:
            self._write_group()
        self._wait()
        self._writer.close()

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        self._thread.shutdown(cancel_futures=True)
        with suppress(OSError):
            self._writer.close()

    def _write_group(self) -> None:
        """Hand a group to the thread; raises what befell the one before it."""
        table = pa.Table.from_batches(self._group, self._schema)
        self._wait()
        self._written = self._thread.submit(
            self._writer.write_table, table, row_group_size=self._count
        )
        self._group.clear()
        self._count = self._characters = 0

    def _wait(self) -> None:
        if self._written is not None:
            self._written.result()
            self._written = None


def _leaves(path: str, type_: pa.DataType) -> Iterator[str]:
    """Give the columns of Parquet that a dictionary may help, which those of long texts are not."""
    if path in _LONG:
        return
    if pa.types.is_list(type_):
        yield from _leaves(f"{path}.list.element", type_.value_type)
    elif pa.types.is_struct(type_):
        for each in type_:
            yield from _leaves(f"{path}.{each.name}", each.type)
    else:
        yield path


def _characters(rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Give the length of each text, whether the file holds it or not; 0 without one."""
    (text,) = columns_of(rows, pa.schema([("text", pa.string())]))
    found: list[int] = pc.utf8_length(text).fill_null(0).to_pylist()
    return found
