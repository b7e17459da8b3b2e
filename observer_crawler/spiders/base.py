"""From a response to a page, an article and plain links: the only adapter of extraction.

A spider says where it starts (`seeds`) and which links it wants (`found_on`). It builds no
Request: what it finds goes to the ledger with the page's settlement. `response.text` is never
touched, for Scrapy guesses an encoding where `read_page` knows it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Spider
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest

from observer_crawler import urls
from observer_crawler.archives import Limits
from observer_crawler.exceptions import (
    AskedToWait,
    CaptureError,
    NotRecorded,
    RobotsForbids,
    RobotsUnreachable,
    in_words,
)
from observer_crawler.ledger import Found, Lease, Outcome, Scope, State, Visit, Wish
from observer_crawler.pages import Box, PageKind, is_text, read_page
from observer_crawler.site import LANGUAGES
from observer_crawler.spiders import answers, asked, requisites
from observer_crawler.spiders.links import found, is_like
from observer_crawler.spiders.soundness import Soundness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from scrapy.http import Response
    from twisted.python.failure import Failure

    from observer_crawler.archives import Source
    from observer_crawler.books import Books
    from observer_crawler.items import Article
    from observer_crawler.pages import Link, Page
    from observer_crawler.spiders.work import Work
    from observer_crawler.urls import Address


class Reading(NamedTuple):
    """What a response came to. With an article, the outcome holds once it is stored."""

    outcome: Outcome
    article: Article | None = None
    page: Page | None = None


class PageSpider(Spider):
    """Reads any page of the site; subclasses choose where to start and what to want.

    It is no ABC: under that metaclass the feeds of Scrapy 2.19, which walk all a spider has,
    stumble over `__provides__`. mypy holds subclasses to the abstract methods.
    """

    site: str | None = None
    language: str = LANGUAGES[0]
    max_articles: int | None = None
    # Articles that are never asked for.
    excluded: Mapping[str, str] = MappingProxyType({})
    # What of the pages of stored articles is fetched beside them, a word of requisites.WHICH.
    requisites: str = requisites.NONE
    # Set when a crawl opens its data folder; a shell has none.
    books: Books | None = None
    # The web archive that is asked in the newspaper's place, and how; None: the newspaper.
    asks_archive = False
    source: Source | None = None
    limits = Limits()
    # Who is told of each outcome, with the answer that brought it.
    watch: Callable[[Lease, Response | None, Reading], None] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._soundness = Soundness()

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: the scheduler asks for `seeds` and builds every Request."""
        nothing: tuple[Any, ...] = ()
        for each in nothing:
            yield each

    @abstractmethod
    def scope(self) -> Scope:
        """Say what this run asks for; another with the same scope goes on where it stops."""

    @abstractmethod
    def wishes(self) -> Sequence[Wish]:
        """Give what the run asks for of all that is known already."""

    @abstractmethod
    def seeds(self) -> Iterable[Found]:
        """Give where the run starts. By then it has begun, and its wishes are granted."""

    def begun(self, now: float) -> None:
        """Note what must be noted once all that this run starts with waits."""

    @abstractmethod
    def found_on(self, here: Address, page: Page, lease: Lease | None) -> list[Found]:
        """Give the links of a page that was read, each with whether this run wants it."""

    @abstractmethod
    def judge(self, article: Article) -> State:
        """Say whether an article is of this run: STORED or OUTSIDE."""

    def plan(self, delay_seconds: float) -> str:
        """Say what there is to do, once a run has begun; nothing, where the opening says all."""
        return ""

    def work(self) -> Work | None:
        """Say how far the run is; None for one that cannot know, as a crawl along links."""
        return None

    def prefer(self, lease: Lease) -> str:
        """Give the form of an address to ask for."""
        return lease.url

    def is_asked_again(self, lease: Lease, outcome: Outcome) -> bool:
        """Whether this run asks for an address once more: later, or in another of its forms."""
        if outcome.state is State.WAITING:
            attempts: int = self.settings.getint("OBSERVER_RETRY_ATTEMPTS")
            return lease.attempts + 1 < attempts
        forms = set(outcome.forms)
        if outcome.to is not None:
            forms = {outcome.to.url, *forms} if outcome.to.name == lease.name else set()
        return not forms <= {lease.url, *lease.tried}

    def settled(self, lease: Lease, outcome: Outcome) -> Outcome:
        """Add to an outcome what only this way in knows, before the ledger hears of it."""
        return outcome

    def subject(self, lease: Lease) -> str:
        """Name what an address shows: itself, where it is no copy that is kept elsewhere."""
        return lease.name

    def passes(self, lease: Lease) -> Outcome | None:
        """Say what an address comes to that may or need not be asked; None where it is asked."""
        is_excluded = self.subject(lease) in self.excluded
        return Outcome(State.DENIED, "excluded") if is_excluded else None

    def headers(self, lease: Lease) -> Mapping[str, str]:
        """Give what must be said when an address is asked for."""
        return {}

    def meta(self, lease: Lease) -> dict[str, Any]:
        """Give what a request needs to carry beside its visit."""
        return {}

    def to_site(self, url: str) -> str:
        """Turn the newspaper's address into the one to ask."""
        return urls.to_site(url, self.site, self.language)

    async def parse(self, response: Response, **_: object) -> AsyncIterator[Any]:
        """Read one response; an article goes to the pipelines, which decide its fate."""
        visit: Visit | None = response.meta.get("visit")
        reading = self.read(response, visit.lease if visit else None)
        if visit:
            self._tell(visit.lease, response, reading)
        if reading.article is not None:
            if visit:
                visit.outcome = reading.outcome
            yield reading.article
        elif visit:
            await visit.settle(visit, reading.outcome)

    async def failed(self, failure: Failure) -> None:
        """Settle a request that brought no response; one whose answer is lost stays as it was."""
        visit: Visit | None = failure.request.meta.get("visit")  # type: ignore[attr-defined]
        if visit is None:
            failure.raiseException()
        elif not isinstance(failure.value, CaptureError):
            outcome = self.trouble(visit.lease, failure.value)
            self._tell(visit.lease, None, Reading(outcome))
            await visit.settle(visit, outcome)

    def _tell(self, lease: Lease, response: Response | None, reading: Reading) -> None:
        """Tell who watches the pages; what they are shown with is none."""
        if self.watch and not requisites.is_one(lease):
            self.watch(lease, response, reading)

    def trouble(self, lease: Lease, error: BaseException | None) -> Outcome:
        """Say what an error of the download came to."""
        if isinstance(error, RobotsForbids):
            return Outcome(State.DENIED, "robots", closed=error.is_all)
        is_file = requisites.is_one(lease)
        if getattr(error, "is_private", False):
            return answers.private(str(error), is_page=not is_file)
        if isinstance(error, RobotsUnreachable | AskedToWait):
            return Outcome(State.WAITING, str(error), unanswered=True, closed=True)
        if isinstance(error, NotRecorded):
            return Outcome(State.MISSING, "not recorded")
        if isinstance(error, DownloadCancelledError | IgnoreRequest):
            return requisites.TOO_LARGE if is_file else self._refused("too_large")
        return Outcome(State.WAITING, in_words(error), unanswered=True)

    def read(self, response: Response, lease: Lease | None) -> Reading:
        """Read a response: by its status first, then as a page."""
        here = urls.parse(urls.from_site(response.url, self.site, self.language))
        if outcome := self._without_page(response, here, lease):
            return Reading(outcome)
        page = read_page(response.body, here.url, answers.content_type(response))
        if page.kind is PageKind.CHALLENGE:
            self._count("pages", page.kind)
            return Reading(Outcome(State.DENIED, "challenge"), page=page)
        unsound = self._soundness.look(page, here, response.body)
        if error := answers.error(response) or (None if self.source else unsound):
            return Reading(error)  # what an archive keeps comes no better another time
        self._count("pages", page.kind)
        reading = self._page(response, here, page, lease)
        more = answers.validators(response) | asked.said(response, page)
        outcome = replace(reading.outcome, **more)
        return reading._replace(outcome=outcome, page=page)

    def _without_page(
        self, response: Response, here: Address, lease: Lease | None
    ) -> Outcome | None:
        """Say what an answer came to that carries no page to read, None for all others."""
        if response.status == HTTPStatus.NOT_MODIFIED and lease and lease.state is State.STORED:
            self._count("articles", "unchanged")
            return Outcome(State.STORED, "not modified", self._images_of(here))
        if lease and requisites.is_one(lease):
            return requisites.outcome_of(response, here, self._there(response))
        if answers.location(response) is not None:
            return self._redirect(self._there(response), here)
        if response.status in answers.GONE:
            self._count("pages", "missing")
            return Outcome(State.MISSING, str(response.status), forms=here.forms)
        return None if is_text(answers.content_type(response)) else self._refused("not_text")

    def _images_of(self, here: Address) -> list[Found]:
        """Give the pictures of a stored article whose page was not sent again."""
        stored = self.books.stored(here.name) if self.books else None
        images = [image["url"] for image in (stored or {}).get("images") or []]
        return requisites.of_images(self.requisites, here, images)

    def _page(self, response: Response, here: Address, page: Page, lease: Lease | None) -> Reading:
        if page.kind is PageKind.MISSING:
            return Reading(Outcome(State.MISSING, "soft 404", forms=here.forms))
        links = self.found_on(here, page, lease)
        if shown := sum(link.kind == urls.Kind.ARTICLE for link in links):
            self.crawler.stats.inc_value("observer/shown", shown)
        if page.article is None:
            return Reading(self._without_article(here, page, links))
        day = page.article.published_date
        if self.judge(page.article) is State.OUTSIDE:
            return Reading(Outcome(State.OUTSIDE, "dates", links, published=day), None)
        page.article.fetched_at = response.meta["fetched_at"]
        page.article.source_url = response.meta.get("source_url", response.url)
        page.article.capture = response.meta.get("capture")
        given = (here, page.article, response.body, answers.content_type(response))
        links += requisites.of_page(self.requisites, *given)
        return Reading(Outcome(State.STORED, links=links, published=day), page.article)

    def _without_article(self, here: Address, page: Page, links: list[Found]) -> Outcome:
        """A list that shows no article may show some in its other form."""
        if page.kind is PageKind.ARTICLE:
            return self._refused(page.refusal or "unreadable", links)
        is_first = here.kind is urls.Kind.LISTING and here.page == 1
        is_empty = is_first and not any(link.box is Box.SECTION for link in page.links)
        return Outcome(State.READ, page.kind, links, here.forms if is_empty else ())

    def _refused(self, reason: str, links: Sequence[Found] = ()) -> Outcome:
        self._count("articles/refused", reason)
        return Outcome(State.REFUSED, reason, links, passing=reason in answers.NO_PAGE)

    def _there(self, response: Response) -> Address | None:
        """Understand where an answer points; None for what is no address of the web."""
        url = urls.resolve(answers.location(response) or "", response.url)
        return None if url is None else urls.parse(urls.from_site(url, self.site, self.language))

    def _redirect(self, there: Address | None, here: Address) -> Outcome:
        """One link, to where the answer points; followed when a page of the same kind is there."""
        if there is None:
            return answers.NOWHERE
        if there.kind not in urls.KEPT:
            self._count("links", there.kind)
            away = there.kind is urls.Kind.OFFSITE
            return Outcome(State.REDIRECTED, f"to {there.kind}", passing=away)
        link = found(there, "redirect", wanted=is_like(here, there))
        return Outcome(State.REDIRECTED, f"to {there.name}", to=link, forms=here.forms)

    def kept(self, page: Page) -> list[tuple[Link, Address]]:
        """Give the links of a page that the ledger keeps, understood; others are counted by kind."""
        links = [(link, urls.parse(link.url)) for link in page.links]
        others = Counter(there.kind for _, there in links if there.kind not in urls.KEPT)
        for kind, count in others.items():
            self._count("links", kind, count)
        return [(link, there) for link, there in links if there.kind in urls.KEPT]

    def _count(self, group: str, name: str, count: int = 1) -> None:
        self.crawler.stats.inc_value(f"observer/{group}/{name}", count)
