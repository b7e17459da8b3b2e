"""The article's block: byline, pictures, paragraphs, and what is taken off them.

Given where the block stands, every piece of its text comes out once, in page order: as a
paragraph of `body` or as a piece of `removed`. Nothing here is told by a class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.dates import is_of_date_line, split_dateline
from observer_crawler.items import Dateline, Image, Removed
from observer_crawler.pages import adverts, words
from observer_crawler.pages.captions import Captions, is_credit
from observer_crawler.processors import is_initials, opens_letter, split_agency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.items import RemovedKind
    from observer_crawler.pages.base import Block, Span
    from observer_crawler.pages.outline import Line, Outline


@dataclass(slots=True)
class Story:
    """What the block says. `lost` is a text that is not whole."""

    byline: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    dateline: Dateline | None = None
    agency: str | None = None
    adverts: tuple[Span, ...] = ()
    lost: list[str] = field(default_factory=list)

    def lose_text(self) -> None:
        """Give up a text whose end is not on the page, and what was told by its last words."""
        self.lost, self.body, self.agency = self.body, [], None
        self.removed = [piece for piece in self.removed if piece.kind not in _AT_THE_END]


_AT_THE_END = frozenset({"agency", "initials"})


class Piece(NamedTuple):
    """A piece of the block with its place."""

    at: int
    kind: RemovedKind | None
    text: str


def read(page: Outline, block: Block, headline: str | None, published: str | None) -> Story:
    """Read the block; `published` is the day (YYYY-MM-DD) that dates the dateline.

    `headline`: what alt texts may repeat.
    """
    found = adverts.find(page, block)
    reader = _Reader(page, block, Captions(page, block, headline))
    holes = [*found, *block.holes]
    for line in page.lines_between(block.head, block.first, holes):
        reader.read_before_body(line)
    for line in page.lines_between(block.first, block.last, holes):
        reader.read_in_body(line)
    story = Story(reader.byline, adverts=tuple(found), images=reader.rows.images())
    pieces = _advert_pieces(page, found) + reader.captions
    pieces += _credits(story, reader.paragraphs, published)
    story.body = [piece.text for piece in reader.paragraphs]
    pieces.sort(key=attrgetter("at"))
    story.removed = [Removed(piece.kind, piece.text) for piece in pieces if piece.kind]
    return story


@dataclass
class _Reader:
    """Sorts the lines of a block into byline, captions and paragraphs."""

    page: Outline
    block: Block
    rows: Captions
    byline: list[str] = field(default_factory=list)
    captions: list[Piece] = field(default_factory=list)
    paragraphs: list[Piece] = field(default_factory=list)

    def read_in_body(self, line: Line) -> None:
        """Tell caption rows from paragraphs."""
        if self.rows.take(line):
            self.captions.append(Piece(line.first, "caption", line.text))
        else:
            self.paragraphs.append(Piece(line.first, None, line.text))

    def read_before_body(self, line: Line) -> None:
        """Tell byline, caption and stray paragraph between date and body.

        The byline stands before the picture, so what follows one is a caption. Buttons are
        none of the three, and neither is a date or count whose label nobody knows.
        """
        if words.is_control(line.text) or _is_button(self.page, line):
            return
        if self.rows.take(line) or is_credit(line.text):
            self.captions.append(Piece(line.first, "caption", line.text))
        elif len(line.text) > words.LONGEST_BYLINE:
            self.paragraphs.append(Piece(line.first, None, line.text))
        elif self._is_byline(line):
            self.byline += [] if is_of_date_line(line.text) else [line.text]
        elif self.block.bylines is None and self.rows.take_any(line):
            self.captions.append(Piece(line.first, "caption", line.text))

    def _is_byline(self, line: Line) -> bool:
        if self.block.bylines is None:
            return not self.rows.is_after_picture(line)
        return any(node in self.block.bylines for node in self.page.chain(line.first))


def _is_button(page: Outline, line: Line) -> bool:
    """Whether a line is a button, a heading, or a link to anything but an author."""
    anchor = page.link_at(line.first)
    if anchor is not None:
        address = page.addresses.get(anchor)
        if address is None or address.kind is not urls.Kind.AUTHOR:
            return True
    return any(page.tags[node] in _NO_BYLINE for node in page.chain(line.first))


_NO_BYLINE = frozenset("button label h1 h2 h3 h4 h5 h6".split())


def _advert_pieces(page: Outline, found: Sequence[Span]) -> list[Piece]:
    pieces = []
    for first, last in found:
        lines = page.lines_between(first, last)
        if lines:
            text = " ".join(line.text for line in lines)
            pieces.append(Piece(lines[0].first, "advertisement", text))
    return pieces


def _credits(story: Story, paragraphs: list[Piece], published: str | None) -> list[Piece]:
    """Take dateline, initials and agency off the paragraphs; they stay as removed pieces."""
    taken: list[Piece] = []
    if not paragraphs:
        return taken
    letter = opens_letter(paragraphs[0].text)
    if split := split_dateline(paragraphs[0].text, published):
        story.dateline = Dateline(split.text, split.places, split.date)
        taken.append(Piece(paragraphs[0].at, "dateline", split.text))
        paragraphs[:1] = [Piece(paragraphs[0].at, None, split.rest)] if split.rest else []
    ending = paragraphs[-1].text if len(paragraphs) > 1 and not letter else ""
    if is_initials(ending) and split_agency(ending) is None:
        taken.append(Piece(paragraphs.pop().at, "initials", ending))
    if paragraphs and (credit := split_agency(paragraphs[-1].text)):
        before, text, story.agency = credit
        last = paragraphs.pop()
        taken.append(Piece(last.at, "agency", text))
        paragraphs += [Piece(last.at, None, before)] if before else []
    return taken
