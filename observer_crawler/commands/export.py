"""`scrapy export`: a dataset from what was stored, also while a crawl runs.

It asks nobody, locks nothing that a crawl needs, and writes below `dataset/` alone.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from observer_crawler.cells import visible_lines
from observer_crawler.commands import check_settings, one_line, say
from observer_crawler.commands.export_words import closing
from observer_crawler.commands.seeds import write_seeds
from observer_crawler.exceptions import ConfigurationError, ExportError
from observer_crawler.figures import duration
from observer_crawler.spiders import typed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Container

    from observer_crawler.dataset import Wanted

# Lines of a kind that are named; of the others it is said how many they are.
MOST_NAMED = 20
# Seconds from one line of progress to the next: on a terminal it moves, a log is read later.
_ON_TERMINAL, _IN_LOG = 0.2, 10.0
NEEDED = ("duckdb", "msgspec", "phonenumbers", "pyarrow", "rapidfuzz", "rensa")
_FORMATS = ("parquet", "jsonl", "csv", "sqlite", "wacz")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return (
            "[--format FORMAT,...] [--where SQL] [--revisions] [--without text] [--clusters] "
            "[--splits [DAY,DAY]] [--redact] [--since VERSION] [--require-ai-train] "
            "[--by year|month] [--keep N] | --table addresses [--state STATE,...]"
        )

    def short_desc(self) -> str:
        return "Make a dataset of what was stored: Parquet, JSON Lines, csv, SQLite, WACZ"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "--where", metavar="SQL", help="a condition on one article, in the words of DuckDB"
        )
        parser.add_argument(
            "--revisions", action="store_true", help="every text stored, not the newest alone"
        )
        parser.add_argument(
            "--without", metavar="text", help="the list to share: ids, addresses, dates and sums"
        )
        parser.add_argument(
            "--since", metavar="VERSION", help="only the rows that are new or changed since"
        )
        add_nightly(parser)
        parser.add_argument(
            "--table",
            metavar="addresses",
            help="print a list of seeds for another crawler instead",
        )
        parser.add_argument(
            "--state", metavar="STATE,...", help="which articles are on it (see README.md)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            if args:
                raise ConfigurationError(f"export takes no arguments, got {args}")
            check_settings(self.settings)
            if opts.table is not None:
                write_seeds(Path(self.settings["OBSERVER_DATA"]), opts)
                return
            if opts.state is not None:
                raise ConfigurationError("--state chooses what --table addresses lists: add that")
            check_extra()
            from observer_crawler.dataset import export

            said = Said()
            try:
                asked = replace(wanted(opts), gate=self.settings["OBSERVER_GATE"])
                made = export(Path(self.settings["OBSERVER_DATA"]), asked, said)
            except KeyboardInterrupt as err:
                raise ExportError("stopped: nothing of it is left, export again") from err
            finally:
                said.close()
            say(closing(made))


def add_nightly(parser: argparse.ArgumentParser) -> None:
    """Add the options that a night takes too."""
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        help=f"one or more of {','.join(_FORMATS)} (default: parquet; csv without the text)",
    )
    parser.add_argument(
        "--by", metavar="PERIOD", help="a file for each year or month in the place of one"
    )
    parser.add_argument("--keep", metavar="N", help="drop all but the newest N versions")
    parser.add_argument(
        "--clusters", action="store_true", help="say which articles are copies of which"
    )
    parser.add_argument(
        "--splits",
        metavar="DAY,DAY",
        nargs="?",
        const="",
        help="part the rows by time for training, validation and test, no copy across",
    )
    parser.add_argument(
        "--redact", action="store_true", help="mask e-mail addresses and telephone numbers"
    )
    parser.add_argument(
        "--require-ai-train",
        action="store_true",
        help="fail where the site said no to AI training when an article was fetched",
    )


def nightly(opts: argparse.Namespace) -> list[str]:
    """Give the options of `add_nightly` as they were typed."""
    with_value = [("--format", opts.format), ("--by", opts.by), ("--keep", opts.keep)]
    given = [part for option in with_value if option[1] is not None for part in option]
    flags = {"--clusters": opts.clusters, "--redact": opts.redact}
    flags |= {"--require-ai-train": opts.require_ai_train, "--splits": opts.splits is not None}
    given += [name for name, is_given in flags.items() if is_given]
    return [*given, opts.splits] if opts.splits else given


class Said:
    """What is said on standard error while it works."""

    def __init__(self) -> None:
        self._started = self._last = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._odd: Counter[str] = Counter()
        self._moves = False
        self._what = ""

    def progress(self, what: str, done: int, of: int) -> None:
        """Say how far it is: on a terminal what begins is said at once, the rest by the clock."""
        now = time.monotonic()
        begins = self._is_terminal and what != self._what
        if not begins and now - self._last < (_ON_TERMINAL if self._is_terminal else _IN_LOG):
            return
        self._last, self._what = now, what
        seconds = duration(now - self._started)
        self._say(f"{done:,} of {of:,} {what}, {seconds}", moves=self._is_terminal)

    def odd(self, kind: str, place: str) -> None:
        self._odd[kind] += 1
        if self._odd[kind] <= MOST_NAMED:
            self._say(f"{kind}: {place}")

    def note(self, text: str) -> None:
        self._say(text)

    def close(self) -> None:
        """Say how many there were that were not named."""
        self._say("")
        for kind, count in sorted(self._odd.items()):
            more = f", {count - MOST_NAMED:,} of them not named" if count > MOST_NAMED else ""
            self._say(f"{count:,} line{'s' * (count > 1)} {kind}{more}")

    def _say(self, text: str, *, moves: bool = False) -> None:
        """Write a line; one that moves is written over by the next."""
        clear = "\r\033[K" if self._moves else ""
        ending = "" if moves or not text else "\n"
        print(clear + visible_lines(text), end=ending, file=sys.stderr, flush=True)
        self._moves = moves


def check_extra(otherwise: str = "") -> None:
    """Raise ConfigurationError where what only an export needs is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"export needs {' and '.join(missing)}: sh requirements/install.sh dataset, or "
            f"pip install --require-hashes -r requirements/dataset.txt{otherwise}"
        )


