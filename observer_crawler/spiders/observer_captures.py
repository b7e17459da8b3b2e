"""The backfill from web archives: what the newspaper no longer shows, as it was captured.

The index of an archive is walked page by page; each capture of an article is an address of its own
in the ledger, and what it shows is read by the same code as a live page, with the date of its
capture. An article is stored from its newest capture that holds one or, with `all`, from each.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.archives import Limits, limits_of, source_of
from observer_crawler.ledger import SAME_TEXT, Found, Outcome, Scope, State
from observer_crawler.spiders import captured, captures_arguments
from observer_crawler.spiders.answers import GONE, REDIRECTS, error
from observer_crawler.spiders.base import PageSpider, Reading
from observer_crawler.spiders.captured import CAPTURE, INDEX, article_of
from observer_crawler.spiders.links import found
from observer_crawler.spiders.numbers import Numbers
from observer_crawler.wire import OF_CAPTURE, OF_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from observer_crawler.archives import Asked, Source
    from observer_crawler.items import Article
    from observer_crawler.ledger import Known, Lease, Ledger, Wish
    from observer_crawler.pages import Page
    from observer_crawler.spiders.captures_arguments import CapturesArguments
    from observer_crawler.urls import Address

logger = logging.getLogger(__name__)

# Lines without sense of which a page is told; of the others it is said how many they are.
_MOST_NAMED = 5
_SHOWN = 200
# Names of one look-up; SQLite takes 32,766.
_TOGETHER = 5_000
# A page of Common Crawl's index has 15,000 lines of some 600 bytes: as much as no page of a newspaper.
_MOST_INDEX_BYTES = 40 * 1024 * 1024


class ObserverCapturesSpider(PageSpider):
    """Stores articles from the captures of a web archive."""

    name = "observer_captures"
    asks_archive = True
    source: Source

    def __init__(self, **options: str) -> None:
        """Read `-a NAME=VALUE`; raises ConfigurationError with one line."""
        super().__init__()
        self.arguments = self.read_arguments(options)
        self.site = self.arguments.site
        self.language = self.arguments.language
        self.max_articles = self.arguments.max_articles
        # Pages of the index that this run has read.
        self._walked: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        bases = {
            "wayback": settings["OBSERVER_WAYBACK"],
            "commoncrawl": settings["OBSERVER_COMMON_CRAWL"],
        }
        limits = Limits(
            delay=settings.getfloat("OBSERVER_ARCHIVE_SECONDS"),
            after_index=settings.getfloat("OBSERVER_ARCHIVE_INDEX_SECONDS"),
            after_refusal=settings.getfloat("OBSERVER_ARCHIVE_PAUSE_SECONDS"),
        )
        spider.source = source_of(spider.arguments.source, bases)
        spider.limits = limits_of(spider.source, limits)
        return spider

    @staticmethod
    def read_arguments(options: Mapping[str, str]) -> CapturesArguments:
        """Check what was typed, before anything starts."""
        return captures_arguments.read(options)

    @staticmethod
    def opening_line(arguments: CapturesArguments, delay_seconds: float) -> str:
        what = "every text" if arguments.all else "the articles that are not stored"
        return (
            f"Asking {arguments.source} for captures of {arguments.origin}: {what}, "
            f"one request every {delay_seconds:g} s or slower"
        )

    def scope(self) -> Scope:
        return Scope(self.name, self.arguments.key)

    def wishes(self) -> list[Wish]:
        """Ask for nothing: a capture waits for the run that found it."""
        return []

    def seeds(self) -> Iterator[Found]:
        """Begin at the index, unless an earlier run has left something that is due."""
        assert self.books is not None  # noqa: S101 (a crawl has them before it begins)
        self.crawler.stats.set_value("observer/source", self.source.name)
        due, _ = self._ledger.left(self.books.clock.seconds())
        if not due:
            yield from map(self._index, self.source.first(self._asked))

    @property
    def _ledger(self) -> Ledger:
        assert self.books is not None  # noqa: S101 (as above)
        return self.books.ledger

    @cached_property
    def _asked(self) -> Asked:
        assert self.books is not None  # noqa: S101 (as above)
        return captured.asked_of(self.arguments, self.books.clock.now())

    @cached_property
    def _numbers(self) -> Numbers:
        """What the articles that are known tell of the numbers of the days asked for."""
        asked = self.arguments
        numbers = Numbers(asked.from_date, asked.until_date)
        if asked.has_dates:
            days = self._ledger.copies.days(CAPTURE)
            numbers.learn((article_of(name), day) for name, day in days)
            numbers.learn(self._ledger.copies.days("article"))
        return numbers

    def _index(self, url: str) -> Found:
        return Found(f"{INDEX}:{url}", INDEX, url, INDEX, rank=0, again=True)

    def subject(self, lease: Lease) -> str:
        return article_of(lease.name) if lease.kind == CAPTURE else lease.name

    def passes(self, lease: Lease) -> Outcome | None:
        """Say what need not be asked: an article that is stored by now, or is of other days."""
        outcome = super().passes(lease)
        if outcome is not None or lease.kind != CAPTURE:
            return outcome
        article = article_of(lease.name)
        if self._numbers.is_outside(article):
            self._count("captures", "passed over, of other days by their number")
            return Outcome(State.OUTSIDE, "number")
        known = self._ledger.known([article]).get(article)
        if self.arguments.all or known is None or known.state is not State.STORED:
            return None
        self._count("captures", "passed over, of a stored article")
        return Outcome(State.OUTSIDE, "stored already")

    def headers(self, lease: Lease) -> dict[str, str]:
        return self.source.headers(lease.url)

    def meta(self, lease: Lease) -> dict[str, Any]:
        """An archive is asked through what it offers to programs, by its own terms.

        The pages of its index say nothing of the newspaper that the captures do not say, so they
        are not kept.
        """
        mark: dict[str, Any] = {OF_CAPTURE: True}
        if lease.kind == INDEX:
            mark = {OF_INDEX: True, "capture": None, "download_maxsize": _MOST_INDEX_BYTES}
        return {"dont_obey_robotstxt": True, **mark}

    def to_site(self, url: str) -> str:
        """Leave an address of the archive as it is."""
        return url

    def trouble(self, lease: Lease, error: BaseException | None) -> Outcome:
        """A page of the index that is too large leaves a hole: nobody knows what stands behind it."""
        outcome = super().trouble(lease, error)
        is_hole = lease.kind == INDEX and outcome.state is State.REFUSED
        return replace(outcome, state=State.FAILED) if is_hole else outcome

    def judge(self, article: Article) -> State:
        day = article.published_date
        is_outside = day is not None and self.arguments.is_outside(dt.date.fromisoformat(day))
        return State.OUTSIDE if is_outside else State.STORED

    def found_on(self, here: Address, page: Page, lease: Lease | None) -> list[Found]:
        """Give the article, and what its page links; nobody asks the newspaper for any of it."""
        links = [
            found(there, link.box, link.text, wanted=False) for link, there in self.kept(page)
        ]
        headline = page.article.headline if page.article else None
        return [found(here, CAPTURE, headline or "", wanted=False), *links]

    def read(self, response: Response, lease: Lease | None) -> Reading:
        if lease is None or lease.kind not in {INDEX, CAPTURE}:
            return super().read(response, lease)
        if lease.kind == INDEX:
            return Reading(self._read_index(response, lease))
        if "source_url" not in response.meta:
            return Reading(self._word_of_archive(response))
        here = urls.parse(urls.from_site(response.url, self.site, self.language))
        if here.name != article_of(lease.name):
            return Reading(self._passed(State.REFUSED, "of another address"))
        if response.status in REDIRECTS:
            return Reading(self._passed(State.REDIRECTED, "of a redirect"))
        reading = super().read(response, lease)
        return reading._replace(outcome=self._as_kept(reading.outcome, here))

    def _read_index(self, response: Response, lease: Lease) -> Outcome:
        if self.source.is_empty(lease.url, response.status):
            return Outcome(State.READ, "no captures")
        if failed := error(response, may_be_empty=True):
            return failed
        page = self.source.read(lease.url, response.body, self._asked)
        self._walked.add(lease.url)
        if not self._walked.isdisjoint(page.more):
            page.more, page.cut = [], "its key leads back to a page that was read"
        self._name_senseless(page.senseless, lease.url)
        if page.senseless and not (page.captures or page.more):
            return Outcome(State.WAITING, "no index")
        if page.cut:
            logger.warning("what follows %s cannot be asked for (%s)", lease.url, page.cut)
            self._count("captures", "passed over, behind the end of an answer")
        chosen = captured.choose(page.captures, self.arguments)
        links = captured.links(chosen, self.arguments, self.source, self._had(chosen.captures))
        links = captured.waited_for(
            links, self._known(link.name for link in links), self.arguments
        )
        if page.captures:
            self._count("captures", "listed", len(page.captures))
        for reason, count in chosen.passed.items():
            self._count("captures", f"passed over, {reason}", count)
        return Outcome(State.READ, INDEX, [*map(self._index, page.more), *links])

    def _name_senseless(self, lines: list[str], url: str) -> None:
        for line in lines[:_MOST_NAMED]:
            logger.warning("a line of %s makes no sense: %.*s", url, _SHOWN, line)
        if lines:
            self._count("captures", "lines without sense", len(lines))

    def _had(self, names: Iterable[str]) -> set[str]:
        """Give the articles that are stored."""
        known = self._known(names)
        return {name for name, each in known.items() if each.state is State.STORED}

    def _known(self, names: Iterable[str]) -> dict[str, Known]:
        """Say what is known of the names of one page, however long it is."""
        asked = list(names)
        parts = (asked[at : at + _TOGETHER] for at in range(0, len(asked), _TOGETHER))
        return {name: each for part in parts for name, each in self._ledger.known(part).items()}

    def _word_of_archive(self, response: Response) -> Outcome:
        """Say what an answer came to that is no capture."""
        if response.status in GONE:
            return self._passed(State.MISSING, "not in the archive")
        if response.status in REDIRECTS:
            return self._passed(State.REDIRECTED, "kept at another moment")
        return error(response, may_be_empty=True) or Outcome(State.WAITING, "no capture")

    def _passed(self, state: State, reason: str) -> Outcome:
        self._count("captures", f"passed over, {reason}")
        return Outcome(state, reason)

    def _as_kept(self, outcome: Outcome, here: Address) -> Outcome:
        """Turn what a page came to into what its capture does: it stays as it is for ever.

        An error and a challenge that were captured are no word of the archive's.
        """
        outcome = replace(outcome, forms=(), etag=None, last_modified=None)
        if outcome.state is State.STORED:
            return replace(outcome, state=State.READ, of=here.name)
        if outcome.state in {State.WAITING, State.DENIED}:
            outcome = replace(outcome, state=State.REFUSED, unanswered=False, closed=False)
        self._count("captures", f"passed over, {outcome.reason}")
        return outcome

    def settled(self, lease: Lease, outcome: Outcome) -> Outcome:
        """Say whether a capture brought a text; what said nothing new may do so behind it.

        None is asked again because of its date: it stays as it is.
        """
        outcome = replace(outcome, next_seconds=None)
        if lease.kind != CAPTURE or outcome.state not in {State.READ, State.OUTSIDE}:
            return outcome
        article = article_of(lease.name)
        day = outcome.line.published_date if outcome.line else outcome.published
        self._numbers.learn([(article, day)])
        if not outcome.of:
            return outcome
        if outcome.line is None:
            return replace(outcome, reason=SAME_TEXT)
        again = self._ledger.copies.passed_over(article, outcome.line.fetched_at)
        links = [
            Found(name, CAPTURE, url, INDEX, language=self.language, again=True)
            for name, url in again
        ]
        return replace(outcome, reason="a text", links=[*outcome.links, *links])
