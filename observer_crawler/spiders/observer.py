"""The link crawl: from the front page and the section lists through the boxes of each page.

It keeps to one host and to four kinds of box. Search, print, share, gallery, video, calendar,
author and day pages are never asked for, so no trap of theirs can hold it, and it ends by
itself when every address it wanted has its state.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.ledger import Scope, State, Wish
from observer_crawler.pages import Box
from observer_crawler.spiders import arguments, requisites
from observer_crawler.spiders.base import PageSpider
from observer_crawler.spiders.links import found
from observer_crawler.spiders.lists import Lists
from observer_crawler.spiders.revisits import Revisits
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from observer_crawler.items import Article
    from observer_crawler.ledger import Found, Lease, Outcome
    from observer_crawler.pages import Page
    from observer_crawler.spiders.arguments import Arguments
    from observer_crawler.spiders.lists import Step
    from observer_crawler.urls import Address

logger = logging.getLogger(__name__)

# A box that is followed wherever it stands, and the word of `follow` that asks for it.
_FOLLOWED = {
    Box.LATEST: "latest",
    Box.RELATED: "related",
    Box.MOST_READ: "most_read",
    Box.PREVIOUS: "neighbours",
    Box.NEXT: "neighbours",
}

PAGES = newspaper.PAGES


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
        self.requisites = self.arguments.requisites

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

    def scope(self) -> Scope:
        asked = self.arguments
        key = {
            "language": asked.language,
            "sections": sorted(asked.sections),
            "follow": sorted(asked.follow),
            "from_date": str(asked.from_date or ""),
            "until_date": str(asked.until_date or ""),
        }
        if asked.requisites != requisites.NONE:  # runs of before that was an argument go on
            key["requisites"] = asked.requisites
        return Scope(self.name, json.dumps(key))

    def wishes(self) -> list[Wish]:
        """Go on from what is known: boxes not followed before, dates not wanted before."""
        asked = self.arguments
        days: dict[str, Any] = {
            "language": self.language,
            "first_day": _iso(asked.from_date),
            "last_day": _iso(asked.until_date),
        }
        boxes = frozenset(box for box, word in _FOLLOWED.items() if word in asked.follow)
        wishes = [
            *requisites.wishes(asked.requisites, self.language),
            Wish(frozenset({State.OUTSIDE}), **days),
            Wish(frozenset({State.WAITING}), orphans=True, **days),
        ]
        if boxes:
            unread = frozenset({State.SEEN, State.WAITING, State.FAILED, State.DENIED})
            depth = asked.max_depth
            wishes.append(Wish(unread, language=self.language, boxes=boxes, max_depth=depth))
        assert self.books is not None  # noqa: S101 (a crawl has them before it begins)
        self._revisits = Revisits(self.books.ledger, asked.revisit)
        return wishes + self._revisits.wishes(language=self.language)

    def begun(self, now: float) -> None:
        self._revisits.begun(now)

    def seeds(self) -> list[Found]:
        assert self.books is not None  # noqa: S101 (a crawl has them before it begins)
        clock = self.books.clock
        self._lists = Lists(self.books.ledger, clock.seconds(), clock.seconds)
        lists = [urls.listing(number, 1, self.language) for number in self.arguments.sections]
        seeds = [urls.front(self.language), *lists]
        return [found(seed, "seed")._replace(again=True) for seed in seeds]

    def judge(self, article: Article) -> State:
        day = _day(article.published_date)
        outside = day is not None and self.arguments.is_outside(day)
        return State.OUTSIDE if outside else State.STORED

    def found_on(self, here: Address, page: Page, lease: Lease | None) -> list[Found]:
        """Give the links of a page; those of an article outside the dates are not followed."""
        depth = lease.depth if lease else 0
        deeper = self.arguments.max_depth is None or depth < self.arguments.max_depth
        outside = page.article is not None and self.judge(page.article) is State.OUTSIDE
        links: list[Found] = []
        for link, there in self.kept(page):
            wanted = deeper and not outside and self._wants(here, there, link.box)
            followed = not outside and link.box is not Box.SECTION
            links.append(found(there, link.box, link.text, wanted=wanted, followed=followed))
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

    def settled(self, lease: Lease, outcome: Outcome) -> Outcome:
        """Go on to a list's next page, and let an article's day free those that waited for it."""
        here = urls.parse(lease.url)
        if self._walks(here):
            return self._walked_on(here, lease, outcome)
        first = self.arguments.from_date
        if first is None or lease.kind != Kind.ARTICLE or self.is_asked_again(lease, outcome):
            return outcome
        day = _day(outcome.published)
        freed, left, walked = self._lists.tell(lease.name, day < first if day else None)
        return replace(outcome, freed=freed, left=left, walked=walked)

    def _walked_on(self, here: Address, lease: Lease, outcome: Outcome) -> Outcome:
        """Add the list's next page, held back while the days of this one are not known."""
        if self.arguments.max_depth is not None and lease.depth >= self.arguments.max_depth:
            return outcome
        cards = [link for link in outcome.links if link.box == Box.SECTION]
        is_empty = outcome.state is State.READ and outcome.forms and not cards
        if is_empty or (not cards and self.is_asked_again(lease, outcome)):
            return outcome  # another try comes first, or its other form; an empty list is no list
        articles = {link.name for link in cards if link.wanted}
        following, walked, passed = self._step(here, outcome, articles)
        # Each page that has a next try of its own keeps it.
        links = [*outcome.links, *(found(page, Box.PAGING) for page in passed)]
        if following is None:
            return replace(outcome, links=links, walked=walked)
        if following.page > (most := self.settings.getint("OBSERVER_LIST_PAGES")):
            told = "list %s is left after %d pages (OBSERVER_LIST_PAGES): does it ever end?"
            logger.warning(told, lease.name.partition(":")[2].partition(":")[0], most)
            return replace(outcome, links=links)
        first, held = self.arguments.from_date, False
        if first is not None:
            gate = self._lists.gate(following, articles, first)
            if gate.is_left:
                return replace(outcome, links=links, walked=gate.walked)
            held = not gate.is_open
        link = found(following, Box.PAGING)._replace(again=True, held=held)
        return replace(outcome, links=[*links, link])

    def _step(self, here: Address, outcome: Outcome, articles: set[str]) -> Step:
        """Say where a walk goes on, behind a page that was read or one that could not be."""
        if outcome.state is State.READ:
            pages = [urls.parse(link.url) for link in outcome.links if link.kind == Kind.LISTING]
            return self._lists.step(
                here, articles, [page for page in pages if _is_same_list(here, page)]
            )
        is_loop = outcome.to is not None and outcome.to.name == here.name
        is_asked_again = outcome.passing or outcome.state in {State.WAITING, State.DENIED}
        is_gone = not (is_asked_again or is_loop)
        return self._lists.skip(here, is_gone=is_gone)


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _day(published: str | None) -> dt.date | None:
    return dt.date.fromisoformat(published) if published else None


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
