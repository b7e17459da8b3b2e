"""How many of the numbers that no page links are articles: a share of a sample, and its doubt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, sqrt

# Standard deviations of 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a probe of `asked` numbers says of the `gaps` that are left.

    `real` of those asked were articles. `low` and `high` are the ends of Wilson's interval of
    95 %, which is honest for few numbers too, and for none and all. It holds for days like those
    that were probed.
    """

    asked: int
    real: int
    gaps: int

    @property
    def share(self) -> float:
        return self.real / self.asked

    @property
    def interval(self) -> tuple[float, float]:
        """Give the ends of the share's interval.

        >>> [round(end, 4) for end in Estimate(50, 0, 1000).interval]
        [0.0, 0.0713]
        >>> [round(end, 4) for end in Estimate(200, 20, 1000).interval]
        [0.0657, 0.1494]
        """
        width = _Z * _Z / self.asked
        middle = (self.share + width / 2) / (1 + width)
        half = sqrt(width * (self.share * (1 - self.share) + width / 4)) / (1 + width)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    @property
    def articles(self) -> int:
        """Give how many of the gaps are articles, by the share alone."""
        return round(self.share * self.gaps)

    @property
    def low(self) -> int:
        return floor(self.interval[0] * self.gaps + 1e-9)

    @property
    def high(self) -> int:
        return ceil(self.interval[1] * self.gaps - 1e-9)
