"""What is known of one day, and what it comes to: complete, holes, open, no print, or unknown.

Pure: counts in, a word out. Days are ISO texts in the newspaper's calendar.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from observer_crawler.site import MOST_WITHOUT_PRINT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Status(StrEnum):
    """What a day comes to. The order is that of tables and legends."""

    COMPLETE = "complete"  # all that is known of it is had, and no number is left to ask for
    NO_PRINT = "no_print"  # the same, and the day had no printed paper
    GAPS = "gaps"  # all that is known of it is had; numbers that no page links may be more
    OPEN = "open"  # not read yet, or it may still change
    HOLES = "holes"  # something that is known to be there is not had
    UNKNOWN = "unknown"  # no index, no box and no number says anything


class Index(StrEnum):
    """What became of a day's index."""

    NONE = "none"  # never asked for
    WAITING = "waiting"  # no answer yet
    READ = "read"  # it lists articles
    EMPTY = "empty"  # it answered and lists none, or the site has no index of that day
    LOST = "lost"  # failed, denied or refused: nobody has seen what is on it


@dataclass(slots=True)
class Day:
    """All that is known of one day of one edition.

    `expected` counts the links on its index, None while it was not read; `is_final`: the index
    was asked when nothing could change any more. `missing` are gone though the index lists them,
    `gone` were only linked. `linked` are those of the waiting and seen that stand on no index. `perhaps` counts articles that are not had and may be of this day or
    of the one beside it; `gaps` the numbers that no page ever linked and that may be of this day,
    with `has_room`: so many that a day's articles may hide there. `printed` and `online` count
    what is stored of each edition. `is_between`: numbers of days before and after it are known.
    """

    day: str
    index: Index = Index.NONE
    is_final: bool = False
    expected: int | None = None
    listed: int = 0
    stored: int = 0
    missing: int = 0
    gone: int = 0
    refused: int = 0
    denied: int = 0
    failed: int = 0
    waiting: int = 0
    seen: int = 0
    linked: int = 0
    perhaps: int = 0
    gaps: int = 0
    has_room: bool = False
    printed: int = 0
    online: int = 0
    is_between: bool = False
    status: Status = Status.UNKNOWN

    @property
    def lost(self) -> int:
        """Articles that are known to be there and will not come by themselves."""
        return self.missing + self.refused + self.denied + self.failed

    @property
    def to_come(self) -> int:
        """Articles that nobody has asked for, or that wait."""
        return self.waiting + self.seen

    @property
    def known(self) -> int:
        """Articles that an index, a box or a number placed on this day; those gone left out."""
        return self.stored + self.lost + self.to_come

    @property
    def is_printless(self) -> bool:
        """Whether all evidence is against a paper: no index and no room, or no printed story.

        A story without a time says nothing of its edition; one that is online must be there.
        """
        if self.index is Index.EMPTY:
            return not (self.known or self.has_room) and self.is_between
        return self.index is Index.READ and self.printed == 0 < self.online


def status_of(day: Day) -> Status:  # noqa: PLR0911 (a line of the table each)
    """Say what a day comes to, as far as it can be told without the days beside it.

    The first line that fits holds:

    | index      | articles                     | numbers | status                          |
    |------------|------------------------------|---------|---------------------------------|
    | any        | one is lost                  | any     | holes                           |
    | lost       | any                          | any     | holes                           |
    | empty      | some are known               | any     | holes, open while it may change |
    | empty      | none                         | room    | holes, open while it may change |
    | none       | none                         | no room | unknown                         |
    | none       | some, or room for some       | any     | open                            |
    | waiting    | any                          | any     | open                            |
    | not final  | any                          | any     | open                            |
    | any        | one waits or was only seen   | any     | open                            |
    | any        | one may be of this day       | any     | gaps                            |
    | any        | all had                      | gaps    | gaps                            |
    | read       | all had, online alone        | no gap  | no print                        |
    | read       | all had                      | no gap  | complete                        |
    | empty      | none                         | no gap  | no print, unknown at the rim    |
    """
    if day.lost or day.index is Index.LOST:
        return Status.HOLES
    if day.index is Index.NONE:
        return Status.OPEN if day.known or day.has_room else Status.UNKNOWN
    if not day.is_final:
        return Status.OPEN
    if day.index is Index.EMPTY and (day.known or day.has_room):
        return Status.HOLES
    if day.to_come:
        return Status.OPEN
    if day.perhaps or day.gaps:
        return Status.GAPS
    if day.is_printless:
        return Status.NO_PRINT
    return Status.COMPLETE if day.index is Index.READ else Status.UNKNOWN


def judge(days: Sequence[Day]) -> None:
    """Give each day of a row its status; no paper pauses for longer than it ever did (site).

    What lasts longer is not a pause: online stories alone are then all there is, and days without
    an index say nothing.
    """
    for day in days:
        day.status = status_of(day)
    for row in _pauses(days):
        if len(row) > MOST_WITHOUT_PRINT:
            for day in row:
                if day.status is Status.NO_PRINT:
                    is_read = day.index is Index.READ
                    day.status = Status.COMPLETE if is_read else Status.UNKNOWN


def _pauses(days: Sequence[Day]) -> Iterator[list[Day]]:
    """Give each row of days, one after the other, that all had no paper."""
    for is_printless, row in groupby(days, key=lambda day: day.is_printless):
        if is_printless:
            yield list(row)


def calendar(first: dt.date, last: dt.date) -> dict[str, Day]:
    """Give every day of a range, both ends included, of which nothing is known yet."""
    count = (last - first).days + 1
    names = ((first + dt.timedelta(days=number)).isoformat() for number in range(count))
    return {name: Day(name) for name in names}
