"""Manners on the wire: robots.txt, the introduction, the clock; and the two bugs of Scrapy.

A canary runs Scrapy's plain component and expects it to misbehave: on the day it fails, the
work-around beside it can go.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

from observer_crawler.replica.page import Page
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.replica.server import Server
    from tests.conftest import RunCrawl, Serve

PLAIN = "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"
OURS = "observer_crawler.robots.ObeyRobots"

# Forty addresses at once, all of which robots.txt forbids.
MANY = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

site, middleware, delay, limit = sys.argv[1:]

class Many(scrapy.Spider):
    name = "many"
    async def start(self):
        for number in range(40):
            yield scrapy.Request(f"{site}/print.php?id={number}", errback=lambda failure: None)
    def parse(self, response):
        pass

process = AsyncCrawlerProcess({
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "ROBOTSTXT_OBEY": bool(middleware),
    "USER_AGENT": "observer_crawler",
    "CONCURRENT_REQUESTS": 40,
    "CONCURRENT_REQUESTS_PER_DOMAIN": int(limit),
    "DOWNLOAD_DELAY": float(delay),
    "OBSERVER_ROBOTS_HOURS": 12,
    "RETRY_ENABLED": False,
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None, middleware: 100,
    } if middleware else {},
})
process.crawl(Many)
process.start()
"""


def ask_many(server: Server, middleware: str, delay: float = 0.001, limit: int = 40) -> list[str]:
    """Ask for forty forbidden addresses at once; gives those that were asked for."""
    subprocess.run(
        [sys.executable, "-c", MANY, server.url, middleware, str(delay), str(limit)],
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    return [access.path for access in server.log if access.path != "/robots.txt"]


def test_many_forbidden_addresses_that_wait_for_robots_txt_at_once_are_not_asked(
    replica: Serve,
) -> None:
    server = replica(articles=10, days=2, latency_seconds=0.05)
    assert ask_many(server, OURS) == []
    assert [access.path for access in server.log] == ["/robots.txt"]


def test_canary_plain_scrapy_asks_what_robots_txt_forbids(replica: Serve) -> None:
    server = replica(articles=10, days=2, latency_seconds=0.05)
    assert len(ask_many(server, PLAIN)) > 10, "mended upstream: ObeyRobots needs no lock any more"


def test_canary_plain_scrapy_ignores_its_limit_without_a_delay(replica: Serve) -> None:
    server = replica(articles=10, days=2, latency_seconds=0.05)
    ask_many(server, "", delay=0, limit=1)
    assert server.max_in_flight > 1, "mended upstream: the crawl command may allow a delay of 0"


def test_a_delay_longer_than_a_stall_cures_the_limit(replica: Serve) -> None:
    """Scrapy marks a request as under way one turn of its loop late.

    What stalls that turn for longer than the delay lets the next request through beside it: at
    0.001 s once in 21 runs on a busy machine. Nobody asks a newspaper that fast.
    """
    server = replica(articles=10, days=2, latency_seconds=0.1)
    ask_many(server, "", delay=0.05, limit=1)
    assert server.max_in_flight == 1


RULES = Page(200, {"Content-Type": "text/plain"}, b"User-agent: observer_crawler\nDisallow: /\n")


def redirects(count: int) -> dict[str, Callable[[int], Page | None]]:
    """A robots.txt that is reached after so many redirects."""
    paths = ["/robots.txt", *(f"/robots.txt?{number}" for number in range(1, count + 1))]
    hops = {
        path: (lambda _, there=there: Page(301, {"Location": there}))
        for path, there in pairwise(paths)
    }
    return {**hops, paths[-1]: lambda _: RULES}


def test_robots_txt_is_followed_through_five_redirects(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(redirects(5), articles=10, days=2)
    run = crawl(site=server.url)
    assert (run.code, len(server.log)) == (5, 6)


def test_a_sixth_redirect_of_robots_txt_closes_the_site(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(redirects(6), articles=10, days=2)
    run = crawl(site=server.url)
    assert run.code == 3
    assert "redirects more than 5 times" in run.err.splitlines()[-1]
    assert {access.path.partition("?")[0] for access in server.log} == {"/robots.txt"}


def test_a_host_that_is_not_this_machine_is_not_asked_without_a_contact() -> None:
    command = [sys.executable, "-m", "scrapy", "fetch", "http://192.0.2.1/"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert "OBSERVER_CONTACT is not set" in done.stderr + done.stdout
