"""Copies of articles that are kept elsewhere, and the texts that were stored of each article.

A copy is an address of its own, of the kind `capture`, named after its article and its moment:
`capture:b:370580:20220616120000:wayback`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.ledger import tables
from observer_crawler.ledger.lines import texts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.ledger.entries import Text

# What a copy came to whose text was stored already.
SAME_TEXT = "same text"
# From `capture:b:1:` to before `capture:b:1;`: these names in the order of the index.
_PASSED_OVER = """
SELECT name, url FROM address WHERE name >= ?1 || ':' AND name < ?1 || ';'
  AND reason = ?2 AND fetched_at > ?3 AND fetched_at < ?4
"""
_DAYS = """
SELECT name, published FROM address WHERE kind = ? AND published IS NOT NULL
"""


class Copies:
    """What a ledger knows of copies, in the ledger's own connection."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def texts(self, name: str) -> list[Text]:
        """Give every text that is stored of an article, the oldest first."""
        with tables.told(self._path):
            return texts(self._connection, name)

    def passed_over(self, name: str, at: str) -> list[tuple[str, str]]:
        """Give the copies (name, address) of an article that said nothing new, around a moment.

        They are those between the text that is stored before it and the one after: a text that
        comes between two sightings of another makes both of them news.
        """
        texts = self.texts(name)
        first = max((text.fetched_at for text in texts if text.fetched_at < at), default="")
        last = min((text.fetched_at for text in texts if text.fetched_at > at), default="~")
        values = (f"capture:{name}", SAME_TEXT, first, last)
        with tables.told(self._path):
            return self._connection.execute(_PASSED_OVER, values).fetchall()

    def days(self, kind: str) -> Iterator[tuple[str, str]]:
        """Give the day of each article or copy that is known to have one."""
        with tables.told(self._path):
            yield from self._connection.execute(_DAYS, (kind,))
