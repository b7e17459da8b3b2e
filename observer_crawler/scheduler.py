"""Scrapy's scheduler over the ledger: it leases, it alone builds Requests, it settles.

One hop is one lease is one settlement. A page is settled when the fate of its article is known
(see fates.py); every other fate comes through the spider's callback or errback. A Request from
elsewhere stays in memory. Knows no address: the spider turns a leased form into the one to ask.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler
from scrapy.utils.defer import deferred_from_coro

from observer_crawler import exclude
from observer_crawler.counts import Counts
from observer_crawler.exceptions import LedgerError
from observer_crawler.fates import Fates
from observer_crawler.gates import Gates
from observer_crawler.ledger import REQUISITE, Outcome, State, Visit
from observer_crawler.limit import Limit
from observer_crawler.trouble import Trouble, Verdict

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

    from observer_crawler.books import Books
    from observer_crawler.ledger import Lease

logger = logging.getLogger(__name__)

# Seeds that enter in one transaction: a run may name all numbers there are, 600,000 of them.
_SEEDS = 5_000


class LedgerScheduler(BaseScheduler):
    """Serves requests from a small buffer; at most twice the concurrency is leased."""

    def __init__(self, crawler: Crawler, gates: Gates) -> None:
        """`gates` say when nothing may be asked."""
        self._crawler = crawler
        self._stats = crawler.stats
        self._spider = _spider_of(crawler)
        self._books: Books = self._spider.books
        self._ledger = self._books.ledger
        self._clock = self._books.clock
        self._gates = gates
        most = crawler.settings.getint
        concurrency = most("CONCURRENT_REQUESTS") or most("CONCURRENT_REQUESTS_PER_DOMAIN")
        # Of an archive one: a capture that is leased beside the index may not be the newest.
        self._most = 1 if self._spider.source else 2 * concurrency
        self._least = concurrency // 2  # visits in the buffer, when more are leased at once
        self._wait_seconds = crawler.settings.getfloat("OBSERVER_WAIT_SECONDS")
        self._foreign, self._buffer = deque[Request](), deque[Visit]()
        self._leased, self._tasks = set[Visit](), set[asyncio.Future[Any]]()
        self._filling = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._limit = Limit(self._spider.max_articles)
        self._trouble, self._counts = Trouble(), Counts(self._stats, self._ledger)
        self._closing = self._is_open = False
        self._fates = Fates(self, self._books)  # kept here: signals hold their listeners weakly

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise ConfigurationError for a line of exclude.txt that cannot be read."""
        spider = _spider_of(crawler)
        spider.excluded = exclude.read(Path(crawler.settings["OBSERVER_DATA"]) / exclude.FILE)
        self = cls(crawler, Gates.of(crawler.settings, spider.books.ledger, spider.source))
        self._fates.listen(crawler.signals)
        return self

    def open(self, spider: Spider) -> Deferred[None]:
        return deferred_from_coro(self._guarded(self._open()))

    def close(self, reason: str) -> Deferred[None]:
        return deferred_from_coro(self._guarded(self._close()))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Say in one line that the ledger cannot be used; of a start or an end Scrapy shows more."""
        try:
            await work
        except (LedgerError, OSError) as err:
            self._closing = True
            self._counts.say("ledger", str(err))

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
        lease = visit.lease
        # A list that has not changed must be read all the same: its links may not be known yet.
        is_stored = lease.state is State.STORED
        known = {"If-None-Match": lease.etag, "If-Modified-Since": lease.last_modified}
        validators = {name: value for name, value in known.items() if value and is_stored}
        return Request(
            self._spider.to_site(lease.url),
            callback=self._spider.parse,
            errback=self._spider.failed,
            headers={**validators, **self._spider.headers(lease)},
            meta={"visit": visit, **self._spider.meta(lease)},
        )

    async def _open(self) -> None:
        """Begin the run: what a dead process had leased falls, what is known is wished for."""
        now = self._clock.seconds()
        fallen = self._ledger.begin(self._spider.scope(), now)
        self._stats.set_value("observer/leases/fallen", fallen)
        if why := self._gates.refused(now):
            self._closing = True
            self._counts.say("refused", why)
            return
        for wish in self._spider.wishes():
            self._ledger.wish(wish, now)
        seeds = iter(self._spider.seeds())
        while batch := list(islice(seeds, _SEEDS)):
            self._counts.found(await self._ledger.enter(batch, now))
        self._spider.begun(now)
        await self._fill()
        self._is_open = True

    async def _close(self) -> None:
        """Give back what was leased and not used, and say how the books stand."""
        self._closing = True
        self._sleep(None)
        now = self._clock.seconds()
        while self._leased:
            await self._ledger.release(self._leased.pop().lease)
        self._ledger.requests = self._requests()
        self._gates.keep(now, self._requests())
        self._ledger.days.close(now)
        self._ledger.finish_rebuild()
        self._ledger.finish_round(now)
        self._counts.left(now)

    def _requests(self) -> int:
        return int(self._stats.get_value("observer/requests", 0))

    async def _fill(self) -> None:
        """Lease up to twice the concurrency, never more than may still be stored or asked."""
        async with self._filling:
            now = self._clock.seconds()
            gate = self._gates.look(now, self._requests())
            if gate.ends and not self._closing:
                self.end(gate.ends, gate.why)
            if self._closing:
                return
            room = self._limit.room(min(self._most, gate.room), len(self._leased))
            # Without room, the settlement that makes some looks again: a timer would only spin.
            wait, why = None, ""
            if gate.seconds:
                until = now + gate.seconds + self._wait_seconds
                due, _ = self._ledger.left(until, self._limit.least_rank)
                if due:
                    wait, why = gate.seconds, gate.why
            elif room > 0 and len(self._buffer) <= self._least:
                await self._lease(room, now)
                wait = self._until_next(now)
                why = "" if self._leased or not wait else "waits for a retry"
            self._stats.set_value("observer/holding", why)
            if self._limit.is_reached and wait is None and not self._leased:
                self._stats.set_value("observer/ending", "limit")
            self._sleep(wait)

    async def _lease(self, room: int, now: float) -> None:
        """Fill the buffer; what is excluded, or need not be asked, is settled without a request."""
        rank = self._limit.least_rank
        while room > 0 and (leases := await self._ledger.lease(room, now, rank)):
            for lease in leases:
                if (outcome := self._spider.passes(lease)) is not None:
                    outcome = self._spider.settled(lease, outcome)
                    await self._ledger.settle(lease, outcome, now)
                    continue
                visit = Visit(replace(lease, url=self._spider.prefer(lease)), self.settle)
                self._leased.add(visit)
                self._buffer.append(visit)
                room -= 1

    def _until_next(self, now: float) -> float | None:
        """Give the seconds to stay for what is due soon; what is due later is another run's."""
        due: float | None = self._ledger.next_due(self._limit.least_rank)
        if due is None or due - now > self._wait_seconds:
            return None
        return max(due - now, 0.0)

    def _sleep(self, seconds: float | None) -> None:
        """Look again after a time; None: nothing to look for."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.later(self._look_again())

    async def _look_again(self) -> None:
        try:
            await self._fill()
        except (LedgerError, OSError) as err:
            self.end("ledger", str(err))

    async def settle(self, visit: Visit, outcome: Outcome) -> None:
        """Hand a page's outcome and links to the ledger; a ledger that fails ends the run."""
        if visit not in self._leased:
            return
        self._leased.discard(visit)
        lease, now = visit.lease, self._clock.seconds()
        try:
            outcome = self._spider.settled(lease, outcome)
            self._ledger.requests = self._requests()
            settled = await self._ledger.settle(lease, outcome, now)
            self._note(lease, settled.state, outcome.reason, now)
            self._counts.found(settled.new)
            await self._judge(lease, outcome, now)
            self._gates.keep(now, self._requests())
            await self._fill()
        except (LedgerError, OSError) as err:
            self.end("ledger", str(err))

    def _note(self, lease: Lease, state: State, reason: str, now: float) -> None:
        is_page = lease.kind != REQUISITE
        has_failed = is_page and State.FAILED is state is not lease.state
        self._counts.settled(now, "" if is_page else state, has_failed=has_failed)
        level = logging.WARNING if has_failed else logging.DEBUG
        logger.log(level, "%s is %s (%s) %s", lease.name, state, reason, lease.url)

    async def _judge(self, lease: Lease, outcome: Outcome, now: float) -> None:
        """Hold or end a run that the site refuses, that nobody answers, or that meets errors."""
        verdict = self._trouble.note(lease, outcome)
        if verdict is Verdict.HOLD:
            await self._go_offline(now, outcome.reason)
        elif verdict:
            if verdict is Verdict.REFUSED:
                self._gates.refuse(now)
            self.end(verdict, outcome.reason)
        elif not (self._trouble.is_silent or outcome.unanswered):
            self._gates.back(now)

    async def _go_offline(self, now: float, reason: str) -> None:
        """Give back all that has not gone out, and the attempts that told nothing of the site."""
        self._gates.silence(now, reason)
        while self._buffer:
            visit = self._buffer.pop()
            self._leased.discard(visit)
            await self._ledger.release(visit.lease)
        back = await self._ledger.forgive(self._trouble.unanswered)
        self._stats.inc_value("observer/failed_now", -back)
        self._trouble.unanswered.clear()

    def stored(self) -> None:
        """Count an article that was stored; behind the one that fills the limit no other is leased."""
        self._limit.stored += 1

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what a signal or a timer cannot wait for, and wake the engine afterwards."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        slot = self._crawler.engine._slot  # noqa: SLF001 (no public way; the heartbeat takes 5 s)
        if slot is not None:
            slot.nextcall.schedule()

    def end(self, word: str, detail: str) -> None:
        """End the run early. The engine waits for pages under way."""
        if self._closing:
            return
        self._closing = True
        self._buffer.clear()
        self._counts.say(str(word), detail)
        if self._is_open:  # else the engine is not, and ends by itself, for it has nothing to ask
            self.later(self._crawler.engine.close_spider_async(reason=str(word)))


def _spider_of(crawler: Crawler) -> Any:  # noqa: ANN401 (the spiders stand below this room)
    return crawler.spider
