"""How a crawl ends, from its figures alone: the exit code and the line that says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from observer_crawler.commands.endings import Ending, ending_of, with_alarms

READ: dict[str, Any] = {
    "finish_reason": "finished",
    "requests": 12,
    "pages/article": 9,
    "pages/listing": 2,
    "addresses/stored": 9,
}
GO_ON = "The same command goes on."


def ending(code: int, line: str, **more: object) -> Any:  # noqa: ANN401 (a row of a table)
    """One row: what a run that read the newspaper comes to when some figures differ."""
    return pytest.param(more, code, line, id=", ".join(f"{k}={v}" for k, v in more.items()))


def told(figures: dict[str, Any]) -> tuple[int, str]:
    """Say how a run with these figures ended."""
    own = {"finish_reason"}
    stats = {name if name in own else f"observer/{name}": v for name, v in figures.items()}
    return tuple(ending_of(stats))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ending(0, "Done."),
        ending(0, "Done; 1 address is due later (scrapy status says when).", later=1),
        ending(0, "Done; 1,200 addresses are due later (scrapy status says when).", later=1200),
        ending(3, f"1 address waits. {GO_ON}", left=1),
        ending(3, f"2,000 addresses wait. {GO_ON}", left=2000),
        ending(3, "1 address failed, 0 wait. scrapy status --failed shows why.", failed_now=1),
        ending(
            3,
            "2 addresses failed, 1 waits. scrapy status --failed shows why.",
            failed_now=2,
            left=1,
        ),
        ending(3, f"Stopped (shutdown), 0 addresses wait. {GO_ON}", finish_reason="shutdown"),
        ending(
            3, f"Stopped (shutdown), 7 addresses wait. {GO_ON}", finish_reason="shutdown", left=7
        ),
    ],
)
def test_what_is_left_decides(more: dict[str, Any], code: int, line: str) -> None:
    assert told({**READ, **more}) == (code, line)


def test_a_run_that_was_cut_off_has_no_reason_and_goes_on() -> None:
    assert told({"requests": 3, "left": 5}) == (3, f"Stopped (killed), 5 addresses wait. {GO_ON}")


def test_failures_of_an_earlier_run_are_no_news() -> None:
    assert told({**READ, "addresses/failed": 40, "addresses/denied": 3}) == (0, "Done.")


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("limit", "Reached the limit that was asked for; 4 addresses wait."),
        ("budget", "Used up the requests of the day; 4 addresses wait."),
        ("hours", "The hours of the day that were asked for are over; 4 addresses wait."),
    ],
)
def test_a_limit_that_was_asked_for_is_a_success_and_says_what_waits(word: str, line: str) -> None:
    stats = {**READ, "ending": word, "left": 4, "finish_reason": word}
    assert told(stats) == (0, line)
    assert told({**stats, "failed_now": 1})[0] == 3


@pytest.mark.parametrize("reason", ["closespider_itemcount", "closespider_pagecount"])
def test_limits_of_scrapy_itself_count_as_asked(reason: str) -> None:
    stats = {**READ, "finish_reason": reason, "left": 4}
    assert told(stats) == (0, "Reached the limit that was asked for; 4 addresses wait.")


@pytest.mark.parametrize(
    "word", ["store", "ledger", "offline", "trouble", "robots", "watchdog", "disk", "pause"]
)
def test_what_ends_a_run_against_its_will_is_named_with_its_detail(word: str) -> None:
    stats = {**READ, "ending": word, "ending_detail": "the detail.", "finish_reason": word}
    code, line = told(stats)
    assert code == 3
    assert line.startswith("Stopped, ")
    assert line.endswith(f": the detail. {GO_ON}")


@pytest.mark.parametrize("more", [{}, {"failed_now": 3}, {"left": 3}, {"feed_error": "full"}])
def test_a_site_that_refuses_comes_before_all_that_is_left(more: dict[str, Any]) -> None:
    stats = {**READ, **more, "ending": "refused", "ending_detail": "challenge"}
    line = "The site refuses us (challenge): no further try before tomorrow."
    assert told(stats) == (5, line)


FORBIDDEN = {"finish_reason": "finished", "requests": 1, "addresses/denied": 2}


def test_a_run_that_was_forbidden_everything_was_refused() -> None:
    line = "The site refuses us: every address is forbidden. No try before tomorrow."
    assert told(FORBIDDEN) == (5, line)
    assert told({**FORBIDDEN, "pages/challenge": 2}) == (5, line)


@pytest.mark.parametrize(
    "more",
    [
        {"pages/listing": 1, "addresses/stored": 5},
        {"pages/missing": 1},
        {"failed_now": 1},
        {"left": 1},
        {"ending": "offline", "ending_detail": "x"},
    ],
)
def test_what_earlier_runs_were_denied_does_not_close_the_site(more: dict[str, Any]) -> None:
    assert told({**FORBIDDEN, **more})[0] != 5


def test_a_run_with_nothing_to_ask_is_done() -> None:
    stats = {"finish_reason": "finished", "addresses/denied": 1, "addresses/stored": 8}
    assert told(stats) == (0, "Done.")


@pytest.mark.parametrize("pages", [{}, {"pages/missing": 3}])
def test_a_site_without_any_page_is_no_success_whatever_is_stored(pages: dict[str, Any]) -> None:
    stats = {"finish_reason": "finished", "requests": 4, "addresses/stored": 8, **pages}
    line = "Neither the front page nor a section list nor a day index could be read."
    assert told(stats) == (3, f"{line} {GO_ON}")


@pytest.mark.parametrize("pages", [{"pages/other": 3}, {"pages/listing": 3}])
def test_pages_without_an_article_are_no_success(pages: dict[str, Any]) -> None:
    stats = {"finish_reason": "finished", "requests": 4, **pages}
    assert told(stats) == (3, f"No page that was read shows an article. {GO_ON}")
    assert told({**stats, "pages/listing": 1, "found/section": 9}) == (0, "Done.")


def test_indexes_that_show_what_is_known_already_are_a_success() -> None:
    stats = {"finish_reason": "finished", "requests": 4, "pages/day": 3, "shown": 6}
    assert told(stats) == (0, "Done.")


def test_articles_that_did_not_change_were_read() -> None:
    stats = {"finish_reason": "finished", "requests": 4, "addresses/stored": 8}
    assert told({**stats, "articles/unchanged": 3}) == (0, "Done.")


def test_an_output_file_that_is_not_whole_is_no_success() -> None:
    code, line = told({**READ, "feed_error": "no space"})
    assert (code, line.split(" (")[0]) == (3, "The file of -O or -o is not whole")


@pytest.mark.parametrize("code", [3, 5])
def test_what_is_worse_comes_before_an_alarm(code: int) -> None:
    worse = Ending(code, "Stopped.")
    assert with_alarms(worse, 2) == worse


def test_an_alarm_comes_before_a_good_end() -> None:
    done = Ending(0, "Done.")
    assert with_alarms(done, 0) == done
    assert with_alarms(done, 1) == Ending(4, "Done, but an alarm stands: scrapy status shows it.")
