"""What is fetched again and what is not: second runs, revisions, validators."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from observer_crawler.replica.page import Page
from observer_crawler.replica.pages import PAGE_LENGTH
from tests.reading_again import reextract, sorted_lines
from tests.test_crawl import asked, reachable
from tests.trials import LEASED

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve, StartCrawl

SITE: dict[str, Any] = {"articles": 200, "days": 6, "plain": True, "robots": "none"}
# The replica's articles go up on 2025-06-16; a day later their first visit is due.
TODAY = {"OBSERVER_NOW": "2025-06-16T21:00:00+06:00"}
TOMORROW = {"OBSERVER_NOW": "2025-06-17T21:00:00+06:00"}


def asked_since(server: Server, before: int) -> list[str]:
    return asked(server)[before:]


def test_the_second_run_stores_what_is_new_and_opens_two_pages_of_a_list(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SITE)
    known = set(crawl(site=server.url, sections="all").ids)
    before = len(server.log)
    new = set(server.publish(20))
    second = crawl(site=server.url, sections="all")
    assert set(second.ids) - known == new
    assert len(second.ids) == len(known) + 20
    assert not [path for path in asked_since(server, before) if path.endswith(("/3", "pg=3"))]


def test_a_run_that_is_stopped_in_the_middle_of_a_list_reaches_its_end_the_next_time(
    replica: Serve,
    start_crawl: StartCrawl,
    crawl: RunCrawl,
) -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def hang(visit: int) -> None:
        if visit == 0:
            is_asked.set()
            is_over.wait(60)

    server = replica({"/menu/198/2": hang}, **SITE | {"articles": 700, "days": 20})
    walk: dict[str, Any] = {"follow": "lists", "sections": 198}
    running = start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 0.005}, **walk)
    running.until(is_asked.is_set)
    running.process.kill()
    running.wait()
    before = len(server.log)
    server.publish(PAGE_LENGTH * 3)
    run = crawl(site=server.url, **walk)
    assert run.code == 0
    assert set(run.ids) >= reachable(server, frozenset({"lists"}))
    assert len(run.ids) == len(set(run.ids))
    read = [path for path in asked_since(server, before) if path.startswith("/menu/198")]
    is_over.set()
    assert len(read) == len(set(read))


def test_a_walk_that_is_killed_after_a_whole_one_ends_where_that_one_knew_all(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl
) -> None:
    server = replica(**SITE | {"articles": 400, "days": 12})
    walk: dict[str, Any] = {"site": server.url, "sections": "all", "follow": "lists,latest"}
    assert crawl(**walk).code == 0
    server.publish(60)
    before = len(server.log)
    running = start_crawl(settings={"DOWNLOAD_DELAY": 0.005}, **walk)
    running.until(lambda: "/menu/198/2" in asked_since(server, before))
    running.process.kill()
    running.wait()
    server.publish(20)
    before = len(server.log)
    run = crawl(**walk)
    desk = server.replica.desk
    assert run.code == 0
    assert set(run.ids) >= {desk.id(row) for row in desk.by_section[198]}
    assert len(run.ids) == len(set(run.ids))
    read = [path for path in asked_since(server, before) if path.startswith("/menu/198")]
    assert len(desk.by_section[198]) > 2 * PAGE_LENGTH
    assert read == ["/menu/198", "/menu/198/2"]


def test_an_edited_article_gets_a_second_revision_and_keeps_both_lines(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SITE, views_grow=True)
    first = crawl(site=server.url, settings=TODAY).articles
    edited = next(a["id"] for a in first if a["published_date"] == "2025-06-16")
    server.edit(edited)
    second = crawl(site=server.url, settings=TOMORROW)
    lines = [article for article in second.articles if article["id"] == edited]
    assert [line["revision"] for line in lines] == [1, 2]
    assert lines[0]["content_sha256"] != lines[1]["content_sha256"]
    assert len(second.articles) == len(first) + 1
    assert second.stat("articles/revised") == 1
    assert second.stat("articles/unchanged") > 0


def test_an_article_is_visited_when_its_time_has_come_and_not_before(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SITE)
    first = crawl(site=server.url, settings=TODAY).articles
    again = crawl(site=server.url, settings=TODAY)
    assert again.stat("pages/article") == 0
    due = [
        a for a in first if a["published_date"] in {"2025-06-16", "2025-06-10"}
    ]  # one day old and seven days old tomorrow
    later = crawl(site=server.url, settings=TOMORROW)
    assert 0 < later.stat("pages/article") <= len(due) + 40
    assert crawl(site=server.url, settings=TOMORROW).stat("pages/article") == 0


@pytest.mark.parametrize(("revisit", "visited"), [("no", False), ("all", True)])
def test_revisits_can_be_left_out_or_asked_for(
    replica: Serve, crawl: RunCrawl, revisit: str, *, visited: bool
) -> None:
    server = replica(**SITE | {"articles": 60})
    first = crawl(site=server.url, settings=TODAY).ids
    second = crawl(site=server.url, settings=TOMORROW, revisit=revisit)
    assert second.stat("pages/article") == (len(first) if visited else 0)
    assert second.ids == first


@pytest.mark.parametrize("kills", [1, 3])
def test_a_round_of_all_that_is_killed_is_gone_on_with(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl, kills: int
) -> None:
    server = replica(**SITE | {"articles": 60})
    first = crawl(site=server.url, settings=TODAY).ids
    before = len(server.log)
    for kill in range(kills):
        running = start_crawl(site=server.url, settings=TOMORROW, revisit="all")
        running.until(lambda: articles_since(server, before) > 12 * (kill + 1))  # noqa: B023
        running.process.kill()
        running.wait()
    run = crawl(site=server.url, settings=TOMORROW, revisit="all")
    assert run.code == 0
    assert run.ids == first
    assert len(first) <= articles_since(server, before) <= len(first) + LEASED * kills
    before = len(server.log)
    crawl(site=server.url, settings=TOMORROW, revisit="all")
    assert articles_since(server, before) == len(first), "the round was over: this is the next"


def test_a_round_that_another_run_has_finished_is_over(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl
) -> None:
    server = replica(**SITE | {"articles": 60})
    first = crawl(site=server.url, settings=TODAY).ids
    before = len(server.log)
    running = start_crawl(site=server.url, settings=TOMORROW, revisit="all")
    running.until(lambda: articles_since(server, before) > 12)
    running.process.kill()
    running.wait()
    crawl(site=server.url, settings=TOMORROW, revisit="no")
    assert articles_since(server, before) <= len(first) + LEASED
    before = len(server.log)
    crawl(site=server.url, settings=TOMORROW, revisit="all")
    assert articles_since(server, before) == len(first)


def articles_since(server: Server, before: int) -> int:
    return sum(path.startswith(("/news", "/details")) for path in asked_since(server, before))


@pytest.mark.parametrize("validators", ["etag", "modified", "both"])
def test_a_site_with_validators_sends_an_unchanged_article_no_second_time(
    replica: Serve, crawl: RunCrawl, validators: str
) -> None:
    server = replica(**SITE | {"articles": 60}, validators=validators, views_grow=True)
    first = crawl(site=server.url, settings=TODAY).ids
    server.edit(first[0])
    second = crawl(site=server.url, settings=TOMORROW, revisit="all")
    statuses = [access.status for access in server.log[-len(first) :]]
    assert statuses.count(304) == len(first) - 1
    assert second.stat("articles/revised") == 1


def test_what_was_stored_stays_stored_when_its_page_is_gone(
    replica: Serve, crawl: RunCrawl
) -> None:
    gone: list[str] = []

    def fault(_: int) -> Page | None:
        return Page(404, {"Content-Type": "text/html"}, b"gone") if gone else None

    options = SITE | {"articles": 60}
    number = replica(**options).replica.desk.numbers[30]
    forms = [form.format(number) for form in ("/news/{}", "/news.php?id={}", "/details.php?id={}")]
    server = replica(dict.fromkeys(forms, fault), **options)
    first = crawl(site=server.url, settings=TODAY).ids
    assert f"b:{number}" in first
    gone.append("now")
    second = crawl(site=server.url, settings=TOMORROW, revisit="all")
    assert second.stat("addresses/stored") == len(second.ids) == len(first)
    assert reason_of(second, f"b:{number}").startswith("missing")


def reason_of(run: Crawl, name: str) -> str:
    path: Path = run.data / "state" / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute("SELECT reason FROM address WHERE name = ?", (name,)).fetchone()
    return str(row[0])


def test_a_wider_run_goes_on_from_a_narrow_one_and_fetches_nothing_twice(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SITE)
    crawl(site=server.url, follow="lists")
    crawl(site=server.url, follow="lists,latest", max_depth=2)
    wide = crawl(site=server.url)
    assert wide.ids == sorted(reachable(server))
    articles = [path for path in asked(server) if path.startswith(("/news", "/details"))]
    assert len(articles) == len(wide.ids)


def test_other_dates_take_up_what_was_outside(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(**SITE)
    crawl(site=server.url, from_date="2025-06-15")
    whole = crawl(site=server.url)
    assert whole.ids == sorted(reachable(server))
    assert whole.stat("addresses/outside") == 0


class CutLater(Replica):
    """A replica whose pages break off in the story, from some moment on."""

    is_cut = False

    def get(self, path: str) -> Page:
        answer = super().get(path)
        end = answer.body.find(b'id="f"')
        if not self.is_cut or not path.startswith("/news") or end < 0:
            return answer
        return Page(answer.status, answer.headers, answer.body[: end + 400])


def test_a_page_that_is_cut_later_takes_nothing_from_what_is_stored(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    """Each is refused by name, the whole text stays the newest, and a re-extraction agrees."""
    model = CutLater(Options(articles=30, days=3, plain=True, robots="none"))
    with serve(model) as server:
        told: dict[str, Any] = {"site": server.url, "sections": "all"}
        crawl(**told, settings={**TODAY, "OBSERVER_CAPTURE": 1})
        before = sorted_lines(tmp_path / "data")
        model.is_cut = True
        done = crawl(**told, revisit="all", settings={**TOMORROW, "OBSERVER_CAPTURE": 1})
    assert sorted_lines(tmp_path / "data") == before
    assert "articles refused, lost_text" in done.err
    table = reextract(tmp_path / "data")
    assert table["lines written"] == "0"
