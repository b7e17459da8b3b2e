"""What a crawl sees, told to the alarm answer by answer; judged when the run's end is known.

A thin extension: it changes nothing of what a crawl stores.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import signals

from observer_crawler import site, urls
from observer_crawler.alarm.figures import Gathering
from observer_crawler.alarm.sight import Sight
from observer_crawler.items import EXTRACTOR
from observer_crawler.pages import Box

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from observer_crawler.books import Books
    from observer_crawler.items import Article
    from observer_crawler.ledger import Lease
    from observer_crawler.pages import Page
    from observer_crawler.spiders.base import Reading
    from observer_crawler.urls import Address


class GatherFigures:
    """Gives the spider someone to tell what it read; the `crawl` command asks for it at the end."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self.gathering = Gathering(site.ZONE)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.item_scraped, signals.item_scraped)
        crawler.signals.connect(self.item_dropped, signals.item_dropped)
        return self

    def spider_opened(self, spider: Any) -> None:  # noqa: ANN401 (any of the house's)
        if spider.source is not None:
            return  # an archive has no nights: each capture is of another day of the site
        self.gathering.started = spider.books.clock.now().isoformat(timespec="milliseconds")
        spider.gathering = self.gathering
        spider.watch = self.answered

    def item_scraped(self, item: Any) -> None:  # noqa: ANN401 (Scrapy's)
        self._judged(item, "")

    def item_dropped(self, item: Any, exception: BaseException) -> None:  # noqa: ANN401 (as above)
        """Hear of an article that was read and is not stored; a second copy is no refusal."""
        reason = getattr(exception, "reason", type(exception).__name__)
        self._judged(item, "" if reason == "duplicate" else reason)

    def _judged(self, item: Any, refusal: str) -> None:  # noqa: ANN401 (as above)
        books = self._crawler.spider.books  # type: ignore[union-attr]
        self.gathering.judged(item.id, books.clock.now(), refusal)

    def answered(self, lease: Lease, response: Response | None, reading: Reading) -> None:
        """Take one outcome; `response` is None where none came."""
        books = self._crawler.spider.books  # type: ignore[union-attr]
        outcome, page = reading.outcome, reading.page
        is_known = lease.state == "stored"
        sight = Sight(
            name=lease.name,
            kind=lease.kind,
            at=books.clock.now(),
            state=str(outcome.state),
            reason=outcome.reason,
            day=lease.day,
            is_new=not is_known,
            is_utf8=response is None or _is_utf8(response.body),
            is_called_otherwise=response is not None and _is_called_otherwise(response),
            boxes=_boxes(page) if page else None,
            article=page.article if page else None,
            before=_before(books, page.article) if page and is_known else None,
            mends=page.mends if page else (),
        )
        self.gathering.add(_of_index(sight, urls.parse(lease.url), page))


def _before(books: Books, article: Article | None) -> dict[str, Any] | None:
    """Give what is stored of an article, where the same extractor read it."""
    stored = books.stored(article.id) if article else None
    return stored if stored and stored.get("extractor") == EXTRACTOR else None


def _boxes(page: Page) -> Counter[str]:
    """Count the links to articles of each box."""
    return Counter(
        str(link.box) for link in page.links if urls.parse(link.url).kind is urls.Kind.ARTICLE
    )


def _of_index(sight: Sight, here: Address, page: Page | None) -> Sight:
    """Add what a page of a day's index lists of it; the pages of one index belong together."""
    if here.kind is not urls.Kind.DAY or here.day is None:
        return sight
    links = [(link.box, urls.parse(link.url)) for link in page.links] if page else []
    return replace(
        sight,
        day=here.day.isoformat(),
        index=urls.day(here.day, here.language or site.LANGUAGES[0]).name,
        listed=frozenset(
            there.name
            for box, there in links
            if box is Box.DAY and there.kind is urls.Kind.ARTICLE
        ),
        goes_on=any(
            (there.day, there.language) == (here.day, here.language) and there.page > here.page
            for _, there in links
        ),
    )


def _is_called_otherwise(response: Response) -> bool:
    """Whether the header names a charset, and the bytes are UTF-8 all the same."""
    said = (response.headers.get("Content-Type") or b"").lower().replace(b"utf8", b"utf-8")
    is_other = b"charset=" in said and b"utf-8" not in said
    return is_other and not response.body.isascii() and _is_utf8(response.body)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
