"""The markup of July 2016 to 2024: `details.php?id=N`, later `news.php?id=N`.

Sign: `div#f`, with `div.pub`, `span.location` or an `h1`, and no sign of 2014. Seen: headline
in an `h1`, shoulder in an `h2` before it and sometimes after it, date and count in the spans
of `div.pub`, section in `span.location`, byline a line after the date.
Sample addresses: https://www.observerbd.com/details.php?id=237425 (2020-01-07),
https://www.observerbd.com/news.php?id=370580 (2022-06-16)
Quirk: the lead is bare text under `div#f`, later paragraphs stand in blocks. It carries every
field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.pages.base import Selected

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline

_OLDER = (
    "//div[contains(concat(' ', normalize-space(@class), ' '), ' detail_heading ')]"
    " | //div[@id='newsDtl']"
    " | //div[contains(translate(@style, ' ', ''), 'color:#545353')]"
)
_PUB = "//div[contains(concat(' ', normalize-space(@class), ' '), ' pub ')]"
_LOCATION = "//span[contains(concat(' ', normalize-space(@class), ' '), ' location ')]"


def select(page: Outline) -> Selected | None:
    """Give the places this markup marks, or None when the page does not show its sign."""
    body, headlines = page.find("//div[@id='f']"), page.spans("//h1")
    location = page.spans(_LOCATION)
    marked = bool(location or page.find(_PUB))
    if not body or not (marked or (headlines and not page.find(_OLDER))):
        return None
    section = location[0] if location else None
    return Selected("2016", page.largest(body), headlines, page.spans("//h2"), section=section)
