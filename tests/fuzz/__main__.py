"""`make fuzz`: cases of every target in turn, or of one, for some time or so many of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING

from tests.fuzz.run import run, trouble
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from tests.fuzz.run import Outcome

_ROW = "{:<12}{:>10}{:>10}{:>12}{:>12}{:>14}{:>8}{:>8}"


def main() -> int:
    """Run what was asked for; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--target", choices=[*TARGETS], action="append", help="default: all")
    parser.add_argument("--seconds", type=float, help="for each target (default: 60)")
    parser.add_argument("--cases", type=int, help="so many of each target, however long it takes")
    parser.add_argument("--million", action="store_true", help="of each target its share of it")
    parser.add_argument("--seed", type=int, default=randbelow(1_000_000))
    parser.add_argument("--replay", type=Path, help="a case that was kept: TARGET/NAME.bin")
    asked = parser.parse_args()
    if asked.replay:
        return _replay(asked.replay)
    seconds = None if asked.cases or asked.million else asked.seconds or 60.0
    print(f"seed {asked.seed}")
    print(_ROW.format(*"target cases seconds cases/s kB/case ms/100kB warm last".split()))
    outcomes = []
    for name in asked.target or TARGETS:
        target = TARGETS[name]
        cases = target.share if asked.million else asked.cases
        outcomes.append(run(target, asked.seed, cases, seconds))
        print(_line(outcomes[-1]), *outcomes[-1].finds, sep="\n", flush=True)
    found = sum(len(outcome.finds) for outcome in outcomes)
    cases = sum(outcome.cases for outcome in outcomes)
    print(
        f"{cases:,} cases, {found} finds"
        + f"; cases of seed {asked.seed} are in data/fuzz/" * bool(found)
    )
    return 1 if found else 0


def _line(outcome: Outcome) -> str:
    cases = max(1, outcome.cases)
    return _ROW.format(
        outcome.target,
        f"{outcome.cases:,}",
        f"{outcome.seconds:.0f}",
        f"{outcome.cases / max(outcome.seconds, 0.001):,.0f}",
        f"{outcome.bytes / cases / 1_000:.1f}",
        f"{outcome.slowest * 1_000:.0f}",
        f"{outcome.warm:.0f}",
        f"{outcome.last:.0f}",
    )


def _replay(path: Path) -> int:
    why = trouble(TARGETS[path.parent.name], path.read_bytes())
    print(why or f"{path}: nothing is wrong any more")
    return 1 if why else 0


if __name__ == "__main__":
    sys.exit(main())
