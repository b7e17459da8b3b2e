"""Which processor cleans which field: raw text of a page in, an `Article` out.

Pages select, processors clean, this file only says who cleans what.
"""

from __future__ import annotations

from itemloaders import ItemLoader
from itemloaders.processors import Compose, Identity, Join, MapCompose, TakeFirst

from observer_crawler.processors import clean, unique


class ArticleLoader(ItemLoader):
    """Collects the fields of one article; texts are cleaned on the way in.

    A field that was given nothing is left out, so that `Article`'s default holds. Values that
    pages already give whole (dateline, images, removed pieces) pass as they are.
    """

    default_item_class = dict
    default_input_processor = Identity()
    default_output_processor = TakeFirst()

    headline_in = shoulder_in = section_in = byline_in = body_in = tags_in = MapCompose(clean)
    shoulder_out = Join(" / ")
    byline_out = Join(", ")
    body_out = removed_out = images_out = Identity()
    tags_out = related_out = Compose(unique)
