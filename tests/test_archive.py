"""The archive crawl against the replica: which days, which articles, how it goes on."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from contextlib import closing
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import urls
from observer_crawler.ledger.headlines import headlines
from observer_crawler.ledger.tables import look
from observer_crawler.replica.page import Page
from observer_crawler.spiders import choice
from tests.balance import ledger_of
from tests.world import assert_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve

# Two articles a day, up to a day before the clock of the site: none of tomorrow's.
SIXTY: dict[str, Any] = {"articles": 120, "days": 60, "plain": True, "robots": "none"}
NOON = "2025-06-16T12:00:00+06:00"
FIRST, LAST = "2025-04-18", "2025-06-16"

Archive = Any


@pytest.fixture
def archive(crawl: RunCrawl) -> Archive:
    """Run archive crawls of a server, by its clock: `archive(server, from_date=FIRST)`."""

    def run(server: Server, *words: str, **arguments: Any) -> Crawl:  # noqa: ANN401 (passed on)
        settings = {"OBSERVER_NOW": server.now.isoformat()} | arguments.pop("settings", {})
        spider = "observer_archive"
        return crawl(*words, spider=spider, site=server.url, settings=settings, **arguments)

    return run


def articles(server: Server, first: str = "", last: str = "9") -> dict[str, dict[str, Any]]:
    """The articles of a range of days that may be fetched, by the replica's own facts."""
    return {
        fact["id"]: fact["article"]
        for fact in server.replica.facts()
        if fact["article"]
        and fact["allowed"]
        and first <= fact["article"]["published_date"] <= last
    }


def shown(server: Server) -> dict[str, tuple[str, str]]:
    """Day and headline of every article that an index lists, by the replica's facts."""
    found = {}
    for fact in server.replica.facts():
        day = urls.parse(f"https://www.observerbd.com{fact['path']}").day
        for link in fact["links"] if fact["kind"] == "day" else ():
            if link["box"] == "day" and link["id"]:
                assert day is not None
                found[link["id"]] = (day.isoformat(), link["text"])
    return found


def asked(server: Server, kind: str = "") -> list[str]:
    """The paths asked for, of one kind of page or all of them."""
    return [
        access.path
        for access in server.log
        if not kind or urls.parse(f"https://www.observerbd.com{access.path}").kind == kind
    ]


def days_of(data: Path) -> dict[str, tuple[int | None, int, bool, int | None, str]]:
    """Each day that the ledger knows: expected, final, closed, holes, and its index's state."""
    with closing(look(ledger_of(data))) as ledger:
        rows = ledger.execute(
            "SELECT d.day, d.expected, d.is_final, d.closed_at IS NOT NULL, d.holes, a.state"
            " FROM day d JOIN address a ON a.id = d.address ORDER BY d.day"
        ).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


def listed(data: Path) -> dict[str, tuple[str, str]]:
    """Day and headline of every article that the ledger gives a day."""
    lines = headlines(ledger_of(data))
    return {line.id: (line.day, line.text) for line in lines if line.day}


def test_a_range_of_days_is_stored_whole_and_nothing_else(
    replica: Serve, archive: Archive
) -> None:
    server = replica(articles=240, days=24, now=NOON)
    run = archive(server, from_date="2025-06-01", until_date="2025-06-10")
    assert run.ids == sorted(articles(server, "2025-06-01", "2025-06-10"))
    assert run.code == 0, run.err
    assert len(run.ids) > 80
    days = {urls.parse(f"https://www.observerbd.com{path}").day for path in asked(server, "day")}
    assert days == {dt.date(2025, 6, day) for day in range(1, 11)}
    assert asked(server, "feed") == [], "a feed of today has nothing of a range long gone"
    assert {row[:4] for row in days_of(run.data).values()} == {(10, 1, 1, 0)}
    assert_books(run.data, server)


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_days_are_walked_in_the_order_asked_for_each_with_its_articles(
    replica: Serve, archive: Archive, order: str
) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, from_date="2025-06-11", until_date="2025-06-14", order=order)
    walked = asked(server, "day")
    assert walked == sorted(walked, reverse=order == "newest")
    dates = [article["published_date"] for article in run.articles]
    assert dates == sorted(dates, reverse=order == "newest")
    assert len(dates) == 8


