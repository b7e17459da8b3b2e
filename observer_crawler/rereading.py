"""From the record of an answer to its page and its article, as the crawl came to them.

The same steps as `spiders/base.py` takes with a Response, in the same order, for whoever has the
bytes already: `reextract`, `verify`, `extract`. Must not know Scrapy, the ledger or the segments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.exceptions import RefusedArticle
from observer_crawler.items import Capture
from observer_crawler.pages import PageKind, is_text, read_page
from observer_crawler.validity import validate
from observer_crawler.warc import OPEN, unpacked

if TYPE_CHECKING:
    from observer_crawler.items import Article
    from observer_crawler.pages import Page
    from observer_crawler.warc import Record

_SUCCESS = 2


def page_of(answer: Record, url: str, most_bytes: int) -> Page:
    """Read the page of an answer; `url` is the newspaper's own, `most_bytes` what it may unpack to.

    Raises RefusedArticle with the reason where there is no page to read.
    """
    if answer.status // 100 != _SUCCESS:
        raise RefusedArticle("status", str(answer.status))
    content_type = _content_type(answer)
    if not is_text(content_type):
        raise RefusedArticle("not_text", str(content_type))
    try:
        body = unpacked(answer, most_bytes)
    except ValueError as err:
        raise RefusedArticle("unreadable_body", str(err)) from err
    if not body.strip():
        raise RefusedArticle("empty_answer")
    return read_page(body, url, content_type)


def article_of(answer: Record, holder: Record, url: str, most_bytes: int) -> Article:
    """Read the article of an answer, valid, with all but its revision.

    `holder` is the record that holds the body: another one than `answer` where that is a revisit.
    Raises RefusedArticle with the reason where there is none.
    """
    page = page_of(answer, url, most_bytes)
    article = page.article
    if article is None:
        is_refused = page.kind is PageKind.ARTICLE
        raise RefusedArticle((page.refusal if is_refused else page.kind) or "unreadable")
    article.fetched_at = answer.date
    article.source_url = answer.source or answer.url
    article.capture = Capture(holder.file.removesuffix(OPEN), holder.offset, holder.id)
    validate(article)
    return article


def _content_type(answer: Record) -> str | None:
    """Give the last value of the header, as Scrapy does where it came twice."""
    values = [value for name, value in answer.http if name.lower() == "content-type"]
    return values[-1] if values else None
