"""The elements of a page and its pieces of text, in columns, in document order.

A record for each of them cost more than parsing the page: it has hundreds. What they say is
read in `outline`; nothing is known here of the newspaper but what an address of a story's
picture looks like.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from observer_crawler import urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree

_BLOCKS = frozenset(
    "address article aside blockquote body br center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main marquee menu "
    "nav ol p pre section summary table tbody td tfoot th thead tr ul caption".split()
)
_SILENT = frozenset(
    "script style head template noscript iframe object embed select textarea svg audio video "
    "canvas title".split()
)
# What an advertisement is made of; an `ins` or `iframe` shows no words of the newspaper.
_FOREIGN = frozenset("script ins iframe object embed".split())
_PICTURES = frozenset({"img", "amp-img"})
# Names in a `class` are parted as XPath does it.
_CLASS = re.compile(r"[^ \t\r\n]+")


@dataclass
class Columns:
    """A page whose columns are filled by `fill`.

    By token: `texts`, None for a border or a picture, and `holders`, the element it stands in;
    `pictures` are their addresses. By element: its tokens [first, last), its parent, and the
    link it stands in or is. Element 0 is the root; a parent has a smaller number than its
    children. `closes`: the page has a closing tag, which a parser does not tell. `has_other_pictures`: some are not the `src` of an
    `img`.
    """

    root: etree._Element
    base: str
    texts: list[str | None] = field(default_factory=list)
    holders: list[int] = field(default_factory=list)
    pictures: dict[int, str] = field(default_factory=dict)
    elements: list[etree._Element] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)
    links: list[int | None] = field(default_factory=list)
    closes = True  # no field: a page that closes has one attribute less to keep
    has_other_pictures = False

    def pictures_between(self, first: int, last: int) -> list[int]:
        """Give the pictures among tokens [first, last)."""
        places = self._picture_places
        return places[bisect_left(places, first) : bisect_left(places, last)]

    @cached_property
    def _picture_places(self) -> list[int]:
        return list(self.pictures)

    def span(self, node: int) -> tuple[int, int]:
        """Give the tokens [first, last) inside an element."""
        return self.firsts[node], self.lasts[node]

    def next_alike(self, node: int) -> int | None:
        """Give the next sibling of the same tag, None for none."""
        following = next(self.elements[node].itersiblings(self.tags[node]), None)
        return None if following is None else self.elements.index(following, node)

    def ancestors(self, node: int) -> Iterator[int]:
        """Give the element's parent, its parent, and so on to the root."""
        while node > 0:
            node = self.parents[node]
            yield node

    def link_at(self, token: int) -> int | None:
        """Give the `a` element that a token stands in, or None."""
        return self.links[self.holders[token]]

    def chain(self, token: int) -> list[int]:
        """Give the elements a token stands in, the innermost first."""
        node = self.holders[token]
        return [node, *self.ancestors(node)]

    def around(self, first: int, last: int) -> int:
        """Give the smallest element that holds tokens [first, last)."""
        node = self.holders[first]
        while self.firsts[node] > first or self.lasts[node] < last:
            node = self.parents[node]
        return node

    def tagged(self, tag: str) -> list[int]:
        """Give the elements of a tag, in page order, but for those within what is silent."""
        return self._tagged.get(tag, [])

    @cached_property
    def _tagged(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for node, tag in enumerate(self.tags):
            found[tag].append(node)
        return found

    @property
    def anchors(self) -> list[int]:
        """All `a` elements."""
        return self.tagged("a")

    @cached_property
    def foreign(self) -> list[int]:
        """What an advertisement is made of."""
        return sorted(node for tag in _FOREIGN for node in self.tagged(tag))

    def inside(self, nodes: Iterable[int], first: int, last: int) -> list[int]:
        """Give those of some elements that lie within tokens [first, last)."""
        return [node for node in nodes if first <= self.firsts[node] and self.lasts[node] <= last]

    def spans(self, tag: str) -> list[tuple[int, int]]:
        """Give the tokens of each element of a tag."""
        return [self.span(node) for node in self.tagged(tag)]

    def values(self, tag: str, attribute: str) -> Iterator[tuple[int, str]]:
        """Give the elements of a tag that have an attribute, each with its value."""
        for node in self.tagged(tag):
            value = self.elements[node].get(attribute)
            if value is not None:
                yield node, value

    def with_id(self, name: str) -> list[int]:
        """Give the `div` elements that have an id; it may stand more than once."""
        return self._by_id.get(name, [])

    @cached_property
    def _by_id(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for node in self.tagged("div"):
            if value := self.elements[node].get("id"):
                found[value].append(node)
        return found

    def has_id(self, name: str) -> bool:
        """Whether any element has an id."""
        return any(element.get("id") == name for element in self.elements)

    def with_class(self, tag: str, name: str) -> list[int]:
        """Give the elements of a tag that have a class."""
        return [
            node
            for node, value in self.values(tag, "class")
            if name in value and name in _CLASS.findall(value)
        ]


_BLOCK, _BREAK, _PICTURE, _GAP, _SILENT_GAP, _SILENCE = range(1, 7)
# What an element does to the text: a border before and after it, one before it, a place for a
# picture or something foreign, and whether its own words are passed over. Most do nothing.
_KINDS = (
    dict.fromkeys(_BLOCKS, _BLOCK)
    | {"br": _BREAK}
    | dict.fromkeys(_PICTURES, _PICTURE)
    | dict.fromkeys(_SILENT, _SILENCE)
    | {tag: _SILENT_GAP if tag in _SILENT else _GAP for tag in _FOREIGN}
)


def fill(page: Columns) -> None:  # noqa: C901, PLR0912 (a call per element would take as long again)
    """Fill the columns in one pass; pages may be nested deeply, so it calls nothing, not itself."""
    texts, holders, lasts, links = page.texts, page.holders, page.lasts, page.links
    elements, tags, parents, firsts = page.elements, page.tags, page.parents, page.firsts
    outer: list[tuple[Iterator[etree._Element], int, int | None]] = []
    children, parent, link, node = iter((page.root,)), 0, None, -1
    while True:
        for element in children:
            node += 1
            tag = element.tag
            elements.append(element)
            tags.append(tag)
            parents.append(parent)
            firsts.append(len(texts))
            links.append(node if tag == "a" else link)
            kind = _KINDS.get(tag, 0)
            if kind:
                if kind <= _BREAK:
                    texts.append(None)
                    holders.append(node)
                elif kind < _SILENCE:
                    _add_wordless(page, node)
            if kind < _SILENT_GAP:
                if text := element.text:
                    texts.append(text)
                    holders.append(node)
                if inner := element[:]:  # a list, which is walked in half the time
                    lasts.append(0)
                    outer.append((children, parent, link))
                    children, parent, link = iter(inner), node, links[node]
                    break
                if kind == _BLOCK:
                    texts.append(None)
                    holders.append(node)
            lasts.append(len(texts))
            if tail := element.tail:
                texts.append(tail)
                holders.append(parent)
        else:
            if not outer:
                return
            closed, (children, parent, link) = parent, outer.pop()
            if _KINDS.get(tags[closed]) == _BLOCK:
                texts.append(None)
                holders.append(closed)
            lasts[closed] = len(texts)
            if tail := elements[closed].tail:
                texts.append(tail)
                holders.append(parent)


_IMAGE = urls.Kind.IMAGE  # a look-up in an enumeration takes its time
_LIKE_PICTURE = re.compile(r"(?:^|/)[0-9]{4}/[0-9]")


def _add_wordless(page: Columns, node: int) -> None:
    """Add what shows no words: something foreign, if only as a gap, or a picture's address."""
    element = page.elements[node]
    if page.tags[node] not in _PICTURES:
        page.texts.append(" ")
        page.holders.append(node)
        return
    source = element.get("src") or ""
    is_usual = page.tags[node] == "img" and _LIKE_PICTURE.search(source) is not None
    if not is_usual and not _LIKE_PICTURE.search(source):
        source = element.get("data-src") or element.get("data-original") or ""
    if is_usual or _LIKE_PICTURE.search(source):
        (address,) = urls.printed((source,), page.base)
        if address and address.kind is _IMAGE:
            page.pictures[len(page.texts)] = address.url
            page.texts.append(None)
            page.holders.append(node)
            if not is_usual:
                page.has_other_pictures = True
