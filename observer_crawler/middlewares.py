"""What every request passes: an introduction, robots.txt, the clock.

Thin components over Scrapy. ObeyRobots closes a leak of Scrapy 2.14 to 2.19; tests/
test_middlewares.py shows the leak in the plain component and fails on the day it is mended.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import zlib
from collections import defaultdict
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
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
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import build_from_crawler

from observer_crawler import urls
from observer_crawler.exceptions import NoContact, RobotsForbids, RobotsUnreachable, in_words

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)

# RFC 9309, 2.3.1.2: at least five redirects are followed.
MAX_ROBOTS_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_SUCCESS = 2
_GZIP = b"\x1f\x8b"
# How a download ends below HTTP, or before it.
NO_ANSWER = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    OSError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)


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
            reason = f"OBSERVER_CONTACT is not set: {request.url} is not asked without one"
            logger.warning("%s", reason)  # Scrapy passes over an IgnoreRequest in silence
            raise Unnamed(reason)
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
        self._rules: dict[str, RobotParser | Closed] = {}

    async def robot_parser(self, request: Request) -> RobotParser:
        host = urlparse_cached(request).netloc
        async with self._locks[host]:
            if host not in self._rules:
                self._rules[host] = await self._read(request, host)
        rules = self._rules[host]
        if isinstance(rules, Closed):
            raise Closed(str(rules))
        return rules

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as err:
            raise Forbidden(f"robots.txt forbids {request.url}") from err

    async def _read(self, request: Request, host: str) -> RobotParser | Closed:
        """Read the rules of a host, following redirects; 4xx means there are none."""
        url = urljoin(request.url, "/robots.txt")
        for _ in range(MAX_ROBOTS_REDIRECTS + 1):
            try:
                response = await self._ask(url)
            except NO_ANSWER as err:
                return Closed(f"{host} cannot be reached ({in_words(err)})")
            location = response.headers.get("Location")
            if response.status not in _REDIRECTS or location is None:
                return await self._parsed(response, request, host)
            there = urls.resolve(location.decode("latin-1"), url)
            if there is None:  # such as file: or data:, which Scrapy would read
                return Closed(f"robots.txt of {host} redirects to {location!r}")
            url = there
        return Closed(f"robots.txt of {host} redirects more than {MAX_ROBOTS_REDIRECTS} times")

    async def _ask(self, url: str) -> Response:
        self._stats.inc_value("robotstxt/request_count")
        meta = {"dont_obey_robotstxt": True, "dont_redirect": True}
        request = Request(
            url, priority=self.DOWNLOAD_PRIORITY, meta=meta, callback=NO_CALLBACK, dont_filter=True
        )
        return await self.crawler.engine.download_async(request)

    async def _parsed(
        self, response: Response, request: Request, host: str
    ) -> RobotParser | Closed:
        self._stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if _is_closed(response.status):
            return Closed(f"robots.txt of {host} answered {response.status}")
        body = response.body if response.status // 100 == _SUCCESS else b""
        rules = build_from_crawler(self._parserimpl, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(
            signals.robots_parsed, robotparser=rules, request=request
        )
        return rules


def _is_closed(status: int) -> bool:
    """Whether rules may stand there that cannot be read now (RFC 9309, 2.3.1.4)."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


class Unpack(HttpCompressionMiddleware):
    """Scrapy's own, but half a packed body is no page.

    Scrapy 2.14 to 2.19 hands on as much of a broken gzip body as it could read. Without a
    Content-Length nothing else tells that the connection was cut, and the beginning of a story
    would be stored as all of it.
    """

    def process_response(  # type: ignore[override]  # Scrapy's `spider` is not passed any more
        self, request: Request, response: Response
    ) -> Request | Response:
        packing = (response.headers.get("Content-Encoding") or b"").strip().lower()
        unpacked = super().process_response(request, response)  # takes the header away
        is_gzip = packing in {b"gzip", b"x-gzip"} and isinstance(unpacked, Response)
        if is_gzip and not _is_whole(response.body, unpacked.body):
            raise ResponseDataLossError("only a part of a gzip body came")
        return unpacked


def _is_whole(packed: bytes, body: bytes) -> bool:
    """Whether a gzip body ends in the sum and the length of its text, as RFC 1952 has it."""
    trailer = zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little")
    return packed.endswith(trailer) or _has_whole_members(packed)


def _has_whole_members(packed: bytes) -> bool:
    """Whether all members of a gzip body are whole; what stands behind the last is passed over."""
    while packed.startswith(_GZIP):
        member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            member.decompress(packed)
        except zlib.error:
            return False
        if not member.eof:
            return False
        packed = member.unused_data
    return True


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
