"""Item pipelines: an article is valid, new and stored, in this order, or dropped by name.

What is dropped raises a DropItem that carries `reason`, a short stable word, so that whoever
settles the address can tell a refused page from a second copy. A failing store raises
StoreError and is not handled here: one place ends the crawl.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import DropItem

from observer_crawler import schema, site, urls
from observer_crawler.exceptions import RefusedArticle
from observer_crawler.store import Segments

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.statscollectors import StatsCollector

    from observer_crawler.items import Article


class DroppedArticle(DropItem):
    """An article that is not stored; `reason` is a short stable word."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail, log_level="INFO")
        self.reason = reason


class Refused(DroppedArticle):
    """The article may not be stored: its address is refused, with the reason."""


class Duplicate(DroppedArticle):
    """The id is stored already: the address is as good as stored."""


class Validate:
    """Refuse an article that is not of the shape promised, empty, or of no possible day."""

    def __init__(self, stats: StatsCollector) -> None:
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, item: Article) -> Article:
        try:
            validate(item)
        except RefusedArticle as err:
            self._stats.inc_value(f"observer/articles/refused/{err.reason}")
            raise Refused(err.reason, f"{item.id} refused, {err}") from err
        return item


def validate(article: Article) -> None:
    """Raise RefusedArticle unless the article may be stored."""
    record = asdict(article)
    if missing := [name for name in schema.REQUIRED if not record[name]]:
        raise RefusedArticle("incomplete", f"{', '.join(missing)} missing")
    if problem := next(schema.problems(record), None):
        raise RefusedArticle("untyped", problem)
    if not (article.headline or article.body or article.images):
        raise RefusedArticle("empty", "neither headline nor body nor image")
    _check_date(article)


def _check_date(article: Article) -> None:
    """Refuse a day before the first one, or one that no edition can have gone up for yet.

    Both ends are days in the newspaper's zone, wherever this machine stands.
    """
    if article.published_date is None or article.fetched_at is None:
        return
    published = dt.date.fromisoformat(article.published_date)
    fetched = dt.datetime.fromisoformat(article.fetched_at).astimezone(site.ZONE).date()
    if published < site.FIRST_DAY:
        raise RefusedArticle("date_too_early", f"{published} is before {site.FIRST_DAY}")
    if published > fetched + dt.timedelta(days=site.DAYS_AHEAD):
        raise RefusedArticle(
            "date_too_late", f"{published} is over {site.DAYS_AHEAD} days after {fetched}"
        )


class DropDuplicate:
    """Drop an article whose id has a line already, from this run or an earlier one."""

    def __init__(self, crawler: Crawler, stats: StatsCollector) -> None:
        self._crawler = crawler
        self._stats = stats
        self._known: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, crawler.stats)

    def open_spider(self) -> None:
        store = self._crawler.get_item_pipeline(StoreArticle)
        self._known = set(store.segments.ids()) if store else set()

    def process_item(self, item: Article) -> Article:
        if item.id in self._known:
            self._stats.inc_value("observer/articles/dropped/duplicate")
            raise Duplicate("duplicate", f"{item.id} is stored already")
        self._known.add(item.id)
        return item


class StoreArticle:
    """Write the article's line. Opens the store when it is built, before the first request."""

    def __init__(self, segments: Segments, stats: StatsCollector) -> None:
        self.segments = segments
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise WrongOrigin, SegmentLocked or StoreError: the crawl then does not start."""
        folder = Path(crawler.settings["OBSERVER_DATA"])
        segments = Segments(folder, *_origins(getattr(crawler.spider, "site", None)))
        segments.open()
        return cls(segments, crawler.stats)

    def process_item(self, item: Article) -> Article:
        item.revision = 1
        self.segments.append(item)
        self._stats.inc_value("observer/articles/stored")
        return item

    def close_spider(self) -> None:
        self.segments.close()


def _origins(asked: str | None) -> tuple[str, tuple[str, ...]]:
    """Give the origin that the folder belongs to, and those that count as the same.

    All hosts of the newspaper are one origin: its languages may share a folder.
    """
    newspaper = site.ORIGINS[site.LANGUAGES[0]]
    if asked is None or urls.parse(asked).kind is not urls.Kind.OFFSITE:
        return newspaper, tuple(site.ORIGINS.values())
    return urls.origin_of(asked), ()
