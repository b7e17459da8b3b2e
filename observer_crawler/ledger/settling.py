"""What becomes of one address when its request is answered: its state, and its next visit."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.ledger.entries import DAY_SECONDS, REQUISITE, UNASKED, State
from observer_crawler.ledger.signals import take

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from observer_crawler.ledger.entries import Lease, Outcome, Patience

# A page that points on more often than this is a trap; RFC 9110 leaves the number to us, and
# robots.txt gets the same (RFC 9309).
MAX_HOPS = 5
# Looks at what was no page of the newspaper (too large, not text, off the site), after 1, 4 and 16
# days: a broken server is mended by then, and what is always so costs no more.
MOST_LOOKS = 3
# What a look came to that was no failure.
_PASSED = frozenset((State.REFUSED, State.REDIRECTED))

_SETTLE = """
UPDATE address SET state = :state, reason = :reason, attempts = :attempts, hops = 0,
  tried = NULL, earned = NULL, settled_at = :now,
  fetched_at = coalesce(:fetched_at, fetched_at),
  published = coalesce(:published, published),
  form = CASE WHEN :fetched_at IS NULL THEN form ELSE :url END,
  etag = CASE WHEN :fetched_at IS NULL THEN etag ELSE :etag END,
  last_modified = CASE WHEN :fetched_at IS NULL THEN last_modified ELSE :last_modified END,
  url = CASE WHEN :fetched_at IS NULL THEN url ELSE :url END,
  revisit = :revisit
