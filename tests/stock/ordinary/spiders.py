"""The spider that one would write first: rules, a callback, a dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.http import TextResponse


class OrdinarySpider(CrawlSpider):
    name = "ordinary"
    rules = (
        Rule(LinkExtractor(allow=r"/menu/198")),
        Rule(LinkExtractor(allow=r"/news/\d+"), callback="parse_article", follow=True),
    )

    def __init__(self, site: str, **more: str) -> None:
        super().__init__(**more)
        self.start_urls = [f"{site}/", f"{site}/menu/198"]

    def parse_article(self, response: TextResponse) -> Iterator[dict[str, Any]]:
        yield {
            "id": response.url.rpartition("/")[2],
            "headline": response.css("h1::text").get(),
            "body": response.css("div#f ::text").getall(),
        }
