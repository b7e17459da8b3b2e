"""What a run says of itself while it goes on and when it ends: the stats that its scheduler counts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from observer_crawler.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.statscollectors import StatsCollector

    from observer_crawler.ledger import Found, Ledger

# Settlements from one look at which days can be closed to the next: one looks at all open ones.
_LOOK_AT_DAYS = 1_000


class Counts:
    """The stats of one run."""

    def __init__(self, stats: StatsCollector, ledger: Ledger) -> None:
        self._stats = stats
        self._ledger = ledger

    def settled(self, now: float, requisite: str, *, has_failed: bool) -> None:
        """Count a settlement, and close the days that can be now and then.

        `requisite` is the state that one came to, empty for a page.
        """
        self._stats.inc_value("observer/settled")
        if requisite:
            self._stats.inc_value(f"observer/requisites/{requisite}")
        if has_failed:
            self._stats.inc_value("observer/failed_now")
        if self._stats.get_value("observer/settled") % _LOOK_AT_DAYS == 0:
            self._ledger.days.close(now)

    def found(self, new: Iterable[Found]) -> None:
        """Count the articles that were news."""
        for box, count in Counter(link.box for link in new if link.kind == "article").items():
            self._stats.inc_value(f"observer/found/{box}", count)
        waiting = self._ledger.states().get(State.WAITING, 0)
        self._stats.set_value("observer/addresses/waiting", waiting)

    def left(self, now: float) -> None:
        """Count what is left at the end."""
        due, later = self._ledger.left(now)
        self._stats.set_value("observer/left", due)
        self._stats.set_value("observer/later", later)
        for state, count in self._ledger.states().items():
            self._stats.set_value(f"observer/addresses/{state}", count)

    def say(self, word: str, detail: str) -> None:
        """Say why the run ends early."""
        self._stats.set_value("observer/ending", word)
        self._stats.set_value("observer/ending_detail", detail)
