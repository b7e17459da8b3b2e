"""The spider of `scrapy doctor`: which addresses it asks for, in which order, and when it stops.

It goes through the project's own middlewares, so robots.txt, the contact and the delay hold as
in a crawl, and it counts at the wire: robots.txt and redirects are requests like any other. The
class has no `name`, so `scrapy list` does not show it and `scrapy crawl` cannot run it.
"""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Request, Spider
from scrapy import exceptions as scrapy_errors

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.commands.answers import forms_verdict
from observer_crawler.commands.looks import (
    REDIRECTS,
    Look,
    has_forms,
    has_news,
    is_html,
    is_old_form,
)
from observer_crawler.exceptions import RequestStopped
from observer_crawler.pages import Box, PageKind, read_page

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

MAX_REQUESTS = 15
# Far above every number given so far (600,000 in 2026) and every page of a list.
UNKNOWN_NUMBER = 99_999_999
PAGE_PAST_THE_END = 99_999
_REFUSALS = frozenset((401, 403, 429, 451))
_NO_ANSWER = (
    scrapy_errors.DownloadConnectionRefusedError,
    scrapy_errors.CannotResolveHostError,
    scrapy_errors.DownloadTimeoutError,
    scrapy_errors.DownloadCancelledError,
    scrapy_errors.DownloadFailedError,
    scrapy_errors.ResponseDataLossError,
    scrapy_errors.IgnoreRequest,
    OSError,
)


class Era(NamedTuple):
    """One form of addresses: a day whose index is known, and an article of that day."""

    name: str
    form: int  # which of an address's forms, newest first
    day: dt.date
    known: str


# The newest first: what is left of the requests when a site is difficult should have gone to what
# a crawl will meet first.
ERAS = tuple(Era(*each) for each in newspaper.ERAS)


class Refused(Exception):
    """The site does not want us: asking on would be rude."""