def test_index_only_lists_every_headline_at_one_request_a_day(
    replica: Serve, archive: Archive
) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, from_date=FIRST, index_only=1)
    assert run.code == 0, run.err
    assert len(asked(server)) <= 60 + 2 + 3
    assert asked(server, "article") == []
    assert listed(run.data) == shown(server)
    assert len(shown(server)) == 120
    assert {line.state for line in headlines(ledger_of(run.data))} == {"seen"}
    assert_books(run.data, server)


def test_match_and_sample_fetch_exactly_theirs_and_a_plain_crawl_fetches_the_rest(
    replica: Serve, archive: Archive
) -> None:
    server = replica(**SIXTY, now=NOON)
    dates = {"from_date": FIRST, "until_date": LAST}
    archive(server, index_only=1, **dates)
    indexes = len(asked(server))
    pattern = "river|bridge|school|road"
    wanted = {
        name
        for name, (_, text) in shown(server).items()
        if re.search(pattern, text, re.IGNORECASE)
    }
    run = archive(server, match=pattern.upper(), revisit="no", **dates)
    assert 3 < len(wanted) < 60
    assert set(run.ids) == wanted
    assert len(asked(server, "article")) == len(wanted)
    drawn = {name for name in shown(server) if choice.is_drawn(name, Fraction(1, 5), 7)}
    run = archive(server, match=pattern, sample="20%", seed=7, **dates)
    assert set(run.ids) == wanted | drawn
    assert len(asked(server, "article")) == len(run.ids)
    assert 10 < len(drawn) < 40
    run = archive(server, **dates)
    assert run.ids == sorted(articles(server))
    assert len(asked(server, "article")) == len(run.ids) == 120, "nothing is fetched twice"
    # robots.txt of each run, the last three indexes of each but the first, and the feed.
    assert len(asked(server)) <= indexes + 120 + 3 * (1 + 3 + 1)
    assert_books(run.data, server)


