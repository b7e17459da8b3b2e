"""Ends a crawl's own process at a chosen write, as kill -9 would: no handler runs, nothing closes.

Given to a crawl as an extension, it lays itself around the writes from outside; no code of the
house knows of it. `CRASH_AT=line:half:3` ends the process in the middle of the third line.
`record:full:3` lets the third record find a full disk and the process live. `CRASH_AT` may be
empty; `CRASH_FILE_BYTES` stands for a full disk too: no file grows beyond it.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from observer_crawler import files, store
from observer_crawler.ledger import Ledger
from observer_crawler.warc import captures

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Self

    from scrapy.crawler import Crawler

AT = "CRASH_AT"
FILE_BYTES = "CRASH_FILE_BYTES"

BEGINNING = ("rename", "begin", "wish", "enter")
# Which file takes its name, by how the name ends: a WARC file that is closed, its index, the sums.
CLOSING = {".warc.gz": "close", ".cdxj": "index", "SHA256SUMS": "sum"}
# The writes of a crawl in the order in which one folder meets them. `rename`: any other file takes
# another one's name (the claim of the folder, a broken ledger moved aside). `record`: the records
# of one answer, or the first one of a file. `line`: of a segment. `torn`:
# what is left of a line moves aside; half is copied and not yet cut off. All others are the
# ledger's transactions, by the name that it gives them itself.
POINTS = (
    *(f"{name}:{moment}" for name in BEGINNING for moment in ("before", "after")),
    *(
        f"{name}:{moment}"
        for name in ("record", "line", "torn")
        for moment in ("before", "half", "after")
    ),
    *(
        f"{name}:{moment}"
        for name in (*CLOSING.values(), "adopt", "lease", "settle")
        for moment in ("before", "after")
    ),
    *("end:before", "end:after"),
)


@contextmanager
def _room_for(file_bytes: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes; 0: as large as before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes or soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class Crash:
    """Counts the passes of one point, and ends the process at the n-th."""

    def __init__(self, at: str) -> None:
        self._point, _, number = at.rpartition(":")
        self._left = int(number or 0)

    @classmethod
    def from_crawler(cls, _: Crawler) -> Self:
        """Arm before the folder is opened: Scrapy builds extensions first."""
        if limit := int(os.environ.get(FILE_BYTES) or 0):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        self = cls(os.environ.get(AT, ""))
        self._arm()
        return self

    def passed(self, point: str) -> bool:
        """Whether this is the pass at which the process ends."""
        self._left -= point == self._point
        return point == self._point and self._left == 0

    def pass_by(self, point: str) -> None:
        """End the process when it is time."""
        if self.passed(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def _arm(self) -> None:
        house: Any = store
        # Both rooms find the function by this name, each in its own copy.
        rooms: Any = ((store, "line"), (captures, "record"))
        for room, name in rooms:
            write = self._whole(name, files.write_whole)
            room.files = SimpleNamespace(**(vars(files) | {"write_whole": write}))
        house.Segments._torn_file = self._torn(house.Segments._torn_file)  # noqa: SLF001
        house.Segments._mend = self._mended(house.Segments._mend)  # noqa: SLF001
        house._sync = self._copied(house._sync)  # noqa: SLF001
        ledger: Any = Ledger
        ledger._write = self._transaction(ledger._write)  # noqa: SLF001
        # Paths rename by these two.
        for name in ("rename", "replace"):
            setattr(os, name, self._renamed(getattr(os, name)))

    def _whole(
        self, name: str, write: Callable[[int, bytes, int], None]
    ) -> Callable[[int, bytes, int], None]:
        def write_whole(file: int, data: bytes, offset: int) -> None:
            self.pass_by(f"{name}:before")
            if self.passed(f"{name}:half"):
                os.write(file, data[: len(data) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            with _room_for(offset + len(data) // 2 if self.passed(f"{name}:full") else 0):
                write(file, data, offset)
            self.pass_by(f"{name}:after")

        return write_whole

    def _torn(self, torn_file: Callable[..., Path]) -> Callable[..., Path]:
        def name_torn(segments: store.Segments, name: str) -> Path:
            self.pass_by("torn:before")
            return torn_file(segments, name)

        return name_torn

    def _copied(self, sync: Callable[[Path], None]) -> Callable[[Path], None]:
        def sync_torn(path: Path) -> None:
            sync(path)
            self.pass_by("torn:half")

        return sync_torn

    def _mended(self, mend: Callable[..., None]) -> Callable[..., None]:
        def mend_segment(segments: store.Segments, path: Path) -> None:
            before = path.stat().st_size
            mend(segments, path)
            if path.stat().st_size < before:
                self.pass_by("torn:after")

        return mend_segment

    def _transaction(self, write: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def write_in(ledger: Ledger, name: str) -> Iterator[sqlite3.Connection]:
            with write(ledger, name) as connection:
                yield connection
                self.pass_by(f"{name}:before")
            self.pass_by(f"{name}:after")

        return write_in

    def _renamed(self, rename: Callable[..., None]) -> Callable[..., None]:
        def rename_file(*paths: Any, **more: Any) -> None:  # noqa: ANN401 (passes all through)
            names = (step for end, step in CLOSING.items() if str(paths[-1]).endswith(end))
            name = next(names, "rename")
            self.pass_by(f"{name}:before")
            rename(*paths, **more)
            self.pass_by(f"{name}:after")

        return rename_file
