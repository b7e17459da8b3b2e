"""Reading by words alone: for a page whose classes no markup of ours knows.

The body is the one element between the date line and « Previous that holds the text; the
headline stands before the date. Where that is not beyond doubt there is no reading: a page
refused can be read again later, a wrong article cannot be told from a right one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.pages.base import Selected
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Line, Outline
    from observer_crawler.pages.words import Crumb, DateLine

# Elements that lay out a page; a paragraph or a span is never the body.
_LAYOUT = frozenset("div td table tbody tr section article main center form".split())
_BODY_SHARE = 0.5
_LONGEST_ASIDE = 120


def select(
    page: Outline, date: DateLine | None, crumb: Crumb | None, stop: int, own: frozenset[str]
) -> Selected | None:
    """Find headline and body; `own` are texts of links to this very page, `stop` a token."""
    if date is None or date.published is None:
        return None
    body = _body(page, date.last, stop)
    head = _head(page, date, crumb)
    if body is None or head is None:
        return None
    headline = _headline(page, head, own)
    if headline is None and (head or crumb is None):
        return None
    shoulders = [(line.first, line.last) for line in head if line is not headline]
    headlines = [(headline.first, headline.last)] if headline else []
    return Selected("unknown", body, headlines, shoulders)


def _head(page: Outline, date: DateLine, crumb: Crumb | None) -> list[Line] | None:
    """Give the lines between breadcrumb and date: headline and shoulder.

    Without a breadcrumb they are the lines right before the date, up to the first link;
    None when that is more than a headline and two shoulders.
    """
    if crumb:
        lines = page.lines_between(crumb.last, date.first)
        head = [line for line in lines if not is_link(page, line)]
    else:
        head = []
        for line in reversed(page.lines_between(0, date.first)):
            if is_link(page, line) or len(head) > _MOST_HEAD_LINES:
                break
            head.insert(0, line)
    return head if len(head) <= _MOST_HEAD_LINES or crumb is None else None


_MOST_HEAD_LINES = 3


def is_link(page: Outline, line: Line) -> bool:
    """Whether a line begins within a link or a button."""
    return any(page.nodes[node].tag in {"a", "button"} for node in page.chain(line.first))


def _headline(page: Outline, head: list[Line], own: frozenset[str]) -> Line | None:
    """Tell the headline among the lines: an h1, what links to this page say, the only one."""
    tagged = [
        line
        for line in head
        if any(page.nodes[node].tag == "h1" for node in page.chain(line.first))
    ]
    named = [line for line in head if line.text in own or _titled(page, line.text)]
    for found in (tagged, named, head):
        if len(found) == 1:
            return found[0]
    return None


def _titled(page: Outline, text: str) -> bool:
    """Whether the page's own title opens with a line."""
    titles = [page.root.xpath("string(//title)"), page.meta("og:title") or ""]
    return any((clean(title) or "").startswith(text) for title in titles)


def _body(page: Outline, first: int, stop: int) -> int | None:
    """Go down from the whole to the element that holds the text; None when in doubt."""
    inside = [
        number
        for number, node in enumerate(page.nodes)
        if first <= node.first and node.last <= stop and node.tag in _LAYOUT
    ]
    sizes = {number: len(page.text_of(number)) for number in inside}
    whole = len(page.text_between(first, stop))
    best = max(inside, key=lambda number: (sizes[number], -number), default=None)
    while best is not None and not _has_own_text(page, best):
        children = [number for number in inside if page.nodes[number].parent == best]
        inner = max(children, key=lambda number: sizes[number], default=None)
        if inner is None or sizes[inner] < _BODY_SHARE * sizes[best]:
            break
        best = inner
    if best is None or sizes[best] < _BODY_SHARE * whole or _leaves_text(page, best, first, stop):
        return None
    return best


def _has_own_text(page: Outline, node: int) -> bool:
    inside = page.tokens[page.nodes[node].first : page.nodes[node].last]
    return any(
        token.node == node and not token.picture and clean(token.text or "") for token in inside
    )


def _leaves_text(page: Outline, body: int, first: int, stop: int) -> bool:
    """Whether text beside the body may be a part of it: long lines before, any after."""
    before = page.lines_between(first, page.nodes[body].first)
    after = page.lines_between(page.nodes[body].last, stop)
    long = [line for line in before if len(line.text) > _LONGEST_ASIDE]
    return bool(long or [line for line in after if not is_link(page, line)])
