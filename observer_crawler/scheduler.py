"""Scrapy's scheduler over the ledger: it leases, it alone builds Requests, it settles.

One hop is one lease is one settlement. A page is settled when the fate of its article is known,
which Scrapy tells by signal after the callback has ended; every other fate comes through the
spider's callback or errback. A Request from elsewhere stays in memory and touches no ledger.
Knows no address and no page: the spider turns a leased form into the address to ask.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.defer import deferred_from_coro

from observer_crawler.exceptions import StoreError
from observer_crawler.ledger import MemoryLedger, Outcome, Patience, State, Visit

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.exceptions import DropItem
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from observer_crawler.ledger import Found

logger = logging.getLogger(__name__)

# Refusals of the site in a row (challenge, 401, 403) after which the run ends: three could be
# three bad addresses, five in a row are a closed door.
MAX_DENIALS = 5
# Addresses in a row that got no answer at all, after which the run ends as offline.
MAX_UNANSWERED = 10
# First tries in a row that brought an error (500, 503, 429): nobody is helped by asking a site in
# trouble for everything. A single page that fails now and then was seen; ten are no hiccup.
MAX_ERRORS = 10


class LedgerScheduler(BaseScheduler):
    """Serves requests from a small buffer; at most twice the concurrency is leased."""

    def __init__(self, crawler: Crawler, ledger: MemoryLedger, *, wait_seconds: float) -> None:
        """`wait_seconds`: how long a run with nothing else to do stays for a retry."""
        self._crawler = crawler
        self._stats = crawler.stats
        self._ledger = ledger
        self._wait_seconds = wait_seconds
        concurrency = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._most = 2 * (concurrency or crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        self._foreign: deque[Request] = deque()
        self._buffer: deque[Visit] = deque()
        self._leased: set[Visit] = set()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._filling = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._limit: int | None = None
        self._stored = 0
        self._row: Counter[str] = Counter()
        self._closing = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        patience = Patience(
            attempts=settings.getint("OBSERVER_RETRY_ATTEMPTS"),
            first_seconds=settings.getfloat("OBSERVER_RETRY_SECONDS"),
            longest_seconds=settings.getfloat("OBSERVER_WAIT_SECONDS"),
        )
        wait_seconds = settings.getfloat("OBSERVER_WAIT_SECONDS")
        self = cls(crawler, MemoryLedger(patience), wait_seconds=wait_seconds)
        crawler.signals.connect(self._item_scraped, signals.item_scraped)
        crawler.signals.connect(self._item_dropped, signals.item_dropped)
        crawler.signals.connect(self._item_error, signals.item_error)
        crawler.signals.connect(self._spider_error, signals.spider_error)
        return self

    def open(self, spider: Spider) -> Deferred[None]:
        self._limit = getattr(spider, "max_articles", None)
        return deferred_from_coro(self._open(spider.seeds()))  # type: ignore[attr-defined]

    def close(self, reason: str) -> Deferred[None]:
        return deferred_from_coro(self._close())

    def has_pending_requests(self) -> bool:
        return bool(self._foreign or self._buffer or self._tasks or self._timer)

    def enqueue_request(self, request: Request) -> bool:
        self._foreign.append(request)
        return True

    def next_request(self) -> Request | None:
        if self._foreign:
            return self._foreign.popleft()
        return self._request(self._buffer.popleft()) if self._buffer else None

    def _request(self, visit: Visit) -> Request:
        spider: Any = self._crawler.spider
        return Request(
            spider.to_site(visit.lease.url),
            callback=spider.parse,
            errback=spider.failed,
            meta={"visit": visit},
        )

    async def _open(self, seeds: Iterable[Found]) -> None:
        self._count(await self._ledger.enter(seeds))
        await self._fill()

    async def _close(self) -> None:
        """Give back what was leased and not used, and say how the books stand."""
        self._closing = True
        if self._timer:
            self._timer.cancel()
        while self._leased:
            await self._ledger.release(self._leased.pop().lease)
        for state, count in self._ledger.states().items():
            self._stats.set_value(f"observer/addresses/{state}", count)

    async def _fill(self) -> None:
        """Lease up to twice the concurrency, never more than may still be stored."""
        async with self._filling:
            room = self._most - len(self._leased)
            if self._limit is not None:
                room = min(room, self._limit - self._stored - len(self._leased))
            if self._closing or room <= 0:
                return
            now = time.time()
            for lease in await self._ledger.lease(room, now):
                visit = Visit(lease, self.settle)
                self._leased.add(visit)
                self._buffer.append(visit)
            self._wait_for_retry(now)

    def _wait_for_retry(self, now: float) -> None:
        """Stay for the next retry when it is due soon."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = self._ledger.next_due()
        if due is not None and due - now <= self._wait_seconds:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(due - now, 0), self._retry)

    def _retry(self) -> None:
        self._timer = None
        self._later(self._fill())

    async def settle(self, visit: Visit, outcome: Outcome) -> None:
        """Hand a page's outcome and links to the ledger; a ledger that fails ends the run."""
        if visit not in self._leased:
            return
        self._leased.discard(visit)
        try:
            settled = await self._ledger.settle(visit.lease, outcome, time.time())
        except (StoreError, OSError) as err:
            self._end("ledger", str(err))
            return
        self._count(settled.new)
        level = logging.WARNING if settled.state is State.FAILED else logging.DEBUG
        name, url = visit.lease.name, visit.lease.url
        logger.log(level, "%s is %s (%s) %s", name, settled.state, outcome.reason, url)
        self._watch(outcome, is_first=not visit.lease.attempts)
        await self._fill()

    def _count(self, new: Iterable[Found]) -> None:
        for box, count in Counter(link.box for link in new if link.kind == "article").items():
            self._stats.inc_value(f"observer/found/{box}", count)
        waiting = self._ledger.states().get(State.WAITING, 0)
        self._stats.set_value("observer/addresses/waiting", waiting)

    def _watch(self, outcome: Outcome, *, is_first: bool) -> None:
        """End a run that the site refuses, that nobody answers, or that meets errors only."""
        if outcome.state is State.DENIED and outcome.reason == "robots":
            return
        is_error = outcome.state is State.WAITING and not outcome.unanswered
        if is_error and not is_first:
            return
        trouble = "unanswered" if outcome.unanswered else outcome.state
        self._row = Counter({trouble: self._row[trouble] + 1})
        if outcome.ends:
            self._end(outcome.ends, outcome.reason)
        elif self._row["unanswered"] >= MAX_UNANSWERED:
            self._end("offline", outcome.reason)
        elif self._row[State.WAITING] >= MAX_ERRORS:
            self._end("trouble", outcome.reason)
        elif self._row[State.DENIED] >= MAX_DENIALS:
            self._end("refused", outcome.reason)

    async def _item_scraped(self, item: object, response: Response) -> None:
        self._stored += 1
        await self._settle_article(response, None)
        if self._stored == self._limit:
            self._stats.set_value("observer/ending", "limit")

    async def _item_dropped(self, item: object, response: Response, exception: DropItem) -> None:
        """A second copy is as good as stored; what else is dropped was refused."""
        reason = getattr(exception, "reason", type(exception).__name__)
        fate = None if reason == "duplicate" else (State.REFUSED, reason)
        await self._settle_article(response, fate)

    async def _item_error(self, item: object, response: Response, failure: Failure) -> None:
        """A store that fails ends the run at the first line; its address stays as it was."""
        error = failure.value
        if isinstance(error, StoreError | OSError):
            self._end("store", str(error))
            return
        await self._settle_article(response, (State.FAILED, type(error).__name__))

    async def _settle_article(
        self, response: Response | None, fate: tuple[State, str] | None
    ) -> None:
        visit = _visit_of(response)
        if visit is None or visit.outcome is None:
            return
        state, reason = fate or (visit.outcome.state, visit.outcome.reason)
        await self.settle(visit, Outcome(state, reason, visit.outcome.links))

    def _spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """A callback that raises is a fault of ours: no second try would mend it."""
        if visit := _visit_of(response):
            error = type(failure.value).__name__
            self._later(self.settle(visit, Outcome(State.FAILED, error)))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what a signal or a timer cannot wait for, and wake the engine afterwards."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        slot = self._crawler.engine._slot  # noqa: SLF001 (no public way; the heartbeat takes 5 s)
        if slot is not None:
            slot.nextcall.schedule()

    def _end(self, why: str, detail: str) -> None:
        """End the run at the first fatal trouble. The engine waits for pages under way."""
        if self._closing:
            return
        self._closing = True
        self._buffer.clear()
        self._stats.set_value("observer/ending", why)
        self._stats.set_value("observer/ending_detail", detail)
        self._later(self._crawler.engine.close_spider_async(reason=why))


def _visit_of(response: Response | Failure | None) -> Visit | None:
    """Give the visit that a response belongs to; None for what did not come from the ledger."""
    request = getattr(response, "request", None)
    return request.meta.get("visit") if request is not None else None
