"""Every answer is kept as it came, in files that others can read, whatever befalls the run."""

from __future__ import annotations

import gzip
import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from cdxj_indexer.main import CDXJIndexer
from scrapy.utils.test import get_crawler

from observer_crawler.exceptions import CaptureError
from observer_crawler.pipelines import StoreArticle
from observer_crawler.replica.page import Page
from observer_crawler.spiders.observer import ObserverSpider
from observer_crawler.warc import Captures, Exchange, Record, records, unpacked
from tests.captures import assert_captures, assert_readable, kept, responses, warc_files
from tests.raw_site import raw_site
from tests.trials import LINK, trial, undisturbed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

CAPTURED = {"OBSERVER_CAPTURE": 1}
MOMENT = "2026-11-26T14:26:49.123456+00:00"


def exchange(url: str = "http://127.0.0.1/a", body: bytes = b"a body", **more: Any) -> Exchange:  # noqa: ANN401
    usual: dict[str, Any] = {
        "fetched_at": MOMENT,
        "method": "GET",
        "asked": (("User-Agent", "observer_crawler"),),
        "status": 200,
        "protocol": "HTTP/1.1",
        "answered": (("Content-Type", "text/html"), ("Content-Length", str(len(body)))),
    }
    return Exchange(url=url, body=body, **{**usual, **more})


def captures(data: Path, most_bytes: float = 1e9) -> Captures:
    data.mkdir(exist_ok=True)
    return Captures(data, "test", {"software": "test"}, most_bytes, is_on=True)


