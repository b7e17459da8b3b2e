"""Where the sides of a split begin: days, so that a model is tested on what came later. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.exceptions import ConfigurationError, ExportError

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAIN, VALIDATION, TEST = SIDES = ("train", "validation", "test")
# Of the articles, the newest; and so many before them.
SHARE = 0.05
_USE = "--splits: expected two days, the first of validation and of test, as 2025-01-01,2025-07-01"


class Borders(NamedTuple):
    """The first day of validation, and the first of test: YYYY-MM-DD."""

    validation: str
    test: str

    def side(self, day: str | None) -> int:
        """Give the number of a day's side in SIDES; what has no day is for training.

        >>> Borders("2025-01-01", "2025-07-01").side("2025-06-30"), Borders("a", "b").side(None)
        (1, 0)
        """
        return 0 if day is None else (day >= self.validation) + (day >= self.test)


def typed(text: str) -> Borders:
    """Read two days with a comma between; raises ConfigurationError."""
    days = [word.strip() for word in text.split(",")]
    try:
        real = [dt.date.fromisoformat(day).isoformat() == day for day in days]
    except ValueError as err:
        raise ConfigurationError(f"{_USE}, got {text!r}") from err
    if len(days) != 2 or not all(real) or days[0] >= days[1]:  # noqa: PLR2004 (two days)
        raise ConfigurationError(f"{_USE}, got {text!r}")
    return Borders(*days)


def by_share(days: Sequence[tuple[str, int]]) -> Borders:
    """Find the borders in days (in order) with their articles: whole days, the newest first.

    Raises ExportError when too few days are there for three sides.

    >>> by_share([(f"2025-01-{day:02}", 10) for day in range(1, 31)])
    Borders(validation='2025-01-27', test='2025-01-29')
    """
    wanted, taken, found = SHARE * sum(count for _, count in days), 0, list[str]()
    for day, count in reversed(days):
        if len(found) == len(SIDES) - 1:
            return Borders(found[1], found[0])
        taken += count
        if taken >= wanted:
            found.append(day)
            taken = 0
    raise ExportError(
        f"--splits: {len(days)} days with articles are too few for training, validation and test: "
        "fetch more, or type the days (--splits 2025-01-01,2025-07-01)"
    )
