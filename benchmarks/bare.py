"""Scrapy and nothing else: a spider that fetches the addresses of a file and does nothing with them.

`python -m benchmarks.bare SETTINGS FILE ORIGIN [parse]`: SETTINGS are JSON, FILE has a path a line.
With `parse` each page is parsed by lxml.html.fromstring and let go. It prints how many pages came, and
the seconds of CPU that the parses took: in a crawl, with caches that other work has emptied in
between, about twice of what they take in a loop.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

from lxml import html
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response


class Bare(Spider):
    """Fetches, and does nothing."""

    name = "bare"
    paths: list[str]
    origin: str
    parses: bool
    pages = 0
    seconds = 0.0

    async def start(self) -> AsyncIterator[Any]:
        for path in self.paths:
            yield Request(self.origin + path, dont_filter=True)

    def parse(self, response: Response, **_: Any) -> None:  # noqa: ANN401 (Scrapy's)
        self.pages += 1
        if self.parses:
            begun = process_time()
            html.fromstring(response.body)
            self.seconds += process_time() - begun


def main(settings: str, file: str, origin: str, *words: str) -> None:
    """Fetch all, and print what came of it."""
    process = AsyncCrawlerProcess(json.loads(settings))
    crawler = process.create_crawler(Bare)
    paths = Path(file).read_text("utf-8").split()
    process.crawl(crawler, paths=paths, origin=origin, parses="parse" in words)
    process.start()
    spider = crawler.spider
    assert isinstance(spider, Bare)  # noqa: S101 (it was given)
    sys.stdout.write(f"{spider.pages} {spider.seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
