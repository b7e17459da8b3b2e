"""Captures, segments and ledger of one data folder, opened, balanced and closed together.

The order of writes is: the record of the answer, the line, then one transaction with the outcome,
the links of the page and the place of the line. So at a start four things may have to be put
right: a WARC file that was not closed is cut to its last whole record (warc does it), a torn line
is moved aside (the store does it), lines that the ledger does not know are adopted, and lines
that it knows and the segments lack put their articles back to waiting. Must not know Scrapy.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.exceptions import LedgerBroken
from observer_crawler.items import Article, from_record, to_record
from observer_crawler.kinds import edition_of
from observer_crawler.ledger import FILE, Found, Ledger, Line, is_sound
from observer_crawler.site import SPACES
from observer_crawler.store import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from observer_crawler.clock import Clock
    from observer_crawler.ledger import Patience, Text
    from observer_crawler.store import Segments
    from observer_crawler.warc import Captures, Record

logger = logging.getLogger(__name__)

_FIELDS = tuple(field.name for field in fields(Article))
_POINTERS = ("related", "previous", "next")
# What the ledger takes of a line as text.
_TEXTS = (
    *("url", "headline", "published_date", "section", "language", "markup"),
    *("content_sha256", "fetched_at"),
)
_NUMBERED = re.compile(rf"({'|'.join(SPACES.values())}):([1-9][0-9]{{0,8}})")
_MOST = 2**31
# Lines read again that the ledger takes in at once: a transaction costs as much as ten lines.
_TOGETHER = 200


class Books:
    """What is known and what is stored, held by one writer between `open` and `close`."""

    ledger: Ledger

    def __init__(
        self,
        segments: Segments,
        captures: Captures,
        clock: Clock,
        patience: Patience,
        revisit_days: Sequence[float],
    ) -> None:
        """Nothing is touched yet."""
        self.segments = segments
        self.captures = captures
        self.clock = clock
        self._policy = (patience, revisit_days)
        self._lines: dict[str, Line] = {}
        self._fresh: list[tuple[dict[str, Any], Place]] = []

    def open(self) -> None:
        """Take the folder and balance its books; raises what Segments and Ledger raise."""
        self.segments.open()
        try:
            self.captures.recover()
            self._open_ledger()
        except BaseException:
            self.segments.close()
            raise

    def keep(self, article: Article) -> None:
        """Write the article's line; the ledger hears of it with the outcome of its page."""
        record = to_record(article)
        self._lines[article.id] = line_of(record, self.segments.append_record(record))

    def reread(self, record: dict[str, Any]) -> Place:
        """Write the line of what was read again from a capture; the ledger hears of it soon.

        Killed in between, the line is adopted at the next start, and all is as if it had heard.
        """
        place = self.segments.append_record(record)
        self._fresh.append((record, place))
        if len(self._fresh) >= _TOGETHER:
            self.take_in()
        return place

    def take_in(self) -> None:
        """Let the ledger know of all lines that were reread."""
        fresh, self._fresh = self._fresh, []
        ends = {place.file: place.offset + place.size for _, place in fresh}
        now = self.clock.seconds()
        for file, end in ends.items():
            lines = [
                _adopted(file, at.offset, each, at.size) for each, at in fresh if at.file == file
            ]
            self.ledger.adopt(file, end, lines, now)

    def texts_around(self, name: str, fetched_at: str) -> tuple[list[Text], int]:
        """Give the texts next to a moment, the one before it and the one after, and the last revision.

        Against the newest text alone, one that was fetched "before" it (from a web archive, or
        since a clock went back) would be news at each visit. Without any text the revision is 0.
        """
        texts = self.ledger.copies.texts(name)
        place = sum(text.fetched_at <= fetched_at for text in texts)
        near = texts[max(place - 1, 0) : place + 1]
        return near, max((text.revision for text in texts), default=0)

    def stored(self, name: str) -> dict[str, Any] | None:
        """Give an article as its newest line has it, None where there is none."""
        line = self.ledger.line(name)
        return self.line_at(line) if line else None

    def captured(self, name: str) -> Record | None:
        """Give the record that an article's newest line was read from, None where there is none."""
        line = self.ledger.line(name)
        return self.capture_of(line) if line else None

    def capture_of(self, line: Line | Text) -> Record | None:
        """Give the record that a line was read from, None where there is none."""
        stored = self.line_at(line)
        capture = from_record(stored).capture if stored else None
        return self.captures.read(capture) if capture else None

    def line_at(self, line: Line | Text) -> dict[str, Any] | None:
        """Give an article as a line has it, None where that is not any more."""
        return self.segments.line_at(Place(line.file, line.offset, line.size))

    def kept(self, name: str) -> Line | None:
        """Give, once, the line that was written of an article and is not settled yet."""
        return self._lines.pop(name, None)

    def close(self) -> None:
        """Let the folder go. May be called twice."""
        with closing(self.segments), closing(self.ledger):
            self.captures.close()

    def _open_ledger(self) -> None:
        """Open and balance the ledger; a broken one is moved aside and made anew from the segments."""
        path = self.segments.data / "state" / FILE
        if path.exists() and not is_sound(path):
            _set_aside(path)
        try:
            self._take_up(path)
        except LedgerBroken:
            _set_aside(path)
            self._take_up(path)

    def _take_up(self, path: Path) -> None:
        self.ledger = Ledger(path, *self._policy)
        try:
            self._balance()
        except BaseException:
            self.ledger.close()
            raise

    def _balance(self) -> None:
        """Let the ledger know what stands in the segments, and what does not any more."""
        now = self.clock.seconds()
        known = self.ledger.segments()
        sizes = self.segments.sizes()
        if self.ledger.is_new() and any(sizes.values()):
            self.ledger.note("rebuilt_at", f"{now:.0f}")
            logger.warning("the ledger is made anew from the segments")
        if any(
            self._is_changed(file, reach, sizes) for file, reach in self.ledger.reach().items()
        ):
            self._lose(sizes)
            known = {}
        for file, size in sizes.items():
            if known.get(file, 0) != size:
                self._adopt(file, known.get(file, 0), size, now)

    def _is_changed(self, file: str, reach: int, sizes: Mapping[str, int]) -> bool:
        """Whether lines that are known do not stand where they stood."""
        if not reach:
            return False
        return sizes.get(file, 0) < reach or not self.segments.ends_line(file, reach)

    def _lose(self, files: Iterable[str]) -> None:
        """Miss what stands nowhere any more; what was only moved is found again by `_adopt`."""
        there = {
            (record["id"], record.get("fetched_at") or "", record.get("content_sha256") or "")
            for file in files
            for _, record, _ in self.segments.lines(file)
        }
        for name, file in self.ledger.lose(there):
            logger.warning("the line of %s is gone from %s: it is fetched again", name, file)

    def _adopt(self, file: str, start: int, size: int, now: float) -> None:
        found = (each for each in self.segments.lines(file, start) if _is_ours(file, *each))
        lines = (_adopted(file, *each) for each in found)
        if adopted := self.ledger.adopt(file, size, lines, now):
            logger.info("%d lines of %s were not in the ledger and are now", adopted, file)


