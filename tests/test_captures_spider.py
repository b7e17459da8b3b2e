"""The backfill from web archives: a site that no longer exists, rebuilt from what was captured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from tests import pywb
from tests.captures import warc_files
from tests.conftest import run_scrapy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl
    from tests.pywb import Archive

# What a capture cannot have, or has of its own.
OF_THE_FETCH = ("fetched_at", "source_url", "capture")
DAY = "2025-06-16T21:00:00+06:00"


def stored(data: Path) -> dict[str, dict[str, Any]]:
    """Give every article by its id; one that has two lines fails."""
    lines = [
        json.loads(line)
        for path in sorted((data / "articles").glob("*/*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    found = {line["id"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def fields(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in OF_THE_FETCH}


class Gone:
    """A site that was crawled once and is no more: its origin, and the folder of that crawl."""

    def __init__(self, site: str, data: Path) -> None:
        self.site = site
        self.data = data


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    data = tmp_path_factory.mktemp("gone") / "data"
    with serve(Replica(Options(articles=60, days=3, robots="none"))) as server:
        done = run_scrapy(
            *("crawl", "observer", f"-asite={server.url}", "-asections=all"),
            *("-s", f"OBSERVER_DATA={data}", "-s", f"OBSERVER_NOW={DAY}"),
            *("-s", "OBSERVER_CAPTURE=1", "-s", "DOWNLOAD_DELAY=0.001"),
        )
        assert done.returncode == 0, done.stderr
        return Gone(server.url, data)


@pytest.fixture(scope="module")
def archive(gone: Gone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with pywb.serving(warc_files(gone.data), tmp_path_factory.mktemp("pywb")) as served:
        yield served


def test_a_site_that_is_gone_is_rebuilt_from_its_captures(
    gone: Gone, archive: Archive, crawl: RunCrawl, tmp_path: Path
) -> None:
    done = crawl(
        spider="observer_captures",
        site=gone.site,
        source=archive.url,
        settings={"OBSERVER_CAPTURE": 1},
    )
    assert done.code == 0, done.err[-3000:]
    here, there = stored(tmp_path / "data"), stored(gone.data)
    assert here.keys() == there.keys()
    for name, line in here.items():
        assert fields(line) == fields(there[name])
