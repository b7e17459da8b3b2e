"""Law 4: a crawl is the replay of what it captured, once the site is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica.page import Page
from tests.captures import kept, warc_files
from tests.test_crawl import LISTED, SMALL, listed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve

CAPTURED = {"OBSERVER_CAPTURE": 1}
MARKUPS = ("2014", "2016", "2024")


def lines(data: Path) -> list[bytes]:
    """Give all lines of a folder, sorted."""
    files = (data / "articles").glob("*/*.jsonl")
    return sorted(line for path in files for line in path.read_bytes().splitlines())


@pytest.fixture
def replay(crawl: RunCrawl, tmp_path: Path) -> Callable[..., Crawl]:
    """Play the captures of `tmp_path / "data"` into `tmp_path / "again"`."""
    return player(crawl, tmp_path)


def player(crawl: RunCrawl, folder: Path) -> Callable[..., Crawl]:
    """Give what plays the captures of `folder / "data"` into `folder / "again"`."""

    def run(**more: Any) -> Crawl:  # noqa: ANN401 (the crawl's own)
        settings = {
            "OBSERVER_REPLAY": folder / "data" / "warc",
            "OBSERVER_DATA": folder / "again",
            **more.pop("settings", {}),
        }
        return crawl(settings=settings, **more)

    return run


@pytest.mark.parametrize(
    ("spider", "markup", "articles"),
    [
        *(("observer", markup, 60) for markup in MARKUPS),
        ("observer_archive", "2024", 60),
        *(
            pytest.param(spider, markup, 3000, marks=pytest.mark.prove)
            for spider in ("observer", "observer_archive")
            for markup in MARKUPS
        ),
    ],
)
def test_a_crawl_is_the_replay_of_what_it_captured(  # noqa: PLR0913, PLR0917
    replica: Serve,
    crawl: RunCrawl,
    replay: Callable[..., Crawl],
    tmp_path: Path,
    spider: str,
    markup: str,
    articles: int,
) -> None:
    """Both ways in and each markup once in `make test`, all pairs of them in `make prove`."""
    server = replica(articles=articles, days=max(articles // 20, 3), markup=markup)
    assert_is_its_replay(crawl, replay, tmp_path, server, spider)
    assert len(lines(tmp_path / "again")) >= articles * 0.9


def assert_is_its_replay(
    crawl: RunCrawl, replay: Callable[..., Crawl], folder: Path, server: Server, spider: str
) -> None:
    """Crawl a site, close it, and play what was captured: the same lines, `fetched_at` included."""
    days = server.replica.days()
    more: dict[str, Any] = {}
    if spider == "observer_archive":
        more = {"from_date": days[0], "until_date": days[-1]}
    crawled = crawl(site=server.url, spider=spider, settings=CAPTURED, **more)
    assert crawled.code == 0, crawled.err[-2000:]
    server.close()
    played = replay(site=server.url, spider=spider, **more)
    assert played.code == 0, played.err[-2000:]
    assert played.stat("not_recorded") == 0
    assert lines(folder / "again") == lines(folder / "data")
    assert not (folder / "again" / "warc").exists()


def test_answers_of_one_address_are_played_in_the_order_of_their_dates(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    """A page that was busy twice and then came is all three in the replay."""
    ids = listed(replica(**SMALL))
    number = ids[0].partition(":")[2]
    busy = {
        path: lambda visit: (
            Page(503, {"Content-Type": "text/html"}, b"busy") if visit < 2 else None
        )
        for path in (f"/news/{number}", f"/news.php?id={number}", f"/details.php?id={number}")
    }
    server = replica(busy, **SMALL)
    crawled = crawl(site=server.url, settings=CAPTURED, **LISTED)
    server.close()
    played = replay(site=server.url, **LISTED)
    assert (crawled.code, played.code) == (0, 0)
    assert played.stat("requests") == crawled.stat("requests")
    assert lines(tmp_path / "again") == lines(tmp_path / "data")
    assert ids[0] in played.ids


def test_a_page_is_played_by_whatever_form_of_its_address_it_is_asked_for(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl]
) -> None:
    """The form that a crawl saw last hangs on when a retry came between two pages."""
    server = replica(articles=60, days=3)
    crawled = crawl(site=server.url, settings=CAPTURED)
    server.close()
    old = next(each for each in crawled.articles if ".php?id=" in each["source_url"])
    played = replay(site=server.url, spider="observer_archive", ids=old["id"])
    assert (played.code, played.stat("not_recorded")) == (0, 0)
    assert played.articles == [old]


def test_two_nights_that_are_played_one_after_the_other_give_both_revisions(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    server = replica(articles=12, days=3)
    first_night = crawl(site=server.url, settings=CAPTURED)
    edited = next(each["id"] for each in first_night.articles if each["body"])
    server.edit(edited)
    assert crawl(site=server.url, settings=CAPTURED, revisit="all").code == 0
    server.close()
    first, second = warc_files(tmp_path / "data")
    assert replay(site=server.url, settings={"OBSERVER_REPLAY": first}).code == 0
    both = replay(site=server.url, settings={"OBSERVER_REPLAY": second}, revisit="all")
    assert both.code == 0, both.err[-2000:]
    assert lines(tmp_path / "again") == lines(tmp_path / "data")
    assert [each["revision"] for each in both.articles if each["id"] == edited] == [1, 2]


def test_what_was_not_recorded_is_counted_and_ends_no_run(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    server = replica(articles=30, days=3)
    assert crawl(site=server.url, settings=CAPTURED, max_articles=5).code == 0
    played = replay(site=server.url)
    assert played.code == 0, played.err[-2000:]
    assert played.stat("not_recorded") == played.stat("addresses/missing") > 0
    assert lines(tmp_path / "again") == lines(tmp_path / "data")
    assert "requests not recorded" in played.err


def test_a_replay_without_robots_txt_knows_no_rules(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    server = replica(articles=12, days=3, robots="none")
    first = crawl(site=server.url, settings={**CAPTURED, "OBSERVER_WARC_GB": 0.000_001})
    assert first.code == 0
    (rules,) = {each.file for each in kept(tmp_path / "data") if each.url.endswith("robots.txt")}
    (tmp_path / "data" / "warc" / rules).unlink()
    assert replay(site=server.url).code == 0
    assert len(lines(tmp_path / "again")) == len(lines(tmp_path / "data"))


def test_a_replay_is_of_the_day_of_its_records(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl]
) -> None:
    """The nightly crawl asks for the days around its own; its replay a year later for the same."""
    now = "2025-06-16T21:00:00+06:00"
    server = replica(articles=40, days=4, now=now)
    nightly: dict[str, Any] = {"site": server.url, "spider": "observer_archive", "index_only": 1}
    nightly["from_date"] = "2025-06-13"
    crawled = crawl(settings={**CAPTURED, "OBSERVER_NOW": now}, **nightly)
    played = replay(**nightly)
    assert (played.code, played.stat("not_recorded")) == (crawled.code, 0)
    assert played.stat("requests") == crawled.stat("requests")


def test_a_replay_needs_a_folder_of_its_own(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    server = replica(articles=6, days=3)
    assert crawl(site=server.url, settings=CAPTURED).code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    same = replay(site=server.url, settings={"OBSERVER_DATA": tmp_path / "data"})
    assert same.code == 1
    assert "a replay does not write to the folder that it reads" in same.err
    other = {"OBSERVER_DATA": tmp_path / "live"}
    assert crawl(site=server.url, settings=other).code == 0
    mixed = replay(site=server.url, settings=other)
    assert mixed.code == 1
    assert f"holds what was read from {server.url}, and this run asks replay+" in mixed.err
    assert before == {path: path.read_bytes() for path in before}


NO_FILES = ": expected files, patterns or folders of *.warc.gz, with commas between"


@pytest.mark.parametrize("typed", ["nowhere.warc.gz", "nowhere/*.warc.gz", "empty"])
def test_a_replay_of_no_file_says_so_in_one_line(
    crawl: RunCrawl, tmp_path: Path, typed: str
) -> None:
    (tmp_path / "empty").mkdir()
    settings = {"OBSERVER_REPLAY": tmp_path / typed}
    played = crawl(site="http://127.0.0.1:1", settings=settings)
    assert played.code == 1
    assert played.err == f"scrapy: no WARC file is named by {str(tmp_path / typed)!r}{NO_FILES}\n"


@pytest.mark.parametrize("typed", ["  ", " , "])
def test_a_replay_of_nothing_is_no_crawl_of_the_site(crawl: RunCrawl, typed: str) -> None:
    played = crawl(site="http://127.0.0.1:1", settings={"OBSERVER_REPLAY": typed})
    assert played.code == 1
    assert played.err == f"scrapy: no WARC file is named by {typed!r}{NO_FILES}\n"


def test_a_file_that_is_not_packed_record_by_record_is_told_how_to_be(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    (tmp_path / "plain.warc.gz").write_bytes(b"WARC/1.0\r\n\r\n")
    settings = {"OBSERVER_REPLAY": tmp_path / "plain.warc.gz"}
    played = crawl(site="http://127.0.0.1:1", settings=settings)
    assert played.code == 1
    assert played.err == (
        f"scrapy: there is no record to play: {tmp_path / 'plain.warc.gz'} at byte 0 is not "
        "packed: `warcio recompress` packs each record by itself\n"
    )


@pytest.mark.parametrize("name", ["a,b", "x[1]"])
def test_a_file_of_any_name_in_a_folder_is_played(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path, name: str
) -> None:
    assert crawl(site=(server := replica(articles=6, days=3)).url, settings=CAPTURED).code == 0
    (path,) = warc_files(tmp_path / "data")
    path.rename(path.with_name(f"{name}.warc.gz"))
    assert replay(site=server.url).stat("articles/stored") == len(lines(tmp_path / "data"))


def test_a_damaged_record_is_named_and_the_others_are_played(
    replica: Serve, crawl: RunCrawl, replay: Callable[..., Crawl], tmp_path: Path
) -> None:
    server = replica(articles=12, days=3)
    assert crawl(site=server.url, settings=CAPTURED).code == 0
    (path,) = warc_files(tmp_path / "data")
    article = next(
        json.loads(line)["capture"] for line in lines(tmp_path / "data") if b"/news/" in line
    )
    damaged = bytearray(path.read_bytes())
    damaged[article["offset"] + 600] ^= 1
    path.write_bytes(damaged)
    played = replay(site=server.url)
    assert played.stat("not_recorded") == 1
    assert f"byte {article['offset']}: cannot be unpacked" in played.err
    assert len(lines(tmp_path / "again")) == len(lines(tmp_path / "data")) - 1
