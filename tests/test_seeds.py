"""`scrapy export --table addresses`: which articles are on the list, and in which form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from observer_crawler.ledger import FILE, State
from tests.conftest import run_scrapy
from tests.ledgers import link, now, opened, settle

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

HOST = "https://www.observerbd.com"
STATES = [state for state in State if state not in {State.SEEN, State.WAITING, State.STORED}]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with an article in each state; one was seen in an old form of its address."""
    path = tmp_path / "data" / "state" / FILE
    path.parent.mkdir(parents=True)
    ledger = opened(path)
    for number, state in enumerate(STATES, start=10):
        url = f"{HOST}/news.php?id={number}"
        now(ledger.enter([link(f"b:{number}", url=url, language="en")], 0))
        settle(ledger, state)
    others = [
        link("b:30", url=f"{HOST}/details.php?id=30", language="en", wanted=False),
        link("bn:7", url="https://bn.observerbd.com/details.php?id=7", language="bn"),
        link("day:2022-06-16", url=f"{HOST}/archive/2022-06-16", kind="day", language="en"),
        link(f"{HOST}/a.jpg", url=f"{HOST}/a.jpg", kind="requisite", language="en"),
    ]
    now(ledger.enter(others, 0))
    ledger.close()
    return tmp_path / "data"


def listed(data: Path, *words: str) -> list[str]:
    done = run(data, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_scrapy("export", "--table", "addresses", *words, "-s", f"OBSERVER_DATA={data}")


def numbers(*states: State) -> list[str]:
    places: dict[State, int] = {state: number for number, state in enumerate(STATES, start=10)}
    return [f"{HOST}/news.php?id={places[state]}" for state in states]


def test_articles_that_have_or_may_have_a_page_are_listed_in_the_form_seen_last(
    data: Path,
) -> None:
    assert listed(data) == sorted(
        [
            *numbers(State.REFUSED, State.OUTSIDE, State.FAILED),
            f"{HOST}/details.php?id=30",
            "https://bn.observerbd.com/details.php?id=7",
        ]
    )


def test_other_states_are_chosen_by_name(data: Path) -> None:
    assert listed(data, "--state", "missing,redirected") == sorted(
        numbers(State.MISSING, State.REDIRECTED)
    )


def test_what_is_excluded_is_not_listed(data: Path) -> None:
    (data / "exclude.txt").write_text("b:30 2026-11-01 asked by its author\n", "utf-8")
    assert f"{HOST}/details.php?id=30" not in listed(data)


def test_of_a_copy_the_addresses_are_its_own(data: Path) -> None:
    (data / "state" / "origin").write_text("http://127.0.0.1:8000\n", "utf-8")
    assert {url.partition("/de")[0].partition("/ne")[0] for url in listed(data)} == {
        "http://127.0.0.1:8000"
    }


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--table", "adresses"], "unknown table 'adresses'; did you mean 'addresses'?"),
        (["--format", "wacz"], "--table makes a list alone: leave out --format"),
        (["--state", "lost"], "unknown state 'lost'"),
        (["--state", ","], "--state: expected some states like seen,stored, got nothing"),
    ],
)
def test_what_cannot_be_is_one_line(data: Path, words: list[str], why: str) -> None:
    done = run(data, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_states_without_a_list_are_one_line_too(data: Path) -> None:
    done = run_scrapy("export", "--state", "seen", "-s", f"OBSERVER_DATA={data}")
    assert done.returncode == 1
    assert "--state chooses what --table addresses lists: add that" in done.stderr


def test_a_folder_without_a_ledger_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no ledger at" in done.stderr
