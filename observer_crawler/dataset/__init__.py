"""JSON Lines to a versioned dataset: `data/dataset/<version>/`, made whole or not at all.

The lines are read twice: once to judge them and to find the newest of each article, sorted by
DuckDB on the disk with no more than a key to a line; once, in that order, to write them. So
memory does not grow with the number of articles. Nothing is locked that a crawl needs, and
nothing tells the time but the moments of fetching.
"""

from __future__ import annotations

from observer_crawler.dataset.clusters import BY_SHARE
from observer_crawler.dataset.making import FORMATS, Made, export
from observer_crawler.dataset.manifest import Wanted
from observer_crawler.dataset.splitting import Borders
from observer_crawler.dataset.splitting import typed as split_days

__all__ = ["BY_SHARE", "FORMATS", "Borders", "Made", "Wanted", "export", "split_days"]
