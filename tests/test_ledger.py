"""The ledger in memory: one hop is one lease is one settlement."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler.ledger import Found, Lease, MemoryLedger, Outcome, Patience, Settled, State

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

PATIENCE = Patience(attempts=3, first_seconds=10, longest_seconds=100)


def now(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 (whatever the coroutine gives)
    """Run a coroutine that waits for nothing."""
    return asyncio.run(work)


def link(name: str, url: str = "", *, wanted: bool = True, box: str = "latest") -> Found:
    return Found(name, "article", url or f"/{name}", box, f"headline of {name}", wanted)


def ledger_of(*seeds: Found) -> MemoryLedger:
    ledger = MemoryLedger(PATIENCE)
    now(ledger.enter(seeds))
    return ledger


def lease(ledger: MemoryLedger, at: float = 0) -> Lease:
    (found,) = now(ledger.lease(1, at))
    assert isinstance(found, Lease)
    return found


def settle(
    ledger: MemoryLedger,
    state: State,
    links: Sequence[Found] = (),
    at: float = 0,
    **more: Any,  # noqa: ANN401 (further fields of the outcome)
) -> Settled:
    """Lease the next address and settle it at once."""
    outcome = Outcome(state, "why", links, **more)
    settled = now(ledger.settle(lease(ledger, at), outcome, at))
    assert isinstance(settled, Settled)
    return settled


def test_a_seed_is_leased_once() -> None:
    ledger = ledger_of(link("a"), link("a"))
    assert [found.name for found in now(ledger.lease(5, 0))] == ["a"]
    assert now(ledger.lease(5, 0)) == []


def test_links_enter_with_the_settlement_of_their_page() -> None:
    ledger = ledger_of(link("a"))
    settled = settle(ledger, State.READ, [link("b"), link("b"), link("a")])
    assert [found.name for found in settled.new] == ["b"]
    found = lease(ledger)
    assert (found.name, found.page, found.depth, found.box) == ("b", "a", 1, "latest")


def test_leases_go_by_depth_and_then_as_found() -> None:
    ledger = ledger_of(link("a"), link("b"))
    settle(ledger, State.READ, [link("c")])
    settle(ledger, State.READ, [link("d")])
    assert [found.name for found in now(ledger.lease(5, 0))] == ["c", "d"]


def test_a_link_that_is_not_wanted_is_seen_until_one_wants_it() -> None:
    ledger = ledger_of(link("a"), link("b"))
    settle(ledger, State.READ, [link("c", wanted=False, box="most_read")])
    assert ledger.states() == {State.READ: 1, State.WAITING: 1, State.SEEN: 1}
    assert settle(ledger, State.READ, [link("c", box="related")]).new == []
    assert lease(ledger).box == "related"


def test_the_form_seen_last_is_fetched() -> None:
    ledger = ledger_of(link("a"), link("b", "/news/1"))
    settle(ledger, State.READ, [link("b", "/news.php?id=1")])
    assert lease(ledger).url == "/news.php?id=1"


def test_a_missing_page_is_asked_in_each_other_form_once() -> None:
    ledger = ledger_of(link("a", "/news/1"))
    forms = ["/news/1", "/news.php?id=1", "/details.php?id=1"]
    for form in forms:
        assert ledger.states() == {State.WAITING: 1}
        found = lease(ledger)
        assert found.url == form
        now(ledger.settle(found, Outcome(State.MISSING, "404", forms=forms), 0))
    assert ledger.states() == {State.MISSING: 1}


def test_a_redirect_to_another_form_is_the_same_address() -> None:
    ledger = ledger_of(link("a", "/details.php?id=1"))
    settle(ledger, State.REDIRECTED, to=link("a", "/news/1"))
    found = lease(ledger)
    assert (found.name, found.url, found.depth) == ("a", "/news/1", 0)
    now(ledger.settle(found, Outcome(State.STORED), 0))
    assert ledger.states() == {State.STORED: 1}


def test_a_redirect_to_another_address_is_an_outcome_with_one_link() -> None:
    ledger = ledger_of(link("a"))
    settled = settle(ledger, State.REDIRECTED, to=link("b"))
    assert [found.name for found in settled.new] == ["b"]
    assert ledger.states() == {State.REDIRECTED: 1, State.WAITING: 1}
    assert lease(ledger).depth == 0


def test_a_redirect_to_itself_fails() -> None:
    ledger = ledger_of(link("a", "/news/1"))
    settle(ledger, State.REDIRECTED, to=link("a", "/news/1"))
    assert ledger.states() == {State.FAILED: 1}


def test_forms_that_redirect_for_ever_fail() -> None:
    ledger = ledger_of(link("a", "/news/1"))
    for number in range(6):
        settle(ledger, State.REDIRECTED, to=link("a", f"/news/1?n={number}"))
    assert ledger.states() == {State.FAILED: 1}


def test_a_missing_form_that_redirects_back_stays_missing() -> None:
    ledger = ledger_of(link("a", "/news/1"))
    forms = ["/news/1", "/news.php?id=1"]
    settle(ledger, State.MISSING, forms=forms)
    settle(ledger, State.REDIRECTED, to=link("a", "/news/1"), forms=forms)
    assert ledger.states() == {State.MISSING: 1}


def test_a_chain_of_redirects_without_end_is_left() -> None:
    ledger = ledger_of(link("0"))
    hops = 0
    while ledger.states().get(State.WAITING):
        hops += 1
        settle(ledger, State.REDIRECTED, to=link(str(hops)))
    assert hops == 6


def test_a_failed_address_is_tried_again_later_and_later_and_then_fails() -> None:
    ledger = ledger_of(link("a"))
    settle(ledger, State.WAITING)
    assert ledger.next_due() == 10
    assert now(ledger.lease(1, 9.9)) == []
    settle(ledger, State.WAITING, at=10)
    assert ledger.next_due() == 50
    assert settle(ledger, State.WAITING, at=50).state is State.FAILED
    assert ledger.next_due() is None


def test_a_link_does_not_hurry_an_address_that_waits_for_its_next_try() -> None:
    ledger = ledger_of(link("a"), link("b"))
    settle(ledger, State.WAITING)
    settle(ledger, State.READ, [link("a")])
    assert now(ledger.lease(1, 1)) == []


def test_a_released_lease_leaves_the_address_as_it_was() -> None:
    ledger = ledger_of(link("a"))
    found = lease(ledger)
    now(ledger.release(found))
    assert lease(ledger) == found


FATES = st.sampled_from(
    [State.STORED, State.READ, State.MISSING, State.DENIED, State.WAITING, State.REDIRECTED]
)


@given(st.lists(st.tuples(FATES, st.lists(st.integers(0, 30), max_size=4)), max_size=80))
def test_every_address_has_exactly_one_state_and_a_run_ends(
    fates: list[tuple[State, list[int]]],
) -> None:
    ledger = ledger_of(link("0"))
    known = {"0"}
    steps = 0
    while found := now(ledger.lease(3, steps * 1000)):
        for each in found:
            state, numbers = fates[steps % len(fates)] if fates else (State.READ, [])
            links = [link(str(number)) for number in numbers]
            to = links[0] if state is State.REDIRECTED and links else None
            outcome = Outcome(state, links=() if to else links, forms=(f"/{each.name}/b",), to=to)
            known |= {new.name for new in now(ledger.settle(each, outcome, steps)).new}
            steps += 1
        assert steps < 2000
    assert sum(ledger.states().values()) == len(known)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 10), (2, 40), (3, 100)])
def test_waits_grow_up_to_the_longest(attempts: int, seconds: float) -> None:
    assert PATIENCE.seconds(attempts) == seconds
