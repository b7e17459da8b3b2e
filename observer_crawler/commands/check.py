"""`scrapy check observer [-a site=URL]`: Scrapy's own command with contracts of ours.

It asks a handful of pages and holds the spider's reading of them to what they must give. Like
Scrapy's it opens no pipeline, and like every command but `crawl` no ledger: no data folder is
touched. A typo after -a is an error here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from scrapy.commands.check import Command as ScrapyCheck
from scrapy.spiderloader import get_spider_loader

from observer_crawler.commands import check_contact, check_settings, one_line
from observer_crawler.commands.contracts import CHECKS, Fills, Finds, Visit
from observer_crawler.exceptions import UnknownName

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings


class Command(ScrapyCheck):
    default_settings: ClassVar[dict[str, Any]] = {
        **ScrapyCheck.default_settings,
        "SPIDER_CONTRACTS": {Visit: 10, Fills: 20, Finds: 30},
    }

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check what was typed and lend the checks to the spiders, before anything is asked."""
        super().process_options(args, opts)
        settings = self.settings
        assert settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        loader = get_spider_loader(settings)
        with one_line():
            check_settings(settings)
            names = args or loader.list()
            for name in names:
                if name not in loader.list():
                    raise UnknownName("spider", name, loader.list())
            for spider in map(loader.load, names):
                self._lend(spider, opts)

    def _lend(self, spider: Any, opts: argparse.Namespace) -> None:  # noqa: ANN401 (a class of ours)
        """Check the arguments of a spider and give it the methods that carry the contracts."""
        arguments = spider.read_arguments(opts.spargs)
        if not opts.list:
            check_contact(cast("BaseSettings", self.settings), arguments.origin)
        for check in CHECKS:
            setattr(spider, check.__name__, check)
