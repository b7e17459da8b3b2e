"""What is not there, thing by thing, each with the command that fills it where one can.

Days that lie side by side and lack the same are one entry. Pure: an edition in, entries out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from observer_crawler.coverage.days import Day, Index, Status
from observer_crawler.ledger import State
from observer_crawler.site import DATED_SPACES, LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from observer_crawler.coverage.numbers import Stretch
    from observer_crawler.coverage.survey import Edition
    from observer_crawler.ledger.census import Lost

# Numbers or ranges of one command: a line that still fits a terminal of a few rows. Once they are
# asked, the next report has the others.
_MOST_IDS = 60
_CRAWL = "scrapy crawl observer_archive"
_RETRY = "scrapy status --retry"
# Reasons for which nothing can be done, in words for people.
_FORBIDDEN = {
    "robots": "robots.txt forbids it",
    "excluded": "excluded by hand (data/exclude.txt)",
    "private": "its host is not public",
}


@dataclass(frozen=True, slots=True)
class Hole:
    """One thing that is not there.

    `kind`: `article` (known, and not had), `index` (nobody has seen what a day lists), `no_index`
    (a day of which the site has none, though there are articles), `not_read` (days to be read),
    `linked` (articles that were linked and never asked for, on no index), `numbers` (that no page
    ever linked). `count` are articles, days or numbers. `ids` is what `-a ids=` takes, empty for
    whole days. `command` is empty where nothing helps; `why` says so.
    """

    kind: str
    first_day: str | None
    last_day: str | None
    count: int
    why: str
    ids: str = ""
    headlines: tuple[str, ...] = ()
    command: str = ""


@dataclass(frozen=True, slots=True)
class Commands:
    """Writes commands for one edition; `site` where it was not read from the newspaper's own."""

    language: str
    site: str | None = None

    def ids(self, ids: str) -> str:
        """Ask for articles; of many for the first, the others stand in the next report."""
        some = ",".join(ids.split(",")[:_MOST_IDS])
        return f"{self._crawl} -a ids={some}" if ids else ""

    def again(self, ids: str) -> str:
        """Put back what failed or was denied, and ask for some of it."""
        return f"{_RETRY} && {self.ids(ids)}"

    def days(self, first: str, last: str, probe: int | None = None) -> str:
        probed = f" -a probe={probe}" if probe else ""
        return f"{self._crawl} -a from_date={first} -a until_date={last}{probed}"

    @property
    def _crawl(self) -> str:
        language = f" -a language={self.language}" if self.language != LANGUAGES[0] else ""
        return _CRAWL + language + (f" -a site={self.site}" if self.site else "")


def holes(edition: Edition, commands: Commands) -> list[Hole]:
    """Give all that is not there: what was lost, whole days, articles, and mere numbers."""
    spans = _spans(edition)
    return [
        *_lost(edition.lost, spans, commands),
        *_days(edition.days, commands),
        *_between(edition, commands, "linked", _linked),
        *_between(edition, commands, "numbers", lambda stretch: list(stretch.gaps)),
    ]


def _spans(edition: Edition) -> dict[str, tuple[str, str]]:
    """Give the days between which each number without a day lies."""
    return {
        f"{space.space}:{number}": _ends(stretch)
        for space in edition.spaces
        for stretch in space.stretches
        for number in stretch.undated
    }


def _ends(stretch: Stretch) -> tuple[str, str]:
    first, last = (dt.date.fromordinal(day) for day in (stretch.first_day, stretch.last_day))
    return first.isoformat(), last.isoformat()


def _lost(
    lost: Iterable[Lost], spans: dict[str, tuple[str, str]], commands: Commands
) -> Iterator[Hole]:
    """Give the articles that are not had, those of a day and a reason together."""

    def key(each: Lost) -> tuple[str, str, str, str]:
        first, last = (each.day, each.day) if each.day else spans.get(each.name, ("", ""))
        return first or "", last or "", each.state, each.reason

    for (first, last, state, reason), some in groupby(sorted(lost, key=key), key=key):
        group = list(some)
        ids = _ids(group[0].name.partition(":")[0], group)
        words, command = _remedy(state, reason, ids, commands)
        texts = tuple(each.text for each in group if each.text)
        yield Hole("article", first or None, last or None, len(group), words, ids, texts, command)


