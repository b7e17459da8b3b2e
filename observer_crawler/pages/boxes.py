"""Which box each link stands in: Latest News, You Might Also Like, Most Read, Previous, Next.

Nobody has seen the exact markup of the boxes, so they are found by their headings: a box is
what follows its heading within the smallest element that also holds a link to an article,
up to the next heading.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.pages import words
from observer_crawler.pages.base import Box, Link, PageKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from observer_crawler.pages.base import Span
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address


class BoxSpan(NamedTuple):
    """The tokens [first, last) of one box."""

    box: Box
    first: int
    last: int


class Anchor(NamedTuple):
    """A link as it stands on the page, its address understood."""

    address: Address
    text: str
    first: int
    node: int


_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 th dt caption legend".split())


def anchors(page: Outline) -> list[Anchor]:
    """Give every link of the page that leads to an address of the web, in page order."""
    found = []
    for node in page.anchors:
        url = page.href(node)
        if url is not None:
            text = page.text_of(node)
            found.append(Anchor(urls.parse(url), text, page.nodes[node].first, node))
    return found


def spans(page: Outline, links: list[Anchor], stops: Iterable[int] = ()) -> list[BoxSpan]:
    """Find the boxes, in page order; none reaches over a stop (a token) or the next heading.

    A heading that no link to an article follows opens none: it is a word of a story.
    """
    articles = [link.first for link in links if link.address.kind is urls.Kind.ARTICLE]
    opened = _headings(page)
    borders = sorted({first for _, first, _ in opened} | set(stops))
    found = []
    for box, first, last in opened:
        border = bisect_left(borders, last)
        end = borders[border] if border < len(borders) else len(page.tokens)
        link = bisect_left(articles, last)
        if link < len(articles) and articles[link] < end:
            found.append(BoxSpan(box, first, _end(page, first, last, articles[link], end)))
    return found


def _headings(page: Outline) -> list[tuple[Box, int, int]]:
    """Find the headings: whole lines, or the first text of a line of links."""
    found = []
    for line in page.lines:
        if box := words.heading_box(line.text):
            found.append((box, line.first, line.last))
        elif box := words.heading_box(page.tokens[line.first].text or ""):
            rest = range(line.first + 1, line.last)
            said = [at for at in rest if (page.tokens[at].text or "").strip()]
            if said and all(page.link_at(at) is not None for at in said):
                found.append((box, line.first, line.first + 1))
    return found


def _end(page: Outline, first: int, last: int, link: int, end: int) -> int:
    """Give the end of the smallest element that holds the heading and a link after it."""
    holder = page.around(first, link + 1)
    end = min(end, page.nodes[holder].last)
    return min(end, _next_sibling_heading(page, holder, first, last, end))


def _next_sibling_heading(page: Outline, holder: int, first: int, last: int, end: int) -> int:
    """Where headings and lists are siblings, an unknown heading of the same tag ends a box."""
    heading = page.tokens[first].node
    while heading != holder and page.nodes[heading].tag not in _HEADINGS:
        heading = page.nodes[heading].parent
    if heading == holder:
        return end
    following = page.next_alike(heading)
    return end if following is None else max(page.nodes[following].first, last)


class Place(NamedTuple):
    """What `assign` must know of a page beside its boxes, as ranges of tokens.

    `holes` are what in the body is none of the text. `lists` are the places of a day's links,
    where the page marks them.
    """

    kind: PageKind
    address: Address
    body: Span = (0, 0)
    adverts: tuple[Span, ...] = ()
    holes: tuple[Span, ...] = ()
    lists: tuple[Span, ...] = ()


def assign(place: Place, links: list[Anchor], found: list[BoxSpan]) -> tuple[Link, ...]:
    """Name each link's box; one link per address and box, with the first words it shows."""
    texts: dict[tuple[str, Box], str] = {}
    for link in links:
        key = (link.address.url, _box(place, link, found))
        texts[key] = texts.get(key) or link.text
    return tuple(Link(url, box, text) for (url, box), text in texts.items())


def _box(place: Place, link: Anchor, found: list[BoxSpan]) -> Box:
    kind = link.address.kind
    if place.body[0] <= link.first < place.body[1] and not _within(link, place.holes):
        return Box.OTHER if _within(link, place.adverts) else Box.BODY
    if kind is urls.Kind.ARTICLE:
        return _article_box(place, link, found)
    if link.address.language != place.address.language:
        return Box.OTHER
    if kind is urls.Kind.FEED:
        return Box.FEED
    own_list = place.address.section is not None and link.address.section == place.address.section
    if kind is urls.Kind.LISTING and own_list and link.address.page > 1:
        return Box.PAGING
    return Box.MENU if kind in _LISTED else Box.OTHER


_LISTED = frozenset({urls.Kind.LISTING, urls.Kind.DAY, urls.Kind.AUTHOR, urls.Kind.FRONT})


def _article_box(place: Place, link: Anchor, found: list[BoxSpan]) -> Box:
    if place.kind is PageKind.ARTICLE and (box := words.link_box(link.text)):
        return box
    before = bisect_right(found, link.first, key=attrgetter("first"))
    if before and link.first < found[before - 1].last:
        return found[before - 1].box
    if place.kind is PageKind.DAY:
        return Box.DAY if not place.lists or _within(link, place.lists) else Box.OTHER
    return Box.SECTION if place.kind is PageKind.LISTING else Box.OTHER


def _within(link: Anchor, ranges: Iterable[Span]) -> bool:
    return any(first <= link.first < last for first, last in ranges)


def ids(links: tuple[Link, ...], box: Box, but: str | None = None) -> list[str]:
    """Give the ids of the articles in a box, each once, in page order."""
    found = (urls.parse(link.url) for link in links if link.box is box)
    names = (address.name for address in found if address.kind is urls.Kind.ARTICLE)
    return [name for name in dict.fromkeys(names) if name != but]
