"""The lines of the segments, as the ledger knows them: the newest of each article.

The segments are the truth and these rows are their index. A line that the ledger does not know
is adopted; one that it knows and the segment lacks puts its address back to waiting.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from observer_crawler.ledger.entries import State, Text
from observer_crawler.ledger.links import enter
from observer_crawler.ledger.repeats import Repeats
from observer_crawler.ledger.settling import next_age

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

    from observer_crawler.ledger.entries import Found, Line

COLUMNS = (
    "published_date, section, language, markup, extractor, filled, file, offset, size, "
    "content_sha256, revision, fetched_at"
)
NEWEST = f"SELECT {COLUMNS} FROM line WHERE address = (SELECT id FROM address WHERE name = ?)"  # noqa: S608 (our own names)
_FIELDS = COLUMNS.split(", ")
_GIVEN = ", ".join(f":{name}" for name in _FIELDS)
_TAKEN = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS)
# Which line is newest is told by (fetched_at, extractor) alone. The mark of an alarm goes with the
# line that it was set on: one that is newer was read after it.
_WRITE = f"""
INSERT INTO line (address, {COLUMNS}) VALUES (:address, {_GIVEN})
ON CONFLICT (address) DO UPDATE SET {_TAKEN}, marked =
  CASE WHEN (excluded.fetched_at, excluded.extractor) = (fetched_at, extractor) THEN marked END
WHERE (excluded.fetched_at, excluded.extractor) >= (fetched_at, extractor)
"""  # noqa: S608 (our own names)
# Of two texts the older one steps aside; a text that was read again takes its own place.
_TEXT = "fetched_at, extractor, revision, content_sha256, file, offset, size"
_HAS_OTHER = "SELECT 1 FROM line WHERE address = :address AND fetched_at <> :fetched_at"
_PUT_ASIDE = f"""
INSERT INTO older (address, {_TEXT}) SELECT address, {_TEXT} FROM line
WHERE address = :address AND fetched_at < :fetched_at
ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own names)
_STAY_ASIDE = f"""
INSERT INTO older (address, {_TEXT})
SELECT :address, {", ".join(f":{name}" for name in _TEXT.split(", "))} FROM line
WHERE address = :address AND fetched_at > :fetched_at
ON CONFLICT DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _TEXT.split(", "))}
WHERE excluded.extractor >= extractor
"""  # noqa: S608 (as above)
_TEXTS = f"""
SELECT {_TEXT} FROM line WHERE address = (SELECT id FROM address WHERE name = ?1)
UNION ALL SELECT {_TEXT} FROM older WHERE address = (SELECT id FROM address WHERE name = ?1)
ORDER BY fetched_at
"""  # noqa: S608 (as above)
# A copy of an article, kept elsewhere, was stored: the article is, too, and its links are known.
# Where its own page was seen later than this text, that page is asked once more: it may say again
# what it said before. Where it was never seen, it is visited at the ages of any other article.
_STORED_OF = """
UPDATE address SET state = 'stored', reason = '',
  published = coalesce((SELECT published_date FROM line WHERE address = id), published),
  revisit = CASE WHEN :written < fetched_at THEN :now WHEN :is_news THEN :revisit ELSE revisit END
WHERE id = :id AND EXISTS (SELECT 1 FROM line WHERE address = :id)
"""
# Lines are known up to the first one that is not: another before this one may yet be settled.
_ADVANCE = """
INSERT INTO segment VALUES (:file, CASE :offset WHEN 0 THEN :size ELSE 0 END, :offset + :size)
ON CONFLICT (file) DO UPDATE SET reach = max(reach, excluded.reach),
  size = CASE size WHEN :offset THEN excluded.reach ELSE size END
"""
_KNOWN_UP_TO = """
INSERT INTO segment VALUES (?, ?, 0) ON CONFLICT (file) DO UPDATE SET size = excluded.size
"""
# The links of a page that nobody settled are not known, so it waits. One that was settled without
# an article, and is read now, needs no visit for them.
_ADOPT_STATE = """
UPDATE address SET published = coalesce(:published_date, published),
  reason = CASE WHEN state IN ('seen', 'waiting', 'stored') THEN reason ELSE '' END,
  revisit = CASE WHEN state IN ('seen', 'waiting', 'stored') THEN revisit ELSE :revisit END,
  state = CASE WHEN state IN ('seen', 'waiting') THEN 'waiting' ELSE 'stored' END
WHERE name = :id
"""
_ADDRESS_OF = """
SELECT a.id, l.offset FROM address a
LEFT JOIN line l ON l.address = a.id AND l.file = ? AND l.offset = ? WHERE a.name = ?
"""
# Lines whose articles are looked up at once.
_TOGETHER = 200
_ALL = """
SELECT a.id, a.name, l.fetched_at, l.content_sha256, l.file
FROM line l JOIN address a ON a.id = l.address
"""


