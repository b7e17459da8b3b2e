"""What the alarm says of the articles that are here: what stands, what was accepted, what is marked.

Reads `state/` alone. Of moments it gives those of runs, which name them; who was told, and when
last, is nothing of the articles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.alarm import alarms, history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from observer_crawler.alarm.alarms import Alarm
    from observer_crawler.alarm.figures import Figures

_STANDING = ("figure", "spider", "key", "expected", "found", "cases", "runs", "since")
_ACCEPTED = ("figure", "spider", "key", "expected", "found", "since")


def doubts(state: Path, marked: Mapping[str, int]) -> dict[str, Any]:
    """Give the alarms of a folder; raises AlarmError.

    `marked` are the marked articles by run, as the ledger has them. `marked` of an alarm counts
    those of its runs: one article may be counted with several alarms.
    """
    known = alarms.read(state / alarms.FILE)
    runs = [run for run in history.read(state / history.FILE) if run.run in marked]
    return {
        "standing": [_standing(each, runs, marked) for each in known.standing],
        "accepted": [_named(each, _ACCEPTED) for each in known.accepted],
        "marked": dict(sorted(marked.items())),
    }


def _standing(alarm: Alarm, runs: Iterable[Figures], marked: Mapping[str, int]) -> dict[str, Any]:
    own = {run.run for run in runs if _is_of(run, alarm)}
    return {**_named(alarm, _STANDING), "marked": sum(marked[run] for run in own)}


def _is_of(run: Figures, alarm: Alarm) -> bool:
    is_like = (run.spider, run.key) == (alarm.spider, alarm.key)
    return is_like and run.run >= alarm.since and alarm.figure in run.alarms


def _named(alarm: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(alarm, name) for name in names}
