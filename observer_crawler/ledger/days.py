"""Day indexes: how many articles each promises, and when a day is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.ledger.tables import told

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from observer_crawler.ledger.entries import Lease, Outcome

_WRITE = """
INSERT INTO day (address, day, language, expected, is_final)
SELECT id, day, language, :expected, :final FROM address WHERE name = :index
ON CONFLICT (address) DO UPDATE SET
  expected = coalesce(excluded.expected, expected),
  is_final = max(is_final, excluded.is_final), closed_at = NULL, holes = NULL
"""
# What was taken for the index of a day and lists nothing of it leaves its articles without a day.
_DISOWN = """
UPDATE address SET day = NULL
WHERE kind = 'article' AND (day, language) = (SELECT day, language FROM address WHERE id = ?)
"""
_OF_THE_DAY = (
    "SELECT {} FROM address a WHERE a.day = d.day AND a.language = d.language"
    " AND a.kind = 'article' AND a.state {}"
)
_CLOSE = f"""
UPDATE day AS d SET closed_at = ?,
  holes = ({_OF_THE_DAY.format("count(*)", "= 'failed'")})
WHERE is_final AND closed_at IS NULL
  AND NOT EXISTS ({_OF_THE_DAY.format("1", "IN ('waiting', 'seen')")})
"""  # noqa: S608 (our own words)
# Articles that an index lists and whose pages were read to have another day.
_OTHERS = """
SELECT expected, (
  SELECT count(*) FROM address a WHERE a.day = d.day AND a.language = d.language
    AND a.kind = 'article' AND a.published <> d.day AND a.name <> ?)
FROM day d WHERE day = ? AND language = ?
"""
_LISTED = """
SELECT a.name FROM address i JOIN address a ON (a.day, a.language) = (i.day, i.language)
WHERE i.name = ? AND a.kind = 'article'
"""


class Day(NamedTuple):
    """One day index. `is_final`: it was asked when nothing could change any more.

    `expected` is None while no form of it answered; `closed_at` in seconds since 1970.
    """

    day: str
    expected: int | None
    is_final: bool
    closed_at: float | None
    holes: int | None


class Days:
    """The days of a ledger, in the ledger's own connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def write(self, address: int, lease: Lease, outcome: Outcome) -> None:
        """Write what a day index came to, within the transaction that settles it or a page of it."""
        index = outcome.index or (lease.name if lease.day else "")
        if index:
            row = {"index": index, "expected": outcome.expected, "final": outcome.final}
            self._connection.execute(_WRITE, row)
            if outcome.expected == 0:
                self._connection.execute(_DISOWN, (address,))

    def close(self, now: float) -> int:
        """Close each final day whose articles all have a final state, failed ones included."""
        with told(self._path):
            return self._connection.execute(_CLOSE, (now,)).rowcount

    def within(self, language: str, first: str, last: str) -> dict[str, Day]:
        """Give the known days of a range, both ends included."""
        rows = self._all(
            "SELECT day, expected, is_final, closed_at, holes FROM day"
            " WHERE language = ? AND day BETWEEN ? AND ? ORDER BY day",
            *(language, first, last),
        )
        return {row[0]: Day(row[0], row[1], bool(row[2]), *row[3:]) for row in rows}

    def others(self, day: str, language: str, without: str) -> tuple[int, int]:
        """Count the articles on a day's index, and those of them that were read to have another.

        `without` names one that is not looked at. An index that was not read lists nothing.
        """
        rows = self._all(_OTHERS, without, day, language)
        return (rows[0][0] or 0, rows[0][1]) if rows else (0, 0)

    def listed(self, index: str) -> set[str]:
        """Name the articles that an index lists, or listed in an earlier run."""
        return {name for (name,) in self._all(_LISTED, index)}

    def last_closed(self, language: str) -> str | None:
        """Give the newest day that is closed."""
        found: str | None = self._all(
            "SELECT max(day) FROM day WHERE language = ? AND closed_at IS NOT NULL", language
        )[0][0]
        return found

    def _all(self, query: str, *values: object) -> list[Any]:
        with told(self._path):
            return self._connection.execute(query, values).fetchall()
