"""Which pairs of texts are worth comparing: those that agree in a band, joined by DuckDB.

One band after the other, so that no more than a number to a text is sorted at a time. Where many
texts agree in one band (a form that is filled in each day, boilerplate of an agency) not all of
them are paired: each goes with its neighbours in two orders, that of the dataset and that of the
next bands, and with the first of all. Copies agree in many bands, so they meet in another one.
All of it depends on the texts that are there, never on the order in which they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.dataset.kept import BAND_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.dataset.kept import Kept

# Texts that agree in a band and are still paired each with each; with more, so many neighbours of
# each. Of 2,000 forms with 200 edited copies, six pairs to a text were compared, all copies found.
CROWD = 32
NEIGHBOURS = 2

_NODE = """
CREATE TABLE work.node AS
SELECT rank, text.* FROM work.present JOIN text USING (text)
"""
_BUCKET = """
CREATE OR REPLACE TABLE work.bucket AS
SELECT *, count(*) OVER (PARTITION BY band) AS size
FROM (SELECT {band} AS band, {next} AS next, {after} AS after, rank FROM work.node)
WHERE band IN (SELECT {band} FROM work.node GROUP BY ALL HAVING count(*) > 1)
"""
_ALL = """
INSERT INTO work.met SELECT one.rank, other.rank FROM work.bucket AS one JOIN work.bucket AS other
ON one.band = other.band AND one.rank < other.rank WHERE one.size <= {crowd}
"""
_NEAR = """
INSERT INTO work.met SELECT least(rank, other), greatest(rank, other) FROM (
  SELECT rank, unnest([{leads}]) AS other FROM work.bucket WHERE size > {crowd}
  WINDOW place AS (PARTITION BY band ORDER BY {order})
) WHERE other <> rank
"""
_LEADS = ", ".join(f"lead(rank, {n}) OVER place" for n in range(1, NEIGHBOURS + 1))
_FIRST = "first_value(rank) OVER place"


def find(kept: Kept, progress: Callable[[int, int], None]) -> None:
    """Fill `work.candidate` (lo, hi: ranks) from `work.present` (rank, text)."""
    kept.run(_NODE)
    kept.run("CREATE TABLE work.met (lo INTEGER, hi INTEGER)")
    for number, band in enumerate(BAND_NAMES):
        following = (BAND_NAMES[(number + n) % len(BAND_NAMES)] for n in (1, 2))
        kept.run(_BUCKET.format(band=band, next=next(following), after=next(following)))
        kept.run(_ALL.format(crowd=CROWD))
        kept.run(_NEAR.format(crowd=CROWD, leads=f"{_LEADS}, {_FIRST}", order="rank"))
        kept.run(_NEAR.format(crowd=CROWD, leads=_LEADS, order="next, after, rank"))
        progress(number + 1, len(BAND_NAMES))
    kept.run("CREATE TABLE work.candidate AS SELECT DISTINCT lo, hi FROM work.met")
    for table in ("met", "bucket", "node"):
        kept.run(f"DROP TABLE work.{table}")
