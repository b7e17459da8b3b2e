"""Measurements in turn, A B A B: what the machine does beside them then falls on both."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from statistics import median as mid
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple

from tests.spending import spent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["ROOT", "Spent", "in_turn", "mid", "pinned_beside", "ratios", "run"]

ROOT = Path(__file__).parent.parent


class Spent(NamedTuple):
    """What a process spent, its children included: seconds of CPU and by the clock, MB at most."""

    cpu: float
    wall: float
    megabytes: float
    out: str


def in_turn(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Take each measure once a round, one after the other."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def ratios(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Give the ratio of each round."""
    return [one / other for one, other in zip(ones, others, strict=True)]


def run(typed: Sequence[str], *, pinned: bool = True) -> Spent:
    """Run a command to its end, on the first core alone if it is `pinned` (and that can be said).

    Raises RuntimeError with what it said when it fails.
    """
    with (
        TemporaryFile("w+", encoding="utf-8") as out,
        TemporaryFile("w+", encoding="utf-8") as err,
    ):
        used = spent([*(_pinned(0) if pinned else ()), *typed], out=out, err=err)
        out.seek(0)
        err.seek(0)
        if used.code:
            message = f"{' '.join(typed)} ended with {used.code}:\n{err.read()[-2000:]}"
            raise RuntimeError(message)
        return Spent(used.cpu, used.wall, used.megabytes, out.read())


def _pinned(nth: int) -> list[str]:
    """Give what pins a command to the nth core of ours: nothing where there is but one, or no taskset."""
    return ["taskset", "-c", str(_CORES[nth])] if CAN_PIN else []


def pinned_beside() -> list[str]:
    """Give what pins a server to the core beside that of what is measured."""
    return _pinned(1)


# A container may have been given the third and the fourth core alone.
_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
CAN_PIN = len(_CORES) > 1 and shutil.which("taskset") is not None
