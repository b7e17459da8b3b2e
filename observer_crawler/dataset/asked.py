"""What the site asked of the training of AI: spans of days, and the articles fetched in them.

A day (UTC, of fetching) says `no` when anything that was read on it did, `yes` when its robots.txt
did, else `not said`; days on which nothing was read are in no span of their own. An article is
judged by the robots.txt of the day on which it was fetched, and by its own page: what a single
other page says makes the day a `no` for people and takes no article with it. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from observer_crawler.dataset.batch import columns_of
from observer_crawler.dataset.columns import schema
from observer_crawler.exceptions import ExportError
from observer_crawler.ledger.signals import ROBOTS
from observer_crawler.rights import Says

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from observer_crawler.dataset.batch import Rows
    from observer_crawler.dataset.gathered import Gathered
    from observer_crawler.ledger.signals import Spoken
    from observer_crawler.source import Source

NOT_READ = "not read"
# All that an article can have been fetched under, in the order in which they are shown.
VERDICTS = (*map(str, Says), NOT_READ)
_MOST_WORDS = 3
_COUNTED = pa.schema([schema().field(name) for name in ("id", "fetched_at")])


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which the same was said, the first and the last on which it was read among them."""

    since: str
    until: str
    says: str
    because: tuple[str, ...]

    def as_values(self) -> dict[str, Any]:
        """Give it as the manifest has it."""
        return {
            "from": self.since,
            "until": self.until,
            "says": self.says,
            "because": list(self.because),
        }


def spans(rows: Iterable[Spoken]) -> list[Span]:
    """Make spans of readings, in any order: neighbours that say the same are one.

    Between them nothing else was read, though there may be days without any reading.
    """
    found: list[Span] = []
    for day, of_day in sorted(_by_day(rows).items()):
        says, because = _says(of_day), _because(of_day)
        if found and (found[-1].says, found[-1].because) == (says, because):
            found[-1] = Span(found[-1].since, day, says, because)
        else:
            found.append(Span(day, day, says, because))
    return found


def _by_day(rows: Iterable[Spoken]) -> dict[str, list[Spoken]]:
    days: dict[str, list[Spoken]] = {}
    for row in rows:
        days.setdefault(row.day, []).append(row)
    return days


def _says(rows: Iterable[Spoken]) -> str:
    """Judge a day: any no holds; a yes is one of robots.txt, for a page speaks for itself alone."""
    found = {row.says for row in rows if row.place == ROBOTS or row.says == Says.NO}
    return str(next((says for says in (Says.NO, Says.YES) if says in found), Says.NOTHING))


def _because(rows: Iterable[Spoken]) -> tuple[str, ...]:
    """Give the words of a day, each with its place, whatever they came to."""
    return tuple(
        sorted(
            {
                f"{row.place} of {row.host}: {words}"
                for row in rows
                for words in row.words.splitlines()
            }
        )
    )


