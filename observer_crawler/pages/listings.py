"""Section lists, the front page, day indexes and author pages: links, and where the list is.

A day index holds its links in `div.archive` (2016 on) or `div.bullet` (2014-16), both seen.
Where neither is there, every link to an article outside the boxes counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.pages import boxes, signs, words
from observer_crawler.pages.base import Box, Page, PageKind

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address


def read(page: Outline, address: Address, kind: PageKind) -> Page:
    """Read a page that lists articles; one that lists none may say that it is not there.

    An author's page may say that only the biography is missing: that is a good page.
    """
    place = boxes.Place(kind, address, lists=_day_lists(page) if kind is PageKind.DAY else ())
    found = boxes.assign(page, place, boxes.spans(page, words.imprint(page)))
    listed = any(link.box in {Box.SECTION, Box.DAY} for link in found)
    if kind in {PageKind.LISTING, PageKind.DAY} and not listed and signs.says_not_found(page):
        kind = PageKind.MISSING
    return Page(kind, links=found)


def _day_lists(page: Outline) -> tuple[tuple[int, int], ...]:
    nodes = page.with_class("div", "archive") + page.with_class("div", "bullet")
    return tuple(page.span(node) for node in nodes)
