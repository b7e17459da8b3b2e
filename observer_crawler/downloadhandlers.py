"""Answers from WARC files in the place of the network; nothing else of a crawl changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import IgnoreRequest

from observer_crawler import urls
from observer_crawler.exceptions import NotRecorded
from observer_crawler.warc import Shelf
from observer_crawler.wire import response_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response


class Unrecorded(NotRecorded, IgnoreRequest):
    """What Scrapy understands of NotRecorded."""


class Replay(BaseDownloadHandler):
    """Plays the files that the crawl command found for OBSERVER_REPLAY; the date of each is the moment at which it is played.

    Scrapy makes one for each scheme that is asked, so http and https have a shelf each.
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._shelf = Shelf(map(Path, crawler.settings["OBSERVER_REPLAY"]))

    async def download_request(self, request: Request) -> Response:
        spider: Any = self.crawler.spider
        answer = self._shelf.play(*_forms(request.url, spider))
        if answer is None:
            self.crawler.stats.inc_value("observer/not_recorded")
            raise Unrecorded(f"no record of {request.url}")
        record = answer.record
        spider.books.clock.go_on_from(dt.datetime.fromisoformat(record.date))
        request.meta["fetched_at"] = record.date
        request.meta["capture"] = answer.capture
        return response_of(record)

    async def close(self) -> None:
        self._shelf.close()


def _forms(url: str, spider: Any) -> list[str]:  # noqa: ANN401 (any of the house's)
    """Give every address of a page, the one that is asked for among them.

    Which form a crawl asks for is the one that it saw last, and that hangs on when a retry came
    between two pages: a replay may come to the page by another form than the one recorded.
    """
    address = urls.parse(urls.from_site(url, spider.site, spider.language))
    forms = (urls.to_site(form, spider.site, spider.language) for form in address.forms)
    return list(dict.fromkeys((url, *forms)))
