"""What rows pass on their way from the lines to the files, and what is told of it in the manifest.

The order matters: the condition sees what the lines say; copies are told by whole texts, and only
then is masked; what is gated is the whole, also where the changes alone are written.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from observer_crawler.dataset import changes, gate
from observer_crawler.dataset.asked import Asked
from observer_crawler.dataset.batch import ready
from observer_crawler.dataset.clusters import Clusters
from observer_crawler.dataset.kept import FILE as KEPT
from observer_crawler.dataset.redaction import Redaction
from observer_crawler.dataset.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.dataset.batch import Batch, Rows
    from observer_crawler.dataset.changes import Changes
    from observer_crawler.dataset.choosing import Choice, Counts
    from observer_crawler.dataset.clusters import Said
    from observer_crawler.dataset.condition import Condition
    from observer_crawler.dataset.lines import Lines
    from observer_crawler.dataset.manifest import Wanted
    from observer_crawler.source import Source


@dataclass(slots=True)
class Stages:
    """The stages of one export, in their order; those that nobody asked for are None.

    `asked_by` gives what a site asked of the training of AI. `whole` counts the rows that fit the
    condition, `written` those that go into the files.
    """

    wanted: Wanted
    condition: Condition | None
    asserted: Mapping[str, Any]
    asked_by: Callable[[Source], Asked]
    whole: Tally = field(default_factory=Tally)
    written: Tally = field(default_factory=Tally)
    _asked: Asked = field(default_factory=lambda: Asked([]))
    _clusters: Clusters | None = None
    _redaction: Redaction | None = None
    _changes: Changes | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def find_copies(
        self, lines: Lines, choice: Choice, folder: Path, work: Path, said: Said
    ) -> None:
        """Compare the texts, with what is kept in a folder."""
        if self.wanted.clusters:
            self._clusters = Clusters(lines, self.condition, said, self.wanted.splits)
            self._open.enter_context(closing(self._clusters))
            self._clusters.find(choice, folder / KEPT, work)

    def begin(
        self, about: Mapping[str, Any], source: Source, before: Path | None, work: Path
    ) -> None:
        """Make ready what is asked for; `about` is what every file says of itself."""
        self._asked = self.asked_by(source)
        self._redaction = Redaction() if self.wanted.redact else None
        if before is None:
            self.written = self.whole
        else:
            now = changes.kinds({**about, **self.wanted.stages()})
            self._changes = changes.since(before, now, self.wanted.schema.names, work)
            self._open.enter_context(closing(self._changes))

    def batches(self, some: Iterable[Batch]) -> Iterator[Batch]:
        """Read columns ahead where nothing but the condition looks at a row before Parquet does."""
        is_looked_at = self._clusters or self._redaction or self._changes
        wants_columns = self.condition or "parquet" in self.wanted.formats
        yield from ready(some) if wants_columns and not is_looked_at else some

    def take(self, batch: Batch) -> Rows:
        """Give what is to be written of some rows."""
        if self.condition:
            batch = batch.only(self.condition.fits(batch))
        rows: Rows = batch
        self._asked.take(rows)
        if self._clusters:
            self._clusters.add(batch)
        if self._redaction:
            rows = [self._redaction.row(row) for row in rows]
        self.whole.take(rows)
        if self._changes:
            rows = self._changes.take(rows)
            self.written.take(rows)
        return rows

    def told(self, counts: Counts) -> dict[str, Any]:
        """Give what the manifest has of it; raises ExportError where something must not be.

        Its keys are those of the manifest; null says that nobody asked for it.
        """
        if self.wanted.require_ai_train:
            self._asked.require()
        clusters = self._clusters.about() if self._clusters else None
        twice = 0 if self.wanted.revisions else counts.chosen - counts.articles
        judged = gate.judge(self.asserted, self.whole, clusters, twice)
        return {
            **self._asked.values(),
            "clusters": clusters,
            "splits": self._clusters.about_splits() if self._clusters else None,
            "redacted": self._redaction.told() if self._redaction else None,
            "since": self._changes.told() if self._changes else None,
            "gate": [each._asdict() for each in judged],
        }

    def close(self) -> None:
        self._open.close()
