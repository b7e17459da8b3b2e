"""From the lines of an export to pairs of texts that are judged; only what is new is worked on."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from observer_crawler.dataset import candidates
from observer_crawler.dataset.choosing import batches
from observer_crawler.dataset.kept import LINES, PAIRS, TEXTS
from observer_crawler.dataset.likeness import likeness
from observer_crawler.dataset.signatures import bands_of, key_of, number_of
from observer_crawler.dataset.texts import Place
from observer_crawler.dataset.words import plain_words
from observer_crawler.items import content_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from observer_crawler.dataset.choosing import Chosen
    from observer_crawler.dataset.condition import Condition
    from observer_crawler.dataset.kept import Kept
    from observer_crawler.dataset.lines import Lines
    from observer_crawler.dataset.texts import Texts

    Progress = Callable[[str, int, int], None]

# Rows that are read and signed together; pairs that are judged before they are kept.
_BATCH = 2_000
_LINE = pa.schema(
    [
        *(("n", pa.int32()), ("id", pa.string()), ("day", pa.string()), ("sum", pa.uint64())),
        *(("file", pa.int32()), ("offset", pa.int64()), ("size", pa.int64())),
        ("sha256", pa.string()),
    ]
)
_LINES = """
CREATE TABLE work.line (
  n INTEGER, id TEXT, day TEXT, sum UBIGINT, file INTEGER, "offset" BIGINT, size BIGINT, sha256 TEXT
)
"""
_UNKNOWN = """
FROM work.line WHERE sum NOT IN (SELECT sum FROM line)
"""
# Equal by content_sha256 is equal, also where white space parts other words.
_ROWS = """
CREATE TABLE work.row AS
SELECT w.*, first_value(k.text) OVER (PARTITION BY coalesce(k.content, w.sum) ORDER BY n) AS text,
  n = max(n) OVER (PARTITION BY id) AS newest
FROM work.line AS w JOIN line AS k USING (sum)
"""
# A text that only an older line has comes behind the others: no cluster begins with it.
_PRESENT = """
CREATE TABLE work.present AS
SELECT CAST(row_number() OVER (ORDER BY newest_n NULLS LAST, n) - 1 AS INTEGER) AS rank,
  * EXCLUDE newest_n
FROM (
  SELECT text, min(n) AS n, min(n) FILTER (newest) AS newest_n, arg_min(file, n) AS file,
    arg_min("offset", n) AS "offset", arg_min(size, n) AS size, arg_min(sha256, n) AS sha256
  FROM work.row WHERE text IS NOT NULL GROUP BY text
) ORDER BY rank
"""
_NEW_PAIRS = """
FROM work.candidate AS c JOIN work.present AS a ON a.rank = c.lo
JOIN work.present AS b ON b.rank = c.hi
ANTI JOIN pair ON pair.lo = least(a.text, b.text) AND pair.hi = greatest(a.text, b.text)
"""
_PLACES = """
SELECT a.text, a.file, a."offset", a.size, a.sha256, b.text, b.file, b."offset", b.size, b.sha256
"""


class Comparing:
    """Fills `work.row`, `work.present` and `work.candidate`, and what is kept of them."""

    def __init__(self, kept: Kept, lines: Lines, texts: Texts, progress: Progress) -> None:
        self._kept, self._lines, self._texts, self._progress = kept, lines, texts, progress

    def run(self, chosen: Iterator[Chosen], condition: Condition | None) -> None:
        """Judge every pair that can be a copy."""
        self._kept.run(_LINES)
        self._take(chosen, condition)
        self._sign()
        self._kept.run(_ROWS)
        self._kept.run(_PRESENT)
        candidates.find(self._kept, lambda done, of: self._progress("bands joined", done, of))
        self._judge()

    def _take(self, chosen: Iterator[Chosen], condition: Condition | None) -> None:
        """Number the lines in the order of the dataset, those alone that fit the condition."""
        done = 0
        for batch in batches(chosen, _BATCH):
            fitting = batch
            if condition is not None:
                rows = list(self._lines.each_row(each.place for each in batch))
                fitting = list(compress(batch, condition.fits(rows)))
            numbered = [
                (done + n, each.id, each.published_date, int(each.place[3][:16], 16), *each.place)
                for n, each in enumerate(fitting)
            ]
            self._kept.insert("work.line", _LINE, numbered)
            done += len(batch)

    def _sign(self) -> None:
        (total,) = self._kept.run(f"SELECT count(*) {_UNKNOWN}")[0]
        done = 0
        query = f'SELECT file, "offset", size, sha256 {_UNKNOWN} ORDER BY n'
        for places in batches(self._kept.stream(query), _BATCH):
            rows = self._lines.each_row(iter(places))
            pairs = zip(places, rows, strict=True)
            self._keep([(int(place[3][:16], 16), row) for place, row in pairs])
            done += len(places)
            self._progress("texts signed", done, total)

    def _keep(self, rows: list[tuple[int, dict[str, Any]]]) -> None:
        """Keep the signatures of texts, and which line has which: a kill leaves no line alone."""
        found: list[tuple[int, int | None, int | None]] = []
        bodies: dict[int, list[str]] = {}
        for sum_, row in rows:
            headline, body = row["headline"], row["body"] or []
            if not plain_words(body):  # who knows whether two pictures are the same
                found.append((sum_, None, None))
                continue
            key = key_of(headline, body)
            content = number_of(content_sha256(headline, body).encode())
            found.append((sum_, key, content))
            bodies[key] = body
        new = bodies.keys() - self._known(bodies)
        signed = [(key, *bands_of(bodies[key])) for key in sorted(new)]
        self._kept.insert("text", TEXTS, signed)
        self._kept.insert("line", LINES, found)

    def _known(self, keys: dict[int, list[str]]) -> set[int]:
        if not keys:
            return set()
        some = ",".join(map(str, keys))
        return {row[0] for row in self._kept.run(f"SELECT text FROM text WHERE text IN ({some})")}  # noqa: S608 (numbers)

    def _judge(self) -> None:
        (total,) = self._kept.run(f"SELECT count(*) {_NEW_PAIRS}")[0]
        done = 0
        pairs = self._kept.stream(f"{_PLACES} {_NEW_PAIRS} ORDER BY c.lo, c.hi")
        for batch in batches(pairs, _BATCH):
            judged = [self.judged(Place(*each[:5]), Place(*each[5:])) for each in batch]
            self._kept.insert("pair", PAIRS, judged)
            done += len(batch)
            self._progress("pairs compared", done, total)

    def judged(self, one: Place, other: Place) -> tuple[int, int, int]:
        """Judge a pair, as it is kept."""
        found = likeness(self._texts.get(one), self._texts.get(other))
        return min(one.text, other.text), max(one.text, other.text), found
