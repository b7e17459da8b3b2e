"""The run of every night, and the start of any run: the same, however much is known."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.rounds import ROOT, in_turn, mid, ratios
from observer_crawler.replica import Options, Replica, serve
from tests.conftest import clean_environment
from tests.test_nightly import Night, is_index, run_once, with_many_known

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.replica import Server

FEW = 10_000
MORE, QUICK = (100_000, 1_000_000), (100_000,)
BASE, DAYS, NEW = 1_500, 10, 150
FROM = "2025-06-07"


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Run the same night on folders that know more and more, in turn; then starts alone."""
    sizes = (FEW, *(QUICK if quick else MORE))
    options = Options(articles=BASE, days=DAYS, plain=True, robots="none")
    nights: dict[int, list[Night]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as folder, serve(Replica(options)) as server:
        base = Path(folder, "base")
        run_once(server, base, from_date=FROM)
        for size in sizes:
            shutil.copytree(base, Path(folder, str(size)))
            with_many_known(Path(folder, str(size)), size)
        new = set(server.publish(NEW))

        def night(size: int) -> float:
            copy = Path(folder, "tonight")
            shutil.copytree(Path(folder, str(size)), copy)
            nights[size].append(run_once(server, copy))
            shutil.rmtree(copy)
            say(f"{size:,} known: {nights[size][-1].seconds:.2f} s")
            return nights[size][-1].seconds

        seconds = in_turn(rounds, {str(size): partial(night, size) for size in sizes})
        starts = [started(server, Path(folder, "start")) for _ in range(rounds)]
    asked = {len(night.paths) for each in nights.values() for night in each}
    articles = sum(not is_index(path) for path in nights[FEW][0].paths)
    is_right = len(asked) == 1 and len(new) <= articles <= len(new) + 20
    right = (
        f"{articles} articles of {len(new)} new ones in {min(asked)} to {max(asked)} requests each"
    )
    figures = [
        Figure(
            group="nightly run",
            what=f"at {size:,} known addresses",
            against=f"at {FEW:,}",
            unit="s",
            ours=mid(seconds[str(size)]),
            other=mid(seconds[str(FEW)]),
            ratios=ratios(seconds[str(size)], seconds[str(FEW)]),
            right=right,
            is_right=is_right,
            most=1.2,
            how={"MB at most": round(max(night.peak_mb for night in nights[size]))},
        )
        for size in sizes[1:]
    ]
    figures.append(
        Figure(
            group="nightly run",
            what="start to the first request",
            against="a second",
            unit="s",
            ours=mid(starts),
            other=1.0,
            ratios=starts,
            right="the first request came",
            is_right=True,
            most=1.0,
        )
    )
    return figures


def started(server: Server, data: Path) -> float:
    """Give the seconds from the start of a process to its first request.

    Raises RuntimeError when it ends without one.
    """
    before, begun = len(server.log), time.monotonic()
    spider = ["observer", "-a", f"site={server.url}", "-a", "max_articles=1"]
    settings = ["-s", f"OBSERVER_DATA={data}", "-s", "DOWNLOAD_DELAY=0.001"]
    with subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", *spider, *settings],
        cwd=ROOT,
        env=clean_environment(data / "no-stats", {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while len(server.log) == before and process.poll() is None:
            time.sleep(0.001)
        seconds = time.monotonic() - begun
        process.wait()
    if len(server.log) == before:
        message = f"the crawl ended with {process.returncode}, and asked for nothing"
        raise RuntimeError(message)
    shutil.rmtree(data)
    return seconds
