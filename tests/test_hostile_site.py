"""A hostile site, a full disk, odd values: what a crawl says, stores and asks in spite of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pty
import re
import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree

from observer_crawler.commands import check_contact, check_settings
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.replica import Options, Replica
from observer_crawler.replica.page import Page
from observer_crawler.spiders import arguments
from observer_crawler.spiders.observer import ObserverSpider
from tests.conftest import ROOT, clean_environment, crawl_command
from tests.test_settings import project_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Crawl, RunCrawl, Serve, StartCrawl

SMALL: dict[str, Any] = {"articles": 30, "days": 2, "plain": True, "robots": "none"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
TEXT = {"Content-Type": "text/plain"}


class Packed(Page):
    """A page whose body is packed by the test already."""

    def gzipped(self) -> bytes:
        """Give the body as it is."""
        return self.body


def forms(number: int) -> list[str]:
    return [f"/news/{number}", f"/news.php?id={number}", f"/details.php?id={number}"]


def front(numbers: range) -> Page:
    """A front page that shows nothing but these articles."""
    cards = "".join(
        f'<li><a href="/news/{number}">The story of number {number}</a></li>' for number in numbers
    )
    text = f"<html><title>Front</title><body><h3>Latest News</h3><ul>{cards}</ul></body></html>"
    return Page(200, HTML, text.encode())


def an_article() -> bytes:
    """Give a story's page that does not say its number: it stands under any."""
    replica = Replica(Options(**SMALL))
    fact = next(fact for fact in replica.facts() if fact["kind"] == "article")
    number = str(fact["id"]).rpartition(":")[2].encode()
    return replica.get(fact["path"]).body.replace(number, b"")


def site_of(answers: list[Page]) -> dict[str, Callable[[int], Page | None]]:
    """Faults for a site of a front page and one article for each answer, from 900001 on."""
    numbers = range(900001, 900001 + len(answers))
    faults: dict[str, Callable[[int], Page | None]] = {"/": lambda _: front(numbers)}
    gone = Page(404, HTML, b"gone")
    faults |= {path: lambda _: gone for path in ("/menu/198", "/cat.php?cd=198")}
    for number, answer in zip(numbers, answers, strict=True):
        faults |= dict.fromkeys(forms(number), always(answer))
    return faults


def always(answer: Page) -> Callable[[int], Page]:
    return lambda _: answer


