"""`scrapy status [--json] [--failed | --retry | --accept | --max-age TIME]`: how a folder stands.

It works while a crawl runs, asks nobody, and reads the ledger and the alarms alone. Only `--retry`
and `--accept` change something, and only while no crawl holds the folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader

from observer_crawler import files, lock
from observer_crawler.alarm import alarms
from observer_crawler.clock import Clock
from observer_crawler.commands import as_object, check_settings, one_line, say, tell
from observer_crawler.commands.accepting import accept
from observer_crawler.commands.age import look_at_age, read_age
from observer_crawler.commands.standing import as_json, dead_json, stand
from observer_crawler.commands.standing_words import as_text, dead_text
from observer_crawler.exceptions import ConfigurationError, LedgerError, SegmentLocked
from observer_crawler.ledger import FILE
from observer_crawler.ledger.reading import Reader
from observer_crawler.ledger.retrying import put_back
from observer_crawler.spiders import typed

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--json] [--failed | --retry | --accept [ID] | --max-age TIME [--spider NAME]]"

    def short_desc(self) -> str:
        return "Show what is known, stored, waiting and failed, also while a crawl runs"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one object, for programs")
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--failed", action="store_true", help="list what failed or was denied, and why"
        )
        which.add_argument(
            "--retry", action="store_true", help="put what failed or was denied back to waiting"
        )
        which.add_argument(
            "--accept",
            metavar="ID",
            nargs="?",
            const="",
            help="take what an alarm found, or all of them, for normal from now on",
        )
        which.add_argument(
            "--max-age",
            metavar="TIME",
            help="exit 4 when no good run ended since (26h, 2d, 90min)",
        )
        parser.add_argument("--spider", metavar="NAME", help="with --max-age: runs of this spider")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            if args:
                raise ConfigurationError(f"status takes no arguments, got {args}")
            check_settings(self.settings)
            self._data = Path(self.settings["OBSERVER_DATA"])
            if opts.spider is not None and opts.max_age is None:
                raise ConfigurationError("--spider goes with --max-age")
            if opts.max_age is not None:
                self._look_at_age(opts)
            elif opts.accept is not None:
                say(accept(self._data, opts.accept))
            else:
                say(self._retry() if opts.retry else self._look(opts))

    def _look(self, opts: argparse.Namespace) -> str:
        assert self.settings is not None  # noqa: S101 (as above)
        running = lock.is_locked(self._data)
        with Reader(self._data / "state" / FILE) as reader:
            if opts.failed:
                dead = reader.dead()
                return as_object({"failed": dead_json(dead)}) if opts.json else dead_text(dead)
            # Asked twice: a crawl that begins in between must not be shown as killed.
            running = running or lock.is_locked(self._data)
            now = Clock(self.settings["OBSERVER_NOW"]).seconds()
            standing = stand(reader, str(self._data), self._origin(), now, running=running)
        found = alarms.read(self._data / "state" / alarms.FILE).standing
        standing = standing._replace(alarms=found)
        return as_object(as_json(standing)) if opts.json else as_text(standing)

    def _look_at_age(self, opts: argparse.Namespace) -> None:
        """Say on standard output that all is well; a lack, on standard error, is for a person."""
        assert self.settings is not None  # noqa: S101 (as above)
        if opts.spider is not None:
            typed.one_of("spider", opts.spider, tuple(get_spider_loader(self.settings).list()))
        now = Clock(self.settings["OBSERVER_NOW"]).seconds()
        age = look_at_age(self._data, read_age(opts.max_age), opts.spider, now)
        self.exitcode = 0 if age.is_good else 4
        if opts.json:
            say(as_object(age.as_json()))
        elif age.is_good:
            say(age.line())
        else:
            tell(age.line())

    def _origin(self) -> str:
        return files.line_in(self._data / "state" / "origin")

    def _retry(self) -> str:
        path = self._data / "state" / FILE
        Reader(path).close()  # says what is wrong before anything is locked or written
        try:
            with files.named(LedgerError, "write to", path), lock.locked(self._data):
                count = put_back(path)
        except SegmentLocked as err:
            raise SegmentLocked(
                f"a crawl writes to {self._data}: --retry is possible when it has ended"
            ) from err
        noun = "address waits" if count == 1 else "addresses wait"
        return f"{count:,} {noun} again for the next crawl." if count else dead_text([])
