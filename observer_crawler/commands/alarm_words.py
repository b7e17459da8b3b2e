"""An alarm in words: what was expected, what was found, since when, and what to do. Pure."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from observer_crawler.alarm import thresholds
from observer_crawler.alarm.figures import measured

if TYPE_CHECKING:
    from observer_crawler.alarm.alarms import Alarm

_MEASURES = {measure.name: measure for measure in thresholds.MEASURES}
# Means of logarithms are said as the size that they stand for.
_LOGARITHMS = ("text/", "views/")


def alarm_text(alarm: Alarm) -> str:
    """Say one alarm in two lines."""
    where = f"; first at {alarm.first}, {hour(alarm.first_at)}" if alarm.first else ""
    return f"Alarm {alarm.id} ({alarm.monitor}): {found_text(alarm)}{where}.\n  {mending(alarm)}"


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
        return f"Once the reading is mended: scrapy reextract --marked; {accept}."
    return f"Look at the site, then the same crawl again; {accept}."


def hour(at: str | None) -> str:
    """Write a moment for people.

    >>> hour("2026-11-23T15:04:09.123456+00:00")
    '2026-11-23 15:04 UTC'
    """
    return f"{at[:16].replace('T', ' ')} UTC" if at else "-"
