"""Captures read again, against nothing but reading the records, unpacking them and a parse."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.crawl import crawled, served, wrong
from benchmarks.figures import Figure
from benchmarks.rounds import Spent, in_turn, mid, ratios, run
from tests.reading_again import sorted_lines

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLES, QUICK = 2_000, 1_000
_ALONE = """
import sys
from pathlib import Path
from tests.test_reextract_costs import parsing_alone
print(parsing_alone(Path(sys.argv[1])))
"""


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Read the captures of one crawl again, by one worker and by two, in turn with a bare parse."""
    articles = QUICK if quick else ARTICLES
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        with served(articles) as origin:
            crawled(origin, data, captures=True)
        lines, mistakes = sorted_lines(data), wrong(data, articles)
        spent: dict[int, list[Spent]] = {1: [], 2: []}

        def again(workers: int) -> float:
            out = Path(folder, f"again-{workers}-{len(spent[workers])}")
            typed = ["reextract", str(data / "warc"), "--workers", str(workers)]
            found = run(
                [sys.executable, "-m", "scrapy", *typed, "-s", f"OBSERVER_DATA={out}"],
                pinned=False,
            )
            spent[workers].append(found)
            if sorted_lines(out) != lines:
                mistakes.append(out.name)
            say(f"{workers} workers: {1000 * found.cpu / articles:.2f} ms of CPU a page")
            return found.cpu

        measures = {
            "alone": lambda: float(run([sys.executable, "-c", _ALONE, str(data)]).out),
            "1": lambda: again(1),
            "2": lambda: again(2),
        }
        found = in_turn(rounds, measures)
    walls = {workers: mid([each.wall for each in all_]) for workers, all_ in spent.items()}
    right = f"{len(lines):,} lines, the same bytes as the crawl wrote"
    if mistakes:
        right = f"not as on the page, or not as the crawl wrote: {mistakes[0]}"
    return [
        Figure(
            group="re-extraction",
            what=f"{workers} worker{'s' * (workers > 1)}",
            against="read, gunzip, lxml parse",
            unit="ms of CPU a page",
            ours=1000 * mid(found[str(workers)]) / articles,
            other=1000 * mid(found["alone"]) / articles,
            ratios=ratios(found[str(workers)], found["alone"]),
            right=right,
            is_right=not mistakes,
            most=2.0,
            how={"pages a second by the clock": round(articles / walls[workers])},
        )
        for workers in (1, 2)
    ]
