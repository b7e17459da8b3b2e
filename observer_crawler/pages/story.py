"""The article's block: byline, pictures, paragraphs, and what is taken off them.

Given where the block stands, every piece of its text comes out once, in page order: as a
paragraph of `body` or as a piece of `removed`. Nothing here is told by a class.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.items import Dateline, Image, Removed
from observer_crawler.pages import adverts
from observer_crawler.pages.captions import Captions
from observer_crawler.processors import is_initials, opens_letter, split_agency, split_dateline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.items import RemovedKind
    from observer_crawler.pages.base import Block, Span
    from observer_crawler.pages.outline import Line, Outline


@dataclass(slots=True)
class Story:
    """What the block says."""

    byline: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    dateline: Dateline | None = None
    agency: str | None = None
    adverts: tuple[Span, ...] = ()


class Piece(NamedTuple):
    """A piece of the block with its place."""

    at: int
    kind: RemovedKind | None
    text: str


def read(page: Outline, block: Block, headline: str | None, published: str | None) -> Story:
    """Read the block; `published` is the day (YYYY-MM-DD) that dates the dateline."""
    found = adverts.find(page, block)
    rows = Captions(page, block, headline)
    story = Story(adverts=tuple(found))
    pieces = _advert_pieces(page, found)
    for line in page.lines_between(block.head, block.first, [*found, *block.boxes]):
        if rows.take(line):
            pieces.append(Piece(line.first, "caption", line.text))
        elif _is_byline(page, block, line):
            story.byline.append(line.text)
    paragraphs: list[Piece] = []
    for line in page.lines_between(block.first, block.last, found):
        kept = pieces if (caption := rows.take(line)) else paragraphs
        kept.append(Piece(line.first, "caption" if caption else None, line.text))
    story.images = rows.images()
    pieces += _credits(story, paragraphs, published)
    story.body = [piece.text for piece in paragraphs]
    pieces.sort(key=attrgetter("at"))
    story.removed = [Removed(piece.kind, piece.text) for piece in pieces if piece.kind]
    return story


# The line after the date is the byline; controls such as Print and Share are links.
_LONGEST_BYLINE = 120


def _is_byline(page: Outline, block: Block, line: Line) -> bool:
    if len(line.text) > _LONGEST_BYLINE or not re.search(r"[^\W\d_]", line.text):
        return False
    chain = page.chain(line.first)
    if block.bylines is not None:
        return any(node in block.bylines for node in chain)
    for node in chain:
        if page.nodes[node].tag == "a":
            url = page.href(node)
            return url is not None and urls.parse(url).kind is urls.Kind.AUTHOR
    return not any(page.nodes[node].tag in {"button", "label"} for node in chain)


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
