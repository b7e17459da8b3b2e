"""Which answers a WARC file holds, and where a record stands that is known by its id.

The index beside a file tells it a hundred times as fast as reading the file; it is believed as
far as its first and its last line hold, and what stands behind the last one is read. One with a
line that is none is named, and the file is read in its place.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.warc.index import OPEN, SUFFIX, index_lines, index_of
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import ANSWERS, Record, record_at, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

# KiB of memory for a list of places; the rest of it is on the disk.
_KIB = 8_000
# Lines of an index that are held at once.
_MANY = 1_000
_STATUS = re.compile(r"[0-9]{3}")


class Head(NamedTuple):
    """What a list of answers says of one; `moment` is UTC, ISO 8601, to the second or finer."""

    offset: int
    kind: str
    id: str
    url: str
    moment: str
    status: int


def warc_files(folder: Path) -> list[Path]:
    """Give the WARC files in and under a folder, the one that a crawl writes to included."""
    return sorted((*folder.rglob(f"*{SUFFIX}"), *folder.rglob(f"*{SUFFIX}{OPEN}")))


def name_of(path: Path) -> str:
    """Give the final name of a file."""
    return path.name.removesuffix(OPEN)


def info_of(path: Path) -> dict[str, str]:
    """Read what the first record of a file says of all others; nothing where it is no warcinfo."""
    first = record_at(path, 0)
    if isinstance(first, Damage) or first.kind != "warcinfo":
        return {}
    lines = first.body.decode("utf-8", "replace").split("\n")
    pairs = (line.partition(":") for line in lines)
    return {"date": first.date} | {name.strip(): value.strip() for name, _, value in pairs}


def heads(path: Path) -> Iterator[Head | Damage]:
    """List the answers of a file in its order or its index's, and what is damaged. Raises OSError."""
    end = _indexed_end(path)
    if isinstance(end, Damage):
        yield end
        end = 0
    if end:
        for stamp, fields in index_lines(index_of(path)):
            yield _indexed(stamp, fields)
    for found in records(path, end):
        if isinstance(found, Damage):
            yield found
        elif found.kind in ANSWERS:
            yield Head(found.offset, found.kind, found.id, found.url, found.date, found.status)


def _indexed(stamp: str, fields: dict[str, Any]) -> Head:
    """Read a line of an index.

    >>> _indexed("20261126142649", {"offset": "7", "status": "200", "url": "u", "mime": ""}).moment
    '2026-11-26T14:26:49'
    """
    status = str(fields["status"])
    day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    return Head(
        offset=int(fields["offset"]),
        kind="revisit" if fields["mime"] == "warc/revisit" else "response",
        id=fields.get("record_id", ""),
        url=fields["url"],
        moment=f"{day}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:14]}",
        status=int(status) if _STATUS.fullmatch(status) else 0,
    )


def _indexed_end(path: Path) -> int | Damage:
    """Give the byte up to which a file's index may be believed, 0 for no index or a wrong one.

    Damage names a line that is none.
    """
    index = index_of(path)
    try:
        ends = _ends(index)
    except (OSError, KeyError):
        return 0  # there is none, or another tool's, with fewer fields
    except ValueError as err:
        return Damage(0, 0, f"{index.name}: {err}")
    found = [record_at(path, offset) for offset, _, _ in ends]
    is_right = all(
        isinstance(record, Record) and (record.offset + record.size, record.id) == told[1:]
        for record, told in zip(found, ends, strict=True)
    )
    return ends[-1][1] if ends and is_right else 0


def _ends(index: Path) -> list[tuple[int, int, str]]:
    """Give begin, end and id of the first and of the last record of an index, none of an empty one.

    Raises OSError, KeyError or ValueError.
    """
    ends: list[tuple[int, int, str]] = []
    for stamp, fields in index_lines(index):
        head = _indexed(stamp, fields)
        ends.append((head.offset, head.offset + int(fields["length"]), head.id))
        if len(ends) > _MANY:
            ends = [min(ends), max(ends)]
    return [min(ends), max(ends)] if ends else []


class Finder:
    """Finds records by file and byte, and by id where their file was moved or renamed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Nothing is read yet."""
        self._files = [path for folder in folders for path in warc_files(folder)]
        self._paths = {name_of(path): path for path in self._files}
        self._places: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._places is not None:
            self._places.close()

    def find(self, file: str, offset: int, record_id: str) -> Record | Damage | None:
        """Give a record; Damage when it cannot be read where it stands, None when it is nowhere.

        A crawl may close its file in this moment, so a file that is gone is looked for again.
        """
        path = self._paths.get(file)
        if path is not None and not path.exists():
            path = path.with_name(file)
        found = _read(path, offset) if path is not None and path.exists() else None
        if isinstance(found, Record) and found.id == record_id:
            return found
        place = self.place(record_id)
        return _read(*place) if place else found if isinstance(found, Damage) else None

    def place(self, record_id: str) -> tuple[Path, int] | None:
        """Give the file and the byte of an answer's record, by its id alone."""
        if self._places is None:
            self._places = _all_places(self._files)
        with closing(
            self._places.execute("SELECT file, at FROM place WHERE id = ?", (record_id,))
        ) as rows:
            row = rows.fetchone()
        return (self._files[row[0]], row[1]) if row else None


def _read(path: Path, offset: int) -> Record | Damage:
    """Read a record; a file that may not be read is damage like any other."""
    try:
        return record_at(path, offset)
    except OSError as err:
        return Damage(offset, offset, f"cannot be read ({err.strerror})")


def _all_places(files: Sequence[Path]) -> sqlite3.Connection:
    """List all answers of some files, on the disk until the process ends."""
    places = sqlite3.connect("")
    places.execute(f"PRAGMA cache_size = -{_KIB}")
    places.execute(
        "CREATE TABLE place (id TEXT PRIMARY KEY, file INTEGER, at INTEGER) WITHOUT ROWID"
    )
    for number, path in enumerate(files):
        rows = ((each.id, number, each.offset) for each in heads(path) if isinstance(each, Head))
        with suppress(OSError):  # it was closed, or went away, in this moment
            places.executemany("INSERT OR IGNORE INTO place VALUES (?, ?, ?)", rows)
    return places
