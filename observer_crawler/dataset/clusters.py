"""`--clusters` and `--splits`: which articles are copies, known before a row is written.

Lines that are new are read and signed, pairs that are new are compared; all else is kept from the
exports before (`kept.py`). What comes of it depends on the lines of this export alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from observer_crawler.dataset import grouping, kept
from observer_crawler.dataset.comparing import Comparing
from observer_crawler.dataset.grouping import Counts, Grouping
from observer_crawler.dataset.kept import Kept
from observer_crawler.dataset.signatures import BANDS, LIBRARY, ROWS, THRESHOLD
from observer_crawler.dataset.splitting import SIDES, Borders
from observer_crawler.dataset.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.dataset.choosing import Choice
    from observer_crawler.dataset.condition import Condition
    from observer_crawler.dataset.lines import Lines

# Borders that are found by the share of articles, not typed.
BY_SHARE = "by share"


class Said(Protocol):
    """Who is told how it goes."""

    def progress(self, what: str, done: int, of: int) -> None:
        """So much of all is done."""

    def note(self, text: str) -> None:
        """Something that is no line's fault."""


@dataclass(slots=True)
class Clusters:
    """The clusters of one export. `splits`: two days as typed, BY_SHARE, or None for none."""

    lines: Lines
    condition: Condition | None
    said: Said
    splits: Borders | str | None
    _kept: Kept | None = None
    _counts: Counts | None = None
    _borders: Borders | None = None
    _found: Iterator[dict[str, object]] = field(default_factory=lambda: iter(()))
    _columns: dict[str, object] = field(default_factory=dict)
    _rows: Counter[object] = field(default_factory=Counter)

    def find(self, choice: Choice, path: Path, work: Path) -> None:
        """Find them, with what is kept at `path`; a file that cannot be used is made anew.

        `work` is a folder that is thrown away when the export ends.
        """
        if path.is_symlink():
            path.unlink()
        try:
            self._find(choice, path, work)
        except duckdb.Error as err:
            self.close()
            kept.forget(path, work)
            reason = str(err).split("\n", 1)[0]
            self.said.note(f"{path} cannot be used ({reason}): every text is compared anew")
            self._find(choice, path, work)

    def _find(self, choice: Choice, path: Path, work: Path) -> None:
        self._kept = Kept(path, work)
        comparing = Comparing(self._kept, self.lines, Texts(self.lines), self.said.progress)
        comparing.run(choice.chosen(), self.condition)
        borders = self.splits if isinstance(self.splits, Borders) else None
        shared = self.splits == BY_SHARE
        self._counts, self._borders = Grouping(self._kept, comparing).run(borders, shared=shared)
        self._found = grouping.found(self._kept, split=self._borders is not None)

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add the columns to rows in the order of the dataset; some of them may be left out."""
        for row in rows:
            while self._columns.get("id") != row["id"]:
                self._columns = next(self._found)
            row.update(self._columns)
            self._rows[row.get("split")] += 1

    def about(self) -> dict[str, Any]:
        """Give what the manifest says of clusters."""
        assert self._counts is not None  # noqa: S101 (found before)
        counts = self._counts
        return {
            "library": LIBRARY,
            "bands": BANDS,
            "rows": ROWS,
            "threshold": THRESHOLD,
            "texts": counts.texts,
            "clusters": counts.clusters,
            "copies": counts.copies,
            "largest": counts.largest,
        }

    def about_splits(self) -> dict[str, Any] | None:
        """Give what the manifest says of splits: rows, borders, and who went with their family."""
        if self._borders is None or self._counts is None:
            return None
        rows = {side: self._rows[side] for side in SIDES}
        days = {"validation_from": self._borders.validation, "test_from": self._borders.test}
        return {**rows, **days, "moved_with_their_copies": self._counts.moved}

    def close(self) -> None:
        if self._kept:
            self._kept.close()
            self._kept = None
