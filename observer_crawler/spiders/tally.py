"""How much an archive crawl has to do, and how much of it is done: its plan and its progress.

What a day holds is known once its index is read; until then it counts as the days that were. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler.spiders.work import Work

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PER_DAY = newspaper.PER_DAY
# Bytes. The one page of the site whose text is at hand makes a line of about 4 kB; an address
# takes 0.6 kB of the ledger, its links from other pages included.
_LINE_BYTES = 4_000
_ADDRESS_BYTES = 600
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_A_MINUTE_AND_A_HALF = 90
_SHOWN_IN_MINUTES = 7_200
_SHOWN_IN_HOURS = 48 * 3_600


class Tally:
    """The days and articles of one run.

    `share` is the part of a day's articles that the run wants, None where nobody can know.
    """

    def __init__(  # noqa: PLR0913 (what a run begins with)
        self,
        days: Mapping[str, int | None],
        waiting_days: Collection[str],
        waiting_articles: int,
        share: float | None,
        named: int = 0,
        *,
        later: int = 0,
    ) -> None:
        """Begin: `days` has the articles of each day, None where its index was never asked.

        `named` counts articles that were asked for by themselves, `later` all that waits for
        another time.
        """
        self._later = later
        known = [expected for expected in days.values() if expected is not None]
        self._days = len(days)
        self._waiting = set(waiting_days)
        self._unread = {day for day in self._waiting if days.get(day) is None}
        self._share = share
        self._read_days = len(known) if share is not None else 0
        self._found = sum(known) * (share or 0.0)
        self._done = max(self._found + named - waiting_articles, 0.0)
        self._all = self._done + waiting_articles

    def read(self, day: str, fresh: int) -> None:
        """Count a day whose index has answered, with its articles that nobody waited for."""
        self._waiting.discard(day)
        self._all += fresh
        if day in self._unread:
            self._unread.discard(day)
            self._read_days += 1
            self._found += fresh

    def found(self, fresh: int) -> None:
        """Count articles that no index of a day showed first."""
        self._all += fresh

    def done(self) -> None:
        """Count an article that has its final state."""
        self._done += 1

    def work(self) -> Work:
        """Give the figures as they are now."""
        all_ = round(self._all + len(self._unread) * self._per_day)
        return Work(round(self._done), all_, self._days - len(self._waiting), self._days)

    @property
    def is_over(self) -> bool:
        """Whether all is done but for what waits for another time."""
        return len(self._waiting) + self._all - self._done <= self._later

    @property
    def _per_day(self) -> float:
        if self._read_days:
            return self._found / self._read_days
        return PER_DAY * (self._share or 0.0)

    def plan(self, delay_seconds: float) -> str:
        """Say, before the first request, what there is to do."""
        work = self.work()
        articles = work.all - work.done
        requests = articles + len(self._waiting)
        listed = len(self._unread) * PER_DAY
        size = articles * _LINE_BYTES + max(articles, listed) * _ADDRESS_BYTES
        what = [f"{len(self._waiting):,} of {self._days:,} days"] if self._days else []
        if articles:
            what.append(f"about {articles:,} articles")
        if self._share is None:
            what.append("the articles that match")
        return (
            f"To do: {', '.join(what) or 'nothing'}; one request every {delay_seconds:g} s, that "
            f"takes about {duration(requests * delay_seconds)} and {disk(size)} of disk"
        )


def duration(seconds: float) -> str:
    """Write a long time in hours, for whoever has to plan with it.

    >>> duration(692_850), duration(4_650), duration(40)
    ('192 hours (8.0 days)', '78 minutes', 'a minute')
    """
    if seconds < _SHOWN_IN_MINUTES:
        return f"{seconds / 60:.0f} minutes" if seconds >= _A_MINUTE_AND_A_HALF else "a minute"
    hours = f"{seconds / 3600:,.{0 if seconds >= _SHOWN_IN_HOURS else 1}f} hours"
    return f"{hours} ({seconds / 86_400:.1f} days)" if seconds >= _SHOWN_IN_HOURS else hours


def disk(size: float) -> str:
    """Write a number of bytes.

    >>> disk(3_187_000_000), disk(46_000), disk(0)
    ('3.2 GB', '46.0 kB', '0 bytes')
    """
    for unit, name in _UNITS:
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size:.0f} bytes"
