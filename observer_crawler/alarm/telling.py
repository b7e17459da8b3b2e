"""Who is told of which alarm, and when: at once, then weekly; of its end once. Pure but for the call.

Each receiver has its own memory: what one of them could not be told is tried again at the next
run, and nobody is told twice for it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler.alarm import thresholds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from observer_crawler.alarm.alarms import Alarm, Alarms

    # Takes the alarms to tell of and those that are over; gives what went wrong, or nothing.
    Receiver = Callable[[Sequence[Alarm], Sequence[Alarm]], str]


def tell(alarms: Alarms, receivers: Mapping[str, Receiver], now: dt.datetime) -> list[str]:
    """Tell each receiver what it should hear, and note it; gives a line for each that failed."""
    failures = []
    for name, receive in receivers.items():
        due = [each for each in alarms.standing if _is_due(each.told.get(name), now)]
        over = [each for each in alarms.over if name in each.told]
        if not due and not over:
            continue
        if why := receive(due, over):
            failures.append(f"the alarm did not reach {name}: {why}; tried again at the next run")
        else:
            _note(alarms, name, now)
    _forget(alarms, receivers)
    return failures


def _is_due(told: str | None, now: dt.datetime) -> bool:
    if told is None:
        return True
    return now - dt.datetime.fromisoformat(told) >= dt.timedelta(days=thresholds.REMIND_DAYS)


def _note(alarms: Alarms, name: str, now: dt.datetime) -> None:
    moment = now.isoformat(timespec="seconds")
    alarms.standing = [
        replace(each, told={**each.told, name: moment})
        if _is_due(each.told.get(name), now)
        else each
        for each in alarms.standing
    ]
    alarms.over = [
        replace(each, told={who: at for who, at in each.told.items() if who != name})
        for each in alarms.over
    ]


def _forget(alarms: Alarms, receivers: Mapping[str, Receiver]) -> None:
    """Let go of what is over when nobody is left who waits for it."""
    alarms.over = [each for each in alarms.over if each.told.keys() & receivers.keys()]
