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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.coverage.numbers import Stretch


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
    spaces = (
        place(space, census.numbers[space], census.undated[space]) for space in census.numbers
    )
    found = [
        drawn
        for space in spaces
        for stretch in space.stretches
        for drawn in _of_stretch(space.space, stretch, probed)
        if (wanted.first is None or drawn.last_day >= wanted.first)
        and (wanted.last is None or drawn.first_day <= wanted.last)
    ]
    return sorted(found, key=lambda drawn: _lot(drawn, wanted.seed))[: wanted.size]


def _of_stretch(space: str, stretch: Stretch, probed: dict[str, str]) -> Iterator[Number]:
    if space == "a" and stretch.first_day != stretch.last_day:
        return
    days = [dt.date.fromordinal(day).isoformat() for day in (stretch.first_day, stretch.last_day)]
    for first, last in stretch.gaps:
        yield from (Number(space, number, *days) for number in range(first, last + 1))
    asked = (number for number in stretch.undated if f"{space}:{number}" in probed)
    yield from (Number(space, number, *days) for number in asked)


def _lot(drawn: Number, seed: int) -> bytes:
    """Give a number's place in the lottery.

    >>> _lot(Number("b", 7, "", ""), 1) == _lot(Number("b", 7, "2022-06-16", "2022-06-17"), 1)
    True
    """
    return sha256(f"{seed}:{drawn.space}:{drawn.number}".encode()).digest()
