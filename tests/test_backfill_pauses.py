"""Whoever asks for a pause gets it, and nobody else does: an archive, or the newspaper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica.page import Page
from tests.archived import Gone, articles, backfill, gone
from tests.archives import Limits, WaybackMachine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Crawl, RunCrawl, Serve


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    return gone(tmp_path_factory.mktemp("gone") / "data", articles=14, days=2)


def paused(crawl: RunCrawl, site: str, machine: WaybackMachine, **more: Any) -> Crawl:  # noqa: ANN401
    """Backfill with the pause that the Wayback Machine wants."""
    settings = {"OBSERVER_ARCHIVE_PAUSE_SECONDS": 3_900, **more.pop("settings", {})}
    return backfill(crawl, site, machine, settings=settings, **more)


@pytest.mark.parametrize(
    ("status", "retry_after", "until"),
    [(429, "10", "21:50"), (429, "7200", "22:45"), (503, "7200", "22:45")],
)
def test_the_longer_of_two_pauses_is_kept(
    old: Gone, crawl: RunCrawl, status: int, retry_after: str, until: str
) -> None:
    """After a 429 it is 65 minutes at least, whatever the archive says."""
    # The hours of this night pass in a second, which is no haste.
    with WaybackMachine(old.files, Limits(penalty_seconds=0)) as machine:
        machine.answer_next(status, kind="capture", retry_after=retry_after)
        codes = [at(crawl, old.site, machine, "21:00"), at(crawl, old.site, machine, until)]
        assert codes == [3, 3]
        assert len(machine.asked("capture")) == 1
        assert at(crawl, old.site, machine, "23:10") == 0


def at(crawl: RunCrawl, site: str, machine: WaybackMachine, time: str) -> int:
    """Run a backfill at a time of the night in Dhaka; gives its exit code."""
    settings = {"OBSERVER_NOW": f"2025-06-16T{time}:00+06:00"}
    return paused(crawl, site, machine, settings=settings).code


def test_the_pause_of_an_archive_does_not_stop_the_newspaper(
    old: Gone, crawl: RunCrawl, replica: Serve
) -> None:
    server = replica(articles=14, days=2, robots="none")
    with WaybackMachine(old.files) as machine:
        machine.answer_next(429, kind="cdx")
        assert paused(crawl, server.url, machine).code == 3
        assert crawl(site=server.url, max_articles=3).stat("articles/stored") == 3
        assert paused(crawl, server.url, machine).code == 3
        assert len(machine.log) == 1


def test_the_pause_of_the_newspaper_does_not_stop_an_archive(
    old: Gone, crawl: RunCrawl, replica: Serve, tmp_path: Path
) -> None:
    later = Page(503, {"Retry-After": "7200"})
    server = replica({"/": lambda _: later}, articles=14, days=2, robots="none")
    assert crawl(site=server.url).code == 3
    with WaybackMachine(old.files) as machine:
        machine.captures = [
            replace(
                each,
                record=replace(each.record, url=each.record.url.replace(old.site, server.url)),
            )
            for each in machine.captures
        ]
        assert paused(crawl, server.url, machine).code == 0
    assert len(articles(tmp_path / "data")) == len(articles(old.data))


def test_what_is_excluded_is_not_asked_of_an_archive_and_its_budget_is_its_own(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    names = sorted(articles(old.data))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "exclude.txt").write_text(f"{names[0]} 2026-11-01 asked by its author\n")
    settings = {"OBSERVER_DAILY_REQUESTS": 9, "OBSERVER_NOW": "2025-06-16T21:00:00+06:00"}
    with WaybackMachine(old.files) as machine:
        assert paused(crawl, old.site, machine, settings=settings).code == 0
        assert paused(crawl, old.site, machine, settings=settings).code == 0
        assert len(machine.log) == 9
        assert paused(crawl, old.site, machine).code == 0
        number = names[0].partition(":")[2]
        assert not [each for each in machine.asked("capture") if each.path.endswith(number)]
    assert sorted(articles(tmp_path / "data")) == names[1:]
