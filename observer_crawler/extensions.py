"""What people see of a crawl: the progress line, the closing table, brief logs.

Every figure here is a Scrapy stat `observer/...`, counted elsewhere. Nothing here changes what
a crawl does.
"""

from __future__ import annotations

import logging
import os
import sys
from os import get_terminal_size
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

from scrapy import signals
from scrapy.logformatter import LogFormatter
from scrapy.utils.asyncio import create_looping_call

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.logformatter import LogFormatterResult
    from scrapy.statscollectors import StatsCollector
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

# Seconds between two looks: a person sees the line move, a log file grows by a line a minute.
TERMINAL_SECONDS = 1.0
LOG_SECONDS = 60.0


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

    def __init__(self, stats: StatsCollector, out: TextIO) -> None:
        self._stats = stats
        self._out = out
        self._on_terminal = out.isatty()
        self._started = monotonic()
        self._seconds = TERMINAL_SECONDS if self._on_terminal else LOG_SECONDS
        self._loop = create_looping_call(self.show)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler.stats, sys.stderr)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)
        return self

    def spider_opened(self) -> None:
        self._started = monotonic()
        self._loop.start(self._seconds, now=False)

    def spider_closed(self) -> None:
        if self._loop.running:
            self._loop.stop()
        self._stats.set_value("observer/seconds", round(monotonic() - self._started, 1))
        if self._on_terminal:
            self._out.write("\r\x1b[K")

    def show(self) -> None:
        line = progress_line(self._stats.get_stats(), monotonic() - self._started)
        if self._on_terminal:
            width = get_terminal_size(self._out.fileno()).columns - 1
            # A line that wraps cannot be taken back; the log writes over this one.
            self._out.write(f"\r\x1b[K{line[:width] if width > 0 else line}\r")
            self._out.flush()
        else:
            logger.info("%s", line)


def progress_line(stats: Mapping[str, Any], seconds: float) -> str:
    """Say where a crawl stands.

    >>> progress_line({"observer/pages/article": 30, "observer/articles/stored": 28}, 60)
    '30 pages, 28 articles stored, 0 addresses waiting, 0.5 pages a second'
    """
    pages = sum(_group(stats, "pages").values())
    rate = pages / seconds if seconds else 0.0
    return (
        f"{pages:,} pages, {stats.get('observer/articles/stored', 0):,} articles stored, "
        f"{stats.get('observer/addresses/waiting', 0):,} addresses waiting, "
        f"{rate:.1f} pages a second"
    )


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


def closing_table(stats: Mapping[str, Any], data: str) -> str:
    """Write the table, a line a figure, without what is zero."""
    rows = [
        *_rows("articles found in", _group(stats, "found")),
        ("articles stored", f"{stats.get('observer/articles/stored', 0):,}"),
        *_rows("articles dropped,", _group(stats, "articles/dropped")),
        *_rows("articles refused,", _group(stats, "articles/refused")),
        *_rows("pages read,", _group(stats, "pages")),
        *_rows("addresses", _group(stats, "addresses")),
        *_rows("links not followed,", _group(stats, "links")),
        ("requests", f"{stats.get('observer/requests', 0):,}"),
        ("time", _duration(stats.get("observer/seconds", 0.0))),
        ("files", _relative(Path(data) / "articles")),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"  {name:<{width}}  {value}\n" for name, value in rows)


def _group(stats: Mapping[str, Any], name: str) -> dict[str, int]:
    prefix = f"observer/{name}/"
    return {
        key.removeprefix(prefix): count
        for key, count in sorted(stats.items())
        if key.startswith(prefix) and count
    }


def _rows(what: str, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(f"{what} {name}", f"{count:,}") for name, count in counts.items()]


def _duration(seconds: float) -> str:
    """Write a time as people say it.

    >>> _duration(3725.4), _duration(62.0), _duration(4.2)
    ('1 h 2 min', '1 min 2 s', '4.2 s')
    """
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds} s"


def _relative(path: Path) -> str:
    """Write a folder as seen from here, when it lies below."""
    here = Path.cwd()
    return f"{path.relative_to(here)}{os.sep}" if path.is_relative_to(here) else f"{path}{os.sep}"
