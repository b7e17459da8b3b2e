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


class Figure:
    """The sums of a figure in a piece, and its lowest and highest value with their answers.

    An article has about 50 figures, so they are added to in place. Of equal values the first
    stays the lowest or highest: it is where a fault began.
    """

    __slots__ = ("cases", "high", "high_at", "low", "low_at", "squares", "total")

    def __init__(self, value: float, place: Place) -> None:
        self.cases, self.total, self.squares = 1, value, value * value
        self.low = self.high = value
        self.low_at = self.high_at = place

    @property
    def sums(self) -> Sums:
        return Sums(self.cases, self.total, self.squares)

    def add(self, value: float, place: Place) -> None:
        """Add one value."""
        self.cases += 1
        self.total += value
        self.squares += value * value
        if value < self.low:
            self.low, self.low_at = value, place
        elif value > self.high:
            self.high, self.high_at = value, place

    def join(self, other: Figure) -> None:
        """Add all values of a piece that came after this one."""
        self.cases += other.cases
        self.total += other.total
        self.squares += other.squares
        if other.low < self.low:
            self.low, self.low_at = other.low, other.low_at
        if other.high > self.high:
            self.high, self.high_at = other.high, other.high_at


@dataclass(slots=True)
class Piece:
    """A row of answers."""

    size: int = 0
    figures: dict[str, Figure] = field(default_factory=dict)

    def add(self, place: Place, values: Mapping[str, float]) -> None:
        """Add one answer."""
        self.size += 1
        for name, value in values.items():
            if (here := self.figures.get(name)) is not None:
                here.add(value, place)
            else:
                self.figures[name] = Figure(value, place)

    def join(self, other: Piece) -> None:
        """Add a piece that came after this one."""
        self.size += other.size
        for name, figure in other.figures.items():
            if (here := self.figures.get(name)) is not None:
                here.join(figure)
            else:
                self.figures[name] = figure


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
            is_high = sign > 0
            value = figure.high if is_high else figure.low
            if sign * (value - middle) > 0:
                return figure.high_at if is_high else figure.low_at
        return None

    def _make_room(self) -> None:
        if len(self._pieces) < thresholds.MOST_SLICES:
            return
        for one, two in list(pairwise(self._pieces))[::2]:
            one.join(two)
        self._pieces = self._pieces[::2]
        self._size *= 2
