"""Adverts within an article's block, told by what advertising is made of.

Scripts and frames, pictures that lead off the site, the label `Advertisement`: no class is
known here, for each redesign names them anew. An advert with words keeps them in `removed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.pages import words

if TYPE_CHECKING:
    from observer_crawler.pages.base import Block, Span
    from observer_crawler.pages.outline import Line, Outline


# Tokens. What is larger is a part of the page, whatever it is made of.
_LARGEST_ADVERT = 300
_MOST_PAID_LINES = 8
_LONGEST_LABEL = 40
_PAID = frozenset(
    {
        *("sponsored", "sponsored content", "sponsored post", "promoted", "promoted content"),
        *("paid content", "paid post", "partner content", "advertorial"),
    }
)


def find(page: Outline, block: Block) -> list[Span]:
    """Find the adverts of the block: the largest elements that hold nothing else."""
    judged = _Judge(page, block)
    ranges = {page.span(judged.widen(node)) for node in judged.signs()} | {
        (line.first, line.last) for line in judged.labels
    }
    ranges.update(judged.paid())
    outer: list[Span] = []
    for first, last in sorted(ranges, key=lambda span: (span[0], -span[1])):
        if first < last and not (outer and last <= outer[-1][1]):
            outer.append((first, last))
    return outer


class _Judge:
    """Tells adverts within one block; each element is looked at once."""

    def __init__(self, page: Outline, block: Block) -> None:
        self._page = page
        self._block = block
        self._judged: dict[int, bool] = {}
        self._foreign = set(page.foreign)
        self._short = [
            line
            for line in page.lines_between(block.head, block.last)
            if len(line.text) < _LONGEST_LABEL
        ]
        self.labels = [line for line in self._short if words.is_advertisement(line.text)]

    def signs(self) -> list[int]:
        """Give frames and scripts, pictures that lead off the site, and what holds a label."""
        page, block = self._page, self._block
        made = [node for node in page.foreign if self._is_inside(node) and self.is_advert(node)]
        links = page.inside(page.anchors, block.head, block.last)
        banners = [node for node in links if self._is_banner(node)]
        holders = {page.around(line.first, line.last) for line in self.labels}
        holders |= {page.holders[at] for at in self._labels_beside_foreign()}
        holders -= {block.node}
        labelled = [node for node in holders if self._is_inside(node) and self.is_advert(node)]
        return [*made, *banners, *labelled]

    def _labels_beside_foreign(self) -> list[int]:
        """Give the tokens in mid-sentence that are the label of a frame or script beside them."""
        page, foreign = self._page, self._foreign
        head, last = self._block.head, self._block.last
        first = max(head - 1, 0)
        around = enumerate(page.holders[first : last + 1], first)
        shown = [at for at, holder in around if holder in foreign]
        beside = {near for at in shown for near in (at - 1, at + 1) if head <= near < last}
        return [at for at in beside if words.is_advertisement(page.texts[at] or "")]

    def paid(self) -> list[Span]:
        """Give what somebody paid for, and says so: the label, their words, their link.

        It is the smallest element below the body that opens with the label and holds a line that
        leads off the site. Without such a line nobody can say where the words end.
        """
        labels = [line for line in self._short if words.spoken(line.text) in _PAID]
        return [span for label in labels if (span := self._paid_by(label))]

    def _paid_by(self, label: Line) -> Span | None:
        page = self._page
        holder = page.around(label.first, label.last)
        for node in (holder, *page.ancestors(holder)):
            if node == self._block.node or not self._is_inside(node):
                return None
            lines = page.lines_between(*page.span(node))
            if lines[0].first != label.first or len(lines) > _MOST_PAID_LINES:
                return None
            if any(map(self._leads_away, lines[1:])):
                return None if page.pictures_between(*page.span(node)) else page.span(node)
        return None

    def widen(self, node: int) -> int:
        """Climb from a sign to the largest element of the block that is advert and no more."""
        for parent in self._page.ancestors(node):
            if parent == self._block.node or not self._is_inside(parent):
                return node
            if not self.is_advert(parent):
                return node
            node = parent
        return node

    def _is_inside(self, node: int) -> bool:
        first, last = self._page.span(node)
        return self._block.head <= first and last <= self._block.last

    def is_advert(self, node: int) -> bool:
        """Whether an element shows nothing but the label of adverts and links under it."""
        if node not in self._judged:
            first, last = self._page.span(node)
            self._judged[node] = last - first <= _LARGEST_ADVERT and self._shows_advert(
                first, last
            )
        return self._judged[node]

    def _shows_advert(self, first: int, last: int) -> bool:
        page = self._page
        if page.pictures_between(first, last):
            return False
        lines = page.lines_between(first, last)
        others = [line for line in lines if not words.is_advertisement(line.text)]
        # A link off the site may be a source; under the label, or as a picture, it is an advert.
        return not others or (len(others) < len(lines) and all(map(self._leads_away, others)))

    def _leads_away(self, line: Line) -> bool:
        said = [at for at in range(line.first, line.last) if self._page.is_said(at)]
        anchors = {self._page.link_at(at) for at in said}
        return all(anchor is not None and _is_foreign(self._page, anchor) for anchor in anchors)

    def _is_banner(self, anchor: int) -> bool:
        """Whether a link is a picture of somebody else's that leads off the site."""
        page = self._page
        if not _is_foreign(page, anchor) or page.pictures_between(*page.span(anchor)):
            return False
        return next(page.elements[anchor].iter("img"), None) is not None


def _is_foreign(page: Outline, anchor: int) -> bool:
    address = page.addresses.get(anchor)
    return address is not None and address.kind in {urls.Kind.OFFSITE, urls.Kind.OTHER}
