"""The durable record of every address of a crawl, and its queue: SQLite, one writer.

One hop is one lease is one settlement: what came of a request and the links that its page shows
enter in one transaction. `lease` and `settle` are coroutines, so that another database may take
this one's place. Times are given from outside, in seconds since 1970. Must not know Scrapy,
pages or addresses.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import tables, visits, walks
from observer_crawler.ledger.copies import Copies
from observer_crawler.ledger.days import Days
from observer_crawler.ledger.entries import ALL_RANKS, Found, Known, Lease, Line, Settled, State
from observer_crawler.ledger.lines import NEWEST, adopt, lose, settle_of, write_line
from observer_crawler.ledger.links import HELD, enter
from observer_crawler.ledger.marks import Marks
from observer_crawler.ledger.repeats import Repeats
from observer_crawler.ledger.runs import Run
from observer_crawler.ledger.settling import MAX_HOPS, Entry, Policy
from observer_crawler.ledger.signals import Signals
from observer_crawler.ledger.wishes import REBUILT_OVER, ROUND, ROUND_OVER, answer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from observer_crawler.ledger.entries import Outcome, Patience, Scope, Wish
    from observer_crawler.ledger.walks import Walk

# Beside the segments' lock, in OBSERVER_DATA/state/.
FILE = "ledger.sqlite"
_KNOWN = "name, kind, state, url, text, depth, day, published, found_at"


class Ledger:
    """Every address with its state, and who waits for it; of one run between begin and end.

    Order of leases: by rank, first tries before others, then as found. With the depth for a rank
    the seeds come first, then what they show; a list and its articles advance together.
    """

    def __init__(self, path: Path, patience: Patience, revisit_days: Sequence[float] = ()) -> None:
        """Open the file, made where it is missing; raises LedgerError, LedgerBroken, LedgerTooNew.

        `revisit_days` are the ages of an article at which it is visited again.
        """
        self.path = path
        self.requests = 0
        self._policy = Policy(patience, revisit_days)
        self._connection = tables.connect(path)
        self.days = Days(self._connection, path)
        self.marks = Marks(self._connection, path)
        self.copies = Copies(self._connection, path)
        self.signals = Signals(self._connection, path)
        self._states: Counter[State] = Counter()
        self._repeats = Repeats()
        self._scope = 0
        self._run: Run | None = None

    def close(self) -> None:
        """Let go of the file; what was committed is in it."""
        with tables.told(self.path):
            self._connection.close()

    def is_new(self) -> bool:
        """Whether no run was ever begun with it."""
        return self._first("SELECT 1 FROM run LIMIT 1") is None

    def own(self, key: str) -> str:
        """Give the name of a note that is of this run's scope alone."""
        return f"{key}:{self._scope}"

    def begin(self, scope: Scope, now: float) -> int:
        """Begin a run; leases of a dead process fall. Gives how many fell."""
        with self._write("begin"):
            self._run = Run(self._connection, scope, now)
        self._scope = self._run.scope
        self._repeats = Repeats(self._scope)
        rows = self._all("SELECT state, count(*) FROM address GROUP BY state")
        self._states = Counter({State(state): count for state, count in rows})
        return self._run.fallen

    def end(self, code: int, ending: str, now: float) -> None:
        """End the run, with its exit code and the word for how it ended."""
        if self._run is not None:
            with self._write("end"):
                self._run.end(code, ending, self.requests, now)

    async def enter(self, links: Iterable[Found], now: float) -> list[Found]:
        """Take in where a run starts; gives those that were unknown."""
        with self._write("enter"):
            return self._enter(links, "", 0, now)

    def wish(self, wish: Wish, now: float) -> int:
        """Ask for what is known already; gives how many addresses now wait for this run."""
        with self._write("wish") as connection:
            asked = answer(connection, wish, self._scope, now)
        self._states.update(asked.states)
        return asked.visits

    async def lease(self, limit: int, now: float, least_rank: int = ALL_RANKS) -> list[Lease]:
        """Give out up to `limit` addresses that are due at `now`."""
        with self._write("lease") as connection:
            return visits.lease(connection, self._scope, limit, now, least_rank)

    async def release(self, lease: Lease) -> None:
        """Take a lease back unused: the address is as it was."""
        with self._write("release") as connection:
            visits.release(connection, lease.name)

    async def settle(self, lease: Lease, outcome: Outcome, now: float) -> Settled:
        """Take a lease back with what came of it, and the links of its page."""
        with self._write("settle") as connection:
            new = self._enter(outcome.links, lease.name, lease.depth + 1, now)
            entry = Entry(connection, lease, self._policy)  # a page may link to itself
            if outcome.to is not None and outcome.to.name != lease.name and entry.hops < MAX_HOPS:
                new += self._enter([outcome.to], lease.name, lease.depth, now, entry.hops + 1)
            if outcome.of:
                days = self._policy.revisit_days
                self._states.update(settle_of(connection, outcome.of, outcome.line, now, days))
            elif outcome.line:
                write_line(connection, entry.id, outcome.line)
            state = entry.settle(outcome, now)
            visits.free(connection, self._scope, outcome.freed)
            seen = visits.leave(connection, self._scope, outcome.left)
            self._repeats.forget(lease.name, outcome.of, *outcome.left)
            if outcome.walked:
                walks.end(connection, self._scope, outcome.walked)
            if lease.kind == "day" and entry.has_ended:
                self.days.write(entry.id, lease, outcome)
            if self._run is not None:
                stored, failed = outcome.line is not None, entry.has_failed(state)
                self._run.count(self.requests, now, stored=stored, failed=failed)
        self._states[entry.state] -= 1
        self._states[state] += 1
        self._states[State.WAITING] -= seen
        self._states[State.SEEN] += seen
        return Settled(state, new)

    def states(self) -> dict[State, int]:
        """How many addresses are in each state."""
        return {state: count for state, count in self._states.items() if count > 0}

    def left(self, now: float, least_rank: int = ALL_RANKS) -> tuple[int, int]:
        """How many addresses wait for this run, now and later. Counts rows: not for each page."""
        rows = self._all(visits.LEFT, now, now, HELD, self._scope, least_rank)
        counts: tuple[int, int] = rows[0]
        return counts

    def next_due(self, least_rank: int = ALL_RANKS) -> float | None:
        """When the next address of this run that waits for a later moment is due."""
        query = "SELECT min(due) FROM visit WHERE scope = ? AND due > 0 AND rank >= ?"
        due: float | None = self._first(query, self._scope, least_rank)
        return None if due is None or due >= HELD else due

    def line(self, name: str) -> Line | None:
        """Give the newest line of an article."""
        rows = self._all(NEWEST, name)
        return Line(name, *rows[0]) if rows else None

    def known(self, names: Iterable[str]) -> dict[str, Known]:
        """Say what is known of some addresses; those that are not known are left out."""
        asked = list(dict.fromkeys(names))
        query = f"SELECT {_KNOWN} FROM address WHERE name IN ({', '.join('?' * len(asked))})"  # noqa: S608
        rows = self._all(query, *asked)
        return {row[0]: Known(row[0], row[1], State(row[2]), *row[3:]) for row in rows}

    def has_any(self, state: State) -> bool:
        """Whether any address is in a state; looks through all of them where none is."""
        return self._first("SELECT 1 FROM address WHERE state = ? LIMIT 1", state) is not None

    def queued(self, kind: str) -> list[str]:
        """Name all addresses of a kind that this run has yet to visit; few but for articles."""
        rows = self._all(
            "SELECT a.name FROM visit v JOIN address a ON a.id = v.address"
            " WHERE v.scope = ? AND a.kind = ?",
            *(self._scope, kind),
        )
        return [name for (name,) in rows]

    def walk_begun(self, name: str) -> float | None:
        """When the walk of a list that is under way began."""
        return self._walk(name).started

    def walk(self, name: str, now: float) -> float | None:
        """Begin to walk a list, or go on; gives when the last walk that saw all of it began."""
        with self._write("walk") as connection:
            walks.begin(connection, self._scope, name, now)
        return self._walk(name).complete_at

    def _walk(self, name: str) -> Walk:
        with tables.told(self.path):
            return walks.known(self._connection, self._scope, name)

    def noted(self, key: str) -> str | None:
        """Give a durable fact."""
        value: str | None = self._first("SELECT value FROM note WHERE key = ?", key)
        return value

    def notes(self, prefix: str) -> dict[str, str]:
        """Give the durable facts whose key begins so, without the beginning."""
        query = "SELECT substr(key, length(?1) + 1), value FROM note WHERE instr(key, ?1) = 1"
        return dict(self._all(query, prefix))

    def note(self, key: str, value: str) -> None:
        """Keep a durable fact; an empty one is forgotten."""
        with self._write("note") as connection:
            if value:
                connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (key, value))
            else:
                connection.execute("DELETE FROM note WHERE key = ?", (key,))

    def segments(self) -> dict[str, int]:
        """Up to which byte the lines of each segment are known."""
        return dict(self._all("SELECT file, size FROM segment"))

    def reach(self) -> dict[str, int]:
        """The end of the last line of each segment that is known, whatever is between."""
        return dict(self._all("SELECT file, reach FROM segment"))

    def adopt(
        self,
        file: str,
        size: int,
        lines: Iterable[tuple[Line, Found, Sequence[Found]]],
        now: float,
    ) -> int:
        """Take in the lines of a segment up to `size`; gives how many were not known."""
        with self._write("adopt") as connection:
            return adopt(connection, (file, size), lines, now, self._policy.revisit_days)

    def lose(self, there: Collection[tuple[str, str, str]]) -> list[tuple[str, str]]:
        """Forget the lines that are not there (article, time of fetching, sum); they wait.

        Gives their names and segments. All segments are to be adopted anew afterwards.
        """
        with self._write("lose") as connection:
            return lose(connection, there)

    def finish_rebuild(self) -> None:
        """Forget that the ledger was made anew, once the links of all stored articles are known."""
        with self._write("note") as connection:
            connection.execute(REBUILT_OVER)

    def finish_round(self, now: float) -> None:
        """Forget a round of visits to all that is stored, once it has none left."""
        with self._write("note") as connection:
            connection.execute(ROUND_OVER, (self.own(ROUND), self._scope, now))

    async def forgive(self, names: Iterable[str]) -> int:
        """Take back the attempts of addresses that failed because nobody could be reached.

        Gives how many pages had used up theirs, and wait again.
        """
        with self._write("forgive") as connection:
            back, pages = visits.forgive(connection, names, self._policy.patience.attempts)
            if self._run is not None:
                self._run.forgive(pages)
        self._states.update({State.WAITING: back, State.FAILED: -back})
        return pages

    @contextmanager
    def _write(self, name: str) -> Iterator[sqlite3.Connection]:
        """Do all that one step writes, or nothing of it; `name` says which step."""
        self._repeats.before(name)
        with tables.told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._repeats.clear()
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _enter(
        self, links: Iterable[Found], page: str, depth: int, now: float, hops: int = 0
    ) -> list[Found]:
        entered = enter(
            self._connection, links, self._repeats, page=page, depth=depth, now=now, hops=hops
        )
        for state, count in entered.states.items():  # Counter.update takes five times as long
            self._states[state] += count
        return entered.new

    def _first(self, query: str, *values: object) -> Any:  # noqa: ANN401 (a column's own type)
        rows = self._all(query, *values)
        return rows[0][0] if rows else None

    def _all(self, query: str, *values: object) -> list[Any]:
        with tables.told(self.path):
            return self._connection.execute(query, values).fetchall()
