"""What a row of outcomes means: go on, hold, or end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from observer_crawler.ledger import Lease, Outcome, State
from observer_crawler.trouble import (
    LONGEST_PROBE,
    MAX_DENIALS,
    MAX_ERRORS,
    MAX_UNANSWERED,
    Hold,
    Trouble,
    Verdict,
)

SILENCE = Outcome(State.WAITING, "Connection refused", unanswered=True)
NO_RULES = Outcome(State.WAITING, "robots.txt answered 503", unanswered=True, closed=True)
GOOD = Outcome(State.STORED)
ERROR = Outcome(State.WAITING, "500")
DENIED = Outcome(State.DENIED, "403")
FORBIDDEN = Outcome(State.DENIED, "robots")


def lease(number: int, attempts: int = 0) -> Lease:
    return Lease(f"b:{number}", "article", f"/{number}", "latest", "", 0, attempts)


def verdicts(trouble: Trouble, *outcomes: Outcome, attempts: int = 0) -> list[Verdict]:
    """Note outcomes of different addresses."""
    return [
        trouble.note(lease(number, attempts), outcome) for number, outcome in enumerate(outcomes)
    ]


@pytest.fixture
def known() -> Trouble:
    """A run that had an answer."""
    trouble = Trouble()
    trouble.note(lease(0), GOOD)
    return trouble


def test_good_pages_go_on(known: Trouble) -> None:
    assert set(verdicts(known, *[GOOD] * 50)) == {Verdict.GO_ON}


def test_refusals_in_a_row_end_the_run(known: Trouble) -> None:
    assert verdicts(known, *[DENIED] * MAX_DENIALS)[-2:] == [Verdict.GO_ON, Verdict.REFUSED]


def denied_again(trouble: Trouble) -> list[Verdict]:
    leases = (replace(lease(number), state=State.DENIED) for number in range(MAX_DENIALS))
    return [trouble.note(each, DENIED) for each in leases]


def test_what_was_denied_before_tells_nothing_of_a_site_that_is_open(known: Trouble) -> None:
    assert set(denied_again(known)) == {Verdict.GO_ON}
    assert denied_again(Trouble())[-1] is Verdict.REFUSED, "no other page has come"


def test_a_good_page_between_refusals_begins_the_row_anew(known: Trouble) -> None:
    row = [*[DENIED] * (MAX_DENIALS - 1), GOOD, *[DENIED] * (MAX_DENIALS - 1)]
    assert set(verdicts(known, *row)) == {Verdict.GO_ON}


@pytest.mark.parametrize("reason", ["robots", "excluded"])
def test_what_was_not_asked_says_nothing_of_the_site(known: Trouble, reason: str) -> None:
    row = [Outcome(State.DENIED, reason)] * 50
    assert set(verdicts(known, *row)) == {Verdict.GO_ON}


def test_rules_that_forbid_everything_end_the_run_at_once(known: Trouble) -> None:
    closed = Outcome(State.DENIED, "robots", closed=True)
    assert verdicts(known, closed) == [Verdict.REFUSED]


def test_what_was_not_asked_does_not_break_a_row_either(known: Trouble) -> None:
    row = [DENIED, FORBIDDEN] * MAX_DENIALS
    assert Verdict.REFUSED in verdicts(known, *row)


def test_errors_in_a_row_end_the_run(known: Trouble) -> None:
    assert verdicts(known, *[ERROR] * MAX_ERRORS)[-2:] == [Verdict.GO_ON, Verdict.TROUBLE]


def test_a_second_try_that_fails_is_no_news(known: Trouble) -> None:
    assert set(verdicts(known, *[ERROR] * 50, attempts=1)) == {Verdict.GO_ON}


def test_ten_different_addresses_without_an_answer_hold_the_run(known: Trouble) -> None:
    found = verdicts(known, *[SILENCE] * MAX_UNANSWERED)
    assert found == [*[Verdict.GO_ON] * (MAX_UNANSWERED - 1), Verdict.HOLD]
    assert list(known.unanswered) == [f"b:{number}" for number in range(MAX_UNANSWERED)]


def test_one_address_that_is_silent_for_ever_holds_nobody(known: Trouble) -> None:
    found = [known.note(lease(1, attempts), SILENCE) for attempts in range(50)]
    assert set(found) == {Verdict.GO_ON}


def test_while_nobody_is_there_each_try_is_one_more_silence(known: Trouble) -> None:
    """Otherwise ten addresses would be tried where one is enough."""
    verdicts(known, *[SILENCE] * MAX_UNANSWERED)
    known.unanswered.clear()  # as the scheduler does, once their attempts are taken back
    assert known.note(lease(99), SILENCE) is Verdict.HOLD
    assert list(known.unanswered) == ["b:99"]


def test_what_was_not_asked_ends_no_silence(known: Trouble) -> None:
    verdicts(known, *[SILENCE] * MAX_UNANSWERED)
    assert known.note(lease(50), FORBIDDEN) is Verdict.GO_ON
    assert known.is_silent
    assert known.note(lease(51), GOOD) is Verdict.GO_ON
    assert not known.is_silent


def test_any_answer_ends_a_silence(known: Trouble) -> None:
    verdicts(known, *[SILENCE] * MAX_UNANSWERED)
    assert known.note(lease(50), ERROR) is Verdict.GO_ON
    assert known.unanswered == {}
    assert known.note(lease(51), SILENCE) is Verdict.GO_ON


def test_a_run_that_never_had_an_answer_ends() -> None:
    assert verdicts(Trouble(), *[SILENCE] * MAX_UNANSWERED)[-1] is Verdict.OFFLINE


def test_rules_that_cannot_be_read_hold_a_run_and_end_one_that_has_just_begun(
    known: Trouble,
) -> None:
    assert known.note(lease(1), NO_RULES) is Verdict.HOLD
    assert Trouble().note(lease(1), NO_RULES) is Verdict.ROBOTS


def test_tries_lie_farther_and_farther_apart() -> None:
    hold = Hold(1000, 10)
    waits, moment = [], 1000.0
    for _ in range(7):
        waits.append(hold.next_try - moment)
        moment = hold.next_try
        hold.tried(moment)
    assert waits == [10, 20, 40, 80, 160, LONGEST_PROBE, LONGEST_PROBE]
    assert Hold(0, 10_000).next_try == LONGEST_PROBE
