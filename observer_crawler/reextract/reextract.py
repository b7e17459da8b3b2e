"""What becomes of an answer that was read again: a line, or none.

    a line of this very fetch, by this extractor    nothing is written; they must be the same
    a line of this very fetch, by an older one      a re-reading: a line with its revision
    no line of this fetch                           its text against those next to it, by date:
                                                    the same one is no news, another is a revision

So a second run adds nothing, and in an empty folder the lines are those that the crawl wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.items import EXTRACTOR
from observer_crawler.ledger import State
from observer_crawler.reextract.stored import Stored
from observer_crawler.validity import lost

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from observer_crawler.books import Books
    from observer_crawler.ledger import Text
    from observer_crawler.reextract.plan import Source
    from observer_crawler.reextract.tally import Tally
    from observer_crawler.reextract.workers import Reading


class Reextraction:
    """Takes readings in the order of their dates, and writes what is news."""

    def __init__(
        self, books: Books, files: Sequence[Source], tally: Tally, excluded: Collection[str]
    ) -> None:
        """The books are open. `excluded` are articles that are to be left alone."""
        self._books = books
        self._files = files
        self._tally = tally
        self._excluded = excluded
        self._stored = Stored(books.segments)
        # In most folders no article is outside of the dates asked for, and none need be looked up.
        self._any_outside = books.ledger.has_any(State.OUTSIDE)
        # Articles whose sums cannot be compared, for their number was not raised.
        self._unsure: set[str] = set()

    def run(self, readings: Iterable[Reading]) -> None:
        """Take all readings, and let the ledger know of what was written."""
        try:
            for reading in readings:
                self._take(reading)
            self._books.take_in()
            self._tally.left = self._stored.left(EXTRACTOR)
            self._tally.marked = self._books.ledger.marks.count()
        finally:
            self._stored.close()

    def _take(self, reading: Reading) -> None:
        task = reading.task
        if reading.is_damaged:
            self._tally.damaged(self._files[task.file].path, task.offset, reading.reason)
        elif task.name in self._excluded:
            self._tally.skipped["excluded"] += 1
        elif reading.record is None:
            self._refuse(reading)
        else:
            self._read(reading, reading.record)

    def _refuse(self, reading: Reading) -> None:
        self._tally.refusals[reading.reason] += 1
        lines = self._stored.of(reading.task.name)
        if any(line.fetched_at == reading.date for line in lines):
            self._tally.lost_article(reading.task.name, self._place(reading), reading.detail)

    def _read(self, reading: Reading, record: dict[str, Any]) -> None:
        self._tally.articles += 1
        lines = self._stored.of(reading.task.name)
        here = [line for line in lines if line.fetched_at == reading.date]
        if not here:
            self._compare_with_texts_around(record, lines)
        elif here[-1].extractor < record["extractor"]:
            self._compare(reading, record, here[-1])
            self._tally.reread += 1
            self._write(record, here[-1].revision)
        elif here[-1].extractor > record["extractor"]:
            self._tally.skipped["read by a newer extractor"] += 1
        else:
            self._compare(reading, record, here[-1])

    def _compare(self, reading: Reading, record: dict[str, Any], line: Text) -> None:
        names = self._stored.differences(line, record)
        by_same = line.extractor == record["extractor"]
        if by_same and names:
            self._unsure.add(record["id"])
        self._tally.compared(record["id"], self._place(reading), names, by_same=by_same)

    def _compare_with_texts_around(self, record: dict[str, Any], lines: Sequence[Text]) -> None:
        """Decide on what a visit without a line showed."""
        # Of lines of one moment the last is that of the newest extractor.
        by_moment = {line.fetched_at: line for line in lines}
        texts = list(by_moment.values())
        place = sum(line.fetched_at < record["fetched_at"] for line in texts)
        near = texts[max(place - 1, 0) : place + 1]
        comparable = [line for line in near if line.extractor == record["extractor"]]
        if record["id"] in self._unsure:
            self._tally.skipped["read otherwise by the same extractor"] += 1
        elif not lines and self._is_outside(record["id"]):
            self._tally.skipped["outside of the dates asked for"] += 1
        elif self._is_lost(record, near):
            self._tally.skipped["without the headline or the body that is stored"] += 1
        elif any(line.content_sha256 == record["content_sha256"] for line in comparable):
            self._tally.unchanged += 1
        elif place and near[0] not in comparable:
            # Sums of two extractors say nothing, and its page is not at hand.
            self._tally.reread += 1
            self._write(record, near[0].revision)
        else:
            self._tally.news += not lines
            self._tally.revisions += bool(lines)
            self._write(record, 1 + max((line.revision for line in lines), default=0))

    def _is_lost(self, record: dict[str, Any], near: Sequence[Text]) -> bool:
        """Whether a page was cut, or walled in, that was whole before or afterwards."""
        if record["headline"] and record["body"]:
            return False
        return any(lost(record, self._stored.record(line)) for line in near)

    def _is_outside(self, name: str) -> bool:
        """Whether a crawl has read it and did not want it."""
        if not self._any_outside:
            return False
        known = self._books.ledger.known([name]).get(name)
        return known is not None and known.state is State.OUTSIDE

    def _write(self, record: dict[str, Any], revision: int) -> None:
        record["revision"] = revision
        self._stored.add(record, self._books.reread(record))

    def _place(self, reading: Reading) -> str:
        return f"{self._files[reading.task.file].path.name}, byte {reading.task.offset},"
