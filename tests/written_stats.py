"""Parts that a crawl under test is given by name: they run in its process, not in the test's."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.statscollectors import MemoryStatsCollector

if TYPE_CHECKING:
    from typing import Self

    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from observer_crawler.items import Article

STATS_FILE = "CRAWL_STATS_FILE"
FAULTS = "CRAWL_FAULTS"


class WrittenStats(MemoryStatsCollector):
    """Leaves the stats of a crawl in a file when it closes."""

    def _persist_stats(self, stats: dict[str, Any]) -> None:
        super()._persist_stats(stats)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux
        stats = {**stats, "observer/peak_kilobytes": peak}
        Path(os.environ[STATS_FILE]).write_text(json.dumps(stats, default=str), "utf-8")


class Breaker:
    """Makes the callback raise at the ids that CRAWL_FAULTS names: {"callback": [...]}."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls()
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        return self

    def spider_opened(self, spider: Spider) -> None:
        ids = json.loads(os.environ[FAULTS])
        found_on: Any = spider.found_on  # type: ignore[attr-defined]

        def broken(here: Any, page: Any, depth: int) -> Any:  # noqa: ANN401 (passes all through)
            if here.name in ids.get("callback", []):
                raise ZeroDivisionError("a fault of the callback")
            if here.name in ids.get("close", []):
                raise CloseSpider("by_callback")
            return found_on(here, page, depth)

        spider.found_on = broken  # type: ignore[attr-defined]


class FaultyPipeline:
    """Raises, or drops, at the ids that CRAWL_FAULTS names."""

    def process_item(self, item: Article) -> Article:
        ids = json.loads(os.environ[FAULTS])
        if item.id in ids.get("pipeline", []):
            raise KeyError("a fault of the pipeline")
        if item.id in ids.get("drop", []):
            raise DropItem("not wanted")
        if item.id in ids.get("disk", []):
            raise OSError(28, "No space left on device")
        return item


class Stranger:
    """Asks for a page that the ledger knows nothing of, as a shell or another extension would."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = cls(crawler)
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        return self

    def spider_opened(self, spider: Spider) -> None:
        url = spider.to_site("https://www.observerbd.com/about.php")  # type: ignore[attr-defined]
        self._crawler.engine.crawl(Request(url, callback=self.answered))

    def answered(self, response: Response) -> None:
        self._crawler.stats.set_value("stranger", response.status)
