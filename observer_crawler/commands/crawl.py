"""`scrapy crawl`, with endings that tell the truth.

Stock Scrapy exits 0 when every callback raises, when the disk is full, when the site is gone,
when all answers are 404 and on SIGTERM; only a failing start gives 1. A timer cannot live with
that. A command of this name in COMMANDS_MODULE takes the place of Scrapy's own. It also switches
on, by its `default_settings`, what a crawl alone needs, so that `shell`, `fetch`, `view`,
`parse`, `check` and `list` touch neither ledger nor segments.
"""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import signals
from scrapy.commands import BaseRunSpiderCommand
from scrapy.spiderloader import get_spider_loader

from observer_crawler.commands import check_contact, check_settings, doors, one_line, tell
from observer_crawler.commands.endings import Ending, ending_of
from observer_crawler.commands.judged import judged
from observer_crawler.exceptions import ConfigurationError, ObserverError, UnknownName
from observer_crawler.heartbeat import Heartbeat
from observer_crawler.warc import begins_at, files_of

if TYPE_CHECKING:
    import argparse
    from asyncio import Task
    from collections.abc import Iterator, Mapping

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from observer_crawler.books import Books

logger = logging.getLogger(__name__)

# What Scrapy says of itself at the start and the end; the opening line and the closing table say
# what a person wants to know. `-L DEBUG` brings all of it back.
_CHATTY = (
    "scrapy.addons",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.middleware",
    "scrapy.utils.log",
)
# Seconds. With no delay at all Scrapy 2.14 to 2.19 ignores CONCURRENT_REQUESTS_PER_DOMAIN (15 in
# flight at a limit of 1). Any delay that is longer than a stall of this process cures it:
# tests/test_middlewares.py says why, and watches for the day that neither is so any more.
_SHORTEST_DELAY = 0.001
_REPLAY = "observer_crawler.downloadhandlers.Replay"
# Scrapy imports what is switched off to ask it whether it is: aiohttp and tldextract for these
# two, 0.2 of the 1.3 s of CPU that the smallest crawl takes.
_COSTLY = (
    (
        "REMOTE_CONTROL_ENABLED",
        "EXTENSIONS_BASE",
        "scrapy.extensions.remote_control.RemoteControl",
    ),
    (
        "COOKIES_ENABLED",
        "DOWNLOADER_MIDDLEWARES_BASE",
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    ),
)
# Scrapyd hands a job's number and the version of its egg over as arguments of the spider.
_OF_SCRAPYD = ("_job", "_version")
# What is for those who are asked: nobody is in a replay.
_MANNERS = ("observer_crawler.middlewares.Introduce", "observer_crawler.middlewares.KeepPace")


class Command(BaseRunSpiderCommand):
    requires_project = True
    default_settings: ClassVar[dict[str, Any]] = {
        "SCHEDULER": "observer_crawler.scheduler.LedgerScheduler",
        # Validity first: an invalid copy must not take the place of a valid one.
        "ITEM_PIPELINES": {
            "observer_crawler.pipelines.Validate": 100,
            "observer_crawler.pipelines.DropDuplicate": 200,
            "observer_crawler.pipelines.StoreArticle": 300,
        },
        "EXTENSIONS": {
            "observer_crawler.extensions.Progress": 500,
            "observer_crawler.extensions.ClosingTable": 500,
            "observer_crawler.extensions.Watchdog": 500,
            "observer_crawler.extensions.FreeDisk": 500,
            "observer_crawler.sightings.GatherFigures": 500,
            "scrapy.extensions.feedexport.FeedExporter": None,
            "observer_crawler.feeds.Feeds": 0,
        },
        "FEED_EXPORTERS": {
            "csv": "observer_crawler.feeds.CsvFeed",
            "xml": "observer_crawler.feeds.XmlFeed",
        },
        # The ledger does their work, so that a redirect and a retry are hops in the books.
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        # All of them look at Requests and statuses that a callback yields; ours yields articles.
        "SPIDER_MIDDLEWARES": dict.fromkeys(
            (
                "scrapy.spidermiddlewares.start.StartSpiderMiddleware",
                "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware",
                "scrapy.spidermiddlewares.referer.RefererMiddleware",
                "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware",
                "scrapy.spidermiddlewares.depth.DepthMiddleware",
                "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware",
            )
        ),
    }

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Crawl the newspaper, or a copy of it with -a site=URL"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check all that was typed, while nothing has been started."""
        super().process_options(args, opts)
        for name in _OF_SCRAPYD:
            opts.spargs.pop(name, None)
        _quieten(opts.loglevel)
        self._heartbeat = self._heartbeat_of_a_crawl()
        if len(args) == 1:
            with one_line(), self._heartbeat.told_of_failure():
                self._check(args[0], opts.spargs)

    def _heartbeat_of_a_crawl(self) -> Heartbeat:
        """Give whom to tell: nobody of a replay, which is no sign of life of anything."""
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        return Heartbeat(
            "" if self.settings["OBSERVER_REPLAY"] else self.settings["OBSERVER_HEARTBEAT"]
        )

    def _check(self, name: str, typed: Mapping[str, str]) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        check_settings(self.settings)
        doors.shut(self.settings)
        if self.settings["JOBDIR"]:
            raise ConfigurationError(
                "JOBDIR is not used here: a crawl goes on by itself when it is started again"
            )
        loader = get_spider_loader(self.settings)
        if name not in loader.list():
            raise UnknownName("spider", name, loader.list())
        spider: Any = loader.load(name)
        arguments = spider.read_arguments(typed)
        if self.settings["OBSERVER_REPLAY"]:
            if spider.asks_archive:
                raise ConfigurationError(
                    f"{name} is not replayed: its files play as pages of the site, as in scrapy "
                    "crawl observer_archive -a ids=@LIST"
                )
            _prepare_replay(self.settings)
        else:
            check_contact(self.settings, arguments.origin)
        _leave_out(self.settings)
        if self.settings.getfloat("DOWNLOAD_DELAY") < _SHORTEST_DELAY:
            self.settings.set("DOWNLOAD_DELAY", _SHORTEST_DELAY, priority="cmdline")
        delay = self.settings.getfloat("DOWNLOAD_DELAY")
        self._opening_line = spider.opening_line(arguments, delay)
        if not self.settings["OBSERVER_REPLAY"]:
            self._opening_line += doors.by_proxy(arguments.origin)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            with one_line(), self._heartbeat.told_of_failure():
                raise ConfigurationError(
                    f"expected one spider, as in scrapy crawl observer; got {args}"
                )
        process: Any = self.crawler_process
        crawler = self._create_crawler(args[0])
        crawler.signals.connect(self._open, signals.spider_opened)
        self._heartbeat.start()
        task: Task[None] = process.crawl(crawler, **opts.spargs)
        process.start()
        self._end(crawler, task)

    def _open(self, spider: Any) -> None:  # noqa: ANN401 (any of the house's)
        """Say what is going to happen, now that nothing can keep the run from starting."""
        assert self.settings is not None  # noqa: S101 (as above)
        doors.keep_logs_plain()
        logger.info("%s", self._opening_line)
        if plan := spider.plan(self.settings.getfloat("DOWNLOAD_DELAY")):
            logger.info("%s", plan)

    def _end(self, crawler: Crawler, task: Task[None]) -> None:
        error = task.exception() if task.done() and not task.cancelled() else None
        _count_what_is_left(crawler)
        ending = ending_of(crawler.stats.get_stats()) if error is None else None
        ending = _close_books(crawler, ending)
        if (cause := _of_ours(error)) is not None:
            with one_line(), self._heartbeat.told_of_failure():
                raise cause
        if ending is None:
            logger.error("the crawl could not start", exc_info=error)
            self._heartbeat.end(1, "The crawl could not start.")
            self.exitcode = 1
            return
        self.exitcode = ending.code
        # First of all: a terminal that is gone must not keep the end from being told.
        self._heartbeat.end(ending.code, ending.line)
        tell(ending.line)


