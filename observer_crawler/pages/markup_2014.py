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

_HEADLINE = "//div[contains(concat(' ', normalize-space(@class), ' '), ' detail_heading ')]"
_GREY = "//div[contains(translate(@style, ' ', ''), 'color:#545353')]"
_SHOULDER = f"{_GREY}[contains(translate(@style, ' ', ''), 'font-size:20px')]"
_BYLINE = "//font[translate(@color, ' ', '')='#666666']"


def select(page: Outline) -> Selected | None:
    """Give the places this markup marks, or None when the page does not show its sign."""
    body = page.find("//div[@id='f']") or page.find("//div[@id='newsDtl']")
    headlines, bylines = page.spans(_HEADLINE), page.find(_BYLINE)
    if not body or not (
        headlines or bylines or page.find(_GREY) or page.find("//*[@id='newsDtl']")
    ):
        return None
    shoulders = page.spans(_SHOULDER)
    return Selected("2014", page.largest(body), headlines, shoulders, tuple(bylines), tags=False)
