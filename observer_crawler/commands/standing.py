"""How a data folder stands: all that its ledger says, and the same as JSON for programs.

Pure but for the reader: the moment, the folder and whether a crawl runs are given.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.commands.alarm_words import as_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from observer_crawler.alarm.alarms import Alarm
    from observer_crawler.ledger.reading import DayCount, Dead, PastRun, Reader, Visits

# Runs shown: a week of nights and a day of trials.
MOST_RUNS = 8
# The order of states in the table: what is done, what waits, what will never come.
STATES = (
    *("stored", "read", "redirected", "waiting", "seen"),
    *("outside", "refused", "missing", "denied", "failed"),
)
NOTES = ("refused_until", "pause_until", "offline_since", "rebuilt_at")
# Notes that are over when their time has come.
_UNTIL = ("refused_until", "pause_until")


class Standing(NamedTuple):
    """All that is said of a folder. `running`: a crawl holds it at this moment.

    `alarms` stand; `marked` counts the articles that an alarm marked.
    """

    data: str
    origin: str
    now: float
    running: bool
    states: dict[str, dict[str, int]]
    lines: dict[str, int]
    visits: Visits
    revisits: Visits
    days: DayCount
    runs: list[PastRun]
    seconds_left: float | None
    notes: dict[str, float]
    alarms: Sequence[Alarm]
    marked: int

    @property
    def total(self) -> dict[str, int]:
        """Count addresses of all kinds by state, in the table's order."""
        counts = {state: sum(of.get(state, 0) for of in self.states.values()) for state in STATES}
        return {state: count for state, count in counts.items() if count}


def stand(reader: Reader, data: str, origin: str, now: float, *, running: bool) -> Standing:
    """Ask the ledger for everything; the alarms are another file's."""
    runs, lines = reader.runs(MOST_RUNS), reader.lines()
    return Standing(
        data,
        origin,
        now,
        running,
        reader.states(),
        lines,
        reader.visits(now),
        reader.revisits(now),
        reader.days(),
        runs,
        _seconds_left(reader, runs, now),
        _times(reader.notes(), now, is_whole=set(lines) <= {"stored"}),
        (),
        sum(reader.marked().values()),
    )


def _seconds_left(reader: Reader, runs: Sequence[PastRun], now: float) -> float | None:
    """Say how long the last run's scope still takes, at the rate of that run."""
    if not runs or runs[0].rate is None:
        return None
    return reader.visits(now, runs[0].scope).due / runs[0].rate


def _times(notes: Mapping[str, str], now: float, *, is_whole: bool) -> dict[str, float]:
    """Give the notes that are moments and still hold.

    A rebuilt ledger is whole again when each article with a line was visited for its links.
    """
    times = {key: float(notes[key]) for key in NOTES if notes.get(key)}
    over = {key for key, at in times.items() if key in _UNTIL and at <= now}
    if is_whole:
        over.add("rebuilt_at")
    return {key: at for key, at in times.items() if key not in over}


def as_json(standing: Standing) -> dict[str, Any]:
    """Give one object of stable keys; moments are ISO 8601 in UTC, null where there is none."""
    days = standing.days
    return {
        "data": standing.data,
        "origin": standing.origin,
        "now": iso(standing.now),
        "running": standing.running,
        "states": standing.total,
        "states_by_kind": standing.states,
        "known": sum(standing.total.values()),
        "articles_with_a_line": sum(standing.lines.values()),
        "visits": _visits_json(standing.visits),
        "revisits": _visits_json(standing.revisits),
        "days": {**days._asdict(), "holes": dict(days.holes)},
        "runs": [
            run_json(run, is_running=standing.running and number == 0)
            for number, run in enumerate(standing.runs)
        ],
        "rate": standing.runs[0].rate if standing.runs else None,
        "seconds_left": standing.seconds_left,
        "notes": {key: iso(standing.notes.get(key)) for key in NOTES},
        "alarms": [as_record(alarm, standing.now) for alarm in standing.alarms],
        "marked": standing.marked,
    }


def _visits_json(visits: Visits) -> dict[str, Any]:
    return {**visits._asdict(), "next_due": iso(visits.next_due)}


def run_json(run: PastRun, *, is_running: bool) -> dict[str, Any]:
    """Give one run."""
    times = {key: iso(getattr(run, key)) for key in ("started", "ended", "seen")}
    state = state_of(run, is_running=is_running)
    return {**run._asdict(), **times, "state": state, "rate": run.rate}


def dead_json(dead: Iterable[Dead]) -> list[dict[str, Any]]:
    """Give what failed or was denied, an object each."""
    return [
        {**each._asdict(), "settled_at": iso(each.settled_at), "due": iso(each.due)}
        for each in dead
    ]


def state_of(run: PastRun, *, is_running: bool) -> str:
    """Say whether a run runs, has ended or was killed."""
    if run.ended is not None:
        return "ended"
    return "running" if is_running else "killed"


def iso(seconds: float | None) -> str | None:
    """Write a moment for programs, in UTC.

    >>> iso(1795446240.5)
    '2026-11-23T15:04:00+00:00'
    """
    return None if seconds is None else utc(seconds).isoformat(timespec="seconds")


def utc(seconds: float) -> dt.datetime:
    """Give a moment from its seconds since 1970."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
