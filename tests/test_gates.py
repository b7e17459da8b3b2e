"""What keeps a run from asking right now, and what the next run still knows of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from observer_crawler import pace
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.gates import Gate, Gates, Limits
from observer_crawler.ledger import Ledger
from tests.ledgers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

ZONE = dt.timezone(dt.timedelta(hours=6))
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=ZONE).timestamp()
MIDNIGHT = NOON + 12 * 3600
LIMITS = Limits(budget=0, offline_seconds=1000, probe_seconds=10, wait_seconds=600)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite", PATIENCE)
    yield ledger
    ledger.close()


def gates_of(ledger: Ledger, hours: str = "", **limits: float) -> Gates:
    """The gates of a run that has just begun."""
    return Gates(ledger, pace.Hours.read(hours, ZONE), LIMITS._replace(**limits))  # type: ignore[arg-type]


def test_without_limits_the_gates_are_open(ledger: Ledger) -> None:
    gates = gates_of(ledger)
    assert gates.look(NOON, 10_000) == Gate()
    assert gates.refused(NOON) == ""


# The day's budget.


def test_the_budget_leaves_room_and_then_ends_the_run(ledger: Ledger) -> None:
    gates = gates_of(ledger, budget=100)
    assert gates.look(NOON, 0).room == 100
    assert gates.look(NOON, 97).room == 3
    gate = gates.look(NOON, 100)
    assert (gate.ends, gate.why) == ("budget", "100 requests a day")


def test_the_budget_counts_earlier_runs_of_the_day(ledger: Ledger) -> None:
    first = gates_of(ledger, budget=100)
    first.look(NOON, 0)
    first.keep(NOON, 60)
    gates = gates_of(ledger, budget=100)
    assert gates.look(NOON, 0).room == 40
    gates.keep(NOON, 15)
    assert gates_of(ledger, budget=100).look(NOON, 0).room == 25


def test_a_crawl_whose_budget_is_used_up_asks_nothing_and_says_so(
    replica: Serve, crawl: RunCrawl
) -> None:
    """It ends before the engine has opened, and nothing stumbles over that."""
    server = replica(articles=12, days=3)
    for _ in range(2):
        done = crawl(site=server.url, settings={"OBSERVER_DAILY_REQUESTS": 3})
        assert done.code == 0, done.err
        assert "Used up the requests of the day" in done.err
        assert "Traceback" not in done.err
    assert len(server.log) == 3


def test_a_new_day_has_a_budget_of_its_own_also_within_a_run(ledger: Ledger) -> None:
    gates = gates_of(ledger, budget=100)
    gates.look(NOON, 0)
    gates.keep(MIDNIGHT - 1, 100)
    assert gates.look(MIDNIGHT - 1, 100).ends == "budget"
    assert gates.look(MIDNIGHT, 100).room == 100
    assert gates.look(MIDNIGHT, 130).room == 70
    assert gates_of(ledger, budget=100).look(NOON, 0).ends == "budget"


def test_without_a_budget_nothing_is_noted(ledger: Ledger) -> None:
    gates_of(ledger).keep(NOON, 60)
    assert gates_of(ledger, budget=100).look(NOON, 0).room == 100


# The hours of the day.


def test_outside_its_hours_a_run_waits(ledger: Ledger) -> None:
    gate = gates_of(ledger, "22-06").look(NOON, 0)
    assert gate.seconds == 10 * 3600
    assert gate.why.endswith("(hours)")
    assert gates_of(ledger, "22-06").look(MIDNIGHT, 0) == Gate()


# Refusals and pauses.


def test_a_refusal_holds_until_tomorrow_and_is_known_to_the_next_run(ledger: Ledger) -> None:
    gates_of(ledger).refuse(NOON)
    assert gates_of(ledger).refused(NOON + 60).startswith("not before 2026-11-2")
    assert gates_of(ledger).refused(MIDNIGHT - 1)
    assert gates_of(ledger).refused(MIDNIGHT) == ""


def test_a_refusal_of_a_clock_that_was_ahead_holds_for_nobody(ledger: Ledger) -> None:
    gates_of(ledger).refuse(NOON + 10 * 365 * 86_400)
    assert gates_of(ledger).refused(NOON) == ""


def test_a_run_stays_for_a_short_pause_and_ends_for_a_long_one(ledger: Ledger) -> None:
    ledger.note("pause_until", f"{NOON + 600:.0f}")
    gate = gates_of(ledger).look(NOON, 0)
    assert (gate.seconds, gate.ends) == (600, "")
    assert gate.why.startswith("the site asked to be left alone until 2026-11-23")
    assert gates_of(ledger, wait_seconds=599).look(NOON, 0).ends == "pause"
    assert gates_of(ledger).look(NOON + 600, 0) == Gate()


def test_a_pause_of_a_clock_that_was_ahead_holds_for_nobody(ledger: Ledger) -> None:
    ledger.note("pause_until", f"{NOON + pace.MOST_PAUSE + 60:.0f}")
    assert gates_of(ledger).look(NOON, 0) == Gate()


# Nobody is there.


def test_while_nobody_is_there_one_is_asked_at_growing_intervals(ledger: Ledger) -> None:
    gates = gates_of(ledger)
    gates.silence(NOON, "Connection refused")
    waits, moment = [], NOON
    for _ in range(7):
        gate = gates.look(moment, 0)
        assert gate.room == 1
        assert gate.why.startswith("offline since 2026-11-23")
        waits.append(gate.seconds)
        moment += gate.seconds
        assert moment - NOON >= 1000 or gates.look(moment, 0).seconds == 0
        gates.silence(moment, "again")
    assert waits == [10, 20, 40, 80, 160, 300, 300]


def test_an_answer_opens_the_gate_and_the_next_silence_begins_anew(ledger: Ledger) -> None:
    gates = gates_of(ledger)
    gates.silence(NOON, "no route")
    gates.silence(NOON + 10, "no route")
    gates.back(NOON + 30)
    assert gates.look(NOON + 30, 0) == Gate()
    gates.silence(NOON + 100, "no route")
    assert gates.look(NOON + 100, 0).seconds == 10


def test_an_answer_ends_a_silence_in_which_an_earlier_run_was_killed(ledger: Ledger) -> None:
    gates_of(ledger).silence(NOON, "Connection refused")
    gates = gates_of(ledger)
    assert ledger.noted("offline_since") is not None
    gates.back(NOON + 60)
    assert ledger.noted("offline_since") is None


def test_a_run_gives_up_when_nobody_came_back_in_time(ledger: Ledger) -> None:
    gates = gates_of(ledger)
    gates.silence(NOON, "no route")
    assert not gates.look(NOON + 999, 0).ends
    assert gates.look(NOON + 1000, 0).ends == "offline"


def test_an_answer_without_a_silence_says_nothing(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    gates_of(ledger).back(NOON)
    assert caplog.text == ""


def test_hours_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two different hours of the day"):
        pace.Hours.read("at night")
