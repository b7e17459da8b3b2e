"""`scrapy replica [options]`: serve the copy of the site on this machine.

The copy is the outside world and knows nothing of Scrapy: its options are its own, so they are
handed over as they were typed.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand

from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve a copy of the site on this machine, for tests and the demo"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take none of Scrapy's options, help included: all that was typed is the replica's."""
        parser.prefix_chars = "\0"
        parser.set_defaults(profile=None)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Nothing: settings play no part here."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        try:
            serve = _entry()
        except ConfigurationError as err:
            print(f"scrapy replica: {err}", file=sys.stderr)
            self.exitcode = 1
        else:
            self.exitcode = serve(args) or 0


def _entry() -> Callable[[list[str]], int | None]:
    try:
        from observer_crawler.replica.__main__ import main
    except ModuleNotFoundError as err:
        if err.name == "observer_crawler.replica":
            raise ConfigurationError("there is no copy of this newspaper's site") from err
        if err.name != "jinja2":
            raise
        raise ConfigurationError(
            "the replica needs jinja2: pip install 'observer-crawler[replica]'"
        ) from err
    return main
