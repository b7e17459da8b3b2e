"""What holds of a ledger after anything: each address has one state, and the counts are true."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observer_crawler.ledger import Ledger, Outcome, State, Wish
from tests.ledgers import DAY, ONE, TWO, counted, line, link, now, opened, rows

NAMES = st.integers(0, 4).map(str)
BOXES = st.sampled_from(["latest", "related", "day"])
LINKS = st.lists(
    st.builds(
        link,
        NAMES,
        box=BOXES,
        wanted=st.booleans(),
        again=st.booleans(),
        held=st.integers(0, 3).map(lambda number: number == 0),
        day=st.sampled_from([None, "2022-06-16"]),
    ),
    max_size=4,
)
STATES = st.sampled_from(sorted(set(State) - {State.SEEN}))
OUTCOMES = st.builds(
    Outcome,
    STATES,
    st.sampled_from(["why", "robots"]),
    LINKS,
    forms=st.lists(st.sampled_from(["/a", "/b"]), max_size=2),
    to=st.none() | NAMES.map(link),
    freed=st.lists(NAMES, max_size=1),
    left=st.lists(NAMES, max_size=1),
)
WISHES = st.builds(
    Wish,
    st.frozensets(st.sampled_from(sorted(State)), min_size=1),
    orphans=st.booleans(),
    boxes=st.sampled_from([frozenset(), frozenset({"related"})]),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("settle"), OUTCOMES),
        st.tuples(st.just("settle"), OUTCOMES),
        st.tuples(st.just("store"), LINKS),
        st.tuples(st.just("enter"), LINKS),
        st.tuples(st.just("wish"), WISHES),
        st.tuples(st.just("forgive"), st.lists(NAMES, max_size=3)),
        st.tuples(st.just("release"), st.none()),
        st.tuples(st.just("begin"), st.sampled_from([ONE, TWO])),
        st.tuples(st.just("later"), st.sampled_from([5.0, 100.0, 2 * DAY, -DAY])),
    ),
    min_size=30,
    max_size=60,
)


class Play:
    """Plays steps on a ledger, as a crawl that is badly advised would."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.known: set[str] = set()
        self.leases: list[Any] = []
        self.moment = 10 * DAY

    def play(self, step: str, what: Any) -> None:  # noqa: ANN401 (as the step needs)
        getattr(self, step)(what)
        assert self.ledger.states() == counted(self.ledger)
        assert sum(self.ledger.states().values()) == len(self.known)

    def settle(self, outcome: Outcome) -> None:
        self._lease()
        if self.leases:
            lease = self.leases.pop(0)
            settled = now(self.ledger.settle(lease, outcome, self.moment))
            self.known |= {link.name for link in settled.new}

    def store(self, links: Any) -> None:  # noqa: ANN401 (links)
        self._lease()
        if self.leases:
            name = self.leases[0].name
            self.settle(Outcome(State.STORED, links=links, line=line(name)))
            assert self.ledger.known([name])[name].state is State.STORED

    def enter(self, links: Any) -> None:  # noqa: ANN401 (links)
        self.known |= {link.name for link in now(self.ledger.enter(links, self.moment))}

    def wish(self, wish: Wish) -> None:
        self.ledger.wish(wish, self.moment)

    def forgive(self, names: list[str]) -> None:
        now(self.ledger.forgive(names))

    def release(self, _: None) -> None:
        while self.leases:
            now(self.ledger.release(self.leases.pop()))

    def begin(self, scope: Any) -> None:  # noqa: ANN401 (a scope)
        self.leases.clear()
        self.ledger.begin(scope, self.moment)
        assert rows(self.ledger, "SELECT count(*) FROM visit WHERE leased") == [(0,)]

    def later(self, seconds: float) -> None:
        self.moment += seconds

    def _lease(self) -> None:
        if not self.leases:
            self.leases = now(self.ledger.lease(2, self.moment))


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(LINKS, STEPS)
def test_the_counts_are_those_of_the_file_after_any_steps(
    links: Any,  # noqa: ANN401 (of the strategy)
    steps: list[tuple[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = opened(Path(folder, "ledger.sqlite"))
        play = Play(ledger)
        play.play("enter", [link("0"), *links])
        for step, what in steps:
            play.play(step, what)
        stored = "SELECT count(*) FROM line JOIN address ON id = address WHERE state <> 'stored'"
        assert rows(ledger, stored) == [(0,)]
        ledger.close()


TABLES = ("address", "visit", "line", "older", "day", "walk", "note")
# Of few pages, shown again and again: what a crawl sees most.
PLAIN = st.lists(
    st.builds(
        link,
        NAMES,
        url=st.sampled_from(["/a", "/b"]),
        text=st.sampled_from(["", "Headline"]),
        box=BOXES,
        wanted=st.booleans(),
        held=st.integers(0, 7).map(lambda number: number == 0),
        day=st.sampled_from([*[None] * 7, "2022-06-16"]),
    ),
    max_size=4,
)
REPEATED = st.lists(
    st.one_of(
        *[
            st.tuples(
                st.just("settle"),
                st.builds(
                    Outcome, STATES, st.just("why"), PLAIN, left=st.lists(NAMES, max_size=1)
                ),
            )
        ]
        * 4,
        st.tuples(st.just("store"), PLAIN),
        st.tuples(st.just("later"), st.sampled_from([100.0, 2 * DAY])),
        st.tuples(st.just("wish"), WISHES),
        st.tuples(st.just("forgive"), st.lists(NAMES, max_size=3)),
    ),
    min_size=10,
    max_size=40,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(PLAIN, REPEATED)
def test_a_link_that_is_passed_over_would_have_changed_nothing(
    links: Any,  # noqa: ANN401 (of the strategy)
    steps: list[tuple[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plays = [Play(opened(Path(folder, name))) for name in ("one.sqlite", "two.sqlite")]
        for step, what in [("enter", [link("0"), *links]), *steps]:
            for play in plays:
                play.play(step, what)
            plays[1].ledger._repeats.clear()  # noqa: SLF001 (this one looks up every link)
            one, two = ({table: all_of(play.ledger, table) for table in TABLES} for play in plays)
            assert one == two
        for play in plays:
            play.ledger.close()


def all_of(ledger: Ledger, table: str) -> list[Any]:
    return sorted(rows(ledger, f"SELECT * FROM {table}"), key=repr)  # noqa: S608 (a name above)


FATES = st.sampled_from(
    [State.STORED, State.READ, State.MISSING, State.DENIED, State.WAITING, State.REDIRECTED]
)


@settings(max_examples=60)
@given(st.lists(st.tuples(FATES, st.lists(st.integers(0, 30), max_size=4)), max_size=60))
def test_every_address_has_exactly_one_state_and_a_run_ends(
    fates: list[tuple[State, list[int]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = opened(Path(folder, "ledger.sqlite"))
        now(ledger.enter([link("0")], 0))
        known, steps = {"0"}, 0
        # Up to half a day: what has failed or was denied is tried again on another one.
        while found := now(ledger.lease(3, min(steps * 1000, DAY / 2))):
            for each in found:
                state, numbers = fates[steps % len(fates)] if fates else (State.READ, [])
                links = [link(str(number)) for number in numbers]
                to = links[0] if state is State.REDIRECTED and links else None
                outcome = Outcome(
                    state, links=() if to else links, forms=(f"/{each.name}/b",), to=to
                )
                settled = now(ledger.settle(each, outcome, min(steps * 1000, DAY / 2)))
                known |= {new.name for new in settled.new}
                steps += 1
            assert steps < 2000
        assert sum(ledger.states().values()) == len(known)
        assert ledger.states() == counted(ledger)
        ledger.close()
