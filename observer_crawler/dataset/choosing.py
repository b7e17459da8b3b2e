"""Which lines are taken and in which order: DuckDB, with a key to a line, on the disk."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.dataset.lines import Key

_T = TypeVar("_T")

# DuckDB's own part of the memory; what does not fit is sorted on the disk.
MEMORY = "192MB"
_BATCH = 10_000
_KEY = pa.schema(
    [
        ("id", pa.string()),
        ("published_date", pa.string()),
        ("fetched_at", pa.timestamp("us", "UTC")),
        ("extractor", pa.int64()),
        ("sha256", pa.string()),
        ("file", pa.int32()),
        ("offset", pa.int64()),
        ("size", pa.int64()),
    ]
)
# One of several copies of a line is as good as another. Where two lines of an article have one
# (fetched_at, extractor), which no crawl writes, the sum decides: the order of arrival never.
_SINGLE = """
CREATE TABLE single AS SELECT * FROM key
QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY file, "offset") = 1
"""
_NEWEST = """
CREATE TABLE chosen AS SELECT *, published_date AS day FROM single
QUALIFY row_number() OVER (PARTITION BY id ORDER BY fetched_at DESC, extractor DESC, sha256) = 1
"""
# The texts of one article stand together, whatever day each of them says.
_ALL = """
CREATE TABLE chosen AS SELECT *, max(published_date) OVER (PARTITION BY id) AS day FROM single
"""
# The numbers of an id have no leading zeros: the shorter is the smaller.
_SORTED = """
SELECT {} FROM chosen
ORDER BY day NULLS LAST, length(id), id, fetched_at, extractor, sha256
"""


class Counts(NamedTuple):
    """How many lines were left: without copies, of these the chosen ones, and of how many articles."""

    given: int
    single: int
    chosen: int
    articles: int


class Chosen(NamedTuple):
    """A chosen line: its article, the day that it says, and file, offset, size and sum."""

    id: str
    published_date: str | None
    place: tuple[int, int, int, str]


class Choice:
    """The keys of all lines, in a file of its own that is thrown away at the end."""

    def __init__(self, folder: Path) -> None:
        """Open the file in a folder that is there."""
        self._connection = duckdb.connect(
            str(folder / "keys.duckdb"),
            config={
                "threads": 2,
                "memory_limit": MEMORY,
                "temp_directory": str(folder / "sorting"),
            },
        )
        # It would draw its bar on standard output, where the closing table stands.
        self._run("SET enable_progress_bar = false")
        self._columns = ", ".join(f'"{name}"' for name in _KEY.names)
        self._run(
            "CREATE TABLE key (id TEXT, published_date TEXT, fetched_at TIMESTAMPTZ,"
            ' extractor BIGINT, sha256 TEXT, file INTEGER, "offset" BIGINT, size BIGINT)'
        )

    def take(self, keys: Iterable[Key], *, revisions: bool) -> Counts:
        """Take the keys of all lines, and choose."""
        for batch in batches(keys, _BATCH):
            arrays = zip(*batch, strict=True)
            columns = [pa.array(each, f.type) for each, f in zip(arrays, _KEY, strict=True)]
            self._connection.register("batch", pa.RecordBatch.from_arrays(columns, schema=_KEY))
            self._run(f"INSERT INTO key SELECT {self._columns} FROM batch")  # noqa: S608 (ours)
            self._connection.unregister("batch")
        self._run(_SINGLE)
        self._run(_ALL if revisions else _NEWEST)
        counts = "SELECT (SELECT count(*) FROM key), (SELECT count(*) FROM single), count(*)"
        counts += ", count(DISTINCT id)"
        return Counts(*self._run(f"{counts} FROM chosen")[0])

    def places(self) -> Iterator[tuple[int, int, int, str]]:
        """Give file, offset, size and sum of the chosen lines, in the order of the dataset."""
        yield from self._sorted('file, "offset", size, sha256')

    def chosen(self) -> Iterator[Chosen]:
        """Give the chosen lines, in the same order."""
        for id_, day, *place in self._sorted('id, published_date, file, "offset", size, sha256'):
            yield Chosen(id_, day, (place[0], place[1], place[2], place[3]))

    def _sorted(self, columns: str) -> Iterator[Any]:
        cursor = self._connection.execute(_SORTED.format(columns))
        while some := cursor.fetchmany(_BATCH):
            yield from some

    def close(self) -> None:
        self._connection.close()

    def _run(self, query: str) -> list[Any]:
        return self._connection.execute(query).fetchall()


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Give items in lists of a size, the last one shorter.

    >>> list(batches("abc", 2))
    [['a', 'b'], ['c']]
    """
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
