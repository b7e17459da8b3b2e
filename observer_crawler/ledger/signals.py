"""What the site said of the training of AI, by the day (UTC) on which it was read.

A row for each day, host, place and words: that robots.txt was read and said nothing is a row too,
for nobody looked is another thing. Pages that say nothing leave none. `signal_of` names the pages
behind a row. Days and moments are those of the answers, as their records have them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.ledger import tables

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from pathlib import Path

    from observer_crawler.ledger.entries import Signal

# Where robots.txt is the place; the others are of a page.
ROBOTS = "robots.txt"
_PUT = """
INSERT INTO signal (day, host, place, words, says, first, last, answers)
VALUES (:day, :host, :place, :words, :says, :at, :at, 1)
ON CONFLICT (day, host, place, words) DO UPDATE SET
  first = min(first, excluded.first), last = max(last, excluded.last), answers = answers + 1
RETURNING id
"""
_READ = """
SELECT day, host, place, words, says, first, last, answers FROM signal
ORDER BY day, host, place, words
"""
_OF = """
SELECT o.name, s.day FROM signal_of o JOIN signal s ON s.id = o.signal
WHERE s.says = ? ORDER BY o.name, s.day
"""


class Spoken(NamedTuple):
    """One row. `words`: a line each, none where nothing was said."""

    day: str
    host: str
    place: str
    words: str
    says: str
    first: str
    last: str
    answers: int


class Signals:
    """What a crawl notes beside its settlements, in the ledger's own connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def note(self, signal: Signal, day: str, at: str) -> None:
        """Keep one reading of robots.txt."""
        with tables.told(self._path):
            _put(self._connection, signal, day, at)


def take(
    connection: sqlite3.Connection, name: str, signals: Iterable[Signal], day: str, at: str
) -> None:
    """Keep what a page said, within the transaction that settles it."""
    for signal in signals:
        row = _put(connection, signal, day, at)
        connection.execute("INSERT OR IGNORE INTO signal_of VALUES (?, ?)", (name, row))


def all_said(connection: sqlite3.Connection) -> list[Spoken]:
    """Give all rows, by day, host, place and words."""
    return [Spoken(*row) for row in connection.execute(_READ)]


def pages_that_say(connection: sqlite3.Connection, says: str) -> list[tuple[str, str]]:
    """Give the name and the day of each page that said so."""
    return connection.execute(_OF, (says,)).fetchall()


def _put(connection: sqlite3.Connection, signal: Signal, day: str, at: str) -> int:
    values = {
        "day": day,
        "host": signal.host,
        "place": signal.place,
        "words": "\n".join(signal.words),
        "says": signal.says,
        "at": at,
    }
    row: int = connection.execute(_PUT, values).fetchone()[0]
    return row
