"""What is counted of the rows while they are written."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observer_crawler.dataset.rows import moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

_COLUMNS = ("language", "edition", "markup", "agency", "section")
_NONE = "(none)"
_EMPTY: tuple[object, ...] = ("", [])


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

    def take_all(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Count some rows."""
        for row in rows:
            self.take(row)

    def take(self, row: Mapping[str, Any]) -> None:
        """Count one row."""
        self.rows += 1
        self.articles += row["id"] != self._last
        self._last = row["id"]
        if row["extractor"] is not None:
            self.extractors.add(row["extractor"])
        self._counts["host"][_host(row["source_url"] or "") or _NONE] += 1
        self._counts["year"][(row["published_date"] or "")[:4] or _NONE] += 1
        for name, value in row.items():
            self.filled[name] += value is not None and value not in _EMPTY
        if day := row["published_date"]:
            self.first_day = min(self.first_day or day, day)
            self.last_day = max(self.last_day or day, day)
        for name in _COLUMNS:
            self._counts[name][row[name] or _NONE] += 1
        at = moment(row["fetched_at"])
        if at is not None:
            self._oldest = min(self._oldest or at, at)
            self._newest = max(self._newest or at, at)

    @property
    def oldest_fetched_at(self) -> str | None:
        return _iso(self._oldest)

    @property
    def newest_fetched_at(self) -> str | None:
        return _iso(self._newest)

    def by_column(self) -> dict[str, dict[str, int]]:
        """Give the counts by column, each in the order of its values."""
        return {name: dict(sorted(of.items())) for name, of in sorted(self._counts.items())}


def _host(url: str) -> str:
    """Give what stands between the second slash and the third; there are few of them."""
    return _netloc("/".join(url.split("/", 3)[:3]))


@lru_cache(maxsize=1024)
def _netloc(origin: str) -> str:
    return urlsplit(origin).netloc


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds") if at else None
