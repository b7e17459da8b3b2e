"""What the alarm costs at the end of a night, in a folder of a million articles and years of runs."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest

from observer_crawler.alarm import history
from observer_crawler.alarm.figures import Gathering
from observer_crawler.alarm.sums import Place
from observer_crawler.alarm.watching import close
from observer_crawler.ledger import FILE, tables
from tests.drawn_runs import drawn
from tests.ledgers import opened
from tests.test_ledger_costs import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KNOWN, NIGHT, YEARS = 1_000_000, 150, 3 * 365
# Seconds that a night may wait for its judgement, and for its marks.
MOST_JUDGED, MOST_MARKED = 1.0, 3.0
# All but the night's were fetched long before.
_LINES = """
INSERT INTO line SELECT id, '2022-06-16', NULL, 'en', '2024', 1, 3, 'x', id, 1000, 'x', 1,
  CASE WHEN id <= ? THEN '2030-01-01T15:31:00.000000+00:00'
  ELSE '2022-06-16T15:30:00.000000+00:00' END, NULL
FROM address
"""


def filled(state: Path) -> None:
    fill(state / FILE, KNOWN)
    connection = tables.connect(state / FILE)
    connection.execute(_LINES, (NIGHT,))
    connection.close()
    for number in range(YEARS):
        run = drawn(number, NIGHT)
        run.sections = {f"A section of the paper {part}": NIGHT for part in range(220)}
        history.append(state / history.FILE, run)


def night(headlines: float) -> Gathering:
    """Give a night of which so many articles have a headline."""
    gathering = Gathering(dt.timezone(dt.timedelta(hours=6)))
    gathering.first_fetch = "2030-01-01T15:30:30.000000+00:00"
    for number in range(NIGHT):
        share = number < headlines * NIGHT
        gathering.sums.add(Place(f"b:{number}", "2030-01-01T15:31"), {"fields/headline": share})
        gathering.headlines[f"b:{number}"] = "A headline"
        gathering.dated[f"b:{number}"] = "2022-06-16"
    gathering.days = {"2022-06-16": NIGHT}
    return gathering


@pytest.mark.prove
def test_a_judgement_and_its_marks_among_a_million_articles(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    filled(tmp_path)
    ledger = opened(tmp_path / FILE)
    seconds = dict[str, float]()
    for name, headlines in (("a good night", 1.0), ("a bad night", 0.0)):
        figures = drawn(YEARS + len(seconds), NIGHT)
        began = time.monotonic()
        watched = close(tmp_path, figures, night(headlines), ledger)
        seconds[name] = time.monotonic() - began
        record_property(f"seconds after {name}", f"{seconds[name]:.2f}")
    ledger.close()
    record_property("MB of runs.jsonl", f"{(tmp_path / history.FILE).stat().st_size / 1e6:.1f}")
    assert watched.marked == NIGHT
    assert seconds["a good night"] < MOST_JUDGED
    assert seconds["a bad night"] < MOST_MARKED
