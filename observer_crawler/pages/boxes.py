"""Which box each link stands in: Latest News, You Might Also Like, Most Read, Previous, Next.

Nobody has seen the exact markup of the boxes, so they are found by their headings: a box is
what follows its heading within the smallest element that also holds a link to an article,
up to the next heading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.pages import words
from observer_crawler.pages.base import Box, Link, PageKind

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    """Find the boxes; none reaches over a stop (a token) or the next heading."""
    articles = [link.first for link in links if link.address.kind is urls.Kind.ARTICLE]
    opened = _headings(page)
    borders = sorted({first for _, first, _ in opened} | set(stops))
    found = []
    for box, first, last in opened:
        end = next((border for border in borders if border >= last), len(page.tokens))
        found.append(BoxSpan(box, first, _end(page, first, last, end, articles)))
    return found


def _headings(page: Outline) -> list[tuple[Box, int, int]]:
    """Find the headings, as whole lines or as the only text of an element."""
    found = []
    for line in page.lines:
        if box := words.heading_box(line.text):
            found.append((box, line.first, line.last))
            continue
        for position in range(line.first, min(line.first + 2, line.last)):
            text = page.tokens[position].text or ""
            if box := words.heading_box(text):
                found.append((box, position, position + 1))
                break
    return found


def _end(page: Outline, first: int, last: int, end: int, articles: list[int]) -> int:
    """Give the end of the smallest element that holds the heading and a link after it."""
    beyond = next((position for position in articles if position >= last), None)
    if beyond is None or beyond >= end:
        return last
    holder = page.around(first, beyond + 1)
    end = min(end, page.nodes[holder].last)
    return min(end, _next_sibling_heading(page, holder, first, last, end))


def _next_sibling_heading(page: Outline, holder: int, first: int, last: int, end: int) -> int:
    """Where headings and lists are siblings, an unknown heading of the same tag ends a box."""
    heading = page.tokens[first].node
    while heading != holder and page.nodes[heading].tag not in _HEADINGS:
        heading = page.nodes[heading].parent
    if heading == holder:
        return end
    tag, parent = page.nodes[heading].element.tag, page.nodes[heading].parent
    for element in page.nodes[heading].element.itersiblings(tag):
        number = page.node_of(element)
        if number is not None and page.nodes[number].parent == parent:
            return max(page.nodes[number].first, last)
    return end


class Place(NamedTuple):
    """What `assign` must know of a page beside its boxes, as ranges of tokens.

    `lists` are the places of a day's links, where the page marks them.
    """

    kind: PageKind
    address: Address
    body: tuple[int, int] = (0, 0)
    adverts: tuple[tuple[int, int], ...] = ()
    lists: tuple[tuple[int, int], ...] = ()


def assign(place: Place, links: list[Anchor], found: list[BoxSpan]) -> tuple[Link, ...]:
    """Name each link's box; one link per address and box, with the first words it shows."""
    texts: dict[tuple[str, Box], str] = {}
    for link in links:
        key = (link.address.url, _box(place, link, found))
        texts[key] = texts.get(key) or link.text
    return tuple(Link(url, box, text) for (url, box), text in texts.items())


def _box(place: Place, link: Anchor, found: list[BoxSpan]) -> Box:
    kind = link.address.kind
    if place.body[0] <= link.first < place.body[1]:
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
    listed = kind in {urls.Kind.LISTING, urls.Kind.DAY, urls.Kind.AUTHOR, urls.Kind.FRONT}
    return Box.MENU if listed else Box.OTHER


def _article_box(place: Place, link: Anchor, found: list[BoxSpan]) -> Box:
    if place.kind is PageKind.ARTICLE and (box := words.link_box(link.text)):
        return box
    for span in found:
        if span.first <= link.first < span.last:
            return span.box
    if place.kind is PageKind.DAY:
        return Box.DAY if not place.lists or _within(link, place.lists) else Box.OTHER
    return Box.SECTION if place.kind is PageKind.LISTING else Box.OTHER


def _within(link: Anchor, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= link.first < last for first, last in ranges)


def ids(links: tuple[Link, ...], box: Box, but: str | None = None) -> list[str]:
    """Give the ids of the articles in a box, each once, in page order."""
    found = (urls.parse(link.url) for link in links if link.box is box)
    names = (address.name for address in found if address.kind is urls.Kind.ARTICLE)
    return [name for name in dict.fromkeys(names) if name != but]
