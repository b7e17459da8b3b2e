"""`scrapy headlines [--csv]`: every headline that is known, whether its article was fetched or not.

A run with `-a index_only=1` fills the list at the price of one request a day; what it shows as
`seen` is fetched by a later run that asks for it. It reads the ledger alone, also while a crawl
runs.
"""

from __future__ import annotations

import csv
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from observer_crawler import urls
from observer_crawler.cells import harmless, visible
from observer_crawler.commands import check_settings, one_line, read_along
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.ledger import FILE, State
from observer_crawler.ledger.headlines import headlines
from observer_crawler.spiders import arguments, typed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import TextIO

    from observer_crawler.ledger.headlines import Headline

_COLUMNS = ("id", "day", "headline", "address", "state")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[--csv] [--from-date DAY] [--until-date DAY] [--state STATE]"

    def short_desc(self) -> str:
        return "List every headline that is known, with day, address and state"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--csv", action="store_true", help="with a header, for programs")
        parser.add_argument("--from-date", metavar="DAY", help="the first day, like 2022-06-01")
        parser.add_argument("--until-date", metavar="DAY", help="the last day")
        parser.add_argument("--state", help="those in one state, like seen or stored")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            if args:
                raise ConfigurationError(f"headlines takes no arguments, got {args}")
            check_settings(self.settings)
            path = Path(self.settings["OBSERVER_DATA"]) / "state" / FILE
            found = headlines(path, *arguments.days(vars(opts)), _state(opts.state))
            out = TextIOWrapper(sys.stdout.buffer, "utf-8", "replace", newline="")
            try:
                with read_along():
                    count = _write(found, out, is_csv=opts.csv)
                    out.flush()
                    print(f"{count:,} headline{'s' * (count != 1)}", file=sys.stderr)
            finally:
                out.detach()


def _state(text: str | None) -> str | None:
    return None if text is None else typed.one_of("state", text, tuple(map(str, State)))


def _write(found: Iterator[Headline], out: TextIO, *, is_csv: bool) -> int:
    """Write a line each; gives how many."""
    count = 0
    writer = csv.writer(out, lineterminator="\n")
    if is_csv:
        writer.writerow(_COLUMNS)
    for count, line in enumerate(found, start=1):  # noqa: B007 (the last one is the answer)
        row = (line.id, line.day or "", line.text, urls.parse(line.url).canonical, line.state)
        if is_csv:
            writer.writerow(map(harmless, row))
        else:
            name, day, text, address, state = map(visible, row)
            out.write(f"{name:<12}  {day or '-':<10}  {state:<10}  {text or '-'}  {address}\n")
    return count
