"""An export against a bare DuckDB COPY of the same lines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.rounds import in_turn, mid, ratios
from tests.test_dataset_costs import copied, exported, fill

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLES, QUICK = 50_000, 10_000


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Export and copy in turn."""
    articles = QUICK if quick else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        fill(data, articles)
        runs: dict[str, list[dict[str, float]]] = {"export": [], "copy": []}

        def once(name: str, work: Callable[[Path], dict[str, float]]) -> float:
            runs[name].append(work(data))
            say(f"{name}: {runs[name][-1]['wall']:.1f} s")
            return runs[name][-1]["wall"]

        found = in_turn(
            rounds,
            {"export": lambda: once("export", exported), "copy": lambda: once("copy", copied)},
        )
    counted = {int(run["rows"]) for each in runs.values() for run in each}
    cpu = {name: [run["seconds"] for run in each] for name, each in runs.items()}
    return [
        Figure(
            group="export",
            what=f"{articles:,} articles (judged, sorted, summed)",
            against="bare DuckDB COPY",
            unit="s",
            ours=mid(found["export"]),
            other=mid(found["copy"]),
            ratios=ratios(found["export"], found["copy"]),
            right=f"{articles:,} rows",
            is_right=counted == {articles},
            most=1 / 0.3,
            how={
                "seconds of CPU": round(mid(cpu["export"]), 1),
                "of the COPY": round(mid(cpu["copy"]), 1),
                "MB at most": round(max(run["megabytes"] for run in runs["export"])),
            },
        )
    ]
