"""Marks: articles of runs that alarmed, whose newest line is to be read again from its capture.

A mark goes when a newer line takes the place of the one that was marked, or when the alarm is
accepted. Whoever removes marks beside a crawl must hold the folder's lock.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from observer_crawler.ledger import tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

# Every line is looked at, for the time of fetching has no index: 0.5 s at 1,000,000 of them, and
# only at the end of a run that alarmed.
_MARK = "UPDATE line SET marked = ? WHERE fetched_at >= ?"
_UNMARK = "UPDATE line SET marked = NULL WHERE marked = ?"
_NAMES = """
SELECT a.name FROM line l JOIN address a ON a.id = l.address WHERE l.marked IS NOT NULL
UNION SELECT name FROM address WHERE kind = 'article' AND state IN ('refused', 'missing')
"""


class Marks:
    """The marks of a ledger, in the ledger's own connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def put(self, run: str, since: str) -> int:
        """Mark what was fetched since a moment (UTC, ISO 8601); gives how many articles."""
        with tables.told(self._path):
            return self._connection.execute(_MARK, (run, since)).rowcount

    def count(self) -> int:
        """Count the articles that are marked."""
        query = "SELECT count(*) FROM line WHERE marked IS NOT NULL"
        with tables.told(self._path):
            count: int = self._connection.execute(query).fetchone()[0]
        return count

    def names(self) -> set[str]:
        """Give the articles that are marked, and those that have no line to mark.

        A page that was refused, or taken for missing, may be one of the same fault.
        """
        with tables.told(self._path):
            return {name for (name,) in self._connection.execute(_NAMES)}


def unmark(path: Path, runs: Iterable[str]) -> int:
    """Take the marks of some runs back; gives how many articles had one."""
    with tables.told(path), closing(tables.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        count = sum(connection.execute(_UNMARK, (run,)).rowcount for run in runs)
        connection.execute("COMMIT")
    return count
