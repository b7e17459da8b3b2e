"""A crawl that is killed, at chosen writes and at random moments, and gone on with.

What must hold after any number of kills: the articles and their fields are those of a crawl that
nobody disturbed, none is lost, none stands there twice, no line is torn, the books balance, and
nothing was asked again but what was on its way when the process died.
"""

from __future__ import annotations

import time
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.captures import assert_readable
from tests.crash import POINTS
from tests.stock.compare import killed_once
from tests.trials import ARCHIVE, KILLED, LEASED, LINK, Trial, trial, undisturbed
from tests.world import read_again

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.conftest import Running

TINY: dict[str, Any] = {"articles": 4, "days": 2}
FEW: dict[str, Any] = {"articles": 6, "days": 3}
SMALL: dict[str, Any] = {"articles": 60, "days": 4}
MIDDLE: dict[str, Any] = {"articles": 150, "days": 6}
LARGE: dict[str, Any] = {"articles": 1200, "days": 40}
HUGE: dict[str, Any] = {"articles": 20_000, "days": 400}
SIZES = ("1200", "20000")
WAYS = (LINK, ARCHIVE)
# What a point needs to be met: a line that is torn, one that the ledger does not know.
LEADS = {"torn": "line:half", "adopt": "line:after"}
# Writes that a run makes again and again; of the others it makes one.
MANY = frozenset({"record", "line", "lease", "settle"})
# A share of the kills hits the first seconds of a run, in which it balances its books.
STARTING, START_SECONDS = 0.25, 1.2
TIMEOUT = 300


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Give what an undisturbed crawl stores; each is run once."""

    @cache
    def crawl(spider: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 (the replica's own)
        return undisturbed(tmp_path_factory.mktemp("calm"), spider, **options)

    return crawl


def test_a_crawl_that_is_ended_at_every_write_loses_and_doubles_nothing(
    tmp_path: Path, calm: Callable[..., dict[str, Any]]
) -> None:
    with trial(tmp_path, LINK, **SMALL) as crawl:
        kills = end_at_every_point(crawl, Random(1))
        crawl.finish(1)
        assert kills == len(POINTS) + 5
        assert_survived(crawl, calm(LINK, **SMALL), kills)


@pytest.mark.parametrize("spider", WAYS)
def test_a_crawl_that_is_killed_ten_times_at_random_loses_and_doubles_nothing(
    tmp_path: Path, calm: Callable[..., dict[str, Any]], spider: str
) -> None:
    with trial(tmp_path, spider, **SMALL) as crawl:
        kills = kill_at_random(crawl, Random(2), 10, len(calm(spider, **SMALL)))
        crawl.finish(1)
        assert kills == 10
        assert_survived(crawl, calm(spider, **SMALL), kills)


@pytest.mark.parametrize(
    "switches",
    [{}, {"markup": "2014", "missing_day": "today"}],
    ids=["own", "today"],
)
@pytest.mark.parametrize(
    "size", [TINY, pytest.param(FEW, marks=pytest.mark.prove)], ids=["4", "6"]
)
def test_a_crawl_that_lives_for_one_settlement_at_a_time_comes_to_its_end(
    tmp_path: Path,
    calm: Callable[..., dict[str, Any]],
    switches: dict[str, str],
    size: dict[str, Any],
) -> None:
    """An index is the one page that shows its articles: a link that is lost here stays lost.

    Where forms of a day's address show the index of today, it takes several pages to find that
    out; a run that dies in between must leave what it learnt.
    """
    site = size | switches
    with trial(tmp_path, ARCHIVE, **site) as crawl:
        kills = 0
        while crawl.run("settle:after:1").code == KILLED:
            kills += 1
            assert kills <= 3 * size["articles"] + 4 * size["days"], "it gets nowhere"
        crawl.finish(1)
        assert kills > size["days"]
        assert_survived(crawl, calm(ARCHIVE, **site), kills)


@pytest.mark.prove
@pytest.mark.parametrize("spider", WAYS)
@pytest.mark.parametrize(("site", "crawls", "kills"), [(LARGE, 10, 5), (HUGE, 1, 50)], ids=SIZES)
def test_fifty_random_kills_of_a_large_crawl_lose_and_double_nothing(  # noqa: PLR0913, PLR0917
    tmp_path: Path,
    calm: Callable[..., dict[str, Any]],
    record_property: Callable[[str, object], None],
    spider: str,
    site: Mapping[str, Any],
    crawls: int,
    kills: int,
) -> None:
    wanted, again, met = calm(spider, **site), 0, 0
    for number in range(crawls):
        with trial(tmp_path / str(number), spider, **site) as crawl:
            killed = kill_at_random(crawl, Random(number), kills, len(wanted))
            crawl.finish(1)
            assert_survived(crawl, wanted, killed)
            again, met = again + read_again(crawl.server), met + killed
    assert met == crawls * kills
    figures = {"spider": spider, "articles": len(wanted), "kills": met, "lost": 0, "doubled": 0}
    record(record_property, figures | {"torn": 0, "read again": again})


@pytest.mark.prove
@pytest.mark.parametrize("spider", WAYS)
def test_every_write_is_the_last_one_ten_times(
    tmp_path: Path,
    calm: Callable[..., dict[str, Any]],
    record_property: Callable[[str, object], None],
    spider: str,
) -> None:
    kills = again = 0
    for number in range(5):
        with trial(tmp_path / str(number), spider, **MIDDLE) as crawl:
            met = end_at_every_point(crawl, Random(number))
            crawl.finish(1)
            assert_survived(crawl, calm(spider, **MIDDLE), met)
            kills, again = kills + met, again + read_again(crawl.server)
    record(record_property, {"spider": spider, "points": len(POINTS), "kills": kills})
    record(record_property, {"lost": 0, "doubled": 0, "torn": 0, "read again": again})


@pytest.mark.prove
@pytest.mark.parametrize("site", [LARGE, HUGE], ids=SIZES)
def test_stock_scrapy_with_jobdir_loses_most_after_one_kill_and_exits_0(
    tmp_path: Path, record_property: Callable[[str, object], None], site: Mapping[str, Any]
) -> None:
    stock = killed_once(tmp_path, site["articles"] // 3, **site)
    record(record_property, {"articles": stock.articles, "kills": 1, "lost": stock.lost})
    record(record_property, {"torn": stock.torn, "exit code": stock.code})
    # The day this fails, Scrapy has mended it and our own way deserves another look.
    assert stock.lost > 0
    assert stock.code == 0


def end_at_every_point(crawl: Trial, chance: Random) -> int:
    """End a run at each point; gives how many were ended, those that lead to a point included."""
    kills = 0
    for point in POINTS:
        lead = LEADS.get(point.partition(":")[0])
        for step in [lead, point] if lead else [point]:
            kind = step.partition(":")[0]
            crawl.crash(f"{step}:{chance.randint(1, 4) if kind in MANY else 1}")
            kills += 1
    return kills


def kill_at_random(crawl: Trial, chance: Random, kills: int, articles: int) -> int:
    """Kill one run after the other; gives how many were killed before they were done."""
    killed = 0
    for _ in range(kills):
        with crawl.start() as running:
            if chance.random() < STARTING:
                wait_for(running, chance.uniform(0, START_SECONDS), lambda: False)
            else:
                wanted = len(crawl.server.log) + chance.randint(1, max(articles // kills, 2))
                wait_for(running, TIMEOUT, partial(crawl.has_seen, wanted))
                # Anywhere within the work on a page.
                wait_for(running, chance.uniform(0, 0.01), lambda: False)
            running.process.kill()
            killed += running.wait().code == KILLED
    return killed


def wait_for(running: Running, seconds: float, condition: Callable[[], bool]) -> None:
    """Let a crawl run so long, until something is so, or to its end."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not condition() and running.process.poll() is None:
        time.sleep(0.001)


def assert_survived(crawl: Trial, wanted: Mapping[str, Any], kills: int) -> None:
    """Assert what holds after so many kills."""
    crawl.assert_right(wanted)
    assert_readable(crawl.data)
    assert read_again(crawl.server) <= kills * LEASED


def record(property_: Callable[[str, object], None], figures: Mapping[str, object]) -> None:
    """Name the figures of a proof."""
    for name, value in figures.items():
        property_(name, value)
