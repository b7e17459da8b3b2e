"""The markup of 2024 on: `/news/N`, for every article whatever its year.

Sign: `div#toPrint` holds `div#f` (seen in a scraper that ran). Seen: headline in an `h1`.
Likely: the rest as in 2016-24, with the section in a breadcrumb after `Home`; so shoulder,
date, byline and section are found by the order of the words, an `h2` only helps.
Sample address: https://www.observerbd.com/news/562698
Quirk: `div.credit`, seen on list cards, may hold the byline. It carries every field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.pages.base import Selected

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline


def select(page: Outline) -> Selected | None:
    """Give the places this markup marks, or None when the page does not show its sign."""
    printed = set(page.with_id("toPrint"))
    body = [
        node
        for node in page.with_id("f")
        if printed and not printed.isdisjoint(page.ancestors(node))
    ]
    if not body:
        return None
    return Selected("2024", page.largest(body), page.spans("h1"), page.spans("h2"))
