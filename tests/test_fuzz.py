"""Readers and what nobody meant to hand them: some hundred cases of each, a million by the long run.

The cases are those of one seed, so a failure means that the code has changed; `make fuzz` draws
others. A case that fails is kept in data/fuzz/ and the message says how to read it again.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from observer_crawler.pages import read_page
from tests.fuzz import run
from tests.fuzz.run import Outcome, case_of, trouble
from tests.fuzz.target import Target, most_seconds
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

SEED = 7
# Of its share of a million, every so many are read in the usual run.
EVERY = 2_000
# MB that may be in use at the end beyond a quarter of the cases: caches are bounded, and fill.
MOST_GROWTH = 40.0


def assert_nothing_found(outcome: Outcome) -> None:
    assert not outcome.finds, "\n".join(outcome.finds)


@pytest.mark.parametrize("name", TARGETS)
def test_some_cases_of_each_target_hold(name: str) -> None:
    target = TARGETS[name]
    cases = max(20, target.share // EVERY)
    outcome = run.run(target, SEED, cases, None)
    assert_nothing_found(outcome)
    assert outcome.cases == cases


@pytest.mark.prove
@pytest.mark.parametrize("name", TARGETS)
def test_a_million_cases_hold(name: str, record_property: Callable[[str, object], None]) -> None:
    target = TARGETS[name]
    outcome = run.run(target, SEED, target.share, None)
    record_property("cases", outcome.cases)
    record_property("KB a case", round(outcome.bytes / outcome.cases / 1_000, 1))
    record_property("slowest ms per 100 KB", round(outcome.slowest * 1_000))
    record_property("MB after a quarter", round(outcome.warm))
    record_property("MB at the end", round(outcome.last))
    record_property("MB at most", round(outcome.most))
    assert_nothing_found(outcome)
    assert outcome.cases == target.share
    assert outcome.last <= outcome.warm + MOST_GROWTH


def test_the_shares_are_a_million() -> None:
    assert sum(target.share for target in TARGETS.values()) == 1_000_000


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what is found elsewhere."""
    monkeypatch.setattr(run, "KEPT", tmp_path / "data" / "fuzz")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    return tmp_path / "data" / "fuzz" / "x"


def make(random: Random) -> bytes:
    return bytes(random.choices(b"abcdefgh", k=40))


def no_h(case: bytes, _found: object = None) -> object:
    assert b"h" not in case
    return None


def target_of(read: Callable[[bytes], object], judge: Callable[[bytes, object], None]) -> Target:
    return Target("x", 1, make, read, judge)


def nothing(_case: bytes, _found: object = None) -> None:
    return None


def test_a_case_that_fails_is_kept_small_and_once(kept: Path) -> None:
    outcome = run.run(target_of(no_h, nothing), SEED, 200, None)
    assert outcome.cases == 200
    assert len(outcome.finds) == 1
    (file,) = kept.glob("*.bin")
    assert file.read_bytes() == b"h"
    assert f"REPLAY=data/fuzz/x/{file.name}" in outcome.finds[0]
    assert "AssertionError" in file.with_suffix(".txt").read_text("utf-8")


def test_a_reader_that_ends_the_process_is_found(kept: Path) -> None:
    def abort(case: bytes) -> None:
        if case == case_of(target_of(nothing, nothing), SEED, 3):
            raise SystemExit(9)

    outcome = run.run(target_of(abort, nothing), SEED, 200, None)
    assert outcome.cases == 3
    assert "ended the process with 9" in outcome.finds[0]
    (file,) = kept.glob("*.bin")
    assert file.read_bytes() == case_of(target_of(nothing, nothing), SEED, 3)


def test_a_reader_that_takes_too_long_is_found_and_one_that_does_so_once_is_not() -> None:
    slow = [True, False]

    def once(_case: bytes) -> None:
        if slow and slow.pop(0):
            spend(0.15)

    def always(_case: bytes) -> None:
        spend(0.15)

    assert trouble(target_of(once, nothing), b"x") is None
    assert "slow" in (trouble(target_of(always, nothing), b"x") or "")


def test_a_reader_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_AT_ALL", 0.05)

    def hang(_case: bytes) -> None:
        spend(1e9)

    assert "hangs" in (trouble(target_of(hang, nothing), b"x") or "")


def spend(seconds: float) -> None:
    """Take so much of the processor."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


def test_a_hundred_kilobytes_have_a_tenth_of_a_second() -> None:
    assert most_seconds(b"x" * 100_000) == pytest.approx(0.1)
    assert most_seconds(b"x" * 100_001) == pytest.approx(0.2)
    assert most_seconds(b"<" * 10_000) == pytest.approx(0.2)


def test_long_lines_and_addresses_are_not_kept() -> None:
    # What a page says is kept for the next one; 20,000 lines of this length would be gigabytes.
    def read(number: int) -> None:
        long = f"{number} " + "word " * 10_000
        href = f"/x{number}" + "y" * 50_000
        html = f"<html><body><h1>A</h1><div id=f>{long}<a href={href}>x</a></div>{long}</body>"
        read_page(html.encode(), "https://www.observerbd.com/news/1")

    for number in range(3):
        read(number)
    tracemalloc.start()
    try:
        for number in range(3, 40):
            read(number)
        in_use, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert in_use < 1_000_000
