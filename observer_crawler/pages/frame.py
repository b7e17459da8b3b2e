"""What stands around an article's block, all of it found by words.

Date line, breadcrumb, boxes, Previous and Next, tags: the same in every markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from observer_crawler.pages import boxes as link_boxes
from observer_crawler.pages import by_words, topics, words
from observer_crawler.pages.base import PageKind

if TYPE_CHECKING:
    from observer_crawler.pages.base import Block, Link, Span
    from observer_crawler.pages.date_line import DateLine
    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address


@dataclass
class Frame:
    """One article's page, without its article. Numbers are tokens; `body` is its first, if known."""

    page: Outline
    address: Address
    date: DateLine | None
    body: int | None = None

    @cached_property
    def crumb(self) -> words.Crumb | None:
        """The breadcrumb before the date line, else before the body."""
        end = len(self.page.texts) if self.body is None else self.body
        return words.breadcrumb(self.page, self.date.first if self.date else end)

    @cached_property
    def turnings(self) -> list[Span]:
        """Where `« Previous` and `Next »` stand; one alone and without a link is a sentence."""
        lines, known = self.page.lines, set(self._may_turn)
        return [
            (lines[number].first, lines[number].last)
            for number in self._may_turn
            if self.page.has_link(lines[number]) or known & {number - 1, number + 1}
        ]

    @cached_property
    def _may_turn(self) -> list[int]:
        may_be = self.page.opening(words.TURNING_LETTERS)
        return [number for number in may_be if words.is_turning(self.page.lines[number].text)]

    def breaks_off_after(self, first: int) -> bool:
        """Whether the page does not close, and nothing that follows a story follows a token.

        An old template may leave out its closing tags, but not Previous, the boxes or the imprint.
        """
        if self.page.closes:
            return False
        turning = (self.page.lines[number].first for number in self._may_turn)
        return max((0, *self.stops, *self.imprint, *turning)) <= first

    @cached_property
    def imprint(self) -> list[int]:
        """Where the imprint begins."""
        return words.imprint(self.page)

    @cached_property
    def boxes(self) -> list[link_boxes.BoxSpan]:
        """You Might Also Like, Latest News, Most Read News."""
        stops = [*(first for first, _ in self.turnings), *self.imprint]
        stops += [found.first for found in (self.date, self.crumb) if found]
        return link_boxes.spans(self.page, stops)

    @cached_property
    def stops(self) -> list[int]:
        """Where the block ends at the latest: Previous and Next, and each box."""
        turnings = [first for first, _ in self.turnings]
        return sorted([*turnings, *(box.first for box in self.boxes)])

    @cached_property
    def start(self) -> int:
        """Where the block begins at the earliest: after the date line, else the breadcrumb."""
        return self.date.last if self.date else self.crumb.last if self.crumb else 0

    @cached_property
    def topics(self) -> topics.Topics | None:
        """The tags."""
        return topics.find(self.page, self.start, self.stops)

    @cached_property
    def around(self) -> by_words.Around:
        """What a reading by words must know; `own`: You Might Also Like lists this page too."""
        after = (stop for stop in self.stops if stop > self.start)
        stop = min(after, default=len(self.page.texts))
        last = self.topics.first if self.topics and self.topics.first < stop else stop
        links = self.page.addresses.items()
        name = self.address.name
        own = [self.page.link_text(node) for node, link in links if link.name == name]
        return by_words.Around(self.date, self.crumb, last, stop, frozenset(filter(None, own)))

    def links(
        self, block: Block | None = None, adverts: tuple[Span, ...] = ()
    ) -> tuple[Link, ...]:
        """Give the page's links, each with its box."""
        body, holes = ((block.first, block.last), block.holes) if block else ((0, 0), ())
        place = link_boxes.Place(PageKind.ARTICLE, self.address, body, adverts, holes)
        return link_boxes.assign(self.page, place, self.boxes)

    def holes_in(self, first: int, last: int) -> list[Span]:
        """Give what is no text of a block: boxes, tags, Previous and Next, the date line.

        A box within the body ends with its links: text after them is the story's again.
        """
        holes = [
            self._links_of(box) if first <= box.first < last else (box.first, box.last)
            for box in self.boxes
        ]
        holes += self.turnings
        holes += [(found.first, found.last) for found in (self.topics, self.date) if found]
        return holes

    def _links_of(self, box: link_boxes.BoxSpan) -> Span:
        end = box.first
        for number, line in enumerate(self.page.lines_between(box.first, box.last)):
            if number and not self.page.has_link(line):
                break
            end = line.last
        return box.first, end
