"""What no change may make much dearer: ratios of the quick measurements, with a fair margin.

What else a machine does moves a ratio of CPU by a quarter either way, so a bound is three quarters
above what was measured when it was set. Lower them when something becomes cheaper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.figures import Figure

# The measurements that take some seconds each, and are ratios of CPU.
NAMES = ("reading", "crawl", "reextract")
MARGIN = 1.75
# By `make bench QUICK=1` on 2026-11-27.
MEASURED = {
    "extraction: 2014 en": 5.7,
    "extraction: 2016 en": 5.7,
    "extraction: 2024 en": 5.9,
    "extraction: 2016 bn": 6.0,
    "crawl: beyond bare Scrapy, without capture": 15.0,
    "crawl: beyond bare Scrapy, with capture": 17.0,
    "re-extraction: 1 worker": 5.5,
}


def over(figures: Sequence[Figure]) -> list[str]:
    """Name each figure that is wrong or above its bound, and each bound that nothing was held to."""
    held = {_bound_of(f"{figure.group}: {figure.what}"): figure for figure in figures}
    missing = [f"{name} was not measured" for name in MEASURED if name not in held]
    wrong = [
        f"{figure.group}: {figure.what}: {figure.right}"
        for figure in figures
        if not figure.is_right
    ]
    above = [
        f"{name} is {figure.ratio:.2f} times {figure.against}; at most {MARGIN * MEASURED[name]:g}"
        for name, figure in held.items()
        if name is not None and figure.ratio > MARGIN * MEASURED[name]
    ]
    return [*missing, *wrong, *above]


def _bound_of(what: str) -> str | None:
    return next((name for name in MEASURED if what.startswith(name)), None)
