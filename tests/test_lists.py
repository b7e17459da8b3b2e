"""Walking a section's list: which page comes next, and when a list is left."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.spiders.lists import Gate, Lists, Step, Told
from tests.ledgers import TWO, link, now, opened, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.ledger import Ledger

LIST = "list:198"
FIRST = dt.date(2022, 6, 16)
OLDER, YOUNGER = "2022-06-15", "2022-06-17"
# Moments of runs: what was found at one is known at the next.
RUN_1, RUN_2, RUN_3 = 1000.0, 2000.0, 3000.0


def page(number: int, section: int = 198) -> urls.Address:
    return urls.listing(section, number)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = opened(tmp_path / "ledger.sqlite", at=RUN_1)
    yield ledger
    ledger.close()


@pytest.fixture
def lists(ledger: Ledger) -> Lists:
    """The lists of a first run."""
    return Lists(ledger, RUN_1)


def know(ledger: Ledger, *names: str, at: float = RUN_1, published: str | None = None) -> None:
    """Let articles be known and settled since a moment."""
    for name in names:
        now(ledger.enter([link(name, again=True)], at))
        settle(ledger, State.OUTSIDE, at=at, published=published)


def wait_for(ledger: Ledger, number: int, at: float = RUN_1) -> None:
    """Let a page of the list wait, as a run that was killed leaves it."""
    now(ledger.enter([link(page(number).name, kind="listing", rank=99)], at))


def walked(ledger: Ledger, at: float) -> None:
    """Let a walk that began at a moment have reached the list's end."""
    ledger.walk(LIST, at)
    now(ledger.enter([link("front", again=True, rank=-9)], at))
    settle(ledger, State.READ, at=at, walked=LIST)


def test_the_nearest_page_comes_next(lists: Lists) -> None:
    assert lists.step(page(1), {"a"}, [page(9), page(2), page(1)]) == Step(page(2))


def test_a_list_ends_where_nothing_is_shown_that_it_had_not_shown_before(lists: Lists) -> None:
    lists.step(page(1), {"a", "b"}, [page(2)])
    assert lists.step(page(2), {"b"}, [page(3)]) == Step(None, LIST)


def test_a_list_ends_at_an_empty_page(lists: Lists) -> None:
    lists.step(page(1), {"a"}, [page(2)])
    assert lists.step(page(2), set(), [page(3)]) == Step(None, LIST)


def test_a_page_that_shows_its_paging_and_no_page_after_it_is_the_last(lists: Lists) -> None:
    assert lists.step(page(3), {"a"}, [page(2)]).page is None


def test_a_list_without_paging_gets_the_next_page_in_its_own_form(lists: Lists) -> None:
    old = urls.parse("https://www.observerbd.com/cat.php?cd=198")
    following = lists.step(old, {"a"}, [old]).page
    assert following is not None
    assert following.url == "https://www.observerbd.com/cat.php?cd=198&pg=2"


def test_a_page_is_asked_for_once_in_a_run(lists: Lists) -> None:
    assert lists.step(page(1), {"a"}, [page(2)]).page == page(2)
    assert lists.step(page(1), {"b"}, [page(2)]).page is None


def test_lists_are_walked_apart(lists: Lists) -> None:
    lists.step(page(1), {"a"}, [page(2)])
    assert lists.step(page(1, 185), {"a"}, [page(2, 185)]).page == page(2, 185)


# A list that an earlier run walked.


def test_a_first_walk_goes_on_past_what_is_known(ledger: Ledger) -> None:
    know(ledger, "a", "b")
    lists = Lists(ledger, RUN_2)
    assert lists.step(page(1), {"a", "b"}, [page(2)]).page == page(2)


def test_a_list_that_was_walked_to_its_end_is_left_where_all_is_known(ledger: Ledger) -> None:
    know(ledger, "a", "b")
    walked(ledger, RUN_1)
    lists = Lists(ledger, RUN_2)
    assert lists.step(page(1), {"new", "a"}, [page(2)]).page == page(2)
    assert lists.step(page(2), {"a", "b"}, [page(3)]) == Step(None, LIST)


def test_what_this_run_found_is_not_known_yet(ledger: Ledger) -> None:
    """A box may show all of a list's first page before the list itself does."""
    walked(ledger, RUN_1)
    know(ledger, "a", at=RUN_2)
    assert Lists(ledger, RUN_2).step(page(1), {"a"}, [page(2)]).page == page(2)


def test_what_was_only_seen_is_no_reason_to_leave(ledger: Ledger) -> None:
    walked(ledger, RUN_1)
    now(ledger.enter([link("a", wanted=False)], RUN_1))
    assert Lists(ledger, RUN_2).step(page(1), {"a"}, [page(2)]).page == page(2)


