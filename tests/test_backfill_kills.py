"""Kills in both phases of a backfill, and captures that are the same at each visit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from tests.archived import FAST, captured, lines, page
from tests.archives import WaybackMachine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.archives import Page
    from tests.conftest import Crawl, RunCrawl, StartCrawl

# All articles of the replica are older.
DAYS = ("2025-07-01", "2025-08-01", "2025-09-01")
KILLED_AFTER = 9  # requests, of 55 in all


class ShortPages(WaybackMachine):
    """A Wayback Machine whose index has four lines a page."""

    def _index(self, query: Mapping[str, list[str]]) -> Page:
        return super()._index({**query, "limit": ["4"]})


class Site:
    """A site that is gone, and of which an archive has three captures of each article.

    Every third article had another text at the second one.
    """

    def __init__(self, crawl: RunCrawl, folder: Path, articles: int) -> None:
        self._folder = folder
        replica = Replica(Options(articles=articles, days=2, robots="none"))
        with serve(replica) as live:
            self.url = live.url
            settings = {"OBSERVER_DATA": folder / "seen"}
            seen = crawl(site=live.url, sections="all", settings=settings)
            numbers = {each["id"]: each["id"].partition(":")[2] for each in seen.articles}
            self.addresses = {
                name: f"{live.url}/news/{number}" for name, number in numbers.items()
            }
            self.edited = [each["id"] for each in seen.articles if each["body"]][::3]
            self.first = self._pages()
            for name in self.edited:
                live.edit(name)
            self.second = self._pages()

    def _pages(self) -> dict[str, bytes]:
        return {name: page(url) for name, url in self.addresses.items()}

    def captures(self, days: Iterable[str] = DAYS) -> list[Path]:
        texts = (self.first, self.second, self.first)
        return captured(
            self._folder / "archive",
            [
                (self.addresses[name], day, text[name])
                for day, text in zip(days, texts, strict=True)
                for name in self.addresses
            ],
        )


def asked(site: Site, machine: WaybackMachine, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    settings = {**FAST, "OBSERVER_WAYBACK": machine.url, **more.pop("settings", {})}
    return {"spider": "observer_captures", "site": site.url, "settings": settings, **more}


def texts(data: Path) -> list[tuple[str, str, str]]:
    return [(each["id"], each["fetched_at"], each["content_sha256"]) for each in lines(data)]


@pytest.mark.parametrize("more", [{}, {"all": 1}])
def test_kills_in_both_phases_change_nothing(
    crawl: RunCrawl, start_crawl: StartCrawl, tmp_path: Path, more: dict[str, int]
) -> None:
    site = Site(crawl, tmp_path, 20)
    with ShortPages(site.captures()) as machine:
        whole = asked(site, machine, settings={"OBSERVER_DATA": tmp_path / "whole"}, **more)
        assert crawl(**whole).code == 0
        while not killed(start_crawl, machine, asked(site, machine, **more)):
            pass
        assert crawl(**asked(site, machine, **more)).code == 0
    assert texts(tmp_path / "data") == texts(tmp_path / "whole")


def killed(start_crawl: StartCrawl, machine: WaybackMachine, words: dict[str, Any]) -> bool:
    """Start a backfill and kill it on the way; gives whether it ended before that."""
    until = len(machine.log) + KILLED_AFTER
    running = start_crawl(**words)
    while running.process.poll() is None and len(machine.log) < until:
        time.sleep(0.002)
    running.process.kill()
    running.process.communicate()
    return len(machine.log) < until


def test_a_text_that_came_back_is_told_though_its_capture_is_a_revisit(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    site = Site(crawl, tmp_path, 4)
    with WaybackMachine(site.captures()) as machine:
        done = crawl(**asked(site, machine, all=1))
    assert done.code == 0, done.err[-3000:]
    days = [(name, day[:10]) for name, day, _ in texts(tmp_path / "data") if name in site.edited]
    assert days == [(name, day) for name in sorted(site.edited) for day in DAYS]


def test_a_capture_of_before_its_date_is_refused_once(crawl: RunCrawl, tmp_path: Path) -> None:
    site = Site(crawl, tmp_path, 4)
    files = site.captures(("2025-01-01", "2025-01-02", "2025-01-03"))
    with WaybackMachine(files) as machine:
        first = refused(crawl(**asked(site, machine)))
        asked_then = len(machine.asked("capture"))
        tomorrow = {"OBSERVER_NOW": "2027-12-30T21:00:00+06:00"}
        second = refused(crawl(**asked(site, machine, settings=tomorrow)))
        assert len(machine.asked("capture")) == asked_then
    assert first
    assert not second


def refused(done: Crawl) -> int:
    assert done.code == 0, done.err[-3000:]
    assert "due later" not in done.err
    return done.group("articles/refused").get("date_too_late", 0)
