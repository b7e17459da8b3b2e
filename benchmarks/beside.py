"""Other tools beside ours, as figures of the table: one a tool, over all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.figures import Figure
from benchmarks.rounds import mid

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Let all tools read the same pages, 3,000 of them unless it is to be quick."""
    rows = peers.measure(full=not quick, say=say, rounds=rounds)
    return [_figure(row, rows) for row in rows if row.kind == peers.ALL]


def _figure(row: peers.Row, rows: list[peers.Row]) -> Figure:
    right = row.right
    told = (
        f"of {row.judged:,} pages: headline {right.headline:.1%}, body exact {right.body:.1%}, whole"
        f" {right.whole:.1%}, F1 {right.f1:.3f}, date {right.date:.1%}"
    )
    kinds = {
        each.kind: {"ratio": round(mid(each.speed.ratios), 2), **each.right._asdict()}
        for each in rows
        if each.tool == row.tool and each.kind != peers.ALL
    }
    return Figure(
        group="peers",
        what=f"{row.tool} {row.version}, {mid(row.speed.times_ours):.1f} times ours",
        against="lxml parse",
        unit="ms of CPU a page",
        ours=row.speed.read_ms,
        other=row.speed.parse_ms,
        ratios=row.speed.ratios,
        right=told + (f", {row.failed} failed" if row.failed else ""),
        is_right=row.tool != peers.OURS or min(right) == 1.0,
        how={"asked": peers.ASKED[row.tool], "by kind": kinds},
    )
