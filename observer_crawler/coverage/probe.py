"""Which numbers a probe asks for: of those that no page links, drawn by a hash of the id.

The same numbers on every machine, and for the same command when it goes on: what an earlier probe
asked for stays in the lottery, so a probe of 200 has the numbers of a probe of 100 among them.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.coverage.numbers import place
from observer_crawler.ledger.census import CensusReader
from observer_crawler.site import DATED_SPACES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from observer_crawler.coverage.numbers import Placed


# The box by which the ledger knows what a probe has asked for.
BOX = "probe"


class Number(NamedTuple):
    """A number to ask for, with the first and the last day (ISO) that it may be of."""

    space: str
    number: int
    first_day: str
    last_day: str


class Wanted(NamedTuple):
    """Which numbers a probe is to draw: how many, and of which days (ISO; None: no end)."""

    language: str
    size: int
    seed: int
    first: str | None
    last: str | None


def draw(path: Path, wanted: Wanted) -> list[Number]:
    """Draw so many numbers that may be of some days, in the order of the lottery.

    A dated page needs its day, so of those only the numbers take part that lie between two of one
    day. Raises LedgerError.
    """
    with CensusReader(path) as reader:
        census, probed = reader.census(wanted.language), reader.probed(wanted.language)
    asked = {each.name for each in probed}
    spaces = (place(name, census.numbers[name], census.undated[name]) for name in census.numbers)
    drawn = [
        *(number for space in spaces for number in _of_space(space, asked)),
        *(_of_its_day(each.name, each.day) for each in probed if each.day),
    ]
    fitting = (number for number in drawn if _is_of(number, wanted))
    return sorted(fitting, key=lambda number: _lot(number, wanted.seed))[: wanted.size]


def _of_space(space: Placed, asked: Collection[str]) -> Iterator[Number]:
    """Give the gaps, and what was asked for in one of them and has no day yet."""
    for stretch in space.stretches:
        if space.space in DATED_SPACES and stretch.first_day != stretch.last_day:
            continue
        ends = (dt.date.fromordinal(day) for day in (stretch.first_day, stretch.last_day))
        first, last = (day.isoformat() for day in ends)
        known = [number for number in stretch.undated if f"{space.space}:{number}" in asked]
        for begin, end in (*stretch.gaps, *zip(known, known, strict=True)):
            for number in range(begin, end + 1):
                yield Number(space.space, number, first, last)


def _of_its_day(name: str, day: str) -> Number:
    space, _, number = name.partition(":")
    return Number(space, int(number), day, day)


def _is_of(number: Number, wanted: Wanted) -> bool:
    """Whether a number may be of the days of a probe."""
    is_early = wanted.first is not None and number.last_day < wanted.first
    return not is_early and (wanted.last is None or number.first_day <= wanted.last)


def _lot(drawn: Number, seed: int) -> bytes:
    """Give a number's place in the lottery.

    >>> _lot(Number("b", 7, "", ""), 1) == _lot(Number("b", 7, "2022-06-16", "2022-06-17"), 1)
    True
    """
    return sha256(f"{seed}:{drawn.space}:{drawn.number}".encode()).digest()
