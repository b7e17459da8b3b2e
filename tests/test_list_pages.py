"""Section lists of which a page cannot be read, crawled: nothing behind it is hidden for long."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger.tables import look
from observer_crawler.replica.page import Page
from tests.balance import ledger_of
from tests.test_crawl import asked

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve

# Section 187 has 56 articles, on three pages.
SITE: dict[str, Any] = {"articles": 500, "days": 12, "plain": True, "robots": "none"}
WALK: dict[str, Any] = {"sections": 187, "follow": "lists", "revisit": "no"}
HTML = {"Content-Type": "text/html"}
DOWN, GONE = Page(500, HTML, b"Internal Server Error"), Page(404, HTML, b"Not Found")
MOMENTS = ("16T21", "16T22", "18T21", "25T21")
TODAY, TONIGHT, TOMORROW, LATER = (f"2025-06-{at}:00:00+06:00" for at in MOMENTS)


def of_list(server: Server) -> set[str]:
    desk = server.replica.desk
    return {desk.id(row) for row in desk.by_section[187]}


def pages(server: Server, since: int = 0) -> list[int]:
    """The pages of the list that were asked for, by their numbers."""
    found = (re.fullmatch(r"/menu/187(?:/([0-9]+))?", path) for path in asked(server)[since:])
    return [int(match[1] or 1) for match in found if match]


def shown(server: Server, number: int) -> set[str]:
    facts = {fact["path"]: fact for fact in server.replica.facts()}
    links = facts[f"/menu/187/{number}"]["links"]
    return {link["id"] for link in links if link["id"]} & of_list(server)


def is_whole(data: Path) -> bool:
    """Whether the ledger says that a walk has seen all of the list."""
    with closing(look(ledger_of(data))) as ledger:
        rows = ledger.execute("SELECT complete_at FROM walk WHERE list = 'list:187'").fetchall()
    return rows[0][0] is not None


def test_a_page_that_fails_hides_none_behind_it_and_keeps_its_own_next_try(
    replica: Serve, crawl: RunCrawl
) -> None:
    is_down = [True]
    server = replica({"/menu/187/2": lambda _: DOWN if is_down else None}, **SITE)

    def run(moment: str) -> Crawl:
        return crawl(site=server.url, settings={"OBSERVER_NOW": moment}, **WALK)

    first = run(TODAY)
    assert first.code == 3
    assert set(first.ids) >= of_list(server) - shown(server, 2)
    assert pages(server) == [1, 2, 2, 2, 2, 3]
    assert not is_whole(first.data)
    since = len(server.log)
    assert run(TONIGHT).code == 0
    assert pages(server, since) == [1]
    since = len(server.log)
    assert run(TOMORROW).code == 0, "a failure that was reported is no news"
    assert pages(server, since) == [1, 2, 3], "behind it stands by now what stood on it"
    is_down.clear()
    since = len(server.log)
    assert set(run(LATER).ids) >= of_list(server)
    assert pages(server, since) == [1, 2, 3]
    assert is_whole(first.data), "now it is"


def test_an_excluded_article_does_not_keep_a_list_from_being_left(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """Its day is never learned; the next page waits for the days of all articles before it."""
    server = replica(**SITE)
    desk = server.replica.desk
    (tmp_path / "data").mkdir()
    newest = desk.id(desk.by_section[187][-1])
    (tmp_path / "data" / "exclude.txt").write_text(f"{newest} 2025-06-01 asked by its author\n")
    for moment in (TODAY, TONIGHT):
        settings = {"OBSERVER_NOW": moment}
        run = crawl(site=server.url, settings=settings, from_date="2025-06-18", **WALK)
        assert (run.code, run.ids) == (0, [])
    assert pages(server) == [1, 1]


def test_pages_that_fail_one_after_the_other_are_not_walked_for_ever(
    replica: Serve, crawl: RunCrawl
) -> None:
    faults = {f"/menu/187/{number}": lambda _: DOWN for number in range(2, 30)}
    server = replica(faults, **SITE)
    for moment in (TODAY, TOMORROW, LATER):
        run = crawl(site=server.url, settings={"OBSERVER_NOW": moment}, **WALK)
        assert run.code in {0, 3}, run.err
    assert pages(server) == [1, *[2] * 4, *[3] * 4, *[4] * 4, *[1, 2, 3, 4] * 2]


def test_a_page_that_is_gone_hides_none_that_was_linked(replica: Serve, crawl: RunCrawl) -> None:
    forms = ("/menu/187/2", "/cat.php?cd=187&pg=2")
    server = replica({form: lambda _: GONE for form in forms}, **SITE)
    first = crawl(site=server.url, settings={"OBSERVER_NOW": TODAY}, **WALK)
    assert set(first.ids) >= of_list(server) - shown(server, 2)
    assert pages(server) == [1, 2, 3]
    assert is_whole(first.data), "an answer is an answer"
    crawl(site=server.url, settings={"OBSERVER_NOW": TONIGHT}, **WALK)
    assert pages(server)[3:] == [1]
