"""Reading by words alone: for a page whose classes no markup of ours knows.

The body is the one element between the date line and « Previous that holds the text; the
headline stands before the date. Where that is not beyond doubt there is no reading: a page
refused can be read again later, a wrong article cannot be told from a right one.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.pages import words
from observer_crawler.pages.base import Selected
from observer_crawler.processors import clean
from observer_crawler.site import NAME

if TYPE_CHECKING:
    from observer_crawler.pages.date_line import DateLine
    from observer_crawler.pages.outline import Line, Outline
    from observer_crawler.pages.words import Crumb

# Elements that lay out a page; a paragraph or a span is never the body.
_LAYOUT = frozenset("div td table tbody tr section article main center form".split())
# Below this share of its parent's text an element is a part of the body, not the body.
_BODY_SHARE = 0.5


class Around(NamedTuple):
    """What stands around the story: its text ends at the token `last`, its elements at `stop`.

    `own` are the texts of links to this very page.
    """

    date: DateLine | None
    crumb: Crumb | None
    last: int
    stop: int
    own: frozenset[str]


def select(page: Outline, around: Around) -> Selected | None:
    """Find headline and body, or None when either is in doubt."""
    date, crumb = around.date, around.crumb
    if date is None or date.published is None:
        return None
    inside = _inside(page, date.last, around)
    gallery = _gallery(page, inside, date.last, around.last)
    body = _body(page, inside, date.last, around) if gallery is None else gallery
    head = head_lines(page, crumb, date.first)
    if body is None or head is None:
        return None
    headline = _headline(page, head, around.own)
    if headline is None and (head or not (crumb or _is_untitled(page))):
        return None
    shoulders = [(line.first, line.last) for line in head if line is not headline]
    headlines = [(headline.first, headline.last)] if headline else []
    return Selected("unknown", body, headlines, shoulders, pictures_alone=gallery is not None)


def head_lines(page: Outline, crumb: Crumb | None, end: int) -> list[Line] | None:
    """Give the lines between breadcrumb and date: headline and shoulders, None when more.

    Without a breadcrumb they are the last lines before the date, up to a link.
    """
    if crumb:
        lines = page.lines_between(crumb.last, end)
        head = [line for line in lines if not _is_link(page, line)]
        return head if len(head) <= _MOST_HEAD_LINES else None
    nearest = page.lines_between(0, end)[: -_MOST_HEAD_LINES - 1 : -1]
    return list(takewhile(lambda line: not _is_link(page, line), nearest))[::-1]


_MOST_HEAD_LINES = 3


def _is_link(page: Outline, line: Line) -> bool:
    return page.link_at(line.first) is not None or words.is_control(line.text)


def _headline(page: Outline, head: list[Line], own: frozenset[str]) -> Line | None:
    """Tell the headline among the lines: an h1, what links to this page say, the only one."""
    tagged = [
        line for line in head if any(page.tags[node] == "h1" for node in page.chain(line.first))
    ]
    for found in (tagged, named(page, head, own), head):
        if len(found) == 1:
            return found[0]
    return None


def named(page: Outline, head: list[Line], own: frozenset[str]) -> list[Line]:
    """Give the lines that links to this page repeat, or that the page's own title opens with."""
    titles = [clean(title or "") or "" for title in (page.title, page.meta("og:title"))]
    return [
        line
        for line in head
        if line.text in own or any(_opens(title, line.text) for title in titles)
    ]


def _opens(title: str, text: str) -> bool:
    return title.startswith(text) and not title[len(text) : len(text) + 1].isalnum()


def _is_untitled(page: Outline) -> bool:
    """Whether the page's own title names the newspaper and no story."""
    titles = [str(title) for title in page.root.xpath("//title/text()")]
    names = {word.casefold() for word in NAME.split()}
    said = [word for title in titles for word in re.findall(r"\w+", title.casefold())]
    return bool(titles) and names.issuperset(said)


def _inside(page: Outline, first: int, around: Around) -> list[int]:
    """Give the elements of layout between the date line and the next stop."""
    return [
        node
        for node, tag in enumerate(page.tags)
        if tag in _LAYOUT
        and first <= page.firsts[node] < around.last
        and page.lasts[node] <= around.stop
    ]


def _body(page: Outline, inside: list[int], first: int, around: Around) -> int | None:
    """Go down to the element that holds the text, and up again while text is left outside."""
    sizes = {number: page.size(number, around.last) for number in inside}
    largest = _largest_children(page, inside, sizes)
    path = [max(inside, key=lambda number: (sizes[number], -number), default=0)]
    while path[-1] and path[-1] not in page.with_own_text:
        inner = largest.get(path[-1])
        if inner is None or sizes[inner] < _BODY_SHARE * sizes[path[-1]]:
            break
        path.append(inner)
    whole = (
        number
        for number in reversed(path[-_DEEPEST:])
        if number and not _leaves_text(page, number, first, around)
    )
    return next(whole, None)


_DEEPEST = 20


def _largest_children(page: Outline, inside: list[int], sizes: dict[int, int]) -> dict[int, int]:
    largest: dict[int, int] = {}
    for number in inside:
        parent = page.parents[number]
        if parent not in largest or sizes[number] > sizes[largest[parent]]:
            largest[parent] = number
    return largest


def _gallery(page: Outline, inside: list[int], first: int, last: int) -> int | None:
    """Give the largest element with all pictures of a story that has no other text.

    Only short lines before it (the byline) may stand beside it.
    """
    pictures = page.pictures_between(first, last)
    frames = [number for number in inside if _holds_captions_alone(page, number, pictures)]
    if not frames:
        return None
    best = frames[0]  # in page order a parent stands before its children
    after = page.lines_between(page.lasts[best], last)
    before = page.lines_between(first, page.firsts[best])
    told = [line for line in before if words.is_prose(line.text)]
    return None if told or [line for line in after if not _is_link(page, line)] else best


def _holds_captions_alone(page: Outline, node: int, pictures: list[int]) -> bool:
    """Whether an element holds all pictures, and its text can be caption rows.

    Those are at most one a picture, and none before the first.
    """
    first, last = page.span(node)
    if not pictures or not first <= pictures[0] <= pictures[-1] < last:
        return False
    lines = page.lines_between(first, last)
    early = [line for line in lines if line.first < pictures[0]]
    tags = {page.tags[number] for line in early for number in page.chain(line.first)}
    return len(lines) <= len(pictures) and (not early or "caption" in tags)


def _leaves_text(page: Outline, body: int, first: int, around: Around) -> bool:
    """Whether text beside the body may be a part of it: prose before, any line after.

    A line with a picture in its own element is a caption, however long.
    """
    before = page.lines_between(first, page.firsts[body])
    after = page.lines_between(page.lasts[body], around.last)
    told = [
        line
        for line in before
        if words.is_prose(line.text) and not _is_by_picture(page, line, first)
    ]
    return bool(told or [line for line in after if not _is_link(page, line)])


def _is_by_picture(page: Outline, line: Line, first: int) -> bool:
    holder = page.around(line.first, line.last)
    for number in [holder, *page.ancestors(holder)]:
        span = page.span(number)
        if span[0] < first or len(page.lines_between(*span)) > 1:
            return False
        if page.pictures_between(*span):
            return True
    return False
