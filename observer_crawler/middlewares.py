"""What every request passes beside robots.txt: an introduction, a pace.

Thin components over Scrapy; what robots.txt needs, and what stands next to the wire, have files of
their own.
"""

from __future__ import annotations

import datetime as dt
import logging
import zlib
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached

from observer_crawler import urls
from observer_crawler.archives import Limits
from observer_crawler.clock import Clock
from observer_crawler.exceptions import AskedToWait, NoContact
from observer_crawler.gates import Notes
from observer_crawler.pace import MOST_PAUSE, MOST_RULED, Pace, retry_after
from observer_crawler.wire import OF_INDEX, books_of

if TYPE_CHECKING:
    from typing import Self

    from scrapy.core.downloader import Downloader
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import ProtegoRobotParser

    from observer_crawler.archives import Source

logger = logging.getLogger(__name__)

# What the ledger keeps for the next run: until when, in seconds since 1970, the site wants to be
# left alone, and the delay in seconds that its robots.txt asks for.
PAUSE_NOTE = "pause_until"
RULED_NOTE = "ruled_delay"
# Seconds. A shorter pause is over before another process could break it.
LONG_PAUSE = 60.0
_SLOW_DOWN = {429, 503}
_GONE = {404, 410}
_GZIP = b"\x1f\x8b"
_AT_ONCE = 1 << 20  # bytes unpacked and held


class Unnamed(NoContact, IgnoreRequest):
    """What Scrapy understands of NoContact: the request is ignored, its errback called."""


class Paused(AskedToWait, IgnoreRequest):
    """What Scrapy understands of AskedToWait."""


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


class KeepPace:
    """One pace for each host, from its robots.txt and its answers 429 and 503.

    It sets the delay of Scrapy's own slot, so that all that goes out keeps to it: robots.txt,
    retries, and what waits in the slot already. It listens to two signals of the downloader for
    their moments: a request that has reached a slot has not passed it yet, and an answer is told
    of before the slot lets the next request go, while a middleware hears of it afterwards.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._clock = Clock(settings.get("OBSERVER_NOW") or "")
        spider: Any = crawler.spider
        self._limits: Limits = getattr(spider, "limits", Limits())
        self._source: Source | None = getattr(spider, "source", None)
        self._base = max(settings.getfloat("DOWNLOAD_DELAY"), self._limits.delay)
        self._longest = settings.getfloat("OBSERVER_WAIT_SECONDS")
        self._agent = settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]
        self._paces: dict[str, Pace] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler)
        crawler.signals.connect(self._reached, signals.request_reached_downloader)
        crawler.signals.connect(self._answered, signals.response_downloaded)
        crawler.signals.connect(self._ruled, signals.robots_parsed)
        return self

    def process_request(self, request: Request) -> None:
        """Hold what may not go out for longer than a run stays; the slot holds the rest."""
        left = self._pace_of(request).paused_until - monotonic()
        if left > self._longest:
            until = self._clock.now() + dt.timedelta(seconds=left)
            host = urlparse_cached(request).netloc
            raise Paused(f"{host} asked us to wait until {until:%Y-%m-%d %H:%M} UTC")

    def _pace_of(self, request: Request) -> Pace:
        host = self._downloader.get_slot_key(request)
        if host not in self._paces:
            self._paces[host] = self._begin()
        return self._paces[host]

    def _begin(self) -> Pace:
        """Go on at the pace, and in the pause, that the run before this one was asked for."""
        pace = Pace(self._base, monotonic())
        # A note of an older version may be any number; the rules are read again first of all.
        pace.rules(min(float(self._noted(RULED_NOTE)), MOST_RULED), None)
        pace.hold(monotonic() + pace.delay)
        left = float(self._noted(PAUSE_NOTE)) - self._clock.seconds()
        pace.pause(monotonic() + min(left, MOST_PAUSE))
        return pace

    def _noted(self, key: str) -> str:
        notes = self._notes()
        return (notes.noted(key) if notes else None) or "0"

    def _note(self, key: str, seconds: float) -> None:
        notes = self._notes()
        if notes and float(self._noted(key)) != seconds:
            notes.note(key, str(seconds) if seconds else "")

    def _notes(self) -> Notes | None:
        books = books_of(self._crawler)
        return Notes(books.ledger, self._source) if books else None

    def _reached(self, request: Request) -> None:
        """Set the slot so that nothing leaves it before the pace allows it."""
        pace = self._pace_of(request)
        slot = self._downloader.slots[self._downloader.get_slot_key(request)]
        slot.delay = pace.delay
        if not pace.is_usual:
            slot.jitter = 0.0  # it would undercut what the site asked for
        slot.lastseen = max(slot.lastseen, pace.not_before - pace.delay)
        if self._source:
            slot.concurrency = 1  # an archive allows one connection

    def _answered(self, request: Request, response: Response) -> None:
        pace = self._pace_of(request)
        if response.status in _SLOW_DOWN:
            header = response.headers.get("Retry-After")
            seconds = retry_after(header, self._clock.seconds())
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                seconds = max(seconds or 0.0, self._limits.after_refusal)
            pace.trouble(monotonic(), seconds)
            self._say(request, f"answered {response.status}", pace)
        elif response.status < HTTPStatus.BAD_REQUEST or response.status in _GONE:
            pace.answer()
        self._leave_alone(request, pace)
        self._reached(request)

    def _leave_alone(self, request: Request, pace: Pace) -> None:
        """After a page of an archive's index nothing goes out for a while."""
        if request.meta.get(OF_INDEX):
            pace.hold(monotonic() + self._limits.after_index)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Take a refused connection of an archive for a refusal: it shuts out whoever goes on."""
        if self._source is None or isinstance(exception, IgnoreRequest):
            return  # the newspaper, or a request that has not gone out
        pace = self._pace_of(request)
        if self._limits.after_refusal and isinstance(exception, DownloadConnectionRefusedError):
            pace.trouble(monotonic(), self._limits.after_refusal)
            self._say(request, "refused the connection", pace)
        self._leave_alone(request, pace)
        self._reached(request)

    def _say(self, request: Request, what: str, pace: Pace) -> None:
        """Say that the site is in trouble, and keep a long pause for whoever comes after us."""
        host, now = urlparse_cached(request).netloc, monotonic()
        logger.info(
            "%s %s: nothing for %.1f s, then %.1f s apart",
            host,
            what,
            pace.not_before - now,
            pace.delay,
        )
        left = pace.paused_until - now
        until = self._clock.seconds() + left
        if left > self._longest:
            request.meta["pause_until"] = until
        if left > LONG_PAUSE:
            self._note(PAUSE_NOTE, max(until, float(self._noted(PAUSE_NOTE))))

    def _ruled(self, robotparser: ProtegoRobotParser, request: Request) -> None:
        """Take the Crawl-delay and the Request-rate of new rules, at any hour of the day."""
        pace = self._pace_of(request)
        rate = robotparser.rp.request_rate(self._agent)
        pace.rules(robotparser.crawl_delay(self._agent), rate and rate.seconds / rate.requests)
        self._note(RULED_NOTE, 0.0 if pace.ruled == self._base else pace.ruled)
        self._reached(request)

    @property
    def _downloader(self) -> Downloader:
        return self._crawler.engine.downloader


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
        member, rest = zlib.decompressobj(zlib.MAX_WBITS | 16), packed
        try:
            while rest and not member.eof:
                member.decompress(rest, _AT_ONCE)  # thrown away: it may be a bomb
                rest = member.unconsumed_tail
        except zlib.error:
            return False
        if not member.eof:
            return False
        packed = member.unused_data
    return True
