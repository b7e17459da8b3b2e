"""When nobody is there: the crawl holds, loses nothing, and goes on by itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from observer_crawler.replica.page import Page
from tests.test_crawl import reachable

if TYPE_CHECKING:
    from tests.conftest import RunCrawl, Serve, StartCrawl

SITE: dict[str, Any] = {"articles": 120, "days": 4, "plain": True}


def test_a_site_that_comes_back_is_crawled_to_the_end(
    replica: Serve, start_crawl: StartCrawl
) -> None:
    server = replica(**SITE)
    running = start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 0.02})
    running.until(lambda: len(server.log) >= 8)
    server.stop()
    running.until(lambda: "offline since" in running.said())
    server.start()
    run = running.wait()
    assert run.code == 0, run.err[-2000:]
    assert run.ids == sorted(reachable(server))
    assert run.stat("addresses/failed") == 0
    assert "going on" in run.err


def test_attempts_while_nobody_was_there_do_not_count(
    replica: Serve, start_crawl: StartCrawl
) -> None:
    server = replica(**SITE)
    settings = {"DOWNLOAD_DELAY": 0.02, "OBSERVER_RETRY_ATTEMPTS": 2}
    running = start_crawl(site=server.url, settings=settings)
    running.until(lambda: len(server.log) >= 8)
    server.stop()
    running.until(lambda: "offline since" in running.said())
    time.sleep(1)  # many tries of one address after the other: all of them are taken back
    server.start()
    run = running.wait()
    assert run.code == 0, run.err[-2000:]
    assert run.ids == sorted(reachable(server))


def test_a_run_ends_when_nobody_came_back_in_time(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl
) -> None:
    server = replica(**SITE)
    settings = {"DOWNLOAD_DELAY": 0.02, "OBSERVER_OFFLINE_LIMIT": 1}
    running = start_crawl(site=server.url, settings=settings)
    running.until(lambda: len(server.log) >= 8)
    server.stop()
    run = running.wait()
    assert run.code == 3
    assert "offline since" in run.err.splitlines()[-1]
    assert run.stat("addresses/failed") == 0
    assert run.stat("addresses/waiting") > 0
    server.start()
    assert crawl(site=server.url).ids == sorted(reachable(server))


def test_a_robots_txt_that_fails_later_holds_the_crawl_until_it_is_back(
    replica: Serve, crawl: RunCrawl
) -> None:
    busy = Page(503, {"Content-Type": "text/plain"}, b"busy")
    faults = {"/robots.txt": lambda visit: busy if visit in {1, 2} else None}
    server = replica(faults, **SITE)
    settings = {"OBSERVER_ROBOTS_HOURS": 0.5 / 3600, "DOWNLOAD_DELAY": 0.02}
    run = crawl(site=server.url, settings=settings)
    assert run.code == 0, run.err[-2000:]
    assert run.ids == sorted(reachable(server))
