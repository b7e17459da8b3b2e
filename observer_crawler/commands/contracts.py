"""What `scrapy check` holds a spider to: three contracts, and the pages they are read on.

Scrapy's own @url takes a fixed address; these take a path of the site, so that a mirror or a
replica can stand in (`-a site=URL`). A contract has one address and a spider of ours one
callback for every kind of page, so each page gets a method of its own here, and the `check`
command lends them to the spider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.contracts import Contract
from scrapy.exceptions import ContractFail

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.items import Article
from observer_crawler.pages import Box, read_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from scrapy.http import Response

    from observer_crawler.urls import Address


# Boxes that stand under a heading, where a newspaper has them.
_NAMED = frozenset({Box.RELATED, Box.LATEST, Box.MOST_READ})


class _OfASpider(Contract):
    """A contract that knows its spider, for the site and the language that were asked for."""

    def __init__(self, method: Any, *args: str) -> None:  # noqa: ANN401 (a bound callback)
        super().__init__(method, *args)
        self._spider = method.__self__


_KNOWN: Mapping[str, Callable[[str], Address]] = {
    "front": urls.front,
    "list": lambda language: urls.listing(newspaper.DEFAULT_SECTION, 1, language),
    "article": lambda each: urls.article(newspaper.SPACES[each], newspaper.KNOWN[each]),
}


class Visit(_OfASpider):
    """`@visit front`, `list` or `article`: ask for a page of the site; mandatory, as @url is."""

    name = "visit"

    def adjust_request_args(self, args: dict[str, Any]) -> dict[str, Any]:
        language = self._spider.language
        page = _KNOWN[self.args[0]](language)
        return {**args, "url": urls.to_site(page.canonical, self._spider.site, language)}


class Fills(Contract):
    """`@fills FIELD ...`: the callback gives one article, and these fields of it say something."""

    name = "fills"

    def post_process(self, output: list[Any]) -> None:
        articles = [item for item in output if isinstance(item, Article)]
        if len(articles) != 1:
            raise ContractFail(f"gave {len(articles)} articles; expected 1")
        if empty := [name for name in self.args if not getattr(articles[0], name)]:
            raise ContractFail(f"{articles[0].url}: nothing in {', '.join(empty)}")


class Finds(_OfASpider):
    """`@finds BOX NUMBER`: the page has so many links in that box, where the newspaper has it."""

    name = "finds"

    def pre_process(self, response: Response) -> None:
        box, least = self.args[0], int(self.args[1])
        if box in _NAMED and box not in newspaper.HEADINGS:
            return
        url = urls.from_site(response.url, self._spider.site, self._spider.language)
        kind = response.headers.get("Content-Type")
        page = read_page(response.body, url, kind.decode("latin-1") if kind else None)
        if (count := sum(link.box == box for link in page.links)) < least:
            raise ContractFail(
                f"{response.url} ({page.kind}): {count} links in {box}; expected {least} or more"
            )


async def check_front(self: Any, response: Response) -> AsyncIterator[Any]:  # noqa: ANN401
    """Read the front page.

    @visit front
    @finds section 5
    @finds latest 3
    @returns items 0 0
    """
    async for item in self.parse(response):
        yield item


async def check_section(self: Any, response: Response) -> AsyncIterator[Any]:  # noqa: ANN401
    """Read the first page of the list that a crawl starts with.

    @visit list
    @finds section 5
    @finds paging 1
    @returns items 0 0
    """
    async for item in self.parse(response):
        yield item


async def check_article(self: Any, response: Response) -> AsyncIterator[Any]:  # noqa: ANN401
    """Read the article that the project knows best.

    @visit article
    @fills id url headline body section published_date markup language content_sha256 fetched_at
    @finds related 1
    @finds latest 1
    @finds most_read 1
    """
    async for item in self.parse(response):
        yield item


CHECKS = (check_front, check_section, check_article)
