"""The end of a run, as the alarm sees it: figures written, judged, and what follows from them.

Works in the folder `state/` of a data folder, which the run holds. Must not know Scrapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.alarm import alarms as standing
from observer_crawler.alarm import history, telling
from observer_crawler.alarm.alarms import is_of_reading
from observer_crawler.alarm.figures import Figures, closed
from observer_crawler.alarm.judging import Baseline, Deviation
from observer_crawler.alarm.monitors import judge

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from observer_crawler.alarm.alarms import Alarm, Alarms
    from observer_crawler.alarm.figures import Gathering
    from observer_crawler.alarm.sums import Place
    from observer_crawler.alarm.telling import Receiver
    from observer_crawler.ledger import Known, Ledger

# Names asked of the ledger at once.
_TOGETHER = 500


class Watched(NamedTuple):
    """What the end of a run brought: alarms that stand for it and that are over, articles marked."""

    standing: list[Alarm]
    over: list[Alarm]
    marked: int


class AcceptedAlarms(NamedTuple):
    """Alarms that were accepted, and the runs whose articles nothing doubts any more."""

    alarms: list[Alarm]
    cleared: list[str]


def close(state: Path, figures: Figures, gathering: Gathering, ledger: Ledger) -> Watched:
    """Judge a run by those before it and write both down; raises AlarmError, LedgerError."""
    figures = closed(figures, gathering, _of_ledger(gathering, ledger))
    alarms = standing.read(state / standing.FILE)
    like = [run for run in history.read(state / history.FILE) if _is_like(run, figures)]
    baseline = Baseline(like, alarms.since(figures))
    found = judge(figures, baseline)
    figures.alarms = sorted(each.figure for each in found)
    were_over = len(alarms.over)
    alarms.note(figures, found, baseline, lambda each: _begins(gathering, each))
    history.append(state / history.FILE, figures)
    _write(state / standing.FILE, alarms)
    standing_now = alarms.of(figures)
    marked = _mark(standing_now, figures, gathering, ledger)
    return Watched(standing_now, alarms.over[were_over:], marked)


def standing_for(state: Path, figures: Figures) -> list[Alarm]:
    """Give the alarms that stand for runs like one that saw nothing; raises AlarmError."""
    return standing.read(state / standing.FILE).of(figures)


def tell(state: Path, receivers: Mapping[str, Receiver], now: dt.datetime) -> list[str]:
    """Tell of what stands and of what is over; gives a line for each receiver that failed.

    Raises AlarmError.
    """
    alarms = standing.read(state / standing.FILE)
    before = (alarms.standing, alarms.over)
    failures = telling.tell(alarms, receivers, now)
    if (alarms.standing, alarms.over) != before:
        _write(state / standing.FILE, alarms)
    return failures


def accept(state: Path, wanted: int | None) -> AcceptedAlarms:
    """Make what an alarm found normal, or all of them; raises AlarmError.

    A run is in doubt while one of its alarms that lies in the reading is not accepted, also one
    that is over. Marks are another file's: cleared after this, for a kill between the two leaves
    marks that a later acceptance clears, and never a doubt without its mark.
    """
    alarms = standing.read(state / standing.FILE)
    taken = alarms.accept(wanted)
    _write(state / standing.FILE, alarms)
    runs = history.read(state / history.FILE)
    return AcceptedAlarms(taken, [run.run for run in runs if not _is_doubted(run, alarms)])


def _is_doubted(run: Figures, alarms: Alarms) -> bool:
    since = alarms.since(run)
    return any(
        is_of_reading(name) and not (name in since and since[name] <= run.run)
        for name in run.alarms
    )


def _mark(
    standing_now: Iterable[Alarm], figures: Figures, gathering: Gathering, ledger: Ledger
) -> int:
    """Mark what a run stored whose reading is in doubt; an alarm of other runs marks nothing."""
    is_doubted = any(each.is_of_reading and each.last == figures.run for each in standing_now)
    if not is_doubted or gathering.first_fetch is None:
        return 0
    return ledger.marks.put(figures.run, gathering.first_fetch)


def _is_like(run: Figures, other: Figures) -> bool:
    return (run.spider, run.key) == (other.spider, other.key)


def _begins(gathering: Gathering, deviation: Deviation) -> Place | None:
    return gathering.sums.begins(deviation.figure, deviation.expected, deviation.found)


def _write(path: Path, alarms: Alarms) -> None:
    """Write the alarms; a folder that never had one needs no file."""
    if path.exists() or alarms.standing:
        standing.write(path, alarms)


def _of_ledger(gathering: Gathering, ledger: Ledger) -> list[tuple[str, tuple[int, int]]]:
    """Hold the new articles against what lists show of them, and of whom they point to.

    Asked at the end: the feed is read before the index that lists the same article.
    """
    listed = _known(ledger, gathering.headlines)
    same = sum(
        _plain(gathering.headlines[name]) == _plain(each.text) for name, each in listed.items()
    )
    shares = [("text/as_listed", (same, len(listed)))]
    return [*shares, *_of_indexes(gathering, ledger)] if gathering.days else shares


def _of_indexes(gathering: Gathering, ledger: Ledger) -> list[tuple[str, tuple[int, int]]]:
    """Hold what indexes list against the new articles of their days, and against earlier runs."""
    days, dated = gathering.days, gathering.dated
    known = _known(ledger, (name for name, day in dated.items() if day in days))
    unlisted = [name for name, each in known.items() if each.day is None]
    # A day that has an index at all; on a holiday there may be none.
    listing = {name for name, day in dated.items() if days.get(day)}
    near = _known(ledger, (name for name, of in gathering.neighbours.items() if of in listing))
    unseen = sum(each.state == "seen" and each.day is None for each in near.values())
    return [
        ("index/unlisted", (len(unlisted), len(known))),
        ("index/partly", (len(listing.intersection(unlisted)), len(listing & known.keys()))),
        ("index/neighbours", (unseen, len(near))),
        ("index/shrunk", _shrunk(gathering, ledger)),
    ]


def _shrunk(gathering: Gathering, ledger: Ledger) -> tuple[int, int]:
    """Count the articles that an index lists no more, of all that it ever did.

    Of an index with a page that is yet to be read nobody can say.
    """
    unread = {":".join(name.split(":")[:2]) for name in ledger.queued("day")}
    gone = cases = 0
    for index, listed in gathering.listed.items():
        before = ledger.days.listed(index) if index not in unread else set()
        gone += len(before - listed)
        cases += len(before)
    return gone, cases


def _plain(headline: str) -> str:
    return " ".join(headline.split()).casefold()


def _known(ledger: Ledger, names: Iterable[str]) -> Mapping[str, Known]:
    asked, found = list(names), dict[str, "Known"]()
    for start in range(0, len(asked), _TOGETHER):
        found |= ledger.known(asked[start : start + _TOGETHER])
    return found
