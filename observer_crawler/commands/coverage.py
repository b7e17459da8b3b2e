"""`scrapy coverage [--json] [--html FILE]`: what is there and what is not, day by day.

It asks nobody, reads the ledger and the alarms, also while a crawl runs, and has no clock: the same ledger
gives the same report.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from observer_crawler import coverage, files
from observer_crawler import site as newspaper
from observer_crawler.commands import as_object, check_settings, one_line, say
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.spiders import arguments, typed

if TYPE_CHECKING:
    import argparse


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--json] [--html FILE] [--from-date DAY] [--until-date DAY] [--language LANGUAGE]"

    def short_desc(self) -> str:
        return "Show which articles of which days are there, and what is not"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one object, for programs")
        parser.add_argument("--html", metavar="FILE", help="write the report to look at")
        parser.add_argument("--from-date", metavar="DAY", help="the first day, like 2022-06-01")
        parser.add_argument("--until-date", metavar="DAY", help="the last day")
        parser.add_argument("--language", help="one edition, en or bn; all without it")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            if args:
                raise ConfigurationError(f"coverage takes no arguments, got {args}")
            check_settings(self.settings)
            first, last = arguments.days(vars(opts))
            language = _language(opts.language)
            report = coverage.look(Path(self.settings["OBSERVER_DATA"]), language, first, last)
            if opts.html:
                _write(Path(opts.html), coverage.as_html(report))
            say(as_object(coverage.as_json(report)) if opts.json else coverage.as_text(report))


def _language(text: str | None) -> str | None:
    return None if text is None else typed.one_of("language", text, newspaper.LANGUAGES)


def _write(path: Path, page: str) -> None:
    with files.named(ConfigurationError, "write", path):
        files.replace(path, page)
    print(f"Written: {path}", file=sys.stderr)
