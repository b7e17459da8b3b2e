"""The figures of a run while it goes on: their sums, in a number of pieces that does not grow.

A piece is a row of answers, each with the first article of it on either side of any line, so that
an alarm can name where it began. When there are too many pieces each two become one: a night is
kept article by article, a week in pieces of some thousands, in the same memory.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.alarm import thresholds
from observer_crawler.alarm.chance import Sums, turning_point

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place(NamedTuple):
    """One answer: whose, and when (UTC, ISO 8601)."""

    name: str
    at: str


class Figure(NamedTuple):
    """The sums of a figure in a piece, and its lowest and highest value with their answers."""

    sums: Sums
    low: tuple[float, Place]
    high: tuple[float, Place]


@dataclass(slots=True)
class Piece:
    """A row of answers."""

    size: int = 0
    figures: dict[str, Figure] = field(default_factory=dict)

    def add(self, place: Place, values: Mapping[str, float]) -> None:
        """Add one answer."""
        self.size += 1
        for name, value in values.items():
            one = Figure(Sums(1, value, value * value), (value, place), (value, place))
            self._add(name, one)

    def join(self, other: Piece) -> None:
        """Add a piece that came after this one."""
        self.size += other.size
        for name, figure in other.figures.items():
            self._add(name, figure)

    def _add(self, name: str, more: Figure) -> None:
        here = self.figures.get(name)
        if here is None:
            self.figures[name] = more
            return
        sums = here.sums.plus(more.sums)
        # Of equal ones the first stays: it is where a fault began.
        low = min(here.low, more.low, key=lambda each: each[0])
        high = max(here.high, more.high, key=lambda each: each[0])
        self.figures[name] = Figure(sums, low, high)


class RunningSums:
    """All pieces of a run."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._size = 1

    def add(self, place: Place, values: Mapping[str, float]) -> None:
        """Add one answer."""
        if not self._pieces or self._pieces[-1].size >= self._size:
            self._make_room()
            self._pieces.append(Piece())
        self._pieces[-1].add(place, values)

    def totals(self) -> dict[str, Sums]:
        """Give the sums of the whole run."""
        totals: defaultdict[str, Sums] = defaultdict(lambda: Sums(0, 0.0, 0.0))
        for piece in self._pieces:
            for name, figure in piece.figures.items():
                totals[name] = totals[name].plus(figure.sums)
        return dict(totals)

    def begins(self, name: str, expected: float, found: float) -> Place | None:
        """Give the first answer from which on a figure is nearer to what was found."""
        pieces = [piece.figures[name] for piece in self._pieces if name in piece.figures]
        middle, sign = (expected + found) / 2, 1 if found > expected else -1
        scores = [sign * (each.sums.total - each.sums.cases * middle) for each in pieces]
        for figure in pieces[turning_point(scores) :]:
            value, place = figure.high if sign > 0 else figure.low
            if sign * (value - middle) > 0:
                return place
        return None

    def _make_room(self) -> None:
        if len(self._pieces) < thresholds.MOST_SLICES:
            return
        for one, two in list(pairwise(self._pieces))[::2]:
            one.join(two)
        self._pieces = self._pieces[::2]
        self._size *= 2
