"""What befalls a data folder and a machine: the same articles in the end, no good line touched.

Each of these happens to a crawl that is under way; then the same command is typed again. How many
requests that costs is stated, for a folder that is mended by asking for everything again is not
mended.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica.page import Page
from tests.balance import ledger_of
from tests.captures import warc_files
from tests.trials import LEASED, Trial, trial, undisturbed
from tests.world import article_set, read_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SITE: dict[str, Any] = {"articles": 70, "days": 5}
# Requests after which a fault befalls the crawl: about half of them.
HALF = 36
# What a run asks for beside articles: robots.txt, lists, numbers that are missing in each form.
BESIDE = 25


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed crawl stores."""
    return undisturbed(tmp_path_factory.mktemp("calm"), "observer", **SITE)


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Trial]:
    with trial(tmp_path, **SITE) as crawl:
        yield crawl


@pytest.fixture
def stated(crawl: Trial, record_property: Callable[[str, object], None]) -> Callable[[int], int]:
    """State what the fault cost: requests after it, beside those of a crawl that just goes on."""

    def state(before: int) -> int:
        after = len(crawl.server.log) - before
        record_property("requests before", before)
        record_property("requests after", after)
        record_property("articles read again", read_again(crawl.server))
        return after

    return state


@pytest.mark.parametrize("room", ["segment", "ledger", "start"])
def test_a_full_disk_ends_the_run_with_3_and_the_next_one_goes_on(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int], room: str
) -> None:
    """An ordinary user cannot fill a disk of his own; no file may grow beyond a limit instead."""
    if room == "segment":
        crawl.kill_after(HALF, signal.SIGTERM)
    largest = max(map(len, crawl.segments().values()), default=0)
    limit = {"segment": largest + 1000, "ledger": 250_000, "start": 20_000}[room]
    before = crawl.segments()
    run = crawl.run(file_bytes=limit)
    assert run.code == (1 if room == "start" else 3)
    assert any(word in run.err.splitlines()[-1] for word in ("File too large", "disk I/O error"))
    assert crawl.kept(before)
    asked = len(crawl.server.log)
    crawl.finish(1)
    stated(asked)
    crawl.assert_right(wanted)
    assert read_again(crawl.server) <= LEASED


@pytest.mark.parametrize("limit", [2_000, 20_000, 100_000, 120_000])
def test_a_disk_that_is_full_at_the_very_start_is_said_in_one_line(
    crawl: Trial, limit: int
) -> None:
    """The ledger cannot be made, or no run begun in it, or nobody entered: whichever comes first."""
    run = crawl.run(file_bytes=limit)
    assert run.code in {1, 3}
    assert "disk I/O error" in run.err.splitlines()[-1]
    assert "Traceback" not in run.err
    assert crawl.server.log == []


