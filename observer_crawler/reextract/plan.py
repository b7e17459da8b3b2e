"""Which answers are read again, and in which order: by date over all files.

What differs from the article before it is a revision, so the answers of one article must come in
the order in which they were fetched. Two crawls write two files, and files come from anywhere:
600,000 places are sorted in a file of SQLite's that goes with the process, not in memory.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.exceptions import CaptureError, in_words
from observer_crawler.site import LANGUAGES
from observer_crawler.warc import SECOND, Damage, Head, Record, heads, holds, info_of, record_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from observer_crawler.reextract.tally import Tally

# KiB of memory for the list.
_KIB = 8_000
_TABLE = """
CREATE TABLE answer (
  moment TEXT NOT NULL, file INTEGER NOT NULL, offset INTEGER NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT, url TEXT,
  PRIMARY KEY (moment, file, offset)
) WITHOUT ROWID
"""
_WANTED = """
SELECT file, offset, kind, name, url FROM answer WHERE name IS NOT NULL
ORDER BY moment, file, offset
"""
_BY_ID = "CREATE INDEX answer_by_id ON answer (id) WHERE kind = 'response'"
_OF_ID = "SELECT file, offset FROM answer WHERE kind = 'response' AND id = ?"
_OF_THE_SECOND = """
SELECT file, offset FROM answer WHERE kind = 'response' AND moment BETWEEN ? AND ?
"""
_SUCCESS = 2


class Source(NamedTuple):
    """A WARC file, and how its addresses become the newspaper's own."""

    path: Path
    site: str | None
    language: str


class Task(NamedTuple):
    """One answer to read: its file's number, its byte, the article's name, the page's address.

    `holder` is the file and the byte of the record that holds the body, of a revisit; None where
    it is nowhere.
    """

    file: int
    offset: int
    name: str
    url: str
    holder: tuple[int, int] | None


def origin_in(paths: Iterable[Path]) -> str | None:
    """Give the origin that the first file which says one was asked of."""
    infos = (_info(path) for path in paths)
    return next((info["isPartOf"] for info in infos if info.get("isPartOf")), None)


def sources(paths: Iterable[Path], origin: str) -> list[Source]:
    """Put files in the order of their first record; each says in which language it was asked.

    `origin` is whose captures are read. Raises CaptureError.
    """
    found = [(path, _info(path)) for path in dict.fromkeys(paths)]
    found.sort(key=lambda each: (each[1].get("date", ""), each[0].name))
    site = origin if urls.parse(origin).kind is urls.Kind.OFFSITE else None
    return [Source(path, site, _language(info.get("language"))) for path, info in found]


def _info(path: Path) -> dict[str, str]:
    try:
        return info_of(path)
    except OSError as err:
        raise CaptureError(f"{path} cannot be read: {err.strerror or err}") from err


def _language(told: str | None) -> str:
    return told if told in LANGUAGES else LANGUAGES[0]


class Plan:
    """The answers of some files whose address is an article's, in the order of their dates."""

    def __init__(
        self, files: Sequence[Source], tally: Tally, only: Collection[str] | None = None
    ) -> None:
        """List them, of all articles or `only` some; what is of no use is counted, damage named."""
        self.files = files
        self._tally = tally
        self._only = only
        self._answers = sqlite3.connect("")
        self._answers.execute(f"PRAGMA cache_size = -{_KIB}")
        self._answers.execute(_TABLE)
        for number, source in enumerate(files):
            self._list(number, source)
        self._answers.execute(_BY_ID)

    def close(self) -> None:
        self._answers.close()

    def __iter__(self) -> Iterator[Task]:
        """Give each answer to read."""
        for file, offset, kind, name, url in self._answers.execute(_WANTED):
            holder = (file, offset) if kind == "response" else self._holder(file, offset)
            yield Task(file, offset, name, url, holder)

    def _list(self, number: int, source: Source) -> None:
        rows = self._rows(number, source)
        try:
            self._answers.executemany("INSERT OR IGNORE INTO answer VALUES (?,?,?,?,?,?,?)", rows)
        except OSError as err:
            self._tally.damaged(source.path, 0, in_words(err))

    def _rows(self, number: int, source: Source) -> Iterator[tuple[object, ...]]:
        for found in heads(source.path):
            if isinstance(found, Damage):
                self._tally.damaged(source.path, found.offset, found.why)
            else:
                here = self._address(found, source)
                name, url = (here.name, here.url) if here else (None, None)
                place = (found.moment, number, found.offset)
                yield (*place, found.kind, found.id, name, url)

    def _address(self, head: Head, source: Source) -> urls.Address | None:
        """Give the article's address that an answer is of; None where it is another page's."""
        self._tally.answers += 1
        here = urls.parse(urls.from_site(head.url, source.site, source.language))
        if here.kind is urls.Kind.OFFSITE:
            self._tally.offsite(source.path, head.offset, head.url)
        elif here.kind is not urls.Kind.ARTICLE:
            self._tally.others += 1
        elif self._only is not None and here.name not in self._only:
            self._tally.skipped["not marked"] += 1
        elif head.status // 100 != _SUCCESS:
            self._tally.refusals[f"status {head.status}"] += 1
        else:
            return here
        return None

    def _holder(self, file: int, offset: int) -> tuple[int, int] | None:
        """Give where the body of a revisit is held, of the files at hand."""
        revisit = record_at(self.files[file].path, offset)
        if isinstance(revisit, Damage):
            return file, offset
        if revisit.refers_to:
            held: tuple[int, int] | None = self._answers.execute(
                _OF_ID, (revisit.refers_to,)
            ).fetchone()
            if held is not None:
                return held
        return self._holder_by_date(revisit)

    def _holder_by_date(self, revisit: Record) -> tuple[int, int] | None:
        """Look through what was fetched in the second that a revisit names."""
        second = revisit.refers_to_date[:SECOND]
        for file, offset in self._answers.execute(_OF_THE_SECOND, (second, f"{second}~")):
            found = record_at(self.files[file].path, offset)
            if isinstance(found, Record) and holds(found, revisit):
                return file, offset
        return None
