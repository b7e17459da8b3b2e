"""The arithmetic of the alarm: what is chance and what is not, when an alarm stands and is over."""

from __future__ import annotations

import json
import random
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from observer_crawler.alarm import alarms as standing
from observer_crawler.alarm import chance, history, thresholds, watching
from observer_crawler.alarm.alarms import Alarms
from observer_crawler.alarm.figures import to_record
from observer_crawler.alarm.judging import ALPHA, Baseline
from observer_crawler.alarm.monitors import Drift, judge, monitor_of
from observer_crawler.alarm.sums import Place, RunningSums
from observer_crawler.exceptions import AlarmError
from tests.drawn_runs import drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from observer_crawler.alarm.figures import Figures

MONTH = [drawn(number, 100) for number in range(28)]


def figures_of(now: Figures, before: Sequence[Figures]) -> set[str]:
    return {each.figure for each in judge(now, Baseline(before, {}))}


class Nights:
    """Runs judged one after the other, as a crawl does it."""

    def __init__(self, before: Sequence[Figures] = ()) -> None:
        self.runs = list(before)
        self.alarms = Alarms()

    def add(self, now: Figures) -> set[str]:
        """Judge a run; gives the figures whose alarm is new."""
        baseline = Baseline(self.runs, self.alarms.since(now))
        found = judge(now, baseline)
        now.alarms = sorted(each.figure for each in found)
        new = self.alarms.note(now, found, baseline, lambda _: Place("b:1", "2025-09-01T15:30"))
        self.runs.append(now)
        return {alarm.figure for alarm in new}

    @property
    def standing(self) -> set[str]:
        return {alarm.figure for alarm in self.alarms.standing}


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_drawn_nights_are_silent(seed: int) -> None:
    sizes = random.Random(seed)
    nights = Nights()
    for number in range(100):
        nights.add(drawn(number, max(round(sizes.gauss(100, 25)), 3), seed=seed))
    assert [run.alarms for run in nights.runs if run.alarms] == []


@pytest.mark.prove
def test_ten_thousand_drawn_nights(record_property: Callable[[str, object], None]) -> None:
    raised = 0
    for season in range(100):
        sizes = random.Random(season)
        nights = Nights()
        for number in range(100):
            nights.add(drawn(number, max(round(sizes.gauss(100, 25)), 3), seed=season))
        raised += sum(bool(run.alarms) for run in nights.runs)
    record_property("drawn nights", 10_000)
    record_property("false alarms", raised)
    assert raised <= 10_000 / 100


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("fields/byline/online", 0.0),
        ("fields/agency/online", 0.9),
        ("pages/refused", 0.2),
        ("markup/2016", 0.2),
        ("dates/agree", 0.5),
        ("text/characters/online", 6.3),
        ("boxes/latest", 0.0),
        ("yield/feed", 0),
    ],
)
def test_what_is_no_chance_alarms_in_the_first_run(figure: str, value: float) -> None:
    assert figures_of(drawn(28, 100, {figure: value}), MONTH) == {figure}


@pytest.mark.parametrize(
    ("figure", "value"), [("fields/views", 0.92), ("views/count", 5.6), ("yield/feed", 14)]
)
def test_a_change_that_is_not_worth_a_word_is_silent(figure: str, value: float) -> None:
    assert figures_of(drawn(28, 100, {figure: value}), MONTH) == set()


def test_a_fault_of_small_nights_shows_when_it_has_shown_three_times() -> None:
    nights = Nights([drawn(number, 6) for number in range(28)])
    changed = {"fields/byline/online": 0.1}
    raised = [nights.add(drawn(28 + number, 6, changed, wobble=0)) for number in range(3)]
    assert raised[0] == set()
    assert set.union(*raised) == {"fields/byline/online"}


def test_floors_hold_in_the_first_run_of_all() -> None:
    assert figures_of(drawn(0, 100, {"fields/headline": 0.3}), []) == {"fields/headline"}
    assert figures_of(drawn(0, 5, {"fields/headline": 0.3}), []) == set()


# What indexes list, in a good night: figures that only the ledger knows.
INDEXES = {
    "index/pages": (0, 5),
    "index/partly": (0, 45),
    "index/shrunk": (0, 130),
    "index/unlisted": (0, 45),
    "index/neighbours": (1, 50),
}


def with_indexes(number: int, changed: Mapping[str, tuple[int, int]] | None = None) -> Figures:
    """Draw a night whose indexes list this much."""
    run = drawn(number, 45)
    run.shares |= INDEXES | dict(changed or {})
    return run


