"""The queue: who is visited next, who is held back, who need not wait any longer.

All functions stand within a transaction of the caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.ledger.entries import REQUISITE, Lease, State
from observer_crawler.ledger.links import HELD

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_COME_DUE = "UPDATE visit SET due = 0 WHERE scope = ? AND due > 0 AND due <= ?"
# Validators belong to the form that they came with.
_NEXT = """
SELECT a.id, a.name, a.kind, a.url, a.box, a.page, a.depth, a.attempts, a.state, a.day,
  CASE a.url WHEN a.form THEN a.etag END, CASE a.url WHEN a.form THEN a.last_modified END,
  a.tried
FROM visit v JOIN address a ON a.id = v.address
WHERE v.scope = ? AND v.due = 0 AND v.leased = 0 AND v.rank >= ? ORDER BY v.rank, v.wait, v.address LIMIT ?
"""
LEFT = """
SELECT count(*) FILTER (WHERE due <= ?), count(*) FILTER (WHERE due > ? AND due < ?)
FROM visit WHERE scope = ? AND rank >= ?
"""
_MARK = "UPDATE visit SET leased = 1 WHERE address = ? AND scope = ?"
_NAMED = "address = (SELECT id FROM address WHERE name = ?)"
_RELEASE = f"UPDATE visit SET leased = 0 WHERE {_NAMED}"  # noqa: S608 (our own words)
_FREE = f"UPDATE visit SET due = 0 WHERE scope = ? AND {_NAMED} AND due = {HELD}"  # noqa: S608
_LEAVE = f"DELETE FROM visit WHERE scope = ? AND {_NAMED} AND due = {HELD}"  # noqa: S608
_UNWANT = """
UPDATE address SET state = 'seen' WHERE name = ? AND state = 'waiting'
  AND NOT EXISTS (SELECT 1 FROM visit WHERE address = id)
"""
_TAKE_BACK = "UPDATE address SET attempts = max(attempts - 1, 0) WHERE name = ?"
_WAIT_AGAIN = """
UPDATE address SET state = 'waiting' WHERE name = ? AND state = 'failed' AND attempts < ?
RETURNING kind
"""
_HURRY = f"UPDATE visit SET due = 0 WHERE {_NAMED} AND due < {HELD} AND leased = 0"  # noqa: S608


def lease(
    connection: sqlite3.Connection, scope: int, limit: int, now: float, least_rank: int
) -> list[Lease]:
    """Give out up to `limit` addresses that are due, from a rank on, and mark them."""
    connection.execute(_COME_DUE, (scope, now))
    rows = connection.execute(_NEXT, (scope, least_rank, limit)).fetchall()
    connection.executemany(_MARK, [(row[0], scope) for row in rows])
    return [_lease(*row[1:]) for row in rows]


def release(connection: sqlite3.Connection, name: str) -> None:
    """Take a mark away."""
    connection.execute(_RELEASE, (name,))


def free(connection: sqlite3.Connection, scope: int, names: Iterable[str]) -> None:
    """Let held visits begin."""
    for name in names:
        connection.execute(_FREE, (scope, name))


def leave(connection: sqlite3.Connection, scope: int, names: Iterable[str]) -> int:
    """Forget held visits; gives how many addresses nobody waits for now."""
    seen = 0
    for name in names:
        connection.execute(_LEAVE, (scope, name))
        seen += connection.execute(_UNWANT, (name,)).rowcount
    return seen


def forgive(
    connection: sqlite3.Connection, names: Iterable[str], attempts: int
) -> tuple[int, int]:
    """Take back an attempt of each, and ask again at once.

    Gives how many had failed by it, and how many of these are pages.
    """
    back: list[str] = []
    for name in names:
        connection.execute(_TAKE_BACK, (name,))
        back += [kind for (kind,) in connection.execute(_WAIT_AGAIN, (name, attempts))]
        connection.execute(_HURRY, (name,))
    return len(back), len(back) - back.count(REQUISITE)


def _lease(*columns: Any) -> Lease:  # noqa: ANN401 (a row)
    tried = tuple(columns[11].split("\n")) if columns[11] else ()
    return Lease(*columns[:7], State(columns[7]), *columns[8:11], tried)  # type: ignore[call-arg]
