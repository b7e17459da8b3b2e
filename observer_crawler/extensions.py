"""What people see of a crawl, and what ends it when nobody looks.

The progress line, the closing table, brief logs; a watchdog and an eye on the disk. Every figure
here is a Scrapy stat `observer/...`, counted elsewhere. Nothing here changes what a crawl stores.
"""

from __future__ import annotations

import logging
import shutil
import sys
from os import get_terminal_size
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.logformatter import LogFormatter
from scrapy.utils.asyncio import create_looping_call

from observer_crawler.exceptions import DiskLow
from observer_crawler.figures import Estimate, closing_table, duration, progress_line

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from scrapy.statscollectors import StatsCollector
    from twisted.python.failure import Failure

    from observer_crawler.spiders.work import Work

logger = logging.getLogger(__name__)

# Seconds. A person sees the line move; a log file has its first one soon, then one a minute.
TICK_SECONDS = 1.0
FIRST_SECONDS = 2.0
LOG_SECONDS = 60.0
# Seconds between two looks at the disk; a look takes microseconds.
DISK_SECONDS = 2.0
# Seconds between two looks of the watchdog, at most.
WATCH_SECONDS = 10.0
GIGABYTE = 10**9


class LogBriefly(LogFormatter):
    """Scrapy's messages without the text of articles."""

    def scraped(  # type: ignore[override]
        self, item: object, response: Response | Failure | None, spider: Spider
    ) -> LogFormatterResult | None:
        return None

    def dropped(
        self,
        item: object,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        second_copy = getattr(exception, "reason", "") == "duplicate"
        level = logging.DEBUG if second_copy else logging.WARNING
        return {"level": level, "msg": "dropped: %(why)s", "args": {"why": exception}}

    def item_error(
        self,
        item: object,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        name, url = getattr(item, "id", "an item"), getattr(response, "url", "nowhere")
        return {
            "level": logging.ERROR,
            "msg": "error while keeping %(name)s from %(url)s",
            "args": {"name": name, "url": url},
        }

    def download_error(
        self, failure: Failure, request: Request, spider: Spider, errmsg: str | None = None
    ) -> LogFormatterResult:
        return {
            "level": logging.WARNING,
            "msg": "no answer from %(url)s: %(why)s",
            "args": {"url": request.url, "why": errmsg or failure.getErrorMessage()},
        }


class Progress:
    """One line that moves on a terminal; elsewhere a plain log line a minute."""

    def __init__(self, crawler: Crawler, stats: StatsCollector, out: TextIO) -> None:
        self._crawler = crawler
        self._stats = stats
        self._out = out
        self._on_terminal = out.isatty()
        self._started = self._looked = monotonic()
        self._held = 0.0
        self._next = 0.0
        self._estimate = Estimate()
        self._loop = create_looping_call(self.look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler, crawler.stats, sys.stderr)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        return self

    def spider_opened(self) -> None:
        self._started = self._looked = monotonic()
        self._next = TICK_SECONDS if self._on_terminal else FIRST_SECONDS
        self._loop.start(TICK_SECONDS, now=True)

    def spider_closed(self) -> None:
        if self._loop.running:
            self._loop.stop()
        self._stats.set_value("observer/seconds", round(monotonic() - self._started, 1))
        if self._on_terminal:
            self._out.write("\r\x1b[K")

    def look(self) -> None:
        """Count the time spent waiting on purpose, and show the line when it is time."""
        now = monotonic()
        if self._stats.get_value("observer/holding"):
            self._held += now - self._looked
        self._looked = now
        seconds = now - self._started
        line = self._line(seconds)
        if seconds < self._next:
            return
        self._next = seconds + (TICK_SECONDS / 2 if self._on_terminal else LOG_SECONDS)
        self._show(line)

    def _line(self, seconds: float) -> str:
        worked = seconds - self._held
        work = self._work()
        left = self._estimate.seconds_left(work, worked) if work is not None else None
        return progress_line(self._stats.get_stats(), worked, work, left)

    def _work(self) -> Work | None:
        spider: Any = self._crawler.spider
        work: Work | None = spider.work() if hasattr(spider, "work") else None
        return work

    def _show(self, line: str) -> None:
        if not self._on_terminal:
            logger.info("%s", line)
            return
        width = get_terminal_size(self._out.fileno()).columns - 1
        # A line that wraps cannot be taken back; the log writes over this one.
        self._out.write(f"\r\x1b[K{line[:width] if width > 0 else line}\r")
        self._out.flush()


class ClosingTable:
    """The last word of a crawl: what was found, stored, dropped and refused, and where it is."""

    def __init__(self, stats: StatsCollector, data: str, out: TextIO) -> None:
        self._stats = stats
        self._data = data
        self._out = out

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler.stats, crawler.settings["OBSERVER_DATA"], sys.stderr)
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)
        return self

    def engine_stopped(self) -> None:
        self._out.write(closing_table(self._stats.get_stats(), self._data))
        self._out.flush()