def test_a_walk_that_was_killed_goes_on_from_where_it_stood_to_the_end(ledger: Ledger) -> None:
    know(ledger, "a", "b", "e")
    ledger.walk(LIST, RUN_1)
    wait_for(ledger, 5)
    lists = Lists(ledger, RUN_2)
    # The second walk, from the top, stops where it meets what the first one knew ...
    assert lists.step(page(1), {"new", "a"}, [page(2)]).page == page(2)
    assert lists.step(page(2), {"a", "b"}, [page(3)]) == Step(None)
    # ... and the first one goes on, whatever is known there.
    assert lists.step(page(5), {"e"}, [page(6)]).page == page(6)
    assert lists.step(page(6), {"f"}, [page(5)]) == Step(None, LIST)


def test_what_follows_a_tail_is_a_tail(ledger: Ledger) -> None:
    know(ledger, "e", "f")
    wait_for(ledger, 5)
    lists = Lists(ledger, RUN_2)
    assert lists.step(page(5), {"e"}, [page(6)]).page == page(6)
    assert lists.step(page(6), {"f"}, [page(7)]).page == page(7)


def test_a_list_is_done_when_both_walks_are(ledger: Ledger) -> None:
    know(ledger, "a")
    wait_for(ledger, 5)
    lists = Lists(ledger, RUN_2)
    assert lists.step(page(5), {"e"}, [page(4)]) == Step(None)
    assert lists.step(page(1), {"a"}, [page(2)]) == Step(None, LIST)


def test_a_killed_second_walk_leaves_nothing_out(ledger: Ledger) -> None:
    """After a whole walk, 40 new articles and a kill: the gap between both is walked."""
    know(ledger, "old", at=RUN_1 - 1)
    walked(ledger, RUN_1)
    ledger.walk(LIST, RUN_2)
    know(ledger, "n1", "n2", at=RUN_2)
    wait_for(ledger, 2, at=RUN_2)
    lists = Lists(ledger, RUN_3)
    assert lists.step(page(1), {"n1"}, [page(2)]) == Step(None)
    assert lists.step(page(2), {"n2"}, [page(3)]).page == page(3)
    assert lists.step(page(3), {"old"}, [page(4)]) == Step(None, LIST)


def test_a_killed_second_walk_ends_where_the_whole_one_knew_all(ledger: Ledger) -> None:
    """What a first walk finds it finds after it began: but for its first page, which is the mark."""
    know(ledger, "top", at=RUN_1)
    know(ledger, "o1", "o2", at=RUN_1 + 5)
    walked(ledger, RUN_1)
    ledger.walk(LIST, RUN_2)
    wait_for(ledger, 2, at=RUN_2)
    lists = Lists(ledger, RUN_3)
    assert lists.step(page(2), {"n", "top"}, [page(3)]).page == page(3)
    assert lists.step(page(3), {"o1", "o2"}, [page(4)]).page is None


def test_a_killed_second_walk_passes_over_what_is_known_from_elsewhere(ledger: Ledger) -> None:
    know(ledger, "top", at=RUN_1)
    walked(ledger, RUN_1)
    know(ledger, "e1", "e2", at=RUN_1 + 5)
    ledger.walk(LIST, RUN_2)
    wait_for(ledger, 2, at=RUN_2)
    lists = Lists(ledger, RUN_3)
    assert lists.step(page(2), {"e1", "e2"}, [page(3)]).page == page(3)
    assert lists.step(page(3), {"n"}, [page(4)]).page == page(4)
    assert lists.step(page(4), {"top"}, [page(5)]).page is None


def test_walks_of_another_scope_say_nothing(tmp_path: Path, ledger: Ledger) -> None:
    know(ledger, "a")
    walked(ledger, RUN_1)
    other = opened(tmp_path / "ledger.sqlite", TWO, RUN_2)
    assert Lists(other, RUN_2).step(page(1), {"a"}, [page(2)]).page == page(2)
    other.close()


# Pages that cannot be read.


def fail(ledger: Ledger, number: int, at: float = RUN_1, state: State = State.FAILED) -> None:
    """Let a page of the list have come to nothing, as the ledger hears it after the walk did."""
    now(ledger.enter([link(page(number).name, kind="listing", rank=-99, again=True)], at))
    settle(ledger, state, at=at)


def test_a_page_that_failed_hides_none_behind_it_and_leaves_the_walk_unfinished(
    ledger: Ledger, lists: Lists
) -> None:
    assert lists.step(page(1), {"a"}, [page(2)]).page == page(2)
    assert lists.skip(page(2), is_gone=False).page == page(3)
    fail(ledger, 2)
    assert lists.step(page(3), {"b"}, [page(2)]) == Step(None)
    assert lists.step(page(2), {"c"}, [page(3)]) == Step(None, LIST), "read at last"