class RecordLooks:
    """Keep what came over the wire, and let no more than MAX_REQUESTS go out."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._sent = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if self._sent >= MAX_REQUESTS:
            raise scrapy_errors.IgnoreRequest(f"not asked: {MAX_REQUESTS} requests were made")
        self._sent += 1

    def process_response(self, request: Request, response: Response) -> Response:
        spider: Any = self._crawler.spider
        spider.received(request, response)
        return response


class LookingSpider(Spider):
    """Asks for one address after the other and keeps a Look for each."""

    def __init__(self, site: str | None, language: str, looks: list[Look]) -> None:
        """`looks` is filled; `site` is the origin asked instead of the newspaper's."""
        super().__init__(name="doctor")
        self.site = site
        self.language = language
        self.looks = looks
        self._stands_in = site is not None
        self._printed: dict[str, str] = {}  # name of a page, and its address as first printed
        self._received: dict[str, Look] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Yield nothing: each request waits for the answer to the one before it."""
        try:
            await self._look_around()
        except Refused:
            self.logger.info("the site refuses; no further request")
        nothings: tuple[Any, ...] = ()
        for nothing in nothings:
            yield nothing

    def received(self, request: Request, response: Response) -> None:
        """Take an answer as it came, before anything unpacks it; robots.txt is a look too."""
        look = Look("robots", self._own(request.url), request.url, request.meta["fetched_at"])
        look.status, look.body = response.status, response.body
        look.headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        look.target = self._target(look)
        if "doctor" in request.meta:
            self._received[request.url] = look
        else:
            self.looks.append(look)

    async def look(self, name: str, url: str, asked: str | None = None) -> Look:
        """Ask for one address of the newspaper. Raises Refused."""
        asked = asked or urls.to_site(url, self.site, self.language)
        meta = {"doctor": name, "dont_redirect": True, "handle_httpstatus_all": True}
        request = Request(asked, meta=meta, dont_filter=True)
        engine: Any = self.crawler.engine
        try:
            response = await engine.download_async(request)
        except _NO_ANSWER as err:
            look = self._received.pop(request.url, None) or Look(name, url, asked)
            look.name, look.url, look.trouble = name, url, _words(err)
            is_refused = isinstance(err, RequestStopped)
        else:
            look = self._read(name, url, self._received.pop(request.url), response.body)
            is_refused = look.status in _REFUSALS
        self.looks.append(look)
        if (is_refused and name.startswith("front")) or _is_challenge(look):
            raise Refused
        return look

    def _read(self, name: str, url: str, look: Look, body: bytes) -> Look:
        look.name, look.url = name, url
        if look.status not in REDIRECTS and is_html(look):
            look.page = read_page(body, url, look.header("content-type"))
            for link in look.page.links:
                self._printed.setdefault(urls.parse(link.url).name, link.url)
        return look

    def _own(self, url: str) -> str:
        return urls.from_site(url, self.site, self.language)

    def _target(self, look: Look) -> str | None:
        """Give where a redirect points, in the newspaper's form; None where it leaves the site."""
        to = _location(look)
        if to is None or (self._stands_in and urls.origin_of(to) != urls.origin_of(look.asked)):
            return None
        address = urls.parse(self._own(to))
        return None if address.kind is urls.Kind.OFFSITE else address.url

    @property
    def _is_first(self) -> bool:
        """Whether the edition is the one whose eras are known."""
        return self.language == newspaper.LANGUAGES[0]

    async def _look_around(self) -> None:
        front = await self._follow(await self.look("front", urls.front(self.language).url))
        if front.status is None or front.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return
        if urls.origin_of(front.asked) != urls.origin_of(urls.to_site(front.url, self.site)):
            self.site = urls.origin_of(front.asked)
        await self._look_at_lists()
        for era in ERAS if self._is_first else ERAS[:1]:
            await self._look_at_era(era)
        await self.look("unknown", self._like_articles(UNKNOWN_NUMBER))
        await self.look("past-end", self._list_page(PAGE_PAST_THE_END))
        for name, path in (("feed", newspaper.FEED), ("sitemap", newspaper.SITEMAP)):
            if path:
                await self.look(name, newspaper.ORIGINS[self.language] + path)
        await self._follow_up()

    async def _look_at_lists(self) -> None:
        name = urls.listing(newspaper.DEFAULT_SECTION, 1, self.language).name
        await self.look("section", self._printed.get(name) or self._list_page(1))
        second = urls.listing(newspaper.DEFAULT_SECTION, 2, self.language).name
        await self.look("section-page-2", self._printed.get(second) or self._list_page(2))

    async def _look_at_era(self, era: Era) -> None:
        """Ask for the index of a day, then for an article in the form of the era.

        Two tries at most, for a list may print dead links; what robots.txt forbids costs none.
        """
        if self._is_first:
            await self.look(f"day-{era.name}", urls.day(era.day).forms[era.form])
        name, tries = f"article-{era.name}", 2
        for url in self._articles_of(era):
            look = await self.look(name, url)
            tries -= look.status is not None
            if has_news(look) or not tries:
                return

    def _articles_of(self, era: Era) -> list[str]:
        """Give articles to ask for: of the day, of today's lists for today's form, the known one."""
        pages = [f"day-{era.name}"]
        if era.name == "current":
            pages += ["section", "section-page-2", "front"]
        boxes = {Box.DAY, Box.SECTION}
        found = [
            urls.parse(link.url)
            for name in pages
            for look in self.looks
            if look.name == name and look.status == HTTPStatus.OK and look.page
            for link in look.page.links
            if link.box in boxes
        ]
        own = newspaper.SPACES[self.language]
        space = era.known.partition(":")[0] if self._is_first else own
        stories = {there.name: there for there in found if there.name.startswith(f"{space}:")}
        # From the middle, where no advertised story stands; as printed, if its form is dead.
        middle = list(stories.values())[len(stories) // 2 :][:4]
        asked = [
            url
            for there in middle
            for url in (there.forms[min(era.form, len(there.forms) - 1)], there.url)
        ]
        return [*dict.fromkeys(asked), *_known_article(era, self.language)]

    async def _follow_up(self) -> None:
        """Spend what is left of the requests on what is not clear yet."""
        there = [look.url for look in self.looks if has_news(look) and has_forms(look)]
        if there and forms_verdict(self.looks) is None:
            forms = urls.parse(there[0]).forms
            await self.look("other-form", forms[0] if is_old_form(there[0]) else forms[1])
        for look in [look for look in self.looks if look.name.startswith("article-")]:
            await self._follow(look)

    async def _follow(self, look: Look) -> Look:
        """Go where a redirect points, on the same site, twice at most."""
        name = look.name
        for hop in ("target", "target-2"):
            if look.target is None:
                break
            look = await self.look(f"{name}-{hop}", look.target, _location(look))
        return look

    def _list_page(self, page: int) -> str:
        """Give a page of the list in the form that the site links to."""
        first = urls.listing(newspaper.DEFAULT_SECTION, 1, self.language)
        printed = urls.parse(self._printed.get(first.name, first.url)).url
        form = first.forms.index(printed) if printed in first.forms else 0
        return urls.listing(newspaper.DEFAULT_SECTION, page, self.language).forms[form]

    def _like_articles(self, number: int) -> str:
        """Give the address of a number in the form that the site links to most."""
        space = newspaper.SPACES[self.language]
        addresses = [urls.parse(printed) for printed in self._printed.values()]
        forms = Counter(
            address.forms.index(address.url)
            for address in addresses
            if address.name.startswith(f"{space}:") and address.url in address.forms
        )
        most = max(forms, key=forms.__getitem__, default=0)
        return urls.article(space, number).forms[most]


def _location(look: Look) -> str | None:
    location = look.header("location") if look.status in REDIRECTS else None
    return urls.resolve(location, look.asked) if location else None


def _known_article(era: Era, language: str) -> list[str]:
    space, _, number = era.known.partition(":")
    if language != newspaper.LANGUAGES[0]:
        return []
    known = urls.article(space, int(number), era.day)
    return [known.forms[min(era.form, len(known.forms) - 1)]]


def _words(error: BaseException) -> str:
    """Say what went wrong; Scrapy passes on lists of Failures of Twisted as they are."""
    text = re.sub(r"\[?<twisted\.python\.failure\.Failure [\w.]+: (.*?)>\]?", r"\1", str(error))
    return text or type(error).__name__


def _is_challenge(look: Look) -> bool:
    return look.page is not None and look.page.kind is PageKind.CHALLENGE
