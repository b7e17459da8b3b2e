"""How fast a host may be asked, when, and how often: the arithmetic of manners.

Pure: every moment is passed in. Scrapy's delay is one number for the whole run, which no site can
change; here robots.txt and the answers 429 and 503 have their say. Must not know Scrapy, a
clock or the ledger: `middlewares` and `scheduler` apply what is worked out here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from observer_crawler import site
from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from typing import Self

# Seconds. What trouble alone may slow a host down to; only the site itself asks for more.
MOST_DELAY = 300.0
# Seconds from one request to the next. A robots.txt that asks for more wants to be left alone:
# ninety-six pages a day are no crawl, and a slip of the pen (1e9) would hold this run, and each
# one after it, before a look at a robots.txt that may have been mended since.
MOST_RULED = 900.0
# Seconds. A Retry-After beyond a month is a slip of the pen, and would close a folder for ever.
MOST_PAUSE = 30 * 86_400.0

_SECONDS = re.compile(rb"-?[0-9]+")
_HOURS = re.compile(r"([0-9]{1,2})(?::([0-5][0-9]))?-([0-9]{1,2})(?::([0-5][0-9]))?")
_DAY = 86_400
_LAST_HOUR = 24


class Pace:
    """The pace of one host: seconds from one request to the next, and none before a moment.

    Moments are seconds of whatever clock the caller reads, the same one each time.
    """

    def __init__(self, base_seconds: float, now: float) -> None:
        """`base_seconds` is our own delay, which nothing undercuts.

        The first request waits for one whole delay: the process before this one may have been
        killed right after its last.
        """
        self._base = base_seconds
        self.ruled = base_seconds  # without what trouble added
        self._slowed = 0.0
        self.not_before = now + base_seconds
        self.paused_until = now

    @property
    def delay(self) -> float:
        """The seconds from one request to the next that are in force."""
        return max(self.ruled, self._slowed)

    @property
    def is_usual(self) -> bool:
        """Whether nobody asked for more than our own delay."""
        return self.delay == self._base

    def rules(self, crawl_delay: float | None, request_rate: float | None) -> None:
        """Take what robots.txt asks for, both in seconds from one request to the next."""
        self.ruled = max(self._base, crawl_delay or 0.0, request_rate or 0.0)

    def trouble(self, now: float, retry_after: float | None) -> None:
        """Slow down for a 429 or 503: twice the delay, and nothing before `retry_after` seconds.

        >>> pace = Pace(1.0, now=0)
        >>> pace.trouble(10, None), pace.delay, pace.not_before
        (None, 2.0, 12.0)
        """
        self._slowed = min(2 * self.delay, max(MOST_DELAY, self.ruled))
        self.pause(now + (retry_after or 0.0))
        self.hold(now + self.delay)

    def pause(self, until: float) -> None:
        """Take a moment until which the site wants to be left alone, whatever the delay is."""
        self.paused_until = max(self.paused_until, until)
        self.hold(until)

    def hold(self, until: float) -> None:
        """Let nothing go out before `until`; a longer hold that stands is kept."""
        self.not_before = max(self.not_before, until)

    def answer(self) -> None:
        """Take a good answer: half of what trouble added is forgiven."""
        self._slowed = self._slowed / 2 if self._slowed > self.ruled else 0.0


def retry_after(header: bytes | None, now: float) -> float | None:
    """Read a Retry-After header as seconds from `now` (since 1970); None when it says nothing.

    >>> retry_after(b"120", now=0), retry_after(b"Thu, 01 Jan 1970 00:02:00 GMT", now=60)
    (120.0, 60.0)
    """
    text = (header or b"").strip()
    if _SECONDS.fullmatch(text):
        # Longer numbers are not worth their reading, and Python refuses those of 4,300 digits.
        seconds = float(text[:20])
    else:
        try:
            moment = parsedate_to_datetime(text.decode("ascii"))
            seconds = moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp() - now
        except (ValueError, OverflowError, IndexError, TypeError):
            return None
    return min(max(seconds, 0.0), MOST_PAUSE)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the day in which a site may be asked; without any, it always may be.

    `start` and `end` are seconds of the day in `zone`; an end before the start is the next day's.
    """

    start: int = 0
    end: int = _DAY
    zone: dt.tzinfo = site.ZONE

    @classmethod
    def read(cls, text: str, zone: dt.tzinfo = site.ZONE) -> Self:
        """Read `22-06` or `22:30-6:15`; nothing means always. Raises ConfigurationError.

        >>> Hours.read("22-06").wait(0.0) / 3600  # 1970 began at six in the morning there
        16.0
        """
        if not text.strip():
            return cls(zone=zone)
        match = _HOURS.fullmatch("".join(text.split()))
        if match is None or max(int(match[1]), int(match[3])) > _LAST_HOUR:
            raise _no_hours(text)
        start = int(match[1]) * 3600 + int(match[2] or 0) * 60
        end = int(match[3]) * 3600 + int(match[4] or 0) * 60
        is_whole = (start, end) == (0, _DAY)
        if max(start, end) > _DAY or (start % _DAY == end % _DAY and not is_whole):
            raise _no_hours(text)
        return cls(start % _DAY, end, zone)

    def wait(self, now: float) -> float:
        """Give the seconds until it opens, 0 when it is open; `now` is seconds since 1970."""
        here = now - _midnight(now, self.zone)
        if self.start < self.end:
            is_open = self.start <= here < self.end
        else:
            is_open = here >= self.start or here < self.end
        return 0.0 if is_open else (self.start - here) % _DAY


def _no_hours(text: str) -> ConfigurationError:
    return ConfigurationError(f"expected two different hours of the day like 22-06, got {text!r}")


def day_of(now: float, zone: dt.tzinfo = site.ZONE) -> str:
    """Give the day (YYYY-MM-DD) at a moment in seconds since 1970.

    >>> day_of(18 * 3600.0)
    '1970-01-02'
    """
    return dt.datetime.fromtimestamp(now, zone).date().isoformat()


def until_tomorrow(now: float, zone: dt.tzinfo = site.ZONE) -> float:
    """Give the seconds until the day of `day_of` ends.

    >>> until_tomorrow(17.5 * 3600)
    1800.0
    """
    return _midnight(now, zone) + _DAY - now


def _midnight(now: float, zone: dt.tzinfo) -> float:
    day = dt.datetime.fromtimestamp(now, zone).date()
    return dt.datetime.combine(day, dt.time(), zone).timestamp()
