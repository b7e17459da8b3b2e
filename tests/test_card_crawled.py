"""The card of real crawls of the replica: planted holes, pages that fail, what robots.txt forbids."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any

from observer_crawler.replica import Options, Replica
from tests.card_claims import problems, read
from tests.conftest import run_scrapy
from tests.stored import made, tree
from tests.test_coverage import (
    DATES,
    EVERYTHING,
    Planted,
    Plants,
    again,
    coverage,
    crawled,
    lacking,
    ranges,
)

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.dataset import Made
    from tests.conftest import RunCrawl, Serve

BESIDE = ("README.md", "croissant.json", "coverage.json")


def parts(version: Made) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Give the card, the manifest as it was before the card, and the coverage report."""
    files = {name: of for name, of in version.manifest["files"].items() if name not in BESIDE}
    report = json.loads((version.version / "coverage.json").read_bytes())
    card = (version.version / "README.md").read_text("utf-8")
    return card, {**version.manifest, "files": files}, report


def test_every_hole_of_a_crawl_stands_in_its_card_and_nothing_else_does(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server, _ = crawled(replica, crawl, EVERYTHING)
    version = made(data)
    card, manifest, report = parts(version)
    assert problems(card, manifest, report) == []
    (edition,) = report["editions"].values()
    told = read(card)
    rows = next(rows for head, rows in told.tables if head[0].startswith("### Holes"))
    assert len(rows) == len(edition["holes"]) > 5
    # By the replica's own facts: a day that lacks something has a row.
    spans = [row[0].split(" to ") for row in rows]
    for day, numbers in lacking(server, data).items():
        if numbers:
            assert any(span[0] <= day <= span[-1] for span in spans), (day, numbers)
    failed = {number for each in _ids(edition, "article") for number in each}
    assert failed == {server.replica.desk.numbers[k] for k in EVERYTHING.failing}
    assert not any(hole["headlines"] for hole in edition["holes"])
    assert told.headings[0].startswith("# Invented text")


def _ids(edition: dict[str, Any], kind: str) -> list[range]:
    holes = (hole for hole in edition["holes"] if hole["kind"] == kind)
    return [each for hole in holes for each in ranges(hole["ids"])]


def test_the_report_beside_the_rows_is_that_of_the_command(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    crawled(replica, crawl, Plants(failing=(16, 100)))
    _, _, report = parts(made(tmp_path / "data"))
    told = json.loads(coverage(tmp_path / "data", "--json").stdout)
    assert any(hole["headlines"] for hole in told["editions"]["en"]["holes"])
    for hole in told["editions"]["en"]["holes"]:
        hole["headlines"] = []
    assert report == told


def test_holes_that_were_filled_leave_the_card(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"articles": 240, "days": 16, "robots": "none"}
    planted = Planted(Replica(Options(**options)), Plants(failing=(4, 100, 195)))
    server = replica(planted, **options)
    again(server, crawl, **DATES)
    before = parts(made(tmp_path / "data"))
    planted.mend()
    numbers = ",".join(str(server.replica.desk.numbers[k]) for k in (4, 100, 195))
    _retry(tmp_path / "data")
    again(server, crawl, ids=numbers)
    after = parts(made(tmp_path / "data"))
    for card, manifest, report in (before, after):
        assert problems(card, manifest, report) == []
    assert _ids(before[2]["editions"]["en"], "article")
    assert not _ids(after[2]["editions"]["en"], "article")
    assert problems(before[0], *after[1:])


def _retry(data: Path) -> None:
    done = run_scrapy("status", "--retry", "-s", f"OBSERVER_DATA={data}")
    assert done.returncode == 0, done.stderr


def test_the_same_folder_gives_the_same_card_to_the_byte(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """Elsewhere, later, and with segments whose lines came in another order."""
    crawled(replica, crawl, Plants(failing=(16,)))
    other = shutil.copytree(tmp_path / "data", tmp_path / "other")
    for segment in (other / "articles").glob("*/*.jsonl"):
        lines = segment.read_bytes().splitlines(keepends=True)
        segment.write_bytes(b"".join(reversed(lines)))
    for path in [*other.rglob("*")]:
        os.utime(path, (0, 0))
    one, two = made(tmp_path / "data"), made(other)
    assert one.version.name == two.version.name
    assert tree(one.version) == tree(two.version)


def test_a_list_to_share_has_no_headline_in_any_file(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    _, run = crawled(replica, crawl, Plants(failing=(16, 100)))
    version = made(tmp_path / "data", with_text=False, formats=("csv",))
    card, manifest, report = parts(version)
    assert problems(card, manifest, report) == []
    headlines = [of["headline"].encode() for of in run.articles if len(of["headline"] or "") > 12]
    assert headlines
    for name, content in tree(version.version).items():
        assert not [each for each in headlines if each in content], name
