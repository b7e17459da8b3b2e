"""What is asked for and is no page: the feed and the sitemap."""

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from observer_crawler.replica.addresses import article_forms
from observer_crawler.replica.links import HOSTS
from observer_crawler.replica.page import Page

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Newsroom

_ITEMS, _MOST_IN_SITEMAP = 15, 500
_XML = {"Content-Type": "application/xml; charset=utf-8"}


def _newest(newsroom: "Newsroom", count: int) -> list[int]:
    last = len(newsroom.desk.numbers) - 1
    return list(range(last, max(last - count, -1), -1))


def _address(newsroom: "Newsroom", k: int) -> str:
    host = HOSTS[newsroom.desk.options.language]
    return f"https://{host}{article_forms(newsroom.desk, k)[0]}"


def feed(newsroom: "Newsroom") -> Page:
    """Return the feed: fifteen items, whose dates carry no time."""
    items = [
        f"<item><title>{escape(newsroom.link_text(k))}</title>"
        f"<link>{escape(_address(newsroom, k))}</link>"
        f"<description>{escape(newsroom.teaser(k))}</description>"
        f'<guid isPermaLink="true">{escape(_address(newsroom, k))}</guid>'
        f"<pubDate>{newsroom.desk.day(k):%a, %d %b %Y}</pubDate></item>"
        for k in _newest(newsroom, _ITEMS)
    ]
    name, home = escape(newsroom.words_of_site["paper"]), HOSTS[newsroom.desk.options.language]
    head = f"<title>{name}</title><link>https://{home}/</link><description>{name}</description>"
    text = f'<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'
    return Page(200, _XML, f'<?xml version="1.0" encoding="utf-8"?>{text}'.encode())


def sitemap(newsroom: "Newsroom") -> Page:
    """Return a sitemap of the newest articles."""
    places = [
        f"<url><loc>{escape(_address(newsroom, k))}</loc></url>"
        for k in _newest(newsroom, _MOST_IN_SITEMAP)
    ]
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Page(200, _XML, f'<urlset xmlns="{space}">{"".join(places)}</urlset>'.encode())
