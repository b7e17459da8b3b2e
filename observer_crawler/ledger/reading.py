"""What a ledger says, read beside the crawl that writes it: one moment, no lock, no change.

All that `scrapy status` shows comes from here. Everything is asked within one transaction, so
that the figures of a running crawl belong together. Times are seconds since 1970, and the moment
is given from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.exceptions import LedgerError
from observer_crawler.ledger import signals, tables
from observer_crawler.ledger.entries import State
from observer_crawler.ledger.links import HELD

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Self

# What waits for a person: a dead letter.
DEAD = (State.FAILED, State.DENIED)

_VISITS = f"""
SELECT count(*) FILTER (WHERE due <= :now), count(*) FILTER (WHERE due > :now AND due < {HELD}),
  count(*) FILTER (WHERE due >= {HELD}), min(due) FILTER (WHERE due > :now AND due < {HELD})
FROM visit WHERE scope = coalesce(:scope, scope)
"""  # noqa: S608 (a number of ours)
_REVISITS = """
SELECT count(*) FILTER (WHERE revisit <= :now), count(*) FILTER (WHERE revisit > :now), 0,
  min(revisit) FILTER (WHERE revisit > :now)
FROM address WHERE revisit IS NOT NULL
"""
_DAYS = """
SELECT count(*) FILTER (WHERE closed_at IS NULL), count(*) FILTER (WHERE closed_at IS NOT NULL),
  coalesce(sum(expected), 0) FROM day
"""
_STORED_OF_DAYS = """
SELECT count(*) FROM address WHERE day IS NOT NULL AND kind = 'article' AND state = 'stored'
"""
_RUN = """
SELECT s.spider, s.key, r.scope, r.started, r.ended, r.seen, r.requests, r.settled, r.stored,
  r.failed, r.fallen, r.code, coalesce(r.ending, '')
FROM run r JOIN scope s ON s.id = r.scope WHERE s.spider = coalesce(:spider, s.spider)
"""
_RUNS = f"{_RUN} ORDER BY r.id DESC LIMIT :most"
_GOOD = f"{_RUN} AND r.code = 0 AND r.ended <= :until ORDER BY r.ended DESC LIMIT 1"
_REASONS = """
SELECT state, reason, count(*) FROM address WHERE kind = 'article'
GROUP BY state, reason ORDER BY state, reason
"""
_SCOPES = """
SELECT s.spider, s.key, count(*), min(r.started), max(r.seen), sum(r.seen - r.started),
  sum(r.requests), sum(r.settled), sum(r.stored), sum(r.failed)
FROM run r JOIN scope s ON s.id = r.scope GROUP BY s.id ORDER BY min(r.id)
"""
# The plus keeps SQLite from the index of days: at 1,000,000 articles that took 2.2 s, not 0.4.
_EACH_DAY = """
SELECT a.day, a.language, a.state, d.address IS NOT NULL, d.closed_at IS NOT NULL,
  coalesce(d.holes, 0), d.expected, coalesce(d.is_final, 0)
