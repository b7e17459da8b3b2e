"""What an answer says of the training of AI, for the ledger. Nearly all say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from observer_crawler import rights
from observer_crawler.ledger import Signal

if TYPE_CHECKING:
    from scrapy.http import Response

    from observer_crawler.pages import Page


def said(response: Response, page: Page) -> dict[str, Any]:
    """Give what an outcome keeps of it; nothing where nothing is said."""
    headers = _headers(response)
    if not (headers or page.asks):
        return {}
    host = urlsplit(response.url).netloc.lower()
    places = (("header", rights.of_headers(headers)), ("meta", rights.of_metas(page.asks)))
    signals = [
        Signal(host, place, asked.says, asked.words) for place, asked in places if asked.words
    ]
    fetched_at = response.meta.get("fetched_at")
    if not (signals and fetched_at):
        return {}
    return {"said": signals, "said_on": rights.day_of(fetched_at)}


def _headers(response: Response) -> list[tuple[str, str]]:
    return [
        (name, value.decode("latin-1"))
        for name in rights.HEADERS
        for value in response.headers.getlist(name)
    ]
