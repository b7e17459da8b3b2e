"""The newspaper's feed: its items' links, each with the item's title.

A feed is XML, and an HTML parser loses its links (`<link>` is a void element there). So it is
parsed as XML that may be broken: a bare ampersand, a named character of HTML and a control
character each stop or thin a strict parser, and all three are mended before. Nothing outside the
bytes is read: no network, no document type, no entity of its own.

One answer of September 2026 is known: `/rss` with 15 items whose dates carry no time. RSS 2.0 is
likely; RSS 1.0 and Atom cost no more here.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from lxml import etree

from observer_crawler import urls
from observer_crawler.pages.base import Box, Link, Page, PageKind
from observer_crawler.processors import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOTS = frozenset(("rss", "RDF", "feed"))
_ITEMS = frozenset(("item", "entry"))
# The head of the text is enough to tell a feed from a page: comments may stand before the root.
_OPENS = re.compile(r"<(?:\w+:)?(?:rss|RDF|feed)[\s>]")
_HEAD_LETTERS = 4_000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_MARK = "<![CDATA["
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# `&rsquo;` is of HTML, `&` alone is nothing, and `&#xD800;` no letter: all of them are kept as
# text and read as HTML afterwards, which knows an answer to each.
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)


def read(text: str, address: urls.Address) -> Page | None:
    """Read a decoded feed; None when it is none, as where a page of HTML stands in its place."""
    if not _OPENS.search(text, 0, _HEAD_LETTERS):
        return None
    root = _parse(text)
    if root is None or _name(root) not in _ROOTS:
        return None
    texts: dict[str, str] = {}
    for item in root.iter(etree.Element):
        if _name(item) in _ITEMS and (url := _url(item, address)):
            texts[url] = texts.get(url) or _title(item)
    return Page(
        PageKind.LISTING,
        links=tuple(Link(url, Box.FEED, title) for url, title in texts.items()),
    )


def _parse(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        no_network=True,
        resolve_entities=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(_mended(text).encode(), parser)
    except etree.LxmlError:
        return None


def _mended(text: str) -> str:
    """Make XML that can be read of text that nearly is; what is marked as text stays as it is."""
    text = _DECLARATION.sub("", text)
    text = _DOCTYPE.sub("", text[:_HEAD_LETTERS], count=1) + text[_HEAD_LETTERS:]
    first, *marked = _FORBIDDEN.sub("", text).split(_MARK)
    pieces = [_BARE_AMPERSAND.sub("&amp;", first)]
    for piece in marked:
        inside, end, after = piece.partition("]]>")
        pieces += [_MARK, inside, end, _BARE_AMPERSAND.sub("&amp;", after)]
    return "".join(pieces)


def _name(element: etree._Element) -> str:
    """Give an element's name without its namespace, as RSS 1.0 and Atom have one."""
    return str(element.tag).rpartition("}")[2]


def _children(item: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in item.iterchildren(etree.Element) if _name(child) == name)


def _title(item: etree._Element) -> str:
    """Give the headline. Feeds write it in HTML within XML, so it is unescaped once more."""
    said = (clean(unescape("".join(title.itertext()))) for title in _children(item, "title"))
    return next((text for text in said if text), "")


def _url(item: etree._Element, address: urls.Address) -> str | None:
    """Give where an item leads: its link (Atom: the attribute), else an identifier that is one."""
    for name in ("link", "guid", "id"):
        for child in _children(item, name):
            if child.get("rel", "alternate") != "alternate":
                continue
            said = "".join(child.itertext()).strip() or child.get("href", "")
            href = _AMPERSAND.sub("&", said)
            is_address = name == "link" or href.startswith("http")
            url = urls.resolve(href, address.url) if is_address else None
            if url is not None:
                return urls.parse(url).url
    return None
