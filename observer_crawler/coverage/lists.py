"""The lists of what is not there, each entry with its command; long ones by month. Pure."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from observer_crawler.coverage.markup import Html, joined, tag
from observer_crawler.coverage.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from observer_crawler.coverage.holes import Hole
    from observer_crawler.coverage.report import Report
    from observer_crawler.coverage.survey import Edition

# Entries that are shown one by one; more than these are shown by month.
_MOST = 40
_OPEN = 12
_HEADLINES = 3
_REMARKS = {
    "article": "An index or a page said that they are there.",
    "index": "Nobody has seen what these days list.",
    "no_index": "Their articles are found by links and by numbers alone.",
    "not_read": "They come with the next crawl of these days.",
    "linked": "Pages link to them, and no index lists them. Some links lead nowhere.",
    "numbers": "Between two known numbers. Some are articles that nothing links, others nothing.",
}


def lists(report: Report, edition: Edition) -> Html:
    """Give a list for each kind of hole that there is."""
    found = report.holes(edition)
    groups = {kind: [hole for hole in found if hole.kind == kind] for kind in KINDS}
    kinds = [_kind(report, edition, kind, some) for kind, some in groups.items() if some]
    return joined(*kinds) if kinds else tag("p", "Nothing is missing.", class_="none")


def _kind(report: Report, edition: Edition, kind: str, some: Sequence[Hole]) -> Html:
    count = sum(hole.count for hole in some)
    head = tag(
        "summary", tag("b", f"{count:,}"), tag("span", KINDS[kind]), tag("small", _REMARKS[kind])
    )
    if len(some) <= _MOST:
        rows = [_entry(hole) for hole in some]
    else:
        rows = list(_months(report, edition, kind, some))
    is_open = "open" if len(rows) <= _OPEN else None
    return tag("details", head, tag("table", *rows), open=is_open, class_=f"kind {kind}")


def _entry(hole: Hole) -> Html:
    when = hole.first_day or "no day"
    if hole.last_day != hole.first_day:
        when += f" – {hole.last_day or 'no day'}"
    texts = [f"“{text}”" for text in hole.headlines[:_HEADLINES]]
    more = len(hole.headlines) - _HEADLINES
    told = ", ".join(texts) + (f" and {more:,} more" if more > 0 else "")
    why = joined(hole.why, tag("q", told) if told else Html(""))
    return _row(when, hole.count, why, hole.command)


def _row(when: str, count: int, why: str, command: str) -> Html:
    code = tag("code", command) if command else tag("em", "nothing can be done from here")
    cells = (tag("td", when), tag("td", f"{count:,}"), tag("td", why, code))
    return tag("tr", *cells)


def _months(report: Report, edition: Edition, kind: str, some: Iterable[Hole]) -> Iterable[Html]:
    """Put the entries of a month into one row, with one command for them all."""
    commands = report.commands(edition)
    for month, holes in groupby(some, key=lambda hole: (hole.first_day or "no day")[:7]):
        group = list(holes)
        count = sum(hole.count for hole in group)
        first = min(hole.first_day or "" for hole in group)
        last = max(hole.last_day or "" for hole in group)
        ids = ",".join(hole.ids for hole in group if hole.command and hole.ids)
        why = f"{len(group):,} entries: " + "; ".join(
            sorted({hole.why for hole in group})[:_HEADLINES]
        )
        match kind:
            case "numbers":
                command = commands.days(first, last, count)
            case "linked":
                command = commands.ids(ids)
            case "article" | "index":
                command = commands.again(ids) if ids else ""
            case _:
                command = commands.days(first, last)
        yield _row(month, count, why, command)
