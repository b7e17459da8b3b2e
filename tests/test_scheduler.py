"""The scheduler over the ledger: what it leases, what it hands out, what it leaves alone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.defer import maybe_deferred_to_future

from observer_crawler import settings as project
from observer_crawler.books import Books
from observer_crawler.exceptions import LedgerError
from observer_crawler.ledger import Found, Outcome, State, Visit
from observer_crawler.pipelines import StoreArticle
from observer_crawler.scheduler import LedgerScheduler
from observer_crawler.spiders.observer import ObserverSpider
from observer_crawler.trouble import MAX_UNANSWERED
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def with_scheduler(
    data: Path,
    work: Callable[[LedgerScheduler, Crawler], Awaitable[None]],
    changed: Mapping[str, object] | None = None,
    **arguments: str,
) -> Crawler:
    """Run something with an open scheduler of a spider that is not crawling."""

    async def run() -> Crawler:
        settings = Settings()
        settings.setmodule(project, priority="project")
        settings.update({"OBSERVER_DATA": str(data), "OBSERVER_RETRY_SECONDS": 0.01})
        settings.update(dict(changed or {}))
        crawler = Crawler(ObserverSpider, settings)
        crawler.stats = MemoryStatsCollector(crawler)
        # The engine is asked for one thing alone, and nobody crawls here.
        crawler.engine = SimpleNamespace(_slot=None, close_spider_async=_nothing)  # type: ignore[assignment]
        crawler.spider = ObserverSpider.from_crawler(crawler, **arguments)
        StoreArticle.from_crawler(crawler)
        scheduler = LedgerScheduler.from_crawler(crawler)
        await maybe_deferred_to_future(scheduler.open(crawler.spider))
        await work(scheduler, crawler)
        await maybe_deferred_to_future(scheduler.close("finished"))
        books_of(crawler).close()
        return crawler

    return asyncio.run(run())


async def _nothing(**_: object) -> None:
    """Stand in for the end of a spider."""


def books_of(crawler: Crawler) -> Books:
    books = crawler.spider.books  # type: ignore[union-attr]
    assert isinstance(books, Books)
    return books


def taken(scheduler: LedgerScheduler) -> list[Visit]:
    """Take all requests that the scheduler has now, as visits."""
    visits = []
    while (request := scheduler.next_request()) is not None:
        visits.append(request.meta["visit"])
    return visits


def test_at_most_twice_the_concurrency_is_leased(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        assert len(taken(scheduler)) == 2

    with_scheduler(data, work, sections="all")


def test_a_request_carries_the_spiders_callbacks_and_the_address_to_ask(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        request = scheduler.next_request()
        assert request is not None
        assert request.url == "http://127.0.0.1:8000/"
        assert (request.callback, request.errback) == (spider.parse, spider.failed)

    with_scheduler(data, work, site="http://127.0.0.1:8000")


def test_a_settlement_makes_room_for_the_next_lease(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        visit = taken(scheduler)[0]
        await visit.settle(visit, Outcome(State.READ))
        (third,) = taken(scheduler)
        await third.settle(third, Outcome(State.FAILED))

    with_scheduler(data, work, sections="all")


def test_a_visit_is_settled_once(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        visit = taken(scheduler)[0]
        await visit.settle(visit, Outcome(State.READ))
        await visit.settle(visit, Outcome(State.FAILED))
        assert crawler.stats.get_value("observer/settled") == 1

    with_scheduler(data, work, sections="all")


def test_what_was_leased_and_not_settled_waits_again_at_the_end(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        scheduler.next_request()

    crawler = with_scheduler(data, work)
    assert crawler.stats.get_value("observer/addresses/waiting") == 2
    assert crawler.stats.get_value("observer/left") == 2
    again = with_scheduler(data, work)
    assert again.stats.get_value("observer/leases/fallen") == 0


def test_a_stored_article_is_asked_for_with_its_validators_and_a_list_without(data: Path) -> None:
    fetched: dict[str, Any] = {
        "fetched_at": "2022-06-16T10:00:00",
        "etag": '"x"',
        "last_modified": "Thu",
    }

    async def read(scheduler: LedgerScheduler, _: Crawler) -> None:
        url = "https://www.observerbd.com/news/1"
        article = Found("b:1", "article", url, "latest", language="en")
        front, section = taken(scheduler)
        await front.settle(front, Outcome(State.READ, links=[article], **fetched))
        await section.settle(section, Outcome(State.READ, **fetched))
        (visit,) = taken(scheduler)
        await visit.settle(visit, Outcome(State.STORED, **fetched))

    async def look(scheduler: LedgerScheduler, _: Crawler) -> None:
        requests = [scheduler.next_request() for _ in range(2)]
        assert [request.headers for request in requests if request] == [{}, {}]
        for request in requests:
            assert request is not None
            visit = request.meta["visit"]
            await visit.settle(visit, Outcome(State.READ))
        revisit = scheduler.next_request()
        assert revisit is not None
        assert revisit.headers["If-None-Match"] == b'"x"'
        assert revisit.headers["If-Modified-Since"] == b"Thu"

    with_scheduler(data, read)
    with_scheduler(data, look, revisit="all")


def test_what_is_excluded_is_settled_without_a_request(data: Path) -> None:
    data.mkdir()
    (data / "exclude.txt").write_text(
        "https://www.observerbd.com/ 2026-11-01 asked by its owner\n"
    )

    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        assert [visit.lease.kind for visit in taken(scheduler)] == ["listing"]

    crawler = with_scheduler(data, work)
    assert crawler.stats.get_value("observer/addresses/denied") == 1


def test_a_run_with_all_its_room_taken_does_not_wake_for_what_is_due(data: Path) -> None:
    """The settlement that makes room looks again; a timer would only spin until then."""

    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        visit = taken(scheduler)[0]
        await visit.settle(visit, Outcome(State.WAITING, "503"))
        await asyncio.sleep(0.1)  # its next try has come by now
        assert len(taken(scheduler)) == 1
        assert not scheduler.has_pending_requests()

    with_scheduler(data, work, sections="all")


def test_a_retry_keeps_no_run_that_has_stored_what_was_asked(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        (first,) = taken(scheduler)
        await first.settle(first, Outcome(State.WAITING, "503"))
        (second,) = taken(scheduler)
        scheduler.stored()
        await second.settle(second, Outcome(State.READ))
        await asyncio.sleep(0.1)
        assert not scheduler.has_pending_requests()
        assert crawler.stats.get_value("observer/ending") == "limit"

    with_scheduler(data, work, max_articles="1")


def test_a_run_stays_for_what_is_due_soon_and_not_for_what_is_due_later(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, _: Crawler) -> None:
        front, section = taken(scheduler)
        await front.settle(front, Outcome(State.FAILED))
        assert not scheduler.has_pending_requests()
        await section.settle(section, Outcome(State.WAITING, "503"))
        assert scheduler.has_pending_requests()

    with_scheduler(data, work)


def test_while_nobody_is_there_one_address_is_tried_at_a_time(data: Path) -> None:
    """Ten in a row are silence, and from then on each try is one more."""
    silence = Outcome(State.WAITING, "Connection refused", unanswered=True)

    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        visits = taken(scheduler)
        await visits[0].settle(visits.pop(0), Outcome(State.READ))
        for _ in range(MAX_UNANSWERED):
            visits += taken(scheduler)
            await visits[0].settle(visits.pop(0), silence)
        assert crawler.stats.get_value("observer/holding").startswith("offline since")
        visits += taken(scheduler)
        tries = 0
        for _ in range(40):
            await asyncio.sleep(0.01)
            found = visits or taken(scheduler)
            assert len(found) <= 1
            for visit in found:
                await visit.settle(visit, silence)
            tries += len(found)
            visits = []
        assert 2 <= tries <= 6  # at 0.02, 0.06, 0.14, 0.3 s: each wait is twice the last

    changed = {"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "OBSERVER_RETRY_SECONDS": 0.02}
    with_scheduler(data, work, changed, sections="all")


def test_a_foreign_request_is_handed_out_first_and_touches_no_ledger(data: Path) -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        foreign = Request("http://127.0.0.1:8000/elsewhere")
        assert scheduler.enqueue_request(foreign)
        assert scheduler.next_request() is foreign
        assert crawler.stats.get_value("observer/addresses/waiting") == 2

    with_scheduler(data, work)


def test_a_ledger_that_fails_ends_the_run(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(scheduler: LedgerScheduler, crawler: Crawler) -> None:
        visit = taken(scheduler)[0]

        async def broken(*_: object) -> None:
            raise LedgerError("no room")

        with monkeypatch.context() as patch:
            patch.setattr(books_of(crawler).ledger, "settle", broken)
            await visit.settle(visit, Outcome(State.READ))
        assert crawler.stats.get_value("observer/ending") == "ledger"
        assert crawler.stats.get_value("observer/ending_detail") == "no room"

    with_scheduler(data, work, sections="all")


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
