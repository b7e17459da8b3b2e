"""Answers to records, by this process or by several: bounded work in flight, results in order."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.exceptions import CaptureError, RefusedArticle, in_words
from observer_crawler.items import to_record
from observer_crawler.rereading import article_of
from observer_crawler.warc import Damage, Record, record_at, with_body

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from observer_crawler.reextract.plan import Source, Task

# Answers that a worker is given at once, and how often so many may be on their way for each: a
# result takes about 5 kB.
_BATCH = 32
_AHEAD = 3


class Reading(NamedTuple):
    """What an answer came to: an article's record, the reason why there is none, or damage."""

    task: Task
    date: str
    record: dict[str, Any] | None
    reason: str = ""
    detail: str = ""
    is_damaged: bool = False


class _Reader:
    """Reads answers of some files."""

    def __init__(self, files: Sequence[Source], most_bytes: int) -> None:
        self._files = files
        self._most_bytes = most_bytes

    def read(self, task: Task) -> Reading:
        try:
            return self._read(task)
        except OSError as err:
            return Reading(task, "", None, in_words(err), is_damaged=True)

    def _read(self, task: Task) -> Reading:
        answer = record_at(self._files[task.file].path, task.offset)
        if isinstance(answer, Damage):
            return Reading(task, "", None, answer.why, is_damaged=True)
        if task.holder is None:
            why = f"repeats {answer.repeats}, which is in none of the files"
            return Reading(task, answer.date, None, why, is_damaged=True)
        holder: Record | Damage = answer
        if task.holder != (task.file, task.offset):
            holder = record_at(self._files[task.holder[0]].path, task.holder[1])
        if isinstance(holder, Damage):
            why = f"repeats what {holder.why}"
            return Reading(task, answer.date, None, why, is_damaged=True)
        try:
            article = article_of(with_body(answer, holder), holder, task.url, self._most_bytes)
        except RefusedArticle as err:
            return Reading(task, answer.date, None, err.reason, str(err))
        return Reading(task, answer.date, to_record(article))


def readings(
    tasks: Iterable[Task], files: Sequence[Source], most_bytes: int, workers: int
) -> Generator[Reading]:
    """Read each answer, in the order of the tasks. Raises CaptureError when a worker dies."""
    if workers == 1:
        yield from map(_Reader(files, most_bytes).read, tasks)
        return
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_begin, initargs=(files, most_bytes)
    )
    try:
        yield from _in_order(pool, iter(tasks), workers * _AHEAD)
    except BrokenProcessPool as err:
        raise CaptureError("a worker died: the same command goes on where it was") from err
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, tasks: Iterator[Task], most: int) -> Iterator[Reading]:
    under_way: deque[Future[list[Reading]]] = deque()
    batches = iter(lambda: list(islice(tasks, _BATCH)), [])
    for batch in batches:
        under_way.append(pool.submit(_read_batch, batch))
        if len(under_way) >= most:
            yield from under_way.popleft().result()
    for each in under_way:
        yield from each.result()


_reader: _Reader


def _begin(files: Sequence[Source], most_bytes: int) -> None:
    """Set a worker up; Ctrl-C is the parent's to hear."""
    global _reader  # noqa: PLW0603 (what a process pool has for a worker's own state)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _reader = _Reader(files, most_bytes)


def _read_batch(tasks: Sequence[Task]) -> list[Reading]:
    return [_reader.read(task) for task in tasks]
