"""A page laid flat: its text, borders and pictures in document order, with its elements.

Classes have changed twice and nobody has seen all of them, but the words of a page stand in
the same order in every markup. So the page is walked once into a list of tokens, and every
later question ("what stands between the date and « Previous?") is one about positions.
Knows nothing of the newspaper but what an address of a story's picture looks like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree, html

from observer_crawler import urls
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
_EMPTY: tuple[tuple[int, int], ...] = ()


class Token(NamedTuple):
    """A piece of text, a picture (its address), or a border (None), within `node`."""

    text: str | None
    node: int
    picture: bool = False


class Line(NamedTuple):
    """Text between two borders: as printed, cleaned, and its tokens [first, last)."""

    raw: str
    text: str
    first: int
    last: int


@dataclass(slots=True)
class Node:
    """An element, the tokens [first, last) inside it, and the link it stands in or is."""

    element: html.HtmlElement
    parent: int
    first: int
    link: int | None
    last: int = 0

    @property
    def tag(self) -> str:
        """The element's name in lower case."""
        return str(self.element.tag)


@dataclass
class Outline:
    """The whole page. Node 0 is the root; a parent has a smaller number than its children."""

    root: html.HtmlElement
    base: str
    tokens: list[Token] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    anchors: list[int] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)

    @cached_property
    def lines(self) -> list[Line]:
        """All lines of the page."""
        return self.lines_between(0, len(self.tokens))

    def lines_between(
        self, first: int, last: int, holes: Sequence[tuple[int, int]] = _EMPTY
    ) -> list[Line]:
        """Give the lines of tokens [first, last); holes are passed over as if not there."""
        lines: list[Line] = []
        pieces: list[int] = []
        for position in self._outside(first, last, holes):
            token = self.tokens[position]
            if token.text is not None and not token.picture:
                pieces.append(position)
            elif pieces:
                lines += self._line(pieces)
                pieces = []
        return lines + self._line(pieces) if pieces else lines

    def _outside(self, first: int, last: int, holes: Sequence[tuple[int, int]]) -> Iterator[int]:
        position = first
        for start, end in sorted(holes):
            yield from range(position, min(start, last))
            position = max(position, end)
        yield from range(position, last)

    def _line(self, pieces: list[int]) -> list[Line]:
        """Make one line of text tokens; those of white space at its ends stay outside.

        Where a hole was passed over, a space stands: an advert may cut between two words.
        """
        raw = ""
        for position, before in zip(pieces, [-1, *pieces], strict=False):
            raw += (" " if before < position - 1 else "") + (self.tokens[position].text or "")
        text = clean(raw)
        if text is None:
            return []
        said = [
            position for position in pieces if not (self.tokens[position].text or " ").isspace()
        ]
        return [Line(raw, text, said[0], said[-1] + 1)]

    def text_of(self, node: int) -> str:
        """Give the cleaned text of one element, borders read as spaces."""
        return self.text_between(*self.span(node))

    def text_between(self, first: int, last: int) -> str:
        """Give the cleaned text of tokens [first, last), borders read as spaces."""
        inside = [token for token in self.tokens[first:last] if not token.picture]
        return clean("".join(" " if token.text is None else token.text for token in inside)) or ""

    def span(self, node: int) -> tuple[int, int]:
        """Give the tokens [first, last) inside an element."""
        return self.nodes[node].first, self.nodes[node].last

    def next_alike(self, node: int) -> int | None:
        """Give the next sibling of the same tag, None for none."""
        element = self.nodes[node].element
        following = next(element.itersiblings(element.tag), None)
        return None if following is None else self._numbers.get(following)

    @cached_property
    def _numbers(self) -> dict[html.HtmlElement, int]:
        return {node.element: number for number, node in enumerate(self.nodes)}

    def ancestors(self, node: int) -> Iterator[int]:
        """Give the element's parent, its parent, and so on to the root."""
        while node > 0:
            node = self.nodes[node].parent
            yield node

    def link_at(self, token: int) -> int | None:
        """Give the `a` element that a token stands in, or None."""
        return self.nodes[self.tokens[token].node].link

    def size(self, node: int, last: int | None = None) -> int:
        """Give the number of letters in an element, up to a token; in no time."""
        first, end = self.span(node)
        end = end if last is None else max(first, min(end, last))
        return self._letters[end] - self._letters[first]

    def largest(self, nodes: Sequence[int]) -> int:
        """Give the element with the most text: an id may stand twice, once empty."""
        return max(nodes, key=lambda node: (self.size(node), -node))

    @cached_property
    def _letters(self) -> list[int]:
        texts = ("" if token.picture else (token.text or "").strip() for token in self.tokens)
        return list(accumulate((len(text) for text in texts), initial=0))

    def chain(self, token: int) -> list[int]:
        """Give the elements a token stands in, the innermost first."""
        node = self.tokens[token].node
        return [node, *self.ancestors(node)]

    def around(self, first: int, last: int) -> int:
        """Give the smallest element that holds tokens [first, last)."""
        node = self.tokens[first].node
        while self.nodes[node].first > first or self.nodes[node].last < last:
            node = self.nodes[node].parent
        return node

    def find(self, xpath: str) -> list[int]:
        """Give the nodes that an XPath selects, in page order, those that show nothing left out."""
        numbers = (self._numbers.get(element) for element in self.root.xpath(xpath))
        return [number for number in numbers if number is not None]

    def spans(self, xpath: str) -> list[tuple[int, int]]:
        """Give the tokens of each element that an XPath selects."""
        return [self.span(node) for node in self.find(xpath)]

    def href(self, anchor: int) -> str | None:
        """Give the absolute address behind an `a` element, or None."""
        return self._hrefs[anchor]

    @cached_property
    def _hrefs(self) -> dict[int, str | None]:
        raw = {anchor: self.nodes[anchor].element.get("href") for anchor in self.anchors}
        return {anchor: urls.resolve(href or "", self.base) for anchor, href in raw.items()}

    def meta(self, name: str) -> str | None:
        """Give the content of a meta element by its name or property."""
        found = self.root.xpath("//meta[@name=$name or @property=$name]/@content", name=name)
        return str(found[0]) if found else None


