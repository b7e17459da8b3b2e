"""The calendar: a row of weeks for each year, a cell for each day, its status by colour and shape. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from observer_crawler.coverage.days import Day, Index, Status
from observer_crawler.coverage.markup import Html, joined, tag
from observer_crawler.coverage.report import by_year, totals
from observer_crawler.coverage.words import NAMES
from observer_crawler.site import NO_PAPER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Pixels of a cell with its margin, and of what stands left of the weeks and above them.
_STEP, _LEFT, _TOP = 12, 30, 14
_WEEKS = 54
# Sunday is the first day of the week there, Friday the day off.
_WEEKDAYS = {1: "Mon", 3: "Wed", 5: "Fri"}
# Left, top, width, height and corner of each mark within a cell: whoever sees no colours, and
# whoever prints in grey, tells them by their shapes.
_SHAPES = {
    Status.COMPLETE: (0.0, 0.0, 10.0, 10.0, 2.5),
    Status.GAPS: (0.0, 0.0, 10.0, 10.0, 2.5),
    Status.OPEN: (0.75, 0.75, 8.5, 8.5, 2.0),
    Status.HOLES: (0.0, 0.0, 10.0, 10.0, 0.0),
    Status.NO_PRINT: (0.5, 3.5, 9.0, 3.0, 1.5),
    Status.UNKNOWN: (3.75, 3.75, 2.5, 2.5, 1.25),
}
MEANINGS = {
    Status.COMPLETE: "all that is known of the day is here, and no number is left to ask for",
    Status.GAPS: "all that is known is here; numbers that no page links may be articles too",
    Status.NO_PRINT: f"no paper was printed: {NO_PAPER}; what went online is here",
    Status.OPEN: "not read to its end yet, or it may still change",
    Status.HOLES: "something that is known to be there is not here",
    Status.UNKNOWN: "no index, no box and no number says anything",
}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_LACKS = ("failed", "denied", "refused", "missing", "waiting", "seen")


def calendar(days: Iterable[Day]) -> Html:
    """Draw all years, the newest first."""
    years = sorted(by_year(days).items(), reverse=True)
    return tag("div", *(_year(year, some) for year, some in years), class_="years")


def _year(year: str, days: Sequence[Day]) -> Html:
    sums = totals(days)
    known, stored = sums["known"], sums["stored"]
    told = f"{stored:,} of {known:,}" if known else "nothing known"
    share = f"{_percent(stored, known)}" if known else "–"
    facts = tag("p", tag("b", share), tag("span", told), class_="share")
    return tag("section", tag("h3", year), _weeks(year, days), facts, class_="year")


def _percent(part: int, whole: int) -> str:
    """Give a share that says 100 % only of all.

    >>> _percent(999, 1000), _percent(9999, 10000), _percent(3, 3)
    ('99.9 %', '99.9 %', '100 %')
    """
    return "100 %" if part == whole else f"{int(1000 * part / whole) / 10:.1f} %"


def _weeks(year: str, days: Sequence[Day]) -> Html:
    first = dt.date(int(year), 1, 1)
    offset = _weekday(first)
    labels = [_month(first, offset, number) for number in range(1, 13)]
    labels += [
        tag("text", name, x=0, y=_TOP + _STEP * row + 8.5) for row, name in _WEEKDAYS.items()
    ]
    cells = [_cell(day, first, offset) for day in days]
    return tag(
        "svg",
        *labels,
        *cells,
        viewBox=f"0 0 {_LEFT + _WEEKS * _STEP} {_TOP + 7 * _STEP}",
        role="img",
        aria_label=f"The days of {year}",
    )


def _weekday(day: dt.date) -> int:
    """Give the place in a week that begins on Sunday."""
    return day.isoweekday() % 7


def _month(first: dt.date, offset: int, number: int) -> Html:
    week = ((dt.date(first.year, number, 1) - first).days + offset + 6) // 7
    return tag("text", _MONTHS[number - 1], x=_LEFT + _STEP * week, y=9)


def _cell(day: Day, first: dt.date, offset: int) -> Html:
    place = (dt.date.fromisoformat(day.day) - first).days + offset
    x, y = _LEFT + _STEP * (place // 7), _TOP + _STEP * (place % 7)
    return _mark(day.status, x, y, tag("title", tooltip(day)), data_day=day.day)


def _mark(status: Status, x: float, y: float, *inside: Html, **attributes: str) -> Html:
    """Draw the mark of a status in the cell at a place."""
    left, top, width, height, corner = _SHAPES[status]
    return tag(
        "rect",
        *inside,
        class_=status.value,
        **attributes,
        x=x + left,
        y=y + top,
        width=width,
        height=height,
        rx=corner or None,
    )


def tooltip(day: Day) -> str:
    """Say what is known of a day, in a few lines."""
    weekday = f"{dt.date.fromisoformat(day.day):%A}"
    lines = [f"{weekday}, {day.day}: {NAMES[day.status]}"]
    if day.known:
        lines.append(f"{day.stored:,} of {day.known:,} articles are here")
    if day.expected is not None:
        lines.append(f"its index lists {day.expected:,}{'' if day.is_final else ', so far'}")
    elif day.index is not Index.NONE:
        lines.append(
            {Index.EMPTY: "the site has no index of it"}.get(day.index, f"index: {day.index}")
        )
    lines += [f"{count:,} {name}" for name in _LACKS if (count := getattr(day, name))]
    if day.gaps:
        lines.append(f"{day.gaps:,} numbers that no page links")
    return "\n".join(lines)


def legend(days: Sequence[Day]) -> Html:
    """Explain the marks, each with the number of its days."""
    counts = totals(days)["days"]
    items = []
    for status, meaning in MEANINGS.items():
        mark = _mark(status, 0, 0)
        text = joined(tag("b", NAMES[status]), tag("span", meaning))
        items.append(
            tag(
                "li",
                tag("svg", mark, viewBox="0 0 10 10", aria_hidden="true"),
                tag("i", f"{counts[status.value]:,}"),
                tag("p", text),
            )
        )
    return tag("ul", *items, class_="legend")
