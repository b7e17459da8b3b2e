"""A second newspaper stands the same judges as the first: kills, replay, coverage, export.

What a newspaper is stands in `tests/second_paper`; all else that runs here is the house's own code,
byte for byte (`tests/fork.py`). Its site is `tests/farol.py`. CONTRIBUTING.md says how to write one.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, cast

import duckdb
import pytest
from pyarrow import parquet

from observer_crawler.replica import serve
from tests import fork
from tests.conftest import ROOT, clean_environment, run_scrapy
from tests.farol import Farol, Options
from tests.test_architecture import NEWSPAPER
from tests.test_coverage import (
    again,
    assert_true,
    coverage,
    fill,
    lacking_of,
    of_kind,
    ranges,
    report,
    run,
    statuses,
)
from tests.test_kill import assert_survived, end_at_every_point, kill_at_random, record
from tests.test_replay import assert_is_its_replay, lines, player
from tests.trials import ARCHIVE, LINK, Trial
from tests.world import article_set, assert_books, read_again

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from observer_crawler.replica import Replica
    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl

PAPER = ROOT / "tests" / "second_paper"
MOST_LINES = 200
WAYS = (LINK, ARCHIVE)
SMALL, MIDDLE = Options(48, 4), Options(150, 6)
# Sites that take their time: a run must not be over before it is killed.
SLOW, LARGE = Options(150, 6, latency_seconds=0.02), Options(1_200, 40, latency_seconds=0.01)
# Writes in the midst of which a run dies, whatever chance would have hit.
WRITES = ("record:half:2", "line:half:2", "line:after:3", "settle:before:2")
DATES = {"from_date": "2023-03-01", "until_date": "2023-03-08"}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give what a process needs to run in the fork."""
    return fork.fork(tmp_path_factory.mktemp("fork"), PAPER)


@contextmanager
def served(model: Farol) -> Iterator[Server]:
    """Serve the site: the replica's server asks a site for its pages alone."""
    with serve(cast("Replica", model)) as server:
        yield server


@contextmanager
def trial(folder: Path, spider: str, options: Options, env: Mapping[str, str]) -> Iterator[Trial]:
    """Serve the site for one trial in the fork."""
    folder.mkdir(parents=True, exist_ok=True)
    with served(Farol(options)) as server:
        yield Trial(folder, server, spider, env)


@pytest.fixture(scope="module")
def calm(
    tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]
) -> Callable[[str, Options], dict[str, Any]]:
    """Give what an undisturbed crawl stores; each is run once."""

    @cache
    def stored(spider: str, options: Options) -> dict[str, Any]:
        with trial(tmp_path_factory.mktemp("calm"), spider, options, env) as crawl:
            crawl.finish(1)
            assert_books(crawl.data, crawl.server)
            found = article_set(crawl.data)
        assert found.keys() == {name for _, name, _ in Farol(options).facts()}
        return found

    return stored


@pytest.fixture
def crawl_here(crawl: RunCrawl, env: dict[str, str]) -> RunCrawl:
    """Run crawls in the fork."""

    def run_here(*words: str, **more: Any) -> Crawl:  # noqa: ANN401 (the crawl's own)
        return crawl(*words, env=env, **more)

    return cast("RunCrawl", run_here)


def test_the_paper_has_at_most_two_hundred_lines() -> None:
    """All Python of the folder; the site that shows its pages is the world's, and counts apart."""
    written = [path.read_text("utf-8").splitlines() for path in PAPER.rglob("*.py")]
    assert 0 < sum(map(len, written)) <= MOST_LINES


def test_all_but_the_papers_own_files_are_the_houses_byte_for_byte(env: dict[str, str]) -> None:
    there = Path(env["PYTHONPATH"].partition(":")[0]) / "observer_crawler"
    own, house = set(fork.files_of(PAPER)), set(fork.files_of(fork.HOUSE))
    laid = {path.relative_to(there).as_posix() for path in there.rglob("*") if path.is_file()}
    laid = {name for name in laid if not name.endswith(".pyc")}
    assert own == {"site.py", "urls.py", "pages/__init__.py"}
    assert laid == own | {name for name in house if not fork.is_first(name)}
    for name in laid:
        of = PAPER if name in own else fork.HOUSE
        assert (there / name).read_bytes() == (of / name).read_bytes(), name


