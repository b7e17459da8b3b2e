"""`scrapy night`: crawl, export and heartbeat, as a timer runs them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.replica.page import Page
from tests.conftest import ROOT, Running, clean_environment
from tests.receiver import SECRET, Call, Service, service
from tests.warm import COLD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.conftest import Crawl, Serve

SITE: dict[str, Any] = {"articles": 60, "days": 4, "plain": True, "robots": "none"}
TONIGHT = "2025-06-16T21:30:00+06:00"


@pytest.fixture
def told() -> Iterator[Service]:
    with service() as made:
        yield made


def start(
    data: Path,
    *words: str,
    site: str,
    told: Service | None = None,
    env: Mapping[str, str] | None = None,
    is_leader: bool = False,
    **settings: object,
) -> Running:
    """Start a night in a process of its own, with a heartbeat where one is given."""
    usual = {
        "OBSERVER_DATA": data,
        "OBSERVER_NOW": TONIGHT,
        "DOWNLOAD_DELAY": 0.001,
        "OBSERVER_RETRY_SECONDS": 0.01,
        **settings,
    }
    typed = [part for name, value in usual.items() for part in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "night", "-a", f"site={site}", *typed, *words]
    # A night starts commands as a person would, so it is started as a person would.
    more = {"OBSERVER_HEARTBEAT": told.url if told else "", **COLD, **(env or {})}
    stats = data.with_name("stats.json")
    if is_leader:
        command = ["setsid", *command]
    return Running(command, clean_environment(stats, more), data, stats)


def night(data: Path, *words: str, **more: Any) -> Crawl:  # noqa: ANN401 (as for start)
    with start(data, *words, **more) as running:
        return running.wait()


def versions(data: Path) -> list[str]:
    """Give the names of the datasets that are there."""
    return sorted(path.name for path in (data / "dataset").glob("2*"))


FIRST = ("-a", "from_date=2025-06-01")


def test_a_night_crawls_exports_and_tells(replica: Serve, tmp_path: Path, told: Service) -> None:
    run = night(tmp_path / "data", *FIRST, site=replica(**SITE).url, told=told)
    assert run.code == 0, run.err
    line = run.err.splitlines()[-1]
    assert re.fullmatch(r"Night 0: crawl 0, Done.*; export 0\.", line)
    assert told.calls == [Call("start", ""), Call("0", line)]
    assert (tmp_path / "data" / "dataset" / "latest" / "articles.parquet").is_file()
    assert f"rows              {len(run.ids)}" in run.out
    assert SECRET not in run.err + run.out


def test_the_next_night_keeps_as_many_datasets_as_were_asked_for(
    replica: Serve, tmp_path: Path
) -> None:
    server, data = replica(**SITE), tmp_path / "data"
    night(data, *FIRST, site=server.url)
    (first,) = versions(data)
    server.publish(5)
    run = night(data, "--keep", "1", site=server.url)
    (second,) = versions(data)
    assert run.code == 0
    assert second != first
    assert f"dropped           {first}" in run.out


DOWN = Page(500, {"Content-Type": "text/html"}, b"down")
FORBIDS = Page(200, {"Content-Type": "text/plain"}, b"User-agent: *\nDisallow: /\n")
# The days that a night asks for when all before are closed.
OPEN_DAYS = ("/archive/2025-06-16", "/archive/2025-06-15", "/archive/2025-06-14")


@pytest.mark.parametrize(
    ("code", "faults", "words"),
    [
        (3, dict.fromkeys(OPEN_DAYS, DOWN), r"\d addresses failed, .*"),
        (5, {"/robots.txt": FORBIDS}, r"The site refuses us .*"),
    ],
)
def test_no_export_follows_a_night_that_did_not_come_to_its_end(
    code: int, faults: dict[str, Page], words: str, replica: Serve, tmp_path: Path
) -> None:
    bad: dict[str, Page] = {}
    asked = {path: lambda _, path=path: bad.get(path) for path in faults}
    server, data = replica(asked, **SITE), tmp_path / "data"
    assert night(data, *FIRST, site=server.url).code == 0
    before = versions(data)
    bad.update(faults)
    server.publish(3)
    with service() as told:
        run = night(data, site=server.url, told=told, OBSERVER_RETRY_ATTEMPTS=1)
    assert run.code == code, run.err
    line = run.err.splitlines()[-1]
    assert re.fullmatch(rf"Night {code}: crawl {code}, {words}\. No export: the last.*", line)
    assert told.calls == [Call("start", ""), Call(str(code), line)]
    assert versions(data) == before


def test_a_folder_that_another_crawl_holds_is_told_as_1(tmp_path: Path, told: Service) -> None:
    data = tmp_path / "data"
    (data / "state").mkdir(parents=True)
    with lock.locked(data):
        run = night(data, site="http://127.0.0.1:9", told=told)
    assert run.code == 1
    assert told.words == ["start", "1"]
    assert "Night 1: crawl 1, another crawl (process " in told.calls[1].body


def test_an_export_that_fails_is_the_nights_code(
    replica: Serve, tmp_path: Path, told: Service
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "dataset").write_text("a file where the folder shall be")
    run = night(data, *FIRST, site=replica(**SITE).url, told=told)
    assert run.code == 1
    assert re.match(r"Night 1: crawl 0, Done.*; export 1, ", told.calls[1].body)


def test_a_night_may_crawl_alone(replica: Serve, tmp_path: Path) -> None:
    run = night(tmp_path / "data", *FIRST, "--no-export", site=replica(**SITE).url)
    assert run.code == 0
    assert re.fullmatch(r"Night 0: crawl 0, Done[^.]*\.", run.err.splitlines()[-1])
    assert versions(tmp_path / "data") == []


# What is wrong before it begins -------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["observer"], "night takes no arguments but -a NAME=VALUE, got ['observer']"),
        (["--keep", "none"], "argument --keep: expected a number from 1 up, got 'none'"),
        (["--format", "xml"], "unknown format 'xml'"),
        (["-s", "OBSERVER_DAT=x"], "did you mean 'OBSERVER_DATA'?"),
    ],
)
def test_what_was_typed_wrongly_is_said_and_told_before_anything_is_asked(
    words: list[str], expected: str, replica: Serve, tmp_path: Path, told: Service
) -> None:
    server = replica(**SITE)
    run = night(tmp_path / "data", *words, site=server.url, told=told)
    assert (run.code, run.err.count("\n")) == (1, 1)
    assert expected in run.err
    assert told.calls == [Call("1", run.err.removeprefix("scrapy: ").strip())]
    assert server.log == []


def test_a_night_whose_export_could_not_be_made_is_not_begun(
    replica: Serve, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_THE_EXTRA)
    server, data = replica(**SITE), tmp_path / "data"
    hidden = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    run = night(data, *FIRST, site=server.url, env=hidden)
    assert run.code == 1
    assert "sh requirements/install.sh dataset" in run.err
    assert run.err.endswith("(scrapy night --no-export crawls alone)\n")
    assert server.log == []
    assert night(data, *FIRST, "--no-export", site=server.url, env=hidden).code == 0


WITHOUT_THE_EXTRA = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec


def find_spec(name, path=None, target=None):
    return None if name == "duckdb" else find(name, path, target)


PathFinder.find_spec = find_spec
"""


