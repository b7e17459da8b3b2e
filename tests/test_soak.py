"""A year of nights in one folder, through faults, kills and edits: `make soak`, and its judges."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.soak import judge
from tests.soak.long import soaked
from tests.soak.run import Plan, Sample
from tests.soak.site import fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A process that needs no more memory from the first quarter on, and one that does.
FLAT = [Sample(n, 60 + min(n, 250) / 10, 9) for n in range(1001)]
GROWING = [Sample(n, 60 + n / 50, 9 + n // 400) for n in range(1001)]


def test_a_short_year_with_faults_kills_and_edits_ends_with_every_article(tmp_path: Path) -> None:
    told: list[str] = []
    result = soaked(tmp_path, 250, told.append, share=2.0, is_cold=False)
    assert result.wrong == []
    assert result.figures["nights"] == 1
    assert result.figures["edited"] > 0
    # Where the machine is busy a night may be over before its kill.
    assert 1 <= result.figures["kills"] <= 2
    assert result.figures["faulty answers"] > 10
    assert told[-1].endswith("judging")
    assert_judges_see_what_is_broken(tmp_path / "data", tmp_path / "facts.jsonl")


def assert_judges_see_what_is_broken(data: Path, facts: Path) -> None:
    """Assert that a lost line, a doubled one and a wrong value are each found, by name."""
    path = max((data / "articles").glob("*/*.jsonl"), key=lambda path: path.stat().st_size)
    lost, doubled, changed, *rest = path.read_bytes().splitlines(keepends=True)
    other = json.loads(changed) | {"byline": "Somebody Else"}
    path.write_bytes(b"".join([doubled, doubled, json.dumps(other).encode() + b"\n", *rest]))
    names = [json.loads(line)["id"] for line in (lost, doubled, changed)]
    found = sorted(line.split()[0] for line in judge.articles(data, facts))
    assert found == sorted(names)


@pytest.mark.prove
def test_a_hundred_thousand_articles_through_a_year_of_faults_and_kills(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    result = soaked(tmp_path, 100_000, print)
    for name, value in result.figures.items():
        record_property(name, value)
    assert result.wrong == []


def test_memory_that_grows_from_the_second_quarter_to_the_last_is_seen() -> None:
    assert judge.growth(FLAT).share == 0
    grown = judge.growth(GROWING)
    assert grown.share > judge.GROWTH
    assert grown.last_files > grown.second_files


def test_every_address_gets_through_in_the_end() -> None:
    struck = {n: [v for v in range(8) if fault(f"/news/{n}", v, 1)] for n in range(5000)}
    assert any(struck.values())
    assert all(set(visits) <= {0, 1, 4, 5} for visits in struck.values())


@pytest.mark.parametrize(
    ("articles", "kills", "nights"), [(300, 2, 1), (2000, 8, 5), (100_000, 50, 52)]
)
def test_what_is_done_grows_with_the_articles(articles: int, kills: int, nights: int) -> None:
    plan = Plan.of(articles)
    assert (plan.kills, plan.nights) == (kills, nights)
    assert plan.begun_with > 0.9 * articles
