"""The texts of lines, read again where two of them are compared; the last ones are held."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.dataset.words import text_of

if TYPE_CHECKING:
    from observer_crawler.dataset.lines import Lines
    from observer_crawler.dataset.words import Text

# Texts that are held for the pairs to come: 400 words each make 60 MB.
_HELD = 2_000


class Place(NamedTuple):
    """The number of a text, and a line that has it."""

    text: int
    file: int
    offset: int
    size: int
    sha256: str


class Texts:
    """Gives texts by their places."""

    def __init__(self, lines: Lines) -> None:
        self._wanted: deque[tuple[int, int, int, str]] = deque()
        self._rows = lines.each_row(iter(self._wanted.popleft, None))
        self._held: OrderedDict[int, Text] = OrderedDict()

    def get(self, place: Place) -> Text:
        """Read a text, or give the one that is held."""
        if place.text not in self._held:
            self._wanted.append(place[1:])
            row = next(self._rows)
            self._held[place.text] = text_of(row["headline"], row["body"] or ())
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(place.text)
        return self._held[place.text]
