"""An article's page, from its outline: selectors where the markup is known, words everywhere.

The date line, the breadcrumb, the boxes and Previous and Next are found by their words in
every markup; a markup only adds where its headline, shoulder, byline and body stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
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
    story,
    topics,
    words,
)
from observer_crawler.pages.base import Block, Box, Page, PageKind
from observer_crawler.processors import clean, count_language

if TYPE_CHECKING:
    from observer_crawler.pages.base import Link, Selected, Span
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address

_MARKUPS = (markup_2024, markup_2016, markup_2014)


def read(page: Outline, address: Address) -> Page:
    """Read the article of a page whose address is an article's, or say why there is none."""
    frame = _Frame(page, address)
    selected = next((found for markup in _MARKUPS if (found := markup.select(page))), None)
    selected = selected or by_words.select(page, frame.around)
    if selected is None:
        return _without_article(frame)
    head = _Head(frame, selected)
    day = frame.date.published.date if frame.date and frame.date.published else None
    block = _block(frame, selected, head)
    told = story.read(page, block, head.headline, day)
    links = frame.links((block.first, block.last), told.adverts)
    if not (head.headline or told.body or told.images or day):
        return Page(PageKind.MISSING, links=links)
    return Page(PageKind.ARTICLE, _article(frame, selected, head, told, links), links=links)


@dataclass
class _Frame:
    """What stands around the block, all of it found by words."""

    page: Outline
    address: Address

    @cached_property
    def date(self) -> words.DateLine | None:
        return words.date_line(self.page)

    @cached_property
    def anchors(self) -> list[boxes.Anchor]:
        return boxes.anchors(self.page)

    @cached_property
    def turnings(self) -> list[int]:
        """Where `« Previous` and `Next »` stand."""
        return [line.first for line in self.page.lines if words.is_turning(line.text)]

    @cached_property
    def crumb(self) -> words.Crumb | None:
        before = self.date.first if self.date else len(self.page.tokens)
        return words.breadcrumb(self.page, before)

    @cached_property
    def boxes(self) -> list[boxes.BoxSpan]:
        stops = [
            *self.turnings,
            *(line.first for line in self.page.lines if _is_imprint(line.text)),
        ]
        if self.date:
            stops.append(self.date.first)
        if self.crumb:
            stops.append(self.crumb.first)
        return boxes.spans(self.page, self.anchors, stops)

    @cached_property
    def stops(self) -> list[int]:
        """Where the block ends at the latest: Previous and Next, and each box."""
        return sorted([*self.turnings, *(box.first for box in self.boxes)])

    @cached_property
    def start(self) -> int:
        """Where the block begins at the earliest: after the date line, else the breadcrumb."""
        return self.date.last if self.date else self.crumb.last if self.crumb else 0

    @cached_property
    def topics(self) -> topics.Topics | None:
        return topics.find(self.page, self.start, self.stops)

    @cached_property
    def around(self) -> by_words.Around:
        """What a reading by words must know; `own`: You Might Also Like lists this page too."""
        stop = min(
            (stop for stop in self.stops if stop > self.start), default=len(self.page.tokens)
        )
        last = self.topics.first if self.topics and self.topics.first < stop else stop
        own = (anchor.text for anchor in self.anchors if anchor.address.name == self.address.name)
        return by_words.Around(self.date, self.crumb, last, stop, frozenset(filter(None, own)))

    def links(self, body: Span, adverts: tuple[Span, ...] = ()) -> tuple[Link, ...]:
        place = boxes.Place(PageKind.ARTICLE, self.address, body, adverts)
        return boxes.assign(place, self.anchors, self.boxes)


def _is_imprint(text: str) -> bool:
    return words.spoken(text.partition(":")[0]) in words.IMPRINT


def _without_article(frame: _Frame) -> Page:
    links = frame.links((0, 0))
    if frame.date is not None and frame.date.published is None:
        return Page(PageKind.MISSING, links=links)
    reason = "no_body" if frame.date else "no_anchors"
    return Page(PageKind.ARTICLE, refusal=reason, links=links)


class _Head:
    """Headline and shoulder: what stands between the breadcrumb and the date."""

    def __init__(self, frame: _Frame, selected: Selected) -> None:
        page, body = frame.page, frame.page.nodes[selected.body]
        self._first = frame.crumb.last if frame.crumb else 0
        self._last = frame.date.first if frame.date else body.first
        candidates = [span for span in selected.headlines if self._holds(span)]
        self.span = candidates[-1] if candidates else None
        self.headline = clean(page.text_between(*self.span)) if self.span else None
        self.shoulders = [page.text_between(*span) for span in self._shoulders(frame, selected)]

    def _holds(self, span: Span) -> bool:
        return self._first <= span[0] and span[1] <= self._last

    def _shoulders(self, frame: _Frame, selected: Selected) -> list[Span]:
        marked = [span for span in selected.shoulders if self._holds(span)]
        if marked or not (frame.crumb and frame.date):
            return marked
        lines = frame.page.lines_between(self._first, self._last)
        headline = self.span or (0, 0)
        return [
            (line.first, line.last)
            for line in lines
            if not headline[0] <= line.first < headline[1]
            and not by_words.is_link(frame.page, line)
        ]


def _block(frame: _Frame, selected: Selected, head: _Head) -> Block:
    body = frame.page.nodes[selected.body]
    after_head = frame.date.last if frame.date else head.span[1] if head.span else body.first
    first = max(body.first, after_head) if after_head <= body.last else body.first
    stops = [*frame.stops, *([frame.topics.first] if frame.topics else [])]
    last = min((stop for stop in stops if first <= stop < body.last), default=body.last)
    aside = tuple((box.first, box.last) for box in frame.boxes)
    node = body.parent if selected.pictures_alone else selected.body
    return Block(min(after_head, first), first, last, node, aside, selected.bylines)


def _article(
    frame: _Frame, selected: Selected, head: _Head, told: story.Story, links: tuple[Link, ...]
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


def _section(frame: _Frame, selected: Selected) -> str | None:
    if selected.section:
        text = words.without_home(frame.page.text_between(*selected.section))
        if text:
            return text
    return frame.crumb.section if frame.crumb else None


def _share_picture(frame: _Frame) -> list[Image]:
    """Give og:image where the page itself shows no picture; the default and broken ones are none."""
    url = urls.resolve(frame.page.meta("og:image") or "", frame.page.base)
    return [Image(urls.parse(url).url, None)] if url and urls.is_image(url) else []


def _language(frame: _Frame, head: _Head, told: story.Story) -> str:
    texts = told.body or [head.headline or ""]
    return count_language(texts, frame.address.language or "en")
