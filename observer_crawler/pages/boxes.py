"""Which box each link stands in: Latest News, You Might Also Like, Most Read, Previous, Next.

Nobody has seen the exact markup of the boxes, so they are found by their headings: a box is
what follows its heading within the smallest element that also holds a link to an article,
up to the next heading.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import partial
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


_ARTICLE = urls.Kind.ARTICLE  # a look-up in an enumeration takes its time
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 th dt caption legend".split())


def spans(page: Outline, stops: Iterable[int] = ()) -> list[BoxSpan]:
    """Find the boxes, in page order; none reaches over a stop (a token) or the next heading.

    A heading that no link to an article follows opens none: it is a word of a story.
    """
    addresses = page.addresses.items()
    articles = [page.firsts[node] for node, address in addresses if address.kind is _ARTICLE]
    opened = _headings(page)
    borders = sorted({first for _, first, _ in opened} | set(stops))
    found = []
    for box, first, last in opened:
        border = bisect_left(borders, last)
        end = borders[border] if border < len(borders) else len(page.texts)
        link = bisect_left(articles, last)
        if link < len(articles) and articles[link] < end:
            found.append(BoxSpan(box, first, _end(page, first, last, articles[link], end)))
    return found


def _headings(page: Outline) -> list[tuple[Box, int, int]]:
    """Find the headings: whole lines, or the first text of a line of links."""
    found = []
    for line in map(page.lines.__getitem__, page.opening(words.HEADING_LETTERS)):
        if box := words.heading_box(line.text):
            found.append((box, line.first, line.last))
        elif box := words.heading_box(page.texts[line.first] or ""):
            rest = range(line.first + 1, line.last)
            said = [at for at in rest if page.is_said(at)]
            if said and all(page.link_at(at) is not None for at in said):
                found.append((box, line.first, line.first + 1))
    return found


def _end(page: Outline, first: int, last: int, link: int, end: int) -> int:
    """Give the end of the smallest element that holds the heading and a link after it."""
    holder = page.around(first, link + 1)
    end = min(end, page.lasts[holder])
    return min(end, _next_sibling_heading(page, holder, first, last, end))


def _next_sibling_heading(page: Outline, holder: int, first: int, last: int, end: int) -> int:
    """Where headings and lists are siblings, an unknown heading of the same tag ends a box."""
    heading = page.holders[first]
    while heading != holder and page.tags[heading] not in _HEADINGS:
        heading = page.parents[heading]
    if heading == holder:
        return end
    following = page.next_alike(heading)
    return end if following is None else max(page.firsts[following], last)


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


def assign(page: Outline, place: Place, found: list[BoxSpan]) -> tuple[Link, ...]:
    """Name each link's box; one link per address and box, with the first words it shows."""
    texts: dict[tuple[str, Box], str] = {}
    sorter, firsts = _Sorter(place, found), page.firsts
    first, last = place.body
    for (node, address), text in zip(page.addresses.items(), page.link_texts(), strict=True):
        at = firsts[node]
        if first <= at < last and not _within(at, place.holes):
            box = _OTHER if _within(at, place.adverts) else _BODY
        elif address.kind is _ARTICLE:
            box = sorter.article_box(text, at)
        else:
            box = sorter.other_box(address)
        key = (address.url, box)
        if not texts.get(key):
            texts[key] = text
    return tuple([_link((url, box, text)) for (url, box), text in texts.items()])


_BODY, _OTHER = Box.BODY, Box.OTHER
_link = partial(tuple.__new__, Link)  # in half the time: a page has a hundred


class _Sorter:
    """Tells the box of each link of one page that is none of the story's."""

    def __init__(self, place: Place, found: list[BoxSpan]) -> None:
        self._place = place
        self._found = found
        self._starts = [box.first for box in found]
        self._turns = place.kind is PageKind.ARTICLE
        self._outside = _OUTSIDE.get(place.kind, _OTHER)

    def other_box(self, address: Address) -> Box:
        """Tell the box of a link to anything but an article, by its address."""
        place = self._place
        if address.language != place.address.language:
            return _OTHER
        if address.page > 1 and address.section == place.address.section is not None:
            return Box.PAGING
        return _BOXES.get(address.kind, _OTHER)

    def article_box(self, text: str, at: int) -> Box:
        """Tell the box of a link to an article, by its text and token."""
        if self._turns and (box := words.link_box(text)):
            return box
        before = bisect_right(self._starts, at)
        if before and at < self._found[before - 1].last:
            return self._found[before - 1].box
        if self._place.lists and not _within(at, self._place.lists):
            return _OTHER
        return self._outside


_BOXES = {urls.Kind.FEED: Box.FEED} | dict.fromkeys(
    (urls.Kind.LISTING, urls.Kind.DAY, urls.Kind.AUTHOR, urls.Kind.FRONT), Box.MENU
)
# Where a link to an article belongs that stands in no box.
_OUTSIDE = {PageKind.DAY: Box.DAY, PageKind.LISTING: Box.SECTION}


def _within(at: int, ranges: Iterable[Span]) -> bool:
    return any(first <= at < last for first, last in ranges)


def ids(links: tuple[Link, ...]) -> dict[Box, list[str]]:
    """Give the ids of the articles in each box, each once, in page order."""
    found: dict[Box, dict[str, None]] = {}
    for url, box, _ in links:
        if box in _WITH_IDS and (address := urls.parse(url)).kind is _ARTICLE:
            found.setdefault(box, {})[address.name] = None
    return {box: list(names) for box, names in found.items()}


_WITH_IDS = frozenset({Box.RELATED, Box.PREVIOUS, Box.NEXT})
