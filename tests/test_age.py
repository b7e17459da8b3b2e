"""`scrapy status --max-age`: whoever watches a timer hears when no good run ended."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.commands.age import look_at_age, read_age
from observer_crawler.commands.standing import iso
from observer_crawler.exceptions import ConfigurationError
from tests.test_status import HOUR, NOW, Hand, status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve, StartCrawl

DAY = 24 * HOUR
ALLOWED = 26 * HOUR


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    """A ledger with two scopes and no run."""
    made = Hand(tmp_path / "data")
    made.put("scope", spider="observer", key="{}")
    made.put("scope", spider="observer_archive", key="{}")
    return made


def line(hand: Hand, spider: str | None = None) -> tuple[bool, str]:
    """Look without a process of its own."""
    age = look_at_age(hand.data, ALLOWED, spider, NOW)
    return age.is_good, age.line().replace(str(hand.data), "data")


def test_a_good_run_in_time_is_good(hand: Hand) -> None:
    hand.run(NOW - 5 * HOUR, NOW - 4 * HOUR, code=0, ending="Done.")
    words = "A good run ended 4 h ago (observer, 2026-11-23 11:04 UTC), 1 d 2 h are allowed."
    assert line(hand) == (True, words)


def test_a_timer_that_is_off_shows_in_the_age_of_the_last_good_run(hand: Hand) -> None:
    hand.run(NOW - 49 * HOUR, NOW - 2 * DAY, code=0, ending="Done.")
    words = (
        "No good run ended in data in the last 1 d 2 h: one ended 2 d ago (observer, 2026-11-21 "
        "15:04 UTC), and none began since."
    )
    assert line(hand) == (False, words)


@pytest.mark.parametrize(
    ("code", "ending"), [(3, "2 addresses failed."), (4, "An alarm."), (5, "The site refuses us.")]
)
def test_a_run_with_another_code_is_no_good_one(hand: Hand, code: int, ending: str) -> None:
    hand.run(NOW - 31 * HOUR, NOW - 30 * HOUR, code=0, ending="Done.")
    hand.run(NOW - 5 * HOUR, NOW - 4 * HOUR, code=code, ending=ending)
    words = (
        "No good run ended in data in the last 1 d 2 h: one ended 1 d 6 h ago (observer, "
        "2026-11-22 09:04 UTC). The last run: observer, 2026-11-23 10:04 UTC, "
        f"1 h, exit code {code}: {ending}"
    )
    assert line(hand) == (False, words)


def test_a_bad_run_after_a_good_one_in_time_is_no_lack(hand: Hand) -> None:
    hand.run(NOW - 5 * HOUR, NOW - 4 * HOUR, code=0, ending="Done.")
    hand.run(NOW - 3 * HOUR, NOW - 2 * HOUR, code=3, ending="Stopped.")
    assert line(hand)[0]


def test_a_killed_run_is_no_good_one(hand: Hand) -> None:
    hand.run(NOW - 5 * HOUR, seen=NOW - 4 * HOUR)
    assert line(hand)[1].endswith(
        ": none ever did. The last run: observer, 2026-11-23 10:04 UTC, killed, last sign of life "
        "2026-11-23 11:04 UTC"
    )


def test_a_run_under_way_is_said_and_no_good_one_yet(hand: Hand) -> None:
    hand.run(NOW - 5 * HOUR)
    with lock.locked(hand.data):
        assert line(hand)[1].endswith(
            "The last run: observer, 2026-11-23 10:04 UTC, running for 5 h"
        )


def test_a_run_that_ended_far_ahead_of_the_clock_proves_nothing(hand: Hand) -> None:
    hand.run(NOW, NOW + 0.5 * HOUR, code=0)
    assert line(hand)[0]
    hand._connection.execute("UPDATE run SET ended = ended + ?", (9 * DAY,))  # noqa: SLF001 (ours)
    assert line(hand)[0] is False


def test_the_runs_of_one_spider_may_be_asked_for(hand: Hand) -> None:
    hand.run(NOW - 5 * HOUR, NOW - 4 * HOUR, code=0, ending="Done.")
    assert line(hand, "observer")[0]
    words = "No good run of observer_archive ended in data in the last 1 d 2 h: no run is known."
    assert line(hand, "observer_archive") == (False, words)


@pytest.mark.parametrize("text", ["26", "0h", "", "-1h", "1w", "h", "1e9h"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--max-age: expected a time like 26h, 2d or"):
        read_age(text)


# The command --------------------------------------------------------------------------------


def test_a_folder_without_a_ledger_had_no_good_run(tmp_path: Path) -> None:
    done = status(tmp_path / "data", "--max-age", "26h")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        f"No good run ended in {tmp_path / 'data'} in the last 1 d 2 h: no run is known.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_cannot_be_read_is_no_answer(hand: Hand) -> None:
    hand._connection.execute("PRAGMA user_version = 99")  # noqa: SLF001 (ours)
    done = status(hand.data, "--max-age", "26h")
    assert (done.returncode, done.stdout) == (1, "")
    assert "has version 99" in done.stderr


JSON_KEYS = (
    *("data", "is_good", "line", "max_age_seconds", "age_seconds", "spider", "last_good_run"),
    "last_run",
)


def test_json_has_the_same_keys_whatever_is_known(hand: Hand) -> None:
    code, empty = told(hand)
    assert (code, tuple(empty), empty["age_seconds"], empty["last_run"]) == (
        4,
        JSON_KEYS,
        None,
        None,
    )
    hand.run(NOW - 5 * HOUR, NOW - 4 * HOUR, code=0, ending="Done.")
    code, full = told(hand)
    assert (code, tuple(full), full["is_good"]) == (0, JSON_KEYS, True)
    assert full["max_age_seconds"] == ALLOWED
    assert full["last_good_run"]["ended"] == "2026-11-23T11:04:00+00:00"
    assert full["last_run"]["state"] == "ended"


def told(hand: Hand) -> tuple[int, dict[str, Any]]:
    done = status(hand.data, "--json", "--max-age", "26h", OBSERVER_NOW=iso(NOW))
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--max-age", "soon"], 1, "--max-age: expected a time like 26h, 2d or 90min, got 'soon'"),
        (["--max-age", "26h", "--spider", "observr"], 1, "did you mean 'observer'?"),
        (["--spider", "observer"], 1, "--spider goes with --max-age"),
        (["--max-age", "26h", "--retry"], 2, "not allowed with argument"),
    ],
)
def test_what_was_typed_wrongly_is_said(
    tmp_path: Path, words: list[str], code: int, expected: str
) -> None:
    done = status(tmp_path, *words)
    assert done.returncode == code
    assert expected in done.stderr


def test_after_real_runs_the_good_one_counts_until_it_is_too_old(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    server, data = replica(articles=40, days=2), tmp_path / "data"
    clock = {"OBSERVER_NOW": "2025-06-16T21:30:00+06:00", "DOWNLOAD_DELAY": 0.05}
    with start_crawl(site=server.url, settings=clock) as running:
        running.until(lambda: len(server.log) >= 5)
        running.stop(signal.SIGKILL)
        running.wait()
    after = status(data, "--max-age", "26h", OBSERVER_NOW="2025-06-16T22:00:00+06:00")
    assert (after.returncode, "killed, last sign of life" in after.stderr) == (4, True)
    assert start_crawl(site=server.url, settings=clock).wait().code == 0
    for hour, code in (("17T20", 0), ("18T20", 4)):
        moment = f"2025-06-{hour}:00:00+06:00"
        done = status(data, "--max-age", "26h", "--spider", "observer", OBSERVER_NOW=moment)
        assert done.returncode == code, done
        assert bool(done.stdout) is not bool(done.stderr)
