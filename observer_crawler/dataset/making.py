"""One export from beginning to end: read, choose, write, say how it was made, publish."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa

from observer_crawler import exclude
from observer_crawler.dataset import asked, changes, gate, manifest, methods
from observer_crawler.dataset.batch import ready
from observer_crawler.dataset.choosing import Choice
from observer_crawler.dataset.columns import schema
from observer_crawler.dataset.condition import Condition
from observer_crawler.dataset.gathered import gather
from observer_crawler.dataset.lines import Lines
from observer_crawler.dataset.manifest import Facts, Wanted
from observer_crawler.dataset.parquet_file import ParquetFile
from observer_crawler.dataset.redaction import Redaction
from observer_crawler.dataset.rules import rules
from observer_crawler.dataset.sqlite_file import SqliteFile
from observer_crawler.dataset.tally import Tally
from observer_crawler.dataset.text_files import CsvFile, JsonLinesFile
from observer_crawler.dataset.versions import MANIFEST, Versions, about_file
from observer_crawler.dataset.wacz_cut import Exclusion
from observer_crawler.dataset.wacz_file import WaczFile
from observer_crawler.exceptions import ExportError
from observer_crawler.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.dataset.batch import Batch, Rows
    from observer_crawler.dataset.changes import Changes
    from observer_crawler.dataset.choosing import Counts
    from observer_crawler.dataset.gathered import Gathered
    from observer_crawler.dataset.lines import Key
    from observer_crawler.dataset.rules import Rules
    from observer_crawler.ledger.signals import Spoken

METHODS = "METHODS.md"
File = ParquetFile | JsonLinesFile | CsvFile | SqliteFile | WaczFile
# Beside them there is `wacz`, which is made of the captures too.
FORMATS: dict[str, type[ParquetFile | JsonLinesFile | CsvFile | SqliteFile]] = {
    "parquet": ParquetFile,
    "jsonl": JsonLinesFile,
    "csv": CsvFile,
    "sqlite": SqliteFile,
}


class Said(Protocol):
    """Who is told how an export goes."""

    def progress(self, what: str, done: int, of: int) -> None:
        """So much of all is done."""

    def odd(self, kind: str, place: str) -> None:
        """A line is not as it should be."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an export came to. `is_new`: its version was not there before."""

    version: Path
    is_new: bool
    manifest: dict[str, Any]
    dropped: list[Path]


def export(data: Path, wanted: Wanted, said: Said) -> Made:
    """Make the version of a data folder; raises ObserverError with one line."""
    asserted = gate.read(wanted.gate)
    with ExitStack() as stack:
        stack.enter_context(_told(data))
        condition = None
        if wanted.where is not None:
            condition = stack.enter_context(closing(Condition(wanted.where)))
        gathered = gather(data)
        found, captured = rules(data, said.odd)
        excluded = exclude.read(data / exclude.FILE)
        lines = Lines(data, excluded, said.odd)
        versions = Versions(data)
        stack.enter_context(versions.held())
        before = versions.named(wanted.since) if wanted.since is not None else None
        draft = stack.enter_context(versions.draft())
        making = _Making(data, draft, wanted, lines, excluded, condition, asserted, before, said)
        facts = making.facts(gathered, found, captured)
        written = _describe(draft, facts, gathered)
        version, is_new = versions.publish(draft, manifest.name_of(written))
        versions.point(version)
        dropped = versions.drop_old(wanted.keep, version) if wanted.keep else []
        return Made(version, is_new, json.loads(written), dropped)


