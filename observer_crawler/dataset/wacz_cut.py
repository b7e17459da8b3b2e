"""What of the captures nobody may export: the records of excluded articles and of their pictures.

A WARC file is never changed where it lies. Its copy in a WACZ file lacks these records; each is a
gzip member of its own, so the others stay as they are, byte for byte.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.site import LANGUAGES
from observer_crawler.warc import Damage, info_of, records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

_BLOCK = 1 << 20
# Settings that name who is told of a crawl, with the passwords for it.
_SECRET = ("OBSERVER_HEARTBEAT", "OBSERVER_ALARM_")
Span = tuple[int, int]


class Exclusion:
    """Tells which addresses of a WARC file are excluded ones."""

    def __init__(self, names: Collection[str], origin: str | None) -> None:
        """`names` are canonical; `origin` is that of the data folder, the newspaper's or not."""
        self._names = names
        is_other = origin is not None and urls.parse(origin).kind is urls.Kind.OFFSITE
        self._site = origin if is_other else None

    def of(self, path: Path, asked: Iterable[str]) -> set[str]:
        """Give those of the addresses of a file's answers that are of excluded articles."""
        if not self._names:
            return set()
        told = info_of(path).get("language", "")
        language = told if told in LANGUAGES else LANGUAGES[0]
        return {
            url
            for url in asked
            if urls.parse(urls.from_site(url, self._site, language)).name in self._names
        }


class Cut:
    """A WARC file without some of its records."""

    def __init__(self, path: Path, without: Collection[str]) -> None:
        """`without` are the addresses whose requests and answers are left out."""
        self._path = path
        self._spans: list[Span] = [*_telling(path), *(_spans(path, without) if without else ())]
        self._starts = [start for start, _ in self._spans]
        self._gone = list(accumulate((size for _, size in self._spans), initial=0))
        self.size = path.stat().st_size - self._gone[-1]

    def moved(self, offset: int) -> int:
        """Give where a record stands now that stood at an offset."""
        return offset - self._gone[bisect_right(self._starts, offset)]

    def blocks(self) -> Iterator[bytes]:
        """Give what is left, in pieces."""
        with self._path.open("rb") as file:
            for start, size in [*self._spans, (self._path.stat().st_size, 0)]:
                while block := file.read(min(_BLOCK, start - file.tell())):
                    yield block
                file.seek(start + size)


def _telling(path: Path) -> Iterator[Span]:
    """Give the first record of a file where it tells a secret, as it did up to November 2026."""
    told = info_of(path).get("settings", "")
    if any(name in told for name in _SECRET):
        first = next(records(path))
        yield 0, first.end if isinstance(first, Damage) else first.size


def _spans(path: Path, without: Collection[str]) -> Iterator[Span]:
    for record in records(path):
        if not isinstance(record, Damage) and record.url in without:
            yield record.offset, record.size
