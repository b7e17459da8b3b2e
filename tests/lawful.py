"""What is lawful in a page, whatever it was read from; for every test that reads odd bytes."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jsonschema

from observer_crawler import schema
from observer_crawler.pages import PageKind
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.items import Article
    from observer_crawler.pages import Page

_VALIDATOR = jsonschema.Draft202012Validator(schema.json_schema())
_ID = re.compile("(a|b|bn):[1-9][0-9]*")


def assert_lawful(page: Page, *, is_whole: bool = True) -> None:
    """No empty or untrimmed text, ids and addresses of their shape; `is_whole`: by the schema too."""
    for link in page.links:
        parts = urlsplit(link.url)
        assert parts.scheme in {"http", "https"}, link
        assert parts.hostname, link
        assert link.text == (clean(link.text) or ""), link
    if page.article is not None:
        assert page.kind is PageKind.ARTICLE
        assert page.refusal is None
        _assert_lawful_article(page.article, is_whole=is_whole)


def _assert_lawful_article(article: Article, *, is_whole: bool) -> None:
    record = asdict(article)
    for text in _texts(record):
        assert text, record
        assert text == clean(text), record
    ids = [article.id, *article.related, article.previous, article.next]
    assert all(_ID.fullmatch(name) for name in ids if name)
    assert article.id not in article.related
    record |= {"fetched_at": "2022-06-16T15:00:00.000000+00:00", "source_url": article.url}
    record["revision"] = 1
    # Else the pipeline refuses it.
    if is_whole and (article.headline or article.body or article.images):
        _VALIDATOR.validate(record)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
