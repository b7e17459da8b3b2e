"""`scrapy export` after real crawls: what METHODS.md says, the list to share, kills, mistakes."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.commands.export import NEEDED
from observer_crawler.dataset.versions import Versions
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.warc import unpacked
from tests.balance import ledger_of, newest, written
from tests.captures import responses, warc_files
from tests.conftest import ROOT, clean_environment, crawl_command, run_scrapy
from tests.stored import as_line, record, records, store, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve, StartCrawl

NOON = "2025-06-16T12:00:00+06:00"
TEN_DAYS: dict[str, Any] = {"from_date": "2025-06-01", "until_date": "2025-06-10"}


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", "export", *words, "-s", f"OBSERVER_DATA={data}"]


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Export under a locale that knows no Bangla."""
    return subprocess.run(
        command(data, *words),
        cwd=ROOT,
        env=clean_environment(data / "stats.json", {"LC_ALL": "C", "PYTHONUTF8": "0"}),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def exported(data: Path, *words: str) -> Path:
    """Export; gives the folder of the version."""
    done = run(data, *words)
    assert done.returncode == 0, done.stderr
    latest = "latest-list" if "--without" in words else "latest"
    return (data / "dataset" / latest).resolve()


def manifest(version: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((version / "manifest.json").read_bytes())
    return found


def tables(text: str) -> Iterator[list[str]]:
    """Give the rows of all tables of a text in Markdown."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten days of an archive crawl of a copy whose robots.txt forbids some articles."""
    data = tmp_path_factory.mktemp("crawled") / "data"
    with serve(Replica(Options(articles=120, days=24, now=NOON))) as server:
        settings = {
            "OBSERVER_NOW": NOON,
            "OBSERVER_DATA": data,
            "OBSERVER_CAPTURE": 1,
            "DOWNLOAD_DELAY": 0.001,
        }
        typed = crawl_command((), {"site": server.url, **TEN_DAYS}, settings, "observer_archive")
        env = clean_environment(data / "stats.json", {})
        done = subprocess.run(typed, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    """The same, to do with as one likes."""
    return shutil.copytree(crawled, tmp_path / "data")


# METHODS.md


def test_the_numbers_of_methods_are_those_of_the_ledger(archive: Path) -> None:
    version = exported(archive)
    rows = list(tables((version / "METHODS.md").read_text("utf-8")))
    counts = {row[0]: row[1] for row in rows if len(row) == 3}
    with closing(sqlite3.connect(ledger_of(archive))) as ledger:
        states = dict(
            ledger.execute(
                "SELECT state, count(*) FROM address WHERE kind = 'article' GROUP BY state"
            )
        )
        reasons = ledger.execute(
            "SELECT state, reason, count(*) FROM address WHERE kind = 'article'"
            " AND state NOT IN ('stored', 'seen') GROUP BY 1, 2"
        ).fetchall()
        (ran,) = ledger.execute(
            "SELECT count(*), sum(requests), sum(settled), sum(stored), sum(failed),"
            " sum(seen - started) FROM run"
        ).fetchall()
        (days,) = ledger.execute("SELECT count(*) FROM day").fetchone()
    assert counts["articles known"] == f"{sum(states.values()):,}"
    assert counts["= stored"] == f"{states['stored']:,}"
    for state, count in states.items():
        if state != "stored":
            assert counts[f"- {state}"] == f"{count:,}"
    for state, reason, count in reasons:
        assert [state, reason or "-", f"{count:,}"] in rows
    (asked,) = [row for row in rows if row[0].startswith("observer_archive ")]
    assert asked[1] == "1"
    assert asked[4:8] == [f"{number:,}" for number in ran[1:5]]
    assert asked[8] == f"{ran[5] / ran[2]:.2f}"
    text = (version / "METHODS.md").read_text("utf-8")
    assert f"{days} days from 2025-06-01 to 2025-06-10 were asked for" in text
    assert states["denied"] > 0
    assert f"{states['denied']} articles were not asked for because it forbids them" in text


def test_the_numbers_of_methods_are_those_of_the_manifest(archive: Path) -> None:
    segment = next((archive / "articles").glob("*/*.jsonl"))
    with segment.open("ab") as lines:
        lines.write(b"noise\n")
    version = exported(archive, "--where", "views > 100")
    lines_ = manifest(version)["lines"]
    rows = {row[0]: row[1] for row in tables((version / "METHODS.md").read_text("utf-8"))}
    assert rows["lines read"] == f"{lines_['read']:,}"
    assert rows["- not JSON"] == "1"
    assert rows["- not where"] == f"{lines_['not_where']:,}"
    assert rows["= rows here"] == f"{manifest(version)['rows']:,}"
    assert rows["pyarrow"] == manifest(version)["versions"]["pyarrow"]
    assert rows["duckdb"] == manifest(version)["versions"]["duckdb"]
    assert lines_["read"] == 1 + lines_["not_where"] + lines_["written"]


def test_robots_txt_stands_in_methods_as_captures_have_kept_it(archive: Path) -> None:
    readings = [each for each in responses(archive) if each.url.endswith("/robots.txt")]
    version = exported(archive)
    (told,) = manifest(version)["robots"]
    assert (told["first"], told["status"]) == (readings[0].date, 200)
    assert told["readings"] >= len(readings) == 1
    text = (version / "METHODS.md").read_text("utf-8")
    rules = [line for line in unpacked(readings[0], 10**6).decode().splitlines() if line]
    assert any(line.startswith("Disallow: ") for line in rules)
    for line in rules:
        assert f"\n    {line}\n" in text
    shutil.rmtree(archive / "warc")
    without = exported(archive)
    assert manifest(without)["robots"] == []
    assert "No capture has kept it" in (without / "METHODS.md").read_text("utf-8")


def test_captures_that_cannot_be_read_are_named_and_a_broken_index_is_one_line(
    archive: Path,
) -> None:
    for path in warc_files(archive):
        path.write_bytes(b"noise")
    done = run(archive)
    assert (done.returncode, done.stdout.count("\n") > 2) == (0, True)
    assert re.match(
        r"of robots.txt, captured and not readable: warc/\S+\.warc\.gz, byte \d+\n", done.stderr
    )
    for path in (archive / "warc").glob("*.cdxj"):
        path.write_text("one two\n")
    done = run(archive)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert re.match(r"scrapy: an index in \S+/warc is none .*: remove it", done.stderr)


def test_days_that_were_read_whole_make_a_complete_dataset(archive: Path) -> None:
    version = exported(archive)
    told = manifest(version)
    assert (told["complete"], told["complete_not"], told["days_not_complete"]) == (True, [], [])
    assert told["rows"] == len(newest(written(archive)))
    assert version.name.endswith("-replica")


def test_days_that_are_not_complete_are_named(archive: Path) -> None:
    with closing(sqlite3.connect(ledger_of(archive))) as ledger, ledger:
        ledger.execute("UPDATE day SET holes = 2 WHERE day = '2025-06-03'")
        ledger.execute("UPDATE day SET closed_at = NULL WHERE day = '2025-06-04'")
        ledger.execute("DELETE FROM day WHERE day = '2025-06-05'")
        ledger.execute("DELETE FROM address WHERE kind = 'day' AND day = '2025-06-05'")
    version = exported(archive)
    told = manifest(version)
    assert told["complete"] is False
    assert told["complete_not"] == ["3 days are not complete"]
    assert [(each["day"], each["why"]) for each in told["days_not_complete"]] == [
        ("2025-06-03", "2 articles failed"),
        ("2025-06-04", "open"),
        ("2025-06-05", "not asked"),
    ]
    rows = list(tables((version / "METHODS.md").read_text("utf-8")))
    assert ["2025-06-04", "en", "open"] in rows


def test_without_a_ledger_the_lines_are_still_a_dataset(archive: Path) -> None:
    for part in (archive / "state").glob("ledger.sqlite*"):
        part.unlink()
    version = exported(archive)
    assert manifest(version)["complete_not"] == ["there is no ledger"]
    assert "There is no ledger" in (version / "METHODS.md").read_text("utf-8")
    assert manifest(version)["rows"] == len(newest(written(archive)))


def test_a_ledger_that_is_none_is_one_line(tmp_path: Path) -> None:
    store(tmp_path, records(3))
    (tmp_path / "state").mkdir()
    ledger_of(tmp_path).write_bytes(b"no ledger at all, whatever it is called" * 40)
    done = run(tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(r"scrapy: the ledger \S+ is broken: .*\n", done.stderr)


# The list to share


def test_the_list_brings_the_same_texts_into_a_fresh_folder(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=100, days=20, now=NOON, robots="none")
    settings = {"OBSERVER_NOW": NOON}
    archive: dict[str, Any] = {"spider": "observer_archive", "site": server.url}
    data = crawl(settings=settings, **TEN_DAYS, **archive).data
    words = ("--without", "text", "--format", "csv,jsonl")
    version = exported(data, *words, "--where", "published_date <= '2025-06-05'")
    first = sums(data, "2025-06-05")
    assert manifest(version)["rows"] == len(first) > 15
    edited = min(first)
    server.edit(edited)
    for kind in ("csv", "jsonl"):
        before = len(server.log)
        fresh = {**settings, "OBSERVER_DATA": tmp_path / kind}
        second = crawl(settings=fresh, ids=f"@{version / f'list.{kind}'}", **archive)
        assert second.code == 0, second.err
        found = sums(second.data, "9")
        assert found.keys() == first.keys()
        assert {name for name in first if first[name] != found[name]} == {edited}
        asked = [access.path for access in server.log[before:] if access.path != "/robots.txt"]
        assert len(asked) == len(first), "these and no others"


def sums(data: Path, last: str) -> dict[str, str]:
    """Give the sum of each article's newest text, up to a day."""
    lines = newest(written(data)).items()
    records_ = {name: line.record for name, line in lines}
    return {
        name: found["content_sha256"]
        for name, found in records_.items()
        if found["published_date"] <= last
    }


def test_of_a_list_of_both_editions_a_run_takes_its_own(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(language="bn", articles=40, days=4, robots="none", now=NOON)
    names = sorted(fact["id"] for fact in server.replica.facts() if fact["article"])[:2]
    site = "https://bn.observerbd.com/details.php?id="
    bangla = [record(n, id=name, url=site + name[3:]) for n, name in enumerate(names, start=1)]
    data = tmp_path / "both"
    store(data, [record(5), *bangla])
    version = exported(data, "--without", "text")
    found = crawl(
        spider="observer_archive",
        site=server.url,
        language="bn",
        settings={"OBSERVER_NOW": NOON},
        ids=f"@{version / 'list.csv'}",
    )
    assert found.ids == names
    assert "1 articles of " in found.err
    alone = crawl(
        spider="observer_archive",
        site=server.url,
        ids=f"@{_alone(data)}",
        language="bn",
        settings={"OBSERVER_DATA": tmp_path / "alone"},
    )
    assert alone.code == 1
    assert "are of the other edition" in alone.err.splitlines()[-1]


def _alone(data: Path) -> Path:
    return (
        exported(data, "--without", "text", "--where", "language = 'en' and id = 'b:5'")
        / "list.csv"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("id,url,language\nb:1,,en\n,,\n", "line 3 of '{}' has neither url nor id"),
        ('{{"id": "b:1"}}\nb:2\n', "line 2 of '{}' is no JSON, as those before it are"),
        ('{{"name": "b:1"}}\n', "line 1 of '{}' has neither url nor id"),
        ("id,url\nb:1,https://example.org/\n", "got 'https://example.org/' (line 2 of {})"),
    ],
)
def test_a_wrong_line_of_a_list_is_named(
    crawl: RunCrawl, tmp_path: Path, text: str, line: str
) -> None:
    path = tmp_path / "list"
    path.write_text(text.format())
    found = crawl(spider="observer_archive", ids=f"@{path}", site="http://127.0.0.1:9")
    assert found.code == 1
    assert found.err.splitlines()[-1].startswith("scrapy: argument ids: ")
    assert line.format(path) in found.err


# Beside a crawl, and killed


def test_it_exports_beside_a_crawl_that_notices_nothing(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    server = replica(articles=240, days=10, plain=True, robots="none", now=NOON)
    settings = {"OBSERVER_NOW": NOON, "DOWNLOAD_DELAY": 0.2}
    data = tmp_path / "data"
    with start_crawl(
        spider="observer_archive", site=server.url, from_date="2025-06-07", settings=settings
    ) as running:
        running.until(lambda: len(list((data / "articles").glob("*/*.jsonl"))) > 0)
        done = run(data)
        assert running.process.poll() is None, "the crawl goes on"
        assert done.returncode == 0, done.stderr
        odd = [line for line in done.stderr.splitlines() if " of " not in line]
        assert odd == [], "a line that is being written is no error; how far it is may be said"
        running.stop()
        assert running.wait().code in {0, 3}
    told = manifest((data / "dataset" / "latest").resolve())
    assert told["rows"] > 0
    assert told["complete"] is False


def test_an_export_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store(data, records(3_000))
    with begun(data) as process:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.splitlines()[-1] == "scrapy: stopped: nothing of it is left, export again"
    assert [path.name for path in (data / "dataset").iterdir()] == [".lock"]


def test_a_killed_export_leaves_the_old_version_and_no_half_one(tmp_path: Path) -> None:
    kill_often(tmp_path, kills=3, seed=3)


@pytest.mark.prove
def test_exports_killed_at_random_moments_leave_the_old_version_and_no_half_one(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    reached = kill_often(tmp_path, kills=20, seed=11)
    record_property("kills", 20)
    record_property("of them after the version was published", reached)
    assert reached < 20, "some die in the middle"


def kill_often(tmp_path: Path, kills: int, seed: int) -> int:
    """Kill exports at random moments; gives how many had published before they died."""
    data, draw, published = tmp_path / "data", random.Random(seed), 0
    store(data, records(1_000))
    old = exported(data, "--format", "parquet,jsonl,csv")
    before = tree(old)
    store(data, [record(1_600)])
    with begun(data, "--format", "parquet,jsonl,csv") as process:
        started = time.monotonic()
        process.communicate()
        seconds = time.monotonic() - started
    wanted = (data / "dataset" / "latest").resolve()
    assert wanted != old
    whole = tree(wanted)
    for _ in range(kills):
        forget(data, wanted, old)
        with begun(data, "--format", "parquet,jsonl,csv") as process:
            # Spread over all its work, which begins when its draft is there.
            wait(process, draw.random() * seconds)
            process.kill()
            process.communicate()
        names = {path.name for path in Versions(data).versions()}
        assert names in ({old.name}, {old.name, wanted.name})
        published += wanted.exists()
        assert tree(old) == before
        assert not wanted.exists() or tree(wanted) == whole
        assert (data / "dataset" / "latest").resolve() in {old, wanted}
    assert exported(data, "--format", "parquet,jsonl,csv") == wanted
    assert tree(wanted) == whole
    left = {path.name for path in (data / "dataset").iterdir()}
    assert left == {".lock", "latest", old.name, wanted.name}
    return published


def forget(data: Path, version: Path, old: Path) -> None:
    """Take a version away, so that it is made once more."""
    if version.exists():
        version.rename(data.parent / f"aside-{random.random()}")
    link = data / "dataset" / "latest"
    link.unlink()
    link.symlink_to(old.name)


class begun:  # noqa: N801 (a context, called like a function)
    """An export under way: its draft is there."""

    def __init__(self, data: Path, *words: str) -> None:
        self._data = data
        self._words = words

    def __enter__(self) -> subprocess.Popen[str]:
        env = clean_environment(self._data / "stats.json", {})
        self.process = subprocess.Popen(
            command(self._data, *self._words),
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        before = set((self._data / "dataset").glob(".new-*"))
        while set((self._data / "dataset").glob(".new-*")) <= before:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.002)
        return self.process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def wait(process: subprocess.Popen[str], seconds: float) -> None:
    """Let it work for a while."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)


# What is said


def test_the_end_is_a_short_table_with_the_way_to_load_it(tmp_path: Path) -> None:
    store(tmp_path, [*records(5), record(6, headline="ঢাকা")])
    done = run(tmp_path, "--format", "parquet,csv,jsonl,sqlite")
    version = (tmp_path / "dataset" / "latest").resolve()
    rows = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    said = dict(rows[:6])
    assert said["rows"] == "6"
    assert said["where"] == str(version)
    size = (version / "articles.parquet").stat().st_size
    assert said["articles.parquet"] == f"{size:,} bytes"
    assert ["load", f'pandas.read_parquet("{version}/articles.parquet")'] in rows
    assert ["complete", "no: there is no ledger"] in rows
    assert (done.returncode, done.stderr) == (0, "")
    again = run(tmp_path, "--format", "parquet,csv,jsonl,sqlite")
    assert again.returncode == 0
    assert "it was there already: nothing has changed since" in again.stdout


def test_bad_lines_are_named_and_after_twenty_counted(tmp_path: Path) -> None:
    store(tmp_path, [*records(3), *[b"noise\n"] * 25, as_line(record(9))[:-2]])
    done = run(tmp_path)
    lines = done.stderr.splitlines()
    named = [line for line in lines if line.startswith("passed over, not JSON: articles/noise/")]
    assert len(named) == 20
    assert lines[-2:] == [
        "25 lines passed over, not JSON, 5 of them not named",
        "1 line passed over, torn",
    ]
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["x"], "export takes no arguments, got ['x']"),
        (["--format", "parket"], "unknown format 'parket'; did you mean 'parquet'?"),
        (
            ["--format", ""],
            "--format: expected some of parquet,jsonl,csv,sqlite,wacz, got nothing",
        ),
        (
            ["--format", ","],
            "--format: expected some of parquet,jsonl,csv,sqlite,wacz, got nothing",
        ),
        (["--without", "texts"], "unknown value of --without 'texts'; did you mean 'text'?"),
        (["--keep", "0"], "argument --keep: expected a number from 1 up, got '0'"),
        (
            ["--where", "headlin = 'x'"],
            "--where \"headlin = 'x'\": Binder Error: Referenced column",
        ),
        (["--where", "true; drop table x"], "--where 'true; drop table x': Parser Error"),
        (["--without", "text", "--where", "id ="], "--where 'id =': Parser Error"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, words: list[str], line: str) -> None:
    store(tmp_path, records(3))
    done = run_scrapy("export", *words, "-s", f"OBSERVER_DATA={tmp_path}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"scrapy: {line}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "dataset").exists()


def test_an_empty_folder_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert done.returncode == 1
    assert done.stderr == (
        f"scrapy: {tmp_path / 'nowhere'} holds no article yet: scrapy crawl observer fetches some\n"
    )
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("missing", NEEDED)
def test_a_missing_extra_is_one_line(tmp_path: Path, missing: str) -> None:
    """In a process that does not find the library, as if it were not installed."""
    store(tmp_path, records(3))
    code = f"""
        import sys
        from importlib.machinery import PathFinder
        find = PathFinder.find_spec
        def find_spec(name, path=None, target=None):
            return None if name == {missing!r} else find(name, path, target)
        PathFinder.find_spec = find_spec
        from scrapy.cmdline import execute
        execute(["scrapy", "export", "-s", "OBSERVER_DATA={tmp_path}"])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        env=clean_environment(tmp_path / "stats.json", {}),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"scrapy: export needs {missing}: sh requirements/install.sh dataset, or pip install "
        "--require-hashes -r requirements/dataset.txt\n"
    )


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    store(tmp_path, records(300))
    leader, follower = os.openpty()
    env = clean_environment(tmp_path / "stats.json", {})
    with subprocess.Popen(
        command(tmp_path), cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=follower
    ) as process:
        os.close(follower)
        said = b""
        try:
            while block := os.read(leader, 4096):
                said += block
        except OSError:  # Linux tells so that nobody writes any more
            pass
        finally:
            os.close(leader)
    assert process.returncode == 0
    assert re.search(rb"[0-9,]+ of [0-9,]+ bytes read, [0-9]+ s", said)
    assert re.search(rb"[0-9,]+ of 300 articles written, [0-9]+ s", said)
    assert said.endswith(b"\r\x1b[K"), "nothing of it stays"
