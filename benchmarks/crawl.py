"""The whole crawl against a bare Scrapy spider that fetches the same pages and does nothing.

CPU, not pages a second: in earnest the delay decides, one request a second. What the crawl costs
beyond the bare one is held against one `lxml.html.fromstring` of each page, measured in a third
spider that does that and no more: in a crawl, where other work has emptied the caches in between, a
parse costs about twice what it costs in a loop, and so does everything else.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from benchmarks.rounds import ROOT, Spent, in_turn, mid, pinned_beside, ratios, run
from observer_crawler.replica import Options, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ARTICLES, QUICK = 2_000, 300
# Of the project, and given to the bare spider too.
SETTINGS: dict[str, Any] = {
    "CONCURRENT_REQUESTS": 1,
    "CONCURRENT_ITEMS": 1,
    "DOWNLOAD_DELAY": 0.001,  # 0 would take another way through the downloader
    "DOWNLOAD_DELAY_JITTER": 0.0,
    "LOG_LEVEL": "WARNING",
    "COOKIES_ENABLED": False,
    "REFERER_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
    "DEFAULT_REQUEST_HEADERS": {"Accept-Encoding": "gzip, deflate"},
}
NOW = "2025-06-16T21:00:00+06:00"
# Pages a second below which the server may be what is measured.
FAST_ENOUGH = 1_500
WITHOUT, WITH = "without capture", "with capture"


@contextmanager
def served(articles: int) -> Iterator[str]:
    """Serve a replica from memory, on the core beside; gives its origin."""
    command = [*pinned_beside(), sys.executable, "-m", "benchmarks.server", str(articles)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        assert server.stdout is not None  # noqa: S101 (a pipe was asked for)
        assert server.stdin is not None  # noqa: S101 (as above)
        yield server.stdout.readline().strip()
        server.stdin.close()


def asked(origin: str) -> list[str]:
    """Give the paths that were asked since the last call."""
    with urllib.request.urlopen(f"{origin}/-/asked") as answer:  # noqa: S310 (of this machine)
        told: list[str] = json.loads(answer.read())
    return told


def crawled(origin: str, data: Path, *, captures: bool) -> Spent:
    """Run the whole crawl into a folder."""
    settings = {
        **{name: SETTINGS[name] for name in ("DOWNLOAD_DELAY", "LOG_LEVEL")},
        "OBSERVER_DATA": data,
        "OBSERVER_NOW": NOW,
        "OBSERVER_CAPTURE": int(captures),
    }
    typed = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    spider = ["observer", "-a", f"site={origin}", "-a", "sections=all"]
    return run([sys.executable, "-m", "scrapy", "crawl", *spider, *typed])


def bare(origin: str, paths: Path, *words: str) -> tuple[float, float]:
    """Fetch the same pages with nothing but Scrapy; gives the seconds of CPU, and of the parses."""
    settings = json.dumps({**SETTINGS, "HTTPERROR_ALLOW_ALL": True})
    spent = run([sys.executable, "-m", "benchmarks.bare", settings, str(paths), origin, *words])
    pages, parses = spent.out.split()[-2:]
    if int(pages) != len(paths.read_text("utf-8").split()):
        message = f"the bare spider fetched {pages} pages only"
        raise RuntimeError(message)
    return spent.cpu, float(parses)


def wrong(data: Path, articles: int) -> list[str]:
    """Name what was stored otherwise than the replica has it, or was not stored."""
    lines = [
        json.loads(line)
        for path in sorted((data / "articles").glob("*/*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]
    stored = {line["id"]: line for line in lines}
    site = Options(articles=articles, days=max(articles // 50, 1), plain=True, robots="none")
    facts = {fact["id"]: fact["article"] for fact in Replica(site).facts() if fact["article"]}
    fields = ("headline", "body", "published_date", "byline", "section")
    unequal = [
        name
        for name, article in facts.items()
        if name not in stored or any(stored[name][each] != article[each] for each in fields)
    ]
    return [*unequal, *(stored.keys() - facts.keys()), *["twice"] * (len(lines) - len(stored))]


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Crawl with and without captures, bare, and bare with a parse, in turn."""
    articles = QUICK if quick else ARTICLES
    with tempfile.TemporaryDirectory() as folder, served(articles) as origin:
        first = Path(folder, "first")
        crawled(origin, first, captures=False)
        paths = Path(folder, "paths.txt")
        paths.write_text("\n".join(path for path in asked(origin) if path != "/robots.txt"))
        pages = len(paths.read_text().split())
        speed = _speed_of(origin, paths.read_text().split())
        say(
            f"{pages} pages of {articles} articles; the server answers {speed:,.0f} a second of CPU"
        )
        mistakes = wrong(first, articles)

        def whole(name: str, *, captures: bool) -> float:
            data = Path(folder, f"{name}-{len(spent[name])}")
            spent[name].append(crawled(origin, data, captures=captures))
            mistakes.extend(wrong(data, articles))
            say(f"{name}: {1000 * spent[name][-1].cpu / pages:.2f} ms of CPU a page")
            return spent[name][-1].cpu

        spent: dict[str, list[Spent]] = {WITHOUT: [], WITH: []}
        found = in_turn(
            rounds,
            {
                "bare": lambda: bare(origin, paths)[0],
                "parse": lambda: bare(origin, paths, "parse")[1],
                WITHOUT: lambda: whole(WITHOUT, captures=False),
                WITH: lambda: whole(WITH, captures=True),
            },
        )
    right = f"{articles:,} articles stored, five fields each as on the page"
    if mistakes:
        right = f"{len(mistakes)} articles are not as on the page, such as {mistakes[0]}"
    elif speed < FAST_ENOUGH:
        right = f"the server answers {speed:,.0f} pages a second, and may be what is measured"
    how = {**SETTINGS, "server, pages a second of its CPU": round(speed), "pages": pages}
    figures = []
    for name, most in ((WITHOUT, 6.0), (WITH, 7.0)):
        more = [whole - one for whole, one in zip(found[name], found["bare"], strict=True)]
        figures.append(
            Figure(
                group="crawl",
                what=f"beyond bare Scrapy, {name}",
                against="lxml parse of the page, in a crawl",
                unit="ms of CPU a page",
                ours=1000 * mid(more) / pages,
                other=1000 * mid(found["parse"]) / pages,
                ratios=ratios(more, found["parse"]),
                right=right,
                is_right=not mistakes and speed >= FAST_ENOUGH,
                most=most,
                how=how,
            )
        )
    seconds = [each.wall for each in spent[WITHOUT]]
    figures.append(
        Figure(
            group="crawl",
            what="whole, without capture (in earnest the delay decides: one page a second)",
            against="bare Scrapy",
            unit="ms of CPU a page",
            ours=1000 * mid(found[WITHOUT]) / pages,
            other=1000 * mid(found["bare"]) / pages,
            ratios=ratios(found[WITHOUT], found["bare"]),
            right=right,
            is_right=not mistakes and speed >= FAST_ENOUGH,
            how={**how, "pages a second by the clock": round(pages / mid(seconds), 1)},
        )
    )
    return figures


def _speed_of(origin: str, paths: list[str]) -> float:
    """Give how many pages the server answers on one connection in a second of its own CPU.

    It has a core to itself where cores can be chosen, and then that is a second by the clock;
    on a busy machine the clock would say what the others do.
    """
    connection = http.client.HTTPConnection(origin.removeprefix("http://"))

    def got(path: str) -> bytes:
        connection.request("GET", path)
        return connection.getresponse().read()

    begun = float(got("/-/cpu"))
    for path in paths:
        got(path)
    seconds = float(got("/-/cpu")) - begun
    connection.close()
    asked(origin)
    return len(paths) / seconds
