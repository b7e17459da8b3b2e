"""Which processor cleans which field: raw text of a page in, an `Article` out.

Pages select, processors clean, this file only says who cleans what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, Join, MapCompose, TakeFirst

from observer_crawler.processors import clean, unique

if TYPE_CHECKING:
    from collections.abc import Callable


class ArticleLoader(ItemLoader):
    """Collects the fields of one article; texts are cleaned on the way in.

    A field that was given nothing is left out, so that `Article`'s default holds. What pages
    give whole (dates, dateline, images, removed pieces) needs no cleaning and does not come here.
    """

    default_item_class = dict

    headline_in = shoulder_in = section_in = byline_in = body_in = tags_in = MapCompose(clean)
    shoulder_out = Join(" / ")
    byline_out = Join(", ")
    headline_out = section_out = TakeFirst()
    body_out = Identity()
    tags_out = Compose(unique)

    def get_input_processor(self, field_name: str) -> Callable[..., Any]:
        """Give a field's own: every field has one, and the search for others takes its time."""
        processor: Callable[..., Any] = getattr(self, f"{field_name}_in")
        return processor

    def get_output_processor(self, field_name: str) -> Callable[..., Any]:
        """Give a field's own."""
        processor: Callable[..., Any] = getattr(self, f"{field_name}_out")
        return processor
