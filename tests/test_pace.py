"""The arithmetic of manners: delays, pauses, Retry-After, hours and days. No clock, no site."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler.exceptions import ConfigurationError
from observer_crawler.pace import (
    MOST_DELAY,
    MOST_PAUSE,
    Hours,
    Pace,
    day_of,
    retry_after,
    until_tomorrow,
)

SECONDS = st.floats(0, 1e6)
MOMENTS = st.floats(0, 4e9)
NOW = 1_790_000_000.0
EAST = dt.timezone(dt.timedelta(hours=6))


def at(clock: str) -> float:
    """A moment of 2026-11-23 in the newspaper's zone, in seconds since 1970."""
    return dt.datetime.fromisoformat(f"2026-11-23T{clock}+06:00").timestamp()


def test_the_first_request_waits_for_one_whole_delay() -> None:
    assert Pace(1.0, NOW).not_before == NOW + 1.0


@pytest.mark.parametrize(
    ("crawl_delay", "request_rate", "delay"),
    [(None, None, 1.0), (5.0, None, 5.0), (None, 6.0, 6.0), (5.0, 6.0, 6.0), (0.1, 0.5, 1.0)],
)
def test_the_slowest_of_our_delay_and_the_rules_is_in_force(
    crawl_delay: float | None, request_rate: float | None, delay: float
) -> None:
    pace = Pace(1.0, NOW)
    pace.rules(crawl_delay, request_rate)
    assert pace.delay == delay


def test_rules_that_are_taken_back_give_back_our_own_delay() -> None:
    pace = Pace(1.0, NOW)
    pace.rules(60.0, None)
    pace.rules(None, None)
    assert pace.is_usual


def test_trouble_doubles_the_delay_at_once_and_again() -> None:
    pace = Pace(1.0, NOW)
    pace.trouble(NOW, None)
    assert (pace.delay, pace.not_before) == (2.0, NOW + 2.0)
    pace.trouble(NOW + 2, None)
    assert (pace.delay, pace.not_before) == (4.0, NOW + 6.0)


def test_trouble_doubles_what_the_rules_ask_for() -> None:
    pace = Pace(1.0, NOW)
    pace.rules(10.0, None)
    pace.trouble(NOW, None)
    assert pace.delay == 20.0


def test_trouble_alone_never_asks_for_more_than_five_minutes() -> None:
    pace = Pace(1.0, NOW)
    for _ in range(20):
        pace.trouble(NOW, None)
    assert (pace.delay, pace.not_before) == (MOST_DELAY, NOW + MOST_DELAY)


def test_trouble_never_makes_a_slow_host_faster() -> None:
    pace = Pace(1.0, NOW)
    pace.rules(3600.0, None)
    pace.trouble(NOW, None)
    assert pace.delay == 3600.0


def test_retry_after_holds_longer_than_the_delay() -> None:
    pace = Pace(1.0, NOW)
    pace.trouble(NOW, 7200.0)
    assert (pace.delay, pace.not_before) == (2.0, NOW + 7200.0)


def test_a_delay_is_no_pause_however_long_it_is() -> None:
    pace = Pace(1.0, NOW)
    pace.rules(3600.0, None)
    pace.trouble(NOW, 30.0)
    assert (pace.paused_until, pace.not_before) == (NOW + 30.0, NOW + 3600.0)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pace = Pace(1.0, NOW)
    pace.trouble(NOW, 7200.0)
    pace.trouble(NOW + 1, 0.0)
    assert pace.not_before == NOW + 7200.0


def test_good_answers_bring_the_delay_back_by_halves() -> None:
    pace = Pace(1.0, NOW)
    for _ in range(3):
        pace.trouble(NOW, None)
    delays = []
    for _ in range(4):
        pace.answer()
        delays.append(pace.delay)
    assert delays == [4.0, 2.0, 1.0, 1.0]
    assert pace.is_usual


def test_good_answers_do_not_undercut_the_rules() -> None:
    pace = Pace(1.0, NOW)
    pace.rules(5.0, None)
    pace.trouble(NOW, None)
    for _ in range(5):
        pace.answer()
    assert pace.delay == 5.0


