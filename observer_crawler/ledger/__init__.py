"""The state of every address of a crawl, and the queue: ask with `lease`, answer with `settle`."""

from __future__ import annotations

from observer_crawler.ledger.entries import (
    Found,
    Lease,
    Outcome,
    Patience,
    Settled,
    State,
    Visit,
)
from observer_crawler.ledger.memory import MemoryLedger

__all__ = [
    "Found",
    "Lease",
    "MemoryLedger",
    "Outcome",
    "Patience",
    "Settled",
    "State",
    "Visit",
]
