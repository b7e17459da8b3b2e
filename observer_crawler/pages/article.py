"""An article's page, from its outline: selectors where the markup is known, words everywhere.

The date line, the breadcrumb, the boxes and Previous and Next are found by their words in
every markup; a markup only adds where its headline, shoulder, byline and body stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from observer_crawler import urls
from observer_crawler.items import Article, Image, content_sha256
from observer_crawler.loaders import ArticleLoader
from observer_crawler.pages import (
    boxes,
    by_words,
    date_line,
    identity,
    markup_2014,
    markup_2016,
    markup_2024,
    signs,
    story,
    wall,
    words,
)
from observer_crawler.pages.base import Block, Box, Page, PageKind
from observer_crawler.pages.frame import Frame
from observer_crawler.pages.head import Head
from observer_crawler.processors import count_language

if TYPE_CHECKING:
    from observer_crawler.pages.base import Link, Selected
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address

_MARKUPS = (markup_2024, markup_2016, markup_2014)


def read(page: Outline, address: Address, date: date_line.DateLine | None) -> Page:
    """Read the article of a page whose address is an article's, or say why there is none."""
    selected = next((found for markup in _MARKUPS if (found := markup.select(page))), None)
    if selected and date is None:
        date = date_line.by_place(page, selected)
    frame = Frame(page, address, date, page.firsts[selected.body] if selected else None)
    selected = selected or by_words.select(page, frame.around)
    if selected is None:
        return _without_article(frame)
    head = Head(frame, selected)
    if head.headline not in frame.around.own and identity.other_than(page, address):
        return Page(PageKind.ARTICLE, refusal="other_article", links=frame.links())
    day = frame.date.published.date if frame.date and frame.date.published else None
    block = _block(frame, selected, head)
    told = story.read(page, block, head.named, day)
    is_cut = frame.breaks_off_after(block.first)
    if is_cut or wall.stands(page, block.first, _stop(frame, block.last)):
        told.lose_text()
    links = frame.links(block, told.adverts)
    is_empty = not (head.headline or told.body or told.images or day)
    if (is_empty and not is_cut) or _says_not_found(frame, told.body):
        return Page(PageKind.MISSING, links=links)
    article = _article(frame, selected, head, told, links)
    return Page(PageKind.ARTICLE, article, links=links, mends=_mends(frame, head))


def _mends(frame: Frame, head: Head) -> tuple[str, ...]:
    said = (
        ("date", frame.date is not None and not date_line.is_usual(frame.page, frame.date)),
        ("headline", head.is_found_otherwise),
        ("pictures", frame.page.has_other_pictures),
    )
    return tuple([name for name, is_so in said if is_so])


def _without_article(frame: Frame) -> Page:
    links = frame.links()
    if frame.date and frame.breaks_off_after(frame.date.first):
        return Page(PageKind.ARTICLE, refusal="cut_page", links=links)
    if (frame.date and not frame.date.published) or _says_not_found(frame, []):
        return Page(PageKind.MISSING, links=links)
    reason = "no_body" if frame.date else "no_anchors"
    return Page(PageKind.ARTICLE, refusal=reason, links=links)


def _stop(frame: Frame, last: int) -> int:
    """Give the end of what may still be of a story that ends at a token."""
    ends = [*frame.stops, *frame.imprint, len(frame.page.texts)]
    ends += [frame.topics.first] if frame.topics else []
    return min(end for end in ends if end >= last)


def _says_not_found(frame: Frame, body: list[str]) -> bool:
    """Whether an undated page has no text but the notice that there is nothing."""
    dated = frame.date is not None and frame.date.published is not None
    return not dated and all(map(signs.is_notice, body)) and signs.says_not_found(frame.page)


def _block(frame: Frame, selected: Selected, head: Head) -> Block:
    """Say where the block stands: after the date line, or after the headline without one."""
    page = frame.page
    body_first, body_last = page.span(selected.body)
    start = head.span[1] if head.span and head.span[1] <= body_last else 0
    if frame.date and frame.date.first < body_last:
        is_below = page.lines_between(max(body_first, start), frame.date.first)
        start = start if is_below else max(start, frame.date.last)
    start = start or body_first
    first = max(body_first, start)
    last = min([body_last, *(place for place in frame.imprint if place > first)])
    last = max(last, _end_of_strays(frame, last))
    node = page.parents[selected.body] if selected.pictures_alone else selected.body
    holes = tuple(frame.holes_in(first, last))
    return Block(min(start, first), first, last, node, holes, selected.bylines)


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
    said = {
        "headline": head.headline,
        "shoulder": head.shoulders,
        "section": _section(frame, selected),
        "byline": told.byline,
        "body": told.body,
        "tags": frame.topics.names if frame.topics else None,
    }
    loader = ArticleLoader()
    loader.add_value(None, {name: value for name, value in said.items() if value})
    ids = boxes.ids(links)
    article = Article(
        frame.address.name,
        frame.address.canonical,
        dateline=told.dateline,
        agency=told.agency,
        removed=told.removed,
        images=told.images or _share_picture(frame),
        related=[name for name in ids.get(Box.RELATED, ()) if name != frame.address.name],
        previous=next(iter(ids.get(Box.PREVIOUS, ())), None),
        next=next(iter(ids.get(Box.NEXT, ())), None),
        language=_language(frame, head, told),
        markup=selected.markup,
        **loader.load_item(),
    )
    if frame.date:
        _add_date(article, frame.date)
    article.tags = (article.tags or []) if selected.tags else None
    article.content_sha256 = content_sha256(article.headline, article.body)
    return article


def _add_date(article: Article, date: date_line.DateLine) -> None:
    article.views, article.edition = date.views, date.edition
    if date.published:
        article.published_date = date.published.date
        article.published_at = date.published.at
        article.edition = date.published.edition


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


def _language(frame: Frame, head: Head, told: story.Story) -> Literal["en", "bn"]:
    texts = told.body or told.lost or [head.headline or ""]
    return "bn" if count_language(texts, frame.address.language or "en") == "bn" else "en"
