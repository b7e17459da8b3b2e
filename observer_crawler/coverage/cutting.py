"""A part of an edition: the days from one to another. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler.coverage.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.coverage.numbers import Placed
    from observer_crawler.coverage.survey import Edition


def cut(edition: Edition, first: str | None, last: str | None) -> Edition:
    """Leave out what is not of these days, both ends included; None: no end.

    Sections and fields are counted by month, so their first and last month are whole ones. What
    led to the articles, and what has no day, is not of any part.
    """
    if first is None and last is None:
        return edition

    def is_within(begin: str | None, end: str | None) -> bool:
        return (last is None or (begin or "") <= last) and (first is None or (end or "") >= first)

    def is_of(month: str | None) -> bool:
        return is_within(month and f"{month}-01", month and f"{month}-31")

    spaces = [_within(space, is_within) for space in edition.spaces]
    gaps = sum(stretch.count for space in spaces for stretch in space.stretches)
    probe = edition.probe and Estimate(edition.probe.asked, edition.probe.real, gaps)
    return replace(
        edition,
        days=[day for day in edition.days if is_within(day.day, day.day)],
        spaces=spaces,
        gaps=gaps,
        probe=probe,
        sections={key: count for key, count in edition.sections.items() if is_of(key[0])},
        fields={key: count for key, count in edition.fields.items() if is_of(key[0])},
        lost=[each for each in edition.lost if each.day and is_within(each.day, each.day)],
    )


def _within(space: Placed, is_within: Callable[[str, str], bool]) -> Placed:
    kept = []
    for stretch in space.stretches:
        begin, end = dt.date.fromordinal(stretch.first_day), dt.date.fromordinal(stretch.last_day)
        if is_within(begin.isoformat(), end.isoformat()):
            kept.append(stretch)
    return replace(space, stretches=kept)
