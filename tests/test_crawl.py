"""The real crawl against the real replica: what is stored, what is asked, how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import urls
from observer_crawler.replica.page import Page
from observer_crawler.replica.pages import PAGE_LENGTH
from observer_crawler.site import SECTIONS
from tests.conftest import ROOT, crawl_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve, StartCrawl

SMALL: dict[str, Any] = {"articles": 60, "days": 3, "plain": True, "robots": "none"}
DEFAULT = frozenset({"lists", "latest", "related"})
WORDS = {"previous": "neighbours", "next": "neighbours"}


def reachable(
    server: Server, follow: frozenset[str] = DEFAULT, sections: tuple[int, ...] = (198,)
) -> set[str]:
    """The articles that a crawl must store, walked over the replica's own facts."""
    facts = {path: fact for fact in server.replica.facts() for path in fact["forms"]}
    names = {urls.parse(_own(path)).name: fact for path, fact in facts.items()}
    queue = deque(["front", *(f"list:{number}" for number in sections)])
    known, stored = set(queue), set()
    while queue:
        fact = names.get(queue.popleft())
        if fact is None or not fact["allowed"] or fact["kind"] not in {"article", "listing"}:
            continue
        if fact["kind"] == "article":
            stored.add(fact["id"])
        for name in _wanted(fact, follow, sections):
            if name not in known:
                known.add(name)
                queue.append(name)
    return stored


def _own(path: str) -> str:
    return f"https://www.observerbd.com{path}"


def _wanted(fact: dict[str, Any], follow: frozenset[str], sections: tuple[int, ...]) -> list[str]:
    here = urls.parse(_own(fact["path"]))
    is_list = "lists" in follow and here.section in sections
    found = []
    for link in fact["links"]:
        there = urls.parse(link["url"]) if link["url"] else None
        if there is None or there.language != "en":
            continue
        if there.kind is urls.Kind.ARTICLE:
            box = link["box"]
            is_front = here.name == "front" and "front" in follow
            if (box == "section" and (is_list or is_front)) or WORDS.get(box, box) in follow:
                found.append(there.name)
        elif is_list and there.kind is urls.Kind.LISTING and there.section == here.section:
            found.append(there.name)
    return found


def assert_reached(
    run: Crawl, server: Server, follow: str, sections: tuple[int, ...] = (198,)
) -> None:
    """Assert that a crawl of few boxes stored what they lead to, and next to nothing else.

    Each list page carries one link to a story that stands in no box: no reader can be sure
    whether it is the list's.
    """
    must = reachable(server, frozenset(follow.split(",")), sections)
    assert must <= set(run.ids)
    assert len(set(run.ids) - must) <= len(lists_asked(server)) + 1
    assert len(run.ids) == len(set(run.ids))


def lists_asked(server: Server) -> list[str]:
    return [path for path in asked(server) if path.startswith(("/menu", "/cat"))]


def asked(server: Server) -> list[str]:
    return [access.path for access in server.log]


@pytest.mark.parametrize("markup", ["2014", "2016", "2024"])
def test_exactly_the_reachable_articles_are_stored_each_once(
    replica: Serve, crawl: RunCrawl, markup: str
) -> None:
    server = replica(markup=markup, articles=90, days=6)
    run = crawl(site=server.url)
    assert run.ids == sorted(reachable(server))
    assert run.code == 0, run.err
    assert len(run.ids) > 40


def test_nothing_disallowed_or_off_site_is_asked_and_the_books_balance(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=130, days=6)
    run = crawl(site=server.url)
    facts = [fact for fact in server.replica.facts() if not fact["allowed"]]
    forbidden = {path for fact in facts for path in fact["forms"]}
    assert forbidden & set(asked(server)) == set()
    kinds = {urls.parse(_own(path)).kind for path in asked(server) if path != "/robots.txt"}
    assert kinds == {urls.Kind.ARTICLE, urls.Kind.FRONT, urls.Kind.LISTING}
    assert run.stat("requests") == len(asked(server))
    assert run.stat("addresses/stored") == len(run.ids) == run.stat("articles/stored")
    assert run.stat("addresses/waiting") == 0
    assert run.stat("addresses/denied") >= 1
    names = [urls.parse(_own(access.path)).name for access in server.log if access.status == 200]
    assert len(names) == len(set(names)), "one answer for each address, in whatever form"