def test_what_stands_behind_a_packed_page_is_passed_over(replica: Serve, crawl: RunCrawl) -> None:
    padded = Packed(200, HTML, gzip.compress(an_article()) + b"\0\0\0")
    run = crawl(site=replica(site_of([padded]), **SMALL).url, follow="latest", max_depth=1)
    assert run.ids == ["b:900001"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_that_answers_with_errors_only_is_left_in_peace(
    replica: Serve, crawl: RunCrawl, status: int
) -> None:
    error = Page(status, HTML, b"error")
    server = replica(site_of([error] * 40), **SMALL)
    run = crawl(site=server.url, follow="latest", max_depth=1)
    assert run.code == 3
    line = run.err.splitlines()[-1]
    assert (
        line == f"Stopped, the site answers with errors only: {status}. The same command goes on."
    )
    assert len(server.log) < 20
    assert run.stat("addresses/waiting") == 40


def test_pages_that_fail_for_ever_do_not_stop_the_others(replica: Serve, crawl: RunCrawl) -> None:
    answers = [Page(500, HTML, b"error")] * 9 + [Page(200, HTML, an_article())]
    run = crawl(site=replica(site_of(answers), **SMALL).url, follow="latest", max_depth=1)
    assert run.ids == ["b:900010"]
    assert run.stat("addresses/failed") == 9


@pytest.mark.parametrize(
    ("answer", "looks"),
    [
        (Page(200, {"Content-Type": "application/pdf"}, b"%PDF-1.7"), 1),
        (Page(302, {"Location": "https://example.org/sorry"}, b""), 1),
        (Page(302, {"Location": "data:text/html,x"}, b""), 1),
        (Page(302, {"Location": "/cat.php?cd=1&key=x"}, b""), 0),
    ],
)
def test_what_may_be_a_page_another_day_is_looked_at_again(
    replica: Serve, crawl: RunCrawl, answer: Page, looks: int
) -> None:
    server = replica(site_of([answer]), **SMALL)
    run = crawl(site=server.url, follow="latest", max_depth=1)
    with closing(sqlite3.connect(run.data / "state" / "ledger.sqlite")) as ledger:
        query = "SELECT count(*) FROM visit v JOIN address a ON a.id = v.address WHERE a.name = ?"
        assert ledger.execute(query, ("b:900001",)).fetchone() == (looks,)


def test_pages_that_are_denied_again_are_no_closed_door(replica: Serve, crawl: RunCrawl) -> None:
    """They are spread among others the first time, and asked for in a row a day later.

    More than half of all answers are denied: that is for a person to look at, and nothing stops.
    """
    denied, fine = Page(403, HTML, b"no"), Page(200, HTML, an_article())
    server = replica(site_of([denied, fine, denied, fine, denied] * 4), **SMALL)
    first, second = (
        crawl(
            site=server.url,
            settings={"OBSERVER_NOW": f"2025-06-{day}T12:00:00+06:00"},
            follow="latest",
            max_depth=1,
            revisit="no",
        )
        for day in (16, 18)
    )
    assert first.code == 4
    assert first.stat("addresses/denied") == 12
    assert second.code == 4, second.err.splitlines()[-1]
    assert second.stat("settled") >= 12


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OBSERVER_DATA", ""),
        ("OBSERVER_DATA", " "),
        ("OBSERVER_NOW", "9999-12-31T23:59:59+00:00"),
        ("OBSERVER_NOW", "0001-01-01T00:00:00+00:00"),
        ("OBSERVER_RETRY_ATTEMPTS", "0"),
        ("OBSERVER_RETRY_ATTEMPTS", "1.5"),
        ("OBSERVER_RETRY_SECONDS", "nan"),
        ("OBSERVER_WAIT_SECONDS", "inf"),
        ("DOWNLOAD_DELAY", "nan"),
        ("DOWNLOAD_DELAY", ""),
        ("DOWNLOAD_DELAY_JITTER", "x"),
        ("DOWNLOAD_TIMEOUT", "0"),
        ("DOWNLOAD_MAXSIZE", "10MB"),
        ("CONCURRENT_REQUESTS_PER_DOMAIN", "0"),
    ],
)
def test_an_odd_value_is_said_in_words(name: str, value: str) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^{name}: expected .*, got {re.escape(repr(value))}$"
    ):
        check_settings(project_settings(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("ROBOTSTXT_OBEY", False), ("USER_AGENT", "Mozilla/5.0"), ("USER_AGENT", "")],
)
def test_a_strangers_host_is_asked_with_manners_or_not_at_all(name: str, value: object) -> None:
    made = project_settings(OBSERVER_CONTACT="you@example.org", **{name: value})
    with pytest.raises(ConfigurationError, match=f"^{name}"):
        check_contact(made, "https://example.org/")
    check_contact(made, "http://127.0.0.1:8000/")


@pytest.mark.parametrize(
    "site",
    ["http://me:secret@127.0.0.1", "http://127.0.0.1/mirror", "http://a b", "http://h/?x=1"],
)
def test_a_site_is_an_origin_and_nothing_else(site: str) -> None:
    with pytest.raises(ConfigurationError, match="expected scheme and host alone"):
        arguments.read({"site": site})
    assert arguments.read({"site": " HTTP://Host:80/ "}).site == "http://host"


def test_sections_take_all_among_others_and_any_space() -> None:
    assert len(arguments.read({"sections": "198, ALL"}).sections) > 20
    assert arguments.read({"sections": "foreign \u00a0 news,198"}).sections == (198,)


def test_the_opening_line_tells_the_newspaper_from_a_stand_in() -> None:
    stand_in = ObserverSpider.opening_line(arguments.read({"site": "http://127.0.0.1:8000"}), 1.0)
    assert "no limit is set, so this reads all that hangs together." in stand_in
    assert "600,000" not in stand_in
    assert "600,000 pages" in ObserverSpider.opening_line(arguments.read({}), 1.0)