class Watchdog:
    """Ends a run in which nothing is settled any more: a mute server, a lease that was lost.

    A run that waits on purpose (`observer/holding`) is left alone, and time in which this process
    did not run (SIGSTOP, a lid that was closed) is not counted.
    """

    def __init__(self, crawler: Crawler, seconds: float) -> None:
        self._crawler = crawler
        self._seconds = seconds
        self._every = min(WATCH_SECONDS, seconds / 4)
        self._idle = 0.0
        self._settled = 0
        self._looked = monotonic()
        self._loop = create_looping_call(self.look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        seconds = crawler.settings.getfloat("OBSERVER_WATCHDOG_SECONDS")
        if not seconds:
            raise NotConfigured("OBSERVER_WATCHDOG_SECONDS is 0")
        self = cls(crawler, seconds)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        crawler.signals.connect(self.shorten, signals.request_reached_downloader)
        return self

    def spider_opened(self) -> None:
        self._looked = monotonic()
        self._loop.start(self._every, now=False)

    def spider_closed(self) -> None:
        if self._loop.running:
            self._loop.stop()

    def shorten(self, request: Request) -> None:
        """Let no request outlive the watch by more than half: Scrapy waits for all under way."""
        longest = self._seconds * 1.5
        request.meta["download_timeout"] = min(
            request.meta.get("download_timeout", longest), longest
        )

    def look(self) -> None:
        stats, now = self._crawler.stats, monotonic()
        settled = stats.get_value("observer/settled", 0)
        passed, self._looked = now - self._looked, now
        if settled != self._settled or stats.get_value("observer/holding"):
            self._idle, self._settled = 0.0, settled
            return
        self._idle += min(passed, 2 * self._every)
        if self._idle >= self._seconds + self._pause():
            self._loop.stop()
            _end(self._crawler, "watchdog", f"nothing was settled for {duration(self._idle)}")

    def _pause(self) -> float:
        """Give the seconds that the site may ask for between two requests, both ways counted."""
        slots = self._crawler.engine.downloader.slots.values()
        return 2 * max((slot.delay for slot in slots), default=0.0)


class FreeDisk:
    """Ends a run while there is still room to end it; refuses to begin one where there is none."""

    def __init__(self, crawler: Crawler, folder: Path, least_gb: float) -> None:
        self._crawler = crawler
        self._folder = folder
        self._least_gb = least_gb
        self._loop = create_looping_call(self.look)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise DiskLow, before anything is written or asked."""
        least = crawler.settings.getfloat("OBSERVER_MIN_FREE_GB")
        if not least:
            raise NotConfigured("OBSERVER_MIN_FREE_GB is 0")
        self = cls(crawler, Path(crawler.settings["OBSERVER_DATA"]), least)
        if lack := self._lack():
            raise DiskLow(
                f"{lack}: nothing was asked, the same command goes on when there is room"
            )
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        return self

    def spider_opened(self) -> None:
        self._loop.start(DISK_SECONDS, now=False)

    def spider_closed(self) -> None:
        if self._loop.running:
            self._loop.stop()

    def look(self) -> None:
        if lack := self._lack():
            self._loop.stop()
            _end(self._crawler, "disk", lack)

    def _lack(self) -> str:
        """Say how little is free where the folder lies or will lie; empty when it is enough."""
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        disk = shutil.disk_usage(there)
        free = disk.free / GIGABYTE
        # What has no size is no disk (/proc): the store says better what is wrong with it.
        if free >= self._least_gb or not disk.total:
            return ""
        least = f"less than the {self._least_gb:g} of OBSERVER_MIN_FREE_GB"
        return f"{free:.1f} GB are free for {self._folder}, {least}"


def _end(crawler: Crawler, word: str, detail: str) -> None:
    """Have the scheduler end the run: it alone knows what is leased."""
    scheduler: Any = crawler.engine.scheduler
    scheduler.end(word, detail)
