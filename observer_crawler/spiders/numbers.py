"""Which numbers lie in a span of days: learnt from the articles that were read, never assumed.

Numbers of a space rise with the date. One article with a wrong date must not hide others, let alone
thousands: a number is passed over only when its nearest known neighbours all say so, each an article
of its own, and a week is left on either side. Pure.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Articles next to a number that must all lie beyond an end of the span.
WITNESSES = 3
_MARGIN = dt.timedelta(days=7)
_BEFORE, _IN, _AFTER = -1, 0, 1


@dataclass(slots=True)
class _Space:
    """The numbers of a space that are known, in order, and on which side of the span each lies."""

    numbers: list[int] = field(default_factory=list)
    sides: dict[int, int] = field(default_factory=dict)

    def are(self, numbers: list[int], side: int) -> bool:
        return len(numbers) == WITNESSES and all(self.sides[each] == side for each in numbers)


class Numbers:
    """The numbers of a span; `first` and `last` are None where it is open."""

    def __init__(self, first: dt.date | None, last: dt.date | None) -> None:
        self._first = (first - _MARGIN).isoformat() if first else ""
        self._last = (last + _MARGIN).isoformat() if last else "9999"
        self._spaces: defaultdict[str, _Space] = defaultdict(_Space)

    def learn(self, days: Iterable[tuple[str, str | None]]) -> None:
        """Take articles with their days (YYYY-MM-DD); of one that is known the day told last holds."""
        fresh: defaultdict[str, list[int]] = defaultdict(list)
        for name, day in days:
            key, _, text = name.partition(":")
            number, sides = int(text), self._spaces[key].sides
            if day is not None:
                if number not in sides:
                    fresh[key].append(number)
                sides[number] = (
                    _BEFORE if day < self._first else _AFTER if day > self._last else _IN
                )
        for key, numbers in fresh.items():
            known = self._spaces[key].numbers
            if len(numbers) == 1:
                insort(known, numbers[0])
            else:
                known += numbers
                known.sort()

    def is_outside(self, name: str) -> bool:
        """Whether an article's number lies beyond the span."""
        key, _, text = name.partition(":")
        number, space = int(text), self._spaces[key]
        higher = bisect_right(space.numbers, number)
        lower = bisect_left(space.numbers, number)
        return space.are(space.numbers[higher : higher + WITNESSES], _BEFORE) or space.are(
            space.numbers[max(lower - WITNESSES, 0) : lower], _AFTER
        )
