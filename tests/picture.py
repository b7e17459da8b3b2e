"""`make picture`: draw docs/coverage.png, the report of `scrapy coverage` over a crawled replica.

The replica has four years with five articles a day, and everything that goes wrong: months whose
indexes alone were read, indexes that fail or are not there, articles that fail for ever. Needs
Chromium (requirements/system.sh). Takes about ten minutes; an argument names a folder that keeps
the crawl, or has it already.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from observer_crawler.coverage import look
from observer_crawler.coverage.holes import Commands, holes
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.replica.addresses import article_forms, day_forms
from observer_crawler.replica.page import Page, plain
from tests.browser import browser
from tests.conftest import ROOT, Faulty, clean_environment, crawl_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PICTURE = ROOT / "docs" / "coverage.png"
WIDTH, HEIGHT = 1180, 1240
# At noon: of the evening's mixture of two days a replica of so few articles a day makes months.
OPTIONS = Options(articles=8_000, days=1_600, robots="none", now="2025-06-16T12:00:00+06:00")
LATER = "2025-06-25T21:00:00+06:00"
# The runs, one after another.
RUNS: tuple[dict[str, object], ...] = (
    {"from_date": "2021-05-01", "until_date": "2021-08-20", "index_only": 1},
    {"from_date": "2021-08-21", "until_date": "2025-06-16"},
    {"from_date": "2021-08-21", "until_date": "2025-06-16", "probe": 120},
    {"from_date": "2023-06-01", "until_date": "2025-06-16", "probe": 2_000},
)
FAILING_DAYS = ("2022-03-07", 4)
MISSING_DAYS = ("2023-08-13", 9)
FAILING_ARTICLES = 701


def days(first: str, count: int) -> Iterator[dt.date]:
    """Give some days from one on."""
    begin = dt.date.fromisoformat(first)
    return (begin + dt.timedelta(days=number) for number in range(count))


def faults(replica: Replica) -> dict[str, Callable[[int], Page | None]]:
    """Plant what goes wrong."""
    desk = replica.desk
    found: dict[str, Callable[[int], Page | None]] = {}
    for day in days(*FAILING_DAYS):
        found |= dict.fromkeys(day_forms(desk, day), lambda _: plain(500, "Internal Server Error"))
    for day in days(*MISSING_DAYS):
        found |= dict.fromkeys(day_forms(desk, day), lambda _: plain(404, "Not Found"))
    for k in range(0, len(desk.numbers), FAILING_ARTICLES):
        found |= dict.fromkeys(
            article_forms(desk, k), lambda _: plain(500, "Internal Server Error")
        )
    return found


def crawl(data: Path) -> None:
    """Crawl the replica in the runs above."""
    replica = Replica(OPTIONS)
    settings = {
        "OBSERVER_DATA": data,
        "OBSERVER_NOW": LATER,
        "DOWNLOAD_DELAY": 0.0001,
        "OBSERVER_RETRY_ATTEMPTS": 2,
        "OBSERVER_RETRY_SECONDS": 0.01,
    }
    with serve(Faulty(replica, faults(replica))) as server:
        for run in (*RUNS, {}):
            # The last one asks for what the others have found linked.
            asked = run or {"ids": linked(data)}
            command = crawl_command(
                (), {"site": server.url, **asked}, settings, "observer_archive"
            )
            environment = clean_environment(data / "stats.json", {})
            subprocess.run(command, cwd=ROOT, env=environment, check=False)


def linked(data: Path) -> str:
    """Name the articles that pages link and no index lists: most of such links lead nowhere."""
    (edition,) = look(data).editions
    found = holes(edition, Commands("en"))
    return ",".join(hole.ids for hole in found if hole.kind == "linked")


def draw(data: Path, picture: Path) -> None:
    """Write the report of a folder and draw its head."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "coverage.html")
        command = [sys.executable, "-m", "scrapy", "coverage", "--html", str(page)]
        environment = clean_environment(data / "stats.json", {"OBSERVER_DATA": str(data)})
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        with browser() as opened:
            opened.open(page)
            opened.picture(picture, WIDTH, HEIGHT)


def main() -> None:
    """Draw the picture of the README."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(sys.argv[1] if len(sys.argv) > 1 else folder).absolute()
        if not (data / "state").exists():
            crawl(data)
        draw(data, PICTURE)


if __name__ == "__main__":
    main()
