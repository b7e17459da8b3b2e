"""One figure of a measurement: ours beside what it is held against, and whether what came out was right."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio within one run on one machine, the median over its rounds.

    `what` was measured, `ours` and `other` in `unit` (medians), `against` names the other. `ratios`
    has one a round. `most` is what is allowed, None where nothing is promised, and `least` likewise
    where more is better. `right` says in words what was compared, and `is_right` how it ended: a
    figure of wrong results does not count. `how` are the settings.
    """

    group: str
    what: str
    against: str
    unit: str
    ours: float
    other: float
    ratios: Sequence[float]
    right: str
    is_right: bool
    most: float | None = None
    least: float | None = None
    how: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether it is right, and within what is allowed."""
        is_low = self.most is None or self.ratio <= self.most
        is_high = self.least is None or self.ratio >= self.least
        return self.is_right and is_low and is_high

    def to_record(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {**asdict(self), "ratio": self.ratio, "holds": self.holds}


def table(figures: Sequence[Figure]) -> str:
    """Write figures as a table of Markdown, a group after the other."""
    rows = [("", "ours", "against", "ratio", "rounds", "allowed", "right"), *map(_row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(map(str.ljust, row, widths)) for row in rows]
    rule = "-|-".join("-" * width for width in widths)
    return "".join(f"| {line} |\n" for line in (lines[0], rule, *lines[1:]))


def _row(figure: Figure) -> tuple[str, ...]:
    allowed = [f"{sign} {bound:g}" for sign, bound in _bounds(figure) if bound is not None]
    return (
        f"{figure.group}: {figure.what}",
        f"{figure.ours:.3g} {figure.unit}",
        f"{figure.against}, {figure.other:.3g} {figure.unit}",
        f"{figure.ratio:.2f}" if figure.is_right else "not counted",
        f"{min(figure.ratios):.2f} to {max(figure.ratios):.2f} ({len(figure.ratios)})",
        " ".join(allowed) + ("" if figure.holds else " NOT REACHED"),
        figure.right if figure.is_right else f"WRONG: {figure.right}",
    )


def _bounds(figure: Figure) -> tuple[tuple[str, float | None], ...]:
    return ("at most", figure.most), ("at least", figure.least)
