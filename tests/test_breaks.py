"""What once broke a crawl: segments edited by hand, scopes that meet, clocks and hours."""

from __future__ import annotations

from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.books import Books
from observer_crawler.clock import Clock
from observer_crawler.items import Article
from observer_crawler.ledger import Outcome, Patience, Scope, State
from observer_crawler.replica.page import Page
from observer_crawler.spiders.lists import Lists
from observer_crawler.store import Segments
from tests.balance import assert_balance
from tests.captures import no_captures
from tests.ledgers import link, now, opened
from tests.test_lists import RUN_1, RUN_2, know, page, walked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

NOON = "2025-06-16T12:00:00+06:00"
SITE: dict[str, Any] = {"articles": 24, "days": 6, "plain": True, "robots": "none", "now": NOON}
TODAY = {"OBSERVER_NOW": NOON}
IN_TWO_DAYS = {"OBSERVER_NOW": "2025-06-18T12:00:00+06:00"}
OOPS = Page(500, {"Content-Type": "text/html"}, b"oops")
SEGMENT = "articles/2022/2022-06.0.jsonl"


def open_books(data: Path) -> Books:
    books = Books(
        Segments(data, "https://x"), no_captures(data), Clock(), Patience(3, 10, 100), (1,)
    )
    books.open()
    return books


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A folder with three stored articles, b:1 to b:3, closed in good order."""
    books = open_books(tmp_path)
    books.ledger.begin(Scope("observer", "one"), 0)
    for number in (1, 2, 3):
        name = f"b:{number}"
        now(books.ledger.enter([link(name)], 0))
        (lease,) = now(books.ledger.lease(1, 0))
        books.keep(an_article(number))
        now(books.ledger.settle(lease, Outcome(State.STORED, line=books.kept(name)), 0))
    books.ledger.end(0, "", 1)
    books.close()
    return tmp_path


def an_article(number: int) -> Article:
    moment = f"2022-06-16T10:00:0{number}+00:00"
    url = f"https://www.observerbd.com/news/{number}"
    article = Article(id=f"b:{number}", url=url, headline="x" * number, body=[])
    article.published_date, article.fetched_at = "2022-06-16", moment
    article.content_sha256, article.revision = str(number), 1
    return article


def reopened(data: Path) -> dict[str, State]:
    """The states of the three after the next start of a run."""
    books = open_books(data)
    try:
        known = books.ledger.known(["b:1", "b:2", "b:3"])
        return {name: each.state for name, each in known.items()}
    finally:
        books.close()


STORED = {"b:1": State.STORED, "b:2": State.STORED, "b:3": State.STORED}


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_line_taken_out_of_a_segment_by_hand_is_missed(three: Path, gone: int) -> None:
    lines = (three / SEGMENT).read_bytes().splitlines(keepends=True)
    del lines[gone]
    (three / SEGMENT).write_bytes(b"".join(lines))
    assert reopened(three) == {**STORED, f"b:{gone + 1}": State.WAITING}


def _renamed(segment: Path) -> None:
    segment.rename(segment.with_name("2022-06.1.jsonl"))


def _in_two(segment: Path) -> None:
    first, *others = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(others))
    segment.with_name("2022-06.1.jsonl").write_bytes(first)


def _with_carriage_returns(segment: Path) -> None:
    segment.write_bytes(segment.read_bytes().replace(b"\n", b"\r\n"))


def _with_a_blank_line(segment: Path) -> None:
    segment.write_bytes(segment.read_bytes().replace(b"\n", b"\n\n", 1))


@pytest.mark.parametrize("edit", [_renamed, _in_two, _with_carriage_returns, _with_a_blank_line])
def test_lines_that_a_person_moved_are_found_where_they_stand_and_nothing_is_asked_again(
    three: Path, edit: Callable[[Path], None]
) -> None:
    edit(three / SEGMENT)
    assert reopened(three) == STORED
    for each in three.glob("articles/*/*.jsonl"):  # the judge knows no empty line
        each.write_bytes(each.read_bytes().replace(b"\n\n", b"\n"))
    assert reopened(three) == STORED
    assert_balance(three)


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "b:9", "url": ["x"]}',
        '{"id": "b:9", "related": ["b:", 5], "previous": 7, "next": {"b": 1}}',
        '{"id": "b:9", "published_date": "June"}',
        '{"id": "b:9", "headline": {"a": 1}}',
        '{"id": "b:9", "headline": "\\ud800"}',
        '{"id": "b:9", "revision": 1e400, "extractor": 9999999999999999999999}',
        '{"id": "a:9"}',
        '{"id": "b:99999999999999999999999"}',
        "",
    ],
)
def test_no_line_written_by_hand_keeps_a_run_from_starting(three: Path, line: str) -> None:
    with (three / SEGMENT).open("a", encoding="utf-8") as segment:
        segment.write(f"{line}\n")
    assert reopened(three) == STORED


def test_an_article_whose_line_says_no_address_is_visited_at_the_one_of_its_number(
    three: Path,
) -> None:
    with (three / SEGMENT).open("a", encoding="utf-8") as segment:
        segment.write('{"id": "b:9"}\n')
    books = open_books(three)
    assert books.ledger.known(["b:9"])["b:9"].url == "https://www.observerbd.com/news/9"
    books.close()


def test_an_index_that_failed_for_one_range_is_asked_by_another_when_its_time_has_come(
    replica: Serve, crawl: RunCrawl
) -> None:
    mended = False
    faults = dict.fromkeys(
        ("/archive/2025-06-12", "/archive.php", "/2025/06/12/"),
        lambda _: None if mended else OOPS,
    )
    server = replica(faults, **SITE)
    archive: dict[str, Any] = {"spider": "observer_archive", "site": server.url}
    settings = {**TODAY, "OBSERVER_RETRY_ATTEMPTS": 2}
    first = crawl(**archive, from_date="2025-06-12", until_date="2025-06-12", settings=settings)
    assert first.code == 3
    mended = True
    second = crawl(
        **archive, from_date="2025-06-12", until_date="2025-06-13", settings=IN_TWO_DAYS
    )
    assert "2025-06-12" in {article["published_date"] for article in second.articles}


def test_numbers_that_failed_for_somebody_else_are_due_later_and_not_forgotten(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica({"/news/1000": lambda _: OOPS}, **SITE)
    archive: dict[str, Any] = {"spider": "observer_archive", "site": server.url}
    crawl(**archive, ids="1000", settings={"OBSERVER_RETRY_ATTEMPTS": 1})
    run = crawl(**archive, ids="1000,1000-1000")
    assert run.err.splitlines()[-1].startswith("Done; 1 address is due later")


def test_a_run_with_nothing_left_does_not_wait_for_the_hours_to_begin_again(
    replica: Serve, crawl: RunCrawl
) -> None:
    settings = {"OBSERVER_NOW": "2025-06-16T20:59:58+06:00", "OBSERVER_HOURS": "20-21"}
    number = next(fact["id"][2:] for fact in replica(**SITE).replica.facts() if fact["article"])
    # A slow page: the hours are over when it comes.
    server = replica({f"/news/{number}": lambda _: sleep(2.5)}, **SITE)
    run = crawl(spider="observer_archive", site=server.url, ids=number, settings=settings)
    assert (run.code, run.err.splitlines()[-1]) == (0, "Done.")


def test_articles_that_did_not_change_are_no_closed_door(replica: Serve, crawl: RunCrawl) -> None:
    """What an earlier run was denied stands in the ledger; this one had its answer."""
    server = replica(**SITE, validators="etag")
    number = next(fact["id"][2:] for fact in server.replica.facts() if fact["article"])
    archive: dict[str, Any] = {"spider": "observer_archive", "site": server.url}
    data = crawl(**archive, ids=number).data
    (data / "exclude.txt").write_text("b:999 2026-01-01 asked for\n")
    crawl(**archive, ids="999")
    run = crawl(**archive, ids=number, revisit="all")
    assert run.stat("articles/unchanged") == 1
    assert (run.code, run.err.splitlines()[-1]) == (0, "Done.")


def test_a_list_is_left_at_the_first_day_when_its_articles_answer_in_another_form(
    replica: Serve, crawl: RunCrawl
) -> None:
    """An answer that only says where the article is tells no day, and must not free the list."""
    site = SITE | {"articles": 1000, "days": 50, "markup": "2016"}
    ids = [fact["id"][2:] for fact in replica(**site).replica.facts() if fact["article"]]
    moved = {
        f"/news.php?id={number}": partial(_moved_to, f"/details.php?id={number}") for number in ids
    }
    server = replica(moved, **site)
    run = crawl(site=server.url, follow="lists", from_date="2025-06-15", settings=TODAY)
    lists = [access.path for access in server.log if "198" in access.path]
    assert len([path for path in lists if "cat.php" in path]) == 1
    assert run.code == 0


def _moved_to(path: str, _: int) -> Page:
    return Page(301, {"Location": path}, b"")


def test_a_list_whose_first_page_is_known_from_elsewhere_is_walked_to_what_its_last_walk_met(
    tmp_path: Path,
) -> None:
    """Numbers asked for by name, or another scope that was stopped, know the top of a list."""
    ledger = opened(tmp_path / "ledger.sqlite", at=RUN_1)
    know(ledger, "old", at=RUN_1)
    walked(ledger, RUN_1)
    know(ledger, "from elsewhere", at=RUN_1 + 1)
    lists = Lists(ledger, RUN_2)
    assert lists.step(page(1), {"from elsewhere"}, [page(2)]).page == page(2)
    assert lists.step(page(2), {"unknown"}, [page(3)]).page == page(3)
    assert lists.step(page(3), {"old"}, [page(4)]).page is None
    ledger.close()


def test_a_text_stored_by_a_clock_that_was_set_back_is_the_newest_once_it_is_right(
    replica: Serve, crawl: RunCrawl
) -> None:
    """By its date it lay before the text that it changed; seen again, it lies behind it, once."""
    server = replica(**SITE)
    number = next(fact["id"] for fact in server.replica.facts() if fact["article"])
    named: dict[str, Any] = {"spider": "observer_archive", "site": server.url, "ids": number}
    crawl(**named, settings=TODAY)
    server.edit(number)
    an_hour_ago = {"OBSERVER_NOW": "2025-06-16T11:00:00+06:00"}
    for settings in (an_hour_ago, IN_TWO_DAYS, IN_TWO_DAYS):
        run = crawl(**named, revisit="all", settings=settings)
    lines = sorted(run.articles, key=lambda line: line["fetched_at"])
    assert [line["revision"] for line in lines] == [2, 1, 3]
    assert lines[2]["content_sha256"] == lines[0]["content_sha256"]
