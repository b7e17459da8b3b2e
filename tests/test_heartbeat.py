"""The heartbeat: what a dead-man service hears of crawls, and what it costs when it is away."""

from __future__ import annotations

import logging
import signal
import threading
import time
from contextlib import contextmanager, suppress
from socket import create_server
from typing import TYPE_CHECKING

import pytest

from observer_crawler import calls, heartbeat, lock
from observer_crawler.calls import is_address
from observer_crawler.heartbeat import Heartbeat
from tests.raw_site import raw_site
from tests.receiver import SECRET, Call, service
from tests.test_crawl import reachable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from socket import socket

    from tests.conftest import RunCrawl, Serve, StartCrawl


# Calls --------------------------------------------------------------------------------------


def test_start_and_end_are_told_with_code_and_line() -> None:
    with service() as told:
        beat = Heartbeat(told.url)
        beat.start()
        beat.end(3, "ঢাকা: 2 addresses wait.")
    assert told.calls == [Call("start", ""), Call("3", "ঢাকা: 2 addresses wait.")]


@pytest.mark.parametrize("url", ["", "ftp://example.org/x"])
def test_without_an_address_nobody_is_told(url: str, caplog: pytest.LogCaptureFixture) -> None:
    Heartbeat(url).end(0, "Done.")
    assert caplog.records == []


def test_a_call_that_fails_is_tried_once_more(caplog: pytest.LogCaptureFixture) -> None:
    with service([503]) as told:
        Heartbeat(told.url).end(0, "Done.")
    assert told.words == ["0", "0"]
    assert caplog.records == []


def test_a_service_that_refuses_twice_is_one_warning_without_the_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with service([404, 404, 404]) as told:
        Heartbeat(told.url).start()
    assert told.words == ["start", "start"]
    origin = told.url.partition("/ping")[0]
    line = f"the heartbeat /start did not reach {origin}: it answered 404"
    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [(logging.WARNING, line)]


def test_a_service_that_speaks_no_http_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    with raw_site({f"/{SECRET}/start": b"SSH-2.0-OpenSSH_9.2\r\n"}) as origin:
        Heartbeat(f"{origin}/{SECRET}").start()
    line = f"the heartbeat /start did not reach {origin}: BadStatusLine"
    assert [record.getMessage() for record in caplog.records] == [line]


def test_a_service_that_dribbles_is_left_after_two_times_the_time_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(calls, "SECONDS", 0.5)
    began = time.monotonic()
    with dribbling() as origin:
        Heartbeat(f"{origin}/{SECRET}").start()
        assert 1 <= time.monotonic() - began < 2
    line = f"the heartbeat /start did not reach {origin}: no answer within 0.5 s"
    assert [record.getMessage() for record in caplog.records] == [line]


@contextmanager
def dribbling() -> Iterator[str]:
    """Answer with a header that never ends, a byte every 0.1 s: each restarts a socket's clock."""
    over = threading.Event()

    def answer(connection: socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Header: ")
            while not over.wait(0.1):
                connection.sendall(b"a")

    with create_server(("127.0.0.1", 0)) as listening:
        threads = [
            threading.Thread(target=lambda: answer(listening.accept()[0]), daemon=True)
            for _ in range(heartbeat.TRIES)
        ]
        for thread in threads:
            thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "text",
    ["hc.example.org/x", "file:///etc/passwd", "https://", "https://me:pw@x/", "https://x/a b"],
)
def test_what_cannot_be_called_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_an_address_with_a_port_and_a_query_can_be_called() -> None:
    assert is_address("http://[::1]:8000/ping/x?create=1")


# Crawls -------------------------------------------------------------------------------------


def test_a_crawl_tells_its_start_and_its_end(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=20, days=2)
    with service() as told:
        run = crawl("-L", "DEBUG", site=server.url, env={"OBSERVER_HEARTBEAT": told.url})
    assert run.code == 0
    assert told.calls == [Call("start", ""), Call("0", run.err.splitlines()[-1])]
    assert SECRET not in run.err


