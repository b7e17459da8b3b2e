"""A page laid flat: its text, borders and pictures in document order, with its elements.

Classes have changed twice and nobody has seen all of them, but the words of a page stand in
the same order in every markup. So the page is walked once into tokens, and every later question
("what stands between the date and « Previous?") is one about positions. Nothing is known here of
the newspaper.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import cached_property, partial
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple, cast

from lxml import etree

from observer_crawler import urls
from observer_crawler.pages.columns import Columns, fill
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from observer_crawler.urls import Address

# All that `words` passes over before a heading, a breadcrumb or an arrow's word.
_BEFORE_WORDS = " «»‹›<>←→:|.-/—"
_PADDED = 2
# Tokens: a card of headline, picture and teaser has about twenty. 1,000 links that nobody closed
# stand within each other, and each of them holds the rest of the page.
_LONGEST_LINK = 200
# Letters of a line in which the first one is looked for; whole lines are not kept for that.
_START = 40


class Line(NamedTuple):
    """Text between two borders: as printed, cleaned, and its tokens [first, last)."""

    raw: str
    text: str
    first: int
    last: int


_line = partial(tuple.__new__, Line)  # in half the time


class Outline(Columns):
    """The whole page. What is numbered here stands in `Columns`."""

    @cached_property
    def lines(self) -> list[Line]:
        """All lines of the page."""
        lines, first = [], 0
        texts = cast("list[str]", self.texts)
        borders = [at for at, text in enumerate(self.texts) if text is None]
        for border in (*borders, len(texts)):
            if first < border:
                # Nearly all are of one piece of text, and some white space may follow it.
                length = border - first
                if length == 1 or (length == _PADDED and texts[first + 1].isspace()):
                    if not (raw := texts[first]).isspace() and (text := clean(raw)):
                        lines.append(_line((raw, text, first, first + 1)))
                elif line := self._line(first, border):
                    lines.append(line)
            first = border + 1
        return lines

    @cached_property
    def _line_places(self) -> tuple[list[int], list[int]]:
        return [line.first for line in self.lines], [line.last for line in self.lines]

    def _line(self, first: int, last: int) -> Line | None:
        """Make one line of text tokens; those of white space at its ends stay outside."""
        texts = cast("list[str]", self.texts)
        while first < last and texts[first].isspace():
            first += 1
        while first < last and texts[last - 1].isspace():
            last -= 1
        if first == last:
            return None
        raw = texts[first] if last - first == 1 else "".join(texts[first:last])
        return _line((raw, clean(raw) or "", first, last))

    def lines_between(
        self, first: int, last: int, holes: Sequence[tuple[int, int]] = ()
    ) -> list[Line]:
        """Give the lines of tokens [first, last); holes are passed over as if not there."""
        inner = sorted(hole for hole in holes if hole[0] < last and hole[1] > first)
        if not inner:
            return self._lines_within(first, last)
        lines: list[list[Line]] = []
        is_open = False
        for end, after in (*inner, (last, last)):
            if first < (end := min(end, last)):
                is_open = self._go_on(lines, first, end, is_open=is_open)
            first = max(first, after)
        return [_joined(pieces) for pieces in lines]

    def _go_on(self, lines: list[list[Line]], first: int, last: int, *, is_open: bool) -> bool:
        """Add the lines after a hole; say whether the last one may go on after the next.

        Where no border stands between two lines they are pieces of one.
        """
        more = self._lines_within(first, last)
        if not more:
            return is_open and None not in self.texts[first:last]
        if is_open and None not in self.texts[first : more[0].first]:
            lines[-1].append(more.pop(0))
        lines += [[line] for line in more]
        return None not in self.texts[lines[-1][-1].last : last]

    def _lines_within(self, first: int, last: int) -> list[Line]:
        firsts, lasts = self._line_places
        start = bisect_right(lasts, first)
        lines = self.lines[start : bisect_left(firsts, last, start)]
        if lines and (lines[0].first < first or last < lines[-1].last):
            cut = [self._line(max(line.first, first), min(line.last, last)) for line in lines]
            return [line for line in cut if line]
        return lines

    def opening(self, letters: Iterable[str]) -> list[int]:
        """Give the numbers of the lines that open with one of these (small) letters.

        Arrows and the like before it do not count.
        """
        openings = self._openings
        found = [openings[letter] for letter in letters if letter in openings]
        return sorted(chain.from_iterable(found))

    @cached_property
    def _openings(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, (_, text, _, _) in enumerate(self.lines):
            letter = text[0]
            if letter in _BEFORE_WORDS:
                letter = text[:_START].lstrip(_BEFORE_WORDS)[:1]
            found[letter.casefold()[:1]].append(number)
        return found

    def is_said(self, token: int) -> bool:
        """Whether a token is text and more than white space."""
        text = self.texts[token]
        return text is not None and bool(text.strip())

    @cached_property
    def with_own_text(self) -> frozenset[int]:
        """The elements that hold text themselves, not only in others within them."""
        said = zip(self.texts, self.holders, strict=True)
        return frozenset(holder for text, holder in said if text and not text.isspace())

    def text_of(self, node: int) -> str:
        """Give the cleaned text of one element, borders read as spaces."""
        return self.text_between(*self.span(node))

    def text_between(self, first: int, last: int) -> str:
        """Give the cleaned text of tokens [first, last), borders read as spaces."""
        if last - first == 1:
            return clean(self.texts[first] or "") or ""
        texts = [" " if text is None else text for text in self.texts[first:last]]
        for picture in self.pictures_between(first, last):
            texts[picture - first] = ""
        return clean("".join(texts)) or ""

    def has_link(self, line: Line) -> bool:
        """Whether any token of a line stands in a link."""
        return any(self.link_at(at) is not None for at in range(line.first, line.last))

    def size(self, node: int, last: int | None = None) -> int:
        """Give the number of letters in an element, up to a token; in no time."""
        first, end = self.span(node)
        end = end if last is None else max(first, min(end, last))
        return self._letters[end] - self._letters[first]

    def largest(self, nodes: Sequence[int]) -> int:
        """Give the element with the most text: an id may stand twice, once empty."""
        if len(nodes) == 1:
            return nodes[0]
        return max(nodes, key=lambda node: (self.size(node), -node))

    @cached_property
    def _letters(self) -> list[int]:
        return list(accumulate((len((text or "").strip()) for text in self.texts), initial=0))

    @cached_property
    def addresses(self) -> dict[int, Address]:
        """All links: what is behind each `a` element that leads to an address of the web."""
        elements = self.elements
        hrefs = [elements[anchor].get("href") or "" for anchor in self.anchors]
        found = zip(self.anchors, urls.printed(hrefs, self.base), strict=True)
        return {anchor: address for anchor, address in found if address is not None}

    def link_texts(self) -> list[str]:
        """Give the text of each of the links; nearly all are of one piece."""
        texts, firsts, lasts = self.texts, self.firsts, self.lasts
        found = []
        for node in self.addresses:
            first = firsts[node]
            if lasts[node] - first == 1:
                text = texts[first]
                found.append((clean(text) if text else None) or "")
            else:
                found.append(self.link_text(node))
        return found

    def link_text(self, node: int) -> str:
        """Give the cleaned text of a link, of one that nobody closed how it begins."""
        first, last = self.span(node)
        return self.text_between(first, min(last, first + _LONGEST_LINK))

    @cached_property
    def title(self) -> str:
        """The text of the title, empty without one."""
        title = next(self.root.iter("title"), None)
        return "" if title is None else "".join(title.itertext())

    @cached_property
    def _metas(self) -> list[tuple[str | None, str | None, str | None]]:
        """Give name, property and content of all meta elements."""
        found = self.root.iter("meta")
        return [(meta.get("name"), meta.get("property"), meta.get("content")) for meta in found]

    def metas(self, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
        """Give name and content of all meta elements of some names, in small letters."""
        said = [(name.strip().lower(), content or "") for name, _, content in self._metas if name]
        return tuple([meta for meta in said if meta[0] in names])

    def meta(self, name: str) -> str | None:
        """Give the content of a meta element by its name or property."""
        for named, known, content in self._metas:
            if content is not None and name in {named, known}:
                return content
        return None


def _joined(pieces: list[Line]) -> Line:
    """Make one line of those between holes, with spaces: an advert may cut between two words."""
    if len(pieces) == 1:
        return pieces[0]
    raw = " ".join(piece.raw for piece in pieces)
    text = clean(" ".join(piece.text for piece in pieces)) or ""
    return Line(raw, text, pieces[0].first, pieces[-1].last)


def outline(text: bytes, url: str) -> Outline | None:
    """Lay a page of UTF-8 flat; None when it holds no element at all."""
    root = parsed(text)
    if root is None:
        return None
    page = Outline(root, base_of(root, url))
    if not _closes(text):
        page.closes = False
    fill(page)
    return page


def _closes(text: bytes) -> bool:
    """Whether a page says that it ends. Scripts may follow; nearly all end at once."""
    return _CLOSING.search(text, max(0, len(text) - _TAIL)) is not None or (
        _CLOSING.search(text) is not None
    )


_CLOSING = re.compile(rb"</(?:body|html)\b", re.IGNORECASE)
_TAIL = 1000  # bytes


def parsed(text: bytes) -> etree._Element | None:
    try:
        return etree.fromstring(text, _PARSER)
    except etree.LxmlError:
        return None


_PARSER = etree.HTMLParser(
    encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
)


def base_of(root: etree._Element, url: str) -> str:
    hrefs = (base.get("href") for base in root.iter("base"))
    href = next((href for href in hrefs if href is not None), None)
    return url if href is None else urls.resolve(href, url) or url