@pytest.mark.parametrize(
    ("figure", "pair"),
    [
        ("index/pages", (4, 4)),
        ("index/partly", (9, 40)),
        ("index/shrunk", (15, 130)),
        ("index/unlisted", (10, 40)),
        ("index/neighbours", (9, 40)),
    ],
)
def test_an_index_that_shows_a_part_alarms_in_the_first_run(
    figure: str, pair: tuple[int, int]
) -> None:
    before = [with_indexes(number) for number in range(28)]
    assert figures_of(with_indexes(28), before) == set()
    assert figures_of(with_indexes(28, {figure: pair}), before) == {figure}


def test_few_new_articles_on_no_index_are_a_holiday() -> None:
    before = [with_indexes(number) for number in range(28)]
    assert figures_of(with_indexes(28, {"index/unlisted": (9, 9)}), before) == set()


def test_runs_that_were_kept_without_a_figure_raise_no_alarm_with_it() -> None:
    changed = {"index/pages": (4, 4), "index/partly": (9, 40), "index/shrunk": (39, 130)}
    assert figures_of(with_indexes(28, changed), MONTH) == set()
    beyond = {"index/shrunk": (40, 130)}
    assert figures_of(with_indexes(28, beyond), MONTH) == {"index/shrunk"}


def test_a_change_that_lasts_shows_once_and_its_alarm_stands() -> None:
    """Later nights list as little as the one before them: that is no good sign."""
    nights = Nights([with_indexes(number) for number in range(28)])
    assert nights.add(with_indexes(28, {"index/shrunk": (70, 130)})) == {"index/shrunk"}
    assert nights.add(with_indexes(29, {"index/shrunk": (0, 60)})) == set()
    assert nights.standing == {"index/shrunk"}
    nights.add(with_indexes(30, {"index/shrunk": (0, 131)}))
    assert nights.standing == set()


def test_three_runs_must_be_there_before_anything_is_compared() -> None:
    changed = drawn(28, 100, {"fields/byline/online": 0.0})
    assert figures_of(changed, MONTH[:2]) == set()
    assert figures_of(changed, MONTH[:3]) == {"fields/byline/online"}


def test_only_runs_of_the_same_kind_and_good_ones_are_normal() -> None:
    bad = [drawn(number, 100, {"fields/byline/online": 0.0}) for number in range(28, 56)]
    for run in bad:
        run.alarms = ["fields/byline/online"]
    assert Baseline([*MONTH, *bad], {}).of("fields/byline/online") == MONTH


def test_an_alarm_stands_until_a_run_that_could_show_the_fault_does_not() -> None:
    nights = Nights(MONTH)
    changed = {"fields/byline/online": 0.1}
    assert nights.add(drawn(28, 100, changed)) == {"fields/byline/online"}
    assert nights.add(drawn(29, 100, changed)) == set()
    assert nights.add(drawn(30, 3)) == set()
    assert nights.standing == {"fields/byline/online"}
    assert nights.alarms.standing[0].since == nights.runs[28].run
    nights.add(drawn(31, 100))
    assert nights.standing == set()
    assert [alarm.figure for alarm in nights.alarms.over] == ["fields/byline/online"]


def test_an_accepted_figure_is_normal_from_its_first_run_on() -> None:
    nights = Nights(MONTH)
    changed = {"fields/byline/online": 0.1}
    for number in range(28, 32):
        nights.add(drawn(number, 100, changed))
    accepted = nights.alarms.accept(nights.alarms.standing[0].id)
    assert [alarm.figure for alarm in accepted] == ["fields/byline/online"]
    for number in range(32, 40):
        assert nights.add(drawn(number, 100, changed)) == set()
    assert nights.standing == set()
    assert nights.add(drawn(40, 100)) == {"fields/byline/online"}


def test_an_accepted_floor_holds_no_more() -> None:
    nights = Nights()
    changed = {"fields/headline": 0.3}
    assert nights.add(drawn(0, 100, changed)) == {"fields/headline"}
    nights.alarms.accept(None)
    assert [nights.add(drawn(number, 100, changed)) for number in range(1, 6)] == [set()] * 5


