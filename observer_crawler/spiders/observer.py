"""The link crawl: from the front page and the section lists through the boxes of each page.

It keeps to one host and to four kinds of box. Search, print, share, gallery, video, calendar,
author and day pages are never asked for, so no trap of theirs can hold it, and it ends by
itself when every address it wanted has its state.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.pages import Box
from observer_crawler.spiders import arguments
from observer_crawler.spiders.base import PageSpider, Reading, found
from observer_crawler.spiders.lists import Lists
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scrapy.http import Response

    from observer_crawler.items import Article
    from observer_crawler.ledger import Found, Lease, Outcome
    from observer_crawler.pages import Page
    from observer_crawler.spiders.arguments import Arguments
    from observer_crawler.urls import Address

# A box that is followed wherever it stands, and the word of `follow` that asks for it.
_FOLLOWED = {
    Box.LATEST: "latest",
    Box.RELATED: "related",
    Box.MOST_READ: "most_read",
    Box.PREVIOUS: "neighbours",
    Box.NEXT: "neighbours",
}


# About 149 numbers a day since 2016 and the dated pages before that.
PAGES = 600_000


class ObserverSpider(PageSpider):
    """Stores every article that hangs together with the front page and the lists."""

    name = "observer"
    # Tells Scrapy's own commands which addresses are this spider's.
    allowed_domains: Sequence[str] = (newspaper.DOMAIN,)

    def __init__(self, **options: str) -> None:
        """Read `-a NAME=VALUE`; raises ConfigurationError with one line."""
        super().__init__()
        self.arguments = self.read_arguments(options)
        self.site = self.arguments.site
        if self.site:
            self.allowed_domains = ()  # a stand-in: the ledger alone keeps to its host
        self.language = self.arguments.language
        self.max_articles = self.arguments.max_articles
        self._lists = Lists()

    @staticmethod
    def read_arguments(options: Mapping[str, str]) -> Arguments:
        """Check what was typed, before anything starts."""
        return arguments.read(options)

    @staticmethod
    def opening_line(arguments: Arguments, delay_seconds: float) -> str:
        """Say what this run is going to read; the first line of its log."""
        if arguments.is_limited:
            return f"Crawling {arguments.origin}"
        what = "all that hangs together"
        if arguments.site is None:
            what = (
                f"the whole connected archive, about {PAGES:,} pages; one every "
                f"{delay_seconds:g} s, that takes about {_days(PAGES * delay_seconds)}"
            )
        return (
            f"Crawling {arguments.origin}: no limit is set, so this reads {what}. Limits: "
            "-a max_articles=, from_date=, until_date=, max_depth="
        )

    def seeds(self) -> list[Found]:
        lists = [urls.listing(number, 1, self.language) for number in self.arguments.sections]
        seeds = [urls.front(self.language), *lists]
        return [found(seed, "seed") for seed in seeds]

    def judge(self, article: Article) -> State:
        day = _day(article)
        outside = day is not None and self.arguments.is_outside(day)
        return State.OUTSIDE if outside else State.STORED

    def found_on(self, here: Address, page: Page, depth: int) -> list[Found]:
        """Give the links of a page; those of an article outside the dates are not followed."""
        deeper = self.arguments.max_depth is None or depth < self.arguments.max_depth
        if page.article is not None and self.judge(page.article) is State.OUTSIDE:
            deeper = False
        links: list[Found] = []
        others: Counter[str] = Counter()
        for link in page.links:
            there = urls.parse(link.url)
            if there.kind not in urls.KEPT:
                others[there.kind] += 1
                continue
            wanted = deeper and self._wants(here, there, link.box)
            links.append(found(there, link.box, link.text, wanted=wanted))
        for kind, count in others.items():
            self._count("links", kind, count)
        if deeper and self._walks(here):
            self._walk(here, page, links)
        return links

    def _wants(self, here: Address, there: Address, box: Box) -> bool:
        """Whether a link leads to an article that this run reads."""
        if there.kind is not Kind.ARTICLE or there.language != self.language:
            return False
        if box is Box.SECTION:
            is_front = here.kind is Kind.FRONT and "front" in self.arguments.follow
            return is_front or self._walks(here)
        return _FOLLOWED.get(box) in self.arguments.follow

    def _walks(self, here: Address) -> bool:
        """Whether a page is one of a list that this run walks."""
        is_list = here.kind is Kind.LISTING and here.language == self.language
        follows = "lists" in self.arguments.follow
        return follows and is_list and here.section in self.arguments.sections

    def _walk(self, here: Address, page: Page, links: list[Found]) -> None:
        """Add the list's next page, held back while the days of this one are not known."""
        articles = {link.name for link in links if link.wanted and link.box == Box.SECTION}
        addresses = (urls.parse(link.url) for link in page.links)
        pages = [there for there in addresses if _is_same_list(here, there)]
        following = self._lists.next_page(here, articles, pages)
        if following is None:
            return
        link = found(following, Box.PAGING)
        if self.arguments.from_date is None or not self._lists.hold(link, articles):
            links.append(link)

    def read(self, response: Response, lease: Lease | None) -> Reading:
        """Read a response, and let its day free the list pages that waited for it."""
        reading = super().read(response, lease)
        return reading._replace(outcome=self._freed(reading, lease))

    def trouble(self, lease: Lease, error: BaseException | None) -> Outcome:
        return self._freed(Reading(super().trouble(lease, error)), lease)

    def _freed(self, reading: Reading, lease: Lease | None) -> Outcome:
        if lease is None or self.arguments.from_date is None:
            return reading.outcome
        day = reading.published_date
        older = None if day is None else self.arguments.is_older(dt.date.fromisoformat(day))
        freed = self._lists.tell(lease.name, older)
        return replace(reading.outcome, links=[*reading.outcome.links, *freed])


def _day(article: Article) -> dt.date | None:
    return dt.date.fromisoformat(article.published_date) if article.published_date else None


def _is_same_list(here: Address, there: Address) -> bool:
    same = (here.kind, here.language, here.section)
    return same == (there.kind, there.language, there.section)


def _days(seconds: float) -> str:
    """Write a long time roughly.

    >>> _days(600_000), _days(12_000), _days(600)
    ('7 days', '3 hours', '10 minutes')
    """
    for unit, length in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 60:.0f} minutes"