def test_it_is_laid_out_by_hand_and_laid_out_anew(tmp_path: Path) -> None:
    """As CONTRIBUTING says it: what is no longer of the house goes, the data stay."""
    package, data = tmp_path / "observer_crawler", tmp_path / "data"
    package.mkdir()
    data.mkdir()
    (package / "forms.py").touch()
    (data / "exclude.txt").touch()
    command = [sys.executable, "-m", "tests.fork", str(tmp_path), "tests/second_paper"]
    subprocess.run(command, cwd=ROOT, check=True)
    assert not (package / "forms.py").exists()
    assert (data / "exclude.txt").exists()
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    env = clean_environment(tmp_path / "stats.json", {"PYTHONPATH": "."})
    typed = [scrapy, "crawl", "observer", "-a", "language=en"]
    told = subprocess.run(typed, cwd=tmp_path, env=env, capture_output=True, check=False)
    assert told.returncode == 1
    assert b"unknown language 'en'; known: pt" in told.stderr


def test_a_checkout_is_never_laid_over() -> None:
    with pytest.raises(SystemExit, match="is a checkout"):
        fork.fork(ROOT, PAPER)


def test_what_a_page_says_is_what_is_stored(
    calm: Callable[[str, Options], dict[str, Any]],
) -> None:
    stored = calm(LINK, SMALL)["f:70004"]
    assert stored["url"] == "https://ofarol.example/70004"
    assert stored["headline"] == "Peixe & maré 3"
    assert stored["body"] == [
        "A lota n.º 3 abriu às 3 horas.",
        "“Há peixe”, disse a câmara – 3 < 5.",
    ]
    assert (stored["section"], stored["byline"]) == ("Porto", "Inês Sá")
    assert stored["published_date"] == "2023-03-01"
    assert stored["published_at"] == "2023-03-01T23:30:00-01:00"
    assert stored["related"] == ["f:70003", "f:70005"]
    assert (stored["markup"], stored["revision"]) == ("farol", 1)


@pytest.mark.parametrize("spider", WAYS)
def test_a_crawl_that_is_killed_at_random_loses_and_doubles_nothing(
    tmp_path: Path,
    env: dict[str, str],
    calm: Callable[[str, Options], dict[str, Any]],
    spider: str,
) -> None:
    wanted = calm(spider, SLOW)
    with trial(tmp_path, spider, SLOW, env) as crawl:
        for write in WRITES:
            crawl.crash(write)
        kills = kill_at_random(crawl, Random(3), 8, len(wanted))
        crawl.finish(1)
        assert kills == 8
        assert_survived(crawl, wanted, kills + len(WRITES))


@pytest.mark.prove
@pytest.mark.parametrize("spider", WAYS)
def test_fifty_random_kills_and_one_at_every_write_lose_and_double_nothing(
    tmp_path: Path,
    env: dict[str, str],
    calm: Callable[[str, Options], dict[str, Any]],
    record_property: Callable[[str, object], None],
    spider: str,
) -> None:
    with trial(tmp_path / "random", spider, LARGE, env) as crawl:
        kills = kill_at_random(crawl, Random(4), 50, LARGE.articles)
        crawl.finish(1)
        assert kills == 50
        assert_survived(crawl, calm(spider, LARGE), kills)
        again = read_again(crawl.server)
    with trial(tmp_path / "points", spider, MIDDLE, env) as crawl:
        ended = end_at_every_point(crawl, Random(5))
        crawl.finish(1)
        assert_survived(crawl, calm(spider, MIDDLE), ended)
        again += read_again(crawl.server)
    figures = {"spider": spider, "articles": LARGE.articles, "kills": kills + ended}
    record(record_property, {**figures, "lost": 0, "doubled": 0, "torn": 0, "read again": again})


@pytest.mark.parametrize(
    ("spider", "options"),
    [
        *((spider, SMALL) for spider in WAYS),
        *(pytest.param(spider, LARGE, marks=pytest.mark.prove) for spider in WAYS),
    ],
)
def test_a_crawl_is_the_replay_of_what_it_captured(
    tmp_path: Path, crawl_here: RunCrawl, spider: str, options: Options
) -> None:
    with served(Farol(options)) as server:
        assert_is_its_replay(crawl_here, player(crawl_here, tmp_path), tmp_path, server, spider)
    assert len(lines(tmp_path / "again")) == options.articles