# What stops it ------------------------------------------------------------------------------


@pytest.fixture
def _hears_a_terminal_close() -> Iterator[None]:
    """Under nohup these tests are deaf to SIGHUP, and so would be what they start."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hears_a_terminal_close")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_what_stops_a_night_is_passed_on_and_told(
    number: signal.Signals, replica: Serve, tmp_path: Path, told: Service
) -> None:
    server, data = replica(**SITE), tmp_path / "data"
    with start(data, *FIRST, site=server.url, told=told, DOWNLOAD_DELAY=0.05) as running:
        running.until(lambda: len(server.log) >= 5)
        running.stop(number)
        run = running.wait()
    assert run.code == 3, run.err
    assert "twice" not in run.err
    assert re.match(
        r"Night 3: crawl 3, Stopped \(shutdown\), \d+ addresses wait.", told.calls[1].body
    )
    assert told.words == ["start", "3"]
    assert night(data, *FIRST, site=server.url).code == 0


def test_a_ctrl_c_at_a_terminal_reaches_the_crawl_once(replica: Serve, tmp_path: Path) -> None:
    server, data = replica(**SITE), tmp_path / "data"
    with start(data, *FIRST, site=server.url, is_leader=True, DOWNLOAD_DELAY=0.05) as running:
        running.until(lambda: len(server.log) >= 5)
        os.killpg(running.process.pid, signal.SIGINT)
        run = running.wait()
    assert run.code == 3, run.err
    assert "twice" not in run.err


def test_a_crawl_that_is_killed_has_something_left(
    replica: Serve, tmp_path: Path, told: Service
) -> None:
    server, data = replica(**SITE), tmp_path / "data"
    with start(data, *FIRST, site=server.url, told=told, DOWNLOAD_DELAY=0.05) as running:
        running.until(lambda: len(server.log) >= 5)
        os.kill(holder(data), signal.SIGKILL)
        running.is_judged = False
        run = running.wait()
    assert run.code == 3
    assert (
        told.calls[1].body
        == "Night 3: crawl 3, killed by signal 9. No export: the last one stays."
    )


def holder(data: Path) -> int:
    """Give the process that writes to a folder."""
    return int((data / "state" / "lock").read_text())


def test_a_night_that_is_stopped_while_it_exports_has_something_left(
    replica: Serve, tmp_path: Path, told: Service
) -> None:
    begun = tmp_path / "begun"
    (tmp_path / "sitecustomize.py").write_text(SLOW_EXPORT.format(str(begun)))
    slow = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    with start(
        tmp_path / "data", *FIRST, site=replica(**SITE).url, told=told, env=slow
    ) as running:
        running.until(begun.exists)
        running.stop()
        run = running.wait()
    assert run.code == 3, run.err
    assert told.calls[1].body.endswith("; export 3, killed by signal 15.")


SLOW_EXPORT = """
import sys
import time
from pathlib import Path

if "export" in sys.orig_argv:
    Path({!r}).touch()
    time.sleep(60)
"""


def test_a_night_whose_reader_goes_away_tells_its_end(
    replica: Serve, tmp_path: Path, told: Service
) -> None:
    site, data = replica(**SITE).url, tmp_path / "data"
    with start(data, *FIRST, "--no-export", site=site, told=told) as running:
        command = [str(part) for part in running.process.args]  # type: ignore[union-attr]
        running.wait()
    shell = f"{shlex.join(command)} 2>&1 >/dev/null | true"
    env = clean_environment(tmp_path / "stats.json", {"OBSERVER_HEARTBEAT": told.url})
    subprocess.run(["sh", "-c", shell], cwd=ROOT, env=env, check=True)
    assert told.words == ["start", "0"] * 2


def test_a_heartbeat_that_does_not_arrive_is_said_once_a_call(
    replica: Serve, tmp_path: Path
) -> None:
    gone = Service(f"http://127.0.0.1:9/{SECRET}", [])
    run = night(tmp_path / "data", *FIRST, "--no-export", site=replica(**SITE).url, told=gone)
    assert run.code == 0
    assert run.err.count("did not reach http://127.0.0.1:9: Connection refused") == 2
    assert SECRET not in run.err
