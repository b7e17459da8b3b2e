"""A backfill beside a live crawl, in one folder: one revision a text, whichever came first."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from observer_crawler.replica import Options, Replica, serve
from tests.archived import FAST, NIGHT, backfill, captured, lines, page
from tests.archives import WaybackMachine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Crawl, RunCrawl

# The site's night is 2025-06-16 21:00 in Dhaka; its articles were captured on the day before.
CAPTURED = "2025-06-15"
THE_NEXT_WEEK = "2025-06-23T21:00:00+06:00"


class Site:
    """A site of which an archive has each article in an older markup, half with another text."""

    def __init__(self, stack: ExitStack, crawl: RunCrawl, folder: Path) -> None:
        options = {"articles": 8, "days": 2, "robots": "none"}
        old_replica = Replica(Options(markup="2016", now=NIGHT, **options))  # type: ignore[arg-type]
        live = stack.enter_context(serve(Replica(Options(**options))))  # type: ignore[arg-type]
        old = stack.enter_context(serve(old_replica))
        self.url = live.url
        self._crawl = crawl
        seen = crawl(site=live.url, sections="all", settings={"OBSERVER_DATA": folder / "seen"})
        self.names = seen.ids
        self.edited = self.names[::2]
        for name in self.edited:
            old.edit(name)
        paths = [f"details.php?id={name.partition(':')[2]}" for name in self.names]
        pages = [(f"{live.url}/{path}", CAPTURED, page(f"{old.url}/{path}")) for path in paths]
        self.archive = stack.enter_context(WaybackMachine(captured(folder / "old", pages)))

    def live(self, now: str = NIGHT) -> Crawl:
        settings = {**FAST, "OBSERVER_NOW": now}
        return self._crawl(site=self.url, sections="all", settings=settings)

    def backfill(self) -> Crawl:
        settings = {"OBSERVER_NOW": NIGHT}
        return backfill(self._crawl, self.url, self.archive, all=1, settings=settings)


@pytest.fixture
def site(crawl: RunCrawl, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack, crawl, tmp_path)


def texts(data: Path) -> dict[str, list[str]]:
    """Give the markup of each line of each article, the oldest text first."""
    found: dict[str, list[str]] = {}
    for line in lines(data):
        found.setdefault(line["id"], []).append(line["markup"])
    return found


def test_an_older_text_never_becomes_the_newest(site: Site, tmp_path: Path) -> None:
    assert site.live().code == 0
    assert site.backfill().code == 0
    assert texts(tmp_path / "data") == {
        name: ["2016", "2024"] if name in site.edited else ["2024"] for name in site.names
    }


def test_an_article_from_an_archive_is_visited_at_the_usual_ages(
    site: Site, tmp_path: Path
) -> None:
    assert site.backfill().code == 0
    asked = len(site.archive.log)
    done = site.live(THE_NEXT_WEEK)
    assert done.code == 0, done.err[-3000:]
    assert texts(tmp_path / "data") == {
        name: ["2016", "2024"] if name in site.edited else ["2016"] for name in site.names
    }
    assert len(site.archive.log) == asked
