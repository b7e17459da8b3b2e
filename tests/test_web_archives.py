"""What an archive's index says, how its pages follow one another, and what its answers carry."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler.archives import (
    Asked,
    Capture,
    Limits,
    from_memento,
    from_warc,
    limits_of,
    read,
    source_of,
)
from observer_crawler.archives.sources import ROWS
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.spiders.captured import choose
from observer_crawler.spiders.captures_arguments import read as read_arguments
from observer_crawler.spiders.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = dt.datetime(2014, 2, 28, tzinfo=dt.UTC)
ASKED = Asked(["paper.example/news/"], FIRST, dt.datetime(2026, 12, 31, tzinfo=dt.UTC))
PAGE = "https://www.observerbd.com/news/7"
MEMENTO = ("Memento-Datetime", "Thu, 16 Jun 2022 12:00:00 GMT")
TYPE = ("Content-Type", "text/html")


def rows(*captured: Sequence[str], names: Sequence[str] = ("timestamp", "original")) -> bytes:
    return json.dumps([list(names), *map(list, captured)]).encode()


def test_an_index_is_read_in_the_words_of_wayback_pywb_and_common_crawl() -> None:
    wayback = rows(
        ("20220616120000", PAGE, "text/html", "200", "AB"),
        names=("timestamp", "original", "mimetype", "statuscode", "digest"),
    )
    pywb = json.dumps(
        {"timestamp": "20220616120000", "url": PAGE, "mime": "text/html", "status": "200",
         "digest": "AB"}
    ).encode()  # fmt: skip
    wanted = [Capture(PAGE, "20220616120000", 200, "text/html", "AB")]
    assert read(wayback).captures == read(pywb).captures == wanted


@pytest.mark.parametrize("body", [b"", b"[]", b"[]\n", b" \n"])
def test_an_index_that_has_nothing_has_no_line_without_sense(body: bytes) -> None:
    assert (read(body).captures, read(body).senseless, read(body).key) == ([], [], "")


def test_a_broken_row_hides_no_other() -> None:
    good = '["20220616120000","https://paper.example/1"]'
    body = f'[["timestamp","original"],\n{good},\n["2022", no json],\n{good}]\n'.encode()
    answer = read(body)
    assert len(answer.captures) == 2
    assert answer.senseless == ['["2022", no json],']


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_of_an_index_raise(body: bytes) -> None:
    read(body)
    read(b'[["timestamp","original"],\n' + body)


@pytest.mark.parametrize(
    "stamp", ["", "2022", "20220231120000", "00000101000000", "20220616120000x"]
)
def test_a_line_of_no_moment_makes_no_sense(stamp: str) -> None:
    assert len(read(rows((stamp, PAGE))).senseless) == 1


def test_the_wayback_machine_goes_on_by_its_key() -> None:
    source = source_of("wayback", {})
    (first,) = source.first(ASKED)
    body = b'[["timestamp","original"],["20220616120000","http://a.example/"],[],["k 1!"]]'
    (more,) = source.read(first, body, ASKED).more
    assert more == f"{first}&resumeKey=k+1%21"
    (last,) = source.read(more, body, ASKED).more
    assert last.count("resumeKey") == 1


def test_a_collection_is_halved_in_time_until_an_answer_is_whole() -> None:
    """Every second of the span is asked for, and none twice."""
    source = source_of("http://archive.example/coll/", {})
    full = b'{"url": "http://a.example/", "timestamp": "20220616120000"}\n' * ROWS
    (first,) = source.first(ASKED)
    one, two = source.read(first, full, ASKED).more
    assert "from=20140228000000&to=20200730120000" in one
    assert "from=20200730120001&to=20261231000000" in two
    assert not source.read(first, full[:-1000], ASKED).more
    second = one.replace("20140228000000", "20200730120000")
    assert source.read(second, full, ASKED).cut == "20200730120000"
    assert len(source.read(second, full, ASKED).captures) == ROWS


def test_common_crawl_is_asked_crawl_by_crawl_and_page_by_page() -> None:
    source = source_of("commoncrawl", {})
    (first,) = source.first(ASKED)
    crawls = [
        {"id": "new", "cdx-api": "https://index.commoncrawl.org/new", "from": "2020-01-01", "to": "2020-02-01"},
        {"id": "old", "cdx-api": "https://index.commoncrawl.org/old", "from": "2009-01-01", "to": "2009-02-01"},
        {"id": "odd"},
        {"id": "elsewhere", "cdx-api": "http://127.0.0.1/new"},
        {"id": "near", "cdx-api": "https://index.commoncrawl.org.example/new"},
    ]  # fmt: skip
    found = source.read(first, json.dumps(crawls).encode(), ASKED)
    assert len(found.senseless) == 3
    assert (source.is_empty(first, 404), source.is_empty(found.more[0], 404)) == (False, True)
    (count,) = found.more
    assert count.startswith("https://index.commoncrawl.org/new?")
    pages = source.read(count, b'{"pages": 2}', ASKED).more
    assert [page[-7:] for page in pages] == ["&page=0", "&page=1"]
    capture = Capture(PAGE, "20200116120000", file="crawl/a.warc.gz", offset=10, length=5)
    url = source.address(capture)
    assert url == "https://data.commoncrawl.org/crawl/a.warc.gz#bytes=10-14"
    assert source.headers(url) == {"Range": "bytes=10-14"}


@pytest.mark.parametrize(
    "text", ["", "waybak", "ftp://a.example/coll", "http://a.example", "http://a.example/c?x=1"]
)
def test_what_names_no_archive_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^argument source: expected wayback.*, got '"):
        source_of(text, {})


def test_only_a_collection_on_this_machine_has_no_limits() -> None:
    usual = Limits(1, 3, 3900)
    for text in ("wayback", "commoncrawl", "https://archive.example/coll"):
        assert limits_of(source_of(text, {}), usual) == usual
    assert limits_of(source_of("http://127.0.0.1:8080/coll", {}), usual) == Limits()


def test_a_memento_carries_the_answer_as_it_was() -> None:
    headers = (
        *(TYPE, MEMENTO, ("Link", "<x>"), ("x-archive-src", "a.warc.gz"), ("Server", "archive")),
        *(("x-archive-orig-date", "then"), ("x-archive-orig-etag", '"1"')),
        ("x-archive-orig-content-length", "9"),
    )
    found = from_memento(PAGE, 200, headers, b"body")
    assert found is not None
    assert (found.date, found.url) == ("2022-06-16T12:00:00.000000+00:00", PAGE)
    assert found.headers == (TYPE, ("date", "then"), ("etag", '"1"'))


@pytest.mark.parametrize(
    ("told", "body", "packing"),
    [
        ((("Content-Encoding", "gzip"),), b"\x1f\x8b", "gzip"),
        ((("Content-Encoding", ""), ("x-archive-orig-content-encoding", "gzip")), b"<", ""),
        ((("x-archive-orig-content-encoding", "gzip"),), b"\x1f\x8b", "gzip"),
        ((), b"<", ""),
    ],
)
def test_a_memento_says_how_its_bytes_are_packed_now(
    told: tuple[tuple[str, str], ...], body: bytes, packing: str
) -> None:
    found = from_memento(PAGE, 200, (TYPE, MEMENTO, *told), body)
    assert found is not None
    assert dict(found.headers).get("Content-Encoding", "") == packing


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Jun 2022 12:00:00 GMT"])
def test_what_has_no_moment_is_the_archives_own_word(date: str | None) -> None:
    more = () if date is None else (("Memento-Datetime", date),)
    assert from_memento(PAGE, 404, (TYPE, *more), b"not found") is None


@given(st.binary(max_size=300))
def test_bytes_that_are_no_record_carry_nothing(packed: bytes) -> None:
    assert from_warc(packed) is None


def test_captures_are_chosen_by_what_the_index_says_of_them() -> None:
    captures = [
        Capture(PAGE, "20220616120000", 200, "text/html", "A"),
        Capture("http://observerbd.com:80/details.php?id=7", "20220617120000", 200, "", "A"),
        Capture(PAGE, "20220618120000", 200, "text/html", "B"),
        Capture(PAGE, "20220619120000", 200, "text/html", "A"),
        Capture(PAGE, "20220620120000", 301, "text/html", "C"),
        Capture(PAGE, "20220621120000", 200, "image/jpeg", "D"),
        Capture("https://elsewhere.example/news/7", "20220622120000", 200),
        Capture("https://www.observerbd.com/author/x", "20220623120000", 200),
        Capture("https://bn.observerbd.com/details.php?id=7", "20220624120000", 200),
        Capture("https://www.observerbd.com/2014/09/06/41457.php", "20140907120000", 200),
    ]
    chosen = choose(captures, read_arguments({"from_date": "2016-01-01"}))
    assert {name: [each.stamp[:8] for each in kept] for name, kept in chosen.captures.items()} == {
        "b:7": ["20220616", "20220618", "20220619"]
    }
    assert chosen.passed == {
        "the same bytes": 1,
        "status 301": 1,
        "of no page": 1,
        "of another site": 1,
        "of no article": 2,
        "of another day": 1,
    }


def test_numbers_are_bounded_by_what_three_articles_say() -> None:
    numbers = Numbers(dt.date(2022, 6, 1), dt.date(2022, 6, 30))
    numbers.learn([("b:100", "2022-01-01"), ("b:110", "2022-01-02"), ("b:900", "2022-12-01")])
    assert not numbers.is_outside("b:1")
    numbers.learn([("b:120", "2022-01-03"), ("b:910", "2022-12-02"), ("b:920", "2022-12-03")])
    told = {n: numbers.is_outside(f"b:{n}") for n in (1, 99, 100, 500, 920, 921)}
    assert told == {1: True, 99: True, 100: False, 500: False, 920: False, 921: True}
    assert not numbers.is_outside("a:1"), "another space"
    numbers.learn([("b:5", "2022-06-28"), ("b:6", None), ("b:930", "2022-07-05")])
    assert not numbers.is_outside("b:915"), "a week beside the span says nothing"