def wanted(opts: argparse.Namespace) -> Wanted:
    """Read the options; raises ConfigurationError."""
    from observer_crawler.dataset import BY_SHARE, Borders, Wanted, split_days

    if opts.without is not None:
        typed.one_of("value of --without", opts.without, ("text",))
    usual = "csv" if opts.without else "parquet"
    formats = usual if opts.format is None else opts.format
    words = [typed.one_of("format", word, _FORMATS) for word in typed.words(formats)]
    if not words:
        raise ConfigurationError(f"--format: expected some of {','.join(_FORMATS)}, got nothing")
    if opts.without and "wacz" in words:
        raise ConfigurationError("--without text: a wacz holds the pages whole, leave one out")
    if opts.redact and "wacz" in words:
        raise ConfigurationError("--redact: a wacz holds the pages whole, leave one out")
    splits: Borders | str | None = None if opts.splits is None else BY_SHARE
    if opts.splits:
        splits = split_days(opts.splits)
    if opts.by is not None:
        _check_by(opts, words)
    given = {} if opts.keep is None else {"--keep": opts.keep}
    return Wanted(
        formats=tuple(name for name in _FORMATS if name in words),
        where=opts.where,
        revisions=opts.revisions,
        with_text=opts.without is None,
        keep=typed.count("--keep", given, 1),
        redact=opts.redact,
        since=opts.since,
        require_ai_train=opts.require_ai_train,
        clusters=opts.clusters or splits is not None,
        splits=splits,
        by=opts.by,
    )


def _check_by(opts: argparse.Namespace, formats: Container[str]) -> None:
    """Refuse what has no part for each period."""
    typed.one_of("value of --by", opts.by, ("year", "month"))
    whole = [f"--format {name}" for name in ("sqlite", "wacz") if name in formats]
    whole += ["--revisions"] * opts.revisions + ["--splits"] * (opts.splits is not None)
    if whole:
        raise ConfigurationError(f"--by: {whole[0]} makes no file of a {opts.by}, leave one out")