def test_a_run_that_stopped_goes_on_where_it_was(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    first = archive(server, from_date="2025-05-20", max_articles=15)
    assert (len(first.ids), first.code) == (15, 0)
    second = archive(server, from_date="2025-05-20")
    assert second.ids == sorted(articles(server, "2025-05-20"))
    again = {path: count for path, count in Counter(asked(server, "article")).items() if count > 1}
    assert again == {}
    assert_books(second.data, server)


def test_another_range_takes_over_what_one_left_behind(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    archive(server, from_date="2025-06-01", until_date="2025-06-10", max_articles=5)
    run = archive(server, from_date="2025-05-30", until_date="2025-06-12")
    assert run.ids == sorted(articles(server, "2025-05-30", "2025-06-12"))
    assert max(Counter(asked(server, "article")).values()) == 1
    assert_books(run.data, server)


def test_what_the_link_crawl_stored_is_not_fetched_again(
    replica: Serve, archive: Archive, crawl: RunCrawl
) -> None:
    server = replica(**SIXTY, now=NOON)
    linked = crawl(site=server.url, max_articles=20, settings={"OBSERVER_NOW": NOON})
    assert len(linked.ids) == 20
    run = archive(server, from_date="2025-06-01", until_date="2025-06-16")
    assert set(run.ids) >= articles(server, "2025-06-01", "2025-06-16").keys()
    assert max(Counter(asked(server, "article")).values()) == 1
    assert {row[0] for row in days_of(run.data).values()} == {2}
    assert_books(run.data, server)


@pytest.mark.parametrize(
    ("markup", "form", "requests"),
    [("2016", "/archive.php", 2), ("2014", "/2014/", 3)],
)
def test_the_first_days_pay_for_the_search_for_the_form_that_answers(
    replica: Serve, archive: Archive, markup: str, form: str, requests: int
) -> None:
    server = replica(**SIXTY, markup=markup, day_forms="own")
    last = server.now.date()
    first = last - dt.timedelta(days=9)
    run = archive(server, from_date=first, until_date=last, index_only=1)
    walked = asked(server, "day")
    assert len(walked) <= 10 + 2 * (requests - 1), "two days are asked for at once"
    assert all(path.startswith(form) for path in walked[2 * (requests - 1) :])
    assert run.stat("addresses/read") == 10
    before = len(walked)
    archive(server, from_date=first, until_date=last, index_only=1)
    assert all(path.startswith(form) for path in asked(server, "day")[before:])


def test_missing_days_and_days_that_fail_are_told_apart(replica: Serve, archive: Archive) -> None:
    down = Page(500, {"Content-Type": "text/html"}, b"Internal Server Error")
    gone = Page(404, {"Content-Type": "text/html"}, b"Not Found")
    faults: dict[str, Callable[[int], Page | None]] = {
        "/archive/2025-06-12": lambda _: down,
        "/archive/2025-06-11": lambda visit: down if visit == 0 else None,
        "/archive/2025-06-10": lambda _: gone,
        "/archive.php?d=10&m=06&y=2025": lambda _: gone,
    }
    server = replica(faults, **SIXTY, now=NOON)
    run = archive(server, "-L", "DEBUG", from_date="2025-06-09", until_date="2025-06-13")
    assert run.code == 3
    days = {day: (row[0], row[4]) for day, row in days_of(run.data).items()}
    assert days == {
        "2025-06-09": (2, "read"),
        "2025-06-10": (None, "missing"),
        "2025-06-11": (2, "read"),
        "2025-06-12": (None, "failed"),
        "2025-06-13": (2, "read"),
    }
    closed = {day for day, row in days_of(run.data).items() if row[2]}
    assert closed == days.keys() - {"2025-06-12"}, "a failed day stays open"
    assert asked(server, "day").count("/archive/2025-06-12") == 4
    before = len(asked(server, "day"))
    assert archive(server, from_date="2025-06-09", until_date="2025-06-13").code == 0
    assert len(asked(server, "day")) == before, "its next try is tomorrow"


def test_a_day_that_leads_elsewhere_is_asked_for_in_its_other_forms(
    replica: Serve, archive: Archive
) -> None:
    home = Page(302, {"Location": "/"}, b"")
    server = replica({"/archive/2025-06-10": lambda _: home}, **SIXTY, now=NOON)
    run = archive(server, from_date="2025-06-10", until_date="2025-06-10")
    assert len(run.ids) == 2
    assert asked(server, "day") == ["/archive/2025-06-10", "/archive.php?d=10&m=06&y=2025"]
    assert asked(server, "front") == []


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("index_only", [0, 1])
def test_an_index_of_another_day_gives_its_articles_to_no_absent_day(
    replica: Serve, archive: Archive, order: str, index_only: int
) -> None:
    server = replica(articles=60, days=4, plain=True, robots="none", missing_day="today", now=NOON)
    dates = {"from_date": "2025-06-10", "order": order, "index_only": index_only}
    run = archive(server, "-L", "DEBUG", **dates)
    days = {day: (row[0], row[4]) for day, row in days_of(run.data).items()}
    absent = ["2025-06-10", "2025-06-11", "2025-06-12", "2025-06-17", "2025-06-18"]
    assert {day: days.pop(day) for day in absent} == dict.fromkeys(absent, (0, "missing"))
    assert set(days.values()) == {(15, "read")}
    days_listed = {name: day for name, (day, _) in listed(run.data).items()}
    assert days_listed == {name: day for name, (day, _) in shown(server).items()}
    assert run.stat("articles/stored") == (0 if index_only else 60)
    assert "(other days)" in run.err


def test_what_a_bogus_index_led_to_is_outside_of_a_range_long_gone(
    replica: Serve, archive: Archive
) -> None:
    server = replica(articles=60, days=4, plain=True, robots="none", missing_day="today", now=NOON)
    run = archive(server, from_date="2025-06-01", until_date="2025-06-05")
    assert (run.ids, run.code) == ([], 0)
    assert run.stat("addresses/outside") == 15
    assert {row[0] for row in days_of(run.data).values()} == {0}
    assert len(asked(server, "article")) == 15, "the first absent day pays for all"
    run = archive(server, from_date="2025-06-13", until_date="2025-06-16")
    assert run.ids == sorted(articles(server)), "what was outside is of this run"


ABSENT: dict[str, Any] = {"from_date": "2025-04-01", "until_date": "2025-04-04"}


@pytest.mark.parametrize(("missing_day", "fronts"), [("404", 1), ("empty", 0)])
def test_days_that_do_not_exist_are_an_answer_of_a_site_that_is_there(
    replica: Serve, archive: Archive, missing_day: str, fronts: int
) -> None:
    """An empty index has boxes, which show the newspaper as well as a front page does."""
    server = replica(**SIXTY, missing_day=missing_day, now=NOON)
    for requests in (1 + 4 * 3 + fronts, 0):
        before = len(server.log)
        run = archive(server, **ABSENT)
        assert (run.code, run.ids) == (0, []), run.err[-500:]
        assert len(server.log) - before == requests
    assert archive(server, from_date="2025-06-16", index_only=1).code == 0
    assert len(asked(server, "front")) == fronts
    assert_books(run.data, server)


def test_days_that_are_absent_night_after_night_are_a_success_each_night(
    replica: Serve, archive: Archive
) -> None:
    server = replica(**SIXTY, now=NOON, feed="404")
    server.now = "2025-06-25T12:00:00+06:00"
    absent = {"from_date": "2025-06-24", "until_date": "2025-06-25"}
    assert [archive(server, **absent).code for _ in range(2)] == [0, 0]


def test_numbers_that_do_not_exist_are_an_answer_too(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, ids="1-3")
    assert run.code == 0, run.err[-500:]
    assert asked(server, "front") == ["/"]


def test_a_host_without_a_front_page_is_no_site_and_what_it_says_is_not_believed(
    replica: Serve, archive: Archive
) -> None:
    gone: list[Page] = [Page(404, {"Content-Type": "text/html"}, b"Not Found")]
    days = [urls.day(dt.date(2025, 6, day)) for day in (13, 14)]
    paths = ["/", *(form.partition("observerbd.com")[2] for day in days for form in day.forms)]
    faults = dict.fromkeys(paths, lambda _: gone[0] if gone else None)
    server = replica(faults, **SIXTY, now=NOON)
    both = {"from_date": "2025-06-13", "until_date": "2025-06-14"}
    for _ in range(2):
        run = archive(server, **both)
        assert run.code == 3
        assert "Neither the front page nor a section list nor a day index" in run.err
        assert archive(server, ids="1-3").code == 3
    gone.clear()
    run = archive(server, **both)
    assert (run.code, len(run.ids)) == (0, 4)
    before = len(server.log)
    assert archive(server, **both).code == 0
    assert [path for path in asked(server)[before:] if path == "/"] == []


def test_headlines_that_are_known_already_are_read_with_success(
    replica: Serve, archive: Archive
) -> None:
    server = replica(**SIXTY, now=NOON)
    dates: dict[str, Any] = {"from_date": "2025-06-14", "index_only": 1}
    assert [archive(server, **dates).code for _ in range(2)] == [0, 0]


def test_an_empty_index_is_asked_for_in_every_form_and_is_a_day_without_articles(
    replica: Serve, archive: Archive
) -> None:
    server = replica(**SIXTY, missing_day="empty", now=NOON)
    run = archive(server, from_date="2025-04-16", until_date="2025-04-18")
    assert len(run.ids) == 2
    assert [row[0] for row in days_of(run.data).values()] == [0, 0, 2]
    assert len(asked(server, "day")) == 7


def test_the_same_line_takes_what_is_new_each_night(replica: Serve, archive: Archive) -> None:
    server = replica(articles=40, days=10, robots="none", now=NOON)
    run = archive(server, from_date="2025-06-07", revisit="no")
    first = set(run.ids)
    assert first == set(articles(server))
    closed = max(day for day, row in days_of(run.data).items() if row[2])
    assert closed == "2025-06-13", "the 14th may still change for half a day"
    server.now = "2025-06-17T22:00:00+06:00"
    new = set(server.publish(20))
    before = len(server.log)
    run = archive(server, revisit="no")
    assert run.code == 0, run.err
    assert set(run.ids) - first == new
    assert run.stat("articles/stored") == 20
    asked_now = [access.path for access in server.log[before:]]
    assert sum("news" in path or "details" in path for path in asked_now) == 20
    indexes = [path for path in asked_now if "archive" in path]
    assert sorted(path[-2:] for path in indexes) == ["14", "15", "16", "17", "18", "19"]
    assert "/rss" in asked_now
    assert_books(run.data, server, has_links=False)


def test_the_feed_is_read_first_and_its_articles_are_the_runs(
    replica: Serve, archive: Archive
) -> None:
    server = replica(articles=60, days=4, robots="none", now=NOON)
    run = archive(server, from_date="2025-06-16")
    assert asked(server)[1] == "/rss"
    assert run.ids == sorted(articles(server, "2025-06-16"))
    assert run.group("found")["feed"] == 15
    gone = replica({"/rss": lambda _: Page(404, {}, b"")}, articles=9, days=3, now=NOON)
    settings = {"OBSERVER_DATA": run.data.with_name("other")}
    assert archive(gone, from_date="2025-06-14", settings=settings).code == 0


def test_links_of_articles_are_known_and_not_followed(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, from_date="2025-06-10", until_date="2025-06-10")
    stored = run.ids
    assert len(stored) == 2
    assert run.stat("addresses/seen") > 10
    again = archive(server, from_date="2025-06-10", until_date="2025-06-10")
    assert again.code == 0
    assert again.ids == stored, "an article that only a box showed is of no day"


def test_numbers_are_walked_in_their_order(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    numbers = sorted(int(name[2:]) for name in articles(server))
    first, last = numbers[10], numbers[20]
    run = archive(server, ids=f"{first}-{last}")
    assert run.ids == [f"b:{number}" for number in numbers[10:21]]
    assert run.stat("addresses/missing") == last - first + 1 - 11
    walked = [path for path in asked(server) if path.startswith("/news/")]
    assert walked == [f"/news/{number}" for number in range(first, last + 1)]
    assert asked(server, "day") == asked(server, "feed") == []
    before = len(server.log)
    assert archive(server, ids=f"{first}-{last}").code == 0
    assert server.log[before:] == [], "all of them have their state"
    archive(server, ids=f"{first}-{last}", revisit="all")
    assert len(asked(server, "article")) == 2 * before - 2


def test_articles_of_a_list_are_fetched_whatever_their_dates(
    replica: Serve, archive: Archive, tmp_path: Path
) -> None:
    server = replica(**SIXTY, now=NOON)
    names = sorted(articles(server))
    archive(server, from_date="2025-06-15", until_date="2025-06-15")
    path = tmp_path / "list"
    path.write_text(f"# three\n{names[0]}\n{server.url}/news/{names[1][2:]}\n{names[2][2:]}\n")
    run = archive(server, ids=f"@{path}")
    assert set(names[:3]) < set(run.ids)
    assert len(run.ids) == 2 + 3


def test_the_bangla_archive_is_read_on_its_own_host(replica: Serve, archive: Archive) -> None:
    server = replica(language="bn", articles=40, days=4, robots="none", now=NOON)
    run = archive(
        server,
        language="bn",
        from_date="2022-06-13",
        until_date="2025-06-16",
        order="newest",
        max_articles=20,
    )
    assert {name.partition(":")[0] for name in run.ids} == {"bn"}
    assert len(run.ids) == 20


def test_the_plan_stands_before_the_first_request(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, from_date=FIRST, until_date=LAST, max_articles=1)
    assert "To do: 60 of 60 days, about 8,940 articles; one request every 0.001 s" in run.err
    assert run.err.index("To do:") < run.err.index("articles stored")


def test_days_to_come_are_an_error_in_one_line(replica: Serve, archive: Archive) -> None:
    server = replica(**SIXTY, now=NOON)
    run = archive(server, from_date="2025-06-19")
    assert run.code == 1
    assert run.err == (
        "scrapy: argument from_date: 2025-06-19 is after 2025-06-18, the last day that can be out\n"
    )
    assert not run.data.exists()


@pytest.mark.prove
def test_ten_years_of_headlines_and_then_their_articles(
    replica: Serve, archive: Archive, record_property: Callable[[str, object], None]
) -> None:
    server = replica(articles=3_650, days=3_650, plain=True, robots="none", now=NOON)
    run = archive(server, from_date="2015-06-20", index_only=1)
    requests = len(asked(server))
    assert requests <= 3_650 + 2 + 3
    assert listed(run.data) == shown(server)
    wanted = {
        name
        for name, (_, text) in shown(server).items()
        if re.search("flood", text, re.IGNORECASE)
    }
    run = archive(server, from_date="2015-06-20", match="flood", revisit="no")
    assert set(run.ids) == wanted
    archive(server, from_date="2015-06-20", revisit="no", max_articles=1_800)
    run = archive(server, from_date="2015-06-20", revisit="no")
    assert run.ids == sorted(articles(server))
    assert max(Counter(asked(server, "article")).values()) == 1
    assert_books(run.data, server)
    record_property("days", 3_650)
    record_property("requests_index_only", requests)
    record_property("matching", len(wanted))
    record_property("articles", len(run.ids))