@given(
    base=st.floats(0.001, 60),
    crawl_delay=SECONDS,
    steps=st.lists(st.one_of(st.none(), st.just("answer"), SECONDS), max_size=30),
)
def test_nothing_makes_a_pace_faster_than_it_may_be(
    base: float, crawl_delay: float, steps: list[float | str | None]
) -> None:
    pace, now = Pace(base, NOW), NOW
    pace.rules(crawl_delay, None)
    for step in steps:
        now = max(now, pace.not_before)
        if isinstance(step, str):
            pace.answer()
        else:
            before = pace.delay
            pace.trouble(now, step)
            assert pace.delay >= min(2 * before, max(MOST_DELAY, pace.ruled))
            assert pace.not_before >= now + max(step or 0.0, pace.delay)
        assert max(base, crawl_delay) <= pace.delay <= max(MOST_DELAY, base, crawl_delay)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"-5", 0.0),
        (b"9" * 5000, MOST_PAUSE),
        (b"Mon, 21 Sep 2026 14:14:20 GMT", 60.0),
        (b"Mon, 21 Sep 2026 20:14:20 +0600", 60.0),
        (b"Mon, 21 Sep 2026 14:14:20 -0000", 60.0),
        (b"Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        (b"Fri, 31 Dec 9999 23:59:59 GMT", MOST_PAUSE),
        (None, None),
        (b"", None),
        (b"soon", None),
        (b"1.5", None),
        (b"12 minutes", None),
        (b"Mon, 99 Foo 2026", None),
        (b"\xff\xfe", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(
    header: bytes | None, seconds: float | None
) -> None:
    assert retry_after(header, now=1_790_000_000.0) == seconds


@given(st.binary(max_size=60), MOMENTS)
def test_no_retry_after_is_out_of_bounds(header: bytes, now: float) -> None:
    seconds = retry_after(header, now)
    assert seconds is None or 0 <= seconds <= MOST_PAUSE


@given(st.integers(0, 100_000), st.integers(0, 4_000_000_000))
def test_a_date_and_its_seconds_say_the_same(seconds: int, now: int) -> None:
    moment = dt.datetime.fromtimestamp(now + seconds, dt.UTC)
    date = format_datetime(moment, usegmt=True).encode()
    assert retry_after(date, now) == retry_after(str(seconds).encode(), now)


@pytest.mark.parametrize(
    ("hours", "clock", "wait"),
    [
        ("22-06", "23:00", 0),
        ("22-06", "05:59", 0),
        ("22-06", "06:00", 16 * 3600),
        ("22-06", "21:59", 60),
        ("22:30-6:15", "06:14", 0),
        ("22:30-6:15", "22:00", 1800),
        ("9-17", "09:00", 0),
        ("9-17", "17:00", 16 * 3600),
        ("9 - 17", "08:00", 3600),
        ("22-24", "23:59", 0),
        ("22-0", "00:00", 22 * 3600),
        ("00-24", "12:00", 0),
        ("", "12:00", 0),
        ("  ", "12:00", 0),
    ],
)
def test_hours_say_how_long_to_wait_until_they_open(hours: str, clock: str, wait: float) -> None:
    assert Hours.read(hours).wait(at(clock)) == wait


def test_hours_are_those_of_the_zone_that_is_given() -> None:
    assert Hours.read("6-7", EAST).wait(0.0) == 0
    assert Hours.read("6-7", dt.UTC).wait(0.0) == 6 * 3600


@pytest.mark.parametrize(
    "text",
    ["22", "22-", "6-6", "22-25", "24:30-6", "0-24:01", "24-0", "24-24", "22:60-6", "-1-6", "x-y"],
)
def test_nonsense_for_hours_is_an_error_that_shows_it(text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"like 22-06, got '{text}'"):
        Hours.read(text)


@given(st.integers(0, 23), st.integers(0, 23), MOMENTS)
def test_hours_are_open_when_the_wait_is_over(start: int, end: int, now: float) -> None:
    hours = Hours.read(f"{start}-{(end if end != start else end + 1)}")
    wait = hours.wait(now)
    assert 0 <= wait < 86_400
    assert hours.wait(now + wait + 0.001) == 0


def test_the_day_is_the_newspapers_not_that_of_utc() -> None:
    assert day_of(at("00:00")) == "2026-11-23"
    assert day_of(at("00:00") - 1) == "2026-11-22"


@given(MOMENTS)
def test_a_day_ends_where_the_next_begins(now: float) -> None:
    left = until_tomorrow(now)
    assert 0 < left <= 86_400
    assert day_of(now + left + 0.001) > day_of(now)
    assert day_of(now + left - 0.001) in {day_of(now), day_of(now - 0.001)}
