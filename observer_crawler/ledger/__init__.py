"""The state of every address of a crawl, and the queue: ask with `lease`, answer with `settle`."""

from __future__ import annotations

from observer_crawler.ledger.copies import SAME_TEXT
from observer_crawler.ledger.days import Day
from observer_crawler.ledger.entries import (
    AFTER_ALL,
    ALL_RANKS,
    DAY_SECONDS,
    REQUISITE,
    UNASKED,
    Found,
    Known,
    Lease,
    Line,
    Outcome,
    Patience,
    Scope,
    Settled,
    Signal,
    State,
    Text,
    Visit,
    Wish,
)
from observer_crawler.ledger.ledger import FILE, Ledger
from observer_crawler.ledger.tables import is_sound
from observer_crawler.ledger.wishes import ROUND

__all__ = [
    "AFTER_ALL",
    "ALL_RANKS",
    "DAY_SECONDS",
    "FILE",
    "REQUISITE",
    "ROUND",
    "SAME_TEXT",
    "UNASKED",
    "Day",
    "Found",
    "Known",
    "Lease",
    "Ledger",
    "Line",
    "Outcome",
    "Patience",
    "Scope",
    "Settled",
    "Signal",
    "State",
    "Text",
    "Visit",
    "Wish",
    "is_sound",
]