def write_line(connection: sqlite3.Connection, address: int, line: Line) -> None:
    """Write where the newest line of an article stands, and what is in it."""
    row = {"address": address, **{name: getattr(line, name) for name in _FIELDS}}
    if connection.execute(_HAS_OTHER, row).fetchone() is not None:
        connection.execute(_PUT_ASIDE, row)
        connection.execute(_STAY_ASIDE, row)
    connection.execute(_WRITE, row)
    connection.execute(_ADVANCE, row)


def settle_of(
    connection: sqlite3.Connection,
    name: str,
    line: Line | None,
    now: float,
    revisit_days: Sequence[float],
) -> dict[State, int]:
    """Let an article be stored of which a page kept elsewhere is a copy; its address is known.

    `line` is the text that was just stored, None where it is stored already. Gives how many more
    addresses are in each state. `revisit_days` as for `adopt`.
    """
    number, state = connection.execute(
        "SELECT id, state FROM address WHERE name = ?", (name,)
    ).fetchone()
    if line is not None:
        write_line(connection, number, line)
    row = {
        "id": number,
        "written": line and line.fetched_at,
        "now": now,
        "is_news": state != State.STORED,
        "revisit": next_age(line.published_date if line else None, revisit_days, now),
    }
    if connection.execute(_STORED_OF, row).rowcount and state != State.STORED:
        return {State(state): -1, State.STORED: 1}
    return {}


def texts(connection: sqlite3.Connection, name: str) -> list[Text]:
    """Give every text of an article, the oldest first."""
    return [Text(*row) for row in connection.execute(_TEXTS, (name,))]


def adopt(
    connection: sqlite3.Connection,
    reach: tuple[str, int],
    lines: Iterable[tuple[Line, Found, Sequence[Found]]],
    now: float,
    revisit_days: Sequence[float],
) -> int:
    """Take in lines that the ledger may not know, each with its article and its links.

    `reach` is a segment, and the byte up to which all of its lines are known afterwards.
    Gives how many were news. `revisit_days` are the ages at which an article is visited again.
    """
    adopted, repeats, more = 0, Repeats(), iter(lines)
    while some := list(islice(more, _TOGETHER)):
        # No run has begun, so nobody can wait for them yet: who wants orphans asks for them.
        orphans = [article._replace(wanted=False) for _, article, _ in some]
        enter(connection, orphans, repeats, page="", depth=0, now=now)
        for line, article, links in some:
            enter(connection, links, repeats, page=article.name, depth=1, now=now)
            adopted += _adopt(connection, line, now, revisit_days)
    connection.execute(_KNOWN_UP_TO, reach)
    return adopted


def _adopt(
    connection: sqlite3.Connection, line: Line, now: float, revisit_days: Sequence[float]
) -> bool:
    """Take in one line, whose article is known; gives whether it was news."""
    address, known = connection.execute(_ADDRESS_OF, (line.file, line.offset, line.id)).fetchone()
    if known is None:
        day = line.published_date
        revisit = next_age(day, revisit_days, now)
        row = {"id": line.id, "published_date": day, "revisit": revisit}
        connection.execute(_ADOPT_STATE, row)
    write_line(connection, address, line)
    return known is None


def lose(
    connection: sqlite3.Connection, there: Collection[tuple[str, str, str]]
) -> list[tuple[str, str]]:
    """Forget lines that stand nowhere any more; their articles wait again.

    `there` has article, time of fetching and sum of each line that stands somewhere. Gives the
    names of the others, with their segments. All segments are to be read anew afterwards: lines
    may have moved, and an older one of a lost article may stand in any of them.
    """
    rows = connection.execute(_ALL).fetchall()
    lost = [row for row in rows if row[1:4] not in there]
    for address, *_ in lost:
        connection.execute("DELETE FROM line WHERE address = ?", (address,))
        connection.execute("UPDATE address SET state = 'waiting' WHERE id = ?", (address,))
    connection.execute("DELETE FROM older")
    connection.execute("UPDATE segment SET size = 0, reach = 0")
    return [(row[1], row[4]) for row in lost]
