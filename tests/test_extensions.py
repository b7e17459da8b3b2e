"""What people see of a crawl, and what ends it when nobody looks."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from socket import create_server
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.figures import Estimate, closing_table, duration, progress_line
from observer_crawler.spiders.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve, StartCrawl

GIGABYTE = 10**9


# Time left ----------------------------------------------------------------------------------


def days_of_work(articles: int, days: int) -> list[Work]:
    """The states of an archive crawl, one for each request: a day, then its articles."""
    each = articles // days
    found = []
    for day in range(days):
        found += [Work(day * each + done, articles, day + 1, days) for done in range(each + 1)]
    return found


@pytest.mark.parametrize("jitter", [0.0, 0.9])
@pytest.mark.parametrize("before", [0.0, 0.5])
def test_the_time_left_is_right_after_a_tenth_of_the_work(jitter: float, before: float) -> None:
    draw = random.Random(1)
    work = days_of_work(3_000, 30)
    work = work[int(len(work) * before) :]
    estimate, now = Estimate(), 0.0
    seen: list[tuple[float, float | None]] = []
    for each in work:
        seen.append((now, estimate.seconds_left(each, now)))
        now += 1 + draw.uniform(-jitter, jitter)
    for at, left in seen[len(seen) // 10 : -10]:
        assert left is not None
        # Of the last seconds a share would be less than a request.
        assert abs(left - (now - at)) <= max(0.15 * (now - at), 10)


def test_the_time_left_is_not_guessed_from_a_handful_of_pages() -> None:
    estimate = Estimate()
    lefts = [estimate.seconds_left(Work(done, 100), done) for done in range(12)]
    assert lefts[:10] == [None] * 10
    assert lefts[10:] == [90.0, 89.0]


def test_what_an_earlier_run_did_says_nothing_of_the_rate_of_this_one() -> None:
    estimate = Estimate()
    assert estimate.seconds_left(Work(900, 1_000), 5) is None
    assert estimate.seconds_left(Work(950, 1_000), 105) == 100.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3_600, "1 h"), (3_605, "1 h")),
        *((86_400 + 3_600, "1 d 1 h"), (86_400 * 7 + 60, "7 d")),
    ],
)
def test_a_time_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# The lines ----------------------------------------------------------------------------------

STATS: dict[str, Any] = {"observer/pages/article": 50, "observer/pages/day": 10}


def test_the_progress_of_an_archive_says_how_much_of_all_is_done() -> None:
    line = progress_line(STATS, 60, Work(1_790, 4_470, 12, 30), 2_700)
    assert line == (
        "12 of 30 days, 1,790 of about 4,470 articles, 1.0 pages a second, about 45 min left"
    )
    known = progress_line(STATS, 60, Work(4_000, 4_470, 30, 30), 470)
    assert known.startswith("30 of 30 days, 4,000 of 4,470 articles")


def test_a_run_of_articles_alone_names_no_days() -> None:
    line = progress_line(STATS, 60, Work(5, 9))
    assert line == "5 of 9 articles, 1.0 pages a second"


@pytest.mark.parametrize("work", [None, Work(1, 2)])
def test_a_run_that_waits_on_purpose_says_so_first(work: Work | None) -> None:
    stats = {**STATS, "observer/holding": "offline since 14:03"}
    assert progress_line(stats, 60, work).startswith("offline since 14:03, ")
    assert "offline" not in progress_line({**stats, "observer/holding": ""}, 60, work)


def test_the_closing_table_leaves_out_what_is_zero() -> None:
    zero = {"left": 0, "later": 0, "leases/fallen": 0, "articles/revised": 0}
    quiet = closing_table({f"observer/{name}": count for name, count in zero.items()}, "data")
    assert quiet.split() == "articles stored 0 requests 0 time 0.0 s files data/articles/".split()
    some = {"left": 1, "later": 2, "leases/fallen": 3, "articles/revised": 4}
    some["articles/unchanged"] = 5_000
    table = closing_table({f"observer/{name}": count for name, count in some.items()}, "data")
    rows = dict(re.findall(r"^  (.+?)  +(\S.*)$", table, re.MULTILINE))
    assert rows["visits left, due now"] == "1"
    assert rows["visits due later"] == "2"
    assert rows["visits that a killed run had begun"] == "3"
    assert rows["articles revised"] == "4"
    assert rows["articles visited again, unchanged"] == "5,000"


def test_a_log_has_its_first_line_soon(replica: Serve, start_crawl: StartCrawl) -> None:
    server = replica(articles=60, days=3)
    with start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 0.2}) as running:
        began = time.monotonic()
        running.until(lambda: "pages a second" in running.said())
        assert time.monotonic() - began < 15
        assert "articles stored" in running.said()


# The watchdog -------------------------------------------------------------------------------

HUNG = {
    "DOWNLOAD_TIMEOUT": 100_000,
    "OBSERVER_WATCHDOG_SECONDS": 1,
    "OBSERVER_WAIT_SECONDS": 0,
}


def test_a_server_that_never_answers_ends_the_run(replica: Serve, start_crawl: StartCrawl) -> None:
    mute = {"/menu/198": lambda _: time.sleep(20), "/cat.php": lambda _: time.sleep(20)}
    server = replica(mute, articles=40, days=3)
    began = time.monotonic()
    run = start_crawl(site=server.url, follow="lists", settings=HUNG).wait()
    assert time.monotonic() - began < 15
    assert run.code == 3
    line = run.err.splitlines()[-1]
    assert re.fullmatch(
        r"Stopped, nothing came to an end any more: nothing was settled for 1 s\. The same "
        r"command goes on\.",
        line,
    )
    assert run.stat("addresses/waiting") >= 1
    assert run.stat("requests") == len(server.log) + 1, "the one that hangs is not logged yet"


def test_a_server_that_accepts_and_never_says_a_word_ends_the_run(start_crawl: StartCrawl) -> None:
    with create_server(("127.0.0.1", 0)) as mute:
        site = f"http://127.0.0.1:{mute.getsockname()[1]}"
        run = start_crawl(site=site, settings=HUNG, spider="observer_archive").wait()
    assert run.code == 3
    line = "Stopped, nothing came to an end any more: nothing was settled for 1 s."
    assert run.err.splitlines()[-1] == f"{line} The same command goes on."


def test_a_slow_run_is_not_a_hung_one(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(articles=20, days=2)
    settings = {**HUNG, "DOWNLOAD_DELAY": 0.5, "OBSERVER_WATCHDOG_SECONDS": 3}
    run = crawl(site=server.url, max_articles=5, settings=settings)
    assert run.code == 0
    assert run.stat("seconds") > 3


def test_a_run_that_waits_on_purpose_is_not_a_hung_one(
    replica: Serve, start_crawl: StartCrawl
) -> None:
    server = replica(articles=20, days=2)
    night = {"OBSERVER_HOURS": "22-06", "OBSERVER_NOW": "2026-11-23T12:00:00+06:00"}
    with start_crawl(site=server.url, settings={**HUNG, **night}) as running:
        running.until(lambda: "(hours), 0 pages" in running.said())
        running.stop()
        line = running.wait().err.splitlines()[-1]
    assert line == "Stopped (shutdown), 2 addresses wait. The same command goes on."


def test_guards_are_switched_off_by_zero(replica: Serve, crawl: RunCrawl) -> None:
    off = {"OBSERVER_WATCHDOG_SECONDS": 0, "OBSERVER_MIN_FREE_GB": 0}
    server = replica(articles=20, days=2)
    run = crawl(site=server.url, max_articles=1, settings=off)
    assert run.code == 0
    assert "extensions.Watchdog: OBSERVER_WATCHDOG_SECONDS is 0" in run.err
    assert "extensions.FreeDisk: OBSERVER_MIN_FREE_GB is 0" in run.err


def test_a_guard_that_is_no_number_is_one_line(crawl: RunCrawl) -> None:
    run = crawl(site="http://127.0.0.1:9", settings={"OBSERVER_MIN_FREE_GB": "some"})
    line = "scrapy: OBSERVER_MIN_FREE_GB: expected a number from 0 up, got 'some'\n"
    assert (run.code, run.err) == (1, line)


# The disk -----------------------------------------------------------------------------------


def test_too_little_room_at_the_start_asks_nothing(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=20, days=2)
    run = crawl(site=server.url, settings={"OBSERVER_MIN_FREE_GB": 1_000_000})
    assert run.code == 3
    assert run.err.count("\n") == 1
    assert "less than the 1e+06 of OBSERVER_MIN_FREE_GB: nothing was asked" in run.err
    assert server.log == []
    assert not (tmp_path / "data").exists()


def test_a_disk_that_fills_up_ends_the_run_cleanly(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    server = replica(articles=200, days=4)
    spare = 0.5  # others write to this disk meanwhile
    least = shutil.disk_usage(tmp_path).free / GIGABYTE - spare
    settings = {"DOWNLOAD_DELAY": 0.05, "OBSERVER_MIN_FREE_GB": least}
    running = start_crawl(site=server.url, settings=settings)
    running.until(lambda: len(server.log) >= 8)
    with (tmp_path / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, int(2 * spare * GIGABYTE))
        run = running.wait()
    (tmp_path / "ballast").unlink()
    assert run.code == 3
    line = run.err.splitlines()[-1]
    assert line.startswith("Stopped, the disk is nearly full: ")
    assert line.endswith("of OBSERVER_MIN_FREE_GB. The same command goes on.")
    assert run.stat("addresses/stored") == len(run.ids) > 0
    assert run.stat("left") > 0
