"""The date line by its place, for a page that no longer labels it as it did.

Between headline and body stand the date, the count of views and the byline. A line there that
holds a date, a time or a labelled number is of the date line, whatever its label says; its date
counts where it can be read in one way and is not that of an update. Without a headline or a
breadcrumb before it there is no such place: the day of the crawl stands at the top in the same
shape.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from observer_crawler.dates import is_of_date_line, parse_edition, parse_published
from observer_crawler.pages import words
from observer_crawler.processors import parse_count

if TYPE_CHECKING:
    from observer_crawler.dates import Published
    from observer_crawler.pages.base import Selected
    from observer_crawler.pages.outline import Line, Outline

_Said = TypeVar("_Said")
_LABEL = re.compile(
    r"[\W_]*(?:(?:published|publish|posted|post|publication|released|uploaded|issued|dated|date|time)"
    r"(?:\s+(?:time|date|at|on))?\s*[:：]?|on\b)?",
    re.IGNORECASE,
)
# Other dates than that of publication.
_OF_UPDATE = re.compile(r"\b(?:updated?|modified|edited|printed)\b|আপডেট|হালনাগাদ", re.IGNORECASE)
_COUNT = re.compile(
    r"\b(?:counts?|reads?|views?|viewed|hits|visits|visitors|readers|seen)\s*[:：]\s*"
    r"(?P<number>[0-9০-৯].*)",
    re.IGNORECASE | re.DOTALL,
)
_MOST_LINES = 3


def find(page: Outline, selected: Selected) -> words.DateLine | None:
    """Find the date line of a page whose body is known; its date is None where in doubt."""
    start = _start(page, selected)
    if start is None:
        return None
    lines = page.lines_between(start, page.firsts[selected.body])
    said = [line for line in lines if _is_of_date(page, line)]
    if not 0 < len(said) <= _MOST_LINES:
        return None
    texts = [line.text for line in said if not _OF_UPDATE.match(line.text)]
    published = _only([day for text in texts if (day := _published(text))])
    views = _only([count for text in texts if (count := _views(text)) is not None])
    editions = [] if published else [found for text in texts if (found := parse_edition(text))]
    if not (published or views is not None or editions):
        return None
    return words.DateLine(said[0].first, said[-1].last, published, views, _only(editions))


def _only(values: list[_Said]) -> _Said | None:
    """Give the value that all lines say; where they say two it is in doubt."""
    return values[0] if values and values.count(values[0]) == len(values) else None


def _start(page: Outline, selected: Selected) -> int | None:
    """Give the end of the last headline before the body, else that of the breadcrumb."""
    first = page.firsts[selected.body]
    before = [last for _, last in selected.headlines if last <= first]
    if before:
        return before[-1]
    crumb = words.breadcrumb(page, first)
    return crumb.last if crumb else None


def _is_of_date(page: Outline, line: Line) -> bool:
    is_short = len(line.text) <= words.LONGEST_BYLINE
    return is_short and page.link_at(line.first) is None and is_of_date_line(line.text)


def _published(text: str) -> Published | None:
    date = _COUNT.sub("", text)
    label = _LABEL.match(date)
    return parse_published(date[label.end() :] if label else date)


def _views(text: str) -> int | None:
    found = _COUNT.search(text)
    return parse_count(found["number"]) if found else None
