"""What is there and what is not, of one edition: the ledger's counts laid over the calendar.

It reads the ledger alone, and no clock: the calendar ends with the day of the newest article that
was fetched, or with the newest index that was asked.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, fields
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import site as newspaper
from observer_crawler.coverage.days import Day, Index, calendar, judge
from observer_crawler.coverage.estimate import Estimate
from observer_crawler.coverage.numbers import Placed, Stretch, place
from observer_crawler.coverage.probe import BOX
from observer_crawler.items import Article
from observer_crawler.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from observer_crawler.ledger.census import Census, CensusReader, Known, Lost
    from observer_crawler.ledger.reading import EachDay

FIELDS = tuple(field.name for field in fields(Article))
_EDITION, _MOMENT = (1 << FIELDS.index(name) for name in ("edition", "published_at"))
# A stretch over more days than a pause and the days beside it is one that nobody has read.
_MOST_DAYS = 8
# Numbers where articles may hide: a tenth of a usual day's, and three at least; between two days
# of the copy of the site there are one or two.
_ROOM, _LEAST_ROOM = 10, 3
_INDEXES = {
    State.SEEN: Index.NONE,
    State.WAITING: Index.WAITING,
    State.READ: Index.READ,
    State.MISSING: Index.EMPTY,
    State.REDIRECTED: Index.EMPTY,
}
# In which count of a day an article stands by its state. What points elsewhere is no article.
_COUNTS = {
    State.STORED: "stored",
    State.REFUSED: "refused",
    State.DENIED: "denied",
    State.FAILED: "failed",
    State.WAITING: "waiting",
    State.OUTSIDE: "waiting",
    State.SEEN: "seen",
    State.MISSING: "gone",
    State.READ: "gone",
}
_TO_COME = frozenset({State.WAITING, State.OUTSIDE, State.SEEN})
# What a probe's answer says of a number; of the other states it says nothing yet.
_REAL = frozenset({State.STORED, State.REFUSED, State.OUTSIDE})
_NOTHING = frozenset({State.MISSING, State.READ, State.REDIRECTED})


class Box(NamedTuple):
    """Articles that a box led to first; `stored` of them are had."""

    found: int
    stored: int


@dataclass(frozen=True, slots=True)
class Edition:
    """All that coverage says of one edition.

    `gaps` counts the numbers that no page linked, each once; `unplaced` the articles without a day
    by state, those that lie between the numbers of one day left out. `sections` are by month and
    section, `fields` by month, markup and the bits of a line's filled fields. `urls` has the
    addresses of dated pages whose day no index told: their number alone is none.
    """

    language: str
    days: list[Day]
    spaces: list[Placed]
    gaps: int
    probe: Estimate | None
    boxes: dict[str, Box]
    unplaced: Counter[str]
    sections: Mapping[tuple[str | None, str | None], int]
    fields: Mapping[tuple[str | None, str, int], int]
    lost: list[Lost]
    urls: Mapping[str, str]


def survey(reader: CensusReader, language: str) -> Edition:
    """Count all of one edition, every day since the newspaper's first."""
    census = reader.census(language, _EDITION | _MOMENT)
    indexes = [each for each in reader.each_day() if each.language == language]
    spaces = [place(*each) for each in _spaces(census)]
    days = _calendar(census, indexes, reader.last_fetched_at())
    _add_indexes(days, indexes)
    unplaced = _add_articles(days, census.known)
    usual = median([day.known for day in days.values() if day.known] or [0])
    for stretch in (each for space in spaces for each in space.stretches):
        _add_stretch(days, stretch, unplaced, max(usual / _ROOM, _LEAST_ROOM))
    _mark_between(days, spaces)
    judge(list(days.values()))
    gaps = sum(each.count for space in spaces for each in space.stretches)
    return Edition(
        language,
        list(days.values()),
        spaces,
        gaps,
        _probe(reader, census, language, gaps),
        _boxes(census.known),
        +unplaced,
        census.sections,
        census.fields,
        reader.lost(language),
        _undated_urls(reader, census),
    )


def _undated_urls(reader: CensusReader, census: Census) -> dict[str, str]:
    spaces = [space for space in newspaper.DATED_SPACES if space in census.numbers]
    return {name: url for space in spaces for name, url in reader.undated_urls(space).items()}


def _spaces(census: Census) -> Iterable[tuple[str, list[int], dict[int, str]]]:
    return ((space, census.numbers[space], census.undated[space]) for space in census.numbers)


