"""A backfill of some days: what other days have waits for the run that wants it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.archives import Capture, source_of
from observer_crawler.ledger import AFTER_ALL
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.spiders import captured, captures_arguments
from observer_crawler.spiders.numbers import Numbers
from tests.archived import Gone, articles, backfill, gone, lines, page
from tests.archived import captured as archive_of
from tests.archives import WaybackMachine

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Crawl, RunCrawl


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Gone:
    return gone(tmp_path_factory.mktemp("gone") / "data", articles=24, days=30)


def filled(crawl: RunCrawl, old: Gone, machine: WaybackMachine, **more: Any) -> Crawl:  # noqa: ANN401
    done = backfill(crawl, old.site, machine, **more)
    assert done.code == 0, done.err[-3000:]
    return done


def test_a_run_of_other_days_takes_what_was_outside_of_the_first(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    whole = articles(old.data)
    days = sorted(each["published_date"] for each in whole.values())
    with WaybackMachine(old.files) as machine:
        filled(crawl, old, machine, until_date=days[7])
        assert articles(tmp_path / "data") == {
            name: each for name, each in whole.items() if each["published_date"] <= days[7]
        }
        asked = len(machine.asked("capture"))
        filled(crawl, old, machine, until_date=days[7])
        assert len(machine.asked("capture")) == asked
        filled(crawl, old, machine, from_date=days[8])
        assert articles(tmp_path / "data") == whole


def test_all_texts_are_taken_though_a_first_run_wanted_one(
    old: Gone, crawl: RunCrawl, tmp_path: Path
) -> None:
    """The other captures were passed over without a look: nobody knows what they show."""
    name = next(each for each, article in articles(old.data).items() if article["body"])
    url = f"{old.site}/news/{name.partition(':')[2]}"
    with serve(Replica(Options(articles=24, days=30, robots="none"))) as server:
        path = url.removeprefix(old.site)
        first = page(f"{server.url}{path}")
        server.edit(name)
        second = page(f"{server.url}{path}")
    pages = [(url, "2025-07-01", first), (url, "2025-08-01", second)]
    with WaybackMachine(archive_of(tmp_path / "archive", pages)) as machine:
        filled(crawl, old, machine)
        assert [each["fetched_at"][:10] for each in lines(tmp_path / "data")] == ["2025-08-01"]
        filled(crawl, old, machine, all=1)
    found = [each["fetched_at"][:10] for each in lines(tmp_path / "data")]
    assert found == ["2025-07-01", "2025-08-01"]


@pytest.mark.parametrize("more", [{}, {"all": "1"}, {"from_date": "2022-06-01"}])
def test_captures_are_asked_for_before_what_comes_after_all(more: dict[str, str]) -> None:
    """A limit of articles ends a run there: a capture with a higher rank would not be counted."""
    stamps = [f"{year}0616120000" for year in (1996, 2022, 2050)] * 50
    captures = {"b:7": [Capture("https://www.observerbd.com/news/7", stamp) for stamp in stamps]}
    links = captured.links(
        captured.Chosen(captures), captures_arguments.read(more), source_of("wayback", {}), ()
    )
    assert len(links) == len(stamps)
    assert all(0 < (link.rank or 0) < AFTER_ALL for link in links)


def numbers(days: dict[int, str]) -> Numbers:
    """Give what articles tell of June 2022; their numbers are counted from 100."""
    found = Numbers(dt.date(2022, 6, 1), dt.date(2022, 6, 30))
    found.learn((f"b:{100 + number}", day) for number, day in days.items())
    return found


def outside(found: Numbers) -> list[int]:
    return [number for number in range(10) if found.is_outside(f"b:{100 + number}")]


BEFORE, IN, AFTER = "2022-05-01", "2022-06-15", "2022-08-01"


def test_numbers_beyond_three_known_ones_are_outside() -> None:
    days = {1: BEFORE, 2: BEFORE, 3: BEFORE, 5: IN, 6: AFTER, 7: AFTER, 8: AFTER}
    assert outside(numbers(days)) == [0, 9]


def test_wrong_dates_here_and_there_hide_nothing_however_many_they_are() -> None:
    days = {
        0: AFTER,
        1: IN,
        2: BEFORE,
        3: IN,
        4: AFTER,
        5: IN,
        6: BEFORE,
        7: IN,
        8: AFTER,
        9: BEFORE,
    }
    assert outside(numbers(days)) == []


def test_an_article_that_is_seen_three_times_is_one_witness() -> None:
    found = numbers({})
    for _ in range(3):
        found.learn([("b:105", BEFORE)])
    found.learn([("b:106", BEFORE)] * 3)
    assert outside(found) == []
