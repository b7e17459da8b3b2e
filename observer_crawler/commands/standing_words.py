"""How a data folder stands, in words: what `scrapy status` prints for people.

Pure. Numbers stand to the right with thousands apart, moments are UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.commands.alarm_words import REREAD, standing_text
from observer_crawler.commands.endings import GO_ON
from observer_crawler.commands.standing import state_of, utc
from observer_crawler.figures import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.commands.standing import Standing
    from observer_crawler.ledger.reading import DayCount, Dead, PastRun, Visits

# Days with holes that are named in the text; the JSON has all of them.
MOST_HOLES = 6
_NOTED = {
    "refused_until": "the site refuses us: no crawl asks before {} (scrapy status --retry lifts it)",
    "pause_until": "the site asked to be left alone until {}",
    "offline_since": "offline since {}",
    "rebuilt_at": "rebuilt on {}: each article of before is visited once more for its links",
}


def as_text(standing: Standing) -> str:
    """Say it to a person: what is known, what waits, how the last runs went."""
    head = f"{standing.data}, read from {standing.origin or 'nowhere yet'}"
    if not (standing.states or standing.runs):
        return f"{head}: nothing is known yet"
    facts = table([(name, text) for name, text in _facts(standing) if text])
    notes = "\n".join(_NOTED[key].format(moment(at)) for key, at in standing.notes.items())
    alarms = "\n".join(standing_text(alarm, standing.now) for alarm in standing.alarms)
    parts = (head, _states_table(standing), facts, _runs_table(standing), notes, alarms)
    return "\n\n".join(part for part in parts if part)


def _states_table(standing: Standing) -> str:
    counts = {kind: sum(of.values()) for kind, of in standing.states.items()}
    kinds = sorted(counts, key=lambda kind: (-counts[kind], kind))
    rows: list[tuple[str, ...]] = [("addresses", *kinds, "all")]
    for state, count in standing.total.items():
        cells = (standing.states[kind].get(state, 0) for kind in kinds)
        rows.append((state, *(f"{cell:,}" if cell else "-" for cell in cells), f"{count:,}"))
    sums = (*(counts[kind] for kind in kinds), sum(counts.values()))
    rows.append(("known", *(f"{cell:,}" for cell in sums)))
    return table(rows, range(1, len(kinds) + 2))


def _facts(standing: Standing) -> list[tuple[str, str]]:
    total = standing.total
    dead = [f"{total[state]:,} {state}" for state in ("failed", "denied") if state in total]
    rate = standing.runs[0].rate if standing.runs else None
    which = "the run under way" if standing.running else "the last run"
    left = standing.seconds_left
    return [
        ("lines", _lines(standing)),
        ("waiting", _waiting(standing.visits)),
        ("visited again", _again(standing.revisits)),
        ("days", _days(standing.days)),
        ("not had", f"{', '.join(dead)}: scrapy status --failed shows why" if dead else ""),
        ("marked", _marked(standing.marked)),
        ("rate", f"{rate:.2f} addresses a second in {which}" if rate else ""),
        ("time left", f"{duration(left)} for what is due" if left else ""),
    ]


def _lines(standing: Standing) -> str:
    stored, count = standing.total.get("stored", 0), sum(standing.lines.values())
    if count == stored == standing.lines.get("stored", 0):
        return f"{count:,} articles have a line, one for each stored address"
    others = count - standing.lines.get("stored", 0)
    return (
        f"{count:,} articles have a line: {count - others:,} of {stored:,} stored addresses, "
        f"{others:,} of addresses that will be visited again"
    )


def _waiting(visits: Visits) -> str:
    parts = [f"{visits.due:,} due now"]
    if visits.later:
        parts.append(f"{visits.later:,} later, the next on {moment(visits.next_due)}")
    if visits.held:
        parts.append(f"{visits.held:,} held until a page before them is read")
    return ", ".join(parts)


def _again(visits: Visits) -> str:
    if not (visits.due or visits.later):
        return ""
    later = f", {visits.later:,} later, the next on {moment(visits.next_due)}"
    noun = "stored article" if visits.due == 1 else "stored articles"
    return f"{visits.due:,} {noun} due now{later if visits.later else ''}"


def _marked(count: int) -> str:
    noun = "article" if count == 1 else "articles"
    return f"{count:,} {noun} of nights that alarmed: {REREAD} reads them again" if count else ""


def _days(days: DayCount) -> str:
    if not (days.open or days.closed):
        return ""
    text = (
        f"{days.closed:,} closed, {days.open:,} open; {days.expected:,} articles expected, "
        f"{days.stored:,} stored"
    )
    named = ", ".join(f"{day} ({count:,})" for day, count in days.holes[:MOST_HOLES])
    more = len(days.holes) - MOST_HOLES
    rest = f" and {more:,} days more" if more > 0 else ""
    return f"{text}; articles failed on {named}{rest}" if named else text


def _runs_table(standing: Standing) -> str:
    if not standing.runs:
        return ""
    rows = [("last runs", "spider", "requests", "settled", "stored", "failed", "")]
    for number, run in enumerate(standing.runs):
        figures = (run.requests, run.settled, run.stored, run.failed)
        words = how_it_ended(run, standing.now, is_running=standing.running and number == 0)
        rows.append((moment(run.started), run.spider, *(f"{n:,}" for n in figures), words))  # type: ignore[arg-type]
    return table(rows, range(2, 6))


def how_it_ended(run: PastRun, now: float, *, is_running: bool) -> str:
    """Say how long a run took and how it ended, or that it runs or was killed."""
    state = state_of(run, is_running=is_running)
    if state == "running":
        return f"running for {duration(now - run.started)}"
    if state == "killed":
        return f"killed, last sign of life {moment(run.seen)}"
    line = run.ending.removesuffix(GO_ON).rstrip()
    return f"{duration(run.seen - run.started)}, exit code {run.code}: {line}"


def dead_text(dead: Sequence[Dead]) -> str:
    """Write the dead letters, a line each."""
    if not dead:
        return "No address failed or was denied."
    rows = [("state", "reason", "attempts", "last try", "next try", "address")]
    for each in dead:
        times = (moment(each.settled_at), moment(each.due))
        rows.append((each.state, each.reason or "-", f"{each.attempts:,}", *times, each.url))
    return table(rows)


def table(rows: Sequence[Sequence[str]], numbers: range = range(0)) -> str:
    """Write rows in columns; those in `numbers` stand to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def moment(seconds: float | None) -> str:
    """Write a moment for people, in UTC.

    >>> moment(1795446240.5), moment(None)
    ('2026-11-23 15:04 UTC', '-')
    """
    return "-" if seconds is None else f"{utc(seconds):%Y-%m-%d %H:%M} UTC"