def test_a_crawl_that_is_stopped_tells_it(replica: Serve, start_crawl: StartCrawl) -> None:
    server = replica(articles=120, days=4)
    with service() as told:
        settings = {"DOWNLOAD_DELAY": 0.05, "OBSERVER_HEARTBEAT": told.url}
        running = start_crawl(site=server.url, settings=settings)
        running.until(lambda: len(server.log) >= 5)
        running.stop()
        run = running.wait()
    assert run.code == 3
    assert told.words == ["start", "3"]
    assert told.calls[1].body.startswith("Stopped (shutdown), ")


def test_a_crawl_that_is_killed_tells_no_end(replica: Serve, start_crawl: StartCrawl) -> None:
    server = replica(articles=120, days=4)
    with service() as told:
        settings = {"DOWNLOAD_DELAY": 0.05, "OBSERVER_HEARTBEAT": told.url}
        running = start_crawl(site=server.url, settings=settings)
        running.until(lambda: len(server.log) >= 5)
        running.stop(signal.SIGKILL)
        running.wait()
    assert told.words == ["start"]


def test_a_crawl_that_cannot_start_tells_why(crawl: RunCrawl) -> None:
    with service() as told:
        run = crawl(site="http://127.0.0.1:9", sektions="x", env={"OBSERVER_HEARTBEAT": told.url})
    assert run.code == 1
    assert told.calls == [Call("1", run.err.removeprefix("scrapy: ").strip())]


def test_a_crawl_that_finds_its_folder_taken_tells_why(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=20, days=2)
    (tmp_path / "data" / "state").mkdir(parents=True)
    with service() as told, lock.locked(tmp_path / "data"):
        run = crawl(site=server.url, settings={"OBSERVER_HEARTBEAT": told.url})
    assert run.code == 1
    assert told.words == ["start", "1"]
    assert "another crawl (process " in told.calls[1].body


def test_a_disk_without_room_is_told_as_3(crawl: RunCrawl) -> None:
    with service() as told:
        settings = {"OBSERVER_HEARTBEAT": told.url, "OBSERVER_MIN_FREE_GB": 1_000_000}
        assert crawl(site="http://127.0.0.1:9", settings=settings).code == 3
    assert told.words == ["start", "3"]


def test_a_heartbeat_that_does_not_arrive_changes_nothing_else(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(articles=40, days=2)
    gone = f"http://127.0.0.1:9/ping/{SECRET}"
    run = crawl(site=server.url, settings={"OBSERVER_HEARTBEAT": gone})
    assert run.code == 0
    assert run.ids == sorted(reachable(server))
    warnings = [line for line in run.err.splitlines() if "WARNING" in line]
    assert [line.partition(": ")[2] for line in warnings] == [
        f"the heartbeat /{word} did not reach http://127.0.0.1:9: Connection refused"
        for word in ("start", "0")
    ]


def test_a_replay_is_no_sign_of_life(replica: Serve, crawl: RunCrawl, tmp_path: Path) -> None:
    server = replica(articles=10, days=2)
    crawl(site=server.url, settings={"OBSERVER_CAPTURE": 1})
    with service() as told:
        settings = {
            "OBSERVER_REPLAY": tmp_path / "data" / "warc",
            "OBSERVER_DATA": tmp_path / "again",
            "OBSERVER_HEARTBEAT": told.url,
        }
        assert crawl(site=server.url, settings=settings).code == 0
    assert told.calls == []


def test_an_address_that_is_none_is_refused_and_not_shown(crawl: RunCrawl) -> None:
    run = crawl(site="http://127.0.0.1:9", settings={"OBSERVER_HEARTBEAT": SECRET})
    line = (
        "scrapy: OBSERVER_HEARTBEAT: expected an address like https://hc.example.org/ping/ID, "
        "or nothing, got something else (it is not shown here)\n"
    )
    assert (run.code, run.err) == (1, line)
