"""Related Topics: the tags of an online story, links or words set apart by runs of spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.pages import words
from observer_crawler.processors import clean_all

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Line, Outline


class Topics(NamedTuple):
    """Where the tags stand, heading included, and what they are."""

    first: int
    last: int
    names: list[str]


def find(page: Outline, after: int, stops: list[int]) -> Topics | None:
    """Find the tags that stand after a token, the last such place; they end at the next stop."""
    for number in reversed(page.opening(words.TAG_LETTERS)):
        line = page.lines[number]
        if line.first < after:
            return None
        if (heading := _heading(page, line)) is not None:
            end = next((stop for stop in stops if stop > line.first), len(page.texts))
            if found := _topics(page, line, heading, end):
                return found
    return None


def _heading(page: Outline, line: Line) -> str | None:
    """Give the heading that opens a line: all of it, set apart by spaces, or an element's own.

    A sentence may begin with the same words.
    """
    first = _HEADING_END.split(line.raw.strip(), maxsplit=1)[0]
    token = page.texts[line.first] or ""
    texts = [line.text, first, *([] if words.is_prose(line.text) else [token])]
    return next((text for text in texts if words.spoken(text) in words.TAGS), None)


_HEADING_END = re.compile(r"\s{2,}|:")


def _topics(page: Outline, line: Line, heading: str, end: int) -> Topics | None:
    """Read the tags in the heading's own line, else in those that share its element."""
    rest = line.raw.strip().removeprefix(heading.strip()).lstrip(" :\u00a0")
    last = line.last
    names = _links(page, line.first, last) or clean_all(re.split(r"\s{2,}", rest))
    if not names:
        last = min(end, _holder_end(page, line))
        lines = page.lines_between(line.last, last)
        texts = [part for follow in lines for part in re.split(r"\s{2,}", follow.raw.strip())]
        names = _links(page, line.last, last) or clean_all(texts)
    short = len(names) <= _MOST_TAGS and all(len(name) <= _LONGEST_TAG for name in names)
    return Topics(line.first, last, names) if short else None


_MOST_TAGS = 30
_LONGEST_TAG = 60


def _links(page: Outline, first: int, last: int) -> list[str]:
    inside = [node for node in page.anchors if first <= page.firsts[node] < last]
    return clean_all([page.link_text(node) for node in inside])


def _holder_end(page: Outline, line: Line) -> int:
    """Give the end of the smallest element that holds the heading and some text after it."""
    holder = page.around(line.first, line.last)
    for number in [holder, *page.ancestors(holder)]:
        if page.lines_between(line.last, page.lasts[number]):
            return page.lasts[number]
    return line.last
