"""A run against the runs before it: which of its figures are not what such runs have. Pure.

Each figure is looked at in the run alone, and together with the newest runs before it; the chance
that a good run has such a figure must be smaller than its part of what all of them may raise
together, and the change must be worth a person's time. Floors hold without a history.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.alarm import chance, thresholds
from observer_crawler.alarm.chance import Sums, Verdict
from observer_crawler.alarm.figures import measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from observer_crawler.alarm.figures import Figures
    from observer_crawler.alarm.thresholds import Floor, Measure

_EDITIONS = 3
_SIDES = {"both": 2, "high": 1, "low": 1}
_MEASURES = {measure.name: measure for measure in thresholds.MEASURES}


class Deviation(NamedTuple):
    """A figure that is not as it should be. `runs`: those looked at together; 0: a fixed floor."""

    figure: str
    expected: float
    found: float
    cases: int
    runs: int


class Baseline:
    """The good runs that a run is compared with, figure by figure.

    A run that alarmed is no good one, unless all of its alarms were accepted. Where an alarm was
    accepted, the history of its figure begins with its first run, and the figure has no floor.
    """

    def __init__(self, runs: Iterable[Figures], accepted: Mapping[str, str]) -> None:
        """`runs` are those like this one, the oldest first; `accepted`: since which run."""
        self._accepted = accepted
        self._good = [run for run in runs if all(map(self._is_accepted(run), run.alarms))]

    def of(self, figure: str) -> Sequence[Figures]:
        """Give the runs that tell what is normal, the oldest first."""
        start = self._accepted.get(figure, "")
        return [run for run in self._good if run.run >= start]

    def has_floor(self, figure: str) -> bool:
        return figure not in self._accepted

    def _is_accepted(self, run: Figures) -> Callable[[str], bool]:
        return lambda name: name in self._accepted and self._accepted[name] <= run.run


def tests() -> int:
    """Count the questions that are asked of a run, so that each gets its part of false alarms."""
    return sum(
        _SIDES[measure.side] * (_EDITIONS if measure.by_edition else 1) * len(thresholds.WINDOWS)
        for measure in thresholds.MEASURES
    )


# The chance below which a figure is no chance any more.
ALPHA = thresholds.FALSE_ALARMS_A_RUN / tests()


def deviations(now: Figures, baseline: Baseline, group: str) -> Iterator[Deviation]:
    """Give each figure of a group (`fields`, `text`, ...) that deviates, once."""
    for name in names_of(now, group):
        found = below_floor(now, name) if baseline.has_floor(name) else None
        found = found or compared(now, name, baseline.of(name))
        if found is not None:
            yield found


def names_of(now: Figures, group: str) -> list[str]:
    """Give the figures of a group that a run has."""
    names = [*now.shares, *now.means, *now.levels]
    if now.sections:
        names.append("sections/new")
    ours = [name for name in names if name.startswith(f"{group}/")]
    return [name for name in ours if measured(name) in _MEASURES]


def below_floor(now: Figures, name: str) -> Deviation | None:
    """Hold a share against its floor."""
    yes, cases = now.shares.get(name, (0, 0))
    for floor in thresholds.FLOORS:
        if floor.name == name and cases >= floor.least and is_beyond(floor, yes / cases):
            return Deviation(name, floor.limit, yes / cases, cases, 0)
    return None


def is_beyond(floor: Floor, found: float) -> bool:
    """Whether a share is on the wrong side of its floor."""
    return found < floor.limit if floor.side == "below" else found > floor.limit


def compared(now: Figures, name: str, before: Sequence[Figures]) -> Deviation | None:
    """Hold a figure against the runs before, in each window."""
    measure = _MEASURES[measured(name)]
    for window in thresholds.WINDOWS:
        older, newer = split(before, window)
        if len(older) < thresholds.LEAST_RUNS:
            continue
        found = _in_window(name, measure, [*newer, now], older)
        # An older run's fault is no news: the run itself must lean to the same side.
        if found and (window == 1 or _leans(now, name, found, older)):
            return found
    return None


def split(before: Sequence[Figures], window: int) -> tuple[Sequence[Figures], Sequence[Figures]]:
    """Give the runs that are compared with, and those that are looked at with this one."""
    last = before[-(thresholds.RUNS + window - 1) :]
    return (last, []) if window == 1 else (last[: 1 - window], last[1 - window :])


def _in_window(
    name: str, measure: Measure, newer: Sequence[Figures], older: Sequence[Figures]
) -> Deviation | None:
    found = _judge(name, measure, newer, older)
    if found is None:
        return None
    verdict, value, cases = found
    change = value - verdict.expected
    is_side = measure.side == "both" or (change > 0) == (measure.side == "high")
    if verdict.chance >= ALPHA or abs(change) < measure.least or not is_side:
        return None
    return Deviation(name, verdict.expected, value, cases, len(newer))


def _judge(
    name: str, measure: Measure, newer: Sequence[Figures], older: Sequence[Figures]
) -> tuple[Verdict, float, int] | None:
    """Give the verdict, the figure and its cases; None where there are too few to say."""
    if name == "sections/new":
        return _new_sections(newer, older)
    if measure.kind == "share":
        return _share(name, newer, older)
    return (
        _mean(name, measure, newer, older)
        if measure.kind == "mean"
        else _level(name, newer, older)
    )


def _share(
    name: str, newer: Sequence[Figures], older: Sequence[Figures]
) -> tuple[Verdict, float, int] | None:
    yes, cases = _pooled(name, newer)
    before = [run.shares[name] for run in older if run.shares.get(name, (0, 0))[1]]
    if not cases or len(before) < thresholds.LEAST_RUNS:
        return None
    least = _MEASURES[measured(name)].least_yes
    if least and (len(newer) > 1 or yes < least):
        return None
    return chance.share(yes, cases, before), yes / cases, cases


def _pooled(name: str, runs: Sequence[Figures]) -> tuple[int, int]:
    pairs = [run.shares.get(name, (0, 0)) for run in runs]
    return sum(yes for yes, _ in pairs), sum(cases for _, cases in pairs)


def _mean(
    name: str, measure: Measure, newer: Sequence[Figures], older: Sequence[Figures]
) -> tuple[Verdict, float, int] | None:
    parts = [run.means[name] for run in newer if name in run.means]
    before = [run.means[name] for run in older if name in run.means]
    if not parts or len(before) < thresholds.LEAST_RUNS:
        return None
    now = reduce(Sums.plus, parts)
    if now.cases < thresholds.LEAST_FOR_MEAN:
        return None
    return chance.mean(now, before, measure.least), now.mean, now.cases


def _level(
    name: str, newer: Sequence[Figures], older: Sequence[Figures]
) -> tuple[Verdict, float, int] | None:
    values = [run.levels[name] for run in newer if name in run.levels]
    before = [run.levels[name] for run in older if name in run.levels]
    if not values or len(before) < thresholds.LEAST_RUNS:
        return None
    value = sum(values) / len(values)
    return chance.level(value, before), value, len(values)


def _new_sections(
    newer: Sequence[Figures], older: Sequence[Figures]
) -> tuple[Verdict, float, int] | None:
    """Hold the articles of unknown sections against how often a section was met only once.

    That is what Good and Turing expect of the next article: as many as were met once among all.
    """
    known: dict[str, int] = {}
    for run in older:
        for section, count in run.sections.items():
            known[section] = known.get(section, 0) + count
    total = sum(known.values())
    counts = [(section, n) for run in newer for section, n in run.sections.items()]
    cases = sum(n for _, n in counts)
    if not cases or not total:
        return None
    yes = sum(n for section, n in counts if section not in known)
    once = sum(n == 1 for n in known.values())
    return chance.share(yes, cases, [(once, total)]), yes / cases, cases


def _leans(now: Figures, name: str, found: Deviation, older: Sequence[Figures]) -> bool:
    """Whether the run alone is nearer to what was found than to what was expected."""
    alone = _judge(name, _MEASURES[measured(name)], [now], older)
    value = alone[1] if alone else _alone(now, name)
    if value is None:
        return False
    return abs(value - found.found) < abs(value - found.expected)


def _alone(now: Figures, name: str) -> float | None:
    sums = now.means.get(name)
    return sums.mean if sums is not None else None


def could_see(now: Figures, deviation: Deviation, before: Sequence[Figures]) -> bool:
    """Whether a run has enough cases to show the fault again, if it were still there.

    A run of three articles that looks good ends no alarm.
    """
    name = deviation.figure
    cases = now.shares.get(name, (0, 0))[1]
    if _MEASURES[measured(name)].is_change and cases < deviation.cases:
        return False
    if deviation.runs == 0:
        floor = next((each for each in thresholds.FLOORS if each.name == name), None)
        return floor is None or cases >= floor.least
    if name in now.shares:
        again = _with_share(now, name, (round(deviation.found * cases), cases))
        return compared(again, name, before) is not None
    if name in now.means:
        return now.means[name].cases >= thresholds.LEAST_FOR_MEAN
    return name in now.levels or (name == "sections/new" and bool(now.sections))


def _with_share(now: Figures, name: str, pair: tuple[int, int]) -> Figures:
    return replace(now, shares={**now.shares, name: pair})
