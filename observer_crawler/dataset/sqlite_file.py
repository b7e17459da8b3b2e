"""SQLite with full-text search, as Datasette finds it: a table `article`, its index beside it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from observer_crawler.dataset.text_files import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_SEARCHED = ("headline", "shoulder", "byline", "text")
# The file is made anew and thrown away when anything fails, so nothing has to be undone.
_PRAGMAS = """
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
"""
_INDEXED = ("published_date", "section", "agency", "language")
_COMMENT = str.maketrans("\r\n", "  ")


class SqliteFile:
    """One database. With revisions an article has several rows, so `id` is no key there."""

    def __init__(self, path: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        self.notes: list[str] = []
        self._names = schema.names
        self._is_searched = "text" in self._names
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(_PRAGMAS)
        self._connection.execute("BEGIN")
        self._connection.execute(_table(schema, is_key=not about["revisions"]))
        self._connection.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
        told = [
            (name, as_json(value) if isinstance(value, bool) else value)
            for name, value in sorted(about.items())
        ]
        self._connection.executemany("INSERT INTO about VALUES (?, ?)", told)
        marks = ", ".join("?" * len(self._names))
        self._insert = f"INSERT INTO article VALUES ({marks})"  # noqa: S608 (marks)

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        values = ([_value(row[name]) for name in self._names] for row in rows)
        self._connection.executemany(self._insert, values)

    def finish(self) -> None:
        """Index what was written."""
        for name in _INDEXED:
            self._connection.execute(f'CREATE INDEX article_{name} ON article ("{name}")')
        if self._is_searched:
            self._index_words()
        self._connection.execute("COMMIT")
        self._connection.close()

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        self._connection.close()

    def _index_words(self) -> None:
        columns = ", ".join(_SEARCHED)
        self._connection.execute(
            f"CREATE VIRTUAL TABLE article_fts USING fts5({columns}, content='article')"
        )
        self._connection.execute("INSERT INTO article_fts (article_fts) VALUES ('rebuild')")
        self._connection.execute("INSERT INTO article_fts (article_fts) VALUES ('optimize')")


def _table(schema: pa.Schema, *, is_key: bool) -> str:
    """Write the table, each column with its meaning beside it."""
    lines = []
    for place, field in enumerate(schema):
        comma = "," if place < len(schema) - 1 else ""
        key = " PRIMARY KEY" if is_key and field.name == "id" else ""
        is_number = pa.types.is_integer(field.type) or pa.types.is_boolean(field.type)
        type_ = "INTEGER" if is_number else "TEXT"
        meaning = field.metadata[b"description"].decode().translate(_COMMENT)
        lines.append(f'  "{field.name}" {type_}{key}{comma} -- {meaning}')
    return "CREATE TABLE article (\n" + "\n".join(lines) + "\n)"


def _value(value: object) -> object:
    if isinstance(value, list | dict):
        return as_json(value)
    return int(value) if isinstance(value, bool) else value
