"""What `-O` and `-o` write: all that the run stored, in Scrapy's formats, or a run that says no.

Scrapy logs a feed that cannot be written, goes on for days and exits 0; its CSV shows lists of
parts as Python writes them, its XML a null as the word None.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from scrapy.exporters import CsvItemExporter, XmlItemExporter
from scrapy.extensions.feedexport import FeedExporter

from observer_crawler.cells import harmless
from observer_crawler.exceptions import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scrapy import Field, Spider

# XML 1.0 has no way to write these, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Feeds(FeedExporter):
    """Ends the run at the first article that a feed cannot take, and says so at the end."""

    _ending: asyncio.Future[None] | None = None

    def item_scraped(self, item: object, spider: Spider) -> None:
        try:
            super().item_scraped(item, spider)
        except (OSError, ValueError) as err:
            self._fail(in_words(err))
            if self._ending is None:
                closing = self.crawler.engine.close_spider_async(reason="feed")
                self._ending = asyncio.ensure_future(closing)

    async def close_spider(self, spider: Spider) -> None:
        """Close the feeds; one with articles that was not stored is a failure, whatever it was.

        What fails when they are opened Scrapy only logs.
        """
        if len(self.slots) < len(self.feeds):
            self._fail("it could not be opened")
        filled = sum(1 for slot in self.slots if slot.itemcount)
        await super().close_spider(spider)
        stats = self.crawler.stats.get_stats()
        names = [name for name in stats if name.startswith("feedexport/success_count/")]
        if sum(stats[name] for name in names) < filled:
            self._fail("it could not be closed")

    def _fail(self, why: str) -> None:
        if not self.crawler.stats.get_value("observer/feed_error"):
            self.crawler.stats.set_value("observer/feed_error", why)


class CsvFeed(CsvItemExporter):
    """A list or a part of an article is a cell of JSON; null is an empty cell.

    What a spreadsheet would run gets an apostrophe, as in the csv of `scrapy export`.
    """

    def serialize_field(
        self, field: Mapping[str, Any] | Field, name: str, value: object
    ) -> object:
        is_nested = isinstance(value, list) or is_dataclass(value)
        if is_nested:
            return json.dumps(value, default=asdict, ensure_ascii=False)
        return harmless(value) if isinstance(value, str) else value


class XmlFeed(XmlItemExporter):
    """An element for each value; what is null has none."""

    def get_serialized_fields(
        self,
        item: object,
        default_value: object = None,
        include_empty: bool | None = None,  # noqa: FBT001 (theirs)
    ) -> Iterable[tuple[str, Any]]:
        pairs = super().get_serialized_fields(item, default_value, include_empty)
        return [(name, _for_xml(value)) for name, value in pairs if value is not None]


def _for_xml(value: object) -> object:
    """Make plain values of an article's parts, without nulls and what XML cannot hold.

    >>> _for_xml([{"url": "a", "caption": None}, chr(12)]) == [{"url": "a"}, chr(0xFFFD)]
    True
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, dict):
        return {name: _for_xml(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_for_xml(part) for part in value]
    return _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else value
