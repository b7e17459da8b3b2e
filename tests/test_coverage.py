"""Coverage against the replica's facts: holes are planted, and each must be found and filled."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from observer_crawler.replica import Options, Replica
from observer_crawler.replica.addresses import article_forms, day_forms
from observer_crawler.replica.page import Page, plain
from tests.conftest import run_scrapy

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve

OPTIONS: dict[str, Any] = {"articles": 240, "days": 16, "robots": "none"}
DATES = {"from_date": "2025-06-01", "until_date": "2025-06-17"}
# Nine days after the newest article: every index is final.
LATER = {"OBSERVER_NOW": "2025-06-25T21:00:00+06:00", "OBSERVER_RETRY_ATTEMPTS": 2}
WHOLE = {"complete", "no_print"}


def coverage(
    data: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command on a folder."""
    return run_scrapy("coverage", *words, env={"OBSERVER_DATA": str(data), **(env or {})})


def report(data: Path, *words: str, env: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 (JSON)
    """Give the JSON of one edition."""
    done = coverage(data, "--json", *words, env=env)
    assert done.returncode == 0, done.stderr
    (edition,) = json.loads(done.stdout)["editions"].values()
    return edition


def statuses(edition: dict[str, Any]) -> dict[str, str]:
    return {day["day"]: day["status"] for day in edition["days"]}


class Plants(NamedTuple):
    """What is wrong with a replica: days by their text, articles by their rows."""

    missing_days: tuple[str, ...] = ()
    failing_days: tuple[str, ...] = ()
    failing: tuple[int, ...] = ()
    unlinked: tuple[int, ...] = ()
    unlisted: tuple[int, ...] = ()
    without: tuple[str, ...] = ()


class Planted(Mapping[str, "Callable[[int], Page | None]"]):
    """The faults of every path of a replica with plants: asked for one by one, never listed."""

    def __init__(self, model: Replica, plants: Plants) -> None:
        self._model = model
        self._plants = plants
        desk = model.desk
        days = {day.isoformat(): day for day in model.days()}
        self._missing = {f for day in plants.missing_days for f in day_forms(desk, days[day])}
        self._failing = {f for day in plants.failing_days for f in day_forms(desk, days[day])}
        self._failing |= {form for k in plants.failing for form in article_forms(desk, k)}

    def __getitem__(self, path: str) -> Callable[[int], Page | None]:
        return lambda _: self._answer(path)

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401 (of a mapping)
        return self[path]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1

    def mend(self) -> None:
        """Let what failed answer from now on."""
        self._failing.clear()

    def _answer(self, path: str) -> Page:
        if path in self._missing:
            return plain(404, "Not Found")
        if path in self._failing:
            return plain(500, "Internal Server Error")
        page = self._model.get(path)
        rows = [*self._plants.unlinked, *(self._plants.unlisted if "archive" in path else ())]
        body = page.body
        for k in rows:
            number = str(self._model.desk.numbers[k]).encode()
            body = re.sub(rb"<a\b[^>]*\b" + number + rb"\b[^>]*>", b"<a>", body)
        for heading in self._plants.without:
            # Whatever stood under the heading of a box: links alone make a box.
            head, found, tail = body.partition(heading.encode())
            if found:
                body = head + re.sub(rb"<a\b[^>]*>", b"<a>", tail)
        return replace(page, body=body)


def crawled(
    replica_: Serve, crawl: RunCrawl, plants: Plants, **dates: object
) -> tuple[Server, Crawl]:
    """Crawl every day of a replica with plants."""
    server = replica_(Planted(Replica(Options(**OPTIONS)), plants), **OPTIONS)
    asked: dict[str, Any] = {**DATES, **dates}
    return server, again(server, crawl, **asked)


def again(server: Server, crawl: RunCrawl, **arguments: Any) -> Crawl:  # noqa: ANN401 (the spider's own)
    return crawl(spider="observer_archive", site=server.url, settings=LATER, **arguments)


def fill(
    server: Server,
    crawl: RunCrawl,
    data: Path,
    dates: Mapping[str, Any] = DATES,
    env: Mapping[str, str] | None = None,
) -> None:
    """Ask for all numbers that may be articles; what is found so may link to more."""
    again(server, crawl, probe=10_000, **dates)
    while linked := of_kind(report(data, env=env), "linked"):
        again(server, crawl, ids=",".join(hole["ids"] for hole in linked))


def lacking(server: Server, data: Path) -> dict[str, set[int]]:
    """Give, by the replica's own facts, the numbers of each day that no line holds."""
    desk = server.replica.desk
    rows = range(len(desk.numbers))
    return lacking_of(((desk.day(k).isoformat(), desk.id(k), desk.numbers[k]) for k in rows), data)


def lacking_of(facts: Iterable[tuple[str, str, int]], data: Path) -> dict[str, set[int]]:
    """Give the numbers of each day that no line holds; `facts`: day, id and number of each."""
    files = (data / "articles").glob("*/*.jsonl")
    lines = (json.loads(line) for file in files for line in file.read_bytes().splitlines())
    stored = {line["id"] for line in lines}
    found: dict[str, set[int]] = {}
    for day, name, number in facts:
        of_day = found.setdefault(day, set())
        if name not in stored:
            of_day.add(number)
    return found


def of_kind(edition: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [hole for hole in edition["holes"] if hole["kind"] == kind]


def is_listed(number: int, day: str, holes: list[dict[str, Any]]) -> bool:
    """Whether a hole names a number, or the whole day."""
    for hole in holes:
        if not hole["first_day"] <= day <= hole["last_day"]:
            continue
        if not hole["ids"] or any(number in each for each in ranges(hole["ids"])):
            return True
    return False


def ranges(ids: str) -> Iterator[range]:
    for part in ids.split(","):
        first, _, last = part.partition("-")
        yield range(int(first), int(last or first) + 1)


def assert_true(edition: dict[str, Any], lacks: dict[str, set[int]], bad_days: set[str]) -> None:
    """Assert that every hole is listed, none is shown complete, and nothing whole as a hole."""
    shown = statuses(edition)
    for day, numbers in lacks.items():
        if numbers or day in bad_days:
            assert shown[day] not in WHOLE, (day, shown[day], numbers)
        else:
            assert shown[day] != "holes", day
        for number in numbers:
            assert is_listed(number, day, edition["holes"]), (day, number)


PLANTS = {
    "days that are not in the index": Plants(missing_days=("2025-06-02", "2025-06-12")),
    "days that fail": Plants(failing_days=("2025-06-03",)),
    "articles that no page links": Plants(unlinked=(20, 21, 75, 111, 150, 151, 152, 200)),
    "pages that fail for ever": Plants(failing=(16, 100, 101, 195)),
    "a box removed": Plants(without=("You Might Also Like", "Latest News")),
    "half an index": Plants(unlisted=tuple(range(50, 70, 2))),
}
EVERYTHING = Plants(
    missing_days=("2025-06-02",),
    failing_days=("2025-06-13",),
    failing=(4, 100, 195),
    unlinked=(42, 43, 75, 151),
    unlisted=(175, 176),
)


@pytest.mark.parametrize("plants", PLANTS.values(), ids=PLANTS.keys())
def test_every_planted_hole_is_listed_and_nothing_whole_is_one(
    replica: Serve, crawl: RunCrawl, tmp_path: Path, plants: Plants
) -> None:
    server, _ = crawled(replica, crawl, plants)
    edition = report(tmp_path / "data")
    lacks = lacking(server, tmp_path / "data")
    assert_true(edition, lacks, {*plants.missing_days, *plants.failing_days})
    for day in plants.missing_days + plants.failing_days:
        assert statuses(edition)[day] == "holes"
    failed = {
        number
        for day in edition["holes"]
        if day["kind"] == "article"
        for each in ranges(day["ids"])
        for number in each
    }
    assert failed == {server.replica.desk.numbers[k] for k in plants.failing}


def run(command: str, data: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command as the report wrote it, but for the pace and the day."""
    for part in command.split(" && "):
        program, *words = shlex.split(part)
        assert program == "scrapy"
        more = [f"{name}={value}" for name, value in {**LATER, "DOWNLOAD_DELAY": 0.001}.items()]
        settings = [word for each in more for word in ("-s", each)]
        done = run_scrapy(*words, *settings, env={"OBSERVER_DATA": str(data), **(env or {})})
        assert done.returncode == 0, done.stderr


def test_the_commands_of_the_report_fill_each_hole_once_the_site_is_well_again(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    faults = Planted(Replica(Options(**OPTIONS)), EVERYTHING)
    server, data = replica(faults, **OPTIONS), tmp_path / "data"
    again(server, crawl, **DATES)
    fill(server, crawl, data)
    edition, lacks = report(data), lacking(server, data)
    failing = {server.replica.desk.numbers[k] for k in EVERYTHING.failing}
    (failing_day,) = EVERYTHING.failing_days
    assert set().union(*lacks.values()) == failing | lacks[failing_day]
    assert_true(edition, lacks, {*EVERYTHING.missing_days, failing_day})
    faults.mend()
    for hole in edition["holes"]:
        if hole["kind"] in {"article", "index"}:
            run(hole["command"], data)
    fill(server, crawl, data)
    assert not set().union(*lacking(server, data).values())
    shown = statuses(report(data))
    assert {shown[day] for day in lacks if day not in EVERYTHING.missing_days} == WHOLE


def test_a_whole_site_has_no_hole_and_the_days_of_eid_their_own_colour(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server, _ = crawled(replica, crawl, Plants())
    before = statuses(report(tmp_path / "data"))
    days = [day.isoformat() for day in server.replica.days()]
    assert {before[day] for day in days} <= {*WHOLE, "gaps", "open"}
    fill(server, crawl, tmp_path / "data")
    shown = statuses(report(tmp_path / "data"))
    assert {shown[day] for day in days} == WHOLE
    eid = {f"2025-06-{day:02}" for day in range(6, 11)}
    assert {day for day in days if shown[day] == "no_print"} >= eid


def test_a_day_of_which_nothing_speaks_is_unknown(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server, _ = crawled(replica, crawl, Plants(), from_date="2025-06-14")
    again(server, crawl, from_date="2025-06-08", until_date="2025-06-10")
    shown = statuses(report(tmp_path / "data"))
    assert shown["2014-03-01"] == shown["2020-02-29"] == shown["2025-06-05"] == "unknown"
    # The numbers leave room for the days between, and nobody has asked for their indexes.
    assert {shown[f"2025-06-{day}"] for day in (11, 12, 13)} == {"open"}


def test_a_probe_asks_the_same_numbers_whenever_it_goes_on(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server, _ = crawled(replica, crawl, Plants(unlinked=(42, 43, 75, 151)))
    before = len(server.log)
    stopped = again(server, crawl, probe=6, seed=7, max_articles=1, **DATES)
    assert stopped.code == 0
    again(server, crawl, probe=6, seed=7, **DATES)
    asked = {access.path for access in server.log[before:] if "/news/" in access.path}
    assert len(asked) == 6
    again(server, crawl, probe=6, seed=7, **DATES)
    assert {a.path for a in server.log[before:] if "/news/" in a.path} == asked
    probe = report(tmp_path / "data")["probe"]
    assert probe["asked"] == 6
    real = sum(server.replica.desk.row(int(path.rpartition("/")[2])) is not None for path in asked)
    assert probe["real"] == real
    assert probe["articles_low"] <= probe["articles"] <= probe["articles_high"] <= probe["gaps"]


def test_without_a_probe_nothing_is_estimated(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    crawled(replica, crawl, Plants(), from_date="2025-06-14")
    edition = report(tmp_path / "data")
    assert edition["probe"] is None
    assert edition["totals"]["gaps"] > 0
    assert "probe" not in coverage(tmp_path / "data").stdout.replace("a probe=", "")


def test_the_dated_pages_of_the_first_years_are_probed_by_their_day(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    options = {**OPTIONS, "markup": "2014", "articles": 120, "days": 8}
    plants = Plants(unlinked=(40, 41, 75))
    server = replica(Planted(Replica(Options(**options)), plants), **options)
    later: dict[str, Any] = {**LATER, "OBSERVER_NOW": "2014-09-16T21:00:00+06:00"}
    common: dict[str, Any] = {"spider": "observer_archive", "site": server.url, "settings": later}
    common |= {"from_date": "2014-08-28", "until_date": "2014-09-08"}
    crawl(**common)
    assert lacking(server, tmp_path / "data") != {}
    crawl(**common, probe=1_000)
    assert not set().union(*lacking(server, tmp_path / "data").values())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("more",), "coverage takes no arguments, got ['more']"),
        (("--language", "fr"), "unknown language 'fr'; known: bn, en"),
        (("--from-date", "yesterday"), "argument from_date: expected a day like 2022-06-16"),
        (("--from-date", "2022-06-16", "--until-date", "2022-06-15"), "is after until_date"),
        ((), "nothing was crawled into this folder yet"),
    ],
)
def test_what_was_typed_wrongly_is_said_in_one_line(
    tmp_path: Path, words: tuple[str, ...], line: str
) -> None:
    done = coverage(tmp_path, *words)
    assert done.returncode == 1
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_page_that_cannot_be_written_is_said_in_one_line(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    crawled(replica, crawl, Plants(), from_date="2025-06-16")
    done = coverage(tmp_path / "data", "--html", str(tmp_path / "none" / "page.html"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "cannot write" in done.stderr
