"""The days of one archive crawl: which, in what order, and which of them are asked again.

A day is read at its index. It is final when it was asked two days after its own last hour: by
then the edition of its evening and what came late are on it. Pure: no clock, no response.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import site as newspaper

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from observer_crawler.ledger import Day
    from observer_crawler.spiders.archive_arguments import ArchiveArguments

# Days after its own last hour during which a day's index may still change.
OPEN_DAYS = 2
# Indexes that every run asks, whatever is known of them: today's and those of the two days before.
LAST_DAYS = 3


class Itinerary:
    """The days of a run in walking order, each with its rank; its articles come right after it."""

    def __init__(self, days: Iterable[dt.date], *, newest_first: bool) -> None:
        ordered = sorted(set(days), reverse=newest_first)
        self.days = tuple(ordered)
        self._places = {day.isoformat(): place for place, day in enumerate(ordered)}

    def __contains__(self, day: str | None) -> bool:
        return day in self._places

    def rank(self, day: str | None) -> int:
        """Give the rank of a day's index; what is of no day of the run comes last."""
        return 2 * self._places.get(day or "", len(self._places))


class Range(NamedTuple):
    """The first and the last day of a run."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> list[dt.date]:
        """Every day, both ends included."""
        count = (self.last - self.first).days + 1
        return [self.first + dt.timedelta(days=number) for number in range(max(count, 0))]


def last_day(today: dt.date) -> dt.date:
    """Give the last day that can be out: the next print edition goes up the evening before."""
    return today + dt.timedelta(days=newspaper.DAYS_AHEAD)


def range_of(arguments: ArchiveArguments, today: dt.date, last_closed: str | None) -> Range:
    """Give the days asked for; without dates, what is new since the last closed day."""
    first = arguments.from_date or newspaper.FIRST_DAY
    if not arguments.has_dates and last_closed is not None:
        first = dt.date.fromisoformat(last_closed) + dt.timedelta(days=1)
    return Range(first, arguments.until_date or last_day(today))


def open_days(known: Mapping[str, Day]) -> list[dt.date]:
    """Give the known days that are not closed."""
    return [dt.date.fromisoformat(day) for day, row in known.items() if row.closed_at is None]


def last_days(today: dt.date) -> list[dt.date]:
    """Give the days whose index every run asks for, whatever is known of it."""
    return [today - dt.timedelta(days=number) for number in range(LAST_DAYS)]


def is_final(day: dt.date, asked_at: dt.datetime) -> bool:
    """Whether a day that was asked at a moment could not change any more.

    >>> moment = dt.datetime(2022, 6, 18, 17, 59, tzinfo=dt.UTC)
    >>> [is_final(dt.date(2022, 6, 16), moment + dt.timedelta(minutes=n)) for n in (0, 1)]
    [False, True]
    """
    after = day + dt.timedelta(days=1 + OPEN_DAYS)
    return asked_at >= dt.datetime.combine(after, dt.time(), newspaper.ZONE)


def day_of(name: str) -> str:
    """Give the day of a day index by its name.

    >>> day_of("day:2022-06-16"), day_of("bn/day:2022-06-16")
    ('2022-06-16', '2022-06-16')
    """
    return name.rpartition(":")[2]


def is_further(name: str) -> bool:
    """Whether a name is that of a further page of an index.

    >>> is_further("day:2022-06-16:2"), is_further("bn/day:2022-06-16")
    (True, False)
    """
    return name.count(":") > 1
