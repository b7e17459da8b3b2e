"""What the tests of `reextract` and `verify` share: commands in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.settings import Settings

from observer_crawler.commands import reextract as command
from observer_crawler.commands.reextract_words import as_text
from observer_crawler.items import EXTRACTOR
from observer_crawler.ledger.tables import look
from observer_crawler.replica import Options, Replica, serve
from tests import otherwise
from tests.balance import ledger_of
from tests.captures import warc_files
from tests.conftest import ROOT, clean_environment, run_scrapy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.replica import Server

# The replica's articles go up on 2025-06-16; a day later their first visit is due.
YESTERDAY = "2025-06-16T09:00:00+06:00"
TODAY = "2025-06-16T21:00:00+06:00"
TOMORROW = "2025-06-17T21:00:00+06:00"
DAY_AFTER = "2025-06-18T21:00:00+06:00"
TOMORROW_UTC = "2025-06-17T15:00:00.000000+00:00"
DAY = "2025-06-16"
SITE: dict[str, Any] = {"articles": 60, "days": 3, "plain": True, "robots": "none"}
RAISED = {otherwise.EXTRACTOR: str(EXTRACTOR + 1)}


def run(
    data: Path, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command on a data folder, by the extraction that `env` asks for."""
    if not env:
        return run_scrapy(*words, "-s", f"OBSERVER_DATA={data}")
    typed = [sys.executable, "-m", "tests.otherwise", *words, "-s", f"OBSERVER_DATA={data}"]
    return subprocess.run(
        typed,
        cwd=ROOT,
        env=clean_environment(data / "no-stats", env),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def reextract(
    data: Path, *words: str, env: dict[str, str] | None = None, code: int = 0
) -> dict[str, str]:
    """Re-extract; gives the closing table, and under `said` what was named.

    In this process, unless another extraction or workers are asked for.
    """
    if env is None and "--workers" not in words:
        out, said, returned = _in_this_process(data, words)
    else:
        done = run(data, "reextract", *words, "-s", f"OBSERVER_NOW={TODAY}", env=env)
        out, said, returned = done.stdout, done.stderr, done.returncode
    assert returned == code, (returned, out, said)
    rows = (line.strip() for line in out.splitlines())
    return {row[:14].strip(): row[14:].strip() for row in rows} | {"said": said}


def _in_this_process(data: Path, words: Sequence[str]) -> tuple[str, str, int]:
    settings = Settings()
    settings.setmodule("observer_crawler.settings")
    settings.update({"OBSERVER_DATA": str(data), "OBSERVER_NOW": TODAY})
    said: list[str] = []
    given = [path for word in words for path in command.files_of(Path(word))]
    tally = command.reextract(settings, given, 1, said.append)
    return as_text(tally), "\n".join(said), 0 if tally.is_good else 3


def crawl_again(
    data: Path, server: Server, now: str, env: dict[str, str] | None = None, **arguments: object
) -> None:
    """Crawl everything that hangs together, with captures."""
    settings = {"OBSERVER_NOW": now, "OBSERVER_CAPTURE": 1, "DOWNLOAD_DELAY": 0.001}
    typed = [f"-s{name}={value}" for name, value in settings.items()]
    typed += [f"-a{name}={value}" for name, value in arguments.items()]
    done = run(
        data, "crawl", "observer", f"-asite={server.url}", "-asections=all", *typed, env=env
    )
    # A reading that finds no headline or no body alarms.
    assert done.returncode in ({0, 4} if env else {0}), done.stderr


@cache
def crawled_in(base: Path) -> Path:
    """A folder of two crawls on two days, with unchanged visits and a changed text between."""
    data = base / "crawled"
    with serve(Replica(Options(**SITE, views_grow=True))) as server:
        crawl_again(data, server, TODAY)
        fresh = [line for line in newest(data).values() if line["published_date"] == DAY]
        server.edit(next(line["id"] for line in fresh if line["body"]))
        crawl_again(data, server, TOMORROW)
    assert {line["revision"] for line in newest(data).values()} == {1, 2}
    assert len(warc_files(data)) == 2
    return data


def sorted_lines(data: Path) -> list[bytes]:
    """Every line of every segment, sorted."""
    return sorted(
        line
        for path in (data / "articles").glob("*/*.jsonl")
        for line in path.read_bytes().splitlines(keepends=True)
    )


def newest(data: Path) -> dict[str, dict[str, Any]]:
    """The newest line of each article."""
    lines = map(json.loads, sorted_lines(data))
    ordered = sorted(lines, key=lambda line: (line["fetched_at"], line["extractor"]))
    return {line["id"]: line for line in ordered}


def told(data: Path) -> list[tuple[Any, ...]]:
    """What the ledger says of all articles: state, and of the newest line what is in it."""
    query = (
        "SELECT a.name, a.state, a.published, a.revisit, l.extractor, l.revision, l.content_sha256,"
        " l.fetched_at FROM address a LEFT JOIN line l ON l.address = a.id ORDER BY a.name"
    )
    with closing(look(ledger_of(data))) as ledger:
        return ledger.execute(query).fetchall()
