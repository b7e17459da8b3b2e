"""A data folder judged by itself: what its ledger says against the bytes of its segments."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.ledger import FILE, State
from observer_crawler.ledger.tables import look
from tests.captures import assert_captures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class Written(NamedTuple):
    """A line of a segment, and where it stands."""

    record: dict[str, Any]
    file: str
    offset: int
    size: int


def assert_balance(data: Path) -> None:
    """Assert that ledger and segments of a folder say the same, and that nothing is leased."""
    lines = list(written(data))
    with closing(look(ledger_of(data))) as ledger:
        wrong = list(books(ledger, lines))
    assert not wrong, f"{len(wrong)} wrong: " + "\n".join(wrong[:20])
    assert_captures(data, [line.record for line in lines])


def books(ledger: sqlite3.Connection, lines: Sequence[Written]) -> Iterator[str]:
    """Say what of a ledger and the lines of its segments does not agree."""
    found = (_stored(ledger, lines), _places(ledger, lines), _marks(ledger), _copies(lines))
    return chain(*found)


def ledger_of(data: Path) -> Path:
    """The ledger's file."""
    return data / "state" / FILE


def written(data: Path) -> Iterator[Written]:
    """Every line of every segment; fails at a torn one and at one that is no JSON."""
    for path in sorted((data / "articles").glob("*/*.jsonl")):
        offset = 0
        for line in path.read_bytes().splitlines(keepends=True):
            assert line.endswith(b"\n"), f"torn: {path} at byte {offset}"
            yield Written(json.loads(line), str(path.relative_to(data)), offset, len(line))
            offset += len(line)


def newest(lines: Iterable[Written]) -> dict[str, Written]:
    ordered = sorted(lines, key=lambda line: (line.record["fetched_at"], line.record["extractor"]))
    return {line.record["id"]: line for line in ordered}


def _stored(ledger: sqlite3.Connection, lines: Sequence[Written]) -> Iterator[str]:
    """Stored addresses are the ids of the segments, both ways."""
    rows = ledger.execute("SELECT name FROM address WHERE state = 'stored'")
    stored, ids = {name for (name,) in rows}, {line.record["id"] for line in lines}
    yield from (f"{name} is stored and has no line" for name in sorted(stored - ids))
    yield from (f"{name} has a line and is not stored" for name in sorted(ids - stored))


def _places(ledger: sqlite3.Connection, lines: Sequence[Written]) -> Iterator[str]:
    """The newest line of each article is known, with its place."""
    rows = ledger.execute(
        "SELECT a.name, l.file, l.offset, l.size, l.content_sha256, l.revision, l.fetched_at"
        " FROM line l JOIN address a ON a.id = l.address"
    )
    known = {row[0]: row[1:] for row in rows}
    last = newest(lines)
    for name in sorted(known.keys() | last.keys()):
        place = _place(last[name]) if name in last else None
        if known.get(name) != place:
            yield f"the line of {name} is {place}, the ledger says {known.get(name)}"


def _place(line: Written) -> tuple[Any, ...]:
    told = (line.record[name] for name in ("content_sha256", "revision", "fetched_at"))
    return (line.file, line.offset, line.size, *told)


def _marks(ledger: sqlite3.Connection) -> Iterator[str]:
    """Nothing is leased, every state is a state, and SQLite finds its file in order."""
    leased = ledger.execute(
        "SELECT a.name FROM visit v JOIN address a ON a.id = v.address WHERE v.leased"
    )
    yield from (f"{name} is leased" for (name,) in leased)
    for name, state in ledger.execute("SELECT name, state FROM address"):
        if state not in set(State):
            yield f"{name} has the state {state!r}"
    for (answer,) in ledger.execute("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"ledger: {answer}"


def _copies(lines: Sequence[Written]) -> Iterator[str]:
    """No article has a second line of the same revision by the same extractor."""
    copies = Counter(
        tuple(line.record[name] for name in ("id", "revision", "extractor")) for line in lines
    )
    for (name, revision, _), count in copies.items():
        if count > 1:
            yield f"{name} has {count} lines of revision {revision}"
