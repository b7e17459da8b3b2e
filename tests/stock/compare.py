"""Stock Scrapy with JOBDIR on the same replica, killed once: what it lost, and what it said."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.replica import Options, Replica, serve
from tests.conftest import clean_environment

if TYPE_CHECKING:
    from observer_crawler.replica import Server

PROJECT = Path(__file__).parent
# Seconds. 20,000 pages take a stock crawl seven minutes, more on a machine with other work.
TIMEOUT = 3600


class Stock(NamedTuple):
    """How a stock crawl fared that was killed and started again."""

    articles: int
    lost: int
    torn: int
    code: int


def killed_once(folder: Path, requests: int, **options: Any) -> Stock:  # noqa: ANN401 (the replica's own)
    """Kill a stock crawl after so many requests, start it again, compare with an unkilled one."""
    with serve(Replica(Options(plain=True, **options))) as server:
        _, whole = _crawl(server, folder / "calm")
        wanted, _ = _ids(whole)
        _crawl(server, folder / "killed", kill_after=requests)
        code, out = _crawl(server, folder / "killed")
    found, torn = _ids(out)
    return Stock(len(wanted), len(wanted - found), torn, code)


def _crawl(server: Server, folder: Path, kill_after: int = 0) -> tuple[int, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    out, wanted = folder / "out.jsonl", len(server.log) + kill_after
    words = ["-a", f"site={server.url}", "-s", f"JOBDIR={folder / 'job'}", "-o", str(out)]
    command = [sys.executable, "-m", "scrapy", "crawl", "ordinary", "-L", "ERROR", *words]
    env = clean_environment(folder / "no-stats", {"PYTHONPATH": str(PROJECT)})
    with subprocess.Popen(command, cwd=PROJECT, env=env) as process:
        if kill_after:
            while len(server.log) < wanted and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
        return process.wait(TIMEOUT), out


def _ids(out: Path) -> tuple[set[str], int]:
    """The ids of a feed, and how many of its lines are no JSON."""
    ids, torn = set(), 0
    for line in out.read_bytes().splitlines() if out.exists() else ():
        try:
            ids.add(json.loads(line)["id"])
        except ValueError:
            torn += 1
    return ids, torn
