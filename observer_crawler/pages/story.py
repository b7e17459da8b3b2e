"""The article's block: pictures and captions, adverts, paragraphs, dateline, credits.

Given where the block stands, every piece of its text comes out once, in page order: as a
paragraph of `body` or as a piece of `removed`. Nothing is told by a class here: an advert is
what advertising is made of (scripts, frames, foreign pictures, its label), a caption row is
what repeats a picture's own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.items import Dateline, Image, Removed
from observer_crawler.pages import words
from observer_crawler.processors import (
    clean,
    is_initials,
    opens_letter,
    split_agency,
    split_dateline,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.items import RemovedKind
    from observer_crawler.pages.outline import Line, Outline


class Block(NamedTuple):
    """Where the block stands, in tokens.

    [head, first) may hold byline, pictures and captions; [first, last) is the body, within
    the element `node`. `boxes` are ranges that are no part of it. `bylines` are the elements
    that may hold the byline, or None where any line may.
    """

    head: int
    first: int
    last: int
    node: int
    boxes: tuple[tuple[int, int], ...] = ()
    bylines: tuple[int, ...] | None = None


@dataclass(slots=True)
class Story:
    """What the block says."""

    byline: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    dateline: Dateline | None = None
    agency: str | None = None
    adverts: tuple[tuple[int, int], ...] = ()


class Picture(NamedTuple):
    """A picture of the story: its token, address, and what alt or title say of it."""

    at: int
    url: str
    words: str | None


class Piece(NamedTuple):
    """A piece of the block with its place."""

    at: int
    kind: RemovedKind | None
    text: str


def read(page: Outline, block: Block, headline: str | None, published: str | None) -> Story:
    """Read the block; `published` is the day (YYYY-MM-DD) that dates the dateline."""
    adverts = _adverts(page, block)
    holes = [*adverts, *block.boxes]
    rows = _Captions(page, block, headline)
    story = Story(adverts=tuple(adverts))
    pieces = _advert_pieces(page, adverts)
    for line in page.lines_between(block.head, block.first, holes):
        if rows.take(line):
            pieces.append(Piece(line.first, "caption", line.text))
        elif _is_byline(page, block, line):
            story.byline.append(line.text)
    paragraphs: list[Piece] = []
    for line in page.lines_between(block.first, block.last, adverts):
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


def _pictures(page: Outline, block: Block) -> list[Picture]:
    found = []
    for position in range(block.head, block.last):
        token = page.tokens[position]
        if token.picture and token.text:
            element = page.nodes[token.node].element
            said = clean(element.get("alt") or "") or clean(element.get("title") or "")
            found.append(Picture(position, urls.parse(token.text).url, said))
    return found


_PHOTO_CREDIT = re.compile(
    r"[\s.,;|(\[-]*(?:photos?|ছবি)\s*(?:courtesy)?\s*[:\u2014-].{0,60}", re.I
)
_ENDS_IN_CREDIT = re.compile(
    r"(?:^|.*[\s.(])(?:photos?|ছবি)\s*:\s*\S.{0,60}", re.IGNORECASE | re.DOTALL
)


class _Captions:
    """Which lines are caption rows, and whose."""

    def __init__(self, page: Outline, block: Block, headline: str | None) -> None:
        pictures = _pictures(page, block)
        self._page = page
        self._outer = {block.node, *page.ancestors(block.node)}
        self._pictures = pictures
        self._headline = headline
        self._captions = {
            picture.at: picture.words for picture in pictures if not self._repeats(picture.words)
        }

    def _repeats(self, text: str | None) -> bool:
        return text is not None and self._headline is not None and _same(text, self._headline)

    def take(self, line: Line) -> bool:
        """Whether a line is a caption row; the nearest picture before it keeps the row's text."""
        before = [picture for picture in reversed(self._pictures) if picture.at < line.first]
        if self._is_glued(line, before[::-1]):
            return True
        for picture in before:
            if self._says(picture, line):
                self._captions[picture.at] = None if self._repeats(line.text) else line.text
                return True
        return False

    def _says(self, picture: Picture, line: Line) -> bool:
        """Whether a line repeats a picture's words, shares its frame, or ends in a credit."""
        if picture.words and _starts(line.text, picture.words):
            rest = line.text[len(picture.words) :]
            return not rest.strip(" .") or _PHOTO_CREDIT.fullmatch(rest) is not None
        if self._shares_frame(picture, line):
            return True
        if picture.words is not None and not self._repeats(picture.words):
            return False
        near = line.first - picture.at <= _ROW_DISTANCE
        return self._repeats(line.text) or (near and bool(_ENDS_IN_CREDIT.fullmatch(line.text)))

    def _shares_frame(self, picture: Picture, line: Line) -> bool:
        """Whether one element below the body holds pictures and this line, and nothing else.

        A paragraph that opens with a picture is none: its text is no caption.
        """
        frame = self._page.around(picture.at, line.last)
        node = self._page.nodes[frame]
        if frame in self._outer or node.tag == "p" or len(line.text) > _LONGEST_CAPTION:
            return False
        return len(self._page.lines_between(node.first, node.last)) == 1

    def _is_glued(self, line: Line, pictures: Sequence[Picture]) -> bool:
        """Whether the line is the captions of two pictures or more, one after the other."""
        bare = "".join(line.text.split())
        used = 0
        for picture in pictures:
            said = "".join((picture.words or "").split())
            if said and bare.startswith(said):
                bare, used = bare[len(said) :], used + 1
        return used > 1 and not bare

    def images(self) -> list[Image]:
        """Give the pictures with their captions, each address once."""
        found: dict[str, Image] = {}
        for picture in self._pictures:
            caption = self._captions.get(picture.at)
            known = found.setdefault(picture.url, Image(picture.url, caption))
            known.caption = known.caption or caption
        return list(found.values())


