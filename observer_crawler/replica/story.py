r"""What one article is made of, before any markup: the pieces of its page in page order.

Texts here are raw: they may hold a stray cp1252 byte (as a lone surrogate, `\udc96`), runs of
spaces, no-break spaces. `facts` says what a careful reader makes of them.
"""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph.

    `kind`: text, strong, em, link (to row `target`, or to a missing number when None), email,
    advert (its text may be empty), dateline, credit (an agency behind its spaces).
    """

    kind: str
    text: str
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; `bare` ones lie straight in the body's box, with `breaks` times <br> behind.

    `role`: text, subhead, agency or initials (a line of its own that is no text).
    """

    runs: tuple[Run, ...]
    role: str = "text"
    bare: bool = False
    breaks: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the story: its address on the site, its alt and title."""

    path: str
    alt: str
    title: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture, or two side by side, with the row beneath (empty: no row)."""

    pictures: tuple[Picture, ...]
    row: str


@dataclass(frozen=True, slots=True)
class Advert:
    """An advertisement between two paragraphs; most say nothing."""

    text: str


Piece = Para | Figure | Advert


@dataclass(frozen=True, slots=True)
class Byline:
    """One line of the byline; `writer` when the name links to an author page."""

    text: str
    writer: int | None


@dataclass(frozen=True, slots=True)
class Story:
    """An article's page, whatever its markup. `moment` None: the page prints no time."""

    k: int
    headline: str | None
    shoulder_above: str | None
    shoulder_below: str | None
    section: str
    day: date
    moment: time | None
    views: int | None
    bylines: tuple[Byline, ...]
    og_image: str
    summary: str
    pieces: tuple[Piece, ...]
    tags: tuple[str, ...]
    tags_as_links: bool
    related: tuple[int | None, ...]
    oddities: tuple[str, ...]


HOLLOW = Story(
    k=-1,
    headline=None,
    shoulder_above=None,
    shoulder_below=None,
    section="",
    day=date(1970, 1, 1),
    moment=None,
    views=None,
    bylines=(),
    og_image="",
    summary="",
    pieces=(),
    tags=(),
    tags_as_links=False,
    related=(),
    oddities=(),
)
"""An article's template with nothing in it."""
