"""JSON Lines segments: whole lines only, recovery after a crash, one writer to a folder.

The segments are the truth of a crawl, so a whole line is never cut, moved or rewritten. A line
that a crash tore is moved aside and named. A folder belongs to one origin: invented text of a
replica never stands beside the newspaper's. Must not know Scrapy, pages or addresses.

    articles/2022/2022-06.0.jsonl         by month of publication; 0 names the writer, the crawl
    articles/2022/2022-06.reextract.jsonl what was read again from captures
    articles/undated/undated.0.jsonl      where the page gives no date
    state/origin, state/lock, state/torn/ whose folder it is, who writes, what was torn
    schema/article.schema.json            the shape of a line (in the repository)
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import OrderedDict
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from observer_crawler import files, lock
from observer_crawler.exceptions import StoreError, WrongOrigin
from observer_crawler.items import to_record
from observer_crawler.lines import as_bytes, record_of
from observer_crawler.origins import page_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.items import Article

logger = logging.getLogger(__name__)

WRITER = "0"
_named = partial(files.named, StoreError, "write to")
MAX_OPEN_FILES = 8

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})-[0-9]{2}")


class Place(NamedTuple):
    """Where a line stands: its segment, relative to the data folder, first byte and length."""

    file: str
    offset: int
    size: int


class Segments:
    """The segments of one data folder, held by one writer between `open` and `close`."""

    def __init__(
        self, data: Path, origin: str, same: Collection[str] = (), writer: str = WRITER
    ) -> None:
        """Nothing is touched yet. `same` are origins that count as this one (its languages)."""
        self.data = data
        self.origin = origin
        self._same = {origin, *same}
        self._writer = writer
        self._open_files: OrderedDict[Path, int] = OrderedDict()
        self._lock: int | None = None
        # Months that were written to: a path costs more to make than a line to write.
        self._segment = cache(lambda name: (data / name, name))

    def open(self) -> None:
        """Take the folder and mend what a crash tore.

        Raises WrongOrigin before a byte is changed, SegmentLocked, StoreError.
        """
        with _named(self.data):
            self._check_origin()
            self._make_folders()
            self._lock = lock.take(self.data)
        try:
            with _named(self.data):
                self._check_origin()
                self._claim()
                for path in segments_of(self.data):
                    self._mend(path)
        except BaseException:
            self._release()
            raise

    def sizes(self) -> dict[str, int]:
        """Give the segments, relative to the data folder, with their sizes in bytes."""
        return {self._relative(path): path.stat().st_size for path in segments_of(self.data)}

    def ends_line(self, file: str, offset: int) -> bool:
        """Whether a line ends at a byte: where none does, somebody has changed the segment."""
        path = self.data / file
        with _named(path), path.open("rb") as segment:
            segment.seek(offset - 1)
            return segment.read(1) == b"\n"

    def lines(self, file: str, start: int = 0) -> Iterator[tuple[int, dict[str, Any], int]]:
        """Give each article of a segment from a byte on: its offset, its record, its size.

        Lines that are no article are named and passed over. 600,000 lines take about 7 s.
        """
        path = self.data / file
        with _named(path), path.open("rb") as segment:
            segment.seek(start)
            offset = start
            for line in segment:
                if (record := record_of(line)) is not None:
                    yield offset, record, len(line)
                else:
                    logger.warning("%s, byte %d: not an article; passed over", path, offset)
                offset += len(line)

    def line_at(self, place: Place) -> dict[str, Any] | None:
        """Give the article of a line, None where no line stands there."""
        path = self.data / place.file
        with _named(path), path.open("rb") as segment:
            return record_of(os.pread(segment.fileno(), place.size, place.offset))

    def append(self, article: Article) -> Place:
        """Write one line in one piece, or raise StoreError and leave none of it."""
        return self.append_record(to_record(article))

    def append_record(self, record: Mapping[str, Any]) -> Place:
        """Write the line of an article's record, as `append` does."""
        line = as_bytes(record)
        path, name = self._segment_of(record["published_date"])
        with _named(path):
            file = self._file(path)
            offset = os.lseek(file, 0, os.SEEK_END)
            files.write_whole(file, line, offset)
        return Place(name, offset, len(line))

    def close(self) -> None:
        """Bring what was written to the disk and let the folder go. May be called twice."""
        try:
            while self._open_files:
                self._close_oldest()
        finally:
            self._release()

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.data).as_posix()

    def _segment_of(self, published_date: str | None) -> tuple[Path, str]:
        """Give the path of a day's segment, and its name relative to the data folder."""
        match = _MONTH.fullmatch(published_date or "")
        folder, name = (match[1], f"{match[1]}-{match[2]}") if match else ("undated", "undated")
        return self._segment(f"articles/{folder}/{name}.{self._writer}.jsonl")

    def _file(self, path: Path) -> int:
        """Give the open file of a segment; an archive has 150 months, few stay open."""
        if path not in self._open_files:
            if len(self._open_files) >= MAX_OPEN_FILES:
                self._close_oldest()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._open_files[path] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._open_files.move_to_end(path)
        return self._open_files[path]

    def _close_oldest(self) -> None:
        path, file = self._open_files.popitem(last=False)
        with _named(path):
            try:
                os.fsync(file)
            finally:
                os.close(file)

    def _make_folders(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("state", "articles"):
            (self.data / name).mkdir(mode=0o700, exist_ok=True)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _check_origin(self) -> None:
        """Raise WrongOrigin when the folder holds what came from another origin."""
        known = origin_of(self.data)
        if known is not None and known not in self._same:
            raise WrongOrigin(
                f"{self.data} holds what was read from {known}, and this run asks "
                f"{self.origin}: give it a folder of its own with -s OBSERVER_DATA=DIR"
            )

    def _claim(self) -> None:
        """Write whose folder this is, whole or not at all, and close it to others."""
        claim = self.data / "state" / "origin"
        if claim.exists() and claim.stat().st_size:
            return
        files.replace(claim, f"{self.origin}\n")
        found = self.data.stat()
        # /tmp and its like are shared by intent, and closing them would hurt others.
        if found.st_uid == os.getuid() and not found.st_mode & 0o1000:
            self.data.chmod(0o700)

    def _mend(self, path: Path) -> None:
        """Move a torn last line to state/torn/. It goes there first and is cut off second."""
        with path.open("rb+") as file:
            end = _end_of_whole_lines(file.fileno())
            size = os.fstat(file.fileno()).st_size
            if end == size:
                return
            torn = self._torn_file(f"{path.stem}.{end}")
            torn.write_bytes(os.pread(file.fileno(), size - end, end))
            _sync(torn)
            file.truncate(end)
        logger.warning("torn last line of %s (%d bytes) moved to %s", path, size - end, torn)

    def _torn_file(self, name: str) -> Path:
        folder = self.data / "state" / "torn"
        folder.mkdir(mode=0o700, exist_ok=True)
        number = 0
        while (path := folder / f"{name}.{number}").exists():
            number += 1
        return path


def origin_of(data: Path) -> str | None:
    """Give the origin that a folder belongs to: its claim, else what its first line says."""
    if claim := files.line_in(data / "state" / "origin"):
        return claim
    sources = (_source_origin(path) for path in segments_of(data))
    return next((source for source in sources if source), None)


def segments_of(data: Path) -> list[Path]:
    """Give the segments of a folder, whoever wrote them."""
    return sorted((data / "articles").glob("*/*.jsonl"))


def _end_of_whole_lines(file: int) -> int:
    """Give the offset behind the last newline, reading backwards."""
    end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - 65536)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _source_origin(segment: Path) -> str | None:
    """Give the origin of the first line that says where it was fetched."""
    with segment.open("rb") as file:
        for line in file:
            with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
                if url := page_of(json.loads(line)["source_url"]):
                    parts = urlsplit(url)
                    return f"{parts.scheme}://{parts.netloc}".lower()
    return None