@dataclass(slots=True)
class Asked:
    """What was said, and how many rows were fetched under it."""

    rows: list[Spoken]
    pages: frozenset[tuple[str, str]] = frozenset()
    counts: Counter[str] = field(default_factory=Counter)
    _spans: list[Span] = field(init=False)
    _robots: dict[str, str] = field(init=False)
    _held: dict[str, dt.datetime] = field(init=False)
    _refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._spans = spans(self.rows)
        of_robots = _by_day(row for row in self.rows if row.place == ROBOTS)
        self._robots = {day: _says(rows) for day, rows in of_robots.items()}
        self._held = {
            day: max(until)
            for day, rows in of_robots.items()
            if (until := list(_held(of_robots.get(_day_before(day), ()), rows)))
        }

    def take(self, rows: Rows) -> None:
        """Count some rows of the dataset."""
        columns = columns_of(rows, _COUNTED)
        days = columns["fetched_at"].cast(pa.date32()).to_pylist()
        ids = columns["id"].to_pylist() if self.pages else [""] * len(days)
        early = self._are_early(columns["fetched_at"]) if self._held else [False] * len(days)
        for (name, at, is_early), count in Counter(zip(ids, days, early, strict=True)).items():
            day = at.isoformat() if at else ""
            says = self.verdict(name, day, is_early=is_early)
            self.counts[says] += count
            if says == Says.NO:
                self._refused[day] += count

    def _are_early(self, moments: pa.Array) -> list[bool]:
        """Say of each row whether it was fetched under a no that was read the day before."""
        found = (at and (at, self._held.get(at.date().isoformat())) for at in moments.to_pylist())
        return [bool(pair and pair[1] and pair[0] < pair[1]) for pair in found]

    def verdict(self, name: str, day: str, *, is_early: bool = False) -> str:
        """Say under what an article was fetched on a day; `is_early`: as `_are_early` tells.

        A robots.txt that was read holds for a day at most (RFC 9309, 2.4): on a day without a
        reading that of the day before was obeyed, or nobody knows.
        """
        if is_early or (self.pages and (name, day) in self.pages):
            return str(Says.NO)
        if day in self._robots or not day:
            return self._robots.get(day, NOT_READ)
        return self._robots.get(_day_before(day), NOT_READ)

    def values(self) -> dict[str, Any]:
        """Give what the manifest says of it."""
        return {
            "ai_train": [span.as_values() for span in self._spans],
            "ai_train_rows": {says: self.counts[says] for says in VERDICTS},
        }

    def require(self) -> None:
        """Raise ExportError, one line, where rows were fetched while the site said no."""
        if not self._refused:
            return
        first = min(self._refused)
        span = self._span_of(first)
        more = sum(self._refused.values())
        raise ExportError(
            f"--require-ai-train: the site said no to AI training {_when(span, first)}; "
            f"{more:,} of {self.counts.total():,} rows were fetched under a no, the first of them on "
            f"{first}: choose others with --where, or leave --require-ai-train out"
        )

    def _span_of(self, day: str) -> Span | None:
        """Give the span that says no to what was fetched on a day: its own, or the one before."""
        refusing = [span for span in self._spans if span.says == Says.NO and span.since <= day]
        return refusing[-1] if refusing else None


def _when(span: Span | None, day: str) -> str:
    if span is None:
        return f"on {day}"
    more = len(span.because) - _MOST_WORDS
    words = "; ".join(span.because[:_MOST_WORDS]) + (f"; {more} more" if more > 0 else "")
    return f"from {span.since} to {span.until} ({words})"


def _held(before: Iterable[Spoken], rows: Iterable[Spoken]) -> Iterator[dt.datetime]:
    """Say until when on a day each host's no of the day before held: till it was read again."""
    last = {
        row.host: row for row in sorted(before, key=lambda row: (row.last, row.says == Says.NO))
    }
    rows = list(rows)
    end = f"{rows[0].day}T23:59:59.999999+00:00"
    for host in (row.host for row in last.values() if row.says == Says.NO):
        read = min((row.first for row in rows if row.host == host), default=end)
        yield dt.datetime.fromisoformat(read).astimezone(dt.UTC)


def _day_before(day: str) -> str:
    try:
        return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()
    except OverflowError:  # the first day of the calendar, in a line that somebody made up
        return ""


def together(ledger: Iterable[Spoken], captured: Iterable[Spoken]) -> list[Spoken]:
    """Put the ledger's readings and those of captures together, each once.

    Captures know of days before the ledger kept them; of a day that both know the ledger's hold,
    for it heard of every reading.
    """
    rows = list(ledger)
    known = {(row.day, row.host) for row in rows if row.place == ROBOTS}
    return sorted([*rows, *(row for row in captured if (row.day, row.host) not in known)])


def known(gathered: Gathered | None, captured: Iterable[Spoken], source: Source) -> Asked:
    """Put together what the ledger and the captures know of a site's own words."""
    said = gathered.said if gathered else []
    ours = [row for row in captured if source.owns(row.host)]
    return Asked(together(said, ours), gathered.said_no if gathered else frozenset())
