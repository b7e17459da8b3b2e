"""A ledger on a real disk, for tests of what it promises: short words for links and outcomes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import (
    Found,
    Lease,
    Ledger,
    Line,
    Outcome,
    Patience,
    Scope,
    Settled,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from pathlib import Path

DAY = 86_400.0
PATIENCE = Patience(attempts=3, first_seconds=10, longest_seconds=100)
ONE, TWO = Scope("observer", "one"), Scope("observer", "two")


def now(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 (whatever the coroutine gives)
    """Run a coroutine that waits for nothing."""
    return asyncio.run(work)


def link(name: str, url: str = "", *, box: str = "latest", **more: Any) -> Found:  # noqa: ANN401 (its fields)
    kind = more.pop("kind", "article")
    return Found(name, kind, url or f"/{name}", box, more.pop("text", name), **more)


def opened(path: Path, scope: Scope = ONE, at: float = 0) -> Ledger:
    """Open a ledger and begin a run."""
    ledger = Ledger(path, PATIENCE, (1, 7, 30))
    ledger.begin(scope, at)
    return ledger


def names(ledger: Ledger, at: float = 0, limit: int = 9) -> list[str]:
    """Lease what is due and give it back."""
    leases = now(ledger.lease(limit, at))
    for each in leases:
        now(ledger.release(each))
    return [each.name for each in leases]


def lease(ledger: Ledger, at: float = 0) -> Lease:
    (found,) = now(ledger.lease(1, at))
    assert isinstance(found, Lease)
    return found


def settle(
    ledger: Ledger,
    state: State,
    links: Sequence[Found] = (),
    at: float = 0,
    **more: Any,  # noqa: ANN401 (further fields of the outcome)
) -> Settled:
    """Lease the next address and settle it at once."""
    outcome = Outcome(state, more.pop("reason", "why"), links, **more)
    settled = now(ledger.settle(lease(ledger, at), outcome, at))
    assert isinstance(settled, Settled)
    return settled


def line(name: str, fetched_at: str = "2022-06-16T10:00:00", **more: Any) -> Line:  # noqa: ANN401 (its fields)
    """Give a line of a segment that nobody reads."""
    usual: dict[str, Any] = {
        "published_date": "2022-06-16",
        "section": None,
        "language": "en",
        "markup": "2024",
        "extractor": 1,
        "filled": 3,
        "file": "articles/2022/2022-06.0.jsonl",
        "offset": 0,
        "size": 100,
        "content_sha256": "0" * 64,
        "revision": 1,
    }
    return Line(id=name, fetched_at=fetched_at, **{**usual, **more})


def rows(ledger: Ledger, query: str, *values: object) -> list[Any]:
    """Ask the file itself, beside the ledger."""
    with closing(sqlite3.connect(ledger.path)) as beside:
        return beside.execute(query, values).fetchall()


def counted(ledger: Ledger) -> dict[State, int]:
    """Count the addresses by state in SQL."""
    query = "SELECT state, count(*) FROM address GROUP BY state"
    return {State(state): count for state, count in rows(ledger, query)}


def column(ledger: Ledger, name: str, what: str) -> Any:  # noqa: ANN401 (a column's own type)
    """Give one column of an address."""
    return rows(ledger, f"SELECT {what} FROM address WHERE name = ?", name)[0][0]  # noqa: S608


def queue(ledger: Ledger) -> dict[tuple[str, int], float]:
    """Give when each visit is due, by address and scope."""
    query = "SELECT a.name, v.scope, v.due FROM visit v JOIN address a ON a.id = v.address"
    return {(name, scope): due for name, scope, due in rows(ledger, query)}
