"""The captures of one data folder: every answer as it came, in WARC files, one writer.

    warc/observer-20261126T142649Z-0.warc.gz       closed: renamed, indexed, summed
    warc/observer-20261126T142649Z-0.cdxj          the index of its answers
    warc/observer-20261126T152649Z-0.warc.gz.open  under way, or left by a run that was killed
    warc/SHA256SUMS                                one line for each closed file

A run never appends to a file that it has not begun: behind a torn record nothing can be read.
Must not know Scrapy, pages or addresses.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from collections import OrderedDict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import files
from observer_crawler.exceptions import CaptureError
from observer_crawler.items import Capture
from observer_crawler.warc.index import OPEN, SUFFIX, add_sum, index_of, sums, write_index
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import Record, digest, record_at, records
from observer_crawler.warc.writing import Original, Records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.warc.writing import Exchange

logger = logging.getLogger(__name__)

FOLDER = "warc"
_named = partial(files.named, CaptureError, "keep answers in")
# Bodies that are remembered, to write one that comes again as a revisit: robots.txt, error pages.
# What comes again a hundred thousand pages later is stored once more; 10,000 take 5 MB.
_REMEMBERED = 10_000


class _Known(NamedTuple):
    original: Original
    capture: Capture


class Captures:
    """Writes the WARC files of one data folder; whoever holds the folder's lock may."""

    def __init__(
        self, data: Path, label: str, info: Mapping[str, str], most_bytes: float, *, is_on: bool
    ) -> None:
        """Nothing is touched yet. `label` names the crawl, `info` fills each `warcinfo`.

        A file of `most_bytes` or more is closed. `is_on` is for whoever asks: what an earlier run
        has left is finished all the same.
        """
        self.folder = data / FOLDER
        self.is_on = is_on
        self._label = label
        self._info = info
        self._most_bytes = most_bytes
        self._records = Records()
        self._bodies: OrderedDict[str, _Known] = OrderedDict()
        self._path: Path | None = None
        self._file = -1
        self._size = 0

    def recover(self) -> None:
        """Finish what a killed run has left. Raises CaptureError."""
        with _named(self.folder):
            for path in sorted(self.folder.glob(f"*{SUFFIX}{OPEN}")):
                _recover(path)
            known = sums(self.folder)
            for path in sorted(self.folder.glob(f"*{SUFFIX}")):
                if not index_of(path).exists():
                    write_index(path)
                if path.name not in known:
                    add_sum(path)

    def keep(self, exchange: Exchange) -> Capture:
        """Write an exchange; gives the record that holds its body. Raises CaptureError."""
        name = self._open(exchange.written_at)
        with _named(self.folder / name):
            body = digest(exchange.body)
            known = self._bodies.get(body) if exchange.body else None
            packed, record_id = self._records.exchange(exchange, body, known and known.original)
            capture = Capture(name, self._append(packed), record_id)
            if exchange.body and known is None:
                original = Original(exchange.url, exchange.fetched_at, record_id)
                self._remember(body, _Known(original, capture))
            self._rotate()
        return known.capture if known else capture

    def read(self, capture: Capture) -> Record | None:
        """Give the record of a capture, None where it is not any more or cannot be read."""
        try:
            found = record_at(self.folder / Path(capture.file).name, capture.offset)
        except FileNotFoundError:
            return None
        except (OSError, TypeError, ValueError, OverflowError) as err:
            # Of a line that says nonsense, or a disk that fails: the site has the page too.
            logger.warning("the capture in %r cannot be read (%s)", capture.file, err)
            return None
        return found if isinstance(found, Record) and found.id == capture.record_id else None

    def close(self) -> None:
        """Bring the open file to the disk and close it for good. May be called twice."""
        if self._path is not None:
            with _named(self._path):
                self._close()

    def _open(self, moment: str) -> str:
        """Give the final name of the file that is written to, begun where there is none."""
        if self._path is None:
            with _named(self.folder):
                self.folder.mkdir(mode=0o700, exist_ok=True)
                path = self._new_path(moment)
                opened = path.with_name(path.name + OPEN)
                self._file = os.open(opened, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                self._path, self._size = path, 0
                self._append(self._records.info(path.name, moment, self._info))
        return self._path.name

    def _new_path(self, moment: str) -> Path:
        stamp = dt.datetime.fromisoformat(moment).strftime("%Y%m%dT%H%M%SZ")
        number = 0
        while True:
            path = self.folder / f"{self._label}-{stamp}-{number}{SUFFIX}"
            if not path.exists():
                return path
            number += 1

    def _append(self, packed: bytes) -> int:
        """Write whole records; gives the first byte. On an error none of them stays."""
        offset = self._size
        files.write_whole(self._file, packed, offset)
        self._size += len(packed)
        return offset

    def _remember(self, body: str, known: _Known) -> None:
        self._bodies[body] = known
        if len(self._bodies) > _REMEMBERED:
            self._bodies.popitem(last=False)

    def _rotate(self) -> None:
        if self._size >= self._most_bytes:
            self._close()

    def _close(self) -> None:
        path, self._path = self._path, None
        try:
            os.fsync(self._file)
        finally:
            os.close(self._file)
        if path is not None:
            _finish(path.with_name(path.name + OPEN))


def _recover(opened: Path) -> None:
    """Cut a file to its last whole record, and close it."""
    end = _end_of_whole_records(opened)
    size = opened.stat().st_size
    if end < size:
        os.truncate(opened, end)
        logger.warning("torn record of %s (%d bytes) cut off", opened.name, size - end)
    _finish(opened)


def _finish(opened: Path) -> None:
    """Give a file its final name, its index and its sum; one without a record goes."""
    if not opened.stat().st_size:
        opened.unlink()
        return
    path = opened.with_name(opened.name.removesuffix(OPEN))
    opened.rename(path)
    write_index(path)
    add_sum(path)


def _end_of_whole_records(path: Path) -> int:
    end = 0
    for found in records(path):
        if not isinstance(found, Damage):
            end = found.offset + found.size
    return end
