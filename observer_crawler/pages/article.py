"""An article's page, from its outline: selectors where the markup is known, words everywhere.

The date line, the breadcrumb, the boxes and Previous and Next are found by their words in
every markup; a markup only adds where its headline, shoulder, byline and body stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.items import Article, Image, content_sha256
from observer_crawler.loaders import ArticleLoader
from observer_crawler.pages import (
    boxes,
    by_words,
    markup_2014,
    markup_2016,
    markup_2024,
    signs,
    story,
    words,
)
from observer_crawler.pages.base import Block, Box, Page, PageKind
from observer_crawler.pages.frame import Frame
from observer_crawler.pages.head import Head
from observer_crawler.processors import count_language

if TYPE_CHECKING:
    from observer_crawler.pages.base import Link, Selected
    from observer_crawler.pages.outline import Node, Outline
    from observer_crawler.urls import Address

_MARKUPS = (markup_2024, markup_2016, markup_2014)


def read(page: Outline, address: Address) -> Page:
    """Read the article of a page whose address is an article's, or say why there is none."""
    frame = Frame(page, address)
    selected = next((found for markup in _MARKUPS if (found := markup.select(page))), None)
    selected = selected or by_words.select(page, frame.around)
    if selected is None:
        return _without_article(frame)
    head = Head(frame, selected)
    day = frame.date.published.date if frame.date and frame.date.published else None
    block = _block(frame, selected, head)
    told = story.read(page, block, head.headline, day)
    links = frame.links(block, told.adverts)
    is_empty = not (head.headline or told.body or told.images or day)
    if is_empty or _says_not_found(frame, told.body):
        return Page(PageKind.MISSING, links=links)
    return Page(PageKind.ARTICLE, _article(frame, selected, head, told, links), links=links)


def _without_article(frame: Frame) -> Page:
    links = frame.links()
    if (frame.date and not frame.date.published) or _says_not_found(frame, []):
        return Page(PageKind.MISSING, links=links)
    reason = "no_body" if frame.date else "no_anchors"
    return Page(PageKind.ARTICLE, refusal=reason, links=links)


def _says_not_found(frame: Frame, body: list[str]) -> bool:
    """Whether an undated page has no text but the notice that there is nothing."""
    dated = frame.date is not None and frame.date.published is not None
    return not dated and all(map(signs.is_notice, body)) and signs.says_not_found(frame.page)


def _block(frame: Frame, selected: Selected, head: Head) -> Block:
    """Say where the block stands: after the date line, or after the headline without one."""
    body = frame.page.nodes[selected.body]
    start = head.span[1] if head.span and head.span[1] <= body.last else 0
    if frame.date and frame.date.first < body.last and not _is_below(frame, body, start):
        start = max(start, frame.date.last)
    start = start or body.first
    first = max(body.first, start)
    last = min([body.last, *(place for place in frame.imprint if place > first)])
    last = max(last, _end_of_strays(frame, last))
    node = body.parent if selected.pictures_alone else selected.body
    holes = tuple(frame.holes_in(first, last))
    return Block(min(start, first), first, last, node, holes, selected.bylines)


def _is_below(frame: Frame, body: Node, start: int) -> bool:
    """Whether the date line stands under the text, within the body."""
    date = frame.date.first if frame.date else 0
    return bool(frame.page.lines_between(max(body.first, start), date))


def _end_of_strays(frame: Frame, last: int) -> int:
    """Give the end of the prose between the body and Previous, Next or a box.

    A stray closing tag in a story ends its element too early.
    """
    stop = min((stop for stop in frame.stops if stop >= last), default=last)
    lines = frame.page.lines_between(last, stop, frame.holes_in(last, stop))
    prose = [
        line.last
        for line in lines
        if words.is_prose(line.text) and frame.page.link_at(line.first) is None
    ]
    return max(prose, default=last)


def _article(
    frame: Frame, selected: Selected, head: Head, told: story.Story, links: tuple[Link, ...]
) -> Article:
    loader = ArticleLoader()
    loader.add_value("headline", head.headline)
    loader.add_value("shoulder", head.shoulders)
    loader.add_value("section", _section(frame, selected))
    if frame.date:
        _add_date(loader, frame.date)
    loader.add_value("byline", told.byline)
    loader.add_value("dateline", told.dateline)
    loader.add_value("agency", told.agency)
    loader.add_value("body", told.body)
    loader.add_value("removed", told.removed)
    loader.add_value("images", told.images or _share_picture(frame))
    loader.add_value("tags", frame.topics.names if frame.topics else [])
    loader.add_value("related", boxes.ids(links, Box.RELATED, frame.address.name))
    loader.add_value("previous", boxes.ids(links, Box.PREVIOUS))
    loader.add_value("next", boxes.ids(links, Box.NEXT))
    loader.add_value("language", _language(frame, head, told))
    loader.add_value("markup", selected.markup)
    article = Article(frame.address.name, frame.address.canonical, **loader.load_item())
    article.tags = (article.tags or []) if selected.tags else None
    article.content_sha256 = content_sha256(article.headline, article.body)
    return article


def _add_date(loader: ArticleLoader, date: words.DateLine) -> None:
    loader.add_value("views", date.views)
    if date.published:
        loader.add_value("published_date", date.published.date)
        loader.add_value("published_at", date.published.at)
        loader.add_value("edition", date.published.edition)


def _section(frame: Frame, selected: Selected) -> str | None:
    if selected.section:
        text = words.without_home(frame.page.text_between(*selected.section))
        if text:
            return text
    return frame.crumb.section if frame.crumb else None


def _share_picture(frame: Frame) -> list[Image]:
    """Give og:image where the page itself shows no picture; the default and broken ones are none."""
    url = urls.resolve(frame.page.meta("og:image") or "", frame.page.base)
    return [Image(urls.parse(url).url, None)] if url and urls.is_image(url) else []


def _language(frame: Frame, head: Head, told: story.Story) -> str:
    texts = told.body or [head.headline or ""]
    return count_language(texts, frame.address.language or "en")
