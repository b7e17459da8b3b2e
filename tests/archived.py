"""Sites that are no more, and archives that kept them: what the tests of a backfill begin with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from observer_crawler.replica import Options, Replica, serve
from observer_crawler.warc import Captures, Exchange
from tests.captures import warc_files
from tests.conftest import run_scrapy
from tests.pywb import ask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.archive_server import Archive
    from tests.conftest import Crawl, RunCrawl

SPIDER = "observer_captures"
# Seconds, scaled by a thousand and more: the archive's own, and the crawl's beside them.
FAST = {
    "OBSERVER_CAPTURE": 1,
    "OBSERVER_ARCHIVE_SECONDS": 0.001,
    "OBSERVER_ARCHIVE_INDEX_SECONDS": 0.001,
    "OBSERVER_ARCHIVE_PAUSE_SECONDS": 1,
}
NIGHT = "2025-06-16T21:00:00+06:00"
# What a capture has of its own, and cannot have had before.
_OF_THE_FETCH = ("fetched_at", "source_url", "capture")


@dataclass(frozen=True)
class Gone:
    """A site that was crawled once and answers no more."""

    site: str
    data: Path

    @property
    def files(self) -> list[Path]:
        return warc_files(self.data)


def gone(data: Path, **options: Any) -> Gone:  # noqa: ANN401 (the replica's own)
    """Crawl a replica with captures into a folder, and switch it off."""
    with serve(Replica(Options(**{"robots": "none", **options}))) as server:
        done = run_scrapy(
            *("crawl", "observer", f"-asite={server.url}", "-asections=all"),
            *("-s", f"OBSERVER_DATA={data}", "-s", f"OBSERVER_NOW={NIGHT}"),
            *("-s", "OBSERVER_CAPTURE=1", "-s", "DOWNLOAD_DELAY=0.001"),
        )
        assert done.returncode == 0, done.stderr
        return Gone(server.url, data)


def backfill(crawl: RunCrawl, site: str, archive: Archive, **more: Any) -> Crawl:  # noqa: ANN401
    """Backfill a site from a stand-in of the Wayback Machine, at a pace that nobody waits for."""
    settings = {**FAST, "OBSERVER_WAYBACK": archive.url, **more.pop("settings", {})}
    return crawl(spider=SPIDER, site=site, settings=settings, **more)


def lines(data: Path) -> list[dict[str, Any]]:
    """Give every line of a folder, the oldest text first."""
    found = [
        json.loads(line)
        for path in sorted((data / "articles").glob("*/*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    return sorted(found, key=lambda line: (line["id"], line["fetched_at"]))


def articles(data: Path) -> dict[str, dict[str, Any]]:
    """Give every article without what is of its fetching; one that has two lines fails."""
    found = lines(data)
    by_id = {
        line["id"]: {name: value for name, value in line.items() if name not in _OF_THE_FETCH}
        for line in found
    }
    assert len(by_id) == len(found)
    return by_id


def page(url: str) -> bytes:
    """Fetch a page as it is now."""
    return ask(url).body


def captured(folder: Path, pages: Iterable[tuple[str, str, bytes]]) -> list[Path]:
    """Write captures (address, moment as YYYY-MM-DD, body) of an archive into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = Captures(folder, "archive", {"software": "test"}, 1e9, is_on=True)
    kind = ("Content-Type", "text/html; charset=utf-8")
    for url, day, body in pages:
        moment = f"{day}T12:00:00.000000+00:00"
        headers = (kind, ("Content-Length", str(len(body))))
        kept.keep(Exchange(url, moment, "GET", (), 200, "HTTP/1.1", headers, body))
    kept.close()
    return warc_files(folder)
