"""How links enter the ledger: what is new, what was only seen, and who waits for it.

All of a page's links in a few statements, each by one `executemany`: nothing here counts rows
or walks a table. Must not know Scrapy, pages or addresses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger.entries import State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from observer_crawler.ledger.entries import Found

# Each has its bit in `address.boxes`, so the order is for ever; new ones come at the end.
BOXES = (
    *("section", "latest", "related", "most_read", "previous", "next"),
    *("day", "paging", "menu", "feed", "body", "other"),
)
# When a held visit is due: never by itself.
HELD = 1e18

_PROMOTE = """
UPDATE address SET state = 'waiting', url = :url, box = :box, page = :page, depth = :depth
WHERE name = :name AND state = 'seen'
"""
# The form to fetch is the one seen last on a page, until the first form was tried. The day is
# that of the index that was read last: one that proved to be another day's gives none. So is the
# text: boxes shorten headlines.
_ENTER = """
INSERT INTO address
  (name, kind, language, state, url, box, page, text, depth, boxes, day, found_at, hops)
VALUES
  (:name, :kind, :language, :state, :url, :box, :page, :text, :depth, :boxes, :day, :now, :hops)
ON CONFLICT (name) DO UPDATE SET
  boxes = boxes | excluded.boxes,
  day = coalesce(excluded.day, day),
  text = CASE WHEN excluded.text <> '' AND (text = '' OR excluded.day IS NOT NULL)
    THEN excluded.text ELSE text END,
  url = CASE WHEN state IN ('seen', 'waiting') AND tried IS NULL THEN excluded.url ELSE url END
WHERE boxes | excluded.boxes <> boxes
  OR day <> excluded.day OR (day IS NULL AND excluded.day IS NOT NULL)
  OR (text <> excluded.text AND excluded.text <> '' AND (text = '' OR excluded.day IS NOT NULL))
  OR (url <> excluded.url AND state IN ('seen', 'waiting') AND tried IS NULL)
"""
_BEGIN_ANEW = """
UPDATE address SET attempts = 0, hops = 0, tried = NULL, earned = NULL,
  state = CASE state WHEN 'failed' THEN 'waiting' ELSE state END
WHERE name = :name
"""
# Who comes later to an address that waits for its next try waits with the others.
_VISIT = f"""
INSERT INTO visit (address, scope, rank, due, wait, leased)
SELECT id, :scope, coalesce(:rank, depth),
  max(:due, coalesce((SELECT max(due) FROM visit WHERE address = id AND due < {HELD}), 0)), 0, 0
FROM address WHERE name = :name AND state = 'waiting'
ON CONFLICT (address, scope) DO UPDATE SET due = excluded.due WHERE due = {HELD}
"""  # noqa: S608 (a number of ours)
_VISIT_AGAIN = """
INSERT INTO visit (address, scope, rank, due, wait, leased)
SELECT id, :scope, coalesce(:rank, depth), :due, 0, 0 FROM address WHERE name = :name
ON CONFLICT (address, scope) DO UPDATE SET due = excluded.due, rank = excluded.rank
"""


@dataclass(slots=True)
class Entered:
    """What a page's links changed: those that were news, by state, and how many now wait."""

    new: list[Found]
    states: Counter[State]
    visits: int = 0


def bits(boxes: Iterable[str]) -> int:
    """Give the bits of some boxes; one without a bit (a seed, a redirect) has none.

    >>> bits(["section", "related", "seed"])
    5
    """
    return sum(1 << BOXES.index(box) for box in set(boxes) if box in BOXES)


def enter(  # noqa: PLR0913 (one page's links, and where they were found)
    connection: sqlite3.Connection,
    links: Iterable[Found],
    *,
    scope: int,
    page: str,
    depth: int,
    now: float,
    hops: int = 0,
) -> Entered:
    """Take in the links of one page, within a transaction of the caller."""
    rows = _merged(links)
    for _, row in rows.values():
        row |= {"scope": scope, "page": page, "depth": depth, "now": now, "hops": hops}
    wanted = [row for found, row in rows.values() if found.wanted]
    last = connection.execute("SELECT coalesce(max(id), 0) FROM address").fetchone()[0]
    promoted = connection.executemany(_PROMOTE, wanted).rowcount if wanted else 0
    connection.executemany(_ENTER, [row for _, row in rows.values()])
    states = Counter({State.WAITING: promoted, State.SEEN: -promoted})
    new: list[Found] = []
    for name, state in connection.execute("SELECT name, state FROM address WHERE id > ?", (last,)):
        new.append(rows[name][0])
        states[State(state)] += 1
    return Entered(new, states, _ask_for(connection, rows.values()))


def _ask_for(connection: sqlite3.Connection, rows: Iterable[tuple[Found, dict[str, Any]]]) -> int:
    """Make the visits of what is wanted."""
    again = [row for found, row in rows if found.wanted and found.again]
    once = [row for found, row in rows if found.wanted and not found.again]
    visits = connection.executemany(_VISIT, once).rowcount if once else 0
    if again:
        connection.executemany(_BEGIN_ANEW, again)
        visits += connection.executemany(_VISIT_AGAIN, again).rowcount
    return visits


def _merged(links: Iterable[Found]) -> dict[str, tuple[Found, dict[str, Any]]]:
    """Make one row of all links of a page to one address; a wanted one before the others."""
    rows: dict[str, tuple[Found, dict[str, Any]]] = {}
    for link in links:
        before = rows.get(link.name)
        shown = bits([link.box]) if link.followed else 0
        if before is None or (link.wanted and not before[0].wanted):
            rows[link.name] = (link, _row(link))
        row = rows[link.name][1]
        if before is not None:
            row["text"] = before[1]["text"] or link.text
            row["url"] = link.url
            shown |= before[1]["boxes"]
        row["boxes"] = shown
    return rows


def _row(link: Found) -> dict[str, Any]:
    return {
        "name": link.name,
        "kind": link.kind,
        "language": link.language,
        "state": State.WAITING if link.wanted else State.SEEN,
        "url": link.url,
        "box": link.box,
        "text": link.text,
        "boxes": 0,
        "day": link.day,
        "rank": link.rank,
        "due": HELD if link.held else 0.0,
    }
