"""What the ledger says of how the lines came together, read once, as of one moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from observer_crawler import coverage
from observer_crawler.ledger import FILE
from observer_crawler.ledger.census import CensusReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.ledger.reading import EachDay, PastScope
    from observer_crawler.ledger.signals import Spoken

# An index that brought nothing, for good or for now.
_UNANSWERED = frozenset({"failed", "denied", "refused", "waiting"})


@dataclass(frozen=True, slots=True)
class NotComplete:
    """A day of which articles may be missing, and why."""

    day: str
    language: str
    why: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that the ledger knows of articles, days and runs.

    `days` are the indexes that were asked or wait to be; `without_index` those that the site
    does not have. `first_day` and `last_day` are their ends, None without any. `marked` counts
    articles of runs that alarmed, not read again since. `said` is what the site said of AI training,
    `said_no` the pages (name and day) that said no. `coverage` is the report as JSON, of the same
    moment.
    """

    states: dict[str, int] = field(default_factory=dict)
    reasons: dict[tuple[str, str], int] = field(default_factory=dict)
    scopes: list[PastScope] = field(default_factory=list)
    days: int = 0
    without_index: int = 0
    first_day: str | None = None
    last_day: str | None = None
    not_complete: list[NotComplete] = field(default_factory=list)
    rebuilt_at: float | None = None
    marked: int = 0
    said: list[Spoken] = field(default_factory=list)
    said_no: frozenset[tuple[str, str]] = frozenset()
    coverage: dict[str, Any] = field(default_factory=dict)


def gather(data: Path) -> Gathered | None:
    """Read the ledger of a folder; None where there is none. Raises LedgerError, AlarmError."""
    path = data / "state" / FILE
    if not path.exists():
        return None
    with CensusReader(path) as reader:
        days = [day for day in reader.each_day() if day.is_asked or day.state != "seen"]
        rebuilt_at = reader.notes().get("rebuilt_at")
        return Gathered(
            reader.states().get("article", {}),
            reader.reasons(),
            reader.scopes(),
            len(days),
            sum(day.state == "missing" for day in days),
            min((day.day for day in days), default=None),
            max((day.day for day in days), default=None),
            list(_not_complete(days)),
            float(rebuilt_at) if rebuilt_at else None,
            sum(reader.marked().values()),
            reader.said(),
            frozenset(reader.pages_that_say("no")),
            coverage.as_json(coverage.look_by(reader, data)),
        )


def _not_complete(days: list[EachDay]) -> Iterator[NotComplete]:
    """Name each day that is not done, and those between that nobody asked for."""
    for language, some in groupby(days, key=lambda each: each.language):
        before: dt.date | None = None
        for each in some:
            day = dt.date.fromisoformat(each.day)
            yield from (NotComplete(gap, language, "not asked") for gap in _between(before, day))
            if why := _why(each):
                yield NotComplete(each.day, language, why)
            before = day


def _between(before: dt.date | None, day: dt.date) -> Iterator[str]:
    gap = day if before is None else before + dt.timedelta(days=1)
    while gap < day:
        yield gap.isoformat()
        gap += dt.timedelta(days=1)


def _why(day: EachDay) -> str:
    if day.state in _UNANSWERED:
        return "not asked" if not day.is_asked else f"its index is {day.state}"
    if day.holes:
        return f"{day.holes} article{'s' * (day.holes > 1)} failed"
    return "" if day.is_closed or day.state == "missing" else "open"