def test_a_whole_site_is_complete_and_has_no_hole(
    tmp_path: Path, env: dict[str, str], crawl_here: RunCrawl
) -> None:
    model = Farol(Options(80, 8))
    with served(model) as server:
        done = again(server, crawl_here, **DATES)
    assert (done.code, done.stat("articles/stored")) == (0, 80)
    edition = report(tmp_path / "data", env=env)
    assert {statuses(edition)[day.isoformat()] for day in model.days()} == {"complete"}
    assert edition["holes"] == []
    assert edition["days"][0]["day"] == "2019-05-02"
    assert "Portuguese edition" in coverage(tmp_path / "data", env=env).stdout


def test_every_planted_hole_is_named_and_filled_once_the_site_is_well_again(
    tmp_path: Path, env: dict[str, str], crawl_here: RunCrawl
) -> None:
    model = Farol(
        Options(80, 8),
        unlinked=frozenset({33, 34, 47}),
        failing=frozenset({5, 61}),
        missing_days=frozenset({"2023-03-03"}),
        failing_days=frozenset({"2023-03-06"}),
    )
    bad, data = {*model.missing_days, *model.failing_days}, tmp_path / "data"
    with served(model) as server:
        again(server, crawl_here, **DATES)
        edition, lacks = report(data, env=env), lacking_of(model.facts(), data)
        assert_true(edition, lacks, bad)
        assert {day for day, status in statuses(edition).items() if status == "holes"} >= bad
        assert {hole["first_day"] for hole in of_kind(edition, "index")} == model.failing_days
        assert {hole["first_day"] for hole in of_kind(edition, "no_index")} == model.missing_days
        assert {34, 35, 48} <= {
            number - 70_000 for number in lacks["2023-03-04"] | lacks["2023-03-05"]
        }
        failed = [each for hole in of_kind(edition, "article") for each in ranges(hole["ids"])]
        assert {number for each in failed for number in each} == {70_006, 70_062}
        model.mend()
        for hole in edition["holes"]:
            if hole["kind"] in {"article", "index"}:
                run(hole["command"], data, env)
        fill(server, crawl_here, data, DATES, env)
        assert not set().union(*lacking_of(model.facts(), data).values())
    shown = statuses(report(data, env=env))
    assert {
        shown[day.isoformat()] for day in model.days() if day.isoformat() not in model.missing_days
    } == {"complete"}


def test_an_export_loads_verify_is_clean_and_nothing_names_the_first_newspaper(
    tmp_path: Path, env: dict[str, str], crawl_here: RunCrawl
) -> None:
    model = Farol(SMALL)
    with served(model) as server:
        asked: dict[str, Any] = {"site": server.url, "settings": {"OBSERVER_CAPTURE": 1}}
        assert crawl_here(**asked).code == 0
    here = {"OBSERVER_DATA": str(tmp_path / "data"), **env}
    checked = run_scrapy("verify", env=here)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    exported = run_scrapy("export", "--format", "parquet,csv", env=here)
    assert exported.returncode == 0, exported.stderr
    (version,) = (tmp_path / "data" / "dataset").glob("2*-replica")
    file = str(version / "articles.parquet")
    ids = duckdb.read_parquet(file).order("id").project("id").fetchall()
    assert [name for (name,) in ids] == [name for _, name, _ in model.facts()]
    rows = parquet.read_table(file).to_pylist()
    assert {(row["language"], row["markup"]) for row in rows} == {("pt", "farol")}
    online = [row for row in rows if row["published_at"]]
    # Half an hour before the day ends where the newspaper stands: elsewhere the next one has begun.
    assert {row["published_at"].isoformat()[10:] for row in online} == {"T23:30:00-01:00"}
    assert [row["published_at"].date() for row in online] == [
        each["published_date"] for each in online
    ]
    for path in version.rglob("*"):
        if path.is_file():
            assert not NEWSPAPER.search(path.read_bytes().decode("utf-8", "replace")), path
