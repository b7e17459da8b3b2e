"""Figures of runs as chance would have them, without a crawl: for the arithmetic of the alarm."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

from observer_crawler.alarm.chance import Sums
from observer_crawler.alarm.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = dt.datetime(2025, 8, 4, 15, 30, tzinfo=dt.UTC)
# Shares that articles have, and means with their spread.
SHARES = {
    "fields/headline": 0.97,
    "fields/published_date": 1.0,
    "fields/views": 0.95,
    "fields/byline/online": 0.75,
    "fields/byline/print": 0.9,
    "fields/agency/online": 0.2,
    "pages/refused": 0.002,
    "pages/missing": 0.01,
    "markup/2024": 1.0,
    "markup/2016": 0.0,
    "repeats/headline": 0.03,
    "dates/agree": 0.999,
}
MEANS = {
    "text/characters/online": (7.0, 0.6),
    "text/headline": (4.0, 0.3),
    "views/count": (5.5, 1.1),
    "boxes/latest": (10.0, 1.0),
}


def drawn(
    number: int,
    cases: int,
    changed: Mapping[str, float] | None = None,
    wobble: float = 0.01,
    seed: int = 1,
) -> Figures:
    """Draw one run of so many articles; `changed` shares or means; `wobble` between runs."""
    chance = random.Random(f"{seed} {number}")
    figures = Figures(
        (FIRST + dt.timedelta(days=number)).isoformat(timespec="milliseconds"),
        "observer_archive",
        "language=en",
    )
    for name, usual in SHARES.items():
        share = (changed or {}).get(name, usual)
        near = min(max(chance.gauss(share, wobble * 4 * share * (1 - share)), 0), 1)
        figures.shares[name] = (sum(chance.random() < near for _ in range(cases)), cases)
    for name, (usual, spread) in MEANS.items():
        near = chance.gauss((changed or {}).get(name, usual), wobble * usual / 4)
        values = [chance.gauss(near, spread) for _ in range(cases)]
        figures.means[name] = Sums(cases, sum(values), sum(value * value for value in values))
    figures.levels["yield/feed"] = (changed or {}).get("yield/feed", 15)
    return figures
