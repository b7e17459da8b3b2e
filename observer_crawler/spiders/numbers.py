"""Which numbers lie in a span of days: learnt from the articles that were read, never assumed.

Numbers of a space rise with the date. One article with a wrong date must not hide thousands, so a
bound holds only once several articles say so, and a week is left on either side. Pure.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Articles that must lie beyond an end of the span before a number beyond them is passed over.
WITNESSES = 3
_MARGIN = dt.timedelta(days=7)


class Numbers:
    """The bounds of a span in each number space; `first` and `last` are None where it is open."""

    def __init__(self, first: dt.date | None, last: dt.date | None) -> None:
        self._first = (first - _MARGIN).isoformat() if first else ""
        self._last = (last + _MARGIN).isoformat() if last else "9999"
        # The highest numbers from before the span, the lowest from after it; the outermost first.
        self._below: defaultdict[str, list[int]] = defaultdict(list)
        self._above: defaultdict[str, list[int]] = defaultdict(list)

    def learn(self, days: Iterable[tuple[str, str | None]]) -> None:
        """Take articles with their days (YYYY-MM-DD)."""
        for name, day in days:
            space, _, number = name.partition(":")
            if day is not None and day < self._first:
                insort(self._below[space], int(number))
                del self._below[space][:-WITNESSES]
            elif day is not None and day > self._last:
                insort(self._above[space], int(number))
                del self._above[space][WITNESSES:]

    def is_outside(self, name: str) -> bool:
        """Whether an article's number lies beyond the span."""
        space, _, number = name.partition(":")
        below, above = self._below[space], self._above[space]
        is_below = len(below) == WITNESSES and int(number) < below[0]
        return is_below or (len(above) == WITNESSES and int(number) > above[-1])
