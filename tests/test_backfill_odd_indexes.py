"""Indexes that make no sense as a whole: a backfill passes them over, says so, and ends."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from observer_crawler.archives import Asked, source_of
from tests.archive_server import Archive, Page
from tests.archived import FAST, backfill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.conftest import RunCrawl

SITE = "http://127.0.0.1:9"
NAMES = ["timestamp", "original", "statuscode"]
# Far more than any index of a small site has pages; without an end the test says so soon.
MANY = 150


class Odd(Archive):
    """An archive whose index answers what it is told to; of captures it has none."""

    def __init__(self, index: Callable[[Mapping[str, list[str]]], Page]) -> None:
        self._index = index
        super().__init__()

    def kind_of(self, path: str) -> str:
        return "cdx" if "cdx" in path else "other"

    def answer(
        self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Page:
        if self.kind_of(path) == "other" or len(self.asked("cdx")) > MANY:
            return Page(404, [])
        return self._index(query)


def answered(body: bytes, kind: str = "application/json", status: int = 200) -> Page:
    return Page(status, [("Content-Type", kind)], body)


def test_a_key_that_comes_back_ends_the_walk(crawl: RunCrawl) -> None:
    def again(_: Mapping[str, list[str]]) -> Page:
        row = ["20220616120000", f"{SITE}/menu/1", "200"]
        return answered(json.dumps([NAMES, row, [], ["the same"]]).encode())

    with Odd(again) as archive:
        done = backfill(crawl, SITE, archive)
        assert len(archive.asked("cdx")) < MANY
    assert done.code == 0, done.err[-3000:]
    assert "cannot be asked for" in done.err
    assert "captures passed over, behind the end of an answer" in done.err


def test_two_keys_that_lead_to_each_other_end_the_walk(crawl: RunCrawl) -> None:
    def around(query: Mapping[str, list[str]]) -> Page:
        row = ["20220616120000", f"{SITE}/menu/1", "200"]
        key = "b" if query.get("resumeKey") == ["a"] else "a"
        return answered(json.dumps([NAMES, row, [], [key]]).encode())

    with Odd(around) as archive:
        done = backfill(crawl, SITE, archive)
        assert len(archive.asked("cdx")) < MANY
    assert done.code == 0, done.err[-3000:]
    assert "cannot be asked for" in done.err
    assert "captures passed over, behind the end of an answer" in done.err


def test_a_collection_that_knows_no_dates_is_asked_a_few_times(crawl: RunCrawl) -> None:
    lines = [
        json.dumps({"timestamp": f"2022{n % 12 + 1:02}01120000", "url": f"{SITE}/menu/{n}"})
        for n in range(5_000)
    ]

    with Odd(lambda _: answered("\n".join(lines).encode())) as archive:
        done = crawl(
            spider="observer_captures", site=SITE, source=f"{archive.url}/coll", settings=FAST
        )
        assert len(archive.asked("cdx")) < MANY
    assert done.code == 0, done.err[-3000:]
    assert "cannot be asked for" in done.err
    assert "captures passed over, behind the end of an answer" in done.err


def test_an_index_without_lines_lists_no_capture(crawl: RunCrawl) -> None:
    with Odd(lambda _: answered(b"")) as archive:
        done = backfill(crawl, SITE, archive)
    assert done.code == 0
    assert "the archive lists no capture of an article" in done.err


@pytest.mark.parametrize("body", [b"<html><h1>Welcome</h1>\n<p>here</html>", b"x" * 41 * 2**20])
def test_an_index_that_cannot_be_read_is_a_failure(crawl: RunCrawl, body: bytes) -> None:
    with Odd(lambda _: answered(body, "text/html")) as archive:
        done = backfill(crawl, SITE, archive)
    assert done.code == 3
    assert "6 addresses failed" in done.err


def test_a_page_of_an_index_may_be_larger_than_one_of_a_newspaper(crawl: RunCrawl) -> None:
    line = json.dumps({"timestamp": "20220101120000", "url": f"{SITE}/menu/1", "x": "x" * 6_000})
    with Odd(lambda _: answered("\n".join([line] * 2_000).encode())) as archive:
        done = backfill(crawl, SITE, archive)
    assert done.code == 0
    assert done.group("captures")["listed"] == 12_000


def test_a_line_of_common_crawl_without_its_place_makes_no_sense() -> None:
    source = source_of("commoncrawl", {})
    line = {"timestamp": "20220616120000", "url": f"{SITE}/news/1"}
    place = {"filename": "a.warc.gz", "offset": "0", "length": "9"}
    lines = [line, line | place | {"length": "0"}, line | place]
    body = "\n".join(map(json.dumps, lines)).encode()
    moment = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)
    page = source.read("http://index.example/a-index?url=a", body, Asked([], moment, moment))
    assert [source.address(each).rpartition("/")[2] for each in page.captures] == [
        "a.warc.gz#bytes=0-8"
    ]
    assert len(page.senseless) == 2
