"""How links enter the ledger: what is new, what was only seen, and who waits for it.

A page shows mostly what the page before it showed, and else what is known already and has not
changed. So what is repeated is passed over, one statement looks up the others and gives only those
that may be news, and what is news is written, each kind by one `executemany`: nothing here counts
rows or walks a table. Must not know Scrapy, pages or addresses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.ledger.entries import State
from observer_crawler.ledger.repeats import Shown

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from observer_crawler.ledger.entries import Found
    from observer_crawler.ledger.repeats import Repeats

# Each has its bit in `address.boxes`, so the order is for ever; new ones come at the end.
BOXES = (
    *("section", "latest", "related", "most_read", "previous", "next"),
    *("day", "paging", "menu", "feed", "body", "other"),
)
_BITS = {box: 1 << number for number, box in enumerate(BOXES)}
# When a held visit is due: never by itself.
HELD = 1e18
_UNASKED = frozenset({State.SEEN, State.WAITING})

# Links of one look-up; a page has about 60, SQLite takes 32,766 values, three a link. As many
# places as links: empty ones cost a third more.
_MANY = 500
# Gives unknown addresses, and those of which a link may change something. Of 30 links of a real
# page 17 are neither: to bring their rows into Python as well makes a look-up take twice as long
# (130 us instead of 57 with 10,000 known). `tells`: the link says what is no matter of its boxes.
_LOOK = f"""
WITH shown (name, boxes, tells) AS (VALUES %s)
SELECT shown.name, id, state, depth, address.boxes, day, text, url, tried IS NOT NULL,
  state IN ('waiting', 'failed', 'denied') AND EXISTS (
    SELECT 1 FROM visit WHERE address = address.id AND scope = ? AND due < {HELD})
FROM shown LEFT JOIN address ON address.name = shown.name
WHERE id IS NULL OR tells OR state IN ('seen', 'waiting', 'failed', 'denied')
  OR address.boxes | shown.boxes <> address.boxes OR text = ''
"""  # noqa: S608 (a number of ours)
_INSERT = """
INSERT INTO address
  (id, name, kind, language, state, url, box, page, text, depth, boxes, day, found_at, hops)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_PROMOTE = "UPDATE address SET state = 'waiting', box = ?, page = ?, depth = ? WHERE id = ?"
_CHANGE = "UPDATE address SET boxes = ?, text = ?, url = ? WHERE id = ?"
# Apart, because it has an index: SQLite writes that anew for a day that is the same, too.
_CHANGE_DAY = "UPDATE address SET day = ? WHERE id = ?"
_BEGIN_ANEW = """
UPDATE address SET attempts = 0, hops = 0, tried = NULL, earned = NULL,
  state = CASE state WHEN 'failed' THEN 'waiting' ELSE state END
WHERE id = ?
"""
# Who comes later to an address that waits for its next try waits with the others.
_VISIT = f"""
INSERT INTO visit (address, scope, rank, due, wait, leased)
SELECT ?1, ?2, ?3, max(?4, coalesce(max(due), 0)), coalesce(wait, 0), 0
FROM visit WHERE address = ?1 AND due < {HELD}
ON CONFLICT (address, scope) DO UPDATE SET due = excluded.due WHERE due = {HELD}
"""  # noqa: S608 (a number of ours)
_VISIT_AGAIN = """
INSERT INTO visit (address, scope, rank, due, wait, leased) VALUES (?, ?, ?, ?, 0, 0)
ON CONFLICT (address, scope) DO UPDATE SET due = excluded.due, rank = excluded.rank
"""
# Each of these has its next try, in the queue of whoever asked first.
_TRIED_LATER = frozenset({State.WAITING, State.FAILED, State.DENIED})


@dataclass(slots=True)
class Entered:
    """What a page's links changed: those that were news, and how many more are in each state."""

    new: list[Found]
    states: Counter[State]


@dataclass(slots=True)
class _Shown:
    """All links of a page to one address: `found` is a wanted one where there is one."""

    found: Found
    url: str
    text: str
    boxes: int

    @property
    def tells(self) -> bool:
        """Whether it says what is no matter of its boxes."""
        return self.found.again or self.found.held or self.found.day is not None

    def all(self) -> Shown:
        """Give all that it says, to see it again."""
        return Shown(self.url, self.boxes, self.found.wanted, self.text != "", self.tells)


class _Known(NamedTuple):
    """What the ledger has of an address, as far as a link may change it."""

    id: int
    state: str
    depth: int
    boxes: int
    day: str | None
    text: str
    url: str
    is_tried: int
    is_queued: int


def bits(boxes: Iterable[str]) -> int:
    """Give the bits of some boxes; one without a bit (a seed, a redirect) has none.

    >>> bits(["section", "related", "seed"])
    5
    """
    return sum(_BITS.get(box, 0) for box in set(boxes))


def enter(  # noqa: PLR0913 (one page's links, and where they were found)
    connection: sqlite3.Connection,
    links: Iterable[Found],
    repeats: Repeats,
    *,
    page: str,
    depth: int,
    now: float,
    hops: int = 0,
) -> Entered:
    """Take in the links of one page, within a transaction of the caller.

    `repeats` are those that this run was shown before, and its scope.
    """
    shown = _unrepeated(_merged(links), repeats)
    known = _look(connection, list(shown.items()), repeats.scope)
    news = [(each, known[name]) for name, each in shown.items() if name in known]
    entrance = _Entrance(connection, repeats.scope, page, depth)
    for each, address in news:
        if address is not None:
            entrance.meet(each, address)
    entrance.add([each for each, address in news if address is None], now, hops)
    entrance.write()
    return entrance.entered


