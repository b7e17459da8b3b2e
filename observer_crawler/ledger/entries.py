"""What passes between a crawl and its ledger: states, links, leases, outcomes.

Plain values only, so that the ledger can be kept in memory, in SQLite or elsewhere. Nothing
here knows an address grammar, a page or Scrapy: names and forms come from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


class State(StrEnum):
    """What is known of an address. A lease is a mark beside it, not a state."""

    SEEN = "seen"  # known, not asked for
    WAITING = "waiting"  # asked for, with a next try
    STORED = "stored"  # its article stands in a segment
    READ = "read"  # a page without an article
    REDIRECTED = "redirected"  # it points to another address
    MISSING = "missing"  # 404, 410, soft 404, in every form
    DENIED = "denied"  # robots.txt, 401, 403, a challenge
    REFUSED = "refused"  # read, not storable
    OUTSIDE = "outside"  # of this run's dates
    FAILED = "failed"  # attempts used up


@dataclass(frozen=True, slots=True)
class Found:
    """A link as it enters the ledger; `wanted` links wait to be asked, the others are seen."""

    name: str
    kind: str
    url: str
    box: str
    text: str = ""
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """One address, given out for one request. `url` is the form to fetch."""

    name: str
    kind: str
    url: str
    box: str
    page: str
    depth: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request came to.

    WAITING asks for another try later. `forms` are other addresses of the same page: each is
    tried once before `state` holds. REDIRECTED says where `to`.
    `unanswered` tells trouble below HTTP from an answer that was no page; `ends` is the word
    for trouble after which nothing more may be asked in this run.
    """

    state: State
    reason: str = ""
    links: Sequence[Found] = ()
    forms: Sequence[str] = ()
    to: Found | None = None
    unanswered: bool = False
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement changed: the state that now holds, and the links that were news."""

    state: State
    new: Sequence[Found] = ()


@dataclass(slots=True, eq=False)
class Visit:
    """A lease on its way through a crawl; `outcome` waits here for the fate of its article."""

    lease: Lease
    settle: Callable[[Visit, Outcome], Awaitable[None]]
    outcome: Outcome | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long apart, an address that failed is tried again."""

    attempts: int
    first_seconds: float
    longest_seconds: float

    def seconds(self, attempts: int) -> float:
        """Give the time to wait after so many failed attempts; each wait is four times the last.

        >>> [Patience(4, 10, 600).seconds(number) for number in (1, 2, 3, 4)]
        [10.0, 40.0, 160.0, 600]
        """
        return min(self.first_seconds * float(4 ** (attempts - 1)), self.longest_seconds)
