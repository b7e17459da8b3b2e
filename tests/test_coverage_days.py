"""What a day comes to: the rule alone, over every case and over cases that nobody thought of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler.coverage.days import Day, Index, Status, judge, status_of
from observer_crawler.coverage.estimate import Estimate
from observer_crawler.coverage.numbers import place
from observer_crawler.ledger.census import DAY_BITS

READ = {"index": Index.READ, "is_final": True, "expected": 3, "listed": 3}
EMPTY = {"index": Index.EMPTY, "is_final": True, "is_between": True}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({}, Status.UNKNOWN),
        ({"has_room": True}, Status.OPEN),
        ({"stored": 3}, Status.OPEN),
        ({"index": Index.WAITING}, Status.OPEN),
        ({"index": Index.LOST}, Status.HOLES),
        ({**READ, "stored": 3, "printed": 2}, Status.COMPLETE),
        ({**READ, "stored": 3, "online": 3}, Status.NO_PRINT),
        ({**READ, "stored": 3, "online": 2}, Status.NO_PRINT),
        ({**READ, "stored": 3, "online": 2, "printed": 1}, Status.COMPLETE),
        ({**READ, "stored": 3}, Status.COMPLETE),
        ({**READ, "stored": 3, "gone": 2}, Status.COMPLETE),
        ({**READ, "stored": 3, "is_final": False}, Status.OPEN),
        ({**READ, "stored": 2, "seen": 1}, Status.OPEN),
        ({**READ, "stored": 2, "waiting": 1}, Status.OPEN),
        ({**READ, "stored": 3, "gaps": 1}, Status.GAPS),
        ({**READ, "stored": 3, "online": 3, "gaps": 1}, Status.GAPS),
        ({**READ, "stored": 3, "perhaps": 1}, Status.GAPS),
        ({**READ, "stored": 2, "failed": 1}, Status.HOLES),
        ({**READ, "stored": 2, "denied": 1}, Status.HOLES),
        ({**READ, "stored": 2, "refused": 1}, Status.HOLES),
        ({**READ, "stored": 2, "missing": 1}, Status.HOLES),
        (EMPTY, Status.NO_PRINT),
        ({**EMPTY, "is_between": False}, Status.UNKNOWN),
        ({**EMPTY, "gaps": 2}, Status.GAPS),
        ({**EMPTY, "has_room": True, "gaps": 90}, Status.HOLES),
        ({**EMPTY, "stored": 1, "printed": 1}, Status.HOLES),
        ({**EMPTY, "is_final": False}, Status.OPEN),
    ],
)
def test_a_day_comes_to_what_is_known_of_it(facts: dict[str, Any], status: Status) -> None:
    assert status_of(Day("2022-06-16", **facts)) is status


COUNT = st.integers(0, 2)
DAYS = st.builds(
    Day,
    st.just("2022-06-16"),
    st.sampled_from(list(Index)),
    st.booleans(),
    **dict.fromkeys(
        "stored missing gone refused denied failed waiting seen perhaps gaps printed".split(),
        COUNT,
    ),
    has_room=st.booleans(),
    is_between=st.booleans(),
)


@given(DAYS)
def test_nothing_that_lacks_is_complete_and_nothing_whole_is_a_hole(day: Day) -> None:
    status = status_of(day)
    lacks = day.lost or day.to_come or day.perhaps or day.gaps or not day.is_final
    if status in {Status.COMPLETE, Status.NO_PRINT}:
        assert not lacks
        assert day.index in {Index.READ, Index.EMPTY}
    if not lacks and day.index is Index.READ:
        assert status is not Status.HOLES
    if day.lost:
        assert status is Status.HOLES
    if status is Status.UNKNOWN:
        assert not day.known


@given(DAYS)
def test_what_is_lost_never_makes_a_day_better(day: Day) -> None:
    worse = replace(day, failed=day.failed + 1)
    assert status_of(worse) is Status.HOLES


def row(*kinds: str) -> list[Day]:
    """Give days one after the other: p with a paper, o with online stories alone, x without all."""
    known: dict[str, dict[str, Any]] = {
        "p": {**READ, "stored": 3, "printed": 3},
        "o": {**READ, "stored": 3, "online": 3},
        "x": EMPTY,
    }
    first = dt.date(2025, 6, 1)
    days = [
        Day((first + dt.timedelta(days=at)).isoformat(), **known[kind])
        for at, kind in enumerate("".join(kinds))
    ]
    judge(days)
    return days


@pytest.mark.parametrize("pause", ["x", "xxx", "oxoxox", "oooooo"])
def test_a_pause_of_up_to_six_days_has_its_own_status(pause: str) -> None:
    days = row("p", pause, "p")
    assert {day.status for day in days[1:-1]} == {Status.NO_PRINT}


def test_what_lasts_longer_than_six_days_is_no_pause() -> None:
    assert {day.status for day in row("p", "o" * 7, "p")} == {Status.COMPLETE}
    assert {day.status for day in row("p", "x" * 7, "p")[1:-1]} == {Status.UNKNOWN}


def packed(*pairs: tuple[int, int]) -> list[int]:
    return sorted(number << DAY_BITS | day for number, day in pairs)


def test_a_number_lies_between_the_days_of_its_neighbours() -> None:
    (stretch,) = place("b", packed((10, 5), (14, 6)), {}).stretches
    assert (stretch.first_day, stretch.last_day) == (5, 6)
    assert stretch.gaps == ((11, 13),)


@pytest.mark.parametrize("gap", [24, 25])
def test_where_an_evening_mixes_two_days_a_number_may_be_of_both(gap: int) -> None:
    mixed = [(number, 5 + number % 2) for number in range(20, 30) if number != gap]
    (stretch,) = place("b", packed(*mixed), {}).stretches
    assert list(stretch.days) == [5, 6]


def test_a_page_with_a_foreign_date_moves_no_number() -> None:
    numbers = [(number, 5 + number // 10) for number in range(10, 60) if number not in {22, 33}]
    numbers[15] = (numbers[15][0], 900)
    stretches = place("b", packed(*numbers), {}).stretches
    assert [list(stretch.days) for stretch in stretches] == [[7], [8]]


def test_a_number_that_is_known_and_has_no_day_is_no_gap() -> None:
    (stretch,) = place(
        "b", packed((10, 5), (11, 0), (12, 0), (14, 5)), {11: "seen", 12: "missing"}
    ).stretches
    assert stretch.gaps == ((13, 13),)
    assert stretch.undated == {11: "seen", 12: "missing"}


@given(st.integers(1, 500), st.data(), st.integers(0, 10_000))
def test_an_estimate_has_the_share_within_its_interval(asked: int, data: Any, gaps: int) -> None:  # noqa: ANN401 (hypothesis's own)
    real = data.draw(st.integers(0, asked))
    estimate = Estimate(asked, real, gaps)
    low, high = estimate.interval
    assert 0 <= low <= estimate.share + 1e-9
    assert estimate.share - 1e-9 <= high <= 1
    assert 0 <= estimate.low <= estimate.articles <= estimate.high <= gaps