def line_of(record: Mapping[str, Any], place: Place) -> Line:
    """Say what the ledger keeps of a line; what an old line lacks is as if it were empty."""
    filled = sum(
        1 << bit for bit, name in enumerate(_FIELDS) if record.get(name) not in (None, [])
    )
    return Line(
        id=record["id"],
        published_date=record.get("published_date"),
        section=record.get("section"),
        language=record.get("language") or "",
        markup=record.get("markup") or "",
        extractor=record.get("extractor") or 0,
        filled=filled,
        file=place.file,
        offset=place.offset,
        size=place.size,
        content_sha256=record.get("content_sha256") or "",
        revision=record.get("revision") or 1,
        fetched_at=record.get("fetched_at") or "",
    )


def _is_ours(file: str, offset: int, record: Mapping[str, Any], _: int) -> bool:
    """Whether the ledger can take what a line says; one of an old version only lacks fields."""
    try:
        "".join(record.get(name) or "" for name in _TEXTS).encode()
        dt.date.fromisoformat(record.get("published_date") or "2022-06-16")
        numbers = [record.get(name) or 0 for name in ("extractor", "revision")]
        is_sound = all(isinstance(number, int) and abs(number) < _MOST for number in numbers)
        is_sound = is_sound and bool(_url_of(record))
    except (TypeError, ValueError):
        is_sound = False
    if not is_sound:
        logger.warning("%s, byte %d: not a line of ours; passed over", file, offset)
    return is_sound


def _url_of(record: Mapping[str, Any]) -> str:
    """Give the address of a line's article, empty where neither address nor number tells it."""
    url = record.get("url") or ""
    if urls.parse(url).name == record["id"]:
        return url
    match = _NUMBERED.fullmatch(record["id"])
    return urls.article(match[1], int(match[2])).url if match else ""


def _adopted(
    file: str, offset: int, record: dict[str, Any], size: int
) -> tuple[Line, Found, list[Found]]:
    """Make of a line what the ledger can learn from it: the article, and whom it points to."""
    line = line_of(record, Place(file, offset, size))
    article = _article(line.id, _url_of(record), "adopted", record.get("headline") or "")
    return line, article, list(_pointed(record))


def _article(name: str, url: str, box: str, text: str = "", *, wanted: bool = True) -> Found:
    return Found(name, "article", url, box, text, wanted, edition_of(name))


def _pointed(record: Mapping[str, Any]) -> Iterator[Found]:
    """Give the articles that a line names; a dated one has no address of its number alone."""
    for box in _POINTERS:
        names = record.get(box) or []
        for name in names if isinstance(names, list) else [names]:
            if match := _NUMBERED.fullmatch(str(name)):
                url = urls.article(match[1], int(match[2])).url
                yield _article(match[0], url, box, wanted=False)


def _set_aside(path: Path) -> None:
    """Move a broken ledger out of the way, with what belongs to it."""
    number = 0
    while (aside := path.with_name(f"ledger.broken.{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    logger.warning("the ledger %s is broken: it was moved to %s", path, aside)