def _ids(space: str, group: list[Lost]) -> str:
    """Write articles as `-a ids=` takes them; a dated page needs its address."""
    if space in DATED_SPACES:
        return ",".join(each.url for each in group)
    numbers = sorted(int(each.name.partition(":")[2]) for each in group)
    return written((number, number) for number in numbers)


def _remedy(state: str, reason: str, ids: str, commands: Commands) -> tuple[str, str]:
    """Say why an article is not had, and what helps."""
    match state:
        case State.DENIED if reason in _FORBIDDEN:
            return _FORBIDDEN[reason], ""
        case State.REFUSED:
            return f"read and not storable: {reason}", "scrapy reextract"
        case State.MISSING | State.READ:
            return "its day's index lists it, the site has no page", ""
    return f"{state}: {reason}", commands.again(ids)


def _days(days: Iterable[Day], commands: Commands) -> Iterator[Hole]:
    """Give the days that are not read, or not readable."""
    for kind, row in groupby(days, key=_kind_of_day):
        group = list(row)
        first, last = group[0].day, group[-1].day
        if kind == "index":
            command = f"{_RETRY} && {commands.days(first, last)}"
            yield Hole(kind, first, last, len(group), "its index cannot be read", command=command)
        elif kind == "no_index":
            gaps = max(day.gaps for day in group)
            command = commands.days(first, last, gaps) if gaps else ""
            why = "the site has no index of it, and there are articles"
            yield Hole(kind, first, last, len(group), why, command=command)
        elif kind == "not_read":
            command = commands.days(first, last)
            yield Hole(kind, first, last, len(group), "not read to its end", command=command)


def _kind_of_day(day: Day) -> str:
    if day.index is Index.LOST:
        return "index"
    if day.index is Index.EMPTY and day.is_final and (day.known or day.has_room):
        return "no_index"
    is_read = day.index in {Index.READ, Index.EMPTY} and day.is_final
    has_listed = day.to_come > day.linked
    return "not_read" if day.status is not Status.UNKNOWN and (not is_read or has_listed) else ""


def _linked(stretch: Stretch) -> list[tuple[int, int]]:
    waits = (State.SEEN, State.WAITING, State.OUTSIDE)
    return [(number, number) for number, state in stretch.undated.items() if state in waits]


def _between(
    edition: Edition,
    commands: Commands,
    kind: str,
    some: Callable[[Stretch], list[tuple[int, int]]],
) -> Iterator[Hole]:
    """Give the numbers of some kind that lie between others, those of the same days together."""
    why = {
        "linked": "linked, on no index, and not asked for",
        "numbers": "no page links these numbers: each may be an article",
    }[kind]
    for space in edition.spaces:
        for (first, last), stretches in groupby(space.stretches, key=_ends):
            ranges = sorted(each for stretch in stretches for each in some(stretch))
            count = sum(end - begin + 1 for begin, end in ranges)
            if not count:
                continue
            ids = written(ranges)
            if space.space in DATED_SPACES:
                urls = (edition.urls.get(f"{space.space}:{number}") for number, _ in ranges)
                ids = ",".join(url for url in urls if url)
            command = commands.ids(ids) or commands.days(first, last, count)
            yield Hole(kind, first, last, count, why, ids, command=command)


def written(ranges: Iterable[tuple[int, int]]) -> str:
    """Write numbers as `-a ids=` takes them, neighbours as a range.

    >>> written([(5, 5), (6, 8), (10, 10)])
    '5-8,10'
    """
    merged: list[list[int]] = []
    for first, last in ranges:
        if merged and merged[-1][1] + 1 == first:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    parts = (f"{first}-{last}" if last > first else f"{first}" for first, last in merged)
    return ",".join(parts)
