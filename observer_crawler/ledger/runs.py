"""The runs of a ledger: who asked, when, and how it ended. One that was killed has no end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.ledger.links import HELD

if TYPE_CHECKING:
    import sqlite3

    from observer_crawler.ledger.entries import Scope


class Run:
    """One run of one scope; all calls stand within a transaction of the caller."""

    def __init__(self, connection: sqlite3.Connection, scope: Scope, now: float) -> None:
        """Begin: leases of a dead process fall, and what was held or put off is looked at anew."""
        self._connection = connection
        self.scope = _scope_id(connection, scope)
        self.fallen = connection.execute("UPDATE visit SET leased = 0 WHERE leased = 1").rowcount
        # A clock that was set back must not put off for years what was due in seconds.
        connection.execute(
            "UPDATE visit SET due = ?1 + wait WHERE due > ?1 + wait AND due < ?2", (now, HELD)
        )
        connection.execute(
            "UPDATE visit SET due = 0 WHERE scope = ? AND due = ?", (self.scope, HELD)
        )
        self._id = connection.execute(
            "INSERT INTO run (scope, started, seen, fallen) VALUES (?, ?, ?, ?)",
            (self.scope, now, now, self.fallen),
        ).lastrowid

    def count(self, requests: int, now: float, *, stored: bool, failed: bool) -> None:
        """Count one settlement."""
        self._connection.execute(
            "UPDATE run SET seen = ?, requests = ?, settled = settled + 1, stored = stored + ?,"
            " failed = failed + ? WHERE id = ?",
            (now, requests, stored, failed, self._id),
        )

    def forgive(self, failed: int) -> None:
        """Take back failures that told nothing of their pages."""
        self._connection.execute(
            "UPDATE run SET failed = failed - ? WHERE id = ?", (failed, self._id)
        )

    def end(self, code: int, ending: str, requests: int, now: float) -> None:
        """Write how the run ended; a second Ctrl-C leaves leases that nobody gave back."""
        self._connection.execute("UPDATE visit SET leased = 0 WHERE leased = 1")
        self._connection.execute(
            "UPDATE run SET ended = ?, seen = ?, code = ?, ending = ?, requests = ? WHERE id = ?",
            (now, now, code, ending, requests, self._id),
        )


def _scope_id(connection: sqlite3.Connection, scope: Scope) -> int:
    values = (scope.spider, scope.key)
    connection.execute("INSERT OR IGNORE INTO scope (spider, key) VALUES (?, ?)", values)
    found: int = connection.execute(
        "SELECT id FROM scope WHERE spider = ? AND key = ?", values
    ).fetchone()[0]
    return found
