"""Some WARC files as a site that answers: by address, in the order of the answers' dates."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.exceptions import CaptureError, ConfigurationError
from observer_crawler.items import Capture
from observer_crawler.warc.index import SUFFIX
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import ANSWERS, SECOND, Record, holds, record_at, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

logger = logging.getLogger(__name__)

# A file of its own that goes with the process: 600,000 answers have no place in memory.
_NOWHERE = ""
_TABLE = """
CREATE TABLE answer (
  id TEXT NOT NULL, url TEXT NOT NULL, date TEXT NOT NULL, path TEXT NOT NULL,
  offset INTEGER NOT NULL, is_played INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX answer_by_url ON answer (url, date, path, offset) WHERE NOT is_played;
CREATE INDEX answer_by_id ON answer (id);
"""
_NEXT = """
SELECT rowid, path, offset FROM answer WHERE url IN ({}) AND NOT is_played
ORDER BY date, path, offset LIMIT 2
"""
# A row stays: a later revisit may refer to its body.
_PLAYED = "UPDATE answer SET is_played = 1 WHERE rowid = ?"
# Only other tools' revisits name no id, so the index is made when one is met.
_BY_DATE = "CREATE INDEX IF NOT EXISTS answer_by_date ON answer (url, date)"
_OF_THE_SECOND = "SELECT path, offset FROM answer WHERE url = ? AND date BETWEEN ? AND ?"


class Answer(NamedTuple):
    """An answer with its body, and the record that holds the body."""

    record: Record
    capture: Capture


class Shelf:
    """Gives each answer of a page once, in the order of their dates, the last one again."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Look through all files; damage is named in the log. Raises CaptureError."""
        self._connection = sqlite3.connect(_NOWHERE)
        self._connection.executescript(_TABLE)
        for path in paths:
            self._connection.executemany(
                "INSERT INTO answer (id, url, date, path, offset) VALUES (?, ?, ?, ?, ?)",
                ((each.id, each.url, each.date, str(path), each.offset) for each in answers(path)),
            )

    def play(self, *urls: str) -> Answer | None:
        """Give the next answer of a page by any of its addresses, None where there is none."""
        query = _NEXT.format(", ".join("?" * len(urls)))
        rows = self._connection.execute(query, urls).fetchall()
        if not rows:
            return None
        played, path, offset = rows[0]
        answer = self._answer(Path(path), offset)
        if len(rows) > 1:
            self._connection.execute(_PLAYED, (played,))
        return answer

    def close(self) -> None:
        self._connection.close()

    def _answer(self, path: Path, offset: int) -> Answer | None:
        record = record_at(path, offset)
        if isinstance(record, Damage):
            return None
        body = record if record.kind == "response" else self._original(record)
        if body is None:
            logger.warning("%s, byte %d: its body is in no file given", path, offset)
            return None
        held = Capture(body.file, body.offset, body.id)
        return Answer(replace(record, body=body.body), held)

    def _original(self, revisit: Record) -> Record | None:
        """Give the record that a revisit names, by its id or else by address and date."""
        query = "SELECT path, offset FROM answer WHERE id = ?"
        held = self._connection.execute(query, (revisit.refers_to or None,)).fetchone()
        found = record_at(Path(held[0]), held[1]) if held else self._of_the_second(revisit)
        return None if isinstance(found, Damage) else found

    def _of_the_second(self, revisit: Record) -> Record | None:
        self._connection.execute(_BY_DATE)
        second = revisit.refers_to_date[:SECOND]
        values = (revisit.refers_to_url, second, f"{second}~")
        rows = self._connection.execute(_OF_THE_SECOND, values).fetchall()
        found = (record_at(Path(path), offset) for path, offset in rows)
        return next(
            (each for each in found if isinstance(each, Record) and holds(each, revisit)), None
        )


def answers(path: Path) -> Iterable[Record]:
    """Give the answers of a file; what is damaged is named in the log. Raises CaptureError."""
    try:
        for found in records(path):
            if isinstance(found, Damage):
                logger.warning("%s, byte %d: %s; passed over", path, found.offset, found.why)
            elif found.kind in ANSWERS:
                yield found
    except OSError as err:
        raise CaptureError(f"{path} cannot be read: {err.strerror or err}") from err


def files_of(typed: str) -> list[Path]:
    """Give the WARC files of names, patterns or folders with commas between.

    Raises ConfigurationError for one that names none.
    """
    found: dict[Path, None] = {}
    for name in [name.strip() for name in typed.split(",") if name.strip()] or [typed]:
        named = sorted(_named(Path(name).expanduser())) if name.strip() else []
        if not named:
            raise ConfigurationError(
                f"no WARC file is named by {name!r}: expected files, patterns or folders of "
                f"*{SUFFIX}, with commas between"
            )
        found |= dict.fromkeys(named)
    return list(found)


def _named(path: Path) -> Iterable[Path]:
    if path.is_dir():
        return path.glob(f"*{SUFFIX}")
    return [path] if path.is_file() else path.parent.glob(path.name)


def begins_at(paths: Sequence[Path]) -> str:
    """Give the date of the first record of all files that is whole.

    Raises ConfigurationError where there is none or a file cannot be read.
    """
    try:
        firsts = [_first(path) for path in paths]
    except OSError as err:
        raise ConfigurationError(f"{err.filename} cannot be read: {err.strerror}") from err
    dates = [first.date for first in firsts if isinstance(first, Record)]
    if not dates:
        told = (f"{path} {_why(first)}" for path, first in zip(paths, firsts, strict=True))
        raise ConfigurationError(f"there is no record to play: {'; '.join(told)}")
    return min(dates)


def _first(path: Path) -> Record | Damage | None:
    """Give the first record that is whole, else the first damage, None of an empty file."""
    damage = None
    for found in records(path):
        if isinstance(found, Record):
            return found
        damage = damage or found
    return damage


def _why(first: Record | Damage | None) -> str:
    return f"at byte {first.offset} {first.why}" if isinstance(first, Damage) else "is empty"
