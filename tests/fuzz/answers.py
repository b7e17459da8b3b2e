"""What others answer: indexes of web archives, robots.txt, feeds."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import TYPE_CHECKING

from scrapy.robotstxt import ProtegoRobotParser

from observer_crawler.archives import Asked, cdx
from observer_crawler.archives.answers import from_memento
from observer_crawler.archives.sources import CommonCrawl
from observer_crawler.pages import Page
from observer_crawler.replica import Options, Replica
from observer_crawler.robots_text import plain
from tests.fuzz import pages
from tests.fuzz.files import json_mutated
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target
from tests.lawful import assert_lawful

if TYPE_CHECKING:
    from random import Random

_STAMP = "20220616120000"
_URL = "https://www.observerbd.com/news/370580"
_OBJECT = {
    "urlkey": "com,observerbd)/news/370580",
    "url": _URL,
    "timestamp": _STAMP,
    "status": "200",
    "mime": "text/html",
    "digest": "SHA1",
    "filename": "crawl-data/x.warc.gz",
    "offset": "12",
    "length": "345",
}
_NAMES = ["timestamp", "original", "mimetype", "statuscode", "digest"]
_ROW = [_STAMP, _URL, "text/html", "200", "SHA1"]
_ROWS = [
    _NAMES,
    _ROW,
    [_STAMP, f"{_URL}?x=1", "warc/revisit", "-", "SHA1"],
    [],
    ["com,observerbd)/x"],
]


def make_cdx(random: Random) -> bytes:
    """Spoil an answer in either dialect."""
    if random.randrange(2):
        lines = [json.dumps(json_mutated(random, _OBJECT)) for _ in range(2)]
        body = "\n".join([json.dumps(_OBJECT), *lines]).encode()
    else:
        told = json.dumps(json_mutated(random, _ROWS))
        body = (told.replace("], [", "],\n[") if random.randrange(2) else told).encode()
    return mutated(random, body, (body,), most=2) if random.randrange(3) else body


def read_cdx(case: bytes) -> object:
    """Read an answer; and a date as an archive says it."""
    from_memento(_URL, 200, (("Memento-Datetime", case.decode("latin-1")),), b"")
    return cdx.read(case)


def judge_cdx(_case: bytes, found: object) -> None:
    """A line that makes sense is written back equal."""
    assert isinstance(found, cdx.Answer)
    assert found.rows == len(found.captures) + len(found.senseless)
    assert isinstance(found.key, str)
    for each in found.captures:
        assert len(each.date) == len("2022-06-16T12:00:00.000000+00:00")
        assert each.url.isprintable()
        fields = {
            "url": each.url,
            "timestamp": each.stamp,
            "status": each.status,
            "mime": each.mime,
            "digest": each.digest,
            "filename": each.file,
            "offset": each.offset,
            "length": each.length,
        }
        line = json.dumps(fields).encode()
        assert cdx.read(line).captures == [each]


_RULES = (
    b"User-agent: *\nDisallow: /search\nAllow: /*.php$\nCrawl-delay: 1.5\nSitemap: /sitemap.xml\n",
    b"\xef\xbb\xbfUser-Agent: observer_crawler\r\nDisallow: /*/*/*x$\r\nRequest-rate: 1/5s\r\n",
    b"<html><body>User-agent: * Disallow: /</body></html>",
    b"User-agent: *\nVisit-time: 0600-0845\nCrawl-delay: 1e999\nDisallow: " + b"*" * 100 + b"$\n",
)
_ASKED = ("https://www.observerbd.com/news/1", "https://www.observerbd.com/" + "x/" * 100)


def make_robots(random: Random) -> bytes:
    """Spoil a robots.txt."""
    body = mutated(random, random.choice(_RULES), _RULES)
    return body.decode("utf-8", "replace").encode("utf-16") if random.randrange(20) == 0 else body


def read_robots(case: bytes) -> object:
    """Read the rules and ask them."""
    rules = ProtegoRobotParser(plain(case, "observer_crawler"), None)
    return [rules.allowed(url, "observer_crawler") for url in _ASKED]


def judge_robots(case: bytes, found: object) -> None:
    """They answer, and the same again."""
    assert isinstance(found, list)
    assert all(isinstance(each, bool) for each in found)
    assert read_robots(case) == found


@cache
def _feeds() -> tuple[bytes, ...]:
    feed = Replica(Options(articles=30)).render("/rss").body
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A &amp; b</title><link href="/news/1"/></entry></feed>'
    return feed, atom


def make_feed(random: Random) -> bytes:
    """Spoil a feed."""
    body = mutated(random, random.choice(_feeds()), _feeds())
    return pages.case_of("https://www.observerbd.com/rss", "text/xml", body)


def judge_feed(case: bytes, found: object) -> None:
    """It is a page like any other."""
    assert isinstance(found, Page)
    assert_lawful(found)
    assert pages.read(case) == found


_COMMON = CommonCrawl("https://index.example.org")
_ASKED_FOR = Asked(
    (_URL,), dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
)
_CRAWLS = [
    {"id": "2022-05", "cdx-api": "https://index.example.org/x", "from": "2022-05-01T00", "to": ""}
]


def make_crawls(random: Random) -> bytes:
    """Spoil a list of crawls, or the number of the pages of one."""
    told = json_mutated(random, random.choice((_CRAWLS, {"pages": 3, "blocks": 1})))
    body = json.dumps(told).encode()
    return mutated(random, body, (body,), most=1) if random.randrange(3) == 0 else body


def read_crawls(case: bytes) -> object:
    """Read it as either."""
    (first,) = _COMMON.first(_ASKED_FOR)
    many = f"https://index.example.org/x?url={_URL}&showNumPages=true"
    return [_COMMON.read(url, case, _ASKED_FOR) for url in (first, many)]


def judge_crawls(_case: bytes, found: object) -> None:
    """Nobody is sent to another host."""
    assert isinstance(found, list)
    for each in found:
        assert all(url.startswith("https://index.example.org/") for url in each.more[:50])


TARGETS = (
    Target("crawls", 10_000, make_crawls, read_crawls, judge_crawls),
    Target("cdx", 50_000, make_cdx, read_cdx, judge_cdx),
    Target("robots", 40_000, make_robots, read_robots, judge_robots),
    Target("feed", 15_000, make_feed, pages.read, judge_feed),
)