def test_every_format_of_scrapy_holds_what_the_run_stored(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    written = {kind: tmp_path / f"out.{kind}" for kind in ("jsonl", "json", "csv", "xml")}
    server = replica(articles=30, days=2)
    words = [word for path in written.values() for word in ("-O", str(path))]
    run = crawl(*words, site=server.url)
    stored = {line["id"]: line for line in run.articles}
    rows = csv.DictReader(io.StringIO(written["csv"].read_text("utf-8"), newline=""))
    assert {row["id"]: from_csv(row, stored[row["id"]]) for row in rows} == stored
    lines = written["jsonl"].read_text("utf-8").split("\n")
    assert {json.loads(line)["id"]: json.loads(line) for line in lines if line} == stored
    assert {line["id"]: line for line in json.loads(written["json"].read_text("utf-8"))} == stored
    root = etree.parse(written["xml"]).getroot()
    assert {item.findtext("id"): from_xml(item) for item in root} == {
        name: as_words(line) for name, line in stored.items()
    }
    assert run.code == 0


def from_csv(row: dict[str, str], stored: dict[str, Any]) -> dict[str, Any]:
    """Read a row back: what is no text is JSON, and an empty cell is null."""
    return {
        name: None if cell == "" else cell if isinstance(stored[name], str) else json.loads(cell)
        for name, cell in row.items()
    }


def from_xml(element: Any) -> object:  # noqa: ANN401 (lxml has no types)
    if not len(element):
        return element.text or []
    if all(child.tag == "value" for child in element):
        return [from_xml(child) for child in element]
    return {child.tag: from_xml(child) for child in element}


def as_words(value: object) -> object:
    """What XML can say of a value: text, without nulls."""
    if isinstance(value, dict):
        return {name: as_words(part) for name, part in value.items() if part is not None}
    return [as_words(part) for part in value] if isinstance(value, list) else str(value)


def test_an_output_file_that_cannot_be_opened_is_no_success(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    # Scrapy fills a name with what the spider has; of what it has not, it only logs.
    name = str(tmp_path / "%(nothing)s.jsonl")
    run = crawl("-O", name, site=replica(**SMALL).url, max_articles=3)
    assert run.code == 3
    assert "could not be opened" in run.err


@pytest.mark.parametrize("kind", ["jsonl", "json", "xml"])
def test_an_output_file_on_a_full_disk_is_no_success(
    replica: Serve, crawl: RunCrawl, kind: str
) -> None:
    run = crawl("-O", f"/dev/full:{kind}", site=replica(**SMALL).url, max_articles=12)
    assert run.code == 3
    assert "The file of -O or -o is not whole" in run.err.splitlines()[-1]
    assert 0 < len(run.ids) <= 12


def test_a_file_limit_ends_the_run_with_whole_lines(replica: Serve, tmp_path: Path) -> None:
    settings = {"OBSERVER_DATA": tmp_path / "data", "DOWNLOAD_DELAY": 0.001}
    command = crawl_command((), {"site": replica(**SMALL).url}, settings)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=clean_environment(tmp_path / "stats", {}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert "The same command goes on." in done.stderr.splitlines()[-1]
    lines = [path.read_bytes() for path in (tmp_path / "data").rglob("*.jsonl")]
    assert any(lines)
    assert all(json.loads(line) for text in lines for line in text.splitlines())
    assert all(text.endswith(b"\n") for text in lines if text)


def test_a_killed_crawl_goes_on_and_stores_each_article_once(
    replica: Serve, start_crawl: StartCrawl, crawl: RunCrawl
) -> None:
    server = replica(articles=60, days=3, robots="none", plain=True)
    for _ in range(2):
        running = start_crawl(site=server.url)
        asked = len(server.log) + 15
        running.until(lambda: len(server.log) >= asked)  # noqa: B023 (waits here)
        running.stop(signal.SIGKILL)
        assert running.wait().code == -signal.SIGKILL
    whole: Crawl = crawl(site=server.url)
    assert whole.code == 0
    assert len(whole.ids) == len(set(whole.ids)) == 60


def test_a_refused_folder_keeps_names_bytes_and_times(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    crawl(site=replica(**SMALL).url, max_articles=2)
    before = tree(tmp_path / "data")
    assert crawl(site=replica(**{**SMALL, "seed": 2}).url).code == 1
    assert tree(tmp_path / "data") == before


def tree(folder: Path) -> list[tuple[str, int, int, int]]:
    found = [(path, path.lstat()) for path in (folder, *folder.rglob("*"))]
    return sorted((str(path), at.st_mtime_ns, at.st_ctime_ns, at.st_mode) for path, at in found)


def test_the_progress_line_fits_a_narrow_terminal(replica: Serve, tmp_path: Path) -> None:
    server = replica(**SMALL)
    settings = {"DOWNLOAD_DELAY": 0.2, "OBSERVER_DATA": tmp_path / "data"}
    command = crawl_command((), {"site": server.url, "max_articles": 8}, settings)
    leader, follower = pty.openpty()
    narrow = f"import os,sys;os.system('stty cols 40');os.execvp({sys.executable!r},{command!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", narrow], cwd=ROOT, stdin=follower, stderr=follower, stdout=follower
    )
    os.close(follower)
    shown = b""
    with suppress(OSError):  # how Linux says that nobody writes any more
        while part := os.read(leader, 4096):
            shown += part
    os.close(leader)
    process.wait()
    lines = re.findall(rb"\x1b\[K(\d+ pages[^\r]*)\r", shown)
    assert lines
    assert max(map(len, lines)) == 39
