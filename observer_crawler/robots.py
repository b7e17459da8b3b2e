"""robots.txt: read before anything else of a host, read again in time, obeyed by every request.

ObeyRobots takes the place of Scrapy's own component and closes a leak of Scrapy 2.14 to 2.19;
tests/test_middlewares.py shows the leak in the plain component and fails on the day it is mended.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from observer_crawler import rights, robots_text, urls
from observer_crawler import site as newspaper
from observer_crawler.clock import Clock
from observer_crawler.exceptions import (
    AskedToWait,
    NotRecorded,
    PrivateAddress,
    RobotsForbids,
    RobotsUnreachable,
    in_words,
)
from observer_crawler.ledger import Signal
from observer_crawler.ledger.signals import ROBOTS
from observer_crawler.pace import MOST_RULED
from observer_crawler.wire import books_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

logger = logging.getLogger(__name__)

# RFC 9309, 2.3.1.2: at least five redirects are followed.
MAX_REDIRECTS = 5
# Seconds from one reading after a refusal to the next: else each 403 would cost two requests.
DOUBT_SECONDS = 60.0
# What could not be read is tried again after so many delays, at least a second: three seconds at
# the usual pace, in which all that asks shares the failure.
_PATIENCE = 3
_SHORTEST_PATIENCE = 1.0

_REDIRECTS = {301, 302, 303, 307, 308}
_REFUSALS = {401, 403, 429}
_SUCCESS = 2
# One of each kind of page that a crawl asks for, in all its forms: who allows none allows nothing.
_SAMPLES = (
    *urls.front().forms,
    *urls.listing(1).forms,
    *urls.listing(1, 2).forms,
    *urls.day(newspaper.KNOWN_DAY).forms,
    *urls.article(newspaper.SPACES[newspaper.LANGUAGES[0]], 1).forms,
)
_NOTHING = b"User-agent: *\nDisallow: /"
# How a download ends below HTTP ...
_BELOW_HTTP = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    OSError,
)
# ... and how else it brings nothing to read.
_NOTHING_TO_READ = (
    DownloadCancelledError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)


class Forbidden(RobotsForbids, IgnoreRequest):
    """What Scrapy understands of RobotsForbids."""


class Closed(RobotsUnreachable, IgnoreRequest):
    """What Scrapy understands of RobotsUnreachable."""


@dataclass(slots=True)
class _Host:
    """What was read of one host, and when, in seconds since 1970."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: ProtegoRobotParser | Closed | None = None
    read_at: float = 0.0
    is_doubted: bool = False
    doubt_read_at: float = float("-inf")

    def is_due(self, now: float, period: float, patience: float) -> bool:
        """Whether it is time to read; a clock that was set back makes it so too."""
        lasts = patience if isinstance(self.rules, Closed) else period
        if self.rules is None or not 0 <= now - self.read_at < lasts:
            return True
        return self.is_doubted and not 0 <= now - self.doubt_read_at < DOUBT_SECONDS

    def take(self, rules: ProtegoRobotParser | Closed, now: float) -> None:
        """Keep what was read."""
        if self.is_doubted:
            self.doubt_read_at = now
        self.rules, self.read_at, self.is_doubted = rules, now, False


