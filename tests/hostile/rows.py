"""What a row says: how the site answers, what must come of it, and the words of the README.

A Fault is one line of the README's table. Its cases are the ways in which it meets a crawl: at one
article, at every address from the start, or at everything from the middle of the crawl on. Rows
are data: `tests/hostile/test_rows.py` runs them all in one way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.replica import Page

if TYPE_CHECKING:
    from tests.hostile.site import Site

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Where(StrEnum):
    """At which addresses a fault stands."""

    ARTICLE = "one article"
    START = "everything, from the start"
    MIDDLE = "everything, from that article on"


class Asked(NamedTuple):
    """One request. `visit` counts those of the same page before it, in whatever form."""

    path: str
    visit: int
    site: Site

    @property
    def body(self) -> bytes:
        """What the replica shows there."""
        return self.site.render(self.path).body

    def cut(self, share: float, *, of: float) -> bytes:
        """Give an answer that holds a share of the page and announces another one."""
        length = int(len(self.body) * of)
        return b"".join((HEAD, b"Content-Length: %d\r\n\r\n" % length, self.part(share)))

    def part(self, share: float) -> bytes:
        return self.body[: int(len(self.body) * share)]


# None: the answer that the replica gives.
Answer = Callable[[Asked], Page | None]


@dataclass(frozen=True)
class Case:
    """One row: a fault at a place, and what must come of it.

    `state` and `reason` are the ledger's, of the article (of the front page where the fault
    stands from the start). `requests` are those that the site saw for it (all of them where the
    fault stands from the start); a range where time decides. `words` stand in what the user
    sees; `{name}` is the article, `{host}` the site's host and port.
    """

    answer: Answer
    state: str
    reason: str
    requests: int | range
    code: int
    words: str
    where: Where = Where.ARTICLE
    also: str = ""  # what tells two cases of a fault at one place apart
    heals: bool = True  # whether the next crawl of a sound site stores what is lacking
    settings: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    spider: str = "observer"
    peak_megabytes: int = 40  # of memory above what a crawl of a sound site takes
    world: str = "http"  # the kind of site, a name of worlds.py

    @property
    def name(self) -> str:
        """Its place, and what tells it from others there."""
        return f"{self.where}: {self.also}" if self.also else str(self.where)


@dataclass(frozen=True)
class Fault:
    """A line of the README, and the rows that hold it."""

    name: str
    seen: str
    stored: str
    todo: str
    cases: tuple[Case, ...]


def always(page: Page | None) -> Answer:
    return lambda _: page


def html(body: str | bytes, status: int = 200, **headers: str) -> Page:
    """Give a page; underscores in names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    return Page(status, {**HTML, **named}, content)
