"""Rows of months: articles of each section, and how many have each field; and bars for boxes. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.coverage.markup import Html, joined, tag
from observer_crawler.coverage.report import fill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from observer_crawler.coverage.survey import Box, Edition

# Sections with a row of their own; the others share one.
_MOST_SECTIONS = 16
# Pixels: of the whole width, of the names, of the figures at the right, and of a row.
_WIDTH, _NAMES, _FIGURES, _ROW = 880, 150, 64, 17
# Months are at most so wide, or two of them would look like a wall.
_WIDEST = 28.0
# What an article is had for; the other fields are always there, or say how it was had.
FIELDS = (
    *("headline", "shoulder", "section", "edition", "published_date", "published_at", "byline"),
    *("dateline", "agency", "body", "removed", "images", "tags", "views", "related"),
    *("previous", "next", "capture"),
)


class Row(NamedTuple):
    """One row: its name, what each month shows (0 to 1, and words), and the figure at its end."""

    name: str
    cells: Mapping[str, tuple[float, str]]
    figure: str


def months_of(edition: Edition) -> list[str]:
    """Give every month from the first with an article to the last."""
    known = sorted({month for month, _ in edition.sections if month})
    if not known:
        return []
    months, month = [], known[0]
    while month <= known[-1]:
        months.append(month)
        year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
        month = f"{year:04}-{number + 1:02}"
    return months


def sections(edition: Edition) -> Html:
    """Draw the articles of each section by month, each row against its own best month."""
    totals: Counter[str | None] = Counter()
    for (_, section), count in edition.sections.items():
        totals[section] += count
    ordered = sorted(totals, key=lambda name: (-totals[name], name or ""))
    names = {name: name or "(no section)" for name in ordered[:_MOST_SECTIONS]}
    counts: dict[str, Counter[str]] = {}
    for (month, section), count in edition.sections.items():
        row = counts.setdefault(names.get(section, "(all others)"), Counter())
        row[month or ""] += count
    rows = [
        _section(name, counts[name])
        for name in (*names.values(), "(all others)")
        if name in counts
    ]
    return _rows(rows, months_of(edition))


def _section(name: str, counts: Counter[str]) -> Row:
    most = max(counts.values())
    cells = {month: (count / most, f"{count:,} articles") for month, count in counts.items()}
    return Row(name, cells, f"{sum(counts.values()):,}")


def fields(edition: Edition) -> Html:
    """Draw, for each markup, the share of its articles that have each field, by month."""
    months, found = months_of(edition), fill(edition.fields)
    return joined(
        *(
            tag(
                "figure",
                tag("figcaption", *_markup(markup, counts)),
                _rows(_fields(counts), months),
            )
            for markup, counts in sorted(found.items(), reverse=True)
        )
    )


def _markup(markup: str, counts: Mapping[str, Mapping[str, int]]) -> tuple[Html, Html]:
    articles = sum(count["articles"] for count in counts.values())
    return tag("b", f"Markup {markup}"), tag("span", f"{articles:,} articles")


def _fields(counts: Mapping[str, Mapping[str, int]]) -> list[Row]:
    articles = sum(count["articles"] for count in counts.values())
    rows = []
    for name in FIELDS:
        cells = {
            month: (count[name] / count["articles"], _share(count[name], count["articles"]))
            for month, count in counts.items()
        }
        filled = sum(count[name] for count in counts.values())
        rows.append(Row(name, cells, f"{100 * filled / articles:.0f} %"))
    return rows


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.0f} %)"


def _rows(rows: Sequence[Row], months: Sequence[str]) -> Html:
    """Draw rows of months as one picture."""
    if not months:
        return tag("p", "Nothing is stored yet.", class_="none")
    step = min((_WIDTH - _NAMES - _FIGURES) / len(months), _WIDEST)
    end = _NAMES + step * len(months)
    parts = [
        tag("text", month[:4], x=round(_NAMES + step * at, 2), y=10, class_="axis")
        for at, month in enumerate(months)
        if month.endswith("-01") or (at == 0 and not month.endswith(("-10", "-11", "-12")))
    ]
    for number, row in enumerate(rows):
        top = 16 + number * _ROW
        parts.append(tag("text", row.name, x=_NAMES - 8, y=top + 12, text_anchor="end"))
        parts.append(tag("text", row.figure, x=round(end + 8, 2), y=top + 12, class_="figure"))
        parts += [
            _month(row, month, round(_NAMES + step * at, 2), top, round(step, 2))
            for at, month in enumerate(months)
            if month in row.cells
        ]
    height = 16 + len(rows) * _ROW
    return tag("svg", *parts, viewBox=f"0 0 {_WIDTH} {height}", class_="months")


def _month(row: Row, month: str, x: float, y: float, step: float) -> Html:
    share, words = row.cells[month]
    return tag(
        "rect",
        tag("title", f"{row.name}, {month}: {words}"),
        class_="m" if share else "m zero",
        x=x,
        y=y,
        width=round(max(step - (0.6 if step > 3 else 0.0), 0.5), 2),  # noqa: PLR2004
        height=_ROW - 2,
        fill_opacity=round(0.12 + 0.88 * share, 2) if share else None,
    )


def boxes(found: Mapping[str, Box]) -> Html:
    """Draw how many articles each box led to first, and how many of them are here."""
    most = max((box.found for box in found.values()), default=1)
    rows = []
    for name, box in found.items():
        bar = tag(
            "span",
            tag("i", style=f"width:{100 * box.stored / most:.2f}%"),
            tag("i", style=f"width:{100 * (box.found - box.stored) / most:.2f}%", class_="rest"),
            class_="bar",
        )
        cells = (name.replace("_", " "), f"{box.found:,}", f"{box.stored:,}")
        rows.append(tag("tr", *(tag("td", cell) for cell in cells), tag("td", bar)))
    head = tag("tr", *(tag("th", name) for name in ("box", "led to", "here", "")))
    return tag("table", head, *rows, class_="boxes")
