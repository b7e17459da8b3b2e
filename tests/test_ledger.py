"""The ledger: one hop is one lease is one settlement, and what each settlement comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.exceptions import LedgerBroken, LedgerError, LedgerTooNew
from observer_crawler.ledger import Ledger, Outcome, Scope, State, Wish, tables
from observer_crawler.ledger.links import HELD, bits
from tests.ledgers import (
    DAY,
    ONE,
    PATIENCE,
    TWO,
    column,
    counted,
    lease,
    line,
    link,
    names,
    now,
    opened,
    queue,
    rows,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.ledger import Found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    ledger = opened(path)
    yield ledger
    ledger.close()


def enter(ledger: Ledger, *links: Found, at: float = 0) -> list[str]:
    return [found.name for found in now(ledger.enter(links, at))]


# Links, and the order of leases.


def test_a_seed_is_leased_once(ledger: Ledger) -> None:
    assert enter(ledger, link("a"), link("a")) == ["a"]
    assert [found.name for found in now(ledger.lease(5, 0))] == ["a"]
    assert now(ledger.lease(5, 0)) == []


def test_links_enter_with_the_settlement_of_their_page(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settled = settle(ledger, State.READ, [link("b"), link("b"), link("a")])
    assert [found.name for found in settled.new] == ["b"]
    found = lease(ledger)
    assert (found.name, found.page, found.depth, found.box) == ("b", "a", 1, "latest")


def test_leases_go_by_depth_and_then_as_found(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.READ, [link("c")])
    settle(ledger, State.READ, [link("d")])
    assert names(ledger) == ["c", "d"]


def test_leases_go_by_rank_where_there_is_one(ledger: Ledger) -> None:
    enter(ledger, link("late", rank=7), link("soon", rank=-1), link("a"), link("b"))
    assert names(ledger) == ["soon", "a", "b", "late"]


def test_a_retry_comes_after_all_first_tries_of_its_rank(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"), link("c", rank=1))
    settle(ledger, State.WAITING)
    assert names(ledger, at=10) == ["b", "a", "c"]


def test_a_link_that_is_not_wanted_is_seen_until_one_wants_it(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.READ, [link("c", wanted=False, box="most_read")])
    assert ledger.states() == {State.READ: 1, State.WAITING: 1, State.SEEN: 1}
    assert settle(ledger, State.READ, [link("c", "/new", box="related")]).new == []
    found = lease(ledger)
    assert (found.name, found.box, found.page, found.url) == ("c", "related", "b", "/new")


def test_what_was_seen_in_a_box_waits_when_the_same_box_is_wanted(ledger: Ledger) -> None:
    enter(ledger, link("a", wanted=False))
    assert enter(ledger, link("a")) == []
    assert names(ledger) == ["a"]


def test_a_wanted_link_of_a_page_goes_before_one_that_is_not(ledger: Ledger) -> None:
    enter(ledger, link("a", wanted=False, text="Headline"), link("a", "/last", text=""))
    known = ledger.known(["a"])["a"]
    assert (known.state, known.url, known.text) == (State.WAITING, "/last", "Headline")


def test_the_form_seen_last_is_fetched_until_one_was_tried(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b", "/news/1"))
    settle(ledger, State.READ, [link("b", "/news.php?id=1")])
    found = lease(ledger)
    assert found.url == "/news.php?id=1"
    now(ledger.settle(found, Outcome(State.MISSING, forms=["/details.php?id=1"]), 0))
    enter(ledger, link("b", "/news/1"))
    assert lease(ledger).url == "/details.php?id=1"


def test_the_first_text_is_kept_but_an_index_of_a_day_knows_better(ledger: Ledger) -> None:
    enter(ledger, link("a", text=""))
    enter(ledger, link("a", text="Short ..."))
    enter(ledger, link("a", text="Other"))
    assert ledger.known(["a"])["a"].text == "Short ..."
    enter(ledger, link("a", text="The whole headline", day="2022-06-16"))
    enter(ledger, link("a", text="Short ..."))
    known = ledger.known(["a"])["a"]
    assert (known.text, known.day) == ("The whole headline", "2022-06-16")


def test_a_thousand_links_enter_at_once(ledger: Ledger) -> None:
    links = [link(str(number)) for number in range(1000)]
    assert len(enter(ledger, *links)) == 1000
    assert enter(ledger, *links) == []
    assert ledger.states() == counted(ledger) == {State.WAITING: 1000}


def test_a_link_does_not_hurry_an_address_that_waits_for_its_next_try(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.WAITING)
    settle(ledger, State.READ, [link("a")])
    assert now(ledger.lease(1, 1)) == []


def test_links_that_tell_nothing_new_write_nothing(ledger: Ledger) -> None:
    links = [link("a"), link("b", day="2022-06-16"), link("c", wanted=False)]
    enter(ledger, *links)
    settle(ledger, State.STORED, line=line("a"))
    before = ledger._connection.total_changes  # noqa: SLF001 (rows that this connection wrote)
    assert enter(ledger, *links) == []
    assert ledger._connection.total_changes == before  # noqa: SLF001 (the same)


def test_a_settled_article_learns_its_boxes_its_headline_and_its_day_from_links(
    ledger: Ledger,
) -> None:
    enter(ledger, link("a", text=""))
    settle(ledger, State.STORED, line=line("a"))
    enter(ledger, link("a", box="latest", text="Short ..."))
    assert ledger.known(["a"])["a"].text == "Short ..."
    enter(ledger, link("a", box="related"))
    assert column(ledger, "a", "boxes") == bits(["latest", "related"])
    enter(ledger, link("a", box="latest", day="2022-06-16", text="The whole headline"))
    known = ledger.known(["a"])["a"]
    assert (known.day, known.text, known.url) == ("2022-06-16", "The whole headline", "/a")


@pytest.mark.parametrize("state", [State.STORED, State.READ, State.MISSING, State.OUTSIDE])
def test_nothing_settled_is_asked_again_by_a_link(ledger: Ledger, state: State) -> None:
    enter(ledger, link("a"))
    settle(ledger, state)
    enter(ledger, link("a"))
    assert names(ledger) == []
    assert ledger.states() == {state: 1}


@pytest.mark.parametrize("state", [State.READ, State.STORED, State.MISSING, State.DENIED])
def test_a_visit_again_is_made_whatever_is_known(ledger: Ledger, state: State) -> None:
    enter(ledger, link("a"))
    settle(ledger, state)
    enter(ledger, link("a", again=True))
    assert lease(ledger).state is state
    assert ledger.states() == counted(ledger) == {state: 1}


def test_a_visit_again_begins_anew_where_tries_had_failed(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    for at in (0, 10, 50):
        settle(ledger, State.WAITING, at=at)
    assert ledger.states() == {State.FAILED: 1}
    enter(ledger, link("a", again=True))
    assert ledger.states() == counted(ledger) == {State.WAITING: 1}
    assert (lease(ledger).attempts, lease_count(ledger)) == (0, 1)


def test_a_page_that_failed_may_ask_for_itself_again(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.FAILED)
    settle(ledger, State.READ, [link("a", again=True)], at=DAY)
    assert ledger.states() == counted(ledger) == {State.READ: 1}


def lease_count(ledger: Ledger) -> int:
    return int(rows(ledger, "SELECT count(*) FROM visit WHERE leased")[0][0])


def test_a_released_lease_leaves_the_address_as_it_was(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    found = lease(ledger)
    now(ledger.release(found))
    assert lease(ledger) == found


# Forms and redirects.


def test_a_missing_page_is_asked_in_each_other_form_once(ledger: Ledger) -> None:
    forms = ["/news/1", "/news.php?id=1", "/details.php?id=1"]
    enter(ledger, link("a", forms[0]))
    for form in forms:
        assert ledger.states() == {State.WAITING: 1}
        found = lease(ledger)
        assert found.url == form
        now(ledger.settle(found, Outcome(State.MISSING, "404", forms=forms), 0))
    assert ledger.states() == {State.MISSING: 1}


def test_forms_that_were_tried_are_known_after_a_kill(path: Path, ledger: Ledger) -> None:
    forms = ["/1", "/2", "/3"]
    enter(ledger, link("a", "/1"))
    settle(ledger, State.MISSING, forms=forms)
    lease(ledger)
    again = opened(path)
    assert lease(again).url == "/2"
    again.close()


def test_a_redirect_to_another_form_is_the_same_address(ledger: Ledger) -> None:
    enter(ledger, link("a", "/details.php?id=1"))
    settle(ledger, State.REDIRECTED, to=link("a", "/news/1"))
    found = lease(ledger)
    assert (found.name, found.url, found.depth) == ("a", "/news/1", 0)
    now(ledger.settle(found, Outcome(State.STORED), 0))
    assert ledger.states() == {State.STORED: 1}


def test_a_redirect_to_another_address_is_an_outcome_with_one_link(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settled = settle(ledger, State.REDIRECTED, to=link("b"))
    assert [found.name for found in settled.new] == ["b"]
    assert ledger.states() == {State.REDIRECTED: 1, State.WAITING: 1}
    assert lease(ledger).depth == 0


def test_a_redirect_to_itself_fails(ledger: Ledger) -> None:
    enter(ledger, link("a", "/news/1"))
    settle(ledger, State.REDIRECTED, to=link("a", "/news/1"))
    assert ledger.states() == {State.FAILED: 1}


def test_forms_that_redirect_for_ever_fail(ledger: Ledger) -> None:
    enter(ledger, link("a", "/news/1"))
    for number in range(6):
        settle(ledger, State.REDIRECTED, to=link("a", f"/news/1?n={number}"))
    assert ledger.states() == {State.FAILED: 1}


def test_a_missing_form_that_redirects_back_stays_missing(ledger: Ledger) -> None:
    forms = ["/news/1", "/news.php?id=1"]
    enter(ledger, link("a", forms[0]))
    settle(ledger, State.MISSING, forms=forms)
    settle(ledger, State.REDIRECTED, to=link("a", forms[0]), forms=forms)
    assert ledger.states() == {State.MISSING: 1}


def test_a_chain_of_redirects_without_end_is_left(ledger: Ledger) -> None:
    enter(ledger, link("0"))
    hops = 0
    while ledger.states().get(State.WAITING):
        hops += 1
        settle(ledger, State.REDIRECTED, to=link(str(hops)))
    assert hops == 6


# Failures.


def test_a_failed_address_is_tried_again_later_and_later_and_then_fails(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.WAITING)
    assert ledger.next_due() == 10
    assert now(ledger.lease(1, 9.9)) == []
    settle(ledger, State.WAITING, at=10)
    assert ledger.next_due() == 50
    assert settle(ledger, State.WAITING, at=50).state is State.FAILED


def test_what_failed_is_tried_after_one_day_then_four_then_sixteen_then_thirty(
    ledger: Ledger,
) -> None:
    enter(ledger, link("a"))
    moment = 0.0
    days = []
    for _ in range(7):
        settle(ledger, State.WAITING, at=moment)
        due = ledger.next_due()
        assert due is not None
        days.append((due - moment) / DAY)
        moment = due
    assert [round(day, 3) for day in days] == [0, 0, 1, 4, 16, 30, 30]
    assert ledger.states() == {State.FAILED: 1}


def test_a_failed_page_that_answers_is_settled_like_any_other(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    for at in (0, 10, 50):
        settle(ledger, State.WAITING, at=at)
    assert settle(ledger, State.READ, at=50 + DAY).state is State.READ
    assert (queue(ledger), column(ledger, "a", "attempts")) == ({}, 0)


@pytest.mark.parametrize(
    ("state", "reason", "days"),
    [
        (State.DENIED, "robots", [1, 1, 1]),
        (State.DENIED, "excluded", [1, 1, 1]),
        (State.DENIED, "private", [1, 1, 1]),
        (State.DENIED, "403", [1, 4, 16]),
        (State.FAILED, "KeyError", [1, 4, 16]),
    ],
)
def test_what_is_denied_or_failed_is_tried_again_in_days(
    ledger: Ledger, state: State, reason: str, days: list[int]
) -> None:
    enter(ledger, link("a"))
    moment, waits = 0.0, []
    for _ in days:
        settle(ledger, state, at=moment, reason=reason)
        due = queue(ledger)["a", 1]
        waits.append((due - moment) / DAY)
        moment = due
    assert waits == days
    assert ledger.states() == {state: 1}


@pytest.mark.parametrize("before", [State.FAILED, State.DENIED])
def test_what_failed_for_weeks_gets_all_its_looks_once_something_else_comes(
    ledger: Ledger, before: State
) -> None:
    enter(ledger, link("a"))
    moment, waits = 0.0, []
    for state in [before] * 4 + [State.REDIRECTED] * 4:
        settle(ledger, state, at=moment, passing=state is State.REDIRECTED)
        due = queue(ledger).get(("a", 1))
        waits.append(due and (due - moment) / DAY)
        moment = due or 0.0
    assert waits == [1, 4, 16, 30, 1, 4, 16, None]


def test_a_refused_page_may_be_worth_another_look_later(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.REFUSED, reason="date_too_late", next_seconds=DAY)
    assert names(ledger, at=DAY - 1) == []
    assert names(ledger, at=DAY) == ["a"]


def test_attempts_of_those_whom_nobody_could_reach_are_taken_back(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.WAITING)
    settle(ledger, State.WAITING)
    assert now(ledger.forgive(["a"])) == 0
    found = lease(ledger)
    assert (found.name, found.attempts) == ("a", 0)
    assert now(ledger.lease(1, 9)) == []


def test_what_failed_for_want_of_a_network_waits_again(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    for at in (0, 10, 50):
        settle(ledger, State.WAITING, at=at)
    assert now(ledger.forgive(["a"])) == 1
    assert ledger.states() == counted(ledger) == {State.WAITING: 1}
    assert names(ledger, at=50) == ["a"]
    assert rows(ledger, "SELECT failed FROM run") == [(0,)]


# What was stored once.


@pytest.mark.parametrize(
    ("state", "reason"),
    [(State.MISSING, "404"), (State.REFUSED, "no_body"), (State.OUTSIDE, "dates")],
)
def test_what_was_stored_once_stays_stored(ledger: Ledger, state: State, reason: str) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.STORED, line=line("a"))
    enter(ledger, link("a", again=True))
    assert settle(ledger, state, reason=reason).state is State.STORED
    assert column(ledger, "a", "reason") == f"{state}: {reason}"
    assert ledger.states() == counted(ledger) == {State.STORED: 1}
    assert names(ledger, at=100 * DAY) == []


def test_a_stored_article_that_fails_for_ever_stays_stored_too(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.STORED, line=line("a"))
    enter(ledger, link("a", again=True))
    states = [settle(ledger, State.WAITING, at=at).state for at in (0, 10, 50)]
    assert states == [State.STORED] * 3
    assert rows(ledger, "SELECT failed FROM run") == [(0,)]


def test_an_article_is_visited_again_at_growing_ages(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    printed = 19_159 * DAY  # 2022-06-16
    ages: list[float | None] = []
    for age in (0.5, 1.0, 8, 30):
        settle(ledger, State.STORED, at=printed + age * DAY, published="2022-06-16")
        due = column(ledger, "a", "revisit")
        ages.append(due and (due - printed) / DAY)
        enter(ledger, link("a", again=True))
    assert ages == [1, 7, 30, None]


def test_validators_belong_to_the_form_that_they_came_with(ledger: Ledger) -> None:
    enter(ledger, link("a", "/news/1"))
    fetched: dict[str, Any] = {"fetched_at": "2022-06-16T10:00:00", "etag": '"x"'}
    settle(ledger, State.STORED, line=line("a"), last_modified="Thu", **fetched)
    enter(ledger, link("a", again=True))
    found = lease(ledger)
    assert (found.url, found.etag, found.last_modified) == ("/news/1", '"x"', "Thu")
    now(ledger.settle(found, Outcome(State.STORED, "not modified"), 0))
    enter(ledger, link("a", again=True))
    assert lease(ledger).etag == '"x"'
    now(ledger.settle(found, Outcome(State.REDIRECTED, to=link("a", "/news.php?id=1")), 0))
    assert lease(ledger).etag is None


def test_the_newest_line_is_told_by_its_fetch_and_then_by_its_extractor(ledger: Ledger) -> None:
    lines = [
        line("a", "2022-06-16T10", extractor=2, revision=1),
        line("a", "2022-06-15T10", extractor=3, revision=9),
        line("a", "2022-06-16T10", extractor=1, revision=8),
        line("a", "2022-06-16T10", extractor=3, revision=2),
        line("a", "2022-06-17T10", extractor=1, revision=3),
    ]
    newest = []
    for each in lines:
        enter(ledger, link("a", again=True))
        settle(ledger, State.STORED, line=each)
        found = ledger.line("a")
        assert found is not None
        newest.append(found.revision)
    assert newest == [1, 1, 1, 2, 3]
    assert ledger.line("b") is None


# Scopes and runs.


def test_two_scopes_wait_for_the_same_address_and_one_answer_serves_both(path: Path) -> None:
    for scope in (ONE, TWO):
        ledger = opened(path, scope)
        enter(ledger, link("a"))
        assert names(ledger) == ["a"]
        ledger.close()
    ledger = opened(path, ONE)
    settle(ledger, State.READ)
    ledger.close()
    ledger = opened(path, TWO)
    assert names(ledger) == []
    ledger.close()


def test_a_retry_puts_off_both_scopes(path: Path) -> None:
    for scope in (ONE, TWO):
        ledger = opened(path, scope)
        enter(ledger, link("a"))
        ledger.close()
    ledger = opened(path, ONE)
    settle(ledger, State.WAITING, at=5)
    assert queue(ledger) == {("a", 1): 15, ("a", 2): 15}
    ledger.close()


def test_who_comes_later_waits_with_the_others_also_after_a_start(path: Path) -> None:
    ledger = opened(path, ONE)
    enter(ledger, link("a"))
    settle(ledger, State.WAITING, at=5)
    ledger.close()
    ledger = opened(path, TWO, at=6)
    enter(ledger, link("a"))
    ledger.close()
    ledger = opened(path, TWO, at=7)
    assert names(ledger, at=14) == []
    assert names(ledger, at=15) == ["a"]
    ledger.close()


@pytest.mark.parametrize("state", [State.WAITING, State.FAILED, State.DENIED])
def test_who_links_to_what_is_tried_later_waits_for_it_too(path: Path, state: State) -> None:
    ledger = opened(path, ONE)
    enter(ledger, link("a"))
    settle(ledger, state)
    ledger.close()
    ledger = opened(path, TWO)
    enter(ledger, link("a"))
    assert queue(ledger)["a", 2] == queue(ledger)["a", 1] > 0
    ledger.close()


def test_a_run_leases_only_what_is_of_its_scope(path: Path) -> None:
    ledger = opened(path, ONE)
    enter(ledger, link("a"))
    ledger.close()
    ledger = opened(path, TWO)
    assert names(ledger) == []
    assert ledger.left(0) == (0, 0)
    ledger.close()


def test_leases_of_a_dead_process_fall_at_the_start_and_are_counted(path: Path) -> None:
    ledger = opened(path)
    enter(ledger, link("a"), link("b"), link("c"))
    now(ledger.lease(2, 0))
    ledger.close()  # in order or not: nothing was released
    ledger = Ledger(path, PATIENCE)
    assert ledger.begin(TWO, 0) == 2
    assert ledger.begin(ONE, 0) == 0
    assert names(ledger) == ["a", "b", "c"]
    assert rows(ledger, "SELECT fallen FROM run") == [(0,), (2,), (0,)]
    ledger.close()


def test_a_clock_that_was_set_back_puts_nothing_off_for_years(path: Path) -> None:
    ledger = opened(path, at=1e9)
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.WAITING, at=1e9)
    settle(ledger, State.FAILED, at=1e9)
    ledger.close()
    ledger = opened(path, at=1000)
    assert queue(ledger) == {("a", 1): 1010, ("b", 1): 1000 + DAY}
    ledger.close()


def test_a_run_is_counted_and_its_end_written(path: Path) -> None:
    ledger = opened(path, Scope("archive", "x"), at=100)
    assert not ledger.is_new()
    enter(ledger, link("a"), link("b"))
    ledger.requests = 3
    settle(ledger, State.STORED, line=line("a"), at=101)
    settle(ledger, State.FAILED, at=102)
    ledger.requests = 4
    ledger.end(3, "watchdog", 103)
    query = "SELECT started, ended, seen, requests, settled, stored, failed, code, ending FROM run"
    assert rows(ledger, query) == [(100, 103, 103, 4, 2, 1, 1, 3, "watchdog")]
    ledger.close()


def test_what_is_left_is_told_apart_by_when_it_is_due(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"), link("c", held=True))
    settle(ledger, State.WAITING)
    assert ledger.left(0) == (1, 1)
    assert ledger.left(10) == (2, 0)


# Held visits.


def test_a_held_address_waits_until_an_outcome_frees_it(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("page", held=True, kind="listing"))
    assert names(ledger, at=1e12) == ["a"]
    assert ledger.next_due() is None
    settle(ledger, State.OUTSIDE, freed=["page", "unknown"])
    assert names(ledger) == ["page"]


def test_a_held_address_that_nobody_wants_is_seen_again(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("page", held=True, kind="listing"))
    settle(ledger, State.OUTSIDE, left=["page", "unknown"])
    assert queue(ledger) == {}
    assert ledger.states() == counted(ledger) == {State.OUTSIDE: 1, State.SEEN: 1}


def test_a_held_address_waits_for_another_scope_still(path: Path) -> None:
    ledger = opened(path, TWO)
    enter(ledger, link("page"))
    ledger.close()
    ledger = opened(path, ONE)
    enter(ledger, link("a"), link("page", held=True))
    settle(ledger, State.READ, left=["page"])
    assert queue(ledger) == {("page", 1): 0}
    assert ledger.states() == counted(ledger) == {State.READ: 1, State.WAITING: 1}
    ledger.close()


def test_a_link_frees_a_held_address(ledger: Ledger) -> None:
    enter(ledger, link("a", held=True))
    enter(ledger, link("a"))
    assert names(ledger) == ["a"]


def test_what_was_held_is_looked_at_anew_at_the_next_start(path: Path) -> None:
    ledger = opened(path)
    enter(ledger, link("a", held=True))
    assert queue(ledger) == {("a", 1): HELD}
    ledger.close()
    ledger = opened(path)
    assert names(ledger) == ["a"]
    ledger.close()


# Walks, notes, the file.


def test_a_walk_is_whole_since_it_began_once_its_end_is_reached(ledger: Ledger) -> None:
    assert ledger.walk("list:198", 5) is None
    assert ledger.walk("list:198", 6) is None  # it goes on
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.READ, walked="list:198")
    assert ledger.walk("list:198", 7) == 5
    assert ledger.walk("list:185", 7) is None
    settle(ledger, State.READ, walked="list:198")
    assert ledger.walk("list:198", 8) == 7


def test_walks_are_of_a_scope(path: Path) -> None:
    ledger = opened(path)
    ledger.walk("list:198", 5)
    enter(ledger, link("a"))
    settle(ledger, State.READ, walked="list:198")
    ledger.close()
    ledger = opened(path, TWO)
    assert ledger.walk("list:198", 6) is None
    ledger.close()


def test_a_note_is_kept_until_it_is_empty(path: Path, ledger: Ledger) -> None:
    assert ledger.noted("until") is None
    ledger.note("until", "5")
    ledger.note("until", "6")
    ledger.close()
    again = opened(path)
    assert again.noted("until") == "6"
    again.note("until", "")
    assert again.noted("until") is None
    again.close()


def test_a_ledger_of_a_newer_program_is_refused_and_not_touched(path: Path) -> None:
    opened(path).close()
    beside = tables.connect(path)
    beside.execute(f"PRAGMA user_version = {tables.VERSION + 1}")
    beside.close()
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew, match=f"has version {tables.VERSION + 1}, this program"):
        Ledger(path, PATIENCE)
    with pytest.raises(LedgerTooNew):
        tables.look(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_ledger_is_broken(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerBroken, match=r"the ledger .*ledger\.sqlite is broken"):
        Ledger(path, PATIENCE)
    assert not tables.is_sound(path)


def test_a_ledger_that_is_not_there_cannot_be_looked_at(path: Path) -> None:
    with pytest.raises(LedgerError, match="nothing was crawled into this folder yet"):
        tables.look(path)


def test_a_step_that_fails_changes_nothing(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    found = lease(ledger)
    broken: Any = [link("b"), None]
    with pytest.raises(AttributeError):
        now(ledger.settle(found, Outcome(State.READ, links=broken), 0))
    assert counted(ledger) == ledger.states() == {State.WAITING: 1}
    now(ledger.settle(found, Outcome(State.READ), 0))
    assert counted(ledger) == ledger.states() == {State.READ: 1}


def test_a_ledger_that_another_process_holds_is_named(path: Path, ledger: Ledger) -> None:
    enter(ledger, link("a"))
    beside = tables.connect(path)
    beside.execute("BEGIN IMMEDIATE")
    ledger._connection.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001 (5 s are long)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite cannot be used: database is locked"):
        ledger.note("a", "b")
    beside.close()


# Wishes.


def wished(ledger: Ledger, at: float = 0, **fields: Any) -> list[str]:  # noqa: ANN401 (of a wish)
    """Make a wish and give what now waits."""
    states = fields.pop("states", {State.SEEN})
    made = ledger.wish(Wish(frozenset(states), **fields), at)
    assert ledger.states() == counted(ledger)
    found = sorted(name for name, _ in queue(ledger))
    assert len(found) == made
    return found


@pytest.fixture
def seen(ledger: Ledger) -> Ledger:
    """A ledger with addresses that nobody waits for."""
    enter(
        ledger,
        link("day 15", wanted=False, day="2022-06-15", box="day", language="en"),
        link("day 16", wanted=False, day="2022-06-16", box="related", language="en"),
        link("bangla", wanted=False, box="latest", language="bn"),
        link("card", wanted=False, box="latest", followed=False),
        link("list", wanted=False, kind="listing", box="menu"),
    )
    return ledger


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, ["bangla", "card", "day 15", "day 16"]),
        ({"kind": "listing"}, ["list"]),
        ({"language": "bn"}, ["bangla"]),
        ({"boxes": frozenset({"latest", "related"})}, ["bangla", "day 16"]),
        ({"first_day": "2022-06-16"}, ["bangla", "card", "day 16"]),
        ({"last_day": "2022-06-15"}, ["bangla", "card", "day 15"]),
        ({"first_day": "2022-06-16", "last_day": "2022-06-15"}, ["bangla", "card"]),
        ({"states": {State.WAITING}}, []),
        ({"keep": lambda known: known.day is not None}, ["day 15", "day 16"]),
    ],
)
def test_a_wish_asks_for_what_is_known(
    seen: Ledger, fields: dict[str, Any], found: list[str]
) -> None:
    assert wished(seen, **fields) == found
    assert seen.states().get(State.WAITING, 0) == len(found)


def test_a_wish_may_be_bound_by_depth(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.READ, [link("b", wanted=False)])
    found = lease_after_wish(ledger, max_depth=0)
    assert found == []
    assert lease_after_wish(ledger, max_depth=1) == ["b"]


def lease_after_wish(ledger: Ledger, **fields: Any) -> list[str]:  # noqa: ANN401 (of a wish)
    ledger.wish(Wish(frozenset({State.SEEN}), **fields), 0)
    return names(ledger)


def test_a_wish_may_say_in_which_order(seen: Ledger) -> None:
    order = {"day 16": 0, "day 15": 1}
    wish = Wish(
        frozenset({State.SEEN}),
        first_day="2022-06-01",
        keep=lambda known: known.name in order,
        rank=lambda known: order[known.name],
    )
    assert seen.wish(wish, 0) == 2
    assert names(seen) == ["day 16", "day 15"]


def test_the_day_of_publication_goes_before_that_of_an_index(seen: Ledger) -> None:
    enter(seen, link("day 15", day="2022-06-15"))
    settle(seen, State.OUTSIDE, published="2022-06-17")
    assert wished(seen, states={State.OUTSIDE}, last_day="2022-06-16") == []
    assert wished(seen, states={State.OUTSIDE}, first_day="2022-06-17") == ["day 15"]
    assert seen.states()[State.WAITING] == 1


def test_a_wish_for_orphans_leaves_alone_whom_somebody_waits_for(path: Path) -> None:
    ledger = opened(path, TWO)
    enter(ledger, link("theirs"))
    ledger.close()
    ledger = opened(path, ONE)
    assert ledger.wish(Wish(frozenset({State.WAITING}), orphans=True), 0) == 0
    assert ledger.wish(Wish(frozenset({State.WAITING})), 0) == 1
    ledger.close()


def test_a_wish_does_not_begin_anew_what_waits_for_this_run(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.WAITING)
    assert ledger.wish(Wish(frozenset({State.WAITING})), 1) == 0
    assert names(ledger, at=1) == []


def test_a_revisit_is_asked_for_when_it_is_due_and_stays_stored(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    printed = 19_159 * DAY
    for name in "ab":
        settle(ledger, State.STORED, line=line(name), at=printed, published="2022-06-16")
    due = Wish(frozenset({State.STORED}), due=True)
    assert ledger.wish(due, printed + DAY - 1) == 0
    assert ledger.wish(due, printed + DAY) == 2
    assert lease(ledger).state is State.STORED
    assert ledger.states() == counted(ledger) == {State.STORED: 2}


# Days.


def index(day: str, **more: Any) -> Found:  # noqa: ANN401 (fields of a link)
    return link(f"day:{day}", kind="day", day=day, language="en", **more)


def of(day: str, name: str, **more: Any) -> Found:  # noqa: ANN401 (fields of a link)
    return link(name, box="day", day=day, language="en", **more)


def days(ledger: Ledger) -> dict[str, tuple[int | None, bool, bool, int | None]]:
    found = ledger.days.within("en", "2022-06-01", "2022-06-30").values()
    return {day.day: (day.expected, day.is_final, bool(day.closed_at), day.holes) for day in found}


def test_a_final_day_is_closed_when_each_article_has_a_final_state(ledger: Ledger) -> None:
    day = "2022-06-16"
    enter(ledger, index(day))
    settle(ledger, State.READ, [of(day, "a"), of(day, "b")], expected=2, final=True)
    assert ledger.days.close(1) == 0
    settle(ledger, State.STORED, line=line("a"))
    assert ledger.days.close(2) == 0
    settle(ledger, State.FAILED)
    assert ledger.days.close(3) == 1
    assert days(ledger) == {day: (2, True, True, 1)}
    assert ledger.days.last_closed("en") == day
    assert ledger.days.last_closed("bn") is None
    assert ledger.days.close(4) == 0


def test_the_last_page_of_an_index_speaks_for_its_day(ledger: Ledger) -> None:
    day, name = "2022-06-16", "day:2022-06-16"
    enter(ledger, index(day))
    page = link(f"{name}:2", kind="day", box="paging", language="en", rank=0)
    settle(ledger, State.READ, [of(day, "a", rank=1), page], index=name, expected=1)
    assert days(ledger) == {day: (1, False, False, None)}
    settle(ledger, State.READ, [of(day, "b", rank=1)], index=name, expected=2, final=True)
    assert days(ledger) == {day: (2, True, False, None)}
    assert ledger.days.listed(name) == {"a", "b"}
    assert ledger.days.listed(f"{name}:2") == set()


def test_a_day_whose_articles_were_only_seen_stays_open(ledger: Ledger) -> None:
    day = "2022-06-16"
    enter(ledger, index(day))
    settle(ledger, State.READ, [of(day, "a", wanted=False)], expected=1, final=True)
    assert ledger.days.close(1) == 0


def test_a_day_that_was_asked_too_early_stays_open_until_it_is_asked_again(
    ledger: Ledger,
) -> None:
    day = "2022-06-16"
    enter(ledger, index(day))
    settle(ledger, State.READ, expected=4)
    assert ledger.days.close(1) == 0
    enter(ledger, index(day, again=True))
    settle(ledger, State.READ, expected=5, final=True)
    assert ledger.days.close(2) == 1
    assert days(ledger) == {day: (5, True, True, 0)}


def test_a_day_that_failed_is_written_and_one_that_is_tried_again_is_not(ledger: Ledger) -> None:
    enter(ledger, index("2022-06-16"))
    settle(ledger, State.WAITING)
    assert days(ledger) == {}
    settle(ledger, State.FAILED, at=10, final=True)
    assert days(ledger) == {"2022-06-16": (None, True, False, None)}


def test_a_retry_or_another_form_of_an_index_that_was_read_changes_no_day(
    ledger: Ledger,
) -> None:
    day = "2022-06-16"
    enter(ledger, index(day))
    settle(ledger, State.READ, [of(day, "a", wanted=False)], expected=1, final=True)
    enter(ledger, index(day, again=True))
    settle(ledger, State.WAITING, reason="500")
    settle(ledger, State.READ, at=10, expected=0, forms=["/other"])
    assert days(ledger) == {day: (1, True, False, None)}
    assert ledger.known(["a"])["a"].day == day


def test_an_index_that_lists_nothing_leaves_its_articles_without_a_day(ledger: Ledger) -> None:
    day = "2022-06-16"
    enter(ledger, index(day), of(day, "a", rank=9))
    settle(ledger, State.READ, expected=0)
    assert ledger.known(["a"])["a"].day is None
    assert ledger.known([index(day).name])[index(day).name].day == day


# The lines of segments.

FILE = line("a").file


def test_lines_are_known_up_to_the_first_that_is_not_settled(ledger: Ledger) -> None:
    enter(ledger, link("second"), link("first"), link("third"))
    settle(ledger, State.STORED, line=line("second", offset=100))
    assert ledger.segments() == {FILE: 0}
    settle(ledger, State.STORED, line=line("first"))
    assert ledger.segments()[FILE] <= 200
    assert ledger.segments()[FILE] >= 100


def adopted(ledger: Ledger, *lines: Any, size: int = 100) -> int:  # noqa: ANN401 (lines)
    """Adopt lines of articles that point to one other each."""
    each = [(a, link(a.id), [link(f"{a.id}+", wanted=False, box="related")]) for a in lines]
    return ledger.adopt(FILE, size, each, 0)


def test_an_adopted_article_waits_and_those_it_points_to_are_seen(path: Path) -> None:
    ledger = Ledger(path, PATIENCE)
    assert adopted(ledger, line("a"), line("b", offset=100), size=200) == 2
    ledger.begin(ONE, 0)
    assert ledger.states() == {State.WAITING: 2, State.SEEN: 2}
    assert ledger.segments() == {FILE: 200}
    assert ledger.line("b") == line("b", offset=100)
    assert ledger.known(["a"])["a"].published == "2022-06-16"
    assert adopted(ledger, line("a"), line("b", offset=100), size=200) == 0
    ledger.close()


def test_an_adopted_article_is_asked_for_by_whoever_wants_what_nobody_waits_for(
    path: Path,
) -> None:
    ledger = Ledger(path, PATIENCE)
    adopted(ledger, line("a"))
    ledger.begin(ONE, 0)
    assert wished(ledger, states={State.WAITING}, orphans=True) == ["a"]
    assert names(ledger) == ["a"]
    ledger.close()


def test_a_line_that_was_settled_is_no_news(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.STORED, line=line("a"))
    assert adopted(ledger, line("a")) == 0
    assert column(ledger, "a", "state") == "stored"
    assert queue(ledger) == {}


def test_a_newer_line_of_a_stored_article_is_adopted_and_it_stays_stored(ledger: Ledger) -> None:
    enter(ledger, link("a"))
    settle(ledger, State.STORED, line=line("a"))
    newer = line("a", "2022-06-17T10", offset=100, revision=2)
    assert adopted(ledger, newer, size=200) == 1
    assert ledger.line("a") == newer
    assert column(ledger, "a", "state") == "stored"


def test_an_adopted_article_that_is_gone_by_now_is_stored_all_the_same(path: Path) -> None:
    ledger = Ledger(path, PATIENCE)
    adopted(ledger, line("a"))
    ledger.begin(ONE, 0)
    ledger.wish(Wish(frozenset({State.WAITING}), orphans=True), 0)
    assert settle(ledger, State.MISSING).state is State.STORED
    ledger.close()


def test_lines_that_are_gone_put_their_articles_back(ledger: Ledger) -> None:
    enter(ledger, link("a"), link("b"))
    settle(ledger, State.STORED, line=line("a"))
    settle(ledger, State.STORED, line=line("b", offset=100))
    assert ledger.lose({("a", line("a").fetched_at, "0" * 64)}) == [("b", FILE)]
    assert ledger.line("b") is None
    assert ledger.line("a") is not None
    assert counted(ledger) == {State.STORED: 1, State.WAITING: 1}
    assert ledger.segments() == {FILE: 0}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 10), (2, 40), (3, DAY), (9, 30 * DAY)])
def test_waits_grow_up_to_the_longest(attempts: int, seconds: float) -> None:
    assert PATIENCE.seconds(attempts) == seconds
