"""The ledger of one run, kept in memory: it forgets when the process ends.

The interface is the durable one: coroutines, times given from outside, one settlement that
takes the outcome and the links of a page together. Must not know Scrapy or read a clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from observer_crawler.ledger.entries import Found, Lease, Outcome, Settled, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from observer_crawler.ledger.entries import Patience

# A page that points on more often than this is a trap; RFC 9110 leaves the number to us, and
# robots.txt gets the same (RFC 9309).
MAX_HOPS = 5


@dataclass(slots=True)
class _Entry:
    """One address. `earned` is the state that an earlier form's answer has brought it."""

    name: str
    kind: str
    url: str
    box: str
    page: str
    text: str
    depth: int
    state: State
    hops: int = 0
    attempts: int = 0
    due: float = 0.0
    reason: str = ""
    leased: bool = False
    tried: frozenset[str] = frozenset()
    earned: State | None = None


class MemoryLedger:
    """Every address of the run with its state, and the queue.

    Order of leases: by depth, within a depth as found. So the seeds come first, then what they
    show, round by round; a list and its articles advance together, and with one request at a
    time each address is met at the smallest depth it has.
    """

    def __init__(self, patience: Patience) -> None:
        """`patience` says when a failed address is tried again."""
        self._patience = patience
        self._entries: dict[str, _Entry] = {}
        self._ready: list[tuple[int, int, str]] = []
        self._later: list[tuple[float, str]] = []
        self._states: Counter[State] = Counter()
        self._pushes = 0

    async def enter(self, seeds: Iterable[Found]) -> list[Found]:
        """Take in where a run starts; gives those that were unknown."""
        return [seed for seed in seeds if self._enter(seed, "", 0)]

    async def lease(self, limit: int, now: float) -> list[Lease]:
        """Give out up to `limit` addresses that are due at `now` (seconds, any one clock)."""
        while self._later and self._later[0][0] <= now:
            self._push(self._entries[heappop(self._later)[1]])
        leases: list[Lease] = []
        while self._ready and len(leases) < limit:
            entry = self._entries[heappop(self._ready)[2]]
            if entry.state is State.WAITING and not entry.leased and entry.due <= now:
                leases.append(_lease(entry))
        return leases

    async def settle(self, lease: Lease, outcome: Outcome, now: float) -> Settled:
        """Take a lease back with what came of it, and the links of its page."""
        entry = self._entries[lease.name]
        entry.leased = False
        entry.tried |= {lease.url}
        new = [link for link in outcome.links if self._enter(link, entry.name, entry.depth + 1)]
        if outcome.to is not None and outcome.to.name == entry.name:
            self._change_form(entry, outcome.to.url, outcome)
        elif outcome.to is not None:
            new += self._point_on(entry, outcome.to)
            self._set(entry, outcome.state, outcome.reason)
        elif outcome.state is State.WAITING:
            self._try_again(entry, outcome, now)
        elif (form := _untried(entry, outcome.forms)) is not None:
            entry.earned = outcome.state
            self._go_on(entry, form, outcome.reason)
        else:
            self._set(entry, outcome.state, outcome.reason)
        return Settled(entry.state, new)

    async def release(self, lease: Lease) -> None:
        """Take a lease back unused: the address is as it was."""
        entry = self._entries[lease.name]
        entry.leased = False
        self._push(entry)

    def states(self) -> dict[State, int]:
        """How many addresses are in each state."""
        return {state: count for state, count in self._states.items() if count}

    def next_due(self) -> float | None:
        """When the next failed address may be tried again; None when none waits."""
        return self._later[0][0] if self._later else None

    def _enter(self, link: Found, page: str, depth: int, hops: int = 0) -> bool:
        """Take in one link; says whether its address was unknown."""
        entry = self._entries.get(link.name)
        if entry is not None:
            self._seen_again(entry, link, page, depth)
            return False
        state = State.WAITING if link.wanted else State.SEEN
        entry = _Entry(
            link.name, link.kind, link.url, link.box, page, link.text, depth, state, hops
        )
        self._entries[link.name] = entry
        self._states[state] += 1
        if link.wanted:
            self._push(entry)
        return True

    def _seen_again(self, entry: _Entry, link: Found, page: str, depth: int) -> None:
        """Fetch the form seen last; what was only seen waits as soon as a link wants it."""
        if entry.state is State.WAITING and not entry.leased and not entry.tried:
            entry.url = link.url
        elif entry.state is State.SEEN:
            entry.url = link.url
            if link.wanted:
                entry.box, entry.page, entry.depth = link.box, page, depth
                entry.text = link.text or entry.text
                self._set(entry, State.WAITING, "")
                self._push(entry)

    def _point_on(self, entry: _Entry, to: Found) -> list[Found]:
        """Take in the page that this one points to; a chain without end is left."""
        if entry.hops >= MAX_HOPS:
            return []
        return [to] if self._enter(to, entry.name, entry.depth, entry.hops + 1) else []

    def _change_form(self, entry: _Entry, form: str, outcome: Outcome) -> None:
        """Follow a redirect to another form of the same page, each form once."""
        entry.hops += 1
        untried = form if form not in entry.tried else _untried(entry, outcome.forms)
        if untried is None or entry.hops > MAX_HOPS:
            self._set(entry, entry.earned or State.FAILED, "redirect loop")
        else:
            self._go_on(entry, untried, outcome.reason)

    def _go_on(self, entry: _Entry, form: str, reason: str) -> None:
        """Fetch another form of the same page at once."""
        entry.url = form
        entry.reason = reason
        self._push(entry)

    def _try_again(self, entry: _Entry, outcome: Outcome, now: float) -> None:
        entry.attempts += 1
        entry.reason = outcome.reason
        if entry.attempts >= self._patience.attempts:
            self._set(entry, State.FAILED, outcome.reason)
            return
        entry.due = now + self._patience.seconds(entry.attempts)
        heappush(self._later, (entry.due, entry.name))

    def _push(self, entry: _Entry) -> None:
        self._pushes += 1
        heappush(self._ready, (entry.depth, self._pushes, entry.name))

    def _set(self, entry: _Entry, state: State, reason: str) -> None:
        self._states[entry.state] -= 1
        self._states[state] += 1
        entry.state = state
        entry.reason = reason


def _lease(entry: _Entry) -> Lease:
    entry.leased = True
    return Lease(
        entry.name, entry.kind, entry.url, entry.box, entry.page, entry.depth, entry.attempts
    )


def _untried(entry: _Entry, forms: Iterable[str]) -> str | None:
    return next((form for form in forms if form not in entry.tried), None)
