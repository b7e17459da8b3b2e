"""How unlikely a figure is, after those before it. Pure: numbers in, a chance out.

Shares of few articles are no bell curve, so they are counted exactly (beta-binomial: a binomial
whose share also moves from run to run). Means and levels are compared by Student's t, with the
spread between runs beside that within them.
"""

from __future__ import annotations

from itertools import accumulate
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist, median
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.alarm import thresholds

if TYPE_CHECKING:
    from collections.abc import Sequence

# Cases that a share is counted over, at most: of more, the spread between runs is all there is.
_MOST_CASES = 2_000
# Terms of a sum that add less than this part of it are left out.
_NOTHING = 1e-12
# Degrees of freedom that the least spread counts for.
_PRIOR_FREEDOM = 4
# A median absolute deviation as a standard deviation, for a bell curve.
_AS_DEVIATION = 1.4826


class Verdict(NamedTuple):
    """What was to be expected, and the chance of being so far on this side of it or farther."""

    expected: float
    chance: float


def share(yes: int, cases: int, before: Sequence[tuple[int, int]]) -> Verdict:
    """Judge a share after the (yes, cases) of the runs before it.

    >>> share(20, 40, [(20, 40)] * 28).chance > 0.4
    True
    >>> share(28, 40, [(39, 40)] * 28).chance < 1e-6
    True
    """
    all_yes, all_cases = (sum(column) for column in zip(*before, strict=True))
    expected = (all_yes + 0.5) / (all_cases + 1)
    weight = 1 / _correlation(before, expected) - 1
    a, b = expected * weight, (1 - expected) * weight
    scale = min(1.0, _MOST_CASES / cases)
    n, k = round(cases * scale), round(yes * scale)
    if yes / cases < expected:  # the lower tail is the upper one of the opposite
        a, b, k = b, a, n - k
    return Verdict(expected, _upper_tail(k, n, a, b))


def _correlation(before: Sequence[tuple[int, int]], expected: float) -> float:
    """Estimate which part of the variance lies between the runs, by the method of moments."""
    cases = [n for _, n in before if n]
    total, runs = sum(cases), len(cases)
    chance = expected * (1 - expected)
    between = sum(n * (k / n - expected) ** 2 for k, n in before if n)
    room = chance * (total - sum(n * n for n in cases) / total - (runs - 1))
    found = (between - chance * (runs - 1)) / room if room > 0 else 0.0
    found = min(max(found, thresholds.LEAST_CORRELATION), 0.5)
    prior, weight = thresholds.PRIOR_CORRELATION, thresholds.PRIOR_RUNS
    return max((found * runs + prior * weight) / (runs + weight), thresholds.LEAST_CORRELATION)


def _upper_tail(k: int, n: int, a: float, b: float) -> float:
    """Give the chance of k or more of n."""
    term = exp(_log_chance(k, n, a, b))
    total = term
    for j in range(k, n):
        term *= (n - j) * (j + a) / ((j + 1) * (n - j - 1 + b))
        total += term
        if term < total * _NOTHING:
            break
    return min(total, 1.0)


def _log_chance(k: int, n: int, a: float, b: float) -> float:
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return ways + _log_beta(k + a, n - k + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


class Sums(NamedTuple):
    """A figure of many articles: how many, their sum, the sum of their squares."""

    cases: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.cases

    @property
    def variance(self) -> float:
        """Give the variance within, times the count."""
        return max(self.squares - self.total**2 / self.cases, 0.0)

    def plus(self, other: Sums) -> Sums:
        """Add the figure of other articles."""
        return Sums(
            self.cases + other.cases, self.total + other.total, self.squares + other.squares
        )


def mean(now: Sums, before: Sequence[Sums], least: float) -> Verdict:
    """Judge a mean after those of the runs before it; `least` is a change worth a word."""
    runs, total = len(before), sum(each.cases for each in before)
    expected = sum(each.total for each in before) / total
    within = sum(each.variance for each in before) / max(total - runs, 1)
    spread = sum(each.cases * (each.mean - expected) ** 2 for each in before)
    room = total - sum(each.cases**2 for each in before) / total
    between = (spread - (runs - 1) * within) / room if room > 0 else 0.0
    between = max(between, (thresholds.LEAST_SPREAD * least) ** 2)
    error = sqrt(between * (1 + 1 / runs) + within * (1 / now.cases + 1 / total))
    return Verdict(expected, _t_chance((now.mean - expected) / error, runs - 1 + _PRIOR_FREEDOM))


def level(now: float, before: Sequence[float]) -> Verdict:
    """Judge one value a run by the median of those before it, and their distance from it.

    >>> level(0, [15] * 28).chance < 1e-6, level(14, [15] * 28).chance > 1e-3
    (True, True)
    """
    expected = median(before)
    distance = median(abs(value - expected) for value in before) * _AS_DEVIATION
    spread = max(distance, thresholds.LEAST_LEVEL_SPREAD * abs(expected), 0.5)
    return Verdict(expected, _t_chance((now - expected) / spread, len(before) - 1))


def _t_chance(t: float, freedom: int) -> float:
    """Give the chance of a t so large, by Wallace's approximation (right to 2 % where it counts)."""
    f = max(freedom, 1)
    z = (8 * f + 1) / (8 * f + 3) * sqrt(f * log1p(t * t / f))
    return NormalDist().cdf(-z)


def turning_point(scores: Sequence[float]) -> int:
    """Give the place from which on scores are high: after the lowest point of their sum.

    >>> turning_point([-1, -1, 1, -1, -1, 1, 1, 1])
    5
    """
    sums = [0.0, *accumulate(scores)]
    lowest = min(sums[:-1], default=0.0)
    return len(sums) - 2 - sums[-2::-1].index(lowest) if len(sums) > 1 else 0


def logarithm(count: float) -> float:
    """Give a count on the scale on which a tenth more is the same everywhere."""
    return log(1 + count)
