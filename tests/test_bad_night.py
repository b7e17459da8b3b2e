"""A night that alarmed, as whoever gets up sees it: what stands, what mends it, what accepts it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.alarm.alarms import is_of_reading
from observer_crawler.ledger.tables import look
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.replica.page import Page
from tests import otherwise
from tests.balance import assert_balance, ledger_of
from tests.card_claims import problems, read
from tests.nights import alarms, runs
from tests.reading_again import (
    DAY,
    RAISED,
    SITE,
    TODAY,
    TOMORROW,
    newest,
    reextract,
    run,
)
from tests.told import SECRET, hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from subprocess import CompletedProcess

    from observer_crawler.replica import Server
    from tests.told import Hook

WRONG = {otherwise.WRONG: "headline"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve(Replica(Options(**SITE))) as made:
        yield made


@pytest.fixture(scope="module")
def told() -> Iterator[Hook]:
    """A webhook that heard of the bad night."""
    with hook() as made:
        yield made


@pytest.fixture(scope="module")
def night(
    server: Server, told: Hook, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CompletedProcess[str], Path]:
    """A first night whose reading takes the small headline for the headline."""
    data = tmp_path_factory.mktemp("bad") / "data"
    done = crawl(data, server, TODAY, env=WRONG | {"OBSERVER_ALARM_WEBHOOK": told.url})
    assert done.returncode == 4, done.stderr
    return done, data


@pytest.fixture
def data(night: tuple[CompletedProcess[str], Path], tmp_path: Path) -> Path:
    return shutil.copytree(night[1], tmp_path / "data")


def crawl(
    data: Path, server: Server, now: str, *words: str, env: dict[str, str]
) -> CompletedProcess[str]:
    settings = {"OBSERVER_NOW": now, "OBSERVER_CAPTURE": 1, "DOWNLOAD_DELAY": 0.001}
    typed = [f"-s{name}={value}" for name, value in settings.items()]
    typed += [f"-asite={server.url}", "-asections=all", "-LDEBUG"]
    return run(data, "crawl", "observer", *typed, *words, env=env)


def status(data: Path, *words: str, code: int = 0) -> str:
    done = run(data, "status", *words, f"-sOBSERVER_NOW={TOMORROW}")
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def shown(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status(data, "--json"))
    return found


def marked(data: Path) -> int:
    with closing(look(ledger_of(data))) as ledger:
        count: int = ledger.execute("SELECT count(marked) FROM line").fetchone()[0]
    return count


def test_a_bad_night_says_what_is_wrong_and_ends_with_4(
    night: tuple[CompletedProcess[str], Path],
) -> None:
    done, data = night
    lines = done.stderr.splitlines()
    assert lines[-1] == "Done, but an alarm stands: scrapy status shows it."
    stored = len(newest(data))
    assert f"{stored} articles are marked, to be read again from their captures." in lines
    (alarm,) = alarms(data)
    place = lines.index(next(line for line in lines if line.startswith("Alarm 1")))
    assert lines[place].startswith("Alarm 1 (Fields): articles with headline: ")
    assert lines[place].endswith(f"; first at {alarm['first']}, 2025-06-16 15:00 UTC.")
    assert lines[place + 1] == (
        "  Once the reading is mended: scrapy reextract --marked; "
        "scrapy status --accept 1 if it is right so."
    )
    assert runs(data)[0]["alarms"] == ["fields/headline"]


def test_the_webhook_hears_of_it_and_the_log_does_not_hear_of_the_webhook(
    night: tuple[CompletedProcess[str], Path], told: Hook
) -> None:
    (post,) = told.posts
    assert [alarm["figure"] for alarm in post["alarms"]] == ["fields/headline"]
    assert SECRET not in night[0].stderr


def test_status_shows_the_alarm_and_counts_what_is_marked(data: Path) -> None:
    text = status(data)
    assert "Alarm 1 (Fields): articles with headline: " in text
    assert text.splitlines()[-1].startswith(
        "  Standing for 1 day, in runs of observer language=en "
    )
    count = len(newest(data))
    line = f"marked         {count} articles of nights that alarmed: scrapy reextract --marked"
    assert line in text
    found = shown(data)
    assert (found["marked"], found["alarms"][0]["age_days"]) == (count, 1)


def test_a_mended_reading_takes_the_marks_and_the_next_night_ends_the_alarm(
    data: Path, server: Server
) -> None:
    wrong = newest(data)
    table = reextract(data, "--marked", env=RAISED)
    assert int(table["read again"].split()[0]) == len(wrong)
    assert (marked(data), shown(data)["marked"]) == (0, 0)
    assert sum(line["headline"] is None for line in newest(data).values()) < len(wrong) / 10
    done = crawl(data, server, TOMORROW, "-arevisit=all", env=RAISED)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Alarm 1 (Fields) is over: articles with headline are as before." in done.stderr
    assert alarms(data) == []
    assert_balance(data)


def test_the_same_extractor_leaves_the_marks_and_says_so(data: Path) -> None:
    table = reextract(data, "--marked", env=WRONG)
    assert table["still marked"] == (
        f"{len(newest(data))} articles: no newer extractor has read them"
    )
    assert marked(data) == len(newest(data))


def test_only_what_is_marked_is_read_again(data: Path) -> None:
    with closing(sqlite3.connect(ledger_of(data))) as ledger, ledger:
        ledger.execute("UPDATE line SET marked = NULL WHERE address % 2")
    count = marked(data)
    table = reextract(data, "--marked", env=RAISED)
    assert int(table["read again"].split()[0]) == count
    assert table["left alone"] == f"not marked {len(newest(data)) - count}"


def test_a_page_that_was_refused_is_read_again_with_the_marked(
    server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    done = crawl(data, server, TODAY, env={otherwise.WRONG: "body"})
    assert "Alarm 1 (Answers): article pages that could not be read" in done.stderr
    assert newest(data) == {}
    table = reextract(data, "--marked", env=RAISED)
    assert int(table["new"].split()[0]) == len(newest(data)) > 20


def test_what_is_accepted_is_normal_from_now_on(data: Path, server: Server) -> None:
    said = status(data, "--accept", "1").splitlines()
    assert said[0].startswith("Alarm 1 is accepted: articles with headline: ")
    assert said[1:] == [
        f"{len(newest(data))} articles are not marked any more.",
        "From now on this is compared with the runs since then.",
    ]
    assert (marked(data), alarms(data), shown(data)["alarms"]) == (0, [], [])
    done = crawl(data, server, TOMORROW, "-arevisit=all", env=WRONG)
    assert done.returncode == 0, done.stderr[-3000:]
    assert marked(data) == 0
    assert status(data, "--accept") == "No alarm stands.\n"


def test_a_run_that_asks_nothing_still_ends_with_4(data: Path, server: Server) -> None:
    one = WRONG | {"OBSERVER_DAILY_REQUESTS": "1"}
    codes = [crawl(data, server, TODAY, env=one).returncode for _ in range(2)]
    assert codes == [4, 4]
    assert len(runs(data)) == 2  # that of the bad night, and that of one request


def test_only_an_alarm_that_stands_is_accepted(data: Path) -> None:
    line = "scrapy: --accept: no alarm '7' stands; standing: 1\n"
    assert status(data, "--accept", "7", code=1) == line
    status(data, "--accept")
    line = "scrapy: --accept: no alarm '1' stands; none stands\n"
    assert status(data, "--accept", "1", code=1) == line


def test_nothing_is_accepted_while_a_crawl_runs(data: Path) -> None:
    with lock.locked(data):
        said = status(data, "--accept", code=1)
    assert said == f"scrapy: a crawl writes to {data}: --accept is possible when it has ended\n"
    assert len(alarms(data)) == 1


def test_an_export_says_how_many_articles_are_in_doubt(data: Path) -> None:
    assert run(data, "export").returncode == 0
    manifest = data / "dataset" / "latest" / "manifest.json"
    count = len(newest(data))
    assert json.loads(manifest.read_text("utf-8"))["marked"] == count
    methods = manifest.with_name("METHODS.md").read_text("utf-8")
    assert f"Of the articles that are here, {count} were read in runs that alarmed" in methods


def test_the_card_names_the_alarm_and_its_articles_while_nobody_has_accepted_it(
    data: Path,
) -> None:
    (alarm,) = alarms(data)
    count = len(newest(data))
    card, manifest, coverage = _beside(data)
    assert problems(card, manifest, coverage) == []
    (standing,) = coverage["alarms"]["standing"]
    assert (standing["figure"], standing["since"]) == (alarm["figure"], alarm["since"])
    assert standing["marked"] == count
    assert coverage["alarms"]["marked"] == {alarm["since"]: count}
    (row,) = (row for _, rows in read(card).tables for row in rows if alarm["figure"] in row)
    assert row[-1] == f"{count:,}"
    status(data, "--accept")
    card, manifest, coverage = _beside(data)
    assert problems(card, manifest, coverage) == []
    assert coverage["alarms"]["standing"] == []
    (accepted,) = coverage["alarms"]["accepted"]
    for name in ("figure", "expected", "found", "since"):
        assert accepted[name] == alarm[name]
    assert coverage["alarms"]["marked"] == {}


def _beside(data: Path) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Export; gives the card, the manifest as it was before the card, and the coverage report."""
    assert run(data, "export").returncode == 0
    version = data / "dataset" / "latest"
    manifest = json.loads((version / "manifest.json").read_bytes())
    for name in ("README.md", "croissant.json", "coverage.json"):
        del manifest["files"][name]
    coverage = json.loads((version / "coverage.json").read_bytes())
    return (version / "README.md").read_text("utf-8"), manifest, coverage


