"""The report for a terminal: years, what is worst, and what to type next. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.coverage.days import Status
from observer_crawler.coverage.report import by_year, totals
from observer_crawler.site import EDITIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.coverage.estimate import Estimate
    from observer_crawler.coverage.holes import Hole
    from observer_crawler.coverage.report import Report
    from observer_crawler.coverage.survey import Edition

# Holes that are named; the JSON has all of them.
_MOST = 10
NAMES = {
    Status.COMPLETE: "complete",
    Status.NO_PRINT: "no paper",
    Status.GAPS: "gaps",
    Status.OPEN: "open",
    Status.HOLES: "holes",
    Status.UNKNOWN: "unknown",
}
KINDS = {
    "article": "articles known and not had",
    "index": "days whose index cannot be read",
    "no_index": "days without an index, with articles",
    "not_read": "days not read yet",
    "linked": "articles linked and never asked for",
    "numbers": "numbers that no page links",
}


def as_text(report: Report) -> str:
    """Say it to a person."""
    if not report.editions:
        return "Nothing is known yet: no index, box or number says anything."
    return "\n\n".join(_edition(report, each) for each in report.editions)


def _edition(report: Report, edition: Edition) -> str:
    found = report.holes(edition)
    language = EDITIONS.get(edition.language, edition.language)
    head = f"{language} edition, read from {report.source.origin or 'nowhere yet'}"
    parts = [head, _years(edition), _articles(edition), probe_text(edition.probe), _worst(found)]
    return "\n\n".join(part for part in parts if part)


def _years(edition: Edition) -> str:
    rows = [("days", *NAMES.values(), "articles", "stored")]
    for year, days in by_year(edition.days).items():
        rows.append((year, *_cells(totals(days))))
    rows.append(("all", *_cells(totals(edition.days))))
    return _table(rows)


def _cells(sums: dict[str, int | dict[str, int]]) -> list[str]:
    statuses = sums["days"]
    assert isinstance(statuses, dict)  # noqa: S101 (for the types: the only one that is)
    figures = [*(statuses[status] for status in NAMES), sums["known"], sums["stored"]]
    return [f"{figure:,}" if figure else "-" for figure in figures]


def _articles(edition: Edition) -> str:
    sums = totals(edition.days)
    names = ("failed", "denied", "refused", "missing", "waiting", "seen")
    lacks = [f"{sums[name]:,} {name}" for name in names if sums[name]]
    told = f"Of {sums['known']:,} articles with a day {sums['stored']:,} are stored"
    unplaced = sum(edition.unplaced.values())
    parts = [
        f"{told}{': ' if lacks else ''}{', '.join(lacks)}.",
        f"{edition.gaps:,} numbers between them no page links." if edition.gaps else "",
        f"{unplaced:,} addresses have no day." if unplaced else "",
    ]
    return " ".join(part for part in parts if part)


def probe_text(probe: Estimate | None) -> str:
    """Say what a probe tells, with its doubt; nothing without one."""
    if probe is None:
        return ""
    noun = "article" if probe.real == 1 else "articles"
    found = f"A probe of {probe.asked:,} numbers that no page links found {probe.real:,} {noun}"
    if not probe.gaps:
        return f"{found}; no such number is left."
    return (
        f"{found}: of the {probe.gaps:,} left, {probe.low:,} to {probe.high:,} are articles "
        f"(95 %; by the share alone {probe.articles:,})."
    )


def _worst(found: Sequence[Hole]) -> str:
    """Name what lacks most of each kind, with the command that fills it."""
    lines = []
    for kind, words in KINDS.items():
        some = sorted((hole for hole in found if hole.kind == kind), key=lambda hole: -hole.count)
        if some:
            lines.append(f"{sum(hole.count for hole in some):,} {words}")
            lines += [f"  {_line(hole)}" for hole in some[:_MOST]]
            more = len(some) - _MOST
            lines += [f"  ... and {more:,} entries more (--json has all)"] if more > 0 else []
    return "\n".join(lines)


def _line(hole: Hole) -> str:
    first, last = hole.first_day or "no day", hole.last_day or "no day"
    when = first if first == last else f"{first} to {last}"
    command = hole.command
    if len(command) > 160:  # noqa: PLR2004 (two lines of a terminal)
        command = f"(--json has the command: {len(hole.ids.split(',')):,} numbers)"
    return f"{when}: {hole.count:,}, {hole.why}" + (f"\n    {command}" if command else "")


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    )
