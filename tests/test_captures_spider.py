"""The backfill from web archives: a site that is no more, rebuilt from what was captured of it."""

from __future__ import annotations

import json
import zipfile
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from tests import pywb
from tests.archive_index import captures_of
from tests.archived import FAST, SPIDER, Gone, articles, backfill, captured, gone, lines, page
from tests.archives import (
    BROKEN,
    CommonCrawl,
    Limits,
    WaybackMachine,
    as_common_crawl,
    challenge,
    empty,
    other_content,
    redirect_to,
)
from tests.conftest import run_scrapy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl, StartCrawl
    from tests.pywb import Archive


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    return gone(tmp_path_factory.mktemp("gone") / "data", articles=60, days=3)


@pytest.fixture(scope="module")
def archive(old: Gone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with pywb.serving(old.files, tmp_path_factory.mktemp("pywb")) as served:
        yield served


def test_a_site_that_is_gone_is_rebuilt_killed_on_the_way(
    old: Gone, archive: Archive, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"spider": SPIDER, "site": old.site, "source": archive.url}
    data = tmp_path / "data"
    for count in (3, 20, 45):
        running = start_crawl(**asked, settings=FAST)
        running.until(lambda count=count: len(lines(data)) >= count)  # type: ignore[misc]
        running.process.kill()
        running.process.communicate()
    done = start_crawl(**asked, settings=FAST).wait()
    assert done.code == 0, done.err[-3000:]
    assert articles(data) == articles(old.data)
    for line in lines(data):
        stamp = line["source_url"].removeprefix(f"{archive.url}/")[:14]
        assert line["fetched_at"].startswith(
            f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[8:10]}:"
        )


