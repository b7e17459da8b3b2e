"""The addresses of articles, as a list for another crawler, read beside a crawl.

Sorted by SQLite, which keeps what does not fit into its memory in a file of its own.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.ledger import tables
from observer_crawler.ledger.entries import State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

# Of these there is, or may be, a page. Not of what is missing or stands at another address, of what
# is no article, and of what robots.txt or the site denies.
WITH_A_PAGE = (
    *(State.STORED, State.SEEN, State.WAITING),
    *(State.REFUSED, State.OUTSIDE, State.FAILED),
)
_QUERY = """
SELECT name, language, url FROM address WHERE kind = 'article' AND state IN ({}) ORDER BY url
"""


class Place(NamedTuple):
    """Where an article stands: in the form that answered, else in the one that was seen last."""

    name: str
    language: str
    url: str


def addresses(path: Path, states: Collection[State] = WITH_A_PAGE) -> Iterator[Place]:
    """Give the articles in some states; raises LedgerError."""
    query = _QUERY.format(", ".join("?" * len(states)))
    with closing(tables.look(path)) as connection, tables.told(path):
        yield from map(Place._make, connection.execute(query, tuple(states)))
