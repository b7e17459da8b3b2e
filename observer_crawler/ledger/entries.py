"""What passes between a crawl and its ledger: states, links, leases, outcomes.

Plain values only, so that the ledger can be kept in SQLite or elsewhere. Nothing here knows an
address grammar, a page or Scrapy: names and forms come from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from observer_crawler.exceptions import LedgerBroken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

DAY_SECONDS = 86_400.0
# The kind of what a page is shown with (a picture, a style sheet) and is no page itself.
REQUISITE = "requisite"
# Reasons of DENIED for which nobody was asked.
UNASKED = frozenset(("robots", "excluded", "private"))
# The rank of requisites: behind all that a run asks for, revisits included.
AFTER_ALL = 2_000_000_000
# Below all ranks: the feed of an archive crawl has -1.
ALL_RANKS = -1_000


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

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        raise LedgerBroken(f"the ledger is broken: {value!r} is no state of an address")


class Found(NamedTuple):
    """A link as it enters the ledger; `wanted` links wait to be asked, the others are seen.

    `day` is the day index (YYYY-MM-DD) that lists it, or the day of a day index itself. Visits
    go by `rank`, small ones first; None means the depth. `again`: it is visited whatever is
    known of it. `held`: its visit waits until an outcome frees it. `followed`: it stands on a
    page of the run, so that a later run that wants its box may go on from it.
    """

    name: str
    kind: str
    url: str
    box: str
    text: str = ""
    wanted: bool = True
    language: str = ""
    day: str | None = None
    rank: int | None = None
    again: bool = False
    held: bool = False
    followed: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """One address, given out for one request. `url` is the form to fetch.

    `state` is what the ledger says of it; `attempts` are those that failed since the last answer.
    `etag` and `last_modified` came with the newest answer of this very form, None without one.
    `tried` are the forms that were asked in this visit, by a run that was killed too.
    """

    name: str
    kind: str
    url: str
    box: str
    page: str
    depth: int
    attempts: int
    state: State = State.WAITING
    day: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a segment, as far as anyone asks for it without reading it again.

    `filled` has a bit for each field of the article, in their order, that is not null or empty.
    `file` is relative to the data folder, `offset` and `size` are bytes.
    """

    id: str
    published_date: str | None
    section: str | None
    language: str
    markup: str
    extractor: int
    filled: int
    file: str
    offset: int
    size: int
    content_sha256: str
    revision: int
    fetched_at: str


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an article, and where its line stands; the fields are those of Line."""

    fetched_at: str
    extractor: int
    revision: int
    content_sha256: str
    file: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What an answer said of the training of AI: where (robots.txt, header, meta), in which words."""

    host: str
    place: str
    says: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request came to.

    WAITING asks for another try later. `forms` are other addresses of the same page: each is
    tried once before `state` holds. REDIRECTED says where `to`.
    `passing`: the site may have been at fault, so a few more looks follow, days apart.
    `unanswered` tells trouble below HTTP from an answer that was no page; `closed`: nothing of
    the host may be asked now.

    `line` is the line that was written, `published` the article's day where there is no line. `of`
    names the article where the page is a copy of it that is kept elsewhere.
    `expected` counts the articles that a day index lists, `final`: it was asked when the day could
    not change any more. `index` names the index that both speak of, where it is not the address
    itself but one of its further pages. `freed` are held addresses whose visit
    may begin, `left` held ones that nobody wants any more. `walked` names a list that has been
    read to its end. `next_seconds`: visit it again after so long. `said` is what the answer said of
    the training of AI, `said_on` the day (UTC) on which it came.
    """

    state: State
    reason: str = ""
    links: Sequence[Found] = ()
    forms: Sequence[str] = ()
    to: Found | None = None
    unanswered: bool = False
    closed: bool = False
    passing: bool = False
    line: Line | None = None
    of: str = ""
    published: str | None = None
    fetched_at: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    expected: int | None = None
    final: bool = False
    index: str = ""
    freed: Sequence[str] = ()
    left: Sequence[str] = ()
    walked: str = ""
    next_seconds: float | None = None
    said: Sequence[Signal] = ()
    said_on: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settlement changed: the state that now holds, and the links that were news."""

    state: State
    new: Sequence[Found] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of an address. `found_at`: seconds since 1970, when it was entered."""

    name: str
    kind: str
    state: State
    url: str
    text: str
    depth: int
    day: str | None
    published: str | None
    found_at: float


@dataclass(frozen=True, slots=True)
class Wish:
    """Which of the known addresses a run asks for at its start. All that is set must hold.

    `boxes`: shown in one of them on a page that was followed; empty means in any. `first_day`
    and `last_day` bound the day of publication, else the day of the index that lists it; an
    address with neither fits. `orphans`: nobody waits for it. `due`: its next visit has come.
    `keep` decides in the end.
    """

    states: frozenset[State]
    kind: str = "article"
    language: str = ""
    boxes: frozenset[str] = frozenset()
    first_day: str | None = None
    last_day: str | None = None
    max_depth: int | None = None
    orphans: bool = False
    due: bool = False
    keep: Callable[[Known], bool] | None = None
    rank: Callable[[Known], int] | None = None


@dataclass(slots=True, eq=False)
class Visit:
    """A lease on its way through a crawl; `outcome` waits here for the fate of its article."""

    lease: Lease
    settle: Callable[[Visit, Outcome], Awaitable[None]]
    outcome: Outcome | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long apart, an address that failed is tried again.

    Within a run there are `attempts` of them. Afterwards it has failed, and one try follows
    after a day, four days, sixteen and then each thirty: seven requests in the first month for
    a page that fails for ever, one a month from then on.
    """

    attempts: int
    first_seconds: float
    longest_seconds: float
    failed_days: float = 1.0
    most_days: float = 30.0

    def seconds(self, attempts: int) -> float:
        """Give the time to wait after so many failed attempts; each wait is four times the last.

        >>> [Patience(4, 10, 600).seconds(number) for number in (1, 2, 3)]
        [10.0, 40.0, 160.0]
        >>> [Patience(4, 10, 600).seconds(number) / DAY_SECONDS for number in (4, 5, 6, 7)]
        [1.0, 4.0, 16.0, 30.0]
        """
        if attempts < self.attempts:
            return min(self.first_seconds * 4.0 ** (attempts - 1), self.longest_seconds)
        days = self.failed_days * 4.0 ** min(attempts - self.attempts, 10)
        return min(days, self.most_days) * DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Scope:
    """What one run asks for: who asks, and the arguments that decide what it wants.

    Addresses that wait do so for a scope; the same `key` goes on where it was left.
    """

    spider: str
    key: str
