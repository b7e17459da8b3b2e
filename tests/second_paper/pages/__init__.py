"""The one markup of O Farol: a story in `article`, its boxes named by the class of an `aside`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from parsel import Selector

from observer_crawler import urls
from observer_crawler.items import Article, content_sha256
from observer_crawler.loaders import ArticleLoader
from observer_crawler.pages.base import Box, Link, Page, PageKind, is_text
from observer_crawler.pages.requisites import own_files, shown_with
from observer_crawler.processors import decode
from observer_crawler.site import ZONE

if TYPE_CHECKING:
    from observer_crawler.urls import Address

__all__ = ["Box", "Link", "Page", "PageKind", "is_text", "own_files", "read_page", "shown_with"]
_KINDS = {urls.Kind.FRONT: "listing", urls.Kind.LISTING: "listing", urls.Kind.DAY: "day"}
_BOXES = {"nav": Box.MENU, "mais": Box.PAGING, "lista": Box.SECTION, "dia": Box.DAY}
_BOXES |= {"ultimas": Box.LATEST, "veja": Box.RELATED}


def read_page(body: bytes, url: str, content_type: str | None = None) -> Page:
    here = urls.parse(url)
    page = Selector(decode(body, content_type) or " ")
    links = tuple(_links(page, here.url))
    if here.kind is not urls.Kind.ARTICLE:
        return Page(PageKind(_KINDS.get(here.kind, "other")), links=links)
    story = page.css("article")
    if not story:
        return Page(PageKind.ARTICLE, refusal="no_body", links=links)
    return Page(PageKind.ARTICLE, _article(story[0], here, links), links=links)


def _links(page: Selector, base: str) -> list[Link]:
    found = []
    for anchor in page.css("a[href]"):
        there = urls.resolve(anchor.attrib["href"], base)
        box = anchor.xpath("string((ancestor::*[@class])[last()]/@class)").get("")
        if there:
            text = " ".join(anchor.xpath("string()").get("").split())
            found.append(Link(urls.parse(there).url, _BOXES.get(box, Box.OTHER), text))
    return found


def _article(story: Selector, here: Address, links: tuple[Link, ...]) -> Article:
    loader = ArticleLoader(selector=story)
    loader.add_css("headline", "h1::text")
    loader.add_css("byline", ".autor::text")
    loader.add_css("section", ".seccao::text")
    loader.add_xpath("body", ".//p[not(@class)]/text()")
    fields = loader.load_item()
    body = fields.setdefault("body", [])
    said = dt.datetime.fromisoformat(story.css("time::attr(datetime)").get(""))
    related = (urls.parse(link.url).name for link in links if link.box is Box.RELATED)
    return Article(
        **fields,
        id=here.name,
        url=here.canonical,
        published_date=said.date().isoformat(),
        published_at=said.astimezone(ZONE).isoformat() if said.tzinfo else None,
        edition="online" if said.tzinfo else "print",
        related=[name for name in related if name != here.name],
        markup="farol",
        content_sha256=content_sha256(fields.get("headline"), body),
    )