@pytest.mark.parametrize("limit", [1, 3])
def test_no_more_requests_are_in_flight_than_set(
    replica: Serve, crawl: RunCrawl, limit: int
) -> None:
    server = replica(articles=20, days=2, latency_seconds=0.2)
    settings = {"CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": limit}
    run = crawl(site=server.url, settings={**settings, "DOWNLOAD_DELAY": 0.05})
    assert server.max_in_flight == limit
    assert run.ids == sorted(reachable(server))


def test_a_delay_of_nothing_does_not_open_the_flood(replica: Serve, crawl: RunCrawl) -> None:
    """Without a delay Scrapy has all 8 in flight; a stall longer than the shortest lets one by."""
    server = replica(articles=40, days=4, latency_seconds=0.02)
    settings = {"CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
    crawl(site=server.url, settings={**settings, "DOWNLOAD_DELAY": 0})
    assert server.max_in_flight <= 2 + 1


def test_the_default_is_one_request_at_a_time(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=40, days=3, latency_seconds=0.01)
    crawl(site=server.url)
    assert server.max_in_flight == 1


def test_requests_keep_the_delay(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=40, days=3)
    crawl(site=server.url, max_articles=6, settings={"DOWNLOAD_DELAY": 0.15})
    starts = [access.time for access in server.log]
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert min(gaps) > 0.1
    assert starts[-1] - starts[0] > 0.14 * len(gaps)


def test_a_second_run_over_the_same_data_adds_no_line(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=30, days=4)
    first = crawl(site=server.url)
    second = crawl(site=server.url)
    assert second.ids == first.ids
    assert second.stat("pages/article") == 0
    assert second.code == 0


def test_no_more_articles_than_asked_are_stored(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=80, days=4)
    run = crawl(site=server.url, max_articles=7, settings={"CONCURRENT_REQUESTS": 4})
    assert (len(run.ids), run.code) == (7, 0)
    assert "limit" in run.err.splitlines()[-1]
    assert f"{run.stat('addresses/waiting')} addresses wait" in run.err


def test_max_depth_counts_links_from_the_start(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=80, days=4)
    assert crawl(site=server.url, max_depth=0).ids == []
    assert crawl(site=server.url, max_depth=1, follow="latest").ids != []


@pytest.mark.parametrize("past_end", ["empty", "repeat", "404"])
def test_a_list_ends_whatever_stands_after_its_last_page(
    replica: Serve, crawl: RunCrawl, past_end: str
) -> None:
    server = replica(articles=200, days=4, past_end=past_end)
    run = crawl(site=server.url, follow="lists", sections=186)
    assert_reached(run, server, "lists", (186,))
    assert len(lists_asked(server)) <= server.replica.pages(len(run.ids)) + 4


@pytest.mark.parametrize(
    "follow", ["lists", "latest", "related", "most_read", "neighbours", "front", "front,latest"]
)
def test_follow_names_the_boxes_that_are_followed(
    replica: Serve, crawl: RunCrawl, follow: str
) -> None:
    server = replica(articles=60, days=4)
    run = crawl(site=server.url, follow=follow)
    assert_reached(run, server, follow)


def test_articles_outside_the_dates_are_neither_stored_nor_followed(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=150, days=10)
    days: dict[str, Any] = {"from_date": "2025-06-12", "until_date": "2025-06-14"}
    run = crawl(site=server.url, **days)
    dates = {article["published_date"] for article in run.articles}
    assert dates == {"2025-06-12", "2025-06-13", "2025-06-14"}
    assert run.stat("addresses/outside") > 0
    assert run.code == 0


def test_a_list_is_left_at_the_first_page_of_older_articles(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=500, days=40)
    run = crawl(site=server.url, follow="lists", from_date="2025-06-12")
    facts = {fact["id"]: fact for fact in server.replica.facts() if fact["id"]}
    listed = reachable(server, frozenset({"lists"}))
    dates = {name: facts[name]["article"]["published_date"] for name in listed}
    assert {name for name, day in dates.items() if day >= "2025-06-12"} <= set(run.ids)
    assert min(article["published_date"] for article in run.articles) >= "2025-06-12"
    assert len(lists_asked(server)) <= len(run.ids) // PAGE_LENGTH + 2
    assert len(asked(server)) < len(listed)


def test_a_list_that_is_missing_in_one_form_is_asked_in_the_other(
    replica: Serve, crawl: RunCrawl
) -> None:
    gone = Page(404, {"Content-Type": "text/html"}, b"Not Found")
    faults = {f"/menu/198{page}": lambda _: gone for page in ("", "/2", "/3", "/4")}
    server = replica(faults, articles=200, days=4)
    run = crawl(site=server.url, follow="lists")
    lists = [path for path in asked(server) if "198" in path]
    assert lists[:2] == ["/menu/198", "/cat.php?cd=198"]
    assert_reached(run, server, "lists")
    assert len(run.ids) > 20


@pytest.mark.parametrize("redirects", ["none", "current"])
@pytest.mark.parametrize("old_forms", ["answer", "404"])
def test_the_forms_of_an_address_lead_to_one_article(
    replica: Serve, crawl: RunCrawl, redirects: str, old_forms: str
) -> None:
    server = replica(articles=50, days=4, redirects=redirects, old_forms=old_forms)
    run = crawl(site=server.url)
    assert run.ids == sorted(reachable(server))
    assert run.code == 0


@pytest.mark.parametrize("unknown_id", ["404", "soft", "soft-empty"])
def test_unknown_numbers_are_missing_after_each_form_was_tried_once(
    replica: Serve, crawl: RunCrawl, unknown_id: str
) -> None:
    server = replica(articles=90, days=4, unknown_id=unknown_id)
    run = crawl(site=server.url)
    assert run.stat("addresses/missing") >= 1
    assert len(asked(server)) == len(set(asked(server)))
    assert run.ids == sorted(reachable(server))


def test_the_bangla_edition_is_crawled_on_its_own_host(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(language="bn", articles=60, days=4)
    run = crawl(site=server.url, language="bn")
    assert len(run.ids) > 20
    assert {name.split(":")[0] for name in run.ids} == {"bn"}


def test_a_story_dated_tomorrow_is_stored_at_nine_in_the_evening_on_any_machine(
    replica: Serve, crawl: RunCrawl
) -> None:
    evening = "2025-06-16T21:00:00+06:00"
    server = replica(articles=120, days=4, now=evening)
    run = crawl(
        site=server.url, settings={"OBSERVER_NOW": evening}, env={"TZ": "America/New_York"}
    )
    assert "2025-06-17" in {article["published_date"] for article in run.articles}
    assert {article["fetched_at"][:13] for article in run.articles} == {"2025-06-16T15"}


def test_a_story_dated_in_three_days_is_refused_and_stored_two_days_later(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=40, days=4, now="2025-06-16T12:00:00+06:00")
    early = crawl(site=server.url, settings={"OBSERVER_NOW": "2025-06-13T12:00:00+06:00"})
    refused = early.stat("articles/refused/date_too_late")
    assert refused > 0
    assert early.stat("addresses/refused") == refused
    late = crawl(site=server.url, settings={"OBSERVER_NOW": "2025-06-15T12:00:00+06:00"})
    assert late.stat("articles/stored") == refused
    assert late.ids == sorted(reachable(server))


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ({"form_date": "2022-06-01"}, "unknown argument 'form_date'; did you mean 'from_date'?"),
        (
            {"sections": "Foregn News"},
            "unknown section 'Foregn News'; did you mean 'Foreign News'",
        ),
        ({"from_date": "2022-02-30"}, "argument from_date: no such day: '2022-02-30'"),
        ({}, "OBSERVER_CONTACT is not set"),
    ],
)
def test_a_wrong_argument_is_one_line(crawl: RunCrawl, typed: dict[str, Any], line: str) -> None:
    run = crawl(**typed)
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert run.err.startswith(f"scrapy: {line}")
    assert not run.data.exists()


