"""The alarm against real nights: good ones, mutated ones, and what is stored on the way.

`make test` lets three small nights pass and strikes once; `make prove` takes 28 nights,
every mutation of tests/mutations.py, and a hundred good nights with two holidays.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.drift import judge, table
from tests.mutations import IDENTITY, MUTATIONS, Answer, Asked
from tests.nights import FIRST_NIGHT, Season, alarms, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


GOOD_NIGHTS = 28
MUTATIONS_AT_LEAST = 50
HUNDRED = 100
# The holidays of the hundred: three days with an index, and six without.
THREE = frozenset(FIRST_NIGHT + dt.timedelta(days=40 + n) for n in range(3))
SIX = frozenset(FIRST_NIGHT + dt.timedelta(days=75 + n) for n in range(6))


@pytest.fixture(scope="module")
def few_nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """Three good nights of a small newspaper, and a day that has passed and is not crawled."""
    with Season(tmp_path_factory.mktemp("few"), size=0.4, begun=(60, 8)) as season:
        for night in season.nights(3):
            assert night.code == 0, night.err[-2000:]
        season.pass_day()
        yield season


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """28 good nights, and a day that has passed and is not crawled.

    `DRIFT_NIGHTS=DIR` keeps them there, for whoever tries mutations again and again.
    """
    kept = os.environ.get("DRIFT_NIGHTS")
    with Season(Path(kept) if kept else tmp_path_factory.mktemp("month")) as season:
        for night in season.nights(GOOD_NIGHTS):
            assert night.code == 0, night.err[-2000:]
        season.pass_day()
        yield season


def test_a_good_night_after_good_nights_is_silent(few_nights: Season) -> None:
    night, data = few_nights.night_after(IDENTITY.mutate)
    assert night.code == 0, night.err[-2000:]
    assert alarms(data) == []
    assert len(runs(data)) == 5


def soft_404(answer: Answer, asked: Asked) -> Answer:
    text = b"<html><body><h1>Sorry, no news was found.</h1></body></html>"
    return answer.but(body=text) if asked.kind == "article" else answer


def test_a_night_of_soft_404s_alarms_with_its_first_article_and_hour(few_nights: Season) -> None:
    night, data = few_nights.night_after(soft_404)
    found = {alarm["figure"]: alarm for alarm in alarms(data)}
    assert night.code == 4, night.err[-2000:]
    missing = found["pages/missing"]
    assert missing["first"] == next(iter(few_nights.site.asked))
    assert missing["first_at"].startswith(f"{few_nights.day}T15:3")
    assert "Alarm 1 (Answers): article pages that say they are missing" in night.err


def month_first(answer: Answer, asked: Asked) -> Answer:
    written = re.compile(rb"(Published\s*:\s*)\w+, ([0-9]+) (\w+), ([0-9]{4})")
    body = written.sub(rb"\1\3 \2, \4", answer.body)
    return answer.but(body=body) if asked.kind == "article" else answer


def test_what_was_read_right_in_a_second_way_alone_alarms(few_nights: Season) -> None:
    """The texts are right, and nobody would know how near the next change is."""
    night, data = few_nights.night_after(month_first, "second-way")
    assert night.code == 4, night.err[-2000:]
    assert [alarm["figure"] for alarm in alarms(data)] == ["mends/date"]
    assert "articles whose date line is in a new place or form" in night.err


@pytest.mark.prove
def test_of_all_mutations_two_may_pass_in_silence(
    month: Season, record_property: Callable[[str, object], None]
) -> None:
    assert judge(month, IDENTITY).alarms == []
    scores = [judge(month, mutation) for mutation in MUTATIONS]
    print(f"\n{table(scores)}")  # noqa: T201 (what it is run for)
    silent = [score.name for score in scores if not score.alarms]
    wrong = [score.name for score in scores if score.is_wrong]
    poor = [score.name for score in scores if score.is_poor]
    record_property("mutations", len(scores))
    record_property("alarmed in the first run", len(scores) - len(silent))
    record_property("a stored value differs from the truth", ", ".join(wrong) or "none")
    record_property("less than 90 % of what is on the page filled", ", ".join(poor) or "none")
    assert len(scores) >= MUTATIONS_AT_LEAST
    assert len(silent) <= len(scores) // 25, silent
    assert not wrong
    assert not poor


@pytest.mark.prove
def test_of_a_hundred_good_nights_one_may_alarm(
    tmp_path_factory: pytest.TempPathFactory, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path_factory.mktemp("hundred")
    with Season(folder, seed=11, holidays=THREE | SIX, without_index=SIX) as season:
        codes = [night.code for night in season.nights(HUNDRED)]
        alarmed = [(run["run"][:10], run["alarms"]) for run in runs(season.data) if run["alarms"]]
    record_property("good nights", len(codes))
    record_property("false alarms", len(alarmed))
    assert len(alarmed) <= 1, alarmed
    assert set(codes) <= {0, 4}