@dataclass(slots=True)
class _Making:
    """The rows of one version on their way from the segments into the draft's files."""

    _data: Path
    _draft: Path
    _wanted: Wanted
    _lines: Lines
    _excluded: Mapping[str, str]
    _condition: Condition | None
    _asserted: Mapping[str, Any]
    _before: Path | None
    _said: Said
    _whole: Tally = field(default_factory=Tally)
    _changed: Tally = field(default_factory=Tally)
    _changes: Changes | None = None
    _redaction: Redaction | None = None
    _asked: asked.Asked = field(default_factory=lambda: asked.Asked([]))

    def facts(
        self, gathered: Gathered | None, found: list[Rules], captured: list[Spoken]
    ) -> Facts:
        """Write the files of the rows; gives what was counted on the way."""
        work = self._draft / ".work"
        work.mkdir()
        with closing(Choice(work)) as choice:
            counts = choice.take(self._keys(), revisions=self._wanted.revisions)
            source = Source.of(self._data, self._lines.seen.origins)
            about = manifest.about(self._wanted, source)
            self._asked = _asked(gathered, captured, source)
            with ExitStack() as stack:
                self._prepare(about, work, stack)
                notes = self._write(choice, counts, about)
                since = self._changes.told() if self._changes else None
        shutil.rmtree(work)
        if not self._whole.rows:
            raise ExportError(_nothing(self._wanted, counts, self._lines))
        if self._wanted.require_ai_train:
            self._asked.require()
        return Facts(
            self._wanted,
            source,
            self._lines.seen,
            counts,
            self._whole.rows,
            self._changed if self._changes else self._whole,
            gathered,
            rules=found,
            notes=notes,
            redacted=self._redaction.told() if self._redaction else None,
            since=since,
            gate=gate.judge(self._asserted, self._whole, None),
            asked=self._asked.values(),
        )

    def _prepare(self, about: Mapping[str, Any], work: Path, stack: ExitStack) -> None:
        """Make ready what rows pass on their way."""
        if self._wanted.redact:
            self._redaction = Redaction()
        if self._before is not None:
            asked = changes.kinds({**about, **self._wanted.stages()})
            names = self._columns.names
            self._changes = changes.since(self._before, asked, names, work)
            stack.enter_context(closing(self._changes))

    @property
    def _columns(self) -> pa.Schema:
        return schema(with_text=self._wanted.with_text)

    def _keys(self) -> Iterator[Key]:
        total = self._lines.bytes
        return self._lines.keys(lambda done: self._said.progress("bytes read", done, total))

    def _write(
        self, choice: Choice, counts: Counts, about: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Write every format in one go; gives what each of them has to say."""
        with ExitStack() as stack:
            files = {
                name: stack.enter_context(closing(self._begun(name, about)))
                for name in self._wanted.formats
            }
            done = 0
            for rows in self._rows(choice):
                self._hand_on(rows, files.values())
                done += len(rows)
                self._said.progress("articles written", done, counts.chosen)
            for file in files.values():
                file.finish()
            return {name: file.notes for name, file in files.items() if file.notes}

    def _rows(self, choice: Choice) -> Iterator[Batch]:
        """Give the chosen rows, as columns where these are asked for first."""
        rows = self._lines.rows(choice.places())
        return ready(rows) if self._condition or "parquet" in self._wanted.formats else rows

    def _begun(self, name: str, about: Mapping[str, Any]) -> File:
        stem = "articles" if self._wanted.with_text else "list"
        path = self._draft / f"{stem}.{name}"
        if name == "wacz":
            pictures = self._lines.seen.excluded_pictures
            return WaczFile(
                path, about, self._data, Exclusion(self._excluded, about["origin"]), pictures
            )
        return FORMATS[name](path, self._columns, about)

    def _hand_on(self, batch: Batch, files: Iterable[File]) -> None:
        if self._condition:
            batch = batch.only(self._condition.fits(batch))
        rows: Rows = batch
        self._asked.take(rows)
        if self._redaction:
            rows = [self._redaction.row(row) for row in rows]
        self._whole.take(rows)
        if self._changes:
            rows = self._changes.take(rows)
            self._changed.take(rows)
        for file in files:
            file.write(rows)


def _asked(gathered: Gathered | None, captured: list[Spoken], source: Source) -> asked.Asked:
    """Put together what the ledger and the captures know of the site's own words."""
    said = gathered.said if gathered else []
    ours = [row for row in captured if source.owns(row.host)]
    return asked.Asked(asked.together(said, ours), gathered.said_no if gathered else frozenset())


def _nothing(wanted: Wanted, counts: Counts, lines: Lines) -> str:
    if wanted.where is not None and counts.chosen:
        return f"--where {wanted.where!r} fits none of {counts.chosen:,} articles"
    bad = sum(lines.seen.bad.values())
    return (
        f"no article to export: {lines.seen.read:,} lines, of which {bad:,} cannot be read and "
        f"{lines.seen.excluded:,} are excluded"
    )


def _describe(draft: Path, facts: Facts, gathered: Gathered | None) -> bytes:
    """Write METHODS.md and the manifest; gives the latter's bytes."""
    values = manifest.manifest(facts)
    paths = {path.relative_to(draft).as_posix(): path for path in draft.rglob("*")}
    data = {name: about_file(path) for name, path in sorted(paths.items()) if path.is_file()}
    (draft / METHODS).write_text(methods.methods(values, gathered), "utf-8")
    values["files"] = {**data, METHODS: about_file(draft / METHODS)}
    written = manifest.text(values)
    (draft / MANIFEST).write_bytes(written)
    return written


@contextmanager
def _told(data: Path) -> Iterator[None]:
    """Turn the errors of disk and libraries into one line that names the place."""
    try:
        yield
    except OSError as err:
        reason = err.strerror or str(err).split("\n", 1)[0]
        raise ExportError(f"cannot export {err.filename or data}: {reason}") from err
    except (duckdb.Error, sqlite3.Error, pa.ArrowException) as err:
        reason = str(err).split("\n", 1)[0].strip()
        raise ExportError(f"cannot export {data}: {reason}") from err