def _calendar(
    census: Census, indexes: Iterable[EachDay], last_fetched_at: str | None
) -> dict[str, Day]:
    """Give the days from the newspaper's first to the last one of which anything is known.

    A page may show a day far ahead: what lies behind the next edition is not believed.
    """
    asked = [each.day for each in indexes if each.is_asked]
    last = max(asked, default=newspaper.FIRST_DAY.isoformat())
    if last_fetched_at:
        fetched = dt.datetime.fromisoformat(last_fetched_at).astimezone(newspaper.ZONE).date()
        latest = (fetched + dt.timedelta(days=newspaper.DAYS_AHEAD)).isoformat()
        dated = (key.day for key in census.known if key.day and key.day <= latest)
        last = max(last, fetched.isoformat(), *dated)
    return calendar(newspaper.FIRST_DAY, dt.date.fromisoformat(last))


def _add_indexes(days: Mapping[str, Day], indexes: Iterable[EachDay]) -> None:
    for each in indexes:
        if (day := days.get(each.day)) is not None:
            day.index = _INDEXES.get(State(each.state), Index.LOST)
            if day.index is Index.READ and not each.expected:
                day.index = Index.EMPTY
            day.expected, day.is_final = each.expected, each.is_final


def _add_articles(days: Mapping[str, Day], known: Mapping[Known, int]) -> Counter[str]:
    """Count each article on its day; gives those of no day of the calendar, by state."""
    unplaced: Counter[str] = Counter()
    for key, count in known.items():
        day = days.get(key.day or "")
        if day is None:
            unplaced[key.state] += count
            continue
        day.listed += count * key.is_listed
        _add(day, key.state, count, is_listed=key.is_listed)
        if key.bits is not None and key.state == State.STORED:
            day.online += count * bool(key.bits & _MOMENT)
            day.printed += count * (key.bits == _EDITION)
    return unplaced


def _add(day: Day, state: str, count: int, *, is_listed: bool = False) -> None:
    name = _COUNTS.get(State(state))
    if name == "gone" and is_listed:
        name = "missing"
    if name is not None:
        setattr(day, name, getattr(day, name) + count)


def _add_stretch(
    days: Mapping[str, Day], stretch: Stretch, unplaced: Counter[str], room: float
) -> None:
    """Say to each day of a stretch what may be of it; a number between two of a day is that day's."""
    names = [dt.date.fromordinal(day).isoformat() for day in stretch.days]
    here = [days[name] for name in names if name in days]
    if len(names) == 1 and here:
        for state in stretch.undated.values():
            _add(here[0], state, 1)
            here[0].linked += state in _TO_COME
            unplaced[state] -= 1
    open_ends = [state for state in stretch.undated.values() if _is_not_had(state)]
    inside = len(names) - 2
    is_narrow = len(names) <= _MOST_DAYS
    share = stretch.count if is_narrow else ceil(stretch.count / len(names))
    hidden = stretch.count + len(stretch.undated)
    for place_, day in enumerate(here):
        day.gaps += share
        day.perhaps += len(open_ends) * (len(names) > 1)
        if 0 < place_ <= inside:
            day.has_room |= hidden / inside > room


def _is_not_had(state: str) -> bool:
    return _COUNTS.get(State(state)) not in {None, "stored", "gone"}


def _mark_between(days: Mapping[str, Day], spaces: Iterable[Placed]) -> None:
    """Mark the days that have numbers on both sides."""
    ends = [space.days for space in spaces if space.days is not None]
    for name, day in days.items():
        ordinal = dt.date.fromisoformat(name).toordinal()
        day.is_between = any(first < ordinal < last for first, last in ends)


def _probe(reader: CensusReader, census: Census, language: str, gaps: int) -> Estimate | None:
    """Say what probes have found; None where none was answered."""
    if not any(key.box == BOX for key in census.known):
        return None
    states = Counter(each.state for each in reader.probed(language))
    real = sum(states[state] for state in _REAL)
    asked = real + sum(states[state] for state in _NOTHING)
    return Estimate(asked, real, gaps) if asked else None


def _boxes(known: Mapping[Known, int]) -> dict[str, Box]:
    """Count the articles by the box that led to them first, the most first."""
    found: Counter[str] = Counter()
    stored: Counter[str] = Counter()
    for key, count in known.items():
        found[key.box] += count
        stored[key.box] += count * (key.state == State.STORED)
    ordered = sorted(found, key=lambda box: (-stored[box], -found[box], box))
    return {box: Box(found[box], stored[box]) for box in ordered}
