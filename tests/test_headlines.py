"""`scrapy headlines`: what it lists, beside a crawl and after it, and what it says of mistakes."""

from __future__ import annotations

import asyncio
import csv
import io
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from observer_crawler.ledger import Found, Ledger, Patience, Scope
from observer_crawler.ledger.headlines import headlines
from tests.balance import ledger_of
from tests.conftest import ROOT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Serve, StartCrawl

NOON = "2025-06-16T12:00:00+06:00"
SITE = "https://www.observerbd.com"


def said(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command under a locale that knows no Bangla."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", "headlines", *words, "-s", f"OBSERVER_DATA={data}"],
        cwd=ROOT,
        env=clean_environment(data / "stats.json", {"LC_ALL": "C", "PYTHONUTF8": "0"}),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def link(name: str, day: str | None, text: str, kind: str = "article") -> Found:
    url = f"{SITE}/news.php?id={name.partition(':')[2]}"
    return Found(name, kind, url, "day", text, wanted=False, language="en", day=day)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose ledger knows a few headlines, entered in no order."""
    (tmp_path / "state").mkdir()
    ledger = Ledger(ledger_of(tmp_path), Patience(4, 1, 10))
    ledger.begin(Scope("observer_archive", ""), 0.0)
    links = [
        link("b:1000", "2022-06-16", "A headline, with comma"),
        link("b:999", "2022-06-16", 'Of "quotes"'),
        link("b:2000", "2022-06-15", "ঢাকায় বৃষ্টি"),
        link("b:3000", "2022-06-17", ""),
        link("b:4000", None, "In a box alone"),
        link("b:5000", None, ""),
        link("day:2022-06-16", "2022-06-16", "", kind="day"),
    ]
    asyncio.run(ledger.enter(links, 0.0))
    ledger.close()
    return tmp_path


def test_every_headline_is_listed_by_day_and_number(data: Path) -> None:
    run = said(data, "--csv")
    assert run.stdout.splitlines() == [
        "id,day,headline,address,state",
        f"b:4000,,In a box alone,{SITE}/news/4000,seen",
        f"b:2000,2022-06-15,ঢাকায় বৃষ্টি,{SITE}/news/2000,seen",
        f'b:999,2022-06-16,"Of ""quotes""",{SITE}/news/999,seen',
        f'b:1000,2022-06-16,"A headline, with comma",{SITE}/news/1000,seen',
        f"b:3000,2022-06-17,,{SITE}/news/3000,seen",
    ]
    assert (run.returncode, run.stderr) == (0, "5 headlines\n")


def test_without_csv_columns_are_for_the_eye(data: Path) -> None:
    lines = said(data).stdout.splitlines()
    assert lines[0] == f"b:4000        -           seen        In a box alone  {SITE}/news/4000"
    assert lines[-1] == f"b:3000        2022-06-17  seen        -  {SITE}/news/3000"


def test_days_and_states_narrow_the_list(data: Path) -> None:
    path = ledger_of(data)
    one_day = headlines(path, "2022-06-16", "2022-06-16")
    assert [line.id for line in one_day] == ["b:999", "b:1000"]
    assert [line.id for line in headlines(path, first="2022-06-17")] == ["b:3000"]
    assert list(headlines(path, state="stored")) == []
    run = said(data, "--from-date", "2022-06-15", "--until-date", "2022-06-15", "--state", "seen")
    assert (run.stdout.count("\n"), run.stderr) == (1, "1 headline\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["x"], "headlines takes no arguments, got ['x']"),
        (["--from-date", "16.6.2022"], "argument from_date: expected a day like 2022-06-16, got"),
        (["--state", "stoerd"], "unknown state 'stoerd'; did you mean 'stored'?"),
        ([], "no ledger at "),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    run = said(tmp_path / "nowhere", *words)
    assert run.returncode == 1
    assert run.stderr.startswith(f"scrapy: {line}")
    assert run.stderr.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


def test_it_lists_what_a_crawl_under_way_has_found(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    server = replica(articles=40, days=10, plain=True, robots="none", now=NOON)
    settings = {"OBSERVER_NOW": NOON, "DOWNLOAD_DELAY": 0.2}
    arguments = {"site": server.url, "from_date": "2025-06-07", "index_only": 1}
    with start_crawl(spider="observer_archive", settings=settings, **arguments) as running:
        running.until(lambda: len(server.log) > 3)
        running.until(lambda: any(headlines(ledger_of(tmp_path / "data"))))
        running.stop(signal.SIGSTOP)
        run = said(tmp_path / "data", "--csv")
        running.stop(signal.SIGCONT)
        rows = list(csv.DictReader(io.StringIO(run.stdout)))
        assert {row["state"] for row in rows} == {"seen"}
        assert running.wait().code == 0
