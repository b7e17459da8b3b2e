"""What became of an article, told by Scrapy's signals after its callback has ended.

A page is settled only then: code after `yield item` runs before the item's pipeline, and a
settlement there loses articles. Scrapy only logs an exception from a pipeline; here one of the
store or the ledger ends the run at the first line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from scrapy import signals

from observer_crawler.exceptions import LedgerError, StoreError
from observer_crawler.ledger import DAY_SECONDS, Outcome, State, Visit

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from scrapy.exceptions import DropItem
    from scrapy.http import Response
    from scrapy.signalmanager import SignalManager
    from twisted.python.failure import Failure

    from observer_crawler.books import Books


class Settler(Protocol):
    """Who hears of it: the scheduler."""

    async def settle(self, visit: Visit, outcome: Outcome) -> None: ...
    def stored(self) -> None: ...
    def later(self, work: Coroutine[Any, Any, None]) -> None: ...
    def end(self, word: str, detail: str) -> None: ...


class Fates:
    """Turns the fate of an item into the settlement of its page."""

    def __init__(self, settler: Settler, books: Books) -> None:
        self._settler = settler
        self._books = books

    def listen(self, crawl: SignalManager) -> None:
        """Hear all that Scrapy tells of items and callbacks."""
        crawl.connect(self._item_scraped, signals.item_scraped)
        crawl.connect(self._item_dropped, signals.item_dropped)
        crawl.connect(self._item_error, signals.item_error)
        crawl.connect(self._spider_error, signals.spider_error)

    async def _item_scraped(self, item: Any, response: Response) -> None:  # noqa: ANN401 (Scrapy's)
        if (visit := _visit_of(response)) is not None and visit.outcome is not None:
            outcome = replace(visit.outcome, line=self._books.kept(item.id))
            self._settler.stored()
            await self._settler.settle(visit, outcome)

    async def _item_dropped(self, item: object, response: Response, exception: DropItem) -> None:
        """A second copy is as good as stored; what else is dropped was refused."""
        reason = getattr(exception, "reason", type(exception).__name__)
        if reason == "duplicate":
            await self._settle(response)
        else:
            # A story of the day after tomorrow is right in a day; nothing else of these is.
            again = DAY_SECONDS if reason == "date_too_late" else None
            await self._settle(response, State.REFUSED, reason, again)

    async def _item_error(self, item: object, response: Response, failure: Failure) -> None:
        """A store that fails ends the run at the first line; its address stays as it was."""
        error = failure.value
        if isinstance(error, StoreError | OSError):
            self._settler.end("store", str(error))
        elif isinstance(error, LedgerError):
            self._settler.end("ledger", str(error))
        else:
            await self._settle(response, State.FAILED, type(error).__name__)

    async def _settle(
        self,
        response: Response | None,
        state: State | None = None,
        reason: str = "",
        again_seconds: float | None = None,
    ) -> None:
        visit = _visit_of(response)
        if visit is None or visit.outcome is None:
            return
        outcome = visit.outcome
        if state is not None:
            outcome = replace(outcome, state=state, reason=reason, next_seconds=again_seconds)
        await self._settler.settle(visit, outcome)

    def _spider_error(self, failure: Failure, response: Response | Failure | None) -> None:
        """A callback that raises is a fault of ours: no second try would mend it."""
        error = failure.value
        if isinstance(error, LedgerError):
            self._settler.end("ledger", str(error))
        elif visit := _visit_of(response):
            outcome = Outcome(State.FAILED, type(error).__name__)
            self._settler.later(self._settler.settle(visit, outcome))


def _visit_of(response: Response | Failure | None) -> Visit | None:
    """Give the visit that a response belongs to; None for what did not come from the ledger."""
    request = getattr(response, "request", None)
    return request.meta.get("visit") if request is not None else None
