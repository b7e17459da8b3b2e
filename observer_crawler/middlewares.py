"""What every request passes: an introduction, robots.txt, the clock.

Thin components over Scrapy. ObeyRobots closes a leak of Scrapy 2.14 to 2.19; tests/
test_middlewares.py shows the leak in the plain component and fails on the day it is mended.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from observer_crawler import urls
from observer_crawler.exceptions import NoContact, RobotsForbids, RobotsUnreachable

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.robotstxt import RobotParser
    from scrapy.statscollectors import StatsCollector

# RFC 9309, 2.3.1.2: at least five redirects are followed.
MAX_ROBOTS_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}


class Unnamed(NoContact, IgnoreRequest):
    """What Scrapy understands of NoContact: the request is ignored, its errback called."""


class Forbidden(RobotsForbids, IgnoreRequest):
    """What Scrapy understands of RobotsForbids."""


class Closed(RobotsUnreachable, IgnoreRequest):
    """What Scrapy understands of RobotsUnreachable."""


class Introduce:
    """Say who asks, with a contact, in User-Agent and From."""

    def __init__(self, user_agent: str, contact: str) -> None:
        """`contact` is a mail or web address, or empty for a crawl of this machine."""
        self._contact = contact
        self._user_agent = f"{user_agent} (+{contact})" if contact else user_agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(settings["USER_AGENT"], settings.get("OBSERVER_CONTACT") or "")

    def process_request(self, request: Request) -> None:
        if self._contact:
            request.headers["From"] = self._contact
        elif not urls.is_loopback(request.url):
            raise Unnamed(
                f"OBSERVER_CONTACT is not set: a mail or web address is needed to ask {request.url}"
            )
        request.headers["User-Agent"] = self._user_agent


class ObeyRobots(RobotsTxtMiddleware):
    """Scrapy's own, with its leak closed and its answers to trouble as RFC 9309 has them.

    While robots.txt is under way, Scrapy lets all who wait for it share one Deferred, whose
    result the first of them turns into None, "no rules": 10 of 12 disallowed addresses were
    fetched. A lock for each host makes the others wait until the rules are there.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._unreadable: dict[str, str] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        host = urlparse_cached(request).netloc
        async with self._locks[host]:
            parser = await super().robot_parser(request)
        if trouble := self._unreadable.get(host):
            raise Closed(f"robots.txt of {host}: {trouble}")
        return parser

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as err:
            raise Forbidden(f"robots.txt forbids {request.url}") from err

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        """Follow redirects, take 5xx and 429 for a closed door, other errors for no rules."""
        for _ in range(MAX_ROBOTS_REDIRECTS):
            if response.status not in _REDIRECTS:
                break
            response = await self._next_hop(response)
        if _is_closed(response.status):
            self._unreadable[netloc] = f"answered {response.status}"
        elif response.status in _REDIRECTS:
            self._unreadable[netloc] = "redirects more than five times"
        elif response.status >= HTTPStatus.BAD_REQUEST:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    async def _next_hop(self, response: Response) -> Response:
        location = (response.headers.get("Location") or b"").decode("latin-1")
        hop = Request(
            urljoin(response.url, location),
            priority=self.DOWNLOAD_PRIORITY,
            meta={"dont_obey_robotstxt": True},
            callback=NO_CALLBACK,
        )
        return await self.crawler.engine.download_async(hop)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        why = str(exc) or type(exc).__name__
        self._unreadable[netloc] = why
        super()._robots_error(exc, netloc)


def _is_closed(status: int) -> bool:
    """Whether an answer means that rules may stand there and cannot be read now."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


class FetchTime:
    """The one place that reads the clock: when an answer came, in `meta["fetched_at"]`, UTC."""

    def __init__(self, stats: StatsCollector, start: dt.datetime | None) -> None:
        """`start` stands for the moment of the start, for tests; None is the real clock."""
        self._stats = stats
        self._ahead = start - dt.datetime.now(dt.UTC) if start else dt.timedelta(0)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        text = crawler.settings.get("OBSERVER_NOW")
        return cls(crawler.stats, dt.datetime.fromisoformat(text) if text else None)

    def process_request(self, request: Request) -> None:
        """Count what goes out: each is one line in the site's access log."""
        self._stats.inc_value("observer/requests")

    def process_response(self, request: Request, response: Response) -> Response:
        now = dt.datetime.now(dt.UTC) + self._ahead
        request.meta["fetched_at"] = now.isoformat(timespec="microseconds")
        return response
