"""From judged pairs to the cluster and the side of each article: decided anew by each export."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from observer_crawler.dataset.kept import PAIRS
from observer_crawler.dataset.likeness import COPY
from observer_crawler.dataset.splitting import SIDES, by_share
from observer_crawler.dataset.stars import families, stars
from observer_crawler.dataset.texts import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.dataset.comparing import Comparing
    from observer_crawler.dataset.kept import Kept
    from observer_crawler.dataset.splitting import Borders

# A pair that agrees in a band, beside its likeness.
_MET = 4
_PLACES_HELD = 1_000
_GROUP = pa.schema([("rank", pa.int32()), ("star", pa.int32()), ("family", pa.int32())])
_KNOWN = """
SELECT least(a.rank, b.rank) AS lo, greatest(a.rank, b.rank) AS hi,
  CAST(likeness AS INTEGER) + if(c.lo IS NULL, 0, 4)
FROM pair AS p JOIN work.present AS a ON a.text = p.lo JOIN work.present AS b ON b.text = p.hi
LEFT JOIN work.candidate AS c
ON c.lo = least(a.rank, b.rank) AND c.hi = greatest(a.rank, b.rank)
ORDER BY 1, 2
"""
_OF_ARTICLES = "SELECT DISTINCT rank FROM work.row JOIN work.present USING (text) WHERE newest"
# An older text of an article goes where the article goes.
_REVISIONS = """
SELECT min(rank) OVER (PARTITION BY id), rank FROM work.row JOIN work.present USING (text)
QUALIFY count(*) OVER (PARTITION BY id) > 1
"""
_PLACE = 'SELECT text, file, "offset", size, sha256 FROM work.present WHERE rank = {}'
_ARTICLES = """
CREATE TABLE work.article AS
SELECT id, min(n) AS n, arg_max(day, n) AS day,
  arg_max(coalesce(rank, -n - 1), n) AS rank,
  arg_max(coalesce(star, -n - 1), n) AS star, arg_max(coalesce(family, -n - 1), n) AS family
FROM (
  SELECT r.id, r.n, r.day, g.* FROM work.row AS r
  LEFT JOIN work.present AS p ON p.text = r.text LEFT JOIN work.grouped AS g ON g.rank = p.rank
) GROUP BY id
"""
_FOUND = """
CREATE TABLE work.found AS
SELECT n, id, cluster_id, cluster_size, id = cluster_id AS is_canonical, own,
  min(own) OVER (PARTITION BY family) AS side
FROM (
  SELECT n, id, family, {side} AS own,
    first_value(id) OVER (PARTITION BY star ORDER BY rank <> star, n) AS cluster_id,
    count(*) OVER (PARTITION BY star) AS cluster_size
  FROM work.article
)
"""
_COUNTS = """
SELECT count(*) FILTER (is_canonical AND cluster_size > 1), count(*) FILTER (NOT is_canonical),
  max(cluster_size), count(*) FILTER (own <> side) FROM work.found
"""


class Counts(NamedTuple):
    """Articles and clusters. `moved`: articles that go with an earlier one of their family."""

    texts: int
    clusters: int
    copies: int
    largest: int
    moved: int


class Grouping:
    """Fills `work.found`: a row for each article, in the order of the dataset."""

    def __init__(self, kept: Kept, comparing: Comparing) -> None:
        self._kept, self._comparing = kept, comparing
        # Pairs of ranks as one number each, in order, and what is known of each.
        self._pairs, self._marks = array("Q"), bytearray()
        self._more: list[tuple[int, int, int]] = []
        # A query takes 1 ms, and each text of a large star is held against the same few.
        self._place = lru_cache(maxsize=_PLACES_HELD)(self._place_of)

    def run(self, borders: Borders | None, *, shared: bool) -> tuple[Counts, Borders | None]:
        """Group all articles; `shared` asks for borders by their share."""
        (texts,) = self._kept.run("SELECT count(*) FROM work.present")[0]
        for lo, hi, mark in self._kept.stream(_KNOWN):
            self._pairs.append(lo << 32 | hi)
            self._marks.append(mark)
        first = stars(texts, self._copies(texts), self._are_copies)
        family = families(texts, self._kin())
        self._kept.insert("pair", PAIRS, self._more)
        self._kept.run("CREATE TABLE work.grouped (rank INTEGER, star INTEGER, family INTEGER)")
        numbers = (array("i", range(texts)), first, family)
        arrays = [pa.array(each, pa.int32()) for each in numbers]
        self._kept.insert_arrays("work.grouped", _GROUP, arrays)
        self._kept.run(_ARTICLES)
        if shared:
            borders = by_share(
                self._kept.run(
                    "SELECT day, count(*) FROM work.article WHERE day IS NOT NULL GROUP BY day ORDER BY day"
                )
            )
        self._kept.run(_FOUND.format(side=_side(borders)))
        return Counts(texts, *self._kept.run(_COUNTS)[0]), borders

    def _copies(self, texts: int) -> Iterator[tuple[int, int]]:
        """Give the pairs of copies among the newest texts of articles, in order."""
        newest = bytearray(texts)
        for (rank,) in self._kept.stream(_OF_ARTICLES):
            newest[rank] = 1
        for pair, mark in zip(self._pairs, self._marks, strict=True):
            lo, hi = pair >> 32, pair & 0xFFFFFFFF
            if mark == _MET + COPY and newest[lo] and newest[hi]:
                yield lo, hi

    def _kin(self) -> Iterator[tuple[int, int]]:
        for pair, mark in zip(self._pairs, self._marks, strict=True):
            if mark > _MET:
                yield pair >> 32, pair & 0xFFFFFFFF
        yield from self._kept.stream(_REVISIONS)

    def _are_copies(self, one: int, other: int) -> bool:
        """Say it of any pair; one that has met in no band is judged now, and kept."""
        pair = min(one, other) << 32 | max(one, other)
        place = bisect_left(self._pairs, pair)
        if place < len(self._pairs) and self._pairs[place] == pair:
            return self._marks[place] % _MET == COPY
        judged = self._comparing.judged(self._place(one), self._place(other))
        self._more.append(judged)
        return judged[2] == COPY

    def _place_of(self, rank: int) -> Place:
        return Place(*self._kept.run(_PLACE.format(rank))[0])


def _side(borders: Borders | None) -> str:
    """Write the number of a day's side, as `Borders.side` gives it."""
    if borders is None:
        return "0"
    after = [f"CAST(coalesce(day >= '{day}', false) AS INTEGER)" for day in borders]
    return " + ".join(after)


def found(kept: Kept, *, split: bool) -> Iterator[dict[str, object]]:
    """Give the columns of each article, with its id, in the order of the dataset."""
    query = "SELECT id, cluster_id, cluster_size, is_canonical, side FROM work.found ORDER BY n"
    for id_, cluster_id, size, is_canonical, side in kept.stream(query):
        columns = {"id": id_, "cluster_id": cluster_id, "cluster_size": size}
        columns["is_canonical"] = is_canonical
        yield {**columns, "split": SIDES[side]} if split else columns