@pytest.mark.parametrize(
    ("settings", "env", "line"),
    [
        (
            {"OBSERVER_DAT": "x"},
            {},
            "unknown setting 'OBSERVER_DAT'; did you mean 'OBSERVER_DATA'",
        ),
        ({}, {"OBSERVER_CONTAKT": "x"}, "unknown setting 'OBSERVER_CONTAKT'; did you mean"),
        ({"OBSERVER_CONTACT": "me"}, {}, "OBSERVER_CONTACT: expected a mail or web address"),
        ({"OBSERVER_RETRY_ATTEMPTS": "few"}, {}, "OBSERVER_RETRY_ATTEMPTS: "),
        ({"OBSERVER_NOW": "2022-06-16"}, {}, "OBSERVER_NOW: expected a moment with its zone"),
        ({"JOBDIR": "jobs"}, {}, "JOBDIR is not used here"),
        ({"OBSERVER_DATA": "/proc/nowhere"}, {}, "cannot write to /proc/nowhere"),
    ],
)
def test_a_wrong_setting_is_one_line(
    crawl: RunCrawl, settings: dict[str, str], env: dict[str, str], line: str
) -> None:
    run = crawl(site="http://127.0.0.1:9", settings=settings, env=env)
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert line in run.err


def test_an_unknown_spider_is_one_line(crawl: RunCrawl) -> None:
    run = crawl("other")
    assert run.code == 1
    assert run.err.startswith("scrapy: expected one spider")