def test_every_answer_has_its_record_as_it_was_received(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """Lists, robots.txt and pages that were refused included; packed bodies stay packed."""
    odd = {"/news/1": lambda _: Page(200, {"Content-Type": "text/html"}, b"<p>no article</p>")}
    server = replica(odd, articles=20, days=3)
    run = crawl(site=server.url, settings=CAPTURED)
    found = {record.url: record for record in responses(tmp_path / "data")}
    asked = [access for access in server.log if access.status == 200]
    assert {server.url + access.path for access in asked} == set(found)
    assert f"{server.url}/robots.txt" in found
    for access in asked:
        record = found[server.url + access.path]
        assert record.header("content-encoding") == "gzip"
        assert unpacked(record, 10**7) == server.replica.get(access.path).body
    assert run.stat("captured") == len(server.log)
    assert f"answers kept                 {len(server.log)}, in " in run.err


def test_headers_that_repeat_or_are_not_ascii_stay_and_chunks_go(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    location = "/news/caf\u00e9".encode("latin-1")
    page = (
        b"HTTP/1.1 302 Moved\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: %s\r\n" % location
    )
    page += b"Transfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    with raw_site({"/": page}) as site:
        crawl(site=site, settings=CAPTURED)
    (front,) = [each for each in kept(tmp_path / "data") if each.status == 302]
    values = [value for name, value in front.http if name.lower() == "set-cookie"]
    assert values == ["a=1", "b=2"]
    assert front.header("location") == "/news/caf\u00e9"
    assert front.header("transfer-encoding") is None
    assert front.header("content-length") == "5"
    assert front.body == b"abcde"


def test_the_question_stands_beside_the_answer(tmp_path: Path) -> None:
    kept_by = captures(tmp_path)
    kept_by.keep(exchange("http://127.0.0.1:8000/news.php?id=1"))
    kept_by.close()
    packed = gzip.decompress(warc_files(tmp_path)[0].read_bytes())
    assert b"GET /news.php?id=1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nUser-Agent: obs" in packed
    info, answer, question = kept(tmp_path)
    assert (info.kind, answer.kind, question.kind) == ("warcinfo", "response", "request")
    assert answer.date == question.date == info.date == MOMENT
    assert f"WARC-Concurrent-To: <{answer.id}>".encode() in packed


def test_a_file_says_how_its_records_came_about_and_nothing_of_the_machine(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=6, days=3)
    crawl(site=server.url, settings={**CAPTURED, "OBSERVER_CONTACT": "me@example.org"})
    told = kept(tmp_path / "data")[0].body.decode()
    fields = dict(line.split(": ", 1) for line in told.splitlines())
    assert fields["isPartOf"] == server.url
    assert fields["operator"] == "me@example.org"
    assert "observer_crawler/" in fields["software"]
    assert json.loads(fields["settings"])["DOWNLOAD_DELAY"] == "0.001"
    assert str(tmp_path) not in told


def test_a_body_that_comes_again_is_a_revisit_and_points_to_the_first(tmp_path: Path) -> None:
    kept_by = captures(tmp_path)
    first = kept_by.keep(exchange("http://127.0.0.1/a", b"the same"))
    second = kept_by.keep(exchange("http://127.0.0.1/b", b"the same"))
    empty = [kept_by.keep(exchange(body=b"", status=304)) for _ in range(2)]
    kept_by.close()
    assert first == second
    revisit = next(each for each in kept(tmp_path) if each.kind == "revisit")
    assert (revisit.url, revisit.refers_to) == ("http://127.0.0.1/b", first.record_id)
    assert revisit.body == b""
    assert empty[0] != empty[1]
    assert_captures(tmp_path, [])


def test_a_file_is_closed_when_it_is_full(tmp_path: Path) -> None:
    kept_by = captures(tmp_path, most_bytes=1500)
    places = [kept_by.keep(exchange(body=bytes(100 * [number]))) for number in range(9)]
    kept_by.close()
    assert len(warc_files(tmp_path)) > 2
    for number, place in enumerate(places):
        (found,) = (each for each in responses(tmp_path) if each.id == place.record_id)
        assert (found.file, found.offset) == (place.file, place.offset)
        assert found.body == bytes(100 * [number])
    assert_captures(tmp_path, [])


def test_the_index_is_what_other_tools_make_of_the_file(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=20, days=3)
    crawl(site=server.url, settings=CAPTURED)
    (path,) = warc_files(tmp_path / "data")
    theirs = tmp_path / "theirs.cdxj"
    with theirs.open("w", encoding="utf-8") as out:
        CDXJIndexer(output=out, inputs=[str(path)], sort=True).process_all()
    ours = path.with_name(path.name.replace(".warc.gz", ".cdxj"))
    assert _told(ours) == _told(theirs)
    assert len(_told(ours)) == len(server.log)


def _told(index: Path) -> list[tuple[str, str, dict[str, str]]]:
    """Give key, time and fields of each line, without the one that is ours alone."""
    rows = [line.split(" ", 2) for line in index.read_text("utf-8").splitlines()]
    return [(key, stamp, {**json.loads(fields), "record_id": ""}) for key, stamp, fields in rows]


def test_others_find_every_record_whole(replica: Serve, crawl: RunCrawl, tmp_path: Path) -> None:
    crawl(site=replica(articles=20, days=3).url, settings=CAPTURED)
    assert_readable(tmp_path / "data")
    (path,) = warc_files(tmp_path / "data")
    os.truncate(path, path.stat().st_size - 100)  # a few bytes at the end it does not miss
    with pytest.raises(AssertionError):
        assert_readable(tmp_path / "data")


@pytest.mark.parametrize(
    ("site", "typed", "is_on"),
    [
        (None, "", True),
        (None, "0", False),
        ("http://127.0.0.1:8000", "", False),
        ("http://127.0.0.1:8000", "1", True),
        ("http://localhost:8000", "", False),
        ("https://mirror.example.org", "", True),
    ],
)
def test_capture_is_on_for_every_site_but_one_on_this_machine(
    tmp_path: Path, site: str | None, typed: str, *, is_on: bool
) -> None:
    settings = {
        "OBSERVER_DATA": str(tmp_path),
        "OBSERVER_CAPTURE": typed,
        "OBSERVER_RETRY_ATTEMPTS": 4,
        "OBSERVER_WARC_GB": 1,
    }
    crawler = get_crawler(ObserverSpider, settings)
    typed_site = {"site": site} if site else {}
    crawler.spider = ObserverSpider.from_crawler(crawler, **typed_site)
    StoreArticle.from_crawler(crawler)
    books: Any = crawler.spider.books
    books.close()
    assert books.captures.is_on is is_on


def test_a_crawl_without_capture_says_so(replica: Serve, crawl: RunCrawl, tmp_path: Path) -> None:
    run = crawl(site=replica(articles=6, days=3).url)
    told = r"answers kept +none: capture is off \(OBSERVER_CAPTURE=1 keeps them\)"
    assert re.search(told, run.err)
    assert not (tmp_path / "data" / "warc").exists()
    assert {article["capture"] for article in run.articles} == {None}


def test_an_answer_that_cannot_be_kept_ends_the_run_and_nothing_is_stored_without(
    tmp_path: Path,
) -> None:
    site: dict[str, Any] = {"articles": 40, "days": 3}
    wanted = undisturbed(tmp_path / "calm", LINK, **site)
    with trial(tmp_path / "full", LINK, **site) as crawl:
        run = crawl.run("record:full:9")
        assert run.code == 3
        last = run.err.splitlines()[-1]
        assert last.startswith(
            "Stopped, the answers can no longer be kept: cannot keep answers in"
        )
        assert last.endswith("The same command goes on.")
        assert 0 < len(run.ids) < len(kept(crawl.data)) / 2
        crawl.finish(1)
        crawl.assert_right(wanted)


def test_what_a_killed_run_left_is_cut_to_its_last_whole_record(tmp_path: Path) -> None:
    kept_by = captures(tmp_path)
    for number in range(3):
        kept_by.keep(exchange(body=b"%d" % number))
    (opened,) = (tmp_path / "warc").iterdir()
    whole = opened.read_bytes()
    kept_by.keep(exchange(body=b"x" * 5000))
    torn = opened.read_bytes()
    kept_by.close()
    for cut in range(len(whole) + 1, len(torn) - 1, 97):
        data = tmp_path / f"cut-{cut}"
        (data / "warc").mkdir(parents=True)
        (data / "warc" / opened.name).write_bytes(torn[:cut])
        captures(data).recover()
        (path,) = warc_files(data)
        assert path.read_bytes().startswith(whole)
        assert_captures(data, [])


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b\x08torn"])
def test_a_file_without_a_whole_record_goes(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "warc").mkdir()
    (tmp_path / "warc" / "test-20261126T142649Z-0.warc.gz.open").write_bytes(left)
    captures(tmp_path).recover()
    assert list((tmp_path / "warc").iterdir()) == []


def test_a_file_from_elsewhere_keeps_no_run_from_starting(tmp_path: Path) -> None:
    """Its addresses may be none, and so may the list of sums."""
    kept_by = captures(tmp_path)
    kept_by.keep(exchange("http://127.0.0.1:99999999/a b"))
    kept_by.close()
    (tmp_path / "warc" / "SHA256SUMS").write_bytes(b"\xff\xfe  \n")
    captures(tmp_path).recover()
    assert_captures(tmp_path, [])


def test_two_runs_in_one_second_have_a_file_each(tmp_path: Path) -> None:
    for _ in range(2):
        kept_by = captures(tmp_path)
        kept_by.keep(exchange())
        kept_by.close()
    names = [path.name for path in warc_files(tmp_path)]
    assert names == ["test-20261126T142649Z-0.warc.gz", "test-20261126T142649Z-1.warc.gz"]
    assert_captures(tmp_path, [])


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "warc").write_text("a file")
    with pytest.raises(CaptureError, match=r"cannot keep answers in .*/warc.*: File exists"):
        captures(tmp_path).keep(exchange())


def test_a_whole_file_is_read_record_by_record(tmp_path: Path) -> None:
    kept_by = captures(tmp_path)
    kept_by.keep(exchange())
    kept_by.close()
    (path,) = warc_files(tmp_path)
    found = list(records(path))
    assert all(isinstance(each, Record) for each in found)
    assert sum(each.size for each in found if isinstance(each, Record)) == path.stat().st_size
