"""An alarm in words: what was expected, what was found, since when, and what to do. Pure."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from math import exp
from typing import TYPE_CHECKING, Any

from observer_crawler.alarm import thresholds
from observer_crawler.alarm.figures import measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.alarm.alarms import Alarm

_MEASURES = {measure.name: measure for measure in thresholds.MEASURES}
# What reads marked articles again.
REREAD = "scrapy reextract --marked"
_DAY_SECONDS = 86_400
# Parts of an argument that are named one by one.
_MOST_LISTED = 3
# Means of logarithms are said as the size that they stand for.
_LOGARITHMS = ("text/", "views/")


def alarm_text(alarm: Alarm) -> str:
    """Say one alarm in two lines."""
    where = f"; first at {alarm.first}, {hour(alarm.first_at)}" if alarm.first else ""
    return f"Alarm {alarm.id} ({alarm.monitor}): {found_text(alarm)}{where}.\n  {mending(alarm)}"


def standing_text(alarm: Alarm, now: float) -> str:
    """Say an alarm with its age and whose it is; `now` in seconds since 1970."""
    days = age_days(alarm, now)
    age = f"for {days:,} day{'s' * (days > 1)}" if days else "since today"
    return f"{alarm_text(alarm)}\n  Standing {age}, in runs of {alarm.spider} {scope_text(alarm.key)}."


def scope_text(key: str) -> str:
    """Write the arguments of a run; the longer lists are counted.

    >>> scope_text('{"language": "en", "sections": [185, 186, 187, 188], "from_date": ""}')
    'language=en sections=(4)'
    """
    if not key.startswith("{"):
        return key
    values = {name: value for name, value in json.loads(key).items() if value}
    words = {
        name: _list_text(value) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return " ".join(f"{name}={word}" for name, word in words.items())


def _list_text(values: Sequence[object]) -> str:
    return ",".join(map(str, values)) if len(values) <= _MOST_LISTED else f"({len(values)})"


def age_days(alarm: Alarm, now: float) -> int:
    """Give the days since the first run that alarmed; a night is some minutes later or earlier."""
    since = dt.datetime.fromisoformat(alarm.since).timestamp()
    return round(max(now - since, 0) / _DAY_SECONDS)


def as_record(alarm: Alarm, now: float) -> dict[str, Any]:
    """Give an alarm to a program: its numbers, its words, its age in days."""
    record = asdict(alarm)
    del record["told"]
    return {
        **record,
        "monitor": alarm.monitor,
        "age_days": age_days(alarm, now),
        "text": found_text(alarm),
        "mending": mending(alarm),
    }


def subject(due: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    """Write the subject of a mail: the first thing that is wrong, or that all is well."""
    if not due:
        return f"observer_crawler: {what(over[0])} are as before"
    more = f", and {len(due) - 1:,} more" if len(due) > 1 else ""
    return f"observer_crawler: alarm, {what(due[0])}{more}"


def accepted_text(alarms: Sequence[Alarm], unmarked: int) -> str:
    """Say what was accepted, and what follows."""
    if not alarms:
        return "No alarm stands."
    lines = [f"Alarm {each.id} is accepted: {found_text(each)}." for each in alarms]
    noun = "article is" if unmarked == 1 else "articles are"
    lines += [f"{unmarked:,} {noun} not marked any more."] * bool(unmarked)
    return "\n".join([*lines, "From now on this is compared with the runs since then."])


def marked_text(count: int) -> str:
    noun = "article is" if count == 1 else "articles are"
    return f"{count:,} {noun} marked, to be read again from their captures."


def over_text(alarm: Alarm) -> str:
    return f"Alarm {alarm.id} ({alarm.monitor}) is over: {what(alarm)} are as before."


def what(alarm: Alarm) -> str:
    """Name the figure, with the edition where it is of one alone."""
    words = _MEASURES[measured(alarm.figure)].words
    edition = alarm.figure.removeprefix(measured(alarm.figure)).removeprefix("/")
    return f"{words} ({edition})" if edition else words


def found_text(alarm: Alarm) -> str:
    """Say what was found and what was to be expected, over how many."""
    found, expected = _value(alarm, alarm.found), _value(alarm, alarm.expected)
    if alarm.runs == 0:
        return f"{what(alarm)}: {found} of {alarm.cases:,}, where the limit is {expected}"
    runs = "" if alarm.runs == 1 else f" in {alarm.runs} runs"
    return f"{what(alarm)}: {found}, over {alarm.cases:,}{runs}, where {expected} is usual"


def _value(alarm: Alarm, value: float) -> str:
    if _MEASURES[measured(alarm.figure)].kind == "share":
        return f"{value:.1%}"
    return f"{exp(value) - 1:,.1f}" if alarm.figure.startswith(_LOGARITHMS) else f"{value:,.1f}"


def mending(alarm: Alarm) -> str:
    """Give the command that mends it, and the one that says it is right so."""
    accept = f"scrapy status --accept {alarm.id} if it is right so"
    if alarm.is_of_reading:
        return f"Once the reading is mended: {REREAD}; {accept}."
    return f"Look at the site, then the same crawl again; {accept}."


def hour(at: str | None) -> str:
    """Write a moment for people.

    >>> hour("2026-11-23T15:04:09.123456+00:00")
    '2026-11-23 15:04 UTC'
    """
    return f"{at[:16].replace('T', ' ')} UTC" if at else "-"
