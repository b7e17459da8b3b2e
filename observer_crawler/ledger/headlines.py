"""Every headline that is known, with its day and its state, read beside a crawl.

Sorted by SQLite, which keeps what does not fit into its memory in a file of its own, and given
row by row: a million headlines take no more memory than one.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.ledger import tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The day that the article's own page says goes before that of the index that lists it. The
# numbers of an id have no leading zeros: the shorter is the smaller.
_QUERY = """
SELECT name, coalesce(published, day) AS on_day, text, url, state FROM address
WHERE kind = 'article' AND (day IS NOT NULL OR published IS NOT NULL OR text <> '')
  AND (:first IS NULL OR coalesce(published, day) >= :first)
  AND (:last IS NULL OR coalesce(published, day) <= :last)
  AND (:state IS NULL OR state = :state)
ORDER BY on_day, length(name), name
"""


class Headline(NamedTuple):
    """One article. `day` is None while nobody knows it, `text` empty where none was shown."""

    id: str
    day: str | None
    text: str
    url: str
    state: str


def headlines(
    path: Path, first: str | None = None, last: str | None = None, state: str | None = None
) -> Iterator[Headline]:
    """Give the headlines of a range of days, both ends included; raises LedgerError."""
    with closing(tables.look(path)) as connection, tables.told(path):
        rows = connection.execute(_QUERY, {"first": first, "last": last, "state": state})
        yield from map(Headline._make, rows)
