"""The long run and its judgement, as one result with its figures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.soak.judge import GROWTH, Growth, growth, wrong
from tests.soak.run import Plan, Soak
from tests.warm import COLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Articles. Of fewer than so many the undisturbed run is over before its quarters can be told apart.
_LEAST_FOR_FIGURES = 2000
# Of fewer than so many its second quarter begins before its caches are full: 10,000 bodies that
# are remembered for revisits (warc/captures.py), 20,000 addresses (urls.py), 32 MB of the ledger.
_LEAST_FOR_JUDGEMENT = 80_000


class Result(NamedTuple):
    """What came of it: figures by name, and what does not hold."""

    figures: dict[str, Any]
    wrong: list[str]


def soaked(
    folder: Path,
    articles: int,
    tell: Callable[[str], None],
    *,
    share: float = 1.0,
    is_cold: bool = True,
) -> Result:
    """Live a year of so many articles in a folder, and judge it; `share` of the usual faults."""
    soak = Soak(folder, Plan.of(articles), tell, share, COLD if is_cold else {})
    try:
        soak.run()
        seconds = time.monotonic() - soak.began
        tell(f"{seconds:6.0f} s  judging")
        found = wrong(soak)
        counts = soak.site.tell("counts")
    finally:
        soak.site.close()
    figures = _figures(soak, counts, seconds)
    if articles >= _LEAST_FOR_FIGURES:
        grown = growth(soak.long_run)
        figures |= _of_growth(soak, grown)
        found += _grown(grown) if articles >= _LEAST_FOR_JUDGEMENT else []
    return Result(figures, found)


def _figures(soak: Soak, counts: dict[str, Any], seconds: float) -> dict[str, Any]:
    plan, faults = soak.plan, counts["faults"]
    return {
        "articles": plan.articles,
        "requests": counts["requests"],
        "faulty answers": sum(faults.values()),
        "of them": ", ".join(f"{count} {name}" for name, count in sorted(faults.items())),
        "kills": soak.kills,
        "runs": soak.runs,
        "exit codes": ", ".join(f"{code}: {n}" for code, n in sorted(soak.codes.items())),
        "nights": plan.nights,
        "edited": counts["edited"],
        "read again after a kill": soak.again,
        "seconds": f"{seconds:.0f}",
    }


def _of_growth(soak: Soak, grown: Growth) -> dict[str, Any]:
    return {
        "articles of the undisturbed run": soak.long_run[-1].articles,
        "MB in its second quarter": f"{grown.second_mb:.0f}",
        "MB in its last quarter": f"{grown.last_mb:.0f} ({grown.share:+.1%})",
        "open files": f"{grown.second_files} and {grown.last_files}",
    }


def _grown(grown: Growth) -> Iterator[str]:
    if grown.share > GROWTH:
        yield f"memory grows: {grown}"
    if grown.last_files > grown.second_files:
        yield f"open files grow: {grown}"


def report(result: Result) -> str:
    """Write the table, and what does not hold."""
    width = max(map(len, result.figures))
    rows = [f"{name:<{width}}  {value}" for name, value in result.figures.items()]
    end = (
        [f"Wrong: {len(result.wrong)}", *(line[:300] for line in result.wrong[:50])]
        if result.wrong
        else ["All holds."]
    )
    return "\n".join(["", *rows, "", *end])
