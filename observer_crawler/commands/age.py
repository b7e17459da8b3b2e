"""How long ago a good run ended: `scrapy status --max-age`, for whoever watches a timer.

A timer that is off leaves no trace but that nothing happens, so what is judged is the age of the
last run that ended with 0. One that was killed, has something left (3), stands under an alarm (4)
or was refused (5) is no good one. A folder without a ledger has no good run either: a timer that
never ran is what one wants to hear of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler import lock
from observer_crawler.commands.standing import run_json
from observer_crawler.commands.standing_words import how_it_ended, moment
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.figures import duration
from observer_crawler.ledger import FILE
from observer_crawler.ledger.reading import Reader

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.ledger.reading import PastRun

_SECONDS = {"min": 60, "h": 3_600, "d": 86_400}
# Seconds by which a run may have ended ahead of this clock: clocks are put right. One that ended
# further ahead would keep a timer that is off good for as long.
_AHEAD = 3_600


def read_age(text: str) -> float:
    """Read a time in seconds; raises ConfigurationError.

    >>> read_age("26h"), read_age("1.5d"), read_age("90 min")
    (93600.0, 129600.0, 5400.0)
    """
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]+)?) ?(min|h|d)", text.strip())
    if not found or not float(found[1]):
        raise ConfigurationError(f"--max-age: expected a time like 26h, 2d or 90min, got {text!r}")
    return float(found[1]) * _SECONDS[found[2]]


class Age(NamedTuple):
    """What is known of a folder's runs, of one spider or of all."""

    data: str
    spider: str | None
    most: float
    now: float
    good: PastRun | None
    last: PastRun | None
    is_running: bool

    @property
    def seconds(self) -> float | None:
        """Seconds since the last good run ended."""
        if self.good is None or self.good.ended is None:
            return None
        return max(self.now - self.good.ended, 0)

    @property
    def is_good(self) -> bool:
        return self.seconds is not None and self.seconds <= self.most

    def line(self) -> str:
        """Say it in one line."""
        which = f" of {self.spider}" if self.spider else ""
        if self.is_good:
            return f"A good run{which} ended {self._ago()}, {duration(self.most)} are allowed."
        lack = f"No good run{which} ended in {self.data} in the last {duration(self.most)}"
        if self.last is None:
            return f"{lack}: no run is known."
        before = f"one ended {self._ago()}" if self.good else "none ever did"
        if self.last == self.good:
            return f"{lack}: {before}, and none began since."
        return f"{lack}: {before}. The last run: {self._last(self.last)}"

    def _ago(self) -> str:
        assert self.good is not None  # noqa: S101 (asked by the callers)
        return f"{duration(self.seconds or 0)} ago ({self.good.spider}, {moment(self.good.ended)})"

    def _last(self, run: PastRun) -> str:
        words = how_it_ended(run, self.now, is_running=self.is_running)
        return f"{run.spider}, {moment(run.started)}, {words}"

    def as_json(self) -> dict[str, Any]:
        """Give one object of stable keys."""
        good, last = (
            run and run_json(run, is_running=self.is_running) for run in (self.good, self.last)
        )
        return {
            "data": self.data,
            "is_good": self.is_good,
            "line": self.line(),
            "max_age_seconds": self.most,
            "age_seconds": self.seconds,
            "spider": self.spider,
            "last_good_run": good,
            "last_run": last,
        }


def look_at_age(data: Path, most: float, spider: str | None, now: float) -> Age:
    """Ask the ledger; raises LedgerError when it is there and cannot be read."""
    path = data / "state" / FILE
    if not path.exists() or not path.stat().st_size:
        return Age(str(data), spider, most, now, None, None, is_running=False)
    is_running = lock.is_locked(data)
    with Reader(path) as reader:
        last = next(iter(reader.runs(1, spider)), None)
        newest = next(iter(reader.runs(1)), None)
        good = reader.last_good(now + _AHEAD, spider)
    return Age(str(data), spider, most, now, good, last, is_running and last == newest)