def test_figures_that_cannot_be_kept_cost_no_article_and_are_no_good_night(
    server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "state" / "runs.jsonl").mkdir(parents=True)
    done = crawl(data, server, TODAY, env={})
    assert done.returncode == 4, done.stderr[-3000:]
    assert done.stderr.splitlines()[-1] == (
        "Done, but the run could not be judged: the line before says why."
    )
    errors = [line for line in done.stderr.splitlines() if "runs.jsonl" in line]
    assert len(errors) == 1
    assert errors[0].endswith(f"cannot read {data / 'state' / 'runs.jsonl'}: Is a directory")
    assert "Traceback" not in done.stderr
    assert len([line for line in newest(data).values() if line["published_date"] == DAY]) > 5
    assert_balance(data)


class Misnamed(Replica):
    """A replica whose headers name another charset than that of its pages."""

    def get(self, path: str) -> Page:
        answer = super().get(path)
        called = {**answer.headers, "Content-Type": "text/html; charset=ISO-8859-1"}
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        return Page(answer.status, called, answer.body) if is_page else answer


def test_a_page_that_is_called_otherwise_is_counted_and_not_in_doubt(
    server: Server, tmp_path: Path
) -> None:
    with serve(Misnamed(Options(**SITE))) as misnamed:
        for name, asked in {"right": server, "wrong": misnamed}.items():
            assert crawl(tmp_path / name, asked, TODAY, env={}).returncode == 0
    yes, cases = runs(tmp_path / "wrong")[-1]["shares"]["pages/called_otherwise"]
    assert runs(tmp_path / "right")[-1]["shares"]["pages/called_otherwise"] == [0, cases]
    assert yes > 0.9 * cases, "but for pages with a stray byte"
    assert not is_of_reading("pages/called_otherwise")


def test_pages_that_point_elsewhere_are_not_mended_by_reading_them_again() -> None:
    assert not is_of_reading("pages/redirected")
    assert is_of_reading("pages/missing"), "a story taken for a soft 404 may be one"
