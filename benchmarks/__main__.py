"""`python -m benchmarks`: every measurement, as a table, and as JSON in data/bench/.

python -m benchmarks --only crawl,export   some of them
python -m benchmarks --quick               smaller ones, and fewer rounds
python -m benchmarks --gate                the quick ones, held against benchmarks/gate.py
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks import beside, crawl, export, gate, nightly, reading, reextract, waiting
from benchmarks.figures import table
from benchmarks.rounds import CAN_PIN, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.figures import Figure

# In the order of the table: what a machine decides first. The live crawl is bound by politeness.
MEASUREMENTS: dict[str, Callable[..., list[Figure]]] = {
    "reextract": reextract.measure,
    "export": export.measure,
    "nightly": nightly.measure,
    "reading": reading.measure,
    "peers": beside.measure,
    "crawl": crawl.measure,
    "waiting": waiting.measure,
}
ROUNDS, QUICK_ROUNDS = 5, 3
# A user's modules are compiled once, not at each start.
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
RESULTS = ROOT / "data" / "bench"


def main(words: Sequence[str]) -> int:
    """Measure, print and keep; the code is 1 where a figure is wrong, or the gate does not hold."""
    asked = _asked(words)
    os.environ.pop(_NO_BYTECODE, None)
    is_quick = asked.quick or asked.gate
    rounds = asked.rounds or (QUICK_ROUNDS if is_quick else ROUNDS)
    names = (
        asked.only.split(",") if asked.only else list(gate.NAMES if asked.gate else MEASUREMENTS)
    )
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        sys.exit(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    figures: list[Figure] = []
    for name in names:
        begun = time.monotonic()
        figures += MEASUREMENTS[name](rounds, _teller(name), quick=is_quick)
        _teller(name)(f"done in {time.monotonic() - begun:.0f} s")
    sys.stdout.write(f"\n{table(figures)}\n")
    path = _keep(figures, rounds=rounds, is_quick=is_quick)
    sys.stdout.write(f"Kept in {path.relative_to(ROOT)}\n")
    if asked.gate:
        return _gated(figures)
    return int(not all(figure.is_right for figure in figures))


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", help="names with commas between")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--gate", action="store_true")
    return parser.parse_args(words)


def _gated(figures: Sequence[Figure]) -> int:
    over = gate.over(figures)
    for line in over:
        sys.stdout.write(f"GATE: {line}\n")
    sys.stdout.write("" if over else "The gate holds.\n")
    return int(bool(over))


def _teller(name: str) -> Callable[[str], None]:
    def say(line: str) -> None:
        sys.stderr.write(f"{name}: {line}\n")
        sys.stderr.flush()

    return say


def _keep(figures: Sequence[Figure], *, rounds: int, is_quick: bool) -> Path:
    """Write what was measured, on what, and of which commit."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    ).stdout.strip()
    now = dt.datetime.now(dt.UTC)
    record = {
        "at": now.isoformat(timespec="seconds"),
        "commit": commit,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "pinned": CAN_PIN,
        "rounds": rounds,
        "quick": is_quick,
        "load": os.getloadavg(),
        "versions": {name: version(name) for name in ("scrapy", "lxml", "itemloaders", "duckdb")},
        "figures": [figure.to_record() for figure in figures],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
