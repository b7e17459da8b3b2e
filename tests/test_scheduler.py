"""The scheduler over the ledger: what it leases, what it hands out, what it leaves alone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.defer import maybe_deferred_to_future

from observer_crawler import settings as project
from observer_crawler.ledger import Outcome, State, Visit
from observer_crawler.scheduler import LedgerScheduler
from observer_crawler.spiders.observer import ObserverSpider
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve


def with_scheduler(
    work: Callable[[LedgerScheduler, Crawler], Awaitable[None]], **arguments: str
) -> None:
    """Run something with an open scheduler of a spider that is not crawling."""

    async def run() -> None:
        settings = Settings()
        settings.setmodule(project, priority="project")
        crawler = Crawler(ObserverSpider, settings)
        crawler.stats = MemoryStatsCollector(crawler)
        crawler.spider = ObserverSpider(**arguments)
        scheduler = LedgerScheduler.from_crawler(crawler)
        await maybe_deferred_to_future(scheduler.open(crawler.spider))
        await work(scheduler, crawler)
        await maybe_deferred_to_future(scheduler.close("finished"))

    asyncio.run(run())


def test_at_most_twice_the_concurrency_is_leased() -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        requests = [scheduler.next_request() for _ in range(5)]
        assert [request is not None for request in requests] == [True, True, False, False, False]

    with_scheduler(work, sections="all")


def test_a_request_carries_the_spiders_callbacks_and_the_address_to_ask() -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        request = scheduler.next_request()
        assert request is not None
        assert request.url == "http://127.0.0.1:8000/"
        assert (request.callback, request.errback) == (spider.parse, spider.failed)

    with_scheduler(work, site="http://127.0.0.1:8000")


def test_a_settlement_makes_room_for_the_next_lease() -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        first, second = scheduler.next_request(), scheduler.next_request()
        assert first is not None
        assert second is not None
        assert scheduler.next_request() is None
        visit: Visit = first.meta["visit"]
        await visit.settle(visit, Outcome(State.READ))
        assert scheduler.next_request() is not None
        await visit.settle(visit, Outcome(State.FAILED))

    with_scheduler(work, sections="all")


def test_what_was_leased_and_not_settled_waits_again_at_the_end() -> None:
    stats: dict[str, Any] = {}

    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        scheduler.next_request()
        stats.update(stats_of=crawler.stats)

    with_scheduler(work)
    assert stats["stats_of"].get_value("observer/addresses/waiting") == 2


def test_a_foreign_request_is_handed_out_first_and_touches_no_ledger() -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        foreign = Request("http://127.0.0.1:8000/elsewhere")
        assert scheduler.enqueue_request(foreign)
        assert scheduler.next_request() is foreign
        assert crawler.stats.get_value("observer/addresses/waiting") == 2

    with_scheduler(work)


def test_a_request_of_another_component_is_answered_beside_the_ledger(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=20, days=2)
    extensions = json.dumps({"tests.written_stats.Stranger": 1})
    run = crawl(site=server.url, max_articles=1, settings={"EXTENSIONS": extensions})
    assert run.stats["stranger"] == 200
    assert run.stat("requests") == len(server.log)
    assert run.code == 0


@pytest.mark.parametrize("words", [["fetch", "--nolog"], ["parse", "--nolog"], ["list"]])
def test_scrapys_own_commands_write_nothing(
    replica: Serve, tmp_path: Path, words: list[str]
) -> None:
    server = replica(articles=20, days=2)
    target = [] if words == ["list"] else [f"{server.url}/"]
    spider = ["--spider", "observer"] if words[0] in {"fetch", "parse"} else []
    data = tmp_path / "data"
    command = [sys.executable, "-m", "scrapy", *words, *spider, "-s", f"OBSERVER_DATA={data}"]
    done = subprocess.run(
        [*command, *target], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert not data.exists()
