"""What a page is: its kind, its links by box, its article or the reason of its refusal.

Pure: bytes and an address in, values out. Nothing here knows Scrapy, the network, the disk
or the clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from observer_crawler.items import Article


class PageKind(StrEnum):
    """What a response turned out to be, told by its own signs and its address."""

    ARTICLE = "article"
    LISTING = "listing"
    DAY = "day"
    AUTHOR = "author"
    MISSING = "missing"
    CHALLENGE = "challenge"
    OTHER = "other"


class Box(StrEnum):
    """Where on its page a link stands."""

    SECTION = "section"
    LATEST = "latest"
    RELATED = "related"
    MOST_READ = "most_read"
    PREVIOUS = "previous"
    NEXT = "next"
    DAY = "day"
    PAGING = "paging"
    MENU = "menu"
    FEED = "feed"
    BODY = "body"
    OTHER = "other"


class Link(NamedTuple):
    """One link: `url` is absolute, on the newspaper's host where it is its own, as printed."""

    url: str
    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """What `read_page` gives. `refusal` is a short stable word when an article page gave none.

    `mends` says what was read right in a second way alone, which tells that the site has changed:
    `date` (by its place, or written in another form), `headline` (by the title), `pictures` (not
    from `src` of an `img`), `encoding` and `escapes` (done twice).

    `asks` are the meta elements that may say what others may do with the page (robots, tdm-...), as
    pairs of name, in small letters, and content; what they mean is not judged here.
    """

    kind: PageKind
    article: Article | None = None
    refusal: str | None = None
    links: tuple[Link, ...] = ()
    mends: tuple[str, ...] = field(default=(), compare=False)
    asks: tuple[tuple[str, str], ...] = field(default=(), compare=False)


Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Selected:
    """Where a markup puts things, by the numbers of the page's outline.

    `body` is an element, as are `bylines` (None where any line after the date may be the
    byline). `headlines`, `shoulders` and `section` are tokens [first, last): candidates in
    page order, and None where only the words tell the section. `tags`: it carries them.
    `pictures_alone`: the body element holds pictures and captions, and no text.
    """

    markup: str
    body: int
    headlines: list[Span]
    shoulders: list[Span]
    bylines: tuple[int, ...] | None = None
    section: Span | None = None
    tags: bool = True
    pictures_alone: bool = False


class Block(NamedTuple):
    """Where the block stands, in tokens.

    [head, first) may hold byline, pictures and captions; [first, last) is the body, within
    the element `node`. `holes` are ranges that are no part of either (boxes, tags). `bylines`
    are the elements that may hold the byline, or None where any line may.
    """

    head: int
    first: int
    last: int
    node: int
    holes: tuple[Span, ...] = ()
    bylines: tuple[int, ...] | None = None


def is_text(content_type: str | None) -> bool:
    """Whether an answer calls itself text, or says nothing.

    >>> is_text("text/html; charset=utf-8"), is_text(None), is_text("image/jpeg")
    (True, True, False)
    """
    kind = (content_type or "text/html").split(";")[0].strip().lower()
    return kind.startswith("text/") or kind.endswith(("xml", "html"))