class ObeyRobots(RobotsTxtMiddleware):
    """Scrapy's own, with its leak closed, its memory bounded, and trouble met as RFC 9309 has it.

    While robots.txt is under way, Scrapy lets all who wait for it share one Deferred, whose
    result the first of them turns into None, "no rules": 10 of 12 disallowed addresses were
    fetched. A lock for each host makes the others wait until the rules are there.

    Scrapy reads once per process. Here the rules are read again when they are OBSERVER_ROBOTS_HOURS
    old, and when the host has refused a page: perhaps it has just said so there too.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._agent: str = self._robotstxt_useragent or self._default_useragent
        self._clock = Clock()
        self._period = crawler.settings.getfloat("OBSERVER_ROBOTS_HOURS") * 3600
        patience = _PATIENCE * crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._patience = max(patience, _SHORTEST_PATIENCE)
        self._hosts: defaultdict[str, _Host] = defaultdict(_Host)

    async def robot_parser(self, request: Request) -> ProtegoRobotParser:
        """Give the rules in force; raises Closed while they cannot be read."""
        name = urlparse_cached(request).netloc
        host = self._hosts[name]
        async with host.lock:
            if host.is_due(self._clock.seconds(), self._period, self._patience):
                host.take(await self._read(request, name), self._clock.seconds())
            rules = host.rules
        if isinstance(rules, Closed):
            raise Closed(str(rules), unanswered=rules.unanswered, is_private=rules.is_private)
        assert rules is not None  # noqa: S101 (None is due)
        return rules

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as err:
            is_all = rp is not None and self._forbids_all(rp, request)
            raise Forbidden(f"robots.txt forbids {request.url}", is_all=is_all) from err

    def _forbids_all(self, rules: RobotParser, request: Request) -> bool:
        here = urls.origin_of(request.url)
        return not any(rules.allowed(urls.to_site(form, here), self._agent) for form in _SAMPLES)

    def process_response(self, request: Request, response: Response) -> Response:
        """Doubt the rules of a host that refuses."""
        if response.status in _REFUSALS and not request.meta.get("dont_obey_robotstxt"):
            self._hosts[urlparse_cached(request).netloc].is_doubted = True
        return response

    async def _read(self, request: Request, host: str) -> ProtegoRobotParser | Closed:
        """Read the rules of a host, following redirects; 4xx means there are none."""
        url = urljoin(request.url, "/robots.txt")
        for _ in range(MAX_REDIRECTS + 1):
            try:
                response = await self._ask(url)
            except AskedToWait:
                raise
            except NotRecorded:
                return await self._parsed(Response(url, status=404), request, host)
            except (*_BELOW_HTTP, *_NOTHING_TO_READ) as err:
                return _closed(host, err)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                return await self._parsed(response, request, host)
            there = urls.resolve(location.decode("latin-1"), url)
            if there is None:  # such as file: or data:, which Scrapy would read
                return Closed(f"robots.txt of {host} redirects to {location!r}")
            url = there
        return Closed(f"robots.txt of {host} redirects more than {MAX_REDIRECTS} times")

    async def _ask(self, url: str) -> Response:
        self._stats.inc_value("robotstxt/request_count")
        meta = {"dont_obey_robotstxt": True, "dont_redirect": True}
        request = Request(
            url, priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK, dont_filter=True
        )
        return await self.crawler.engine.download_async(request)

    def _rules(self, body: bytes) -> ProtegoRobotParser:
        text = robots_text.plain(body, self._agent)
        return ProtegoRobotParser.from_crawler(self.crawler, text)

    def _note(self, response: Response, host: str) -> None:
        """Let the ledger know what it says of the training of AI, that it says nothing too.

        That of a web archive speaks of the archive's own pages.
        """
        books = books_of(self.crawler)
        asked = rights.of_robots(response.status, response.body)
        is_read = response.request is not None and "fetched_at" in response.meta
        of_archive = getattr(self.crawler.spider, "source", None) is not None
        if books is None or asked is None or not is_read or of_archive:
            return
        at = response.meta["fetched_at"]
        signal = Signal(host.lower(), ROBOTS, asked.says, asked.words)
        books.ledger.signals.note(signal, rights.day_of(at), at)

    def _asks_for_peace(self, rules: ProtegoRobotParser) -> float:
        """Give the delay that is no pace any more, 0.0 for any other."""
        rate = rules.rp.request_rate(self._agent)
        longest = max(
            rules.crawl_delay(self._agent) or 0.0, rate.seconds / rate.requests if rate else 0.0
        )
        return longest if longest > MOST_RULED else 0.0

    async def _parsed(
        self, response: Response, request: Request, host: str
    ) -> ProtegoRobotParser | Closed:
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if _is_closed(response.status):
            return Closed(f"robots.txt of {host} answered {response.status}")
        body = response.body if response.status // 100 == _SUCCESS else b""
        known = self._hosts[host].rules
        if robots_text.is_page(body) and known is not None and not isinstance(known, Closed):
            logger.warning("robots.txt of %s is a page now: its rules stay as they were", host)
            return known
        self._note(response, host)
        rules = self._rules(body)
        if seconds := self._asks_for_peace(rules):
            logger.warning(
                "robots.txt of %s wants %.0f s from one request to the next: nothing is asked",
                *(host, seconds),
            )
            rules = self._rules(_NOTHING)
        await self.crawler.signals.send_catch_log_async(
            signals.robots_parsed, robotparser=rules, request=request
        )
        return rules


def _closed(host: str, error: Exception) -> Closed:
    """Say why nothing could be read."""
    if isinstance(error, PrivateAddress):
        return Closed(f"robots.txt of {host}: {error}", is_private=True)
    if isinstance(error, _BELOW_HTTP):
        return Closed(f"{host} cannot be reached ({in_words(error)})", unanswered=True)
    return Closed(f"robots.txt of {host} cannot be read ({in_words(error)})")


def _is_closed(status: int) -> bool:
    """Whether rules may stand there that cannot be read now (RFC 9309, 2.3.1.4)."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