def test_the_setting_given_last_wins_over_the_environment(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=10, days=2)
    env = {"OBSERVER_DATA": "nowhere", "OBSERVER_CONTACT": "env@example.org"}
    crawl(site=server.url, max_articles=1, env=env)
    assert {access.headers["From"] for access in server.log} == {"env@example.org"}
    settings = {"OBSERVER_CONTACT": "https://example.org/about"}
    crawl(site=server.url, max_articles=1, env=env, settings=settings)
    agent = server.log[-1].headers["User-Agent"]
    assert agent == "observer_crawler (+https://example.org/about)"


def test_what_is_sent_names_the_crawler_and_nothing_of_the_reader(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=10, days=2)
    crawl(site=server.url, max_articles=2)
    for access in server.log:
        assert access.headers["User-Agent"] == "observer_crawler"
        assert access.headers["Accept-Encoding"] == "gzip, deflate"
        assert access.headers.keys().isdisjoint({"Cookie", "Referer", "From"})


def test_a_folder_of_another_site_is_left_as_it_is(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    crawl(site=replica(articles=20, days=2).url, max_articles=2)
    before = contents(tmp_path / "data")
    other = replica(articles=20, days=2, seed=2)
    run = crawl(site=other.url)
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert other.url in run.err
    assert contents(tmp_path / "data") == before
    assert asked(other) == []


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("switch", "code", "words"),
    [
        ({"robots": "500"}, 3, "robots.txt of"),
        ({"robots": "forbid"}, 5, "every address is forbidden"),
        ({"robots": "none"}, 0, "Done."),
    ],
)
def test_the_exit_code_tells_what_the_site_allows(
    replica: Serve, crawl: RunCrawl, switch: dict[str, Any], code: int, words: str
) -> None:
    server = replica(articles=20, days=2, **switch)
    run = crawl(site=server.url)
    assert run.code == code
    assert words in run.err.splitlines()[-1]
    assert (run.ids == []) == (code != 0)


LISTED: dict[str, Any] = {"sections": "all", "follow": "lists"}


def listed(server: Server) -> list[str]:
    """The ids that stand on a list, so that no fault of another page hides them."""
    return sorted(reachable(server, frozenset({"lists"}), tuple(SECTIONS)))


def html(text: str) -> Page:
    return Page(200, {"Content-Type": "text/html"}, text.encode())


def to(location: str, status: int = 301) -> Page:
    return Page(status, {"Location": location, "Content-Type": "text/html"})


def lost(_: int) -> Page:
    raise ConnectionResetError("the fault of this path")