def test_a_folder_from_an_archive_is_as_good_as_any_other(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    """It is verified, read again to the same lines, and exported; no archive counts as a site."""
    files = [as_common_crawl(old.files, tmp_path / "a.warc.gz")]
    data = tmp_path / "data"
    with WaybackMachine(old.files) as machine:
        assert backfill(crawl, old.site, machine, max_articles=20).code == 0
    with CommonCrawl({"CC-MAIN-2025-26": files}) as standing:
        bases = f"{standing.index.url} {standing.data.url}"
        settings = {**FAST, "OBSERVER_COMMON_CRAWL": bases}
        done = crawl(spider=SPIDER, site=old.site, source="commoncrawl", settings=settings)
        assert done.code == 0, done.err[-3000:]
    assert articles(data) == articles(old.data)
    where = ("-s", f"OBSERVER_DATA={data}")
    for words in (("verify",), ("export",), ("status",), ("coverage",)):
        said = run_scrapy(*words, *where)
        assert said.returncode == 0, (words, said.stdout, said.stderr)
    said = run_scrapy("export", "--format", "wacz", *where)
    assert said.returncode == 0, said.stderr
    packed = next((data / "dataset").glob("*/*.wacz"))
    with zipfile.ZipFile(packed) as archive:
        pages = archive.read("pages/pages.jsonl").splitlines()[1:]
    assert {json.loads(page)["id"].partition("/")[0] for page in pages} == set(articles(data))
    again = ("-s", f"OBSERVER_DATA={tmp_path / 'again'}")
    kept = sorted(str(path) for path in (data / "warc").glob("*.warc.gz"))
    said = run_scrapy("reextract", *kept, *again)
    assert said.returncode == 0, said.stderr
    assert lines(tmp_path / "again") == lines(data)


def test_a_backfill_is_not_replayed(old: Gone, crawl: RunCrawl) -> None:
    done = crawl(spider=SPIDER, settings={"OBSERVER_REPLAY": old.data / "warc"})
    assert done.code == 1
    assert done.err.startswith(
        "scrapy: observer_captures is not replayed: its files play as pages"
    )


@pytest.mark.parametrize("encoding", ["header", "bare", "doubled", "unpacked"])
def test_the_wayback_machine_gives_the_same_articles(
    old: Gone, crawl: RunCrawl, tmp_path: Path, encoding: str
) -> None:
    with WaybackMachine(old.files, encoding=encoding) as machine:
        done = backfill(crawl, old.site, machine)
    assert done.code == 0, done.err[-3000:]
    assert articles(tmp_path / "data") == articles(old.data)


def test_common_crawl_gives_the_same_articles(old: Gone, crawl: RunCrawl, tmp_path: Path) -> None:
    files = [as_common_crawl(old.files, tmp_path / "a.warc.gz")]
    with CommonCrawl({"CC-MAIN-2025-26": files}) as standing:
        bases = f"{standing.index.url} {standing.data.url}"
        done = crawl(
            spider=SPIDER,
            site=old.site,
            source="commoncrawl",
            settings={**FAST, "OBSERVER_COMMON_CRAWL": bases},
        )
    assert done.code == 0, done.err[-3000:]
    assert articles(tmp_path / "data") == articles(old.data)


def test_the_limits_of_an_archive_are_kept_also_after_a_refusal(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    limits = Limits(
        cdx_per_minute=20, minute_seconds=6.0, capture_seconds=0.03, one_at_a_time=True
    )
    paced = {
        "OBSERVER_ARCHIVE_SECONDS": 0.15,
        "OBSERVER_ARCHIVE_INDEX_SECONDS": 0.4,
        "CONCURRENT_REQUESTS": 8,
    }
    with WaybackMachine(old.files, limits) as machine:
        machine.answer_next(429, kind="capture")
        done = backfill(crawl, old.site, machine, settings=paced, max_articles=20)
        assert machine.triggered == 0
        times = [each.time for each in machine.log]
        refused = next(each.time for each in machine.log if each.status == 429)
        assert min(time for time in times if time > refused) - refused >= 1.0
        assert [each.status for each in machine.log].count(429) == 1
        assert machine.max_in_flight == 1
    assert done.code == 0, done.err[-3000:]
    assert len(articles(tmp_path / "data")) == 20


def test_who_goes_on_asking_is_shut_out(old: Gone, crawl: RunCrawl) -> None:
    """The stand-in of the test above can tell: without the pause it shuts the crawl out."""
    with WaybackMachine(old.files) as machine:
        machine.answer_next(429, kind="capture")
        backfill(crawl, old.site, machine, settings={"OBSERVER_ARCHIVE_PAUSE_SECONDS": 0})
        assert machine.triggered


def test_a_refused_connection_is_a_refusal(old: Gone, crawl: RunCrawl) -> None:
    """Nothing is asked for the whole pause: the run ends and says so, and so does the next one."""
    with WaybackMachine(old.files) as machine:
        machine.refuse(60)
        long = {"OBSERVER_ARCHIVE_PAUSE_SECONDS": 3900}
        first = backfill(crawl, old.site, machine, settings=long)
        second = backfill(crawl, old.site, machine, settings=long)
        assert machine.log == []
    assert (first.code, second.code) == (3, 3)
    assert first.stats["observer/requests"] == 1
    assert second.stats.get("observer/requests", 0) == 0
    assert "asked to be left alone until" in second.err


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param("aab"),
        pytest.param("abb", marks=pytest.mark.prove),
        pytest.param("aba", marks=pytest.mark.prove),
    ],
)
def test_three_captures_with_two_texts_are_two_revisions_in_any_order(
    old: Gone, crawl: RunCrawl, tmp_path: Path, texts: str
) -> None:
    """A text that came back is a third; nobody sees that it was there before unless it is told."""
    name = next(line["id"] for line in lines(old.data) if line["body"])
    with serve(Replica(Options(articles=60, days=3, robots="none"))) as server:
        url = f"{server.url}/news/{name.partition(':')[2]}"
        first = page(url)
        server.edit(name)
        second = page(url)
    old = Gone(server.url, tmp_path)
    days = ("2025-07-01", "2025-08-01", "2025-09-01")
    bodies = [first if text == "a" else second for text in texts]
    for order in permutations(range(3)):
        data = tmp_path / "".join(map(str, order))
        files: list[Path] = []
        with WaybackMachine([]) as machine:
            for number in order:
                files += captured(data / str(number), [(url, days[number], bodies[number])])
                machine.captures = captures_of(files)
                settings = {"OBSERVER_DATA": data / "data"}
                done = backfill(crawl, old.site, machine, all=1, settings=settings)
                assert done.code == 0, done.err[-3000:]
        found = [line["content_sha256"] for line in lines(data / "data")]
        assert len(set(found)) == 2
        assert all(one != two for one, two in pairwise(found))
        assert (found[-1] == found[0]) is (texts == "aba" and len(found) == 3)


def test_what_is_no_capture_is_counted_named_and_passed_over(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    names = sorted(articles(old.data))[:4]
    oddities = [challenge, empty, other_content, redirect_to("https://www.observerbd.com/")]
    with WaybackMachine(old.files) as machine:
        machine.broken = list(BROKEN)
        for name, oddity in zip(names, oddities, strict=True):
            machine.plays[f"{name.partition(':')[2]}$"] = oddity
        done = backfill(crawl, old.site, machine)
    assert done.code == 0, done.err[-3000:]
    whole = articles(old.data)
    assert articles(tmp_path / "data") == {
        name: whole[name] for name in whole if name not in names
    }
    for reason in ("challenge", "empty answer", "of a redirect", "of another site"):
        assert f"captures passed over, {reason}" in done.err
    assert "makes no sense" in done.err
    assert "captures lines without sense" in done.err
