"""The date line: found by its labels, and by its place on a page that words them otherwise.

`Published : ...  Count : ...` was seen in every era of the English edition; the words of the
Bangla edition are likely ones. Between headline and body stand the date, the count of views and
the byline, so a line there that holds a date, a time or a labelled number is of the date line,
whatever its label says; its date counts where it can be read in one way and is not that of an
update. Without a headline or a breadcrumb before it there is no such place: the day of the crawl
stands at the top in the same shape.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from observer_crawler.dates import Published, is_of_date_line, parse_edition, parse_published
from observer_crawler.pages import words
from observer_crawler.processors import parse_count

if TYPE_CHECKING:
    from observer_crawler.pages.base import Selected
    from observer_crawler.pages.outline import Line, Outline

_PUBLISHED = "published|publish|প্রকাশের সময়|প্রকাশিত|প্রকাশকাল|প্রকাশ"
_COUNT = "count|পড়া হয়েছে|পঠিত|দেখা হয়েছে|পাঠক"


def _labelled(labels: str) -> re.Pattern[str]:
    spelled = unicodedata.normalize("NFC", labels)
    return re.compile(rf"(?:{spelled})(?:\s+(?:time|date|at|on))?\s*[:：]", re.IGNORECASE)


_PUBLISHED_LABEL = _labelled(_PUBLISHED)
_PUBLISHED_LETTERS = frozenset(word[0] for word in _PUBLISHED.split("|"))
_COUNT_LABEL = _labelled(_COUNT)


class DateLine(NamedTuple):
    """The line `Published : ...  Count : ...`: its tokens [first, last) and what it says.

    `edition` is told by a time whose day is in doubt. `is_by_place`: its label is not the known one.
    """

    first: int
    last: int
    published: Published | None
    views: int | None
    edition: Literal["print", "online"] | None = None
    is_by_place: bool = False


def find(page: Outline) -> DateLine | None:
    """Find the date line; the crawl day's own line has no label and is never taken.

    Label, date and count may stand in lines of their own, one after the other. A label without
    a date is returned only when no other line has one.
    """
    empty = None
    for number in page.opening(_PUBLISHED_LETTERS):
        line = page.lines[number]
        match = _PUBLISHED_LABEL.match(line.text)
        if match is None:
            continue
        found = _date_line(page.lines[number : number + 3], match.end())
        found = found if found.published else _in_its_element(page, line) or found
        if found.published:
            return found
        if empty is None and _is_bare_label(line.text[match.end() :]):
            empty = found
    return empty


def _in_its_element(page: Outline, line: Line) -> DateLine | None:
    """Read the date where it ends with an element, and the byline goes on in the same line."""
    for node in page.chain(line.first):
        first, last = page.span(node)
        if first < line.first or line.last <= last:
            return None
        text = page.text_between(first, last)
        label = _PUBLISHED_LABEL.match(text)
        if label and (published := parse_published(text[label.end() :])):
            return DateLine(first, last, published, None)
    return None


def is_usual(page: Outline, date: DateLine) -> bool:
    """Whether a date line is labelled and written as it was seen: `Published : ... 16 June, 2022`."""
    if date.published is None:
        return not date.is_by_place
    said = [text for text in page.texts[date.first : date.last] if text]
    return not date.is_by_place and any(map(_SEEN.search, said))


# A line with Bangla letters may be written as it likes: nobody has seen one.
_SEEN = re.compile(r"[0-9]{1,2} [A-Za-z]{3,9},? [0-9]{4}\b|[\u0980-\u09e5]")


def _is_bare_label(rest: str) -> bool:
    """Whether nothing but the label of the count follows: else the line is a sentence."""
    return not re.sub(r"[\W0-9_]+", "", _COUNT_LABEL.sub("", rest))


def _date_line(lines: list[Line], start: int) -> DateLine:
    """Read the label's own line and, where something is still missing, the two after it."""
    first, last = lines[0].first, lines[0].last
    views_at = _COUNT_LABEL.search(lines[0].text)
    published = parse_published(lines[0].text[start : views_at.start() if views_at else None])
    views = parse_count(lines[0].text[views_at.end() :]) if views_at else None
    for line in lines[1:]:
        count = _COUNT_LABEL.match(line.text)
        if published is None and views_at is None and (date := _bare_date(line.text)):
            published, last = date, line.last
            count = _COUNT_LABEL.search(line.text)
        if count and views is None:
            views, last = parse_count(line.text[count.end() :]), line.last
        if not count and line.last > last:
            break
    return DateLine(first, last, published, views)


def _bare_date(text: str) -> Published | None:
    """Read a line that is a date and at most the count after it."""
    count = _COUNT_LABEL.search(text)
    return parse_published(text[: count.start()] if count else text)


_Said = TypeVar("_Said")
_ANY_LABEL = re.compile(
    r"[\W_]*(?:(?:published|publish|posted|post|publication|released|uploaded|issued|dated|date|time)"
    r"(?:\s+(?:time|date|at|on))?\s*[:：]?|on\b)?",
    re.IGNORECASE,
)
# Other dates than that of publication.
_OF_UPDATE = re.compile(r"\b(?:updated?|modified|edited|printed)\b|আপডেট|হালনাগাদ", re.IGNORECASE)
_ANY_COUNT = re.compile(
    r"\b(?:counts?|reads?|views?|viewed|hits|visits|visitors|readers|seen)\s*[:：]\s*"
    r"(?P<number>[0-9০-৯].*)",
    re.IGNORECASE | re.DOTALL,
)
_MOST_LINES = 3


def by_place(page: Outline, selected: Selected) -> DateLine | None:
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
    return DateLine(
        said[0].first, said[-1].last, published, views, _only(editions), is_by_place=True
    )


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
    date = _ANY_COUNT.sub("", text)
    label = _ANY_LABEL.match(date)
    return parse_published(date[label.end() :] if label else date)


def _views(text: str) -> int | None:
    found = _ANY_COUNT.search(text)
    return parse_count(found["number"]) if found else None
