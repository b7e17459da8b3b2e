"""What is counted of the rows while they are written."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from operator import ne
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from observer_crawler.dataset.batch import Batch, columns_of
from observer_crawler.dataset.columns import schema

if TYPE_CHECKING:
    import datetime as dt

    from observer_crawler.dataset.batch import Rows

_COLUMNS = ("language", "edition", "markup", "agency", "section")
_NONE = "(none)"
_EMPTY: tuple[object, ...] = ("", [])
_COUNTED = pa.schema(
    [each for each in schema() if each.name in _COLUMNS]
    + [schema().field(name) for name in ("id", "extractor", "source_url")]
    + [schema().field(name) for name in ("published_date", "fetched_at")]
)


@dataclass(slots=True)
class Tally:
    """Rows by what they are. The texts of one article come one after another."""

    rows: int = 0
    articles: int = 0
    extractors: set[int] = field(default_factory=set)
    filled: Counter[str] = field(default_factory=Counter)
    first_day: str | None = None
    last_day: str | None = None
    _last: str = ""
    _counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _oldest: dt.datetime | None = None
    _newest: dt.datetime | None = None

    def take(self, rows: Rows) -> None:
        """Count some rows."""
        if not rows:
            return
        columns = columns_of(rows, _COUNTED)
        self.rows += len(rows)
        ids = columns["id"].to_pylist()
        self.articles += sum(map(ne, ids, [self._last, *ids]))
        self._last = ids[-1]
        self.extractors.update(columns["extractor"].drop_null().unique().to_pylist())
        self._counts["host"].update(map(_host, columns["source_url"].to_pylist()))
        self._count("year", pc.year(columns["published_date"]))
        self.filled.update(filled(rows))
        self._take_days(columns["published_date"])
        for name in _COLUMNS:
            self._count(name, columns[name])
        self._take_moments(columns["fetched_at"])

    def _count(self, name: str, values: pa.Array) -> None:
        for each in pc.value_counts(values).to_pylist():
            value = each["values"]
            told = f"{value:04}" if isinstance(value, int) else value
            self._counts[name][told or _NONE] += each["counts"]

    def _take_days(self, published: pa.Array) -> None:
        ends = pc.min_max(published).as_py()
        days = [day.isoformat() for day in ends.values() if day is not None]
        known = [day for day in (self.first_day, self.last_day) if day is not None]
        self.first_day = min(days + known, default=None)
        self.last_day = max(days + known, default=None)

    def _take_moments(self, fetched_at: pa.Array) -> None:
        ends = pc.min_max(fetched_at).as_py()
        self._oldest = min(self._oldest or ends["min"], ends["min"])
        self._newest = max(self._newest or ends["max"], ends["max"])

    @property
    def oldest_fetched_at(self) -> str | None:
        return _iso(self._oldest)

    @property
    def newest_fetched_at(self) -> str | None:
        return _iso(self._newest)

    def by_column(self) -> dict[str, dict[str, int]]:
        """Give the counts by column, each in the order of its values."""
        return {name: dict(sorted(of.items())) for name, of in sorted(self._counts.items())}


def filled(rows: Rows) -> Counter[str]:
    """Count, by column, the rows that say something: no null, no empty text or list."""
    if isinstance(rows, Batch) and (columns := rows.untouched()) is not None:
        return Counter({name: _filled(columns[name]) for name in columns.schema.names})
    found: Counter[str] = Counter(dict.fromkeys(rows[0], 0) if rows else {})
    for row in rows:
        found.update(name for name, each in row.items() if each is not None and each not in _EMPTY)
    return found


def _filled(column: pa.Array) -> int:
    if pa.types.is_string(column.type):
        lengths = pc.binary_length(column)
    elif pa.types.is_list(column.type):
        lengths = pc.list_value_length(column)
    else:
        return int(len(column) - column.null_count)
    return int(pc.sum(pc.greater(lengths, 0)).as_py() or 0)


def _host(url: str | None) -> str:
    """Give what stands between the second slash and the third; there are few of them."""
    return _netloc("/".join((url or "").split("/", 3)[:3])) or _NONE


@lru_cache(maxsize=1024)
def _netloc(origin: str) -> str:
    return urlsplit(origin).netloc


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds") if at else None
