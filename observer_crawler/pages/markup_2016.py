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


def select(page: Outline) -> Selected | None:
    """Give the places this markup marks, or None when the page does not show its sign."""
    body, headlines = page.with_id("f"), page.spans("h1")
    location = [page.span(node) for node in page.with_class("span", "location")]
    marked = bool(location or page.with_class("div", "pub"))
    if not body or not (marked or (headlines and not _is_older(page))):
        return None
    section = location[0] if location else None
    return Selected("2016", page.largest(body), headlines, page.spans("h2"), section=section)


def _is_older(page: Outline) -> bool:
    return bool(
        page.with_class("div", "detail_heading")
        or page.with_id("newsDtl")
        or any(_GREY in style.replace(" ", "") for _, style in page.values("div", "style"))
    )


_GREY = "color:#545353"
