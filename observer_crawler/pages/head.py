"""Headline and shoulder: what stands between the breadcrumb and the date line."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.pages import by_words, words
from observer_crawler.processors import clean
from observer_crawler.site import NAME

if TYPE_CHECKING:
    from observer_crawler.pages.base import Selected, Span
    from observer_crawler.pages.frame import Frame


class Head:
    """The headline, None for a bare photo story, where it stands, and the shoulders.

    `is_found_otherwise`: not in an element of a headline.
    """

    def __init__(self, frame: Frame, selected: Selected) -> None:
        page = frame.page
        self._frame = frame
        self._first = frame.crumb.last if frame.crumb else 0
        self._last = page.firsts[selected.body]
        if frame.date and frame.date.last <= self._last:
            self._last = frame.date.first
        self.span = self._headline(selected)
        is_there = self.span is not None
        self.span = self.span or self._titled()
        self.headline = clean(page.text_between(*self.span)) if self.span else self._told_twice()
        self.is_found_otherwise = self.headline is not None and not is_there
        self.shoulders = [page.text_between(*span) for span in self._shoulders(selected)]

    def _headline(self, selected: Selected) -> Span | None:
        """Give the last candidate before the date, else the first one after it."""
        last = self._frame.page.lasts[selected.body]
        spans = selected.headlines
        before = (span for span in reversed(spans) if self._holds(span))
        after = (span for span in spans if self._last <= span[0] < last)
        return next(filter(self._is_said, chain(before, after)), None)

    def _titled(self) -> Span | None:
        """Give the line before the date that the page's title or a link to it repeats.

        Where no element of a headline has one, its template may have got another.
        """
        page = self._frame.page
        lines = by_words.head_lines(page, self._frame.crumb, self._last)
        found = by_words.named(page, lines or [], self._frame.around.own)
        return (found[0].first, found[0].last) if len(found) == 1 else None

    def _told_twice(self) -> str | None:
        """Give what both the head of the page and a link to this very page call the story."""
        title = clean(self._frame.page.meta("og:title") or "")
        return title if title in self._frame.around.own else None

    @cached_property
    def named(self) -> str | None:
        """What alt texts repeat: the headline, else the title without the newspaper's name."""
        if self.headline is not None:
            return self.headline
        titles = (self._frame.page.meta("og:title"), self._frame.page.title)
        said = (clean(_NAME_AT_END.sub("", title or "")) for title in titles)
        return next(filter(None, said), None)

    def _is_said(self, span: Span) -> bool:
        """Whether an element has words of a story: the newspaper's name in an h1 is its logo."""
        page = self._frame.page
        text = clean(page.text_between(*span))
        if text is None or _is_name(text):
            return False
        anchors = {page.link_at(at) for at in range(*span)}
        behind = [page.addresses.get(anchor) for anchor in anchors if anchor is not None]
        return not any(address and address.kind is urls.Kind.FRONT for address in behind)

    def _holds(self, span: Span) -> bool:
        return self._first <= span[0] and span[1] <= self._last

    def _shoulders(self, selected: Selected) -> list[Span]:
        boxes = [(box.first, box.last) for box in self._frame.boxes]
        marked = [
            span
            for span in selected.shoulders
            if self._holds(span) and not any(first <= span[0] < last for first, last in boxes)
        ]
        is_lost = self.headline is None and self.named is not None
        if marked or is_lost or not (self._frame.crumb and self._frame.date):
            return marked
        lines = self._frame.page.lines_between(self._first, self._last, boxes)
        return [
            (line.first, line.last) for line in lines if self._is_shoulder(line.first, line.text)
        ]

    def _is_shoulder(self, first: int, text: str) -> bool:
        in_headline = self.span is not None and self.span[0] <= first < self.span[1]
        noise = words.is_control(text) or words.is_advertisement(text) or _is_name(text)
        is_heading = words.heading_box(text) is not None
        return not (in_headline or noise or is_heading) and self._frame.page.link_at(first) is None


def _is_name(text: str) -> bool:
    return text.casefold() in {NAME.casefold(), NAME.casefold().removeprefix("the ")}


# `Four dredgers ordered | Observer`: the name in short, or in full.
_NAME_AT_END = re.compile(
    r"(?:^|\s*[|:\u00bb\u2013\u2014-]+)\s*"
    + "".join(rf"(?:{word}\s+)?" for word in NAME.split()[:-1])
    + rf"{NAME.split()[-1]}\s*$",
    re.IGNORECASE,
)