def fates(ids: list[str]) -> dict[str, tuple[str, Callable[[int], Page | None]]]:
    """A fate for each of the first ids: the state it must come to, and the fault."""
    number = [name.partition(":")[2] for name in ids]
    error = Page(500, {"Content-Type": "text/html"}, b"Internal Server Error")
    busy = Page(503, {"Content-Type": "text/html", "Retry-After": "1"}, b"busy")
    return {
        ids[0]: ("missing", lambda _: Page(404, {"Content-Type": "text/html"}, b"gone")),
        ids[1]: ("failed", lambda _: error),
        ids[2]: ("stored", lambda visit: busy if visit == 0 else None),
        ids[3]: ("failed", lost),
        ids[4]: ("redirected", lambda _: to(f"/news/{number[20]}")),
        ids[5]: ("stored", lambda _: to(f"/details.php?id={number[5]}")),
        ids[6]: ("redirected", lambda _: to("http://www.example.org/")),
        ids[7]: ("redirected", lambda _: to("/print.php?id=1", 302)),
        ids[8]: ("failed", lambda _: to(f"/news/{number[8]}", 302)),
        ids[9]: ("refused", lambda _: Page(200, {"Content-Type": "image/jpeg"}, b"\xff\xd8\xff")),
        ids[10]: ("failed", lambda _: html("<html><title>x</title><p>nothing</p></html>")),
        ids[11]: ("denied", lambda _: Page(403, {"Content-Type": "text/html"}, b"no")),
        ids[12]: ("missing", lambda _: Page(410, {"Content-Type": "text/html"}, b"gone")),
        ids[13]: ("refused", lambda _: html("x" * (11 * 1024 * 1024))),
        ids[14]: ("redirected", lambda _: to("/menu/185", 302)),
        ids[15]: ("failed", lambda visit: to(f"/news/{number[15]}?n={visit + 1}", 302)),
    }


def test_each_fate_of_a_page_has_its_state_and_the_run_ends(
    replica: Serve, crawl: RunCrawl
) -> None:
    options = SMALL
    ids = listed(replica(**options))
    table = fates(ids)
    faults = {
        f"/{form.format(name.partition(':')[2])}": fault
        for name, (state, fault) in table.items()
        for form in ("news/{}", "news.php?id={}", "details.php?id={}")
        if not (form.startswith("details") and state == "stored")
    }
    broken = {"callback": [ids[16]], "pipeline": [ids[17]], "drop": [ids[18]]}
    site = replica(faults, **options).url
    run = crawl("-L", "DEBUG", site=site, **LISTED, **with_faults(broken))
    expected = {name: state for name, (state, _) in table.items()}
    expected |= {ids[16]: "failed", ids[17]: "failed", ids[18]: "refused"}
    assert {name: run.states.get(name) for name in expected} == expected
    assert set(run.ids) >= {name for name in ids if expected.get(name, "stored") == "stored"}
    assert not {name for name, state in expected.items() if state != "stored"} & set(run.ids)
    assert run.code == 3
    assert run.stat("addresses/waiting") == 0


def with_faults(broken: dict[str, list[str]]) -> dict[str, Any]:
    """The settings and environment that put faults of our own code into a crawl."""
    pipelines = {
        "observer_crawler.pipelines.Validate": 100,
        "observer_crawler.pipelines.DropDuplicate": 200,
        "tests.written_stats.FaultyPipeline": 250,
        "observer_crawler.pipelines.StoreArticle": 300,
    }
    settings = {
        "ITEM_PIPELINES": json.dumps(pipelines),
        "EXTENSIONS": json.dumps({"tests.written_stats.Breaker": 1}),
    }
    return {"settings": settings, "env": {"CRAWL_FAULTS": json.dumps(broken)}}


def test_a_full_disk_ends_the_run_at_the_first_article(replica: Serve, crawl: RunCrawl) -> None:
    options = SMALL
    full = {"disk": listed(replica(**options))}
    server = replica(**options)
    run = crawl(site=server.url, **with_faults(full))
    assert (run.code, run.ids) == (3, [])
    assert "No space left on device" in run.err.splitlines()[-1]
    assert len(asked(server)) <= 5
    assert run.stat("addresses/waiting") > 0


def test_a_callback_that_closes_the_spider_leaves_no_lease(
    replica: Serve, crawl: RunCrawl
) -> None:
    options = SMALL
    run = crawl(site=replica(**options).url, **with_faults({"close": listed(replica(**options))}))
    assert run.code == 3
    assert "by_callback" in run.err.splitlines()[-1]
    assert run.stat("addresses/waiting") > 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_pages_under_way_finish_and_says_how_to_go_on(
    replica: Serve, start_crawl: StartCrawl, number: int
) -> None:
    server = replica(articles=120, days=4)
    running = start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 0.05})
    running.until(lambda: len(server.log) >= 8)
    running.stop(number)
    run = running.wait()
    assert run.code == 3
    assert "The same command goes on." in run.err.splitlines()[-1]
    assert run.stat("requests") == len(asked(server))
    assert run.stat("articles/stored") == len(run.ids)
    assert run.stat("addresses/waiting") > 0