class _Entrance:
    """Gathers what the links of one page change, and writes it."""

    def __init__(self, connection: sqlite3.Connection, scope: int, page: str, depth: int) -> None:
        self.entered = Entered([], Counter())
        self._connection = connection
        self._scope = scope
        self._page = page
        self._depth = depth
        self._rows: dict[str, list[tuple[object, ...]]] = {}

    def add(self, fresh: list[_Shown], now: float, hops: int) -> None:
        """Give each unknown address its number and its state."""
        if not fresh:
            return
        last = self._connection.execute("SELECT coalesce(max(id), 0) FROM address").fetchone()[0]
        for number, shown in enumerate(fresh, last + 1):
            found = shown.found
            state = State.WAITING if found.wanted else State.SEEN
            self.entered.new.append(found)
            self.entered.states[state] += 1
            self._put(
                _INSERT,
                *(number, found.name, found.kind, found.language, state, shown.url, found.box),
                *(self._page, shown.text, self._depth, shown.boxes, found.day, now, hops),
            )
            if found.wanted:
                self._visit(_VISIT_AGAIN, found, number, self._depth)

    def meet(self, shown: _Shown, known: _Known) -> None:
        """Change what a link changes of an address, and let it wait where it is wanted."""
        found, number = shown.found, known.id
        state, depth = known.state, known.depth
        if found.wanted and state == State.SEEN:
            state, depth = self._move(State.SEEN, State.WAITING), self._depth
            self._put(_PROMOTE, found.box, self._page, depth, number)
        if found.day is not None and found.day != known.day:
            self._put(_CHANGE_DAY, found.day, number)
        after = _changed(shown, known, promoted=state != known.state)
        if after != (known.boxes, known.text, known.url):
            self._put(_CHANGE, *after, number)
        if found.wanted and found.again:
            if state == State.FAILED:
                self._move(State.FAILED, State.WAITING)
            self._put(_BEGIN_ANEW, number)
            self._visit(_VISIT_AGAIN, found, number, depth)
        elif found.wanted and state in _TRIED_LATER and not known.is_queued:
            self._visit(_VISIT, found, number, depth)

    def write(self) -> None:
        for statement, rows in self._rows.items():
            self._connection.executemany(statement, rows)

    def _move(self, before: State, after: State) -> State:
        self.entered.states[before] -= 1
        self.entered.states[after] += 1
        return after

    def _visit(self, statement: str, found: Found, number: int, depth: int) -> None:
        rank = depth if found.rank is None else found.rank
        self._put(statement, number, self._scope, rank, HELD if found.held else 0.0)

    def _put(self, statement: str, *row: object) -> None:
        self._rows.setdefault(statement, []).append(row)


def _changed(shown: _Shown, known: _Known, *, promoted: bool) -> tuple[int, str, str]:
    """Give boxes, text and form of a known address as they are after a link to it.

    The form to fetch is the one seen last on a page, until the first form was tried. The text is
    that of the index of a day that was read last, as the day is: boxes shorten headlines.
    """
    text, url = known.text, known.url
    if shown.text and (not text or shown.found.day is not None):
        text = shown.text
    if promoted or (known.state in _UNASKED and not known.is_tried):
        url = shown.url
    return known.boxes | shown.boxes, text, url


def _merged(links: Iterable[Found]) -> dict[str, _Shown]:
    """Make one of all links of a page to one address; a wanted one goes before the others."""
    merged: dict[str, _Shown] = {}
    for link in links:
        box = _BITS.get(link.box, 0) if link.followed else 0
        shown = merged.get(link.name)
        if shown is None:
            merged[link.name] = _Shown(link, link.url, link.text, box)
            continue
        if link.wanted and not shown.found.wanted:
            shown.found = link
        shown.url = link.url
        shown.text = shown.text or link.text
        shown.boxes |= box
    return merged


def _unrepeated(links: dict[str, _Shown], repeats: Repeats) -> dict[str, _Shown]:
    """Give the links that may change something, and remember all of them."""
    fresh: dict[str, _Shown] = {}
    for name, each in links.items():
        shown = each.all()
        if not repeats.has(name, shown):
            repeats.add(name, shown)
            fresh[name] = each
    return fresh


def _look(
    connection: sqlite3.Connection, links: list[tuple[str, _Shown]], scope: int
) -> dict[str, _Known | None]:
    """Look up the links of a page; gives those that may be news, with None for unknown ones.

    An address says, too, whether it is in this run's queue already.
    """
    known: dict[str, _Known | None] = {}
    for start in range(0, len(links), _MANY):
        part = links[start : start + _MANY]
        values: list[object] = []
        for name, shown in part:
            values += (name, shown.boxes, shown.tells)
        query = _LOOK % ", ".join(["(?, ?, ?)"] * len(part))
        for name, *row in connection.execute(query, [*values, scope]):
            known[name] = None if row[0] is None else _Known._make(row)
    return known
