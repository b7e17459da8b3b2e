"""The markup of March 2014 to July 2016: `/YYYY/MM/DD/NNNNN.php`.

Sign: `div#f` (a scraper also took `div#newsDtl`) with `div.detail_heading`, or with the grey
styles that this markup writes into its elements. Seen: headline in `div.detail_heading`,
shoulder in a `div` styled `font-size: 20px; color: #545353`, date in a `div` of that colour or
a `span` that says Published, byline in `font[color="#666666"]`.
Sample address: https://www.observerbd.com/2014/09/06/41457.php
Quirk: links are relative like `../../../2014/09/06/41457.php`. It carries no tags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.pages.base import Selected

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline

_GREY, _SMALL, _BYLINE = "color:#545353", "font-size:20px", "#666666"


def select(page: Outline) -> Selected | None:
    """Give the places this markup marks, or None when the page does not show its sign."""
    body = page.with_id("f") or page.with_id("newsDtl")
    if not body:
        return None
    headlines = [page.span(node) for node in page.with_class("div", "detail_heading")]
    colours = page.values("font", "color")
    bylines = tuple(node for node, colour in colours if colour.replace(" ", "") == _BYLINE)
    styles = [(node, style.replace(" ", "")) for node, style in page.values("div", "style")]
    grey = [(node, style) for node, style in styles if _GREY in style]
    if not (headlines or bylines or grey or page.has_id("newsDtl")):
        return None
    shoulders = [page.span(node) for node, style in grey if _SMALL in style]
    return Selected("2014", page.largest(body), headlines, shoulders, bylines, tags=False)
