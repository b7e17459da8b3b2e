"""Item pipelines: an article is valid, new and stored, in this order, or dropped by name.

What is dropped raises a DropItem that carries `reason`, a short stable word, so that whoever
settles the address can tell a refused page from a second copy. A failing store raises
StoreError and is not handled here: one place ends the crawl.
"""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DropItem

from observer_crawler import site, urls
from observer_crawler.books import Books
from observer_crawler.clock import Clock
from observer_crawler.exceptions import ConfigurationError, RefusedArticle
from observer_crawler.items import to_record
from observer_crawler.ledger import Patience
from observer_crawler.rereading import article_of
from observer_crawler.store import Segments
from observer_crawler.validity import lost, validate
from observer_crawler.warc import Captures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

    from observer_crawler.items import Article
    from observer_crawler.ledger import Text

# What a segment of a replay belongs to: never the folder of a crawl of the same site.
REPLAY = "replay+"
_SPECIFICATION = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
# The settings that tell how a site was asked, beside the project's own.
_TOLD = ("DOWNLOAD_DELAY", "CONCURRENT_REQUESTS", "DOWNLOAD_TIMEOUT", "DOWNLOAD_MAXSIZE")
GIGABYTE = 10**9


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


class DropDuplicate:
    """Drop an article whose text is one of those stored next to it in time; number a new one.

    One that has lost its headline or its body is refused: the text that is stored stays the newest.

    Next to it are the text before it and, where it came late (from a web archive), the one after.
    Sums of different extractors say nothing of the page. So a text that an older one stored is
    read again from its capture first; without one, such a line is a re-reading, and repeats the
    revision that it re-reads.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stats = crawler.stats
        self._most_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        books: Books = self._crawler.spider.books  # type: ignore[union-attr]
        near, last = books.texts_around(item.id, item.fetched_at or "")
        self._refuse_loss(books, near, item)
        sums = [self._sum_of(books, text, item) for text in near]
        if item.content_sha256 in sums:
            self._stats.inc_value("observer/articles/unchanged")
            raise Duplicate("duplicate", f"{item.id} is stored already")
        unread = [text.revision for text, sum_ in zip(near, sums, strict=True) if sum_ is None]
        item.revision = unread[0] if unread else last + 1
        if last and not unread:
            self._stats.inc_value("observer/articles/revised")
        return item

    def _refuse_loss(self, books: Books, near: Sequence[Text], item: Article) -> None:
        if item.headline and item.body:
            return
        record = to_record(item)
        for text in near:
            if gone := lost(record, books.line_at(text) or {}):
                self._stats.inc_value("observer/articles/refused/lost_text")
                raise Refused("lost_text", f"{item.id} refused, lost_text: its {gone} is gone")

    def _sum_of(self, books: Books, text: Text, item: Article) -> str | None:
        """Give the sum of a stored text as it is read now, None where it cannot be."""
        if text.extractor == item.extractor:
            return text.content_sha256
        record = books.capture_of(text)
        if record is None:
            return None
        spider: Any = self._crawler.spider
        url = urls.from_site(record.url, spider.site, spider.language)
        try:
            return article_of(record, record, url, self._most_bytes).content_sha256
        except RefusedArticle:
            return None


class StoreArticle:
    """Write the article's line. Opens the books when it is built, before the first request.

    The spider carries them as `books`, for the scheduler and whoever else asks the ledger.
    """

    def __init__(self, books: Books, stats: StatsCollector) -> None:
        self._books = books
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise what Books.open raises: the crawl then does not start."""
        settings = crawler.settings
        spider: Any = crawler.spider
        origin, same = _origins(spider.site)
        if settings["OBSERVER_REPLAY"]:
            origin, same = REPLAY + origin, tuple(REPLAY + one for one in same)
        segments = Segments(Path(settings["OBSERVER_DATA"]), origin, same)
        captures = _captures(crawler, origin)
        patience = Patience(
            attempts=settings.getint("OBSERVER_RETRY_ATTEMPTS"),
            first_seconds=settings.getfloat("OBSERVER_RETRY_SECONDS"),
            longest_seconds=settings.getfloat("OBSERVER_WAIT_SECONDS"),
        )
        ages = [float(days) for days in settings.getlist("OBSERVER_REVISIT_DAYS")]
        clock = Clock(settings.get("OBSERVER_NOW") or "")
        books = Books(segments, captures, clock, patience, ages)
        books.open()
        spider.books = books
        return cls(books, crawler.stats)

    def process_item(self, item: Article) -> Article:
        self._books.keep(item)
        self._stats.inc_value("observer/articles/stored")
        return item


def _captures(crawler: Crawler, origin: str) -> Captures:
    """Give what keeps the answers: on for every site but one on this machine, and no replay."""
    spider: Any = crawler.spider
    settings = crawler.settings
    wanted = settings["OBSERVER_CAPTURE"] or str(int(not urls.is_loopback(origin)))
    is_on = wanted == "1" and not settings["OBSERVER_REPLAY"]
    if not (is_on or settings["OBSERVER_REPLAY"]) and spider.requisites != "none":
        raise ConfigurationError(
            f"requisites={spider.requisites} fetches what is kept in captures alone, and capture is "
            "off: add -s OBSERVER_CAPTURE=1, or leave requisites out"
        )
    if not settings["OBSERVER_REPLAY"]:
        crawler.stats.set_value("observer/capture", is_on)
    most_bytes = settings.getfloat("OBSERVER_WARC_GB") * GIGABYTE
    info = _info(settings, spider, origin) if is_on else {}
    return Captures(Path(settings["OBSERVER_DATA"]), spider.name, info, most_bytes, is_on=is_on)


# Where it is written, and who is told of it: captures are given away.
_OURS = re.compile(r"OBSERVER_(?:DATA|REPLAY|HEARTBEAT|ALARM_)")


def _info(settings: BaseSettings, spider: Any, origin: str) -> dict[str, str]:  # noqa: ANN401
    """Say in each WARC file how its records came about; no path of this machine, no secret."""
    names = [name for name in settings if name.startswith("OBSERVER_") and not _OURS.match(name)]
    told = {name: settings[name] for name in sorted([*names, *_TOLD])}
    programs = ("observer_crawler", "scrapy", "warcio")
    return {
        "software": " ".join(f"{name}/{version(name)}" for name in programs),
        "format": "WARC File Format 1.1",
        "conformsTo": _SPECIFICATION,
        "isPartOf": origin,
        "language": spider.language,
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "operator": settings["OBSERVER_CONTACT"],
        "http-header-user-agent": settings["USER_AGENT"],
        "description": f"scrapy crawl {spider.name}, {spider.scope().key}",
        "settings": json.dumps(told, default=str),
    }


def _origins(asked: str | None) -> tuple[str, tuple[str, ...]]:
    """Give the origin that the folder belongs to, and those that count as the same.

    All hosts of the newspaper are one origin: its languages may share a folder.
    """
    newspaper = site.ORIGIN
    if asked is None or urls.parse(asked).kind is not urls.Kind.OFFSITE:
        return newspaper, tuple(site.ORIGINS.values())
    return urls.origin_of(asked), ()