_ROW_DISTANCE = 8
_LONGEST_CAPTION = 300


def _same(one: str, other: str) -> bool:
    return one.casefold().rstrip(" .") == other.casefold().rstrip(" .")


def _starts(text: str, start: str) -> bool:
    return text[: len(start)].casefold() == start.casefold()


def _adverts(page: Outline, block: Block) -> list[tuple[int, int]]:
    """Find the adverts of the block: the largest elements that hold nothing else."""
    found = [_widen(page, block, node) for node in _advert_signs(page, block)]
    ranges = {page.span(node) for node in found} | {
        (line.first, line.last)
        for line in page.lines_between(block.head, block.last)
        if words.is_advertisement(line.text)
    }
    return [span for span in sorted(ranges) if span[0] < span[1] and not _inside(span, ranges)]


def _inside(span: tuple[int, int], ranges: set[tuple[int, int]]) -> bool:
    return any(one != span and one[0] <= span[0] and span[1] <= one[1] for one in ranges)


def _advert_signs(page: Outline, block: Block) -> list[int]:
    """Give frames and scripts, pictures that lead off the site, and elements with a label."""
    labelled = [
        token.node
        for token in page.tokens[block.head : block.last]
        if token.text and words.is_advertisement(token.text)
    ]
    signs = [
        *(node for node in page.foreign if _is_advert(page, node)),
        *(node for node in page.anchors if _is_banner(page, node)),
        *(node for node in labelled if node != block.node and _is_advert(page, node)),
    ]
    return [node for node in signs if _in_block(page, block, node)]


def _in_block(page: Outline, block: Block, node: int) -> bool:
    return block.head <= page.nodes[node].first and page.nodes[node].last <= block.last


def _is_banner(page: Outline, anchor: int) -> bool:
    """Whether a link is a picture of somebody else's that leads off the site."""
    node = page.nodes[anchor]
    url = page.href(anchor)
    foreign = url is not None and urls.parse(url).kind in {urls.Kind.OFFSITE, urls.Kind.OTHER}
    return foreign and node.element.find(".//img") is not None and not _has_picture(page, anchor)


def _has_picture(page: Outline, node: int) -> bool:
    inside = page.tokens[page.nodes[node].first : page.nodes[node].last]
    return any(token.picture for token in inside)


def _widen(page: Outline, block: Block, node: int) -> int:
    """Climb from a sign to the largest element within the body that is advert and no more."""
    for parent in page.ancestors(node):
        if parent == block.node or not _in_block(page, block, parent):
            return node
        if not _is_advert(page, parent):
            return node
        node = parent
    return node


def _is_advert(page: Outline, node: int) -> bool:
    """Whether an element shows nothing but the label of adverts and links off the site."""
    inside = page.nodes[node]
    if _has_picture(page, node):
        return False
    return all(
        words.is_advertisement(line.text) or _is_foreign_link(page, line)
        for line in page.lines_between(inside.first, inside.last)
    )


def _is_foreign_link(page: Outline, line: Line) -> bool:
    for position in range(line.first, line.last):
        token = page.tokens[position]
        if not (token.text or "").strip():
            continue
        chain = page.chain(position)
        anchor = next((node for node in chain if page.nodes[node].tag == "a"), None)
        url = page.href(anchor) if anchor is not None else None
        if url is None or urls.parse(url).kind not in {urls.Kind.OFFSITE, urls.Kind.OTHER}:
            return False
    return True


def _advert_pieces(page: Outline, adverts: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces = []
    for first, last in adverts:
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
