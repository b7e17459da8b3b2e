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
    """Find the tags that stand after a token; they end at the next stop."""
    for line in page.lines:
        if line.first >= after and (heading := _heading(page, line)):
            end = next((stop for stop in stops if stop > line.first), len(page.tokens))
            return _topics(page, line, heading, end)
    return None


def _heading(page: Outline, line: Line) -> str | None:
    """Give the heading that opens a line: the whole line, its first text, or set apart."""
    first = re.split(r"\s{2,}|:", line.raw.strip())[0]
    texts = [line.text, first, page.tokens[line.first].text or ""]
    return next((text for text in texts if words.spoken(text) in words.TAGS), None)


def _topics(page: Outline, line: Line, heading: str, end: int) -> Topics:
    rest = line.raw.strip().removeprefix(heading.strip()).lstrip(" :\u00a0")
    last = line.last
    linked = _links(page, line.first, line.last)
    names = linked or clean_all(re.split(r"\s{2,}", rest))
    if not names:
        last = min(end, _holder_end(page, line))
        lines = page.lines_between(line.last, last)
        texts = [part for follow in lines for part in re.split(r"\s{2,}", follow.raw.strip())]
        names = _links(page, line.last, last) or clean_all(texts)
    return Topics(line.first, last, names)


def _links(page: Outline, first: int, last: int) -> list[str]:
    inside = [node for node in page.anchors if first <= page.nodes[node].first < last]
    return clean_all([page.text_of(node) for node in inside])


def _holder_end(page: Outline, line: Line) -> int:
    """Give the end of the smallest element that holds the heading and some text after it."""
    holder = page.around(line.first, line.last)
    for number in [holder, *page.ancestors(holder)]:
        if page.lines_between(line.last, page.nodes[number].last):
            return page.nodes[number].last
    return line.last
