"""The ledger against the segments: what it says is stored is there, and where it says.

It is read as of one moment, from a copy where a killed crawl left its log: SQLite would mend the
file otherwise, and a look changes nothing.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.books import line_of as ledger_line
from observer_crawler.exceptions import LedgerError
from observer_crawler.ledger import FILE, REQUISITE, Line, State
from observer_crawler.ledger.lines import COLUMNS
from observer_crawler.ledger.tables import look, told
from observer_crawler.store import Place as StoredPlace
from observer_crawler.verify.lines import Lines, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.verify.findings import Findings

_STATES = frozenset(map(str, State))
_OF_ARCHIVES = frozenset(("capture", "index"))
_COLUMNS = ", ".join(f"l.{name}" for name in COLUMNS.split(", "))
_LINES = f"SELECT a.name, {_COLUMNS} FROM line l JOIN address a ON a.id = l.address"  # noqa: S608
_ADDRESSES = """
SELECT name, kind, state, url, EXISTS (SELECT 1 FROM line WHERE address = id) FROM address
"""
_KNOWN = "INSERT INTO known VALUES (?, ?)"
# The lines that the ledger must know: those before the byte up to which it knows a segment.
_IDS = """
SELECT DISTINCT name FROM line JOIN known USING (file) WHERE line.offset < known.size
"""
_UNKNOWN = "SELECT count(*) FROM line LEFT JOIN known USING (file) WHERE offset >= coalesce(known.size, 0)"
_NEWER = """
SELECT 1 FROM line JOIN known USING (file) WHERE name = ? AND line.offset < known.size
AND (fetched_at, extractor) > (?, ?)
"""


class Copy:
    """The ledger as of one moment, open to read; nothing in its folder changes."""

    def __init__(self, path: Path, *, running: bool) -> None:
        """Open it; raises LedgerError, LedgerTooNew or LedgerBroken."""
        self._folder = TemporaryDirectory()
        self.path = path
        has_log = path.with_name(f"{path.name}-wal").exists()
        if path.exists() and not running:
            self.path = _copied(path, self._folder.name, has_log=has_log)
        try:
            self.connection = look(self.path)
            with told(path):
                self.connection.execute("BEGIN")
                self.sizes: dict[str, int] = dict(
                    self.connection.execute("SELECT file, size FROM segment")
                )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()
        self._folder.cleanup()


def _copied(path: Path, folder: str, *, has_log: bool) -> Path:
    for suffix in ("", "-wal") if has_log else ("",):
        part = path.with_name(path.name + suffix)
        shutil.copyfile(part, f"{folder}/{FILE}{suffix}")
    return Path(folder, FILE)


class LedgerCheck:
    """Compares a ledger that is open with the lines of its folder."""

    def __init__(self, copy: Copy, path: Path, lines: Lines, findings: Findings) -> None:
        self._ledger = copy.connection
        self._path = path
        self._lines = lines
        self._findings = findings
        self._lines.table.execute("CREATE TABLE known (file TEXT PRIMARY KEY, size INTEGER)")
        self._lines.table.executemany(_KNOWN, copy.sizes.items())

    def run(self) -> None:
        """Raises LedgerBroken for a file that cannot be read through."""
        with told(self._path):
            for (answer,) in self._ledger.execute("PRAGMA integrity_check"):
                if answer != "ok":
                    self._findings.found(f"the ledger: {answer}")
            self._addresses()
            self._places()
        if unknown := self._lines.table.execute(_UNKNOWN).fetchone()[0]:
            self._findings.remark(
                f"{unknown:,} lines are not in the ledger yet: the next start takes them in"
            )

    def _addresses(self) -> None:
        """Stored addresses are the ids of the segments, both ways; every name is its address's."""
        ids = {name for (name,) in self._lines.table.execute(_IDS)}
        waiting = 0
        for name, kind, state, url, has_place in self._ledger.execute(_ADDRESSES):
            self._findings.counts["addresses"] += 1
            is_there = name in ids
            ids.discard(name)
            waiting += is_there and state == State.WAITING
            has_line = is_there or (state == State.STORED and bool(self._lines.sums(name)))
            for what in (
                *_wrong_state(name, state, has_place, has_line),
                *_wrong_url(name, kind, url),
            ):
                self._findings.found(f"the ledger: {what}")
        for name in sorted(ids):
            self._findings.found(f"the ledger: {name} has a line and no address")
        if waiting:
            self._findings.remark(f"{waiting:,} articles with a line wait to be visited for links")

    def _places(self) -> None:
        """The newest line of each article stands where the ledger says, as it says."""
        for name, *row in self._ledger.execute(_LINES):
            self._findings.counts["places"] += 1
            line = Line(name, *row)
            record = self._lines.record(Place(line.file, line.offset, line.size))
            newer = (name, line.fetched_at, line.extractor)
            if record is None or record["id"] != name:
                place = f"{line.file}, byte {line.offset}"
                self._findings.found(f"the ledger: the line of {name} is not at {place}")
            elif other := _differing(line, record):
                self._findings.found(f"the ledger: {', '.join(other)} of {name} differ")
            elif self._lines.table.execute(_NEWER, newer).fetchone():
                self._findings.found(f"the ledger: {name} has a newer line than it says")


def _wrong_state(name: str, state: str, has_place: int, has_line: bool) -> Iterator[str]:  # noqa: FBT001 (a value, not a switch)
    if state not in _STATES:
        yield f"{name} has the state {state!r}"
    elif state == State.STORED and not has_line:
        yield f"{name} is stored and has no line"
    elif has_line and state not in {State.STORED, State.WAITING}:
        yield f"{name} has a line and is {state}"
    if has_line and not has_place:
        yield f"{name} has a line, and no place of it is known"


def _wrong_url(name: str, kind: str, url: str) -> Iterator[str]:
    if kind in _OF_ARCHIVES and name.startswith(f"{kind}:"):
        return  # an archive has its own addresses
    here = urls.parse(url)
    of_kind = str(here.kind) if kind != REQUISITE else kind
    if (here.name, of_kind) != (name, kind):
        yield f"{name} ({kind}) has the address {url!r}, which is {here.name}"


def _differing(line: Line, record: dict[str, Any]) -> list[str]:
    """Name what a line says otherwise than the ledger."""
    try:
        is_ = ledger_line(record, StoredPlace(line.file, line.offset, line.size))
    except (TypeError, ValueError):
        return ["its fields"]
    return [name for name in Line.__slots__ if getattr(is_, name) != getattr(line, name)]


def check(data: Path, lines: Lines, copy: Copy, findings: Findings) -> None:
    """Compare, and name a ledger that cannot be read."""
    path = data / "state" / FILE
    with closing(copy):
        try:
            LedgerCheck(copy, path, lines, findings).run()
        except LedgerError as err:
            findings.found(str(err))
