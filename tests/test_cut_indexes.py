"""Indexes of days that are cut into pages: all of their pages are read, and none but these.

Nobody has seen the site do so; each way in which sites write the number of a page is tried.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from observer_crawler.ledger.tables import look
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.replica.page import Page
from tests.balance import ledger_of
from tests.test_archive import NOON, articles, asked, days_of
from tests.test_coverage import report, statuses
from tests.world import assert_books

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl


class Site(Protocol):
    """Start a server."""

    def __call__(self, way: Way, broken: dict[str, Page] | None = None) -> Server: ...


# Twelve articles a day, five on a page: three pages.
SITE: dict[str, Any] = {"articles": 120, "days": 10, "plain": True, "robots": "none", "now": NOON}
DATES = {"from_date": "2025-06-11", "until_date": "2025-06-12"}
PER_PAGE = 5
LIST = re.compile(rb'(?<=<div class="archive">).*?(?=</div>\n</main>)', re.DOTALL)
LINE = re.compile(rb"<li>.*?</li>")
NUMBER = re.compile(r"(?:/archive/[0-9-]{10}/|[?&](?:page|pg|p|start)=)([0-9]+)$")


class Way(NamedTuple):
    """How a site cuts: what it adds to the address of an index, the first number, the step."""

    added: str
    step: int = 1
    # The pages that a page links: all, the one behind it, or one behind it even where none is.
    links: str = "all"

    def number(self, page: int) -> int:
        """Give what the address of a page has for a number."""
        return page if self.step == 1 else (page - 1) * self.step

    def page(self, number: int) -> int:
        return number if self.step == 1 else number // self.step + 1


class Cut(Replica):
    """A replica that cuts its indexes; `broken` has what some pages answer."""

    def __init__(self, options: Options, way: Way, broken: dict[str, Page]) -> None:
        super().__init__(options)
        self.way = way
        self.broken = broken

    def get(self, path: str) -> Page:
        found = NUMBER.search(path)
        index = path[: path.rindex(self.way.added % found[1])] if found else path
        if path in self.broken:
            return self.broken[path]
        answer = super().get(index)
        listed = LIST.search(answer.body)
        if listed is None or not path.startswith("/archive"):
            return answer
        here = self.way.page(int(found[1])) if found else 1
        return Page(
            200, answer.headers, answer.body.replace(listed[0], self._cut(index, here, listed[0]))
        )

    def _cut(self, index: str, here: int, listed: bytes) -> bytes:
        lines = LINE.findall(listed)
        last = -(-len(lines) // PER_PAGE)
        shown = lines[PER_PAGE * (min(here, last) - 1) :][:PER_PAGE]
        linked = range(1, last + 1) if self.way.links == "all" else [here + 1]
        if self.way.links == "behind" and here >= last:
            linked = []
        pager = [f'<a href="{index}{self.way.added % self.way.number(n)}">{n}</a>' for n in linked]
        return b"<ul>" + b"\n".join(shown) + b"</ul>" + "\n".join(pager).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    """Start a server that cuts its indexes: `site(Way("?page=%s"), {path: answer})`."""
    with ExitStack() as stack:

        def start(way: Way, broken: dict[str, Page] | None = None) -> Server:
            return stack.enter_context(
                serve(Cut(Options(**SITE), way, {} if broken is None else broken))
            )

        yield start


def archive(
    crawl: RunCrawl,
    server: Server,
    now: str = NOON,
    settings: Mapping[str, object] | None = None,
    **dates: str,
) -> Crawl:
    settings = {"OBSERVER_NOW": now, **(settings or {})}
    arguments: dict[str, Any] = {"site": server.url, **DATES, **dates}
    return crawl(spider="observer_archive", settings=settings, **arguments)


WAYS = [
    Way("/%s"),
    Way("?page=%s"),
    Way("?pg=%s"),
    Way("?p=%s", links="behind"),
    Way("?start=%s", step=PER_PAGE),
    Way("?page=%s", links="endless"),
    Way("/%s", links="endless"),
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_all_pages_of_an_index_are_read_and_the_day_is_whole(
    site: Site, crawl: RunCrawl, way: Way
) -> None:
    server = site(way)
    run = archive(crawl, server)
    assert run.code == 0, run.err
    assert run.ids == sorted(articles(server, *DATES.values()))
    assert len(run.ids) == 24
    # Behind a last page that links one more stands the same page again: one request tells.
    pages = 4 if way.links == "endless" else 3
    assert len(asked(server, "day")) == 2 * pages
    assert len(set(asked(server, "day"))) == 2 * pages
    assert {row[:4] for row in days_of(run.data).values()} == {(12, 1, 1, 0)}
    assert_books(run.data, server)


FAULT = Page(500, {"Content-Type": "text/html"}, b"Internal Server Error")
GONE = Page(404, {"Content-Type": "text/html"}, b"Not Found")
TOMORROW = "2025-06-17T13:00:00+06:00"


def pages_of(data: Path) -> dict[str, str]:
    """The further pages that the ledger knows, with their states; none has a day of its own."""
    with closing(look(ledger_of(data))) as ledger:
        rows = ledger.execute(
            "SELECT name, state FROM address WHERE kind = 'day' AND day IS NULL"
        ).fetchall()
    return dict(rows)


def test_a_page_that_fails_hides_none_behind_it_and_keeps_its_day_open(
    site: Site, crawl: RunCrawl
) -> None:
    broken = {"/archive/2025-06-11?page=2": FAULT}
    server = site(Way("?page=%s"), broken)
    run = archive(crawl, server)
    assert run.code == 3
    assert len(run.ids) == 24 - PER_PAGE
    assert days_of(run.data) == {
        "2025-06-11": (7, 0, False, None, "read"),
        "2025-06-12": (12, 1, True, 0, "read"),
    }
    assert pages_of(run.data)["day:2025-06-11:2"] == "failed"
    assert statuses(report(run.data))["2025-06-11"] == "open"
    broken.clear()
    before = len(asked(server, "day"))
    run = archive(crawl, server, TOMORROW)
    assert run.code == 0, run.err
    assert len(run.ids) == 24
    assert asked(server, "day")[before:] == [
        "/archive/2025-06-11",
        "/archive/2025-06-11?page=2",
        "/archive/2025-06-11?page=3",
    ]
    assert {row[:4] for row in days_of(run.data).values()} == {(12, 1, 1, 0)}


def test_a_page_that_is_not_there_is_an_answer(site: Site, crawl: RunCrawl) -> None:
    server = site(Way("?page=%s"), {"/archive/2025-06-11?page=2": GONE})
    run = archive(crawl, server)
    assert run.code == 0, run.err
    assert days_of(run.data)["2025-06-11"] == (7, 1, True, 0, "read")


def test_pages_that_fail_one_after_the_other_are_not_walked_for_ever(
    site: Site, crawl: RunCrawl
) -> None:
    index, numbers = "/archive/2025-06-11", range(2, 8)
    broken = {f"{index}?page={n}": GONE for n in numbers}
    server = site(Way("?page=%s"), broken)
    first = server.replica.get(index)
    linked = "".join(f'<a href="{index}?page={n}">{n}</a>' for n in numbers).encode()
    broken[index] = Page(200, first.headers, first.body.replace(b"</ul>", b"</ul>" + linked))
    archive(crawl, server, until_date="2025-06-11")
    assert asked(server, "day") == [index, *(f"{index}?page={n}" for n in (2, 3, 4))]


def test_a_page_that_shows_another_day_is_none_of_this_index(site: Site, crawl: RunCrawl) -> None:
    broken: dict[str, Page] = {}
    server = site(Way("?page=%s"), broken)
    broken["/archive/2025-06-11?page=2"] = server.replica.get("/archive/2025-06-12?page=2")
    archive(crawl, server, from_date="2025-06-12")
    run = archive(crawl, server)
    expected = {day: row[0] for day, row in days_of(run.data).items()}
    assert expected == {"2025-06-11": PER_PAGE, "2025-06-12": 12}


def test_a_run_that_stopped_between_two_pages_reads_the_index_again(
    site: Site, crawl: RunCrawl
) -> None:
    server = site(Way("?page=%s"))
    run = archive(crawl, server, settings={"OBSERVER_DAILY_REQUESTS": 3})
    assert run.code == 0, run.err
    assert days_of(run.data)["2025-06-12"][1:3] == (0, False)
    run = archive(crawl, server, TOMORROW)
    assert len(run.ids) == 24
    assert {row[:4] for row in days_of(run.data).values()} == {(12, 1, 1, 0)}
    assert_books(run.data, server)