def _of_ours(error: BaseException | None) -> ObserverError | None:
    """Give the error of ours that kept a crawl from starting; Scrapy may stumble over it at once."""
    while error is not None and not isinstance(error, ObserverError):
        error = error.__context__
    return error


def _leave_out(settings: BaseSettings) -> None:
    """Take what is switched off and costly out of what Scrapy builds."""
    for switch, name, component in _COSTLY:
        if not settings.getbool(switch):
            base = settings.getdict(name)
            base.pop(component, None)
            settings.set(name, base, priority="cmdline")


def _prepare_replay(settings: BaseSettings) -> None:
    """Let WARC files answer in the place of the network, at their own time and at any pace."""
    paths = [path.absolute() for path in files_of(settings["OBSERVER_REPLAY"])]
    data = Path(settings["OBSERVER_DATA"])
    if any(path.is_relative_to(data) for path in paths):
        raise ConfigurationError(
            f"a replay does not write to the folder that it reads ({data}): give it one of its own "
            "with -s OBSERVER_DATA=DIR"
        )
    played = {
        "OBSERVER_REPLAY": [str(path) for path in paths],
        "OBSERVER_NOW": begins_at(paths),
        "OBSERVER_HOURS": "",
        "OBSERVER_DAILY_REQUESTS": "0",
        "DOWNLOAD_DELAY": _SHORTEST_DELAY,
        "DOWNLOAD_HANDLERS": {
            **settings.getdict("DOWNLOAD_HANDLERS"),
            **dict.fromkeys(("http", "https"), _REPLAY),
        },
        "DOWNLOADER_MIDDLEWARES": {
            **settings.getdict("DOWNLOADER_MIDDLEWARES"),
            **dict.fromkeys(_MANNERS),
        },
    }
    for name, value in played.items():
        settings.set(name, value, priority="cmdline")


def _count_what_is_left(crawler: Crawler) -> None:
    """Ask the ledger what waits: a second Ctrl-C lets the scheduler say nothing any more."""
    books: Books | None = getattr(crawler.spider, "books", None)
    if books is None or crawler.stats.get_value("observer/left") is not None:
        return
    try:
        due, later = books.ledger.left(books.clock.seconds())
    except ObserverError as err:
        logger.error("%s", err)  # noqa: TRY400 (as below)
    else:
        crawler.stats.set_value("observer/left", due)
        crawler.stats.set_value("observer/later", later)


def _close_books(crawler: Crawler, ending: Ending | None) -> Ending | None:
    """Write how the run ended, and let the data folder go; last of all, for all may still ask.

    Gives the ending, with the alarms that stand for the run.
    """
    books: Books | None = getattr(crawler.spider, "books", None)
    if books is None:
        return ending
    with _said(), closing(books):
        if ending is not None:
            ending = judged(crawler.spider, books, crawler.stats.get_stats(), ending)
            books.ledger.end(ending.code, ending.line, books.clock.seconds())
    return ending


@contextmanager
def _said() -> Iterator[None]:
    """Say an error of ours in one line: the ending is known already."""
    try:
        yield
    except ObserverError as err:
        logger.error("%s", err)  # noqa: TRY400 (a traceback says nothing more)


def _quieten(level: str | None) -> None:
    """Keep the chatter out by a filter: Scrapy resets the levels when it sets up its logs."""
    if level != "DEBUG":
        for name in _CHATTY:
            logging.getLogger(name).addFilter(_is_worth_reading)


def _is_worth_reading(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
