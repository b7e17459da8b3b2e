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
from tests.nights import alarms, runs
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
LIST = re.compile(rb'(?<=<div class="archive">).*?(?=</div>\n</main>)', re.DOTALL)
LINE = re.compile(rb"<li>.*?</li>")
NUMBER = re.compile(r"(?:/archive/[0-9-]{10}/|[?&](?:page|pg|p|start)=)([0-9]+)$")


class Way(NamedTuple):
    """How a site cuts: what it adds to the address of an index, the first number, the step."""

    added: str
    step: int = 1
    # What a page links: all pages, the one behind it, one behind it even where there is none, or
    # nothing, for a script fetches what is behind it.
    links: str = "all"
    per_page: int = 5

    def number(self, page: int) -> int:
        """Give what the address of a page has for a number."""
        return page if self.step == 1 else (page - 1) * self.step

    def page(self, number: int) -> int:
        return number if self.step == 1 else number // self.step + 1


class Cut(Replica):
    """A replica that cuts its indexes in a way, where it has one; `broken`: what some pages answer."""

    def __init__(self, options: Options, way: Way | None, broken: dict[str, Page]) -> None:
        super().__init__(options)
        self.way = way
        self.broken = broken

    def get(self, path: str) -> Page:
        found = NUMBER.search(path)
        index = path[: path.rindex(self.way.added % found[1])] if found and self.way else path
        if path in self.broken:
            return self.broken[path]
        answer = super().get(index)
        listed = LIST.search(answer.body)
        if listed is None or self.way is None or not path.startswith("/archive"):
            return answer
        here = self.way.page(int(found[1])) if found else 1
        cut = self._cut(self.way, index, here, listed[0])
        return Page(200, answer.headers, answer.body.replace(listed[0], cut))

    @staticmethod
    def _cut(way: Way, index: str, here: int, listed: bytes) -> bytes:
        lines = LINE.findall(listed)
        last = -(-len(lines) // way.per_page)
        shown = lines[way.per_page * (min(here, last) - 1) :][: way.per_page]
        behind = [here + 1]
        linked = {"all": range(1, last + 1), "behind": behind[: here < last], "endless": behind}
        numbers = linked.get(way.links, ())
        pager = [f'<a href="{index}{way.added % way.number(n)}">{n}</a>' for n in numbers]
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
    dates: Mapping[str, str] | None = None,
) -> Crawl:
    settings = {"OBSERVER_NOW": now, **(settings or {})}
    arguments: dict[str, Any] = {"site": server.url, **DATES, **(dates or {})}
    return crawl(spider="observer_archive", settings=settings, **arguments)


WAYS = [
    Way("/%s"),
    Way("?page=%s"),
    Way("?pg=%s"),
    Way("?p=%s", links="behind"),
    Way("?start=%s", step=5),
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
# Days whose indexes can still change, so that the next night asks for them again.
OPEN = {"from_date": "2025-06-14", "until_date": "2025-06-16"}
LATER = "2025-06-16T21:30:00+06:00"


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
    assert len(run.ids) == 19
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
    archive(crawl, server, dates={"until_date": "2025-06-11"})
    assert asked(server, "day") == [index, *(f"{index}?page={n}" for n in (2, 3, 4))]


def test_an_index_that_does_not_end_is_left_after_a_hundred_pages(crawl: RunCrawl) -> None:
    """Each of its pages has an article of its own."""
    way, many = Way("?page=%s", links="behind", per_page=1), {"articles": 110, "days": 1}
    with serve(Cut(Options(**SITE | many), way, {})) as server:
        day = server.now.date().isoformat()
        dates = {"from_date": day, "until_date": day, "index_only": "1"}
        run = archive(crawl, server, LATER, dates=dates)
    assert run.code == 0, run.err
    assert len(asked(server, "day")) == 100
    assert days_of(run.data)[day][0] == 100


def test_a_page_that_shows_another_day_is_none_of_this_index(site: Site, crawl: RunCrawl) -> None:
    broken: dict[str, Page] = {}
    server = site(Way("?page=%s"), broken)
    broken["/archive/2025-06-11?page=2"] = server.replica.get("/archive/2025-06-12?page=2")
    archive(crawl, server, dates={"from_date": "2025-06-12"})
    run = archive(crawl, server)
    expected = {day: row[0] for day, row in days_of(run.data).items()}
    assert expected == {"2025-06-11": 5, "2025-06-12": 12}


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


def next_night(
    crawl: RunCrawl, way: Way | None, broken: dict[str, Page] | None = None
) -> tuple[Crawl, list[str]]:
    """Crawl three whole days, and some hours later once more; gives the figures that alarm then."""
    model = Cut(Options(**SITE), None, {})
    with serve(model) as server:
        run = archive(crawl, server, dates=OPEN)
        assert (run.code, len(run.ids)) == (0, 36), run.err
        model.way, model.broken = way, broken or {}
        run = archive(crawl, server, LATER, dates=OPEN)
    assert runs(run.data)[-1]["shares"]["index/pages"][1] == 3
    return run, [alarm["figure"] for alarm in alarms(run.data)]


def test_an_index_that_lists_a_part_of_what_it_did_alarms_at_once(crawl: RunCrawl) -> None:
    """Though nothing leads to the others, and no run before it is there to compare with."""
    run, found = next_night(crawl, Way("?page=%s", links="nothing"))
    assert (run.code, found) == (4, ["index/shrunk"])
    assert (
        "articles that their day's index listed before and lists no more: 58.3% of 36" in run.err
    )
    assert runs(run.data)[-1]["shares"]["index/shrunk"] == [21, 36]


@pytest.mark.parametrize("way", [None, Way("?page=%s"), Way("/%s", links="behind")], ids=str)
def test_an_index_that_is_whole_or_whose_pages_were_read_has_lost_nothing(
    crawl: RunCrawl, way: Way | None
) -> None:
    run, found = next_night(crawl, way)
    assert (run.code, found) == (0, [])
    shares = runs(run.data)[-1]["shares"]
    assert shares["index/shrunk"] == [0, 36]
    assert shares["index/pages"] == [0 if way is None else 3, 3]
    assert runs(run.data)[-1]["days"] == dict.fromkeys(
        ("2025-06-14", "2025-06-15", "2025-06-16"), 12
    )


def test_of_an_index_with_a_page_yet_to_be_read_nobody_can_say(crawl: RunCrawl) -> None:
    broken = {f"/archive/2025-06-{day}?page=2": FAULT for day in (14, 15, 16)}
    run, found = next_night(crawl, Way("?page=%s", links="behind"), broken)
    assert run.code == 3
    assert found == ["answers/error"], "nine of the answers"
    assert runs(run.data)[-1]["shares"]["index/shrunk"] == [0, 0]
