"""What a run asks for of all that is known already, at its start."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from observer_crawler.ledger.entries import Known, State
from observer_crawler.ledger.links import HELD, bits

if TYPE_CHECKING:
    import sqlite3

    from observer_crawler.ledger.entries import Wish

_ASK = """
UPDATE address SET attempts = 0, hops = 0, tried = NULL, earned = NULL,
  state = CASE state WHEN 'stored' THEN 'stored' ELSE 'waiting' END
WHERE id = ? AND state NOT IN ('failed', 'denied')
  AND (state <> 'waiting' OR NOT EXISTS (SELECT 1 FROM visit WHERE address = id))
"""
# Where others wait for the next try, whoever comes later waits with them.
_VISIT = f"""
INSERT INTO visit (address, scope, rank, due, wait, leased)
SELECT ?1, ?2, ?3, coalesce(max(due), 0), coalesce(wait, 0), 0
FROM visit WHERE address = ?1 AND due < {HELD}
ON CONFLICT (address, scope) DO NOTHING
"""  # noqa: S608 (a number of ours)
# The note of a round of visits to all that is stored, while it is under way.
ROUND = "round"
# What waits for its second try is of the round too.
ROUND_OVER = """
DELETE FROM note WHERE key = ? AND NOT EXISTS
  (SELECT 1 FROM visit v JOIN address a ON a.id = v.address
   WHERE v.scope = ? AND (v.due <= ? OR a.state = 'stored'))
"""
# Until the links of all articles are known again, after the ledger was made anew.
REBUILT_OVER = """
DELETE FROM note WHERE key = 'rebuilt_at' AND NOT EXISTS
  (SELECT 1 FROM address a JOIN line l ON l.address = a.id WHERE a.state = 'waiting')
"""
_UNCHANGED = frozenset({State.STORED, State.FAILED, State.DENIED})


@dataclass(frozen=True, slots=True)
class Asked:
    """How many addresses a wish put into the queue, and how the states changed."""

    visits: int
    states: Counter[State]


def answer(connection: sqlite3.Connection, wish: Wish, scope: int, now: float) -> Asked:
    """Ask for the addresses that a wish names, within a transaction of the caller."""
    conditions, values = _conditions(wish, now)
    # What waits for this run already is not asked for again: it may be in the midst of its forms.
    conditions.append("NOT EXISTS (SELECT 1 FROM visit WHERE address = address.id AND scope = ?)")
    values.append(scope)
    # A revisit is due for few of many stored articles: its own index knows them.
    index = "INDEXED BY address_by_revisit" if wish.due else ""
    rows = connection.execute(
        "SELECT name, kind, state, url, text, depth, day, published, found_at, id"  # noqa: S608
        f" FROM address {index} WHERE {' AND '.join(conditions)}",
        values,
    )
    states: Counter[State] = Counter()
    visits: list[tuple[int, int, int]] = []
    for *columns, address in rows:
        known = Known(columns[0], columns[1], State(columns[2]), *columns[3:])
        if wish.keep is None or wish.keep(known):
            states[known.state] -= known.state not in _UNCHANGED
            visits.append((address, scope, wish.rank(known) if wish.rank else known.depth))
    states[State.WAITING] -= sum(states.values())
    connection.executemany(_ASK, [(address,) for address, *_ in visits])
    added = connection.executemany(_VISIT, visits).rowcount if visits else 0
    return Asked(added, states)


def _conditions(wish: Wish, now: float) -> tuple[list[str], list[object]]:
    """Write what must hold of an address, and the values for its places."""
    states = ", ".join(f"'{state}'" for state in sorted(wish.states))
    conditions = [f"state IN ({states})", "kind = ?"]
    values: list[object] = [wish.kind]

    def add(condition: str, *more: object) -> None:
        conditions.append(condition)
        values.extend(more)

    if wish.language:
        add("language = ?", wish.language)
    if wish.boxes:
        add("boxes & ?", bits(wish.boxes))
    if wish.first_day:
        add("coalesce(published, day, ?) >= ?", wish.first_day, wish.first_day)
    if wish.last_day:
        add("coalesce(published, day, ?) <= ?", wish.last_day, wish.last_day)
    if wish.max_depth is not None:
        add("depth <= ?", wish.max_depth)
    if wish.orphans:
        add("NOT EXISTS (SELECT 1 FROM visit WHERE address = address.id)")
    if wish.due:
        add("revisit <= ?", now)
    return conditions, values
