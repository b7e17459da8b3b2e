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

# Links to print or share the story of its page: `print.php?id=1`, `sharer.php?u=https%3A...`.
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


def _said(page: Outline, asked: Address) -> list[str]:
    found = [
        name for place in _in_head(page) if (name := _article(urls.resolve(place, page.base)))
    ]
    space = asked.name.partition(":")[0]
    for address in page.addresses.values():
        url = address.url
        if "?" in url and address.kind is not _ARTICLE and _is_tool(url):
            number = _NUMBER.search(url) if address.language == asked.language else None
            within = _WITHIN.search(url)
            if number and space in _NUMBERED_SPACES:
                found.append(f"{space}:{int(number[1])}")
            elif within and (name := _article(unquote(within[1]))):
                found.append(name)
    return found


def _in_head(page: Outline) -> Iterator[str]:
    for element in page.root.iter("link", "meta"):
        if element.get("rel") == "canonical":
            yield element.get("href", "")
        elif element.get("property") == "og:url":
            yield element.get("content", "")


def _is_tool(url: str) -> bool:
    path = url[: url.index("?")].lower()
    return "print" in path or "share" in path or "send" in path or "mail" in path


_ARTICLE = urls.Kind.ARTICLE  # a look-up in an enumeration takes its time


def _article(url: str | None) -> str | None:
    address = urls.parse(url) if url else None
    return address.name if address and address.kind is _ARTICLE else None
