"""Walks along section lists: when one to the end began, and which was the last to see all of it.

All functions stand within a transaction of the caller; times are seconds since 1970.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import sqlite3

_BEGIN = """
INSERT INTO walk (scope, list, started) VALUES (?, ?, ?) ON CONFLICT (scope, list)
DO UPDATE SET started = coalesce(started, excluded.started)
"""
_END = """
UPDATE walk SET complete_at = started, started = NULL
WHERE scope = ? AND list = ? AND started IS NOT NULL
"""
_KNOWN = "SELECT started, complete_at FROM walk WHERE scope = ? AND list = ?"


class Walk(NamedTuple):
    """When the walk under way began, and when the last one that saw the whole list did."""

    started: float | None = None
    complete_at: float | None = None


def begin(connection: sqlite3.Connection, scope: int, name: str, now: float) -> None:
    """Begin to walk a list, or go on."""
    connection.execute(_BEGIN, (scope, name, now))


def end(connection: sqlite3.Connection, scope: int, name: str) -> None:
    """Note that a list was read to its end."""
    connection.execute(_END, (scope, name))


def known(connection: sqlite3.Connection, scope: int, name: str) -> Walk:
    """Say what is known of the walks along a list."""
    row = connection.execute(_KNOWN, (scope, name)).fetchone()
    return Walk(*row) if row else Walk()
