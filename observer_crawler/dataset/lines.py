"""The lines of all segments, read beside the crawl that writes them: no lock, no change.

A segment is read up to the size that it had at the start. What cannot be taken is counted and
named; a last line without its end is one that a crawl is writing, or one that a crash tore.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from observer_crawler import lock
from observer_crawler.dataset import rows
from observer_crawler.dataset.batch import Batch
from observer_crawler.exceptions import ExportError
from observer_crawler.origins import page_of
from observer_crawler.store import Segments

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator
    from io import FileIO
    from pathlib import Path

# Bytes. A page of the largest size that is fetched (DOWNLOAD_MAXSIZE) makes no longer line.
MOST_BYTES = 64 * 1024 * 1024
# Rows that are handed on together, and the bytes of their lines that end a batch early.
BATCH_ROWS = 512
_BATCH_BYTES = 8 * 1024 * 1024
# Bytes that are read of a segment at once: a line has more than the usual 8 KiB now and then.
_BUFFER = 1024 * 1024
# Open segments: a month has one for each of its writers.
_MOST_OPEN = 32


class Key(NamedTuple):
    """What decides which line is taken, and where it stands: `file` is a number of `Lines`."""

    id: str
    published_date: str | None
    fetched_at: dt.datetime
    extractor: int
    sha256: str
    file: int
    offset: int
    size: int


@dataclass(slots=True)
class Seen:
    """What was found of the lines; all of it the same for the same lines in any order."""

    read: int = 0
    excluded: int = 0
    excluded_pictures: set[str] = field(default_factory=set)
    lacking: int = 0
    unknown: int = 0
    bad: Counter[str] = field(default_factory=Counter)
    origins: set[str] = field(default_factory=set)


class Lines:
    """The lines of one data folder."""

    def __init__(
        self, data: Path, excluded: dict[str, str], name: Callable[[str, str], None]
    ) -> None:
        """`name` is told of each line that is not as it should be: the kind, and the place.

        Raises ExportError when nothing was stored yet.
        """
        self._data = data
        self._excluded = excluded
        self._name = name
        self._sizes = Segments(data, "").sizes()
        self._files = tuple(self._sizes)
        self.bytes = sum(self._sizes.values())
        self.seen = Seen()
        if not self.bytes:
            raise ExportError(f"{data} holds no article yet: scrapy crawl observer fetches some")

    def keys(self, progress: Callable[[int], None]) -> Iterator[Key]:
        """Judge every line; `progress` hears how many bytes are read."""
        before = 0
        for number, file in enumerate(self._files):
            for offset, line in self._whole_lines(file):
                if (key := self._key(line, number, offset)) is not None:
                    yield key
                progress(before + offset + len(line))
            before += self._sizes[file]

    def _whole_lines(self, file: str) -> Iterator[tuple[int, bytes]]:
        """Give each line with its end; of one that has none only that it is there."""
        offset, size = 0, self._sizes[file]
        with (self._data / file).open("rb", _BUFFER) as segment:
            while offset < size:
                line = segment.readline(min(MOST_BYTES, size - offset))
                if line.endswith(b"\n"):
                    yield offset, line
                    offset += len(line)
                elif offset + len(line) >= size or not line:
                    self._torn(file, offset)
                    return
                else:
                    offset = self._too_long(segment, file, offset, size)

    def _torn(self, file: str, offset: int) -> None:
        """Count what a crash has left; what a crawl is writing comes with the next export."""
        if not lock.is_locked(self._data):
            self._pass_over(rows.TORN, file, offset, rows.TORN)

    def _too_long(self, segment: BinaryIO, file: str, offset: int, size: int) -> int:
        """Pass over a line that is none; gives where the next one begins."""
        self._pass_over(rows.TOO_LONG, file, offset, rows.TOO_LONG)
        while segment.tell() < size:
            part = segment.readline(min(MOST_BYTES, size - segment.tell()))
            if not part or part.endswith(b"\n"):
                break
        return segment.tell()

    def _pass_over(self, reason: str, file: str, offset: int, text: str) -> None:
        self.seen.read += 1
        self.seen.bad[reason] += 1
        self._name(f"passed over, {reason}", f"{file}, byte {offset}: {text}")

    def _key(self, line: bytes, number: int, offset: int) -> Key | None:
        file = self._files[number]
        try:
            reading = rows.read(line)
        except rows.Unreadable as err:
            self._pass_over(err.reason, file, offset, str(err))
            return None
        self.seen.read += 1
        self._note(reading, f"{file}, byte {offset}")
        if reading.id in self._excluded:
            self.seen.excluded += 1
            self.seen.excluded_pictures |= set(reading.pictures)
            return None
        self._note_origin(reading.source_url or "")
        sha256 = hashlib.sha256(line).hexdigest()
        told = (reading.id, reading.day, reading.fetched_at, reading.extractor or 0, sha256)
        return Key(*told, number, offset, len(line))

    def _note_origin(self, source_url: str) -> None:
        if source := page_of(source_url):
            self.seen.origins.add("/".join(source.split("/", 3)[:3]).lower())

    def _note(self, reading: rows.Reading, place: str) -> None:
        if reading.lacking:
            self.seen.lacking += 1
            self._name("without a field", f"{place}: {', '.join(reading.lacking)}")
        if reading.unknown:
            self.seen.unknown += 1
            self._name("with an unknown field", f"{place}: {', '.join(reading.unknown)[:200]}")

    def rows(self, places: Iterable[tuple[int, int, int, str]]) -> Iterator[Batch]:
        """Read lines again, by file, offset, size and sum; give their rows, some at a time.

        Raises ExportError when a segment is not what it was: only whole lines are ever added.
        """
        some: list[bytes] = []
        size = 0
        for line in self._again(places):
            some.append(line)
            size += len(line)
            if len(some) >= BATCH_ROWS or size >= _BATCH_BYTES:
                yield Batch(some, self._excluded)
                some, size = [], 0
        if some:
            yield Batch(some, self._excluded)

    def each_row(self, places: Iterable[tuple[int, int, int, str]]) -> Iterator[dict[str, Any]]:
        """Read lines again as `rows` does, each when it is asked for."""
        return (rows.row_of(rows.parsed(line), self._excluded) for line in self._again(places))

    def _again(self, places: Iterable[tuple[int, int, int, str]]) -> Iterator[bytes]:
        with ExitStack() as stack:
            opened: dict[int, FileIO] = {}
            for number, offset, size, sha256 in places:
                if number not in opened and len(opened) >= _MOST_OPEN:
                    stack.close()
                    opened.clear()
                if number not in opened:
                    path = self._data / self._files[number]
                    opened[number] = stack.enter_context(path.open("rb", buffering=0))
                line = os.pread(opened[number].fileno(), size, offset)
                if hashlib.sha256(line).hexdigest() != sha256:
                    changed = self._data / self._files[number]
                    raise ExportError(f"{changed} was changed while it was read: export again")
                yield line
