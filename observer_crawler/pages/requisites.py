"""What a page is shown with: its pictures, style sheets, icons and scripts, of its own host.

Asked for by whoever wants to see the page again, and by nobody else: `read_page` knows nothing of
it and costs no more. What a style sheet names in turn (`url()`, `@import`) is not looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.pages.outline import base_of, parsed
from observer_crawler.processors import mend

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml import etree

# Where pictures stand; lazy ones keep their address aside until a reader comes near.
_OF_PICTURES = ("src", "data-src", "data-original", "data-lazy-src")
# What is longer is no address of a file.
_LONGEST = 2_000


def shown_with(body: bytes, url: str, content_type: str | None = None) -> list[str]:
    """Give the addresses, in the order of the page, each once.

    >>> page = b'<link rel="Stylesheet" href="/a.css?v=1"><img src="b.jpg"><img src="data:,">'
    >>> shown_with(page, "https://www.observerbd.com/news/1")
    ['https://www.observerbd.com/a.css?v=1', 'https://www.observerbd.com/news/b.jpg']
    """
    root = parsed(mend(body, content_type))
    if root is None:
        return []
    base = base_of(root, url)
    return own_files((urls.resolve(href, base) for href in _printed(root)), url)


def own_files(found: Iterable[str | None], url: str) -> list[str]:
    """Give those of some addresses that are of a page's host and no pages, by their one name.

    >>> here = "https://www.observerbd.com/news/1"
    >>> own_files(["http://observerbd.com/a.jpg", "https://www.observerbd.com/news/2", None], here)
    ['https://www.observerbd.com/a.jpg']
    """
    language = urls.parse(url).language
    there = [urls.parse(each) for each in found if each is not None]
    return list(
        dict.fromkeys(
            each.name
            for each in there
            if each.kind in {urls.Kind.IMAGE, urls.Kind.OTHER}
            and each.language == language
            and len(each.name) <= _LONGEST
        )
    )


def _printed(root: etree._Element) -> Iterator[str]:
    """Give what the page names, as printed."""
    for element in root.iter("link", "script", "img", "source", "input"):
        match element.tag:
            case "link":
                words = element.get("rel", "").lower().split()
                if any(word == "stylesheet" or word.endswith("icon") for word in words):
                    yield element.get("href", "")
            case "script":
                yield element.get("src", "")
            case "input":
                yield element.get("src", "") if element.get("type", "").lower() == "image" else ""
            case _:
                yield from (element.get(name, "") for name in _OF_PICTURES)
                # "a.jpg 1x, b.jpg 2x"
                yield from (
                    part.strip().split(" ")[0] for part in element.get("srcset", "").split(",")
                )
