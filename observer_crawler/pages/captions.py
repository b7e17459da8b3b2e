"""The pictures of a story and their caption rows.

A row is told by what it repeats (the picture's alt or title text, the headline), by the frame
it shares with its picture, or by the credit it ends in.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.items import Image
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.pages.base import Block
    from observer_crawler.pages.outline import Line, Outline


class Picture(NamedTuple):
    """A picture of the story: its token, address, and what alt or title say of it."""

    at: int
    url: str
    words: str | None


def _pictures(page: Outline, block: Block) -> list[Picture]:
    found = []
    for at in page.pictures_between(block.head, block.last):
        element = page.elements[page.holders[at]]
        said = clean(element.get("alt") or "") or clean(element.get("title") or "")
        found.append(Picture(at, page.pictures[at], said))
    return found


_PHOTO_CREDIT = re.compile(
    r"[\s.,;|(\[-]*(?:photos?|ছবি)\s*(?:courtesy)?\s*[:\u2014-].{0,60}", re.IGNORECASE
)
_ENDS_IN_CREDIT = re.compile(
    r"(?:^|.*[\s.(])(?:photos?|ছবি)\s*:\s*\S.{0,60}", re.IGNORECASE | re.DOTALL
)


class Captions:
    """Which lines are caption rows, and whose. Lines are offered in page order."""

    def __init__(self, page: Outline, block: Block, headline: str | None) -> None:
        self._page = page
        self._outer = {block.node, *page.ancestors(block.node)}
        self._pictures = pictures = _pictures(page, block)
        self._places = [picture.at for picture in pictures]
        self._headline = headline
        self._text_at = -1
        self._captions = {
            picture.at: picture.words for picture in pictures if not self._repeats(picture.words)
        }

    def _repeats(self, text: str | None) -> bool:
        return text is not None and self._headline is not None and _same(text, self._headline)

    def take(self, line: Line) -> bool:
        """Whether a line is a caption row; the closest of its pictures keeps the row's text.

        A row stands after its picture with no other text between, or in one frame with it. (A
        line before a picture that says the same as its alt text is the byline over the
        writer's portrait; one far below is a sub-heading.)
        """
        if not self._pictures:
            return False
        near = self._near(line)
        if self._is_glued(line, near):
            return True
        for picture in sorted(near, key=lambda picture: self._distance(picture, line)):
            if self._says(picture, line):
                return self._keep(picture, line)
        self._text_at = line.first
        return False

    def take_any(self, line: Line) -> bool:
        """Take a line that can be nothing but a caption, when a picture stands before it."""
        if not self.is_after_picture(line):
            return False
        before = self._pictures[bisect_left(self._places, line.first) - 1]
        return self._keep(before, line)

    def is_after_picture(self, line: Line) -> bool:
        """Whether a picture of the block stands before a line."""
        return bool(self._places) and self._places[0] < line.first

    def _keep(self, picture: Picture, line: Line) -> bool:
        self._captions[picture.at] = None if self._repeats(line.text) else line.text
        return True

    def _near(self, line: Line) -> list[Picture]:
        """Give the pictures that a line can belong to, in page order."""
        place = bisect_left(self._places, line.first)
        before = self._pictures[max(0, place - _NEAR) : place]
        after = self._pictures[place : place + 2]
        return [
            *(picture for picture in before if picture.at > self._text_at),
            *(picture for picture in after if self._shares_frame(picture, line)),
        ]

    def _says(self, picture: Picture, line: Line) -> bool:
        """Whether a line repeats a picture's words, shares its frame, or ends in a credit."""
        if picture.words and _starts(line.text, picture.words):
            rest = line.text[len(picture.words) :]
            return not rest.strip(" .") or _PHOTO_CREDIT.fullmatch(rest) is not None
        if picture.words is not None and not self._repeats(picture.words):
            return False
        in_frame = self._shares_frame(picture, line) and not _is_prose(line.text)
        if in_frame or self._repeats(line.text):
            return True
        return bool(_ENDS_IN_CREDIT.fullmatch(line.text))

    def _frame(self, picture: Picture, line: Line) -> int:
        first, last = sorted([picture.at, line.last - 1])
        return self._page.around(first, last + 1)

    def _distance(self, picture: Picture, line: Line) -> tuple[int, int]:
        """Say how close a row is to a picture: in how large an element both stand, how far off."""
        first, last = self._page.span(self._frame(picture, line))
        return last - first, abs(line.first - picture.at)

    def _shares_frame(self, picture: Picture, line: Line) -> bool:
        """Whether one element below the body holds pictures and this line, and nothing else.

        A paragraph that opens with a picture is none: its text is no caption.
        """
        frame = self._frame(picture, line)
        first, last = self._page.span(frame)
        is_paragraph = self._page.tags[frame] == "p"
        if frame in self._outer or is_paragraph or last - first > _LARGEST_FRAME:
            return False
        return len(self._page.lines_between(first, last)) == 1

    def _is_glued(self, line: Line, pictures: Sequence[Picture]) -> bool:
        """Whether the line is the captions of two pictures or more, one after the other."""
        if len(pictures) < _GLUED:
            return False
        bare = "".join(line.text.split())
        used = 0
        for picture in pictures:
            said = "".join((picture.words or "").split())
            if said and bare.startswith(said):
                bare, used = bare[len(said) :], used + 1
        return used >= _GLUED and not bare

    def images(self) -> list[Image]:
        """Give the pictures with their captions, each address once."""
        found: dict[str, Image] = {}
        for picture in self._pictures:
            caption = self._captions.get(picture.at)
            known = found.setdefault(picture.url, Image(picture.url, caption))
            known.caption = known.caption or caption
        return list(found.values())


_NEAR = 8
_GLUED = 2
_LARGEST_FRAME = 200  # tokens
_LONGEST_CAPTION = 300
_SENTENCE_END = re.compile(r"[.?!।][\"”’)]*\s+(?=\S)")


def _is_prose(text: str) -> bool:
    """Whether a text is no caption: long, or of two sentences (the credit is none)."""
    without_credit = _CREDIT_AT_END.sub("", text)
    return len(text) > _LONGEST_CAPTION or bool(_SENTENCE_END.search(without_credit))


_CREDIT_AT_END = re.compile(r"(?:photos?|ছবি)\s*:.{0,60}$", re.IGNORECASE)


def is_credit(text: str) -> bool:
    """Whether a line is a picture's credit and no more.

    >>> is_credit("Photo: Rahim Uddin"), is_credit("Photo story of the year")
    (True, False)
    """
    return _PHOTO_CREDIT.fullmatch(text) is not None


def _same(one: str, other: str) -> bool:
    return one.casefold().rstrip(" .") == other.casefold().rstrip(" .")


def _starts(text: str, start: str) -> bool:
    return text[: len(start)].casefold() == start.casefold()