def test_a_run_is_in_doubt_until_the_last_of_its_alarms_of_reading_is_accepted(
    tmp_path: Path,
) -> None:
    nights = Nights(MONTH)
    changed = {"fields/byline/online": 0.1, "boxes/latest": 0.0, "yield/feed": 0.0}
    nights.add(drawn(28, 100, changed))
    nights.add(drawn(29, 100, {"fields/byline/online": 0.1}))
    assert {alarm.figure for alarm in nights.alarms.over} == {"boxes/latest", "yield/feed"}
    for run in nights.runs:
        history.append(tmp_path / history.FILE, run)
    standing.write(tmp_path / standing.FILE, nights.alarms)
    accepted = watching.accept(tmp_path, None)
    assert [alarm.figure for alarm in accepted.alarms] == ["fields/byline/online"]
    # The first one lacked a box, too; that is over, and nobody said that it was right so.
    assert accepted.cleared == [run.run for run in [*MONTH, nights.runs[29]]]
    assert standing.read(tmp_path / standing.FILE).standing == []


def test_alarms_of_other_kinds_of_runs_stay_as_they_are() -> None:
    nights = Nights(MONTH)
    nights.add(drawn(28, 100, {"fields/byline/online": 0.1}))
    other = drawn(29, 100)
    other.key = "language=bn"
    assert nights.add(other) == set()
    assert nights.standing == {"fields/byline/online"}


def test_the_first_article_of_a_fault_is_named() -> None:
    sums = RunningSums()
    for number in range(200):
        sums.add(Place(f"b:{number}", f"at {number}"), {"fields/byline": number < 130})
    assert sums.begins("fields/byline", 1.0, 0.65) == Place("b:130", "at 130")


def test_a_long_run_needs_no_more_pieces_than_a_short_one() -> None:
    sums = RunningSums()
    for number in range(20_000):
        sums.add(Place(f"b:{number}", ""), {"text/headline": 4 if number < 15_000 else 2})
    assert len(sums._pieces) <= thresholds.MOST_SLICES  # noqa: SLF001 (what is promised)
    assert sums.totals()["text/headline"].cases == 20_000
    place = sums.begins("text/headline", 4, 3.5)
    assert place is not None
    assert 15_000 <= int(place.name.removeprefix("b:")) < 15_200


def test_a_share_without_spread_is_counted_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEAST_CORRELATION", "PRIOR_CORRELATION"):
        monkeypatch.setattr(thresholds, name, 1e-9)
    verdict = chance.share(15, 20, [(100_000, 200_000)] * 28)
    exactly = sum(comb(20, k) for k in range(15, 21)) / 2**20
    assert verdict.chance == pytest.approx(exactly, rel=0.01)


def test_every_measure_has_a_monitor() -> None:
    assert {monitor_of(measure.name) for measure in thresholds.MEASURES} == {
        each.__name__ for each in Drift.monitors
    }
    names = [measure.name for measure in thresholds.MEASURES]
    assert len(names) == len(set(names))
    assert {floor.name for floor in thresholds.FLOORS} <= set(names)
    assert ALPHA < 1e-4


def test_figures_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    for run in MONTH:
        history.append(tmp_path / history.FILE, run)
    back = history.read(tmp_path / history.FILE)
    assert [to_record(run) for run in back] == [to_record(run) for run in MONTH]


def test_a_torn_line_costs_that_run_alone(tmp_path: Path) -> None:
    path = tmp_path / history.FILE
    history.append(path, MONTH[0])
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    history.append(path, MONTH[1])
    assert [run.run for run in history.read(path)] == [MONTH[0].run, MONTH[1].run]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux alone")
def test_a_full_disk_is_named() -> None:
    with pytest.raises(AlarmError, match="cannot write /dev/full: No space left on device"):
        history.append(Path("/dev/full"), MONTH[0])


def test_figures_and_alarms_of_a_newer_program_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / history.FILE
    path.write_text(json.dumps({"version": 99, "run": "", "spider": "", "key": ""}) + "\n")
    with pytest.raises(AlarmError, match="has version 99, this program knows 1"):
        history.read(path)
    path = tmp_path / standing.FILE
    path.write_text('{"version": 99}')
    with pytest.raises(AlarmError, match="has version 99, this program knows 1"):
        standing.read(path)


def test_a_broken_file_of_alarms_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / standing.FILE
    path.write_text("{")
    with pytest.raises(AlarmError, match="move it away"):
        standing.read(path)


def test_alarms_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    nights = Nights(MONTH)
    nights.add(drawn(28, 100, {"fields/byline/online": 0.1, "boxes/latest": 0.0}))
    nights.alarms.accept(1)
    standing.write(tmp_path / standing.FILE, nights.alarms)
    assert standing.read(tmp_path / standing.FILE) == nights.alarms
