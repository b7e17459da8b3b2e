"""The archive crawl: day by day, each at its index, newest or oldest first.

A day's articles follow right after its index. Links of article pages are kept and not followed:
what is on no index of the days asked for is not asked for. Which days are read, which index is
that of its day and which articles are wanted is decided next door, by pure rules.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.clock import Clock
from observer_crawler.ledger import Found, Scope, State
from observer_crawler.pages import Box
from observer_crawler.spiders import archive_arguments, choice, itinerary, requisites
from observer_crawler.spiders.base import PageSpider
from observer_crawler.spiders.indexes import Indexes
from observer_crawler.spiders.links import found
from observer_crawler.spiders.opening import FIRST, Opening
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    from scrapy.crawler import Crawler

    from observer_crawler.items import Article
    from observer_crawler.ledger import Lease, Outcome, Wish
    from observer_crawler.pages import Link, Page
    from observer_crawler.spiders.archive_arguments import ArchiveArguments
    from observer_crawler.spiders.tally import Tally
    from observer_crawler.spiders.work import Work
    from observer_crawler.urls import Address

# The box that lists articles, on the pages that say what a run is to read.
_LISTS = {Kind.DAY: Box.DAY, Kind.FEED: Box.FEED}


class ObserverArchiveSpider(PageSpider):
    """Stores the articles of a range of days, or those that are named."""

    name = "observer_archive"

    def __init__(self, **options: str) -> None:
        """Read `-a NAME=VALUE`; raises ConfigurationError with one line."""
        super().__init__()
        self.arguments = self.read_arguments(options)
        self.site = self.arguments.site
        if self.site is None:
            # Of this run alone: Scrapy's own commands take the other spider for an address.
            self.allowed_domains = (newspaper.DOMAIN,)
        self.language = self.arguments.language
        self.max_articles = self.arguments.max_articles
        self.requisites = self.arguments.requisites

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401
        """Raise ConfigurationError for days on which nothing can be out yet."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        today = _today(Clock(crawler.settings.get("OBSERVER_NOW") or ""))
        archive_arguments.check_days(spider.arguments, itinerary.last_day(today))
        return spider

    @staticmethod
    def read_arguments(options: Mapping[str, str]) -> ArchiveArguments:
        """Check what was typed, before anything starts."""
        return archive_arguments.read(options)

    @staticmethod
    def opening_line(arguments: ArchiveArguments, delay_seconds: float) -> str:
        """Say what is read; how much it is follows in `plan`, once the ledger is open."""
        pace = f"one request every {delay_seconds:g} s"
        if arguments.ids is not None:
            return f"Crawling {len(arguments.ids):,} articles of {arguments.origin}, {pace}"
        if arguments.probe is not None:
            return f"Probing {arguments.probe:,} numbers of {arguments.origin} that no page links, {pace}"
        if not arguments.has_dates:
            return f"Crawling what is new in the archive of {arguments.origin}, {pace}"
        first, last = arguments.from_date or newspaper.FIRST_DAY, arguments.until_date or "today"
        return f"Crawling the archive of {arguments.origin} from {first} to {last}, {pace}"

    def plan(self, delay_seconds: float) -> str:
        return self._tally.plan(delay_seconds) if self.books else ""

    def work(self) -> Work | None:
        return self._tally.work() if self.books else None

    def scope(self) -> Scope:
        return Scope(self.name, self.arguments.key)

    def wishes(self) -> list[Wish]:
        wanted = requisites.wishes(self.requisites, self.language)
        return wanted + self._opening.wishes()

    def seeds(self) -> Iterator[Found]:
        return self._opening.seeds()

    def begun(self, now: float) -> None:
        self._opening.revisits.begun(now)

    @cached_property
    def _opening(self) -> Opening:
        assert self.books is not None  # noqa: S101 (a crawl has them before it begins)
        return Opening(self.arguments, self.books.ledger, _today(self.books.clock))

    @cached_property
    def _indexes(self) -> Indexes:
        assert self.books is not None  # noqa: S101 (as above)
        return Indexes(self._opening, self.books)

    @cached_property
    def _tally(self) -> Tally:
        assert self.books is not None  # noqa: S101 (as above)
        return self._opening.tally(self.books.clock.seconds())

    def judge(self, article: Article) -> State:
        if article.published_date is None or self.arguments.names_articles:
            return State.STORED
        is_outside = self.arguments.is_outside(dt.date.fromisoformat(article.published_date))
        return State.OUTSIDE if is_outside else State.STORED

    def found_on(self, here: Address, page: Page, lease: Lease | None) -> list[Found]:
        """Give the links of a page; those that a day's index or the feed lists are wanted.

        They come first: of an article that stands in a box as well, this is what is kept.
        """
        kept = sorted(self.kept(page), key=lambda pair: pair[0].box is not _LISTS.get(here.kind))
        links = [self._link(here, link, there) for link, there in kept]
        if page.article is not None and lease is not None:
            links += self._indexes.tell(lease, page.article.published_date)
        return links

    def _link(self, here: Address, link: Link, there: Address) -> Found:
        is_listed = (
            there.kind is Kind.ARTICLE
            and there.language == self.language
            and _LISTS.get(here.kind) is link.box
        )
        wanted = is_listed and choice.is_wanted(self.arguments, there.name, link.text)
        entry = found(there, link.box, link.text, wanted=wanted)
        if there.kind is Kind.DAY and there.day and there.page == 1:
            return entry._replace(day=there.day.isoformat())
        if not is_listed or self.books is None:
            return entry
        day = here.day.isoformat() if here.day else None
        return entry._replace(day=day, rank=self._opening.trip.rank(day) + 1 if day else FIRST)

    def prefer(self, lease: Lease) -> str:
        return self._indexes.prefer(lease) if lease.kind == Kind.DAY else lease.url

    def settled(self, lease: Lease, outcome: Outcome) -> Outcome:
        """Say of a day's index whose it is, count what is done, and look for signs of the site."""
        here = urls.parse(lease.url)
        is_waiting = outcome.state is State.WAITING
        if requisites.is_one(lease):
            return outcome
        # Behind a further page of an index that has failed stand others.
        if is_waiting and (here.page == 1 or self.is_asked_again(lease, outcome)):
            return outcome
        outcome = self._counted(here, lease, outcome)
        return self._opening.signs.after(lease, outcome, is_over=self._tally.is_over)

    def _counted(self, here: Address, lease: Lease, outcome: Outcome) -> Outcome:
        day = here.day if lease.kind == Kind.DAY else None
        if day is not None:
            outcome = self._indexes.settled(day, lease, outcome)
        if self.is_asked_again(lease, outcome):
            return outcome
        fresh = self._indexes.fresh(outcome.links)
        if day is not None and here.page == 1:
            self._tally.read(day.isoformat(), fresh)
        else:
            self._tally.found(fresh)
        if day is not None:
            return self._indexes.final(day, lease, outcome)
        if lease.kind == Kind.ARTICLE:
            self._tally.done()
        return outcome


def _today(clock: Clock) -> dt.date:
    return clock.now().astimezone(newspaper.ZONE).date()