def test_the_output_option_of_scrapy_holds_what_the_run_stored(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=40, days=3)
    run = crawl("-O", str(tmp_path / "out.jsonl"), site=server.url)
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert sorted((json.loads(line) for line in lines), key=lambda line: line["id"]) == sorted(
        run.articles, key=lambda line: line["id"]
    )


def test_the_log_holds_no_text_of_articles(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=40, days=3)
    run: Crawl = crawl("-L", "DEBUG", site=server.url)
    for article in run.articles:
        assert not any(text in run.err for text in article["body"] if len(text) > 20)


def test_the_closing_table_shows_the_stats(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=40, days=3)
    run = crawl(site=server.url)
    rows = dict(re.findall(r"^  (.+?)  +(\S.*)$", run.err, re.MULTILINE))
    assert rows["articles stored"] == f"{len(run.ids):,}"
    assert rows["requests"] == f"{len(asked(server)):,}"
    assert rows["files"].endswith("data/articles/")
    assert rows["articles found in section"] == str(run.stat("found/section"))
    assert run.err.splitlines()[-1] == "Done."


def test_the_first_line_says_what_no_limit_means(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=10, days=2)
    first = crawl(site=server.url).err.splitlines()[0]
    assert "no limit is set" in first
    limited = crawl(site=server.url, max_articles=1).err.splitlines()[0]
    assert "no limit is set" not in limited


def test_a_second_signal_ends_at_once(replica: Serve, start_crawl: StartCrawl) -> None:
    slow = {"/": lambda _: time.sleep(20)}
    server = replica(slow, articles=20, days=2)
    running = start_crawl("-L", "DEBUG", site=server.url)
    running.until(lambda: server.log)
    started = time.monotonic()
    running.stop(signal.SIGINT)
    time.sleep(0.5)
    running.stop(signal.SIGINT)
    run = running.wait()
    assert time.monotonic() - started < 10
    assert run.code == 3
    assert "The same command goes on." in run.err.splitlines()[-1]


def test_a_second_signal_says_how_many_addresses_wait_all_the_same(
    replica: Serve, start_crawl: StartCrawl
) -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def hang(_: int) -> None:
        is_asked.set()
        is_over.wait(60)

    server = replica({"/menu/198": hang}, articles=60, days=2)
    running = start_crawl("-L", "DEBUG", site=server.url)
    running.until(is_asked.is_set)
    running.stop(signal.SIGINT)
    running.until(lambda: "again to force" in running.said())
    running.stop(signal.SIGINT)
    run = running.wait()
    is_over.set()
    found = re.search(r"([0-9]+) addresses wait\.", run.err.splitlines()[-1])
    assert found
    with contextlib.closing(sqlite3.connect(run.data / "state" / "ledger.sqlite")) as ledger:
        waiting = ledger.execute("SELECT count(*) FROM visit WHERE due = 0").fetchone()[0]
    assert int(found[1]) == waiting > 10


def test_a_second_crawl_on_the_same_folder_is_one_line(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl
) -> None:
    server = replica(articles=60, days=3)
    first = start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 5})
    first.until(lambda: server.log)
    second = crawl(site=server.url)
    assert second.code == 1
    assert second.err.count("\n") == 1
    assert "another crawl" in second.err


def test_the_progress_line_moves_on_a_terminal(replica: Serve, tmp_path: Path) -> None:
    server = replica(articles=40, days=3, latency_seconds=0.05)
    settings = {"DOWNLOAD_DELAY": 0.05, "OBSERVER_DATA": tmp_path / "data", "LOG_COLOR": 0}
    arguments = {"site": server.url, "max_articles": 20}
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        crawl_command((), arguments, settings), cwd=ROOT, stderr=follower, stdout=follower
    )
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # how Linux says that nobody writes any more
        while part := os.read(leader, 4096):
            shown += part
    os.close(leader)
    assert process.wait() == 0
    assert re.search(rb"\r\x1b\[K\d+ pages, \d+ articles stored, \d+ addresses waiting", shown)
