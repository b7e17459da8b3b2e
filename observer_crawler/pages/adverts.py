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


def find(page: Outline, block: Block) -> list[Span]:
    """Find the adverts of the block: the largest elements that hold nothing else."""
    found = [_widen(page, block, node) for node in _advert_signs(page, block)]
    ranges = {page.span(node) for node in found} | {
        (line.first, line.last)
        for line in page.lines_between(block.head, block.last)
        if words.is_advertisement(line.text)
    }
    return [span for span in sorted(ranges) if span[0] < span[1] and not _inside(span, ranges)]


def _inside(span: Span, ranges: set[Span]) -> bool:
    return any(one != span and one[0] <= span[0] and span[1] <= one[1] for one in ranges)


def _advert_signs(page: Outline, block: Block) -> list[int]:
    """Give frames and scripts, pictures that lead off the site, and elements with a label."""
    labelled = [
        token.node
        for token in page.tokens[block.head : block.last]
        if token.text and words.is_advertisement(token.text)
    ]
    inside = [node for node in [*page.foreign, *page.anchors] if _in_block(page, block, node)]
    signs = [
        node
        for node in inside
        if (_is_banner(page, node) if page.nodes[node].tag == "a" else _is_advert(page, node))
    ]
    return signs + [
        node
        for node in labelled
        if node != block.node and _in_block(page, block, node) and _is_advert(page, node)
    ]


def _in_block(page: Outline, block: Block, node: int) -> bool:
    return block.head <= page.nodes[node].first and page.nodes[node].last <= block.last


def _is_banner(page: Outline, anchor: int) -> bool:
    """Whether a link is a picture of somebody else's that leads off the site."""
    node = page.nodes[anchor]
    url = page.href(anchor)
    foreign = url is not None and urls.parse(url).kind in {urls.Kind.OFFSITE, urls.Kind.OTHER}
    return foreign and node.element.find(".//img") is not None and not _has_picture(page, anchor)


def _has_picture(page: Outline, node: int) -> bool:
    inside = page.tokens[page.nodes[node].first : page.nodes[node].last]
    return any(token.picture for token in inside)


def _widen(page: Outline, block: Block, node: int) -> int:
    """Climb from a sign to the largest element within the body that is advert and no more."""
    for parent in page.ancestors(node):
        if parent == block.node or not _in_block(page, block, parent):
            return node
        if not _is_advert(page, parent):
            return node
        node = parent
    return node


def _is_advert(page: Outline, node: int) -> bool:
    """Whether an element shows nothing but the label of adverts and links off the site."""
    inside = page.nodes[node]
    if _has_picture(page, node):
        return False
    return all(
        words.is_advertisement(line.text) or _is_foreign_link(page, line)
        for line in page.lines_between(inside.first, inside.last)
    )


def _is_foreign_link(page: Outline, line: Line) -> bool:
    for position in range(line.first, line.last):
        token = page.tokens[position]
        if not (token.text or "").strip():
            continue
        chain = page.chain(position)
        anchor = next((node for node in chain if page.nodes[node].tag == "a"), None)
        url = page.href(anchor) if anchor is not None else None
        if url is None or urls.parse(url).kind not in {urls.Kind.OFFSITE, urls.Kind.OTHER}:
            return False
    return True
