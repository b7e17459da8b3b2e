"""WARC files against their sums and their indexes, and each record against its digest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler.verify.captures import SHA1
from observer_crawler.warc import (
    ANSWERS,
    FOLDER,
    OPEN,
    SUMS,
    Damage,
    digest,
    index_of,
    line_of,
    name_of,
    records,
    sums,
    warc_files,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.verify.findings import Findings
    from observer_crawler.warc import Record


class WarcCheck:
    """Looks at all WARC files of a folder."""

    def __init__(self, data: Path, findings: Findings, *, running: bool, whole: bool) -> None:
        """While a crawl runs its file is open. `whole`: every record is read."""
        self._folder = data / FOLDER
        self._findings = findings
        self._running = running
        self._whole = whole
        self._has_sums = True

    def run(self) -> None:
        files = warc_files(self._folder)
        known = self._sums()
        named = {value: name for name, value in known.items()}
        met = [self._file(path, known, named) for path in files]
        for name in sorted(known.keys() - met):
            self._findings.found(f"{FOLDER}/{name} is in {SUMS} and nowhere")
        for path in sorted(self._folder.rglob("*.cdxj")):
            if not any(index_of(file) == path for file in files):
                self._findings.found(f"{self._told(path)} is the index of no file beside it")

    def _sums(self) -> dict[str, str]:
        """Read the list of sums; one that cannot be read is named, and its lack is not, file by file."""
        try:
            return sums(self._folder)
        except OSError as err:
            self._findings.found(f"{FOLDER}/{SUMS} cannot be read: {err.strerror}")
            self._has_sums = False
            return {}

    def _file(self, path: Path, known: dict[str, str], named: dict[str, str]) -> str:
        """Look at one file; gives the name that its sum stands under."""
        self._findings.counts["WARC files"] += 1
        is_open = path.name.endswith(OPEN)
        if is_open and not self._running:
            self._findings.found(f"{self._told(path)} was left open: the next start closes it")
        name = name_of(path) if is_open else self._sum(path, known, named)
        if self._whole:
            self._records(path, name, is_open=is_open)
        return name

    def _sum(self, path: Path, known: dict[str, str], named: dict[str, str]) -> str:
        """Compare the sum of a closed file."""
        try:
            with path.open("rb") as file:
                value = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as err:
            self._findings.found(f"{self._told(path)} cannot be read: {err.strerror}")
            return path.name
        name = named.get(value, path.name)
        if name not in known:
            if self._has_sums and not self._running:
                self._findings.found(f"{self._told(path)} is not in {SUMS}")
        elif known[name] != value:
            self._findings.found(f"{self._told(path)} is not what {SUMS} says: it has changed")
        elif path != self._folder / name:
            self._findings.remark(f"{self._told(path)} was {FOLDER}/{name} when it was closed")
        return name

    def _records(self, path: Path, name: str, *, is_open: bool) -> None:
        expected: list[str] = []
        try:
            for found in records(path):
                if isinstance(found, Damage):
                    self._damage(path, found, is_open=is_open)
                else:
                    self._digest(path, found)
                    if found.kind in ANSWERS:
                        expected.append(line_of(replace(found, file=name)))
        except OSError as err:
            self._findings.found(f"{self._told(path)} cannot be read: {err.strerror}")
        if not is_open:
            self._index(path, expected)

    def _damage(self, path: Path, found: Damage, *, is_open: bool) -> None:
        if not (is_open and self._running and found.end >= path.stat().st_size):
            self._findings.found(f"{self._told(path)}, byte {found.offset}: {found.why}")

    def _digest(self, path: Path, record: Record) -> None:
        self._findings.counts["records"] += 1
        told = record.payload_digest
        if record.kind == "response" and told.startswith(SHA1) and told != digest(record.body):
            self._findings.found(
                f"{self._told(path)}, byte {record.offset}: the body has not its digest"
            )

    def _index(self, path: Path, expected: list[str]) -> None:
        """Compare an index with the file: each answer, and nothing else, in its order."""
        index = index_of(path)
        try:
            # Split on \n alone: an address may hold any other end of a line (U+2028).
            with index.open(encoding="utf-8", newline="\n") as file:
                lines = list(file)
        except FileNotFoundError:
            if not self._running:
                self._findings.found(f"{self._told(path)} has no index: the next crawl makes it")
            return
        except (OSError, ValueError) as err:
            self._findings.found(f"{self._told(index)} cannot be read: {err}")
            return
        for what in _compare(lines, sorted(expected)):
            self._findings.found(f"{self._told(index)}: {what}")

    def _told(self, path: Path) -> str:
        return path.relative_to(self._folder.parent).as_posix()


def _compare(lines: list[str], expected: list[str]) -> Iterator[str]:
    if lines == expected:
        return
    more, less = len(set(lines) - set(expected)), len(set(expected) - set(lines))
    if more or less:
        yield f"{more} lines that the file has no answer for, {less} answers without a line"
    else:
        yield "its lines are not in order"
