"""Manners on the wire, seen from the site: its access log is the judge.

A plain spider runs with the project's own settings, so that what is tested is what is wired.
Delays are some tenths of a second: long enough to be told from a busy machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import closing
from email.utils import formatdate
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.ledger import FILE, Ledger, Patience
from observer_crawler.middlewares import PAUSE_NOTE, RULED_NOTE
from observer_crawler.replica.page import HTML, TEXT, Page
from tests.conftest import ROOT, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import RunCrawl, Serve, StartCrawl

# Asks for the addresses it is given and prints a line of JSON for each fate. With a folder it
# has a ledger there, as a crawl does. ONE_FIRST: the others follow the answer to the first. A
# number among the addresses is a rest in seconds. It says when it is ready to ask.
ASK = """
import asyncio, json, sys, time
from pathlib import Path
from types import SimpleNamespace
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
from observer_crawler.clock import Clock
from observer_crawler.ledger import FILE, Ledger, Patience

site, paths, options, folder = json.loads(sys.argv[1])
one_first = options.pop("ONE_FIRST", False)

class Ask(scrapy.Spider):
    name = "ask"
    async def start(self):
        if folder:
            ledger = Ledger(Path(folder) / FILE, Patience(4, 10, 600))
            self.books = SimpleNamespace(
                ledger=ledger, clock=Clock(), captures=SimpleNamespace(is_on=False)
            )
        self.tell("start", ready=time.monotonic())
        for path in paths[:1] if one_first else paths:
            if isinstance(path, float):
                await asyncio.sleep(path)
            else:
                yield self.ask(path)
    def ask(self, path):
        return scrapy.Request(site + path, errback=self.failed, dont_filter=True)
    def parse(self, response):
        if one_first and response.url == site + paths[0]:
            yield from map(self.ask, paths[1:])
        pause = response.meta.get("pause_until")
        self.tell(response.url[len(site):], status=response.status, pause_until=pause)
    def failed(self, failure):
        error = failure.value
        unanswered = getattr(error, "unanswered", None)
        url = failure.request.url[len(site):]
        self.tell(url, error=type(error).__name__, text=str(error), unanswered=unanswered)
    def tell(self, path, **what):
        print(json.dumps({"path": path, **what}), flush=True)