def test_a_ledger_that_somebody_locks_while_a_run_waits_ends_it_in_one_line(
    tmp_path: Path,
) -> None:
    busy = Page(500, {"Content-Type": "text/html"}, b"Internal Server Error")
    faults = {"/menu/198": lambda visit: busy if visit == 0 else None}
    with trial(tmp_path, faults=faults, articles=20, days=2) as crawl:
        crawl.settings["OBSERVER_RETRY_SECONDS"] = 2
        crawl.arguments["follow"] = "lists"
        with crawl.start() as running:
            running.until(lambda: ledger_of(crawl.data).exists() and attempts(crawl.data) == 1)
            with closing(sqlite3.connect(ledger_of(crawl.data), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                run = running.wait()
        assert run.code == 3
        assert run.err.splitlines()[-1].endswith("database is locked. The same command goes on.")
        assert "Traceback" not in run.err
        assert "never retrieved" not in run.err
        crawl.finish(1)


def attempts(data: Path) -> int:
    """How often the list was tried in vain."""
    with closing(sqlite3.connect(ledger_of(data))) as ledger:
        query = "SELECT attempts FROM address WHERE name = 'list:198'"
        found = ledger.execute(query).fetchone() if is_made(ledger) else None
    return found[0] if found else 0


def is_made(ledger: sqlite3.Connection) -> bool:
    return bool(ledger.execute("SELECT 1 FROM sqlite_master WHERE name = 'address'").fetchone())


def test_a_torn_last_line_is_moved_aside_and_its_article_fetched_again(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int]
) -> None:
    crawl.kill_after(HALF)
    before = crawl.segments()
    file, lines = max(before.items())
    torn = lines[: lines.find(b"\n") // 2]
    (crawl.data / file).write_bytes(lines + torn)
    asked = len(crawl.server.log)
    run = crawl.finish(1)
    stated(asked)
    assert [path.read_bytes() for path in (crawl.data / "state" / "torn").iterdir()] == [torn]
    assert f"torn last line of {crawl.data / file} ({len(torn)} bytes)" in run.err
    assert crawl.kept(before)
    crawl.assert_right(wanted)
    assert read_again(crawl.server) <= LEASED


@pytest.mark.parametrize(
    ("number", "fate"),
    [
        (signal.SIGTERM, "empty"),
        (signal.SIGKILL, "deleted"),
        (signal.SIGKILL, "half"),
        pytest.param(signal.SIGTERM, "deleted", marks=pytest.mark.prove),
        pytest.param(signal.SIGTERM, "half", marks=pytest.mark.prove),
        pytest.param(signal.SIGKILL, "noise", marks=pytest.mark.prove),
    ],
)
def test_a_ledger_that_is_gone_or_broken_is_made_anew_from_the_lines(
    crawl: Trial,
    wanted: dict[str, Any],
    stated: Callable[[int], int],
    number: signal.Signals,
    fate: str,
) -> None:
    """A run that was killed leaves a log beside the file; a broken file has no use for it.

    A fate of each way to end in `make test`, all of them in `make prove`.
    """
    crawl.settings["OBSERVER_CAPTURE"] = 0
    crawl.kill_after(HALF // 2, signal.SIGTERM)
    crawl.kill_after(HALF // 2, number)
    before = crawl.segments()
    spoil(ledger_of(crawl.data), fate)
    asked = len(crawl.server.log)
    run = crawl.finish(1)
    assert "made anew from the segments" in run.err
    assert crawl.kept(before)
    # Each article that was read once is visited once more, for its links.
    assert stated(asked) <= len(wanted) + BESIDE
    assert read_again(crawl.server) <= HALF + LEASED
    crawl.assert_right(wanted, has_whole_log=False)


@pytest.mark.parametrize("fate", ["deleted", "half"])
def test_where_answers_were_kept_a_ledger_is_made_anew_without_asking_for_them_again(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int], fate: str
) -> None:
    crawl.kill_after(HALF, signal.SIGTERM)
    before, stored = crawl.segments(), len(article_set(crawl.data))
    spoil(ledger_of(crawl.data), fate)
    asked = len(crawl.server.log)
    run = crawl.finish(1)
    assert run.stat("from_captures") == stored > HALF / 3
    assert stated(asked) <= len(wanted) - stored + BESIDE
    assert read_again(crawl.server) == 0
    assert crawl.kept(before)
    crawl.assert_right(wanted, has_whole_log=False)


def test_a_line_without_its_settlement_is_settled_from_its_capture(
    crawl: Trial, wanted: dict[str, Any]
) -> None:
    crawl.crash("line:after:5")
    run = crawl.finish(1)
    assert run.stat("from_captures") == 1
    assert read_again(crawl.server) == 0
    crawl.assert_right(wanted)


@pytest.mark.parametrize("fate", ["gone", "another record", "not readable"])
def test_a_capture_that_is_not_what_it_was_is_asked_for_again(
    crawl: Trial, wanted: dict[str, Any], fate: str
) -> None:
    crawl.kill_after(HALF, signal.SIGTERM)
    stored = len(article_set(crawl.data))
    ledger_of(crawl.data).unlink()
    for path in warc_files(crawl.data):
        spoil_captures(path, fate)
    with crawl.start() as running:
        running.is_judged = False  # its captures are not in order, nor can they be
        run = running.wait()
    assert (run.code, run.stat("from_captures")) == (0, 0)
    assert read_again(crawl.server) == stored
    assert article_set(crawl.data) == wanted


def spoil_captures(path: Path, fate: str) -> None:
    """Do to a WARC file what a mishap does."""
    if fate == "gone":
        path.unlink()
    elif fate == "not readable":
        path.write_bytes(b"noise" * 4000)
    else:
        path.write_bytes(b"\n" + path.read_bytes())


def test_a_log_of_the_ledger_that_is_cut_costs_what_stood_behind_the_cut(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int]
) -> None:
    crawl.kill_after(HALF)
    before, log = crawl.segments(), ledger_of(crawl.data).with_name("ledger.sqlite-wal")
    log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    asked = len(crawl.server.log)
    crawl.finish(1)
    assert crawl.kept(before)
    assert stated(asked) <= len(wanted) + BESIDE
    crawl.assert_right(wanted, has_whole_log=False)


def test_a_ledger_with_indexes_of_another_moment_is_made_anew(
    crawl: Trial, wanted: dict[str, Any]
) -> None:
    """Copied while it was written, a file may be sound page by page and wrong as a whole."""
    crawl.kill_after(HALF, signal.SIGTERM)
    before = crawl.segments()
    with closing(sqlite3.connect(ledger_of(crawl.data), isolation_level=None)) as ledger:
        ledger.execute("PRAGMA writable_schema = ON")
        index = "FROM sqlite_master WHERE name = 'address_by_state'"
        row = ledger.execute(f"SELECT * {index}").fetchone()
        ledger.execute(f"DELETE {index}")
    with closing(sqlite3.connect(ledger_of(crawl.data), isolation_level=None)) as ledger:
        ledger.execute("UPDATE address SET state = 'seen' WHERE state = 'waiting'")
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    run = crawl.finish(1)
    assert "made anew from the segments" in run.err
    assert crawl.kept(before)
    crawl.assert_right(wanted, has_whole_log=False)


def test_a_full_disk_is_no_reason_to_give_up_a_ledger(
    crawl: Trial, wanted: dict[str, Any]
) -> None:
    """What a killed run left behind cannot even be read without room for SQLite's own files."""
    crawl.kill_after(HALF)
    run = crawl.run(file_bytes=20_000)
    assert run.code == 1
    assert "disk I/O error" in run.err.splitlines()[-1]
    crawl.finish(1)
    crawl.assert_right(wanted)
    assert read_again(crawl.server) <= LEASED


def spoil(ledger: Path, fate: str) -> None:
    """Do to the ledger's main file what a mishap does; what stands beside it stays."""
    content = ledger.read_bytes()
    if fate == "deleted":
        ledger.unlink()
    else:
        half = content[: len(content) // 2]
        ledger.write_bytes({"empty": b"", "half": half, "noise": b"\0noise" * 4000}[fate])


@pytest.mark.parametrize("point", ["rename:before:1", "rename:after:1", "adopt:before:1"])
def test_a_rebuilding_that_is_killed_is_taken_up(
    crawl: Trial, wanted: dict[str, Any], point: str
) -> None:
    crawl.kill_after(HALF // 2, signal.SIGTERM)
    crawl.kill_after(HALF // 2)
    before = crawl.segments()
    spoil(ledger_of(crawl.data), "noise")
    crawl.crash(point)
    crawl.finish(1)
    assert crawl.kept(before)
    crawl.assert_right(wanted, has_whole_log=False)


def test_a_ledger_put_back_from_yesterday_learns_what_was_stored_since(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int], tmp_path: Path
) -> None:
    state, yesterday = crawl.data / "state", tmp_path / "yesterday"
    crawl.kill_after(HALF // 2, signal.SIGTERM)
    shutil.copytree(state, yesterday)
    crawl.kill_after(HALF)
    before = crawl.segments()
    shutil.rmtree(state)
    shutil.copytree(yesterday, state)
    asked = len(crawl.server.log)
    crawl.finish(1)
    assert crawl.kept(before)
    assert stated(asked) <= len(wanted)
    crawl.assert_right(wanted, has_whole_log=False)


def test_a_folder_that_was_copied_while_the_crawl_ran_goes_on_by_itself(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int], tmp_path: Path
) -> None:
    copies = [tmp_path / f"copy-{number}" for number in range(2)]
    with crawl.start() as running:
        for number, copy in enumerate(copies):
            seen = 20 * (number + 1)
            running.until(partial(crawl.has_seen, seen))
            shutil.copytree(crawl.data, copy)
    for copy in copies:
        crawl.data = copy
        before = crawl.segments()
        asked = len(crawl.server.log)
        crawl.finish(1)
        stated(asked)
        assert crawl.kept(before)
        crawl.assert_right(wanted, has_whole_log=False)


@pytest.mark.parametrize("back", ["2025-06-18", "2025-06-21"])
def test_a_clock_that_was_set_puts_nothing_off_for_days(
    tmp_path: Path, wanted: dict[str, Any], back: str
) -> None:
    busy = Page(503, {"Content-Type": "text/html"}, b"busy")
    late = [f"/news/{name.partition(':')[2]}" for name in sorted(wanted)[-6:]]
    faults = dict.fromkeys(late, lambda visit: busy if visit == 0 else None)
    with trial(tmp_path, faults=faults, **SITE) as crawl:
        crawl.settings["OBSERVER_RETRY_SECONDS"] = 1
        crawl.settings["OBSERVER_NOW"] = "2025-06-20T12:00:00+06:00"
        crawl.kill_after(HALF)
        crawl.settings["OBSERVER_NOW"] = f"{back}T12:00:00+06:00"
        crawl.finish(1)
        crawl.assert_right(wanted)


def test_a_site_that_goes_away_for_a_while_is_waited_for(
    crawl: Trial, wanted: dict[str, Any], stated: Callable[[int], int]
) -> None:
    with crawl.start() as running:
        running.until(partial(crawl.has_seen, HALF))
        crawl.server.stop()
        asked = len(crawl.server.log)
        time.sleep(1.5)  # the while
        crawl.server.start()
        run = running.wait()
    assert run.code == 0, run.err[-2000:]
    stated(asked)
    assert run.group("addresses").get("failed", 0) == 0
    crawl.assert_right(wanted, has_whole_log=False)
    assert read_again(crawl.server) <= LEASED


def test_a_crawl_that_was_stopped_and_continued_goes_on(
    crawl: Trial, wanted: dict[str, Any]
) -> None:
    with crawl.start() as running:
        for seen in (HALF // 2, HALF):
            running.until(partial(crawl.has_seen, seen))
            running.stop(signal.SIGSTOP)
            time.sleep(1)  # as long as it is stopped
            running.stop(signal.SIGCONT)
        run = running.wait()
    assert run.code == 0, run.err[-2000:]
    crawl.assert_right(wanted)
    assert read_again(crawl.server) == 0
