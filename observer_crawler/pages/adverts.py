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


def find(page: Outline, block: Block) -> list[Span]:
    """Find the adverts of the block: the largest elements that hold nothing else."""
    judged = _Judge(page, block)
    ranges = {page.span(judged.widen(node)) for node in judged.signs()} | {
        (line.first, line.last) for line in judged.labels
    }
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
        lines = page.lines_between(block.head, block.last)
        self.labels = [line for line in lines if words.is_advertisement(line.text)]

    def signs(self) -> list[int]:
        """Give frames and scripts, pictures that lead off the site, and what holds a label."""
        page, block = self._page, self._block
        made = [node for node in page.foreign if self._is_inside(node) and self.is_advert(node)]
        banners = [
            node for node in page.anchors if self._is_inside(node) and self._is_banner(node)
        ]
        holders = {page.around(line.first, line.last) for line in self.labels}
        holders |= {
            page.tokens[at].node for at in range(block.head, block.last) if self._labels(at)
        }
        holders -= {block.node}
        labelled = [node for node in holders if self._is_inside(node) and self.is_advert(node)]
        return [*made, *banners, *labelled]

    def _labels(self, at: int) -> bool:
        """Whether a token in mid-sentence is the label of a frame or script beside it."""
        tokens, text = self._page.tokens, self._page.tokens[at].text
        if text is None or not words.is_advertisement(text):
            return False
        beside = (tokens[near].node for near in (at - 1, at + 1) if 0 <= near < len(tokens))
        return any(node in self._foreign for node in beside)

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
        if any(token.picture for token in page.tokens[first:last]):
            return False
        lines = page.lines_between(first, last)
        others = [line for line in lines if not words.is_advertisement(line.text)]
        # A link off the site may be a source; under the label, or as a picture, it is an advert.
        return not others or (len(others) < len(lines) and all(map(self._leads_away, others)))

    def _leads_away(self, line: Line) -> bool:
        said = [
            at for at in range(line.first, line.last) if (self._page.tokens[at].text or "").strip()
        ]
        anchors = {self._page.link_at(at) for at in said}
        return all(anchor is not None and _is_foreign(self._page, anchor) for anchor in anchors)

    def _is_banner(self, anchor: int) -> bool:
        """Whether a link is a picture of somebody else's that leads off the site."""
        page = self._page
        has_image = page.nodes[anchor].element.find(".//img") is not None
        own = any(token.picture for token in page.tokens[slice(*page.span(anchor))])
        return has_image and not own and _is_foreign(page, anchor)


def _is_foreign(page: Outline, anchor: int) -> bool:
    url = page.href(anchor)
    return url is not None and urls.parse(url).kind in {urls.Kind.OFFSITE, urls.Kind.OTHER}
