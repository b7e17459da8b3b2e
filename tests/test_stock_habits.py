"""Scrapy's own commands stay what they are everywhere, and harmless, while a crawl runs.

The crawl is stopped by SIGSTOP in the middle of its work: it holds the folder and the ledger
open, and whatever then changes in the folder was changed by the command.
"""

from __future__ import annotations

import hashlib
import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.conftest import run_scrapy
from tests.warm import COLD

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Running, Serve, StartCrawl

# Content, mode and time of change of a file.
Sum = tuple[str, int, int]
# No browser opens: this one does nothing and says that it could.
BROWSER = {"BROWSER": "true"}
QUICK = ("-s", "DOWNLOAD_DELAY=0.001")


def sums(folder: Path) -> dict[str, Sum]:
    """Give the sum, mode and time of change of every file and folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        state = path.stat()
        found[path.relative_to(folder).as_posix()] = (
            hashlib.sha256(content).hexdigest(),
            state.st_mode,
            state.st_mtime_ns,
        )
    return found


def without(found: dict[str, Sum], ending: str) -> dict[str, Sum]:
    """Leave out a file."""
    return {name: value for name, value in found.items() if not name.endswith(ending)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("habits") / "data"


def a_stopped_crawl(start_crawl: StartCrawl, server: Server, data: Path) -> Running:
    """Start a crawl and stop it in the middle."""
    settings = {"DOWNLOAD_DELAY": 0.05, "OBSERVER_DATA": data}
    # A cold process, our own child: only a parent hears that it has stopped.
    running = start_crawl(site=server.url, settings=settings, env=COLD)
    running.until(lambda: len(server.log) >= 10)
    running.stop(signal.SIGSTOP)
    # A stop is over when the kernel says so; no write is under way then.
    os.waitid(os.P_PID, running.process.pid, os.WSTOPPED | os.WNOWAIT)
    return running


def scrapy(words: list[str], data: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of Scrapy on the folder of the crawl."""
    return run_scrapy(*words, "-s", f"OBSERVER_DATA={data}", *QUICK, env=BROWSER)


def habits(url: str, article: str) -> Iterator[tuple[list[str], str]]:
    """Give each command with what it must print."""
    page = f"{url}/news/{article}"
    yield ["list"], "observer"
    yield ["fetch", page, "--nolog"], "<html"
    yield (
        ["shell", page, "--nolog", "-c", "response.status, len(response.body) > 99"],
        "(200, True)",
    )
    yield ["view", page, "--nolog"], ""
    yield ["parse", page, "--nolog", "--spider", "observer", "-a", f"site={url}"], f"b:{article}"


def test_stock_commands_work_and_touch_nothing_while_a_crawl_runs(
    replica: Serve, start_crawl: StartCrawl, data: Path
) -> None:
    server = replica(articles=40, days=3, plain=True, robots="none")
    running = a_stopped_crawl(start_crawl, server, data)
    article = next(path for path in (a.path for a in server.log) if path.startswith("/news/"))
    before = sums(data)
    assert any(name.endswith("ledger.sqlite-wal") for name in before), "the ledger is open"
    for words, shown in habits(server.url, article.removeprefix("/news/")):
        done = scrapy(words, data)
        assert done.returncode == 0, (words, done.stderr)
        assert shown in done.stdout, words
        assert sums(data) == before, words
    assert "running for" in scrapy(["status"], data).stdout
    # Whoever reads a ledger marks in this file, which is memory, how far.
    assert without(sums(data), "ledger.sqlite-shm") == without(before, "ledger.sqlite-shm")
    running.stop(signal.SIGCONT)
    run = running.wait()
    assert run.code == 0
    assert len(run.ids) == len(set(run.ids)) > 20


def test_check_touches_nothing_while_a_crawl_runs(
    replica: Serve, start_crawl: StartCrawl, data: Path
) -> None:
    # Its contracts ask for an article that this one has.
    server = replica(markup="2016", articles=300)
    folder = data.with_name("check")
    running = a_stopped_crawl(start_crawl, server, folder)
    before = sums(folder)
    words = ["check", "observer", "-a", f"site={server.url}"]
    done = scrapy(words, folder)
    assert done.returncode == 0, done.stderr
    assert sums(folder) == before
    running.stop(signal.SIGKILL)
    running.wait()