settings = get_project_settings()
settings.setdict(options, priority="cmdline")
process = AsyncCrawlerProcess(settings)
process.crawl(Ask)
process.start()
"""
USUAL = {
    "LOG_LEVEL": "WARNING",
    "DOWNLOAD_DELAY": 0.001,
    "RETRY_ENABLED": False,
    "REDIRECT_ENABLED": False,
    "METAREFRESH_ENABLED": False,
    "HTTPERROR_ALLOW_ALL": True,
}
# Seconds. The site notes a request when it begins to answer; a busy machine is late by this.
LATE = 0.08
FOUR_IN_ONE_SLOT: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 4,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
}
FINE = Page(200, {"Content-Type": HTML}, b"<html><h1>A page</h1></html>")


def command(
    server: Server, paths: Sequence[str | float], folder: Path | None, **options: object
) -> list[str]:
    """Write the command that asks for some paths."""
    typed = [server.url, list(paths), {**USUAL, **options}, str(folder) if folder else ""]
    return [sys.executable, "-c", ASK, json.dumps(typed)]


def ask(
    server: Server, *paths: str | float, folder: Path | None = None, **options: object
) -> list[dict[str, Any]]:
    """Ask for some paths; gives the fate of each, after the moment of the start."""
    done = subprocess.run(
        command(server, paths, folder, **options),
        cwd=ROOT,
        env=clean_environment(ROOT / "unused", {}),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def robots(*texts: str) -> Callable[[int], Page]:
    """A robots.txt that says another thing at each reading, and then the last for ever."""
    return lambda visit: rules(texts[min(visit, len(texts) - 1)])


def rules(text: str, status: int = 200) -> Page:
    return Page(status, {"Content-Type": TEXT}, f"User-agent: *\n{text}\n".encode())


def once(*answers: Page | None) -> Callable[[int], Page]:
    """A path that gives some answers, and is fine afterwards."""
    return lambda visit: (answers[visit] if visit < len(answers) else None) or FINE


def trouble(status: int, retry_after: str = "") -> Page:
    headers = {"Content-Type": TEXT}
    return Page(status, {**headers, "Retry-After": retry_after} if retry_after else headers, b"!")


def asked(server: Server) -> list[str]:
    return [access.path for access in server.log]


def gaps(server: Server) -> list[float]:
    return [after.time - before.time for before, after in pairwise(server.log)]


def shortest(server: Server, requests: int) -> float:
    """The shortest time in which so many requests came after another one."""
    times = [access.time for access in server.log]
    return min(later - first for first, later in zip(times, times[requests:], strict=False))


def site_with(replica: Serve, **faults: Callable[[int], Page | None]) -> Server:
    """Serve pages a to f, all fine but for the faults."""
    pages = {f"/{name}": faults.pop(name, once()) for name in "abcdef"}
    named = {f"/{name}.txt": fault for name, fault in faults.items()}
    return replica({"/robots.txt": robots("Disallow:"), **pages, **named}, articles=5, days=1)


@pytest.mark.parametrize("line", ["Crawl-delay: 0.4", "Request-rate: 5/2"])
def test_a_delay_that_robots_txt_asks_for_is_kept(replica: Serve, line: str) -> None:
    server = site_with(replica, robots=robots(line))
    ask(server, "/a", "/b", "/c")
    assert asked(server) == ["/robots.txt", "/a", "/b", "/c"]
    assert min(gaps(server)) > 0.4 - LATE


def test_only_the_rules_for_our_name_slow_us_down(replica: Serve) -> None:
    text = "Crawl-delay: 60\nUser-agent: Observer_Crawler\nCrawl-delay: 0.3"
    server = site_with(replica, robots=robots(text))
    ask(server, "/a", "/b")
    assert 0.3 - LATE < min(gaps(server)) <= max(gaps(server)) < 5


def test_a_delay_shorter_than_ours_does_not_hurry_us(replica: Serve) -> None:
    server = site_with(replica, robots=robots("Crawl-delay: 0.01"))
    ask(server, "/a", "/b", DOWNLOAD_DELAY=0.4, DOWNLOAD_DELAY_JITTER=0.0)
    assert min(gaps(server)) > 0.4 - LATE


def test_trouble_slows_down_within_one_request_and_is_forgiven(replica: Serve) -> None:
    server = site_with(replica, a=once(trouble(503)), d=once(trouble(429)))
    ask(server, *(f"/{name}" for name in "abcde"), DOWNLOAD_DELAY=0.25)
    assert asked(server) == ["/robots.txt", "/a", "/b", "/c", "/d", "/robots.txt", "/e"]
    _, after_503, _, later, after_429, _ = gaps(server)
    assert min(after_503, after_429) > 0.5 - LATE > later


def test_trouble_slows_down_what_waits_in_the_slot_already(replica: Serve) -> None:
    server = replica(
        {"/robots.txt": robots("Disallow:"), "/a": once(trouble(503, "1")), "/b": once()},
        articles=5,
        days=1,
        latency_seconds=0.3,
    )
    ask(server, "/a", "/b", DOWNLOAD_DELAY=0.1, **FOUR_IN_ONE_SLOT)
    assert gaps(server)[asked(server).index("/a")] > 1.0


def test_a_date_of_retry_after_is_waited_for_by_robots_txt_too(replica: Serve) -> None:
    # A date has whole seconds: two ahead are more than one and at most two.
    server = site_with(replica, a=lambda _: trouble(429, in_seconds(2)))
    ask(server, "/a", "/b")
    assert asked(server) == ["/robots.txt", "/a", "/robots.txt", "/b"]
    assert 1.0 - LATE < gaps(server)[1] < 4


def in_seconds(seconds: float) -> str:
    return formatdate(time.time() + seconds, usegmt=True)


def test_a_pause_longer_than_a_run_stays_stops_it_and_the_next_one(
    replica: Serve, tmp_path: Path
) -> None:
    server = site_with(replica, a=once(trouble(429, "7200")))
    before = time.time()
    fates = ask(server, "/a", "/b", folder=tmp_path, OBSERVER_WAIT_SECONDS=600)
    assert 7200 <= fates[1]["pause_until"] - before < 7260
    assert fates[2]["error"] == "Paused"
    assert "asked us to wait until 20" in fates[2]["text"]
    assert abs(noted(tmp_path, PAUSE_NOTE) - fates[1]["pause_until"]) < 1
    assert ask(server, "/c", folder=tmp_path)[1]["error"] == "Paused"
    assert asked(server) == ["/robots.txt", "/a"]


def test_a_pause_that_is_over_holds_nobody(replica: Serve, tmp_path: Path) -> None:
    with closing(Ledger(tmp_path / FILE, Patience(4, 10, 600))) as ledger:
        ledger.note(PAUSE_NOTE, str(time.time() - 5))
    server = site_with(replica)
    ask(server, "/a", folder=tmp_path)
    assert asked(server) == ["/robots.txt", "/a"]


def noted(folder: Path, key: str) -> float:
    with closing(Ledger(folder / FILE, Patience(4, 10, 600))) as ledger:
        return float(ledger.noted(key) or 0)


def test_a_delay_of_robots_txt_is_kept_by_the_next_process_from_its_first_request(
    replica: Serve, tmp_path: Path
) -> None:
    server = site_with(replica, robots=robots("Crawl-delay: 0.7", "Disallow:"))
    ask(server, "/a", folder=tmp_path)
    assert noted(tmp_path, RULED_NOTE) == 0.7
    ready = ask(server, "/b", folder=tmp_path)[0]["ready"]
    assert server.log[2].time - ready > 0.7 - LATE
    assert noted(tmp_path, RULED_NOTE) == 0.0


def test_a_process_waits_for_one_delay_before_its_first_request(replica: Serve) -> None:
    server = site_with(replica)
    ready = ask(server, "/a", DOWNLOAD_DELAY=0.5)[0]["ready"]
    assert server.log[0].time - ready > 0.5 - LATE


def test_killed_processes_and_retries_keep_the_rate_together(
    replica: Serve, tmp_path: Path
) -> None:
    server = site_with(replica, b=once(trouble(500), trouble(500)), c=once(trouble(503)))
    paths = [f"/{name}" for name in "abbbccd"]
    for done in (2, 5):
        with subprocess.Popen(
            command(server, paths, tmp_path, DOWNLOAD_DELAY=0.25),
            cwd=ROOT,
            env=clean_environment(ROOT / "unused", {}),
            stdout=subprocess.DEVNULL,
        ) as process:
            while len(server.log) < done:
                assert process.poll() is None
                time.sleep(0.002)
            process.kill()
    ask(server, *paths, folder=tmp_path, DOWNLOAD_DELAY=0.25)
    assert asked(server)[-8:] == ["/robots.txt", *paths]
    assert min(gaps(server)) > 0.25 - 2 * LATE
    assert shortest(server, 4) > 4 * 0.25 - 2 * LATE


def test_a_crawl_that_was_killed_and_goes_on_keeps_the_rate_and_the_rules(
    replica: Serve, crawl: RunCrawl, start_crawl: StartCrawl
) -> None:
    server = replica({"/menu/198": once_less(trouble(503))}, articles=70, days=3, markup="2024")
    arguments: dict[str, Any] = {"site": server.url, "settings": {"DOWNLOAD_DELAY": 0.3}}
    running = start_crawl(**arguments)
    running.until(lambda: len(server.log) > 5)
    running.process.kill()
    running.process.communicate()
    crawl(max_articles=10, **arguments)
    facts = [fact for fact in server.replica.facts() if not fact["allowed"]]
    forbidden = {path for fact in facts for path in fact["forms"]}
    assert forbidden
    assert forbidden & set(asked(server)) == set()
    assert len(server.log) > 15
    assert min(gaps(server)) > 0.3 - 2 * LATE
    assert shortest(server, 4) > 4 * 0.3 - 2 * LATE


@pytest.mark.parametrize("path", ["/robots.txt", "/menu/198"])
def test_a_crawl_ends_at_a_long_pause_and_does_not_begin_before_it_is_over(
    replica: Serve, crawl: RunCrawl, path: str
) -> None:
    server = replica({path: once_less(trouble(429, "7200"))}, articles=30, days=2, robots="none")
    runs = [crawl(site=server.url) for _ in range(2)]
    assert asked(server)[-1] == path
    assert [run.code for run in runs] == [3, 3]
    assert runs[1].stats["observer/ending"] == "pause"
    assert "the site asked to be left alone until" in runs[1].err
    assert runs[1].group("addresses").keys() <= {"waiting", "seen", "read", "stored"}


def once_less(answer: Page) -> Callable[[int], Page | None]:
    """A path that gives one answer, and then what the replica has there."""
    return lambda visit: None if visit else answer


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /",
        "User-agent: *\nDisallow: *\nAllow: /ads.txt",
        "User-agent: *\nAllow: /\n\nUser-agent: observer_crawler\nDisallow: /",
    ],
)
def test_rules_that_come_to_forbid_everything_end_the_run_with_5(
    replica: Serve, crawl: RunCrawl, text: str
) -> None:
    server = replica({"/robots.txt": from_second(Page(200, TYPE, text.encode()))}, **SIXTY)
    run = crawl(site=server.url, settings=READ_OFTEN)
    assert run.code == 5, run.err[-2000:]
    why = "robots.txt forbids everything: every address is forbidden"
    line = f"The site refuses us ({why}): no further try before tomorrow."
    assert run.err.splitlines()[-1] == line
    assert run.stat("addresses/denied") <= 2, "what was not tried is not denied"
    assert run.stat("left") > 5
    asked_for = len(server.log)
    again = crawl(site=server.url)
    assert (again.code, len(server.log)) == (5, asked_for)


def test_rules_that_come_to_forbid_all_but_the_articles_end_no_run(
    replica: Serve, crawl: RunCrawl
) -> None:
    text = b"User-agent: *\nDisallow: /\nAllow: /news\nAllow: /details"
    server = replica({"/robots.txt": from_second(Page(200, TYPE, text))}, **SIXTY)
    run = crawl(site=server.url, settings=READ_OFTEN)
    assert run.code == 0, run.err[-2000:]
    assert len(run.ids) == 60


TYPE = {"Content-Type": TEXT}
SIXTY: dict[str, Any] = {"articles": 60, "days": 3, "plain": True, "robots": "none"}
# A tenth of a second: robots.txt is read several times while sixty articles are.
READ_OFTEN: dict[str, Any] = {"OBSERVER_ROBOTS_HOURS": 0.1 / 3600, "DOWNLOAD_DELAY": 0.01}


def from_second(answer: Page) -> Callable[[int], Page | None]:
    """A path that gives what the replica has there, and then one answer for ever."""
    return lambda visit: answer if visit else None


@pytest.mark.parametrize("status", [401, 403])
def test_robots_txt_is_read_again_after_a_refusal(replica: Serve, status: int) -> None:
    changing = robots("Disallow:", "Disallow: /c")
    server = site_with(replica, robots=changing, b=once(trouble(status)), e=once(trouble(status)))
    ask(server, *(f"/{name}" for name in "abcdef"))
    # The second refusal comes within the minute: it costs no reading.
    assert asked(server) == ["/robots.txt", "/a", "/b", "/robots.txt", "/d", "/e", "/f"]


def test_requests_that_wait_for_the_second_reading_obey_it(replica: Serve) -> None:
    server = slow_site(replica, {"/robots.txt": robots("Disallow:", "Disallow: /")})
    paths = ["/a", *(f"/print.php?id={number}" for number in range(20))]
    ask(server, *paths, ONE_FIRST=True, CONCURRENT_REQUESTS=20)
    assert asked(server) == ["/robots.txt", "/a", "/robots.txt"]


def test_requests_that_wait_for_a_reading_that_fails_share_it(replica: Serve) -> None:
    server = slow_site(replica, {"/robots.txt": lambda _: rules("", 500)})
    fates = ask(server, "/b", "/c", "/d", CONCURRENT_REQUESTS=20)
    assert [fate["error"] for fate in fates[1:]] == ["Closed"] * 3
    assert asked(server) == ["/robots.txt"]


def slow_site(replica: Serve, faults: dict[str, Callable[[int], Page | None]]) -> Server:
    """Serve with a latency that lets requests queue; page a refuses."""
    faults = {"/a": once(trouble(403)), **faults}
    return replica(faults, articles=5, days=1, latency_seconds=0.1)


def test_a_reading_that_fails_stops_all_and_is_tried_again(replica: Serve) -> None:
    server = site_with(replica, robots=once(rules("", 503), rules("Disallow: /d")))
    fates = ask(server, "/a", "/b", 1.3, "/c", "/d")
    assert asked(server) == ["/robots.txt", "/robots.txt", "/c"]
    words = [(fate.get("error"), fate.get("unanswered")) for fate in fates[1:]]
    assert words == [("Closed", False), ("Closed", False), (None, None), ("Forbidden", None)]


def test_a_reading_that_fails_below_http_says_so(replica: Serve) -> None:
    server = site_with(replica)
    server.stop()
    fates = ask(server, "/a", "/b")
    assert [fate["unanswered"] for fate in fates[1:]] == [True, True]
    assert "cannot be reached" in fates[1]["text"]
