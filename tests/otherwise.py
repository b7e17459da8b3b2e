"""The project's commands with an extraction that reads otherwise, or that is ended at a write.

`python -m tests.otherwise crawl observer ...` is `scrapy crawl observer ...` after these changes,
each by a variable of the environment, in the workers too:

    OTHERWISE_EXTRACTOR=2       the extractor's number
    OTHERWISE_WRONG=headline    the small headline is taken for the headline, where there is one
    OTHERWISE_WRONG=body        selectors that find no body: every article is refused
    OTHERWISE_SHORT=1           the same selectors, but the last paragraph is lost
    CRASH_AT=line:half:3        see tests/crash.py
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from observer_crawler import items, pages
from observer_crawler.pages import by_words, markup_2014, markup_2016, markup_2024
from tests import crash

if TYPE_CHECKING:
    from observer_crawler.pages import Page

EXTRACTOR = "OTHERWISE_EXTRACTOR"
WRONG = "OTHERWISE_WRONG"
SHORT = "OTHERWISE_SHORT"

_number = int(os.environ.get(EXTRACTOR) or items.EXTRACTOR)
_read_page = pages.read_page


def _read(*arguments: Any) -> Page:  # noqa: ANN401 (passed on)
    page = _read_page(*arguments)
    if page.article is not None:
        page.article.extractor = _number
        if os.environ.get(WRONG) == "headline":
            page.article.headline, page.article.shoulder = page.article.shoulder, None
        if os.environ.get(SHORT):
            page.article.body = page.article.body[:-1]
        if os.environ.get(SHORT) or os.environ.get(WRONG) == "headline":
            page.article.content_sha256 = items.content_sha256(
                page.article.headline, page.article.body
            )
    return page


def _change() -> None:
    """Before any other room has taken its own copy of the names."""
    changed: Any = items
    changed.EXTRACTOR = _number
    changed = pages
    changed.read_page = _read
    if os.environ.get(WRONG) == "body":
        for changed in (markup_2024, markup_2016, markup_2014, by_words):
            changed.select = lambda *_: None
    if os.environ.get(crash.AT):
        crash.Crash.from_crawler(None)  # type: ignore[arg-type] # it asks nothing of it


_change()

if __name__ == "__main__":
    from scrapy.cmdline import execute

    execute(["scrapy", *sys.argv[1:]])
