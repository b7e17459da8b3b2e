"""Which article a page says that it is, and whether it is whole.

A cache may give one story under every address, and a page may end in the middle of a story:
each is a sound page to the eye of a parser. Nobody knows whether the newspaper has canonical
links (SITE: seen, none), so a page that names no article is taken for the one that was asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from observer_crawler import urls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.pages.outline import Outline
    from observer_crawler.urls import Address

# A link to print or share the story of its page: `print.php?id=1`, `sharer.php?u=https%3A...`.
_TOOLS = ("print", "share", "send", "mail")
_NUMBER = re.compile(r"[?&](?:id|nid|news_?id)=([0-9]{1,9})(?![^&#])")
_WITHIN = re.compile(r"[?&](?:u|url|link|href)=(https?[^&#]+)")
# Numbers of the dated form are not those of any tool that was seen.
_NUMBERED_SPACES = frozenset({"b", "bn"})


def other_than(page: Outline, asked: Address) -> str | None:
    """Give the article that a page says it is, where that is not the one asked for.

    What it says must be one thing: a canonical link, og:url, links to print and to share. A
    number of another space says nothing, and another form of the same number is the same.
    """
    space = asked.name.partition(":")[0]
    said = {name for name in _said(page, asked) if name.partition(":")[0] == space}
    return said.pop() if len(said) == 1 and asked.name not in said else None


def _said(page: Outline, asked: Address) -> Iterator[str]:
    for element in page.root.iter("link", "meta"):
        place = None
        if element.get("rel") == "canonical":
            place = element.get("href")
        elif element.get("property") == "og:url":
            place = element.get("content")
        if place:
            yield from _article(urls.resolve(place, page.base) or "")
    space = asked.name.partition(":")[0]
    for address in page.addresses.values():
        if address.kind is not _ARTICLE and "?" in address.url and _is_tool(address.url):
            number = _NUMBER.search(address.url)
            if address.language == asked.language and number and space in _NUMBERED_SPACES:
                yield f"{space}:{int(number[1])}"
            elif within := _WITHIN.search(address.url):
                yield from _article(unquote(within[1]))


def _is_tool(url: str) -> bool:
    path = url.partition("?")[0].lower()
    return any(word in path for word in _TOOLS)


_ARTICLE = urls.Kind.ARTICLE  # a look-up in an enumeration takes its time


def _article(url: str) -> Iterator[str]:
    address = urls.parse(url)
    if address.kind is _ARTICLE:
        yield address.name
