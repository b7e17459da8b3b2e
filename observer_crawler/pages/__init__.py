"""The one door of extraction: `read_page(body, url, content_type=None)`.

Bytes and the newspaper's own address in; what the page is, its links by box and its article
out. Pure and total: no network, clock or disk, and no input makes it raise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from observer_crawler import urls
from observer_crawler.pages import article, date_line, feed, listings, signs
from observer_crawler.pages.base import Box, Link, Page, PageKind, is_text
from observer_crawler.pages.outline import outline
from observer_crawler.pages.requisites import own_files, shown_with
from observer_crawler.processors import decode, escape_once, mend_and_say, shows_escapes

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address

__all__ = [
    "Box",
    "Link",
    "Page",
    "PageKind",
    "is_text",
    "own_files",
    "read_page",
    "shown_with",
]

# What a page may say of the use of its text; rights.py knows what it means.
_ASKS = frozenset(("robots", "tdm-reservation", "tdm-policy"))
_LISTED = {
    urls.Kind.FRONT: PageKind.LISTING,
    urls.Kind.LISTING: PageKind.LISTING,
    urls.Kind.DAY: PageKind.DAY,
    urls.Kind.AUTHOR: PageKind.AUTHOR,
}


def read_page(body: bytes, url: str, content_type: str | None = None) -> Page:
    """Read one page. `url` is the newspaper's own address of it, in any of its forms.

    `content_type` is the header as received. Of an article's address the page has either an
    `article` or a `refusal`: empty_page, no_anchors (nothing known on it), no_body, cut_page (it
    breaks off before the story), other_article (it says that it is another one).
    """
    address = urls.parse(url)
    is_feed = address.kind is urls.Kind.FEED
    if is_feed and (found := feed.read(decode(body, content_type), address)):
        return found
    text, is_twice = mend_and_say(body, content_type)
    page = outline(text, address.url)
    is_article = address.kind is urls.Kind.ARTICLE
    if page is None:
        kind = PageKind.ARTICLE if is_article else PageKind.OTHER
        return Page(kind, refusal="empty_page" if is_article else None)
    date = date_line.find(page)
    if date is None and signs.looks_like_challenge(page) and not _links_articles(page):
        return Page(PageKind.CHALLENGE)
    asks = page.metas(_ASKS)
    if is_article:
        found = article.read(page, address, date)
        found = _read_unescaped(text, address) if _shows_escapes(found) else found
        found = replace(found, mends=(*found.mends, "encoding")) if is_twice else found
    else:
        found = listings.read(page, address, _LISTED.get(address.kind, PageKind.OTHER))
    return replace(found, asks=asks) if asks else found


def _shows_escapes(found: Page) -> bool:
    told = found.article
    if told is None:
        return False
    lines = (told.headline, told.shoulder, told.section, told.byline)
    captions = (image.caption for image in told.images)
    return shows_escapes((*lines, *captions, *told.body, *(told.tags or ())))


def _read_unescaped(text: bytes, address: Address) -> Page:
    """Read a page again whose texts were escaped twice."""
    page = cast("Outline", outline(escape_once(text), address.url))
    found = article.read(page, address, date_line.find(page))
    return replace(found, mends=(*found.mends, "escapes"))


def _links_articles(page: Outline) -> bool:
    """Whether a page links articles: no challenge does."""
    return any(link.kind is urls.Kind.ARTICLE for link in page.addresses.values())
