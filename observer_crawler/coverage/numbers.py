"""Where in time a number belongs: the numbers of one space rise with the date, nearly.

The evening's online stories and the print edition of the next day go up together, so their
numbers mix; and some page always shows a date that is not its own. So a number is placed between
many neighbours, and what stands far out of line is no neighbour. Pure: numbers and days in (days
as ordinals), stretches out.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from observer_crawler.ledger.census import DAY_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DAY = (1 << DAY_BITS) - 1
# Neighbours on each side that say between which days a number lies: about a day's articles (149
# numbers a day, over 62 dated pages of 2016 to 2026), for one evening mixes at most so many.
_NEAR = 150
# An article is out of line when more than a third of its ten next neighbours are on the wrong side
# of its day, by more than two days: the editions of two days mix.
_JUDGES = 5
_LATE = 2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers between two dated ones, and the days (ordinals) that they may be of.

    `gaps` are ranges of numbers that no page ever linked, both ends included; `undated` are
    numbers that are known and whose day nobody knows, with their states.
    """

    first_day: int
    last_day: int
    gaps: tuple[tuple[int, int], ...]
    undated: Mapping[int, str]

    @property
    def days(self) -> range:
        return range(self.first_day, self.last_day + 1)

    @property
    def count(self) -> int:
        """How many numbers no page ever linked."""
        return sum(last - first + 1 for first, last in self.gaps)


@dataclass(frozen=True, slots=True)
class Placed:
    """The stretches of one space. `days`: the first and the last day that a number speaks of."""

    space: str
    stretches: list[Stretch]
    days: tuple[int, int] | None


def place(space: str, numbers: Sequence[int], undated: Mapping[int, str]) -> Placed:
    """Find all stretches of a space; `numbers` are packed and sorted, as a census has them."""
    line = _in_line([packed for packed in numbers if packed & _DAY])
    if not line:
        return Placed(space, [], None)
    dated, days = [packed >> DAY_BITS for packed in line], [packed & _DAY for packed in line]
    known = dated if len(line) == len(numbers) else [packed >> DAY_BITS for packed in numbers]
    stretches = []
    for at, (first, last) in enumerate(pairwise(dated), start=1):
        if last - first > 1:
            between = known[bisect_left(known, first) + 1 : bisect_left(known, last)]
            some = {number: undated[number] for number in between if number in undated}
            gaps = tuple(_gaps(first, last, between))
            if gaps or some:
                stretches.append(Stretch(*_days_between(days, at), gaps, some))
    return Placed(space, stretches, (min(days), max(days)))


def _in_line(dated: list[int]) -> list[int]:
    """Give the numbers whose day fits those around them."""
    days = [packed & _DAY for packed in dated]
    around = zip([0, *days], days, [*days[1:], _DAY], strict=False)
    wrong = {
        at
        for at, (before, day, after) in enumerate(around)
        if not (before <= day <= after or _fits(days, at))
    }
    return [packed for at, packed in enumerate(dated) if at not in wrong] if wrong else dated


def _fits(days: Sequence[int], at: int) -> bool:
    """Whether the neighbours of a place find its day in order.

    >>> days = [5, 5, 5, 900, 5, 6, 6, 6, 3, 6, 6]
    >>> [at for at in range(len(days)) if not _fits(days, at)]
    [3, 8]
    """
    before, after = days[max(at - _JUDGES, 0) : at], days[at + 1 : at + 1 + _JUDGES]
    wrong = sum(day > days[at] + _LATE for day in before)
    wrong += sum(day < days[at] - _LATE for day in after)
    return 3 * wrong <= len(before) + len(after)


def _days_between(days: Sequence[int], at: int) -> tuple[int, int]:
    """Give the first and last day that a number before place `at` may be of."""
    newest_before = max(days[max(at - _NEAR, 0) : at])
    oldest_after = min(days[at : at + _NEAR])
    return min(newest_before, oldest_after), max(newest_before, oldest_after)


def _gaps(first: int, last: int, known: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give the ranges between two numbers that are not known.

    >>> list(_gaps(10, 20, [12, 13, 19]))
    [(11, 11), (14, 18)]
    """
    expected = first + 1
    for number in [*known, last]:
        if number > expected:
            yield expected, number - 1
        expected = number + 1
