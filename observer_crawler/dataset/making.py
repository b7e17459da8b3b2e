"""One export from beginning to end: read, choose, write, say how it was made, publish."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa

from observer_crawler import exclude
from observer_crawler.dataset import asked, beside, gate, manifest, methods
from observer_crawler.dataset.choosing import Choice
from observer_crawler.dataset.condition import Condition
from observer_crawler.dataset.gathered import gather
from observer_crawler.dataset.lines import Lines
from observer_crawler.dataset.manifest import Facts, Wanted
from observer_crawler.dataset.parquet_file import ParquetFile
from observer_crawler.dataset.part_files import PartFiles
from observer_crawler.dataset.rules import rules
from observer_crawler.dataset.split_files import SplitFiles
from observer_crawler.dataset.sqlite_file import SqliteFile
from observer_crawler.dataset.stages import Stages
from observer_crawler.dataset.text_files import CsvFile, JsonLinesFile
from observer_crawler.dataset.versions import MANIFEST, Versions, about_file
from observer_crawler.dataset.wacz_cut import Exclusion
from observer_crawler.dataset.wacz_file import WaczFile
from observer_crawler.exceptions import ExportError
from observer_crawler.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from observer_crawler.dataset.choosing import Counts
    from observer_crawler.dataset.gathered import Gathered
    from observer_crawler.dataset.lines import Key
    from observer_crawler.dataset.rules import Rules

METHODS = "METHODS.md"
File = ParquetFile | JsonLinesFile | CsvFile | SqliteFile | SplitFiles | PartFiles | WaczFile
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

    def note(self, text: str) -> None:
        """Something is to be known that is no line's fault."""


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
        making = _Making(data, draft, wanted, lines, excluded, said)
        stages = Stages(wanted, condition, asserted, partial(asked.known, gathered, captured))
        facts = making.facts(stages, before, gathered, found)
        written = _describe(draft, facts, gathered, excluded)
        version, is_new = versions.publish(draft, manifest.name_of(written))
        versions.point(version)
        dropped = versions.drop_old(wanted.keep, version) if wanted.keep else []
        return Made(version, is_new, json.loads(written), dropped)


@dataclass(frozen=True, slots=True)
class _Making:
    """The rows of one version on their way from the segments into the draft's files."""

    _data: Path
    _draft: Path
    _wanted: Wanted
    _lines: Lines
    _excluded: Mapping[str, str]
    _said: Said

    def facts(
        self, stages: Stages, before: Path | None, gathered: Gathered | None, found: list[Rules]
    ) -> Facts:
        """Write the files of the rows; gives what was counted on the way."""
        work = self._draft / ".work"
        work.mkdir()
        with closing(Choice(work)) as choice, closing(stages):
            counts = choice.take(self._keys(), revisions=self._wanted.revisions)
            source = Source.of(self._data, self._lines.seen.origins)
            about = manifest.about(self._wanted, source)
            stages.find_copies(self._lines, choice, self._draft.parent, work, self._said)
            stages.begin(about, source, before, work)
            notes = self._write(stages, choice, counts, about)
            if not stages.whole.rows:
                raise ExportError(_nothing(self._wanted, counts, self._lines))
            told = stages.told(counts)
        shutil.rmtree(work)
        tallies = (stages.whole, stages.written)
        return Facts(
            self._wanted, source, self._lines.seen, counts, *tallies, gathered, found, notes, told
        )

    def _keys(self) -> Iterator[Key]:
        total = self._lines.bytes
        return self._lines.keys(lambda done: self._said.progress("bytes read", done, total))

    def _write(
        self, stages: Stages, choice: Choice, counts: Counts, about: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Write every format in one go; gives what each of them has to say."""
        with ExitStack() as stack:
            files = {
                name: stack.enter_context(closing(self._begun(name, about)))
                for name in self._wanted.formats
            }
            done = 0
            for batch in stages.batches(self._lines.rows(choice.places())):
                rows = stages.take(batch)
                for file in files.values():
                    file.write(rows)
                done += len(batch)
                self._said.progress("articles written", done, counts.chosen)
            for file in files.values():
                file.finish()
            return {name: file.notes for name, file in files.items() if file.notes}

    def _begun(self, name: str, about: Mapping[str, Any]) -> File:
        stem = "articles" if self._wanted.with_text else "list"
        path = self._draft / f"{stem}.{name}"
        if name == "wacz":
            pictures = self._lines.seen.excluded_pictures
            return WaczFile(
                path, about, self._data, Exclusion(self._excluded, about["origin"]), pictures
            )
        if name == "parquet" and self._wanted.splits is not None:
            return SplitFiles(self._draft, self._wanted.schema, about)

        def begin(path: Path) -> ParquetFile | JsonLinesFile | CsvFile | SqliteFile:
            return FORMATS[name](path, self._wanted.schema, about)

        return begin(path) if self._wanted.by is None else PartFiles(path, self._wanted.by, begin)


def _nothing(wanted: Wanted, counts: Counts, lines: Lines) -> str:
    if wanted.where is not None and counts.chosen:
        return f"--where {wanted.where!r} fits none of {counts.chosen:,} articles"
    bad = sum(lines.seen.bad.values())
    return (
        f"no article to export: {lines.seen.read:,} lines, of which {bad:,} cannot be read and "
        f"{lines.seen.excluded:,} are excluded"
    )


def _describe(
    draft: Path, facts: Facts, gathered: Gathered | None, excluded: Mapping[str, str]
) -> bytes:
    """Write METHODS.md, what else lies beside the files, and the manifest; gives its bytes."""
    values = manifest.manifest(facts)
    paths = {path.relative_to(draft).as_posix(): path for path in draft.rglob("*")}
    data = {name: about_file(path) for name, path in sorted(paths.items()) if path.is_file()}
    (draft / METHODS).write_text(methods.methods(values, gathered), "utf-8")
    values["files"] = {**data, METHODS: about_file(draft / METHODS)}
    coverage = beside.published(gathered.coverage, values, excluded) if gathered else None
    values["files"] |= beside.write(draft, values, coverage)
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