def test_the_third_page_in_a_row_that_failed_ends_a_walk(ledger: Ledger, lists: Lists) -> None:
    lists.step(page(1), {"a"}, [page(2)])
    for number in (2, 3):
        assert lists.skip(page(number), is_gone=False).page == page(number + 1)
        fail(ledger, number)
    assert lists.skip(page(4), is_gone=False) == Step(None)


def test_a_page_that_failed_is_left_to_its_own_next_try(ledger: Ledger, lists: Lists) -> None:
    for number in (2, 3):
        fail(ledger, number)
    step = lists.step(page(1), {"a"}, [page(2)])
    assert step == Step(page(4), passed=(page(2), page(3)))
    fail(ledger, 4)
    other = Lists(ledger, RUN_2)
    step = other.step(page(1), {"a"}, [page(2)])
    assert step == Step(None, passed=(page(2), page(3), page(4)))


def test_a_list_ends_at_a_page_that_is_not_there(lists: Lists) -> None:
    lists.step(page(1), {"a"}, [])
    assert lists.skip(page(2), is_gone=True) == Step(None, LIST)


def test_a_page_that_is_not_there_hides_none_that_was_linked(ledger: Ledger, lists: Lists) -> None:
    lists.step(page(1), {"a"}, [page(2), page(3)])
    now(ledger.enter([link(page(3).name, page(3).url, kind="listing", wanted=False)], RUN_1))
    assert lists.skip(page(2), is_gone=True).page == page(3)
    assert lists.step(page(3), {"b"}, [page(2)]) == Step(None, LIST)


def test_a_list_that_is_not_there_was_not_walked(lists: Lists) -> None:
    assert lists.skip(page(1), is_gone=True) == Step(None)


def test_a_walk_that_has_come_down_is_the_mark_of_the_next_though_a_page_failed(
    ledger: Ledger,
) -> None:
    """A page that fails for ever must not have each walk go down to where the first one began."""
    know(ledger, "old", at=RUN_1)
    Lists(ledger, RUN_1).step(page(1), {"old"}, [page(2)])
    fail(ledger, 2)
    know(ledger, "n1", at=RUN_2)
    second = Lists(ledger, RUN_2 + 1)
    assert second.step(page(1), {"n1", "old"}, [page(2)]) == Step(None)
    know(ledger, "n2", at=RUN_3)
    third = Lists(ledger, RUN_3 + 1)
    assert third.step(page(1), {"n2", "n1"}, [page(2)]) == Step(None)


# With a first day: cards carry no dates, so the next page waits for the articles of this one.


def test_a_held_page_is_freed_by_the_first_article_young_enough(lists: Lists) -> None:
    assert lists.gate(page(2), {"a", "b", "c"}, FIRST) == Gate(is_open=False)
    assert lists.tell("a", older=True) == Told()
    assert lists.tell("b", older=False) == Told(freed=(page(2).name,))
    assert lists.tell("c", older=False) == Told()


def test_a_list_is_left_when_all_that_is_known_is_older(lists: Lists) -> None:
    lists.step(page(1), {"a", "b"}, [page(2)])
    lists.gate(page(2), {"a", "b"}, FIRST)
    assert lists.tell("a", older=None) == Told()
    assert lists.tell("b", older=True) == Told(left=(page(2).name,), walked=LIST)


def test_a_page_of_which_no_day_is_known_does_not_end_a_list(lists: Lists) -> None:
    lists.gate(page(2), {"a", "b"}, FIRST)
    lists.tell("a", older=None)
    assert lists.tell("b", older=None) == Told(freed=(page(2).name,))


def test_an_article_that_is_known_to_be_young_opens_the_gate_at_once(ledger: Ledger) -> None:
    know(ledger, "a", published=YOUNGER)
    assert Lists(ledger, RUN_2).gate(page(2), {"a", "b"}, FIRST) == Gate(is_open=True)


def test_a_page_whose_articles_are_all_known_to_be_older_ends_the_list(ledger: Ledger) -> None:
    know(ledger, "a", "b", published=OLDER)
    lists = Lists(ledger, RUN_2)
    lists.step(page(1), {"a", "b"}, [page(2)])
    gate = lists.gate(page(2), {"a", "b"}, FIRST)
    assert gate == Gate(is_open=False, is_left=True, walked=LIST)


def test_articles_of_unknown_day_that_nobody_will_ask_hold_nothing(ledger: Ledger) -> None:
    know(ledger, "a", "b")
    assert Lists(ledger, RUN_2).gate(page(2), {"a", "b"}, FIRST) == Gate(is_open=True)


def test_one_article_decides_for_all_pages_that_wait_for_it(lists: Lists) -> None:
    lists.gate(page(2), {"a", "b"}, FIRST)
    lists.gate(page(2, 185), {"a", "c"}, FIRST)
    freed = lists.tell("a", older=False).freed
    assert set(freed) == {page(2).name, page(2, 185).name}
