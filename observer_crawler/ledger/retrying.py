"""How what failed or was denied is put back, by hand: the one change of a ledger beside a crawl.

Must be called by whoever holds the folder's lock.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from observer_crawler.ledger import tables
from observer_crawler.ledger.entries import AFTER_ALL
from observer_crawler.ledger.links import HELD
from observer_crawler.ledger.reading import DEAD

if TYPE_CHECKING:
    from pathlib import Path

_OF_THE_DEAD = "SELECT id FROM address WHERE state IN (?, ?)"
_AT_ONCE = f"""
UPDATE visit SET due = 0, wait = 0 WHERE due < {HELD} AND address IN ({_OF_THE_DEAD})
"""  # noqa: S608 (our own words)
# Whom nobody asks for any more is asked by the scope that ran last.
_ASKED_BY_THE_LAST = f"""
INSERT INTO visit (address, scope, rank, due, wait, leased)
SELECT a.id, r.scope, CASE a.kind WHEN 'requisite' THEN {AFTER_ALL} ELSE a.depth END, 0, 0, 0
FROM address a JOIN (SELECT scope FROM run ORDER BY id DESC LIMIT 1) r
WHERE a.state IN (?, ?) AND NOT EXISTS (SELECT 1 FROM visit WHERE address = a.id)
"""  # noqa: S608 (a number of ours)
_WAITING = """
UPDATE address SET state = 'waiting', reason = '', attempts = 0, hops = 0, tried = NULL,
  earned = NULL
WHERE state IN (?, ?)
"""


def put_back(path: Path) -> int:
    """Let every failed or denied address wait as if it were new; gives how many they are.

    A refusal of the whole site is lifted with them.
    """
    with tables.told(path), closing(tables.connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_AT_ONCE, DEAD)
        connection.execute(_ASKED_BY_THE_LAST, DEAD)
        count = connection.execute(_WAITING, DEAD).rowcount
        connection.execute("DELETE FROM note WHERE key = 'refused_until'")
        connection.execute("COMMIT")
    return count
