"""What an address can stand for, and one address, understood.

How each kind is written is for the newspaper's grammar to say (`urls`). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from observer_crawler.site import DATED_SPACES, LANGUAGES, SPACES

if TYPE_CHECKING:
    import datetime as dt


# The spaces of an id, and an id whole, as parts of a regular expression.
SPACE = "|".join(sorted((*DATED_SPACES, *SPACES.values())))
ID = f"({SPACE}):[1-9][0-9]*"


class Kind(StrEnum):
    """What an address stands for. The ledger keeps the first six, all else is counted."""

    ARTICLE = "article"
    FRONT = "front"
    LISTING = "listing"
    DAY = "day"
    AUTHOR = "author"
    FEED = "feed"
    SITEMAP = "sitemap"
    SEARCH = "search"
    IMAGE = "image"
    OTHER = "other"
    OFFSITE = "offsite"


KEPT = frozenset({Kind.ARTICLE, Kind.FRONT, Kind.LISTING, Kind.DAY, Kind.AUTHOR, Kind.FEED})


@dataclass(frozen=True, slots=True)
class Address:
    """One address, understood.

    `url` is the form that was given, absolute, on the newspaper's origin, without fragment.
    `name` is the same for all forms of one page (`b:370580`, `list:198:2`, `day:2022-06-16`);
    for an article it is the id. Off-site and other addresses are their own name. `page` is the
    number of a page of a list or an index, as the address writes it; 1 is the list itself.
    """

    kind: Kind
    url: str
    name: str
    language: str | None = None
    canonical: str = ""
    forms: tuple[str, ...] = ()
    section: int | None = None
    page: int = 1
    day: dt.date | None = None


def edition_of(name: str) -> str:
    """Give the edition that an article is of, by its name.

    >>> edition_of("bn:55596"), edition_of("a:41457")
    ('bn', 'en')
    """
    space = name.partition(":")[0]
    return next((edition for edition, own in SPACES.items() if own == space), LANGUAGES[0])