def outline(text: str, url: str) -> Outline | None:
    """Lay a decoded page flat; None when it holds no element at all."""
    root = _parse(text)
    if root is None:
        return None
    page = Outline(root, _base(root, url))
    _walk(page)
    return page


def _parse(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError:
        return None
    return root


def _base(root: html.HtmlElement, url: str) -> str:
    hrefs = root.xpath("//base/@href")
    return (urls.resolve(str(hrefs[0]), url) or url) if hrefs else url


def _walk(page: Outline) -> None:
    """Fill tokens and nodes in one pass, without recursion: pages may be nested deeply."""
    walker = etree.iterwalk(page.root, events=("start", "end"))
    open_nodes: list[int] = []
    for event, element in walker:
        if event == "start":
            parent = open_nodes[-1] if open_nodes else 0
            open_nodes.append(_enter(page, element, parent))
            if element.tag in _SILENT:
                walker.skip_subtree()
        else:
            node = open_nodes.pop()
            _leave(page, element, node, open_nodes[-1] if open_nodes else 0)


def _enter(page: Outline, element: html.HtmlElement, parent: int) -> int:
    number = len(page.nodes)
    tag = element.tag
    link = number if tag == "a" else page.nodes[parent].link if number else None
    page.nodes.append(Node(element, parent, len(page.tokens), link))
    if tag in _BLOCKS:
        page.tokens.append(Token(None, number))
    elif tag == "a":
        page.anchors.append(number)
    elif tag == "img":
        _add_picture(page, element, number)
    if tag in _FOREIGN:
        page.foreign.append(number)
        page.tokens.append(Token(" ", number))  # it shows something, if only a gap
    if element.text and tag not in _SILENT:
        page.tokens.append(Token(element.text, number))
    return number


def _leave(page: Outline, element: html.HtmlElement, node: int, parent: int) -> None:
    if element.tag in _BLOCKS and element.tag != "br":
        page.tokens.append(Token(None, node))
    page.nodes[node].last = len(page.tokens)
    if element.tail and parent != node:
        page.tokens.append(Token(element.tail, parent))


_LIKE_PICTURE = re.compile(r"(?:^|/)[0-9]{4}/[0-9]")


def _add_picture(page: Outline, element: html.HtmlElement, node: int) -> None:
    source = element.get("src") or ""
    if not _LIKE_PICTURE.search(source):
        source = element.get("data-src") or element.get("data-original") or ""
    if _LIKE_PICTURE.search(source):
        url = urls.resolve(source, page.base)
        if url and urls.is_image(url):
            page.tokens.append(Token(url, node, picture=True))
