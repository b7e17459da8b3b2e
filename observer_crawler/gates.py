"""What keeps a run from asking right now: hours, the day's budget, refusals, nobody there.

Each gate that closes for long is noted in the ledger, so that a run that is started again keeps
to it. Times are passed in, in seconds since 1970.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import pace
from observer_crawler.trouble import Hold

if TYPE_CHECKING:
    from typing import Self

    from scrapy.settings import BaseSettings

    from observer_crawler.archives import Source
    from observer_crawler.ledger import Ledger

logger = logging.getLogger(__name__)

_MANY = 1_000_000
_OFFLINE = "offline_since"
_LONGEST_DAY = 86_401.0  # a note is in whole seconds


class Gate(NamedTuple):
    """How the gates stand: seconds until one opens, how many may be asked, what ends the run."""

    seconds: float = 0.0
    room: int = _MANY
    why: str = ""
    ends: str = ""


class Limits(NamedTuple):
    """`budget` is a number of requests a day, 0 for none.

    After `offline_seconds` a run gives up; `probe_seconds` lie between its first two tries. It
    stays for what begins again within `wait_seconds`.
    """

    budget: int
    offline_seconds: float
    probe_seconds: float
    wait_seconds: float


class Notes:
    """What the ledger keeps for the next run of whoever is asked: the newspaper, or an archive."""

    def __init__(self, ledger: Ledger, source: Source | None = None) -> None:
        self._ledger = ledger
        self._of = f"@{source.name}" if source else ""

    def noted(self, key: str) -> str | None:
        return self._ledger.noted(key + self._of)

    def note(self, key: str, value: str) -> None:
        self._ledger.note(key + self._of, value)


class Gates:
    """The gates of one run."""

    def __init__(self, notes: Notes, hours: pace.Hours, limits: Limits) -> None:
        self._notes = notes
        self._hours = hours
        self._limits = limits
        self._hold: Hold | None = None
        self._reason = ""
        # A run that was killed in a silence, or gave up, has left its note.
        self._is_noted = notes.noted(_OFFLINE) is not None
        self._day = ""
        self._spent_before = 0

    @classmethod
    def of(cls, settings: BaseSettings, ledger: Ledger, source: Source | None = None) -> Self:
        """`source` is the archive that is asked in the newspaper's place; it keeps no hours."""
        hours = "" if source else settings.get("OBSERVER_HOURS") or ""
        return cls(
            Notes(ledger, source),
            pace.Hours.read(hours),
            Limits(
                budget=settings.getint("OBSERVER_DAILY_REQUESTS"),
                offline_seconds=settings.getfloat("OBSERVER_OFFLINE_LIMIT"),
                probe_seconds=settings.getfloat("OBSERVER_RETRY_SECONDS"),
                wait_seconds=settings.getfloat("OBSERVER_WAIT_SECONDS"),
            ),
        )

    def refused(self, now: float) -> str:
        """Say until when the site is not to be asked after it refused us; empty: it may be."""
        until = float(self._notes.noted("refused_until") or 0)
        # Nobody is refused beyond the next midnight: then the clock was set back.
        is_refused = 0 < until - now <= _LONGEST_DAY
        return f"not before {_moment(until)}" if is_refused else ""

    def refuse(self, now: float) -> None:
        """Note that the site refuses us: nothing before tomorrow."""
        self._notes.note("refused_until", f"{now + pace.until_tomorrow(now):.0f}")

    def silence(self, now: float, reason: str) -> None:
        """Note that nobody is there."""
        self._reason = reason
        if self._hold is None:
            self._hold = Hold(now, self._limits.probe_seconds)
            self._notes.note(_OFFLINE, f"{now:.0f}")
            self._is_noted = True
            logger.warning("offline since %s (%s): holding", _moment(now), reason)
        else:
            self._hold.tried(now)

    def back(self, now: float) -> None:
        """Note that somebody answered."""
        if self._is_noted:
            self._notes.note(_OFFLINE, "")
            self._is_noted = False
        if self._hold is not None:
            logger.warning("an answer after %.0f s: going on", now - self._hold.since)
        self._hold = None

    def look(self, now: float, requests: int) -> Gate:
        """Say whether anything may be asked; `requests` are those of this run so far."""
        if pause := self._pause(now):
            return pause
        if seconds := self._hours.wait(now):
            return Gate(seconds, why=f"waits until {_moment(now + seconds)} (hours)")
        room = self._limits.budget - self._spent(now, requests) if self._limits.budget else _MANY
        if room <= 0:
            return Gate(why=f"{self._limits.budget:,} requests a day", ends="budget")
        if self._hold is None:
            return Gate(room=room)
        why = f"offline since {_moment(self._hold.since)} ({self._reason})"
        if now - self._hold.since >= self._limits.offline_seconds:
            return Gate(why=why, ends="offline")
        return Gate(max(self._hold.next_try - now, 0.0), 1, why)

    def _pause(self, now: float) -> Gate | None:
        """Keep to a Retry-After, also one that an earlier run was told."""
        until = float(self._notes.noted("pause_until") or 0)
        if not 0 < until - now <= pace.MOST_PAUSE + 1:  # as above; a note is in whole seconds
            return None
        why = f"the site asked to be left alone until {_moment(until)}"
        is_long = until - now > self._limits.wait_seconds
        return Gate(why=why, ends="pause") if is_long else Gate(until - now, why=why)

    def keep(self, now: float, requests: int) -> None:
        """Note how much of the day's budget is spent."""
        if self._limits.budget:
            spent = self._spent(now, requests)
            self._notes.note(f"requests:{self._day}", str(spent))

    def _spent(self, now: float, requests: int) -> int:
        """Count the requests of this day, those of earlier runs included."""
        day = pace.day_of(now)
        if day != self._day:
            self._spent_before = int(self._notes.noted(f"requests:{day}") or 0) - requests
            self._day = day
        return self._spent_before + requests


def _moment(seconds: float) -> str:
    """Write a moment as people read it, in the zone of this machine.

    >>> len(_moment(0.0))
    16
    """
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
