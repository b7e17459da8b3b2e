"""When a run should hold, or end: the site refuses, errs, or is not there. Pure: outcomes in."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from observer_crawler.ledger import UNASKED, State

if TYPE_CHECKING:
    from observer_crawler.ledger import Lease, Outcome

# Refusals of the site in a row (challenge, 401, 403) after which the run ends: three could be
# three bad addresses, five in a row are a closed door.
MAX_DENIALS = 5
# Different addresses in a row that got no answer at all, after which nobody is there.
MAX_UNANSWERED = 10
# First tries in a row that brought an error (500, 503, 429): nobody is helped by asking a site in
# trouble for everything. A single page that fails now and then was seen; ten are no hiccup.
MAX_ERRORS = 10
# Seconds between two tries while nobody is there, at most.
LONGEST_PROBE = 300.0


class Verdict(StrEnum):
    """What a row of outcomes means; all but the first two end the run."""

    GO_ON = ""
    HOLD = "hold"
    OFFLINE = "offline"
    ROBOTS = "robots"
    TROUBLE = "trouble"
    REFUSED = "refused"
    PRIVATE = "private"


class Trouble:
    """Watches the outcomes of a run, one after the other.

    A run that never had an answer ends, for what was typed may be wrong; one that had some holds
    until somebody is there again.
    """

    def __init__(self) -> None:
        self._has_answer = False
        self._is_open = False  # a page came that was neither refused nor an error
        self.is_silent = False
        self._row: Counter[State] = Counter()
        self.unanswered: dict[str, None] = {}

    def note(self, lease: Lease, outcome: Outcome) -> Verdict:
        """Say what follows from one more outcome."""
        if outcome.unanswered:
            return self._silence(lease, outcome)
        if outcome.state is State.WAITING and outcome.closed:
            return Verdict.PRIVATE
        if outcome.state is State.DENIED and outcome.reason in UNASKED:
            # Nobody has to try one address after the other to learn what the rules say of all.
            return Verdict.REFUSED if outcome.closed else Verdict.GO_ON
        self._has_answer = True
        self.is_silent = False
        self.unanswered.clear()
        self._is_open |= outcome.state not in {State.WAITING, State.DENIED}
        if self._is_no_news(lease, outcome):
            return Verdict.GO_ON
        self._row = Counter({outcome.state: self._row[outcome.state] + 1})
        if self._row[State.WAITING] >= MAX_ERRORS:
            return Verdict.TROUBLE
        return Verdict.REFUSED if self._row[State.DENIED] >= MAX_DENIALS else Verdict.GO_ON

    def _is_no_news(self, lease: Lease, outcome: Outcome) -> bool:
        """Whether an address came to what it had come to before, on a site that is open.

        What was denied comes back in a row a day later, however it was spread among other pages.
        """
        if outcome.state is State.WAITING:
            return lease.attempts > 0
        return self._is_open and lease.state is State.DENIED is outcome.state

    def _silence(self, lease: Lease, outcome: Outcome) -> Verdict:
        """Each try is one more silence once there was one, until somebody answers."""
        self.unanswered[lease.name] = None
        if not self._has_answer and outcome.closed:
            return Verdict.ROBOTS
        self.is_silent |= outcome.closed or len(self.unanswered) >= MAX_UNANSWERED
        if not self.is_silent:
            return Verdict.GO_ON
        return Verdict.HOLD if self._has_answer else Verdict.OFFLINE


class Hold:
    """Nobody is there: one address is tried at growing intervals, all else waits."""

    def __init__(self, since: float, first_seconds: float) -> None:
        """`since` in seconds since 1970; the intervals double up to LONGEST_PROBE."""
        self.since = since
        self._seconds = min(first_seconds, LONGEST_PROBE)
        self.next_try = since + self._seconds

    def tried(self, now: float) -> None:
        """Note a try without an answer."""
        self._seconds = min(2 * self._seconds, LONGEST_PROBE)
        self.next_try = now + self._seconds