WHERE id = :id
"""


class Policy(NamedTuple):
    """When an address is asked again: after a failure, and at which ages of an article."""

    patience: Patience
    revisit_days: Sequence[float] = ()


class Entry:
    """One address within the transaction that settles it.

    `state` is the one it had before; `has_ended` says whether this visit has come to its end.
    """

    def __init__(self, connection: sqlite3.Connection, lease: Lease, policy: Policy) -> None:
        self._connection = connection
        self._lease = lease
        self._policy = policy
        row = connection.execute(
            "SELECT id, state, attempts, hops, tried, earned, published FROM address"
            " WHERE name = ?",
            (lease.name,),
        ).fetchone()
        self.id: int = row[0]
        self.state = State(row[1])
        self.hops: int = row[3]
        self._attempts: int = row[2]
        self._tried: list[str] = row[4].split("\n") if row[4] else []
        self._earned = State(row[5]) if row[5] else None
        self._published: str | None = row[6]
        self.has_ended = False

    def settle(self, outcome: Outcome, now: float) -> State:
        """Write what the outcome means; gives the state that holds now."""
        if outcome.said:
            name, at = outcome.of or self._lease.name, outcome.fetched_at or ""
            take(self._connection, name, outcome.said, outcome.said_on, at)
        if outcome.state is State.WAITING:
            return self._try_again(outcome, now)
        self._tried.append(self._lease.url)
        if outcome.to is not None and outcome.to.name == self._lease.name:
            return self._change_form(outcome.to.url, outcome, now)
        if outcome.to is None and (form := self._untried(outcome.forms)) is not None:
            return self._go_on(form, outcome.reason, earned=outcome.state)
        return self._end(outcome, now)

    def has_failed(self, state: State) -> bool:
        """Whether a page has failed now; a requisite is none, and what failed before is no news."""
        return State.FAILED is state is not self.state and self._lease.kind != REQUISITE

    def _change_form(self, form: str, outcome: Outcome, now: float) -> State:
        """Follow a redirect to another form of the same page, each form once."""
        self.hops += 1
        untried = self._untried([form, *outcome.forms])
        if untried is not None and self.hops <= MAX_HOPS:
            return self._go_on(untried, outcome.reason, earned=self._earned)
        state = self._earned or State.FAILED
        return self._end(replace(outcome, state=state, reason="redirect loop"), now)

    def _go_on(self, form: str, reason: str, *, earned: State | None) -> State:
        """Fetch another form of the same page at once."""
        self._connection.execute(
            "UPDATE address SET url = ?, reason = ?, tried = ?, earned = ?, hops = ? WHERE id = ?",
            (form, reason, "\n".join(self._tried), earned, self.hops, self.id),
        )
        self._wait(0, 0)
        return self.state

    def _try_again(self, outcome: Outcome, now: float) -> State:
        if self._attempts + 1 >= self._policy.patience.attempts:
            return self._end(replace(outcome, state=State.FAILED), now)
        self._attempts += 1
        self._connection.execute(
            "UPDATE address SET attempts = ?, reason = ? WHERE id = ?",
            (self._attempts, outcome.reason, self.id),
        )
        seconds = self._policy.patience.seconds(self._attempts)
        self._wait(now + seconds, seconds)
        return self.state

    def _end(self, outcome: Outcome, now: float) -> State:
        """Write the last word on this visit; what was stored once stays so, whatever came."""
        self.has_ended = True
        state, reason = outcome.state, outcome.reason
        seconds = self._seconds(outcome)
        if state is not State.STORED and self._has_line():
            state, reason, seconds = State.STORED, f"{state}: {reason}", None
        published = outcome.line.published_date if outcome.line else outcome.published
        values = {
            "id": self.id,
            "state": state,
            "reason": reason,
            "attempts": self._attempts,
            "now": now,
            "fetched_at": outcome.fetched_at,
            "published": published,
            "url": self._lease.url,
            "etag": outcome.etag,
            "last_modified": outcome.last_modified,
            "revisit": None,
        }
        if state is State.STORED:
            day = published or self._published
            values["revisit"] = next_age(day, self._policy.revisit_days, now)
        self._connection.execute(_SETTLE, values)
        if seconds is None:
            self._connection.execute("DELETE FROM visit WHERE address = ?", (self.id,))
        else:
            self._wait(now + seconds, seconds)
        return state

    def _seconds(self, outcome: Outcome) -> float | None:
        """Give the time until the next visit, None when there is no reason for one.

        Rules may change at no cost to the site; what failed or was denied is asked more and
        more seldom.
        """
        if outcome.state is State.DENIED and outcome.reason in UNASKED:
            return DAY_SECONDS
        if outcome.state not in {State.DENIED, State.FAILED} and not outcome.passing:
            self._attempts = 0
            return outcome.next_seconds
        if outcome.passing and self.state not in _PASSED:
            self._attempts = 0  # those were failures: all looks are to come
        patience = self._policy.patience
        self._attempts = max(self._attempts + 1, patience.attempts)
        if outcome.passing and self._attempts >= patience.attempts + MOST_LOOKS:
            return None
        return patience.seconds(self._attempts)

    def _wait(self, due: float, seconds: float) -> None:
        self._connection.execute(
            "UPDATE visit SET due = ?, wait = ?, leased = 0 WHERE address = ?",
            (due, seconds, self.id),
        )

    def _has_line(self) -> bool:
        query = "SELECT 1 FROM line WHERE address = ?"
        return self._connection.execute(query, (self.id,)).fetchone() is not None

    def _untried(self, forms: Iterable[str]) -> str | None:
        return next((form for form in forms if form not in self._tried), None)


def next_age(published: str | None, days: Sequence[float], now: float) -> float | None:
    """Give when an article is old enough for its next visit; None when it is older than that.

    >>> next_age("1970-01-02", (1, 7, 30), DAY_SECONDS * 2.5) / DAY_SECONDS
    8.0
    >>> next_age("1970-01-02", (1, 7, 30), DAY_SECONDS * 40)
    >>> next_age(None, (1, 7, 30), 0)
    """
    if published is None:
        return None
    day = dt.datetime.fromisoformat(published).replace(tzinfo=dt.UTC).timestamp()
    ages = (day + age * DAY_SECONDS for age in sorted(days))
    return next((age for age in ages if age > now), None)