FROM address a LEFT JOIN day d ON d.address = a.id
WHERE a.kind = 'day' AND +a.day IS NOT NULL ORDER BY a.language, a.day
"""
_DEAD = """
SELECT a.name, a.kind, a.state, a.url, a.reason, a.attempts, a.settled_at, min(v.due)
FROM address a LEFT JOIN visit v ON v.address = a.id
WHERE a.state IN (?, ?) GROUP BY a.id ORDER BY a.state DESC, a.id
"""


class Visits(NamedTuple):
    """Who waits: due by now, due later, and held until an outcome frees them."""

    due: int
    later: int
    held: int
    next_due: float | None


class DayCount(NamedTuple):
    """Day indexes that were asked; `holes` are closed days with their failed articles.

    `expected` counts the links on the indexes, `stored` the articles that a day index lists.
    """

    open: int
    closed: int
    expected: int
    stored: int
    holes: list[tuple[str, int]]


class PastRun(NamedTuple):
    """One run; `ended` is None while it runs, and for ever when it was killed."""

    spider: str
    key: str
    scope: int
    started: float
    ended: float | None
    seen: float
    requests: int
    settled: int
    stored: int
    failed: int
    fallen: int
    code: int | None
    ending: str

    @property
    def rate(self) -> float | None:
        """Settled addresses a second, None for a run without any."""
        seconds = self.seen - self.started
        return self.settled / seconds if self.settled and seconds > 0 else None


class PastScope(NamedTuple):
    """All runs of one scope. `seconds` counts those in which one of them ran."""

    spider: str
    key: str
    runs: int
    first: float
    last: float
    seconds: float
    requests: int
    settled: int
    stored: int
    failed: int


class EachDay(NamedTuple):
    """One day index; `is_asked`: an outcome of it is known. `holes`: its failed articles.

    `expected` counts the articles on it, None while no form of it answered; `is_final`: it was
    asked when nothing could change any more.
    """

    day: str
    language: str
    state: str
    is_asked: bool
    is_closed: bool
    holes: int
    expected: int | None
    is_final: bool


class Dead(NamedTuple):
    """One address that failed or was denied; `due`: its next try, None when nobody asks."""

    name: str
    kind: str
    state: str
    url: str
    reason: str
    attempts: int
    settled_at: float | None
    due: float | None


class Reader:
    """One look at a ledger, as it stood when the first question was asked."""

    def __init__(self, path: Path) -> None:
        """Open it; raises LedgerError, LedgerTooNew or LedgerBroken, one line that names it."""
        self.path = path
        self._connection = tables.look(path)
        try:
            with tables.told(path):
                self._connection.execute("BEGIN")
                self._check_version()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def states(self) -> dict[str, dict[str, int]]:
        """Count addresses by kind, then by state."""
        found: dict[str, dict[str, int]] = {}
        for kind, state, count in self._all(
            "SELECT kind, state, count(*) FROM address GROUP BY state, kind"
        ):
            found.setdefault(kind, {})[state] = count
        return found

    def lines(self) -> dict[str, int]:
        """Count articles with a line by the state of their address.

        It is `stored`; an article whose line was found without its page waits to be visited.
        """
        query = (
            "SELECT a.state, count(*) FROM line l JOIN address a ON a.id = l.address GROUP BY 1"
        )
        return dict(self._all(query))

    def marked(self) -> dict[str, int]:
        """Count the articles that are marked, by the run that alarmed."""
        query = "SELECT marked, count(*) FROM line WHERE marked IS NOT NULL GROUP BY 1 ORDER BY 1"
        return dict(self._all(query))

    def visits(self, now: float, scope: int | None = None) -> Visits:
        """Count who waits, of one scope or of all."""
        return Visits(*self._all(_VISITS, {"now": now, "scope": scope})[0])

    def revisits(self, now: float) -> Visits:
        """Count stored articles that will be looked at again."""
        return Visits(*self._all(_REVISITS, {"now": now})[0])

    def days(self) -> DayCount:
        """Count the day indexes."""
        holes = self._all("SELECT day, holes FROM day WHERE holes > 0 ORDER BY day")
        still_open, closed, expected = self._all(_DAYS)[0]
        stored = self._all(_STORED_OF_DAYS)[0][0]
        return DayCount(still_open, closed, expected, stored, holes)

    def runs(self, most: int, spider: str | None = None) -> list[PastRun]:
        """Give the last runs, of one spider or of all, the newest first."""
        rows = self._all(_RUNS, {"most": most, "spider": spider})
        return [PastRun(*row) for row in rows]

    def last_good(self, until: float, spider: str | None = None) -> PastRun | None:
        """Give the run that ended last with 0, not after a moment; None when there is none."""
        rows = self._all(_GOOD, {"until": until, "spider": spider})
        return PastRun(*rows[0]) if rows else None

    def scopes(self) -> list[PastScope]:
        """Give all that was ever asked for, in the order of the first runs."""
        return [PastScope(*row) for row in self._all(_SCOPES)]

    def reasons(self) -> dict[tuple[str, str], int]:
        """Count articles by state and reason; most states have no reason."""
        return {(state, reason): count for state, reason, count in self._all(_REASONS)}

    def each_day(self) -> list[EachDay]:
        """Give every day index that is known, by language."""
        rows = self._all(_EACH_DAY)
        return [
            EachDay(day, language, state, bool(asked), bool(closed), holes, expected, bool(final))
            for day, language, state, asked, closed, holes, expected, final in rows
        ]

    def dead(self) -> list[Dead]:
        """Give every address that failed or was denied, the failed ones first."""
        return [Dead(*row) for row in self._all(_DEAD, DEAD)]

    def said(self) -> list[signals.Spoken]:
        """Give what the site said of the training of AI, by day."""
        with tables.told(self.path):
            return signals.all_said(self._connection)

    def pages_that_say(self, says: str) -> list[tuple[str, str]]:
        """Give the name and the day of each page that said so."""
        with tables.told(self.path):
            return signals.pages_that_say(self._connection, says)

    def notes(self) -> dict[str, str]:
        """Give the durable facts."""
        return dict(self._all("SELECT key, value FROM note ORDER BY key"))

    def _all(self, query: str, values: Any = ()) -> list[Any]:  # noqa: ANN401 (rows of any shape)
        with tables.told(self.path):
            return self._connection.execute(query, values).fetchall()

    def _check_version(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version < tables.VERSION:
            raise LedgerError(
                f"the ledger {self.path} has version {version}, this program reads "
                f"{tables.VERSION}: the next crawl brings it up to date"
            )
