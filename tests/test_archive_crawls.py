"""The stand-in of Common Crawl: its list, its indexes and its data, as documented."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.warc import Captures, Exchange, Record, record_at, unpacked
from tests.archives import BROKEN, CommonCrawl, as_common_crawl
from tests.captures import responses, warc_files
from tests.pywb import ask

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

SITE = "https://www.paper.example"
CRAWL = "CC-MAIN-2024-10"
OLD, NEW = "2024-01-02T03:04:05.123456+00:00", "2025-01-02T03:04:05.900000+00:00"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    kept = Captures(tmp_path, "test", {"software": "test"}, 1e9, is_on=True)
    wanted = [("1", 200, OLD), ("1", 200, NEW), ("2", 301, OLD), ("3", 200, OLD), ("4", 404, OLD)]
    for path, status, moment in [*wanted, ("5", 200, NEW)]:
        # The second capture of 1 is a revisit: the index of a crawl has none.
        body = f"page {path}".encode()
        url, headers = f"{SITE}/news/{path}", (("Content-Type", "text/html"),)
        kept.keep(Exchange(url, moment, "GET", (), status, "HTTP/1.1", headers, body))
    kept.close()
    return warc_files(tmp_path)


def crawl_rows(crawl: CommonCrawl, query: str) -> list[dict[str, Any]]:
    told = ask(f"{crawl.index.url}/{CRAWL}-index?output=json&{query}")
    return [json.loads(line) for line in told.body.splitlines()]


def test_common_crawl_lists_its_crawls_newest_first(files: list[Path]) -> None:
    with CommonCrawl({CRAWL: files, "CC-MAIN-2025-05": files}) as crawl:
        newest, oldest = json.loads(ask(f"{crawl.index.url}/collinfo.json").body)
    assert (newest["id"], oldest["id"]) == ("CC-MAIN-2025-05", CRAWL)
    assert oldest["cdx-api"] == f"{crawl.index.url}/{CRAWL}-index"
    assert (oldest["from"], oldest["to"]) == ("2024-01-02T03:04:05", "2025-01-02T03:04:05")


def test_common_crawl_pages_filters_and_says_when_there_is_nothing(files: list[Path]) -> None:
    url = "url=paper.example/*"
    with CommonCrawl({CRAWL: files}) as crawl:
        found = crawl_rows(crawl, url)
        assert len(found) == 5
        (pages,) = crawl_rows(crawl, f"{url}&showNumPages=true&pageSize=2")
        assert pages == {"pages": 3, "pageSize": 2, "blocks": 3}
        paged = [crawl_rows(crawl, f"{url}&page={at}&pageSize=2") for at in range(3)]
        assert [line for page in paged for line in page] == found
        assert crawl_rows(crawl, f"{url}&filter==status:404&fl=url") == [{"url": f"{SITE}/news/4"}]
        index = f"{crawl.index.url}/{CRAWL}-index?output=json"
        beyond = ask(f"{index}&{url}&page=3&pageSize=2")
        assert (beyond.status, b"Last Page is 2" in beyond.body) == (400, True)
        nothing = ask(f"{index}&url=elsewhere.example/*")
        message = "No Captures found for: elsewhere.example/*"
        assert (nothing.status, json.loads(nothing.body)) == (404, {"message": message})
        crawl.index.answer_next(503)
        slow = ask(f"{index}&{url}")
        assert (slow.status, b"<Code>SlowDown</Code>" in slow.body) == (503, True)


@pytest.mark.parametrize("name", BROKEN)
def test_a_line_of_a_crawl_may_be_broken(files: list[Path], name: str) -> None:
    with CommonCrawl({CRAWL: files}) as crawl:
        good = crawl_rows(crawl, "url=paper.example/*")
        crawl.index.broken = [name]
        told = ask(f"{crawl.index.url}/{CRAWL}-index?output=json&url=paper.example/*").body
    first, broken, *rest = told.decode().splitlines()
    assert [json.loads(line) for line in (first, *rest)] == good
    assert broken not in {first, *rest}


def test_a_crawl_of_the_replica_is_fetched_record_by_record(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """By ranges of a file whose bodies are unpacked, as Common Crawl stores them."""
    server = replica(articles=12, days=3)
    crawl(site=server.url, settings={"OBSERVER_CAPTURE": 1})
    kept = responses(tmp_path / "data")
    stored = as_common_crawl(warc_files(tmp_path / "data"), tmp_path / "CC-0.warc.gz")
    with CommonCrawl({CRAWL: [stored]}) as archive:
        lines = {line["url"]: line for line in crawl_rows(archive, f"url={server.url}/*")}
        assert lines.keys() == {record.url for record in kept}
        for record in kept:
            got = fetched(archive, lines[record.url], tmp_path / "one.warc.gz")
            assert got.body == unpacked(record, 10**7)
            assert got.header("x-crawler-content-encoding") == "gzip"
            assert got.date[:19] == record.date[:19]


def fetched(archive: CommonCrawl, line: Mapping[str, Any], path: Path) -> Record:
    begin, size = int(line["offset"]), int(line["length"])
    place = f"{archive.data.url}/{line['filename']}"
    answer = ask(place, Range=f"bytes={begin}-{begin + size - 1}")
    assert answer.status == 206
    path.write_bytes(answer.body)
    found = record_at(path, 0)
    assert isinstance(found, Record)
    return found
