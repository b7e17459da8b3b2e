"""`scrapy reextract [FILE...] [--marked] [--workers N]`: captures read again, to lines of this extractor.

It asks nobody. What it writes stands in segments of its own beside the crawl's, and the ledger
knows it, so that the next visit of an unchanged page adds no line.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from observer_crawler import exclude, site
from observer_crawler.books import Books
from observer_crawler.clock import Clock
from observer_crawler.commands import check_settings, one_line, say, tell
from observer_crawler.commands.reextract_words import as_text
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.ledger import Patience
from observer_crawler.reextract import Plan, Reextraction, Tally, origin_in, readings, sources
from observer_crawler.store import Segments, origin_of
from observer_crawler.warc import FOLDER, Captures, warc_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from scrapy.settings import BaseSettings

WRITER = "reextract"
# What the claim of a replay's folder begins with; its pages are the site's all the same.
_REPLAY = "replay+"
_MOST_WORKERS = 64


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[FILE...] [--marked] [--workers N]"

    def short_desc(self) -> str:
        return "Read the captured pages again, without a request, and write fresh lines"

    def long_desc(self) -> str:
        return (
            "Read the captures of OBSERVER_DATA, or the WARC files and folders given, and write a "
            "line for each article that this version reads otherwise than the stored line's, or "
            "could not read before. A second run adds nothing. Exits 0, or 3 when something is "
            "damaged or an article cannot be read any more."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--marked",
            action="store_true",
            help="only articles of nights that alarmed, and those whose page gave none",
        )
        parser.add_argument("--workers", metavar="N", default="1", help="processes that read")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            workers = _workers(opts.workers)
            check_settings(self.settings)
            given = [path for name in args for path in files_of(Path(name))]
            try:
                tally = reextract(self.settings, given, workers, _say, only_marked=opts.marked)
            except KeyboardInterrupt:
                print("scrapy: stopped: the same command goes on where it was", file=sys.stderr)
                self.exitcode = 3
                return
        say(as_text(tally))
        self.exitcode = 0 if tally.is_good else 3


def _workers(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_WORKERS:
        raise ConfigurationError(f"--workers: expected 1 to {_MOST_WORKERS}, got {text!r}")
    return int(text)


def files_of(path: Path) -> list[Path]:
    """Give the WARC files that a typed name stands for."""
    if path.is_dir():
        return warc_files(path)
    if not path.is_file():
        raise ConfigurationError(f"no such file: {str(path)!r}; expected WARC files or folders")
    return [path]


def reextract(
    settings: BaseSettings,
    given: Sequence[Path],
    workers: int,
    say: Callable[[str], None],
    *,
    only_marked: bool = False,
) -> Tally:
    """Read files, or all of the data folder where none is given; raises what Books.open raises."""
    data = Path(settings["OBSERVER_DATA"])
    if not given and not warc_files(data / FOLDER):
        raise ConfigurationError(f"{data / FOLDER} holds no WARC files: name some, or crawl first")
    excluded = exclude.read(data / exclude.FILE)
    origin = origin_of(data) or origin_in(given) or site.ORIGIN
    books = _books(settings, data, origin)
    books.open()
    with closing(books):
        # What a killed crawl left open was closed a moment ago.
        files = sources(given or warc_files(data / FOLDER), origin.removeprefix(_REPLAY))
        tally = Tally(say)
        only = books.ledger.marks.names() if only_marked else None
        with closing(Plan(files, tally, only)) as plan:
            most_bytes = settings.getint("DOWNLOAD_MAXSIZE")
            read = readings(plan, files, most_bytes, workers)
            with closing(read):
                Reextraction(books, files, tally, excluded).run(read)
    return tally


def _books(settings: BaseSettings, data: Path, origin: str) -> Books:
    patience = Patience(
        attempts=settings.getint("OBSERVER_RETRY_ATTEMPTS"),
        first_seconds=settings.getfloat("OBSERVER_RETRY_SECONDS"),
        longest_seconds=settings.getfloat("OBSERVER_WAIT_SECONDS"),
    )
    ages = [float(days) for days in settings.getlist("OBSERVER_REVISIT_DAYS")]
    captures = Captures(data, WRITER, {}, 0, is_on=False)
    clock = Clock(settings["OBSERVER_NOW"])
    return Books(Segments(data, origin, (), WRITER), captures, clock, patience, ages)


def _say(line: str) -> None:
    tell(f"scrapy reextract: {line}")
