"""Which processor cleans which field: raw text of a page in, an `Article` out.

Pages select, processors clean, this file only says who cleans what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itemloaders import ItemLoader
from itemloaders.processors import Identity, Join, TakeFirst

from observer_crawler.processors import clean_all, unique

if TYPE_CHECKING:
    from collections.abc import Callable


class ArticleLoader(ItemLoader):
    """Collects the fields of one article; texts are cleaned on the way in.

    A field that was given nothing is left out, so that `Article`'s default holds. What pages
    give whole (dates, dateline, images, removed pieces) needs no cleaning and does not come here.
    """

    default_item_class = dict

    headline_in = shoulder_in = section_in = byline_in = body_in = tags_in = staticmethod(
        clean_all
    )
    shoulder_out = Join(" / ")
    byline_out = Join(", ")
    headline_out = section_out = TakeFirst()
    body_out = Identity()
    tags_out = staticmethod(unique)

    def get_input_processor(self, field_name: str) -> Callable[..., Any]:
        """Give a field's own: every field has one, and the search for others takes its time."""
        processor: Callable[..., Any] = getattr(self, f"{field_name}_in")
        return processor

    def get_output_processor(self, field_name: str) -> Callable[..., Any]:
        """Give a field's own."""
        processor: Callable[..., Any] = getattr(self, f"{field_name}_out")
        return processor

    def load_item(self) -> dict[str, Any]:
        """Give the fields that have a value, without the adapter that items of any kind need."""
        found = {name: self.get_output_value(name) for name in self._values}
        return {name: value for name, value in found.items() if value is not None}
