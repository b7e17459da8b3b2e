"""What earlier exports found out about texts: signatures, and which pairs are copies.

A file of DuckDB beside the versions, `dataset/.clusters.duckdb`. It holds sums and verdicts, no
word of a text. Each of them is true for itself, whatever else there is: an export that was killed
leaves whole batches of true things, and what is decided is decided anew by each export. What
another version of a library has made, or what is damaged, is thrown away and made anew.
"""

from __future__ import annotations

import shutil
import unicodedata
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from observer_crawler.dataset.likeness import JUDGE
from observer_crawler.dataset.signatures import BANDS, LIBRARY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FILE = ".clusters.duckdb"
# DuckDB's own part of the memory; bands are sorted on the disk.
MEMORY = "256MB"
MADE_BY = (
    f"layout 1, judge {JUDGE}, {LIBRARY}, rapidfuzz {version('rapidfuzz')}, "
    f"Unicode {unicodedata.unidata_version}"
)
BAND_NAMES = tuple(f"b{number}" for number in range(BANDS))
LINES = pa.schema([("sum", pa.uint64()), ("text", pa.uint64()), ("content", pa.uint64())])
TEXTS = pa.schema([("text", pa.uint64()), *((name, pa.uint32()) for name in BAND_NAMES)])
PAIRS = pa.schema([("lo", pa.uint64()), ("hi", pa.uint64()), ("likeness", pa.uint8())])
_TABLES = {"line": LINES, "text": TEXTS, "pair": PAIRS}
_TYPES = {pa.uint64(): "UBIGINT", pa.uint32(): "UINTEGER", pa.uint8(): "UTINYINT"}
_FETCHED = 10_000


class Kept:
    """The file, with a second one beside it for the work of one export: `work`."""

    def __init__(self, path: Path, work: Path) -> None:
        """Open or make it; raises duckdb.Error where it is not ours or not whole."""
        config: dict[str, Any] = {"threads": 2, "memory_limit": MEMORY}
        sorting = str(work / "comparing")
        self._connection = duckdb.connect(str(path), config={**config, "temp_directory": sorting})
        path.chmod(0o600)
        try:
            self.run("SET enable_progress_bar = false")
            self.run("SET preserve_insertion_order = false")
            self._check()
            self.run(f"ATTACH '{_quoted(work / 'comparing.duckdb')}' AS work")
        except duckdb.Error:
            self.close()
            raise

    def run(self, query: str) -> list[Any]:
        return self._connection.execute(query).fetchall()

    def stream(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Give rows one by one, while others are written."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(query)
            while some := cursor.fetchmany(_FETCHED):
                yield from some
        finally:
            cursor.close()

    def insert(self, table: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows to a table, all of them or none."""
        if rows:
            columns = zip(*rows, strict=True)
            arrays = [pa.array(each, f.type) for each, f in zip(columns, schema, strict=True)]
            self.insert_arrays(table, schema, arrays)

    def insert_arrays(self, table: str, schema: pa.Schema, arrays: Sequence[pa.Array]) -> None:
        """Add columns to a table, as above."""
        self._connection.register("batch", pa.Table.from_arrays(arrays, schema=schema))
        self.run(f"INSERT INTO {table} SELECT * FROM batch")  # noqa: S608 (ours)
        self._connection.unregister("batch")

    def close(self) -> None:
        with suppress(duckdb.Error):
            self._connection.close()

    def _check(self) -> None:
        """Make the tables where there are none; raises duckdb.Error where another made them."""
        if not self.run("SELECT 1 FROM duckdb_tables()"):
            for name, schema in _TABLES.items():
                columns = ", ".join(f"{each.name} {_TYPES[each.type]}" for each in schema)
                self.run(f"CREATE TABLE {name} ({columns})")
            self.run(f"CREATE TABLE about AS SELECT '{MADE_BY}' AS made_by")
        if self.run("SELECT made_by FROM about") != [(MADE_BY,)]:
            raise duckdb.InvalidInputException("another version of the program made it")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def forget(path: Path, work: Path) -> None:
    """Throw the file away, what DuckDB has put beside it, and what was begun with it."""
    for each in (path, path.with_name(f"{path.name}.wal"), *work.glob("comparing*")):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink(missing_ok=True)
