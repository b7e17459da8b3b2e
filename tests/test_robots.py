"""robots.txt in every shape: each row of tests/robots_rows.py, told by what the site was asked.

One process asks for the paths of all files at once, each file on a host of its own: a port.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from observer_crawler.replica.page import Page
from tests.conftest import ROOT, clean_environment
from tests.robots_rows import ENDS, FORBIDDING, RULES, Ends, Rules, table, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.conftest import RunCrawl, Serve

# Asks every host for its paths, all at once; prints a line of JSON for what did not come.
ASK = """
import json, sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

class Ask(scrapy.Spider):
    name = "ask"
    async def start(self):
        for site, paths in json.load(sys.stdin).items():
            for path in paths:
                yield scrapy.Request(site + path, errback=self.failed, dont_filter=True, meta={"as": site + path})
    def parse(self, response):
        pass
    def failed(self, failure):
        error = failure.value
        print(json.dumps([failure.request.meta["as"], type(error).__name__, str(error)]))

settings = get_project_settings()
settings.setdict({
    "LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": 0.001, "CONCURRENT_REQUESTS": 1000,
    "RETRY_ENABLED": False, "REDIRECT_ENABLED": False, "HTTPERROR_ALLOW_ALL": True,
}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Ask)
process.start()
"""
# robots.txt is read anew before each request but those of one millisecond.
SITE: dict[str, Any] = {"articles": 16, "days": 2, "plain": True, "robots": "none"}
OFTEN: dict[str, Any] = {
    "OBSERVER_ROBOTS_HOURS": 0.001 / 3600,
    "OBSERVER_OFFLINE_LIMIT": 0.2,
    "DOWNLOAD_TIMEOUT": 1,
}


class Host(ThreadingHTTPServer):
    """A site of one robots.txt and any number of pages."""

    daemon_threads = True

    def __init__(self, file: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Pages)
        self.file = file
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Pages(BaseHTTPRequestHandler):
    """Answers, and notes what was asked."""

    server: Host
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the file or with a page."""
        is_file = self.path == "/robots.txt"
        self.server.asked.append(self.path)
        body = self.server.file if is_file else b"<h1>A page</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain" if is_file else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
        """Say nothing."""


@contextmanager
def hosts() -> Iterator[Mapping[str, Host]]:
    """Serve each file on a host of its own."""
    with ExitStack() as stack:
        served = {row.does: stack.enter_context(Host(row.file)) for row in RULES}
        for host in served.values():
            threading.Thread(target=host.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(host.shutdown)
        yield served


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[list[str], dict[str, str]]]:
    """What each host was asked, and the words for each path that it was not."""
    with hosts() as served:
        wanted = {
            served[row.does].url: [*row.asked.split(), *row.not_asked.split()] for row in RULES
        }
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            cwd=ROOT,
            env=clean_environment(ROOT / "unused", {}),
            input=json.dumps(wanted),
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=300,
        )
        assert done.stderr == ""
        failed = [json.loads(line) for line in done.stdout.splitlines()]
        return {
            name: (
                host.asked,
                {
                    url.removeprefix(host.url): f"{kind}: {words}"
                    for url, kind, words in failed
                    if url.startswith(host.url)
                },
            )
            for name, host in served.items()
        }


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.does)
def test_a_file_is_asked_for_once_and_its_rules_are_obeyed(
    told: dict[str, tuple[list[str], dict[str, str]]], row: Rules
) -> None:
    asked, words = told[row.does]
    assert asked.count("/robots.txt") == 1
    assert asked[0] == "/robots.txt"
    assert sorted(words) == sorted(row.not_asked.split())
    assert len(asked) == 1 + len(row.asked.split())
    assert all(text.startswith("Forbidden: robots.txt forbids http://") for text in words.values())


class Changing(Replica):
    """A replica whose robots.txt is a row's; it notes which articles are asked, and when."""

    def __init__(self, row: Ends, other: str) -> None:
        super().__init__(Options(**SITE))
        self._row = row
        self._other = other
        self.asked: list[tuple[bool, int]] = []  # under the second answer, and the number
        self._has_changed = False

    def get(self, path: str) -> Page:
        """Answer with the row's robots.txt, or as the replica does."""
        if path == "/rules.txt":
            return text(FORBIDDING)
        if path == "/robots.txt":
            self._has_changed = self._row.then is not None and len(self.asked) >= 4
            return self._placed(self._row.then if self._has_changed else self._row.first)
        target = self.target(path)
        if target is not None and target.kind == "article":
            self.asked.append((self._has_changed, self.desk.numbers[target.number]))
        return super().get(path)

    def _placed(self, page: Page | None) -> Page:
        assert page is not None
        location = page.headers.get("Location")
        if location is None:
            return page
        there = location.format(number=self.desk.numbers[3], other=self._other)
        return Page(page.status, page.headers | {"Location": there}, page.body)


@pytest.mark.parametrize("row", ENDS, ids=lambda row: row.does)
def test_a_crawl_asks_what_robots_txt_allows_and_says_how_it_ended(
    replica: Serve, crawl: RunCrawl, record_property: Callable[[str, object], None], row: Ends
) -> None:
    other = replica({"/rules.txt": lambda _: text(FORBIDDING)}, articles=1, days=1)
    site = Changing(row, other.url)
    # Another port of this machine is asked only where the user named it.
    settings = OFTEN | ({"OBSERVER_WAYBACK": other.url} if "a host" in row.does else {})
    with serve(site) as server:
        run = crawl(site=server.url, settings=settings)
        asked = [access.path for access in server.log]
    record_property("what", f"robots.txt {row.does}")
    record_property("state", f"asked: {row.asked}" + (f", then {row.after}" if row.then else ""))
    record_property("requests", len(asked))
    record_property("exit code", run.code)
    record_property("words", row.words)
    assert run.code == row.exit, run.err[-2000:]
    assert row.words in run.err.splitlines()[-1]
    assert asked[0] == "/robots.txt"
    if "article" in row.does:
        site.asked.pop(0)  # the reading itself
    for is_after, may in ((False, row.asked), (True, row.after)):
        numbers = [number for changed, number in site.asked if changed is is_after]
        assert [number for number in numbers if not fits(number, may)] == []
        assert bool(numbers) == (may not in {"none", ""})


def test_a_range_that_is_done_is_done_again_though_robots_txt_forbids_a_part_of_it(
    replica: Serve, crawl: RunCrawl
) -> None:
    """Nothing is due but what is forbidden, and that costs no request: nobody has to act."""
    server = replica(**SITE)
    server.robots = "User-agent: *\nDisallow: /news/*1$\nDisallow: /*id=*1$\n"
    dates: dict[str, Any] = {"from_date": "2025-06-01", "until_date": "2025-06-16"}
    for day in ("08-01", "08-05"):
        before = len(server.log)
        settings = {"OBSERVER_NOW": f"2025-{day}T21:00:00+06:00"}
        run = crawl(spider="observer_archive", site=server.url, settings=settings, **dates)
        assert run.code == 0, run.err.splitlines()[-1]
    assert run.stat("addresses/denied") > 0
    assert [access.path for access in server.log[before:]] == ["/robots.txt"]


def fits(number: int, may: str) -> bool:
    """Whether an article may be asked."""
    return may == "all" or (may == "odd" and number % 2 == 1)


def test_the_table_has_a_line_for_each_row() -> None:
    lines = list(table())
    assert len(lines) == 2 + len(RULES) + len(ENDS)
    assert len(set(lines)) == len(lines)
