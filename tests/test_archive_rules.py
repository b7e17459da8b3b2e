"""The rules of an archive crawl, without a crawl: arguments, days, choice, evidence, figures."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from observer_crawler import site, urls
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.ledger import Day, Known, State
from observer_crawler.spiders import archive_arguments, arguments, choice, evidence, itinerary
from observer_crawler.spiders.itinerary import Itinerary
from observer_crawler.spiders.names import Names
from observer_crawler.spiders.observer import ObserverSpider
from observer_crawler.spiders.observer_archive import ObserverArchiveSpider
from observer_crawler.spiders.tally import PER_DAY, Tally

if TYPE_CHECKING:
    from pathlib import Path

TODAY = dt.date(2022, 6, 16)


def days(*ends: str) -> list[str]:
    first, last = (dt.date.fromisoformat(end) for end in ends)
    return [day.isoformat() for day in itinerary.Range(first, last).days]


# Arguments


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"form_date": "2022-06-01"}, "unknown argument 'form_date'; did you mean 'from_date'?"),
        ({"sections": "198"}, "unknown argument 'sections'; known: from_date, ids, index_only"),
        ({"order": "newset"}, "unknown value of order 'newset'; did you mean 'newest'?"),
        ({"revisit": "al"}, "unknown value of revisit 'al'; did you mean 'all'?"),
        ({"from_date": "2014-02-28"}, "argument from_date: 2014-02-28 is before 2014-03-01, the"),
        ({"until_date": "2013-01-01"}, "argument until_date: 2013-01-01 is before 2014-03-01"),
        ({"from_date": "2022-06-31"}, "argument from_date: no such day: '2022-06-31'"),
        (
            {"from_date": "2022-06-02", "until_date": "2022-06-01"},
            "from_date 2022-06-02 is after until_date 2022-06-01",
        ),
        ({"index_only": "yes"}, "argument index_only: expected 1 or 0, got 'yes'"),
        ({"match": "flood("}, "argument match: no regular expression: 'flood(' (missing )"),
        ({"match": ""}, "argument match: expected a regular expression, got ''"),
        ({"sample": "2"}, "argument sample: expected a share like 2% or 0.02, got '2'"),
        ({"sample": "0%"}, "argument sample: expected a share like 2% or 0.02, got '0%'"),
        ({"sample": "2%", "seed": "x"}, "argument seed: expected a number from 0 up, got 'x'"),
        ({"seed": "1"}, "seed draws a sample or a probe: add -a sample=2% or -a probe=200"),
        ({"probe": "0"}, "argument probe: expected a number from 1 up, got '0'"),
        ({"probe": "9", "match": "x"}, "probe asks for what no index lists: leave out match"),
        ({"probe": "9", "ids": "1"}, "ids names the articles: leave out probe"),
        ({"index_only": "1", "match": "x"}, "index_only fetches no article: leave out match"),
        (
            {"ids": "1", "from_date": "2022-06-01", "match": "x"},
            "ids names the articles: leave out from_date and match",
        ),
        ({"ids": "a:41457"}, "argument ids: 'a:41457' needs its whole address, like https://www."),
        ({"ids": "b:1-x"}, "argument ids: expected numbers like 370580 or 370000-371000, ids"),
        ({"ids": "9-1"}, "argument ids: '9-1' names no number"),
        ({"ids": "0"}, "argument ids: '0' names no number"),
        ({"ids": " , "}, "argument ids: expected numbers like 370580"),
        ({"ids": "https://example.org/news/1"}, "argument ids: expected numbers like 370580 or"),
        ({"ids": "bn:5"}, "argument ids: 'bn:5' is of the other edition: add -a language=bn"),
        ({"ids": "@/nowhere/list"}, "argument ids: cannot read '/nowhere/list': No such file"),
    ],
)
def test_a_wrong_argument_says_what_was_expected(typed: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        ObserverArchiveSpider(**typed)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_day_that_cannot_be_out_yet_is_an_error() -> None:
    last = itinerary.last_day(TODAY)
    archive_arguments.check_days(archive_arguments.read({"until_date": "2022-06-18"}), last)
    with pytest.raises(ConfigurationError) as error:
        archive_arguments.check_days(archive_arguments.read({"until_date": "2022-06-19"}), last)
    assert str(error.value) == (
        "argument until_date: 2022-06-19 is after 2022-06-18, the last day that can be out"
    )


def test_the_same_wish_has_the_same_scope_however_it_is_typed() -> None:
    one = {"from_date": "2022-06-01", "match": "flood", "sample": "2%"}
    scope = ObserverArchiveSpider(**one).scope()
    assert ObserverArchiveSpider(**one | {"sample": "0.02", "seed": "1"}).scope() == scope
    assert ObserverArchiveSpider(**one | {"max_articles": "5", "revisit": "no"}).scope() == scope
    changes = (
        {"match": "fire"},
        {"sample": "3%"},
        {"seed": "2"},
        {"until_date": "2022-06-30"},
        {"language": "bn"},
        {"order": "oldest"},
    )
    assert all(ObserverArchiveSpider(**one | change).scope() != scope for change in changes)


def test_without_dates_the_order_makes_no_other_scope() -> None:
    """What an earlier order left unread must not be left behind by another one."""
    scope = ObserverArchiveSpider().scope()
    assert ObserverArchiveSpider(order="oldest").scope() == scope


def test_both_spiders_know_what_to_visit_again() -> None:
    assert arguments.read({}).revisit == archive_arguments.read({}).revisit == "due"
    assert ObserverSpider(revisit="all").arguments.revisit == "all"


# Articles by name


def named(text: str, language: str = "en", site_: str | None = None) -> list[str]:
    options = {"ids": text, "language": language} | ({"site": site_} if site_ else {})
    found = archive_arguments.read(options).ids
    assert found is not None
    return [address.name for address in found]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("370580", ["b:370580"]),
        ("3-5", ["b:3", "b:4", "b:5"]),
        ("b:7, 3,B:4-5", ["b:7", "b:3", "b:4", "b:5"]),
        ("https://www.observerbd.com/news.php?id=9", ["b:9"]),
        ("observerbd.com/details.php?id=9", ["b:9"]),
        ("https://www.observerbd.com/2014/09/06/41457.php", ["a:41457"]),
    ],
)
def test_articles_are_named_by_number_range_id_or_address(typed: str, names: list[str]) -> None:
    assert named(typed) == names


def test_numbers_are_of_the_edition_that_is_crawled() -> None:
    assert named("5,bn:6", language="bn") == ["bn:5", "bn:6"]


def test_an_address_of_the_stand_in_is_the_newspapers() -> None:
    assert named("http://127.0.0.1:8/news/5", site_="http://127.0.0.1:8") == ["b:5"]


def test_a_file_names_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("\ufeff370580\n\n# a remark\n b:2 \nhttps://www.observerbd.com/news/3#x\n")
    assert named(f"@{path}") == ["b:370580", "b:2", "b:3"]
    path.write_text("1\n\na:41457\n")
    with pytest.raises(ConfigurationError, match=r"does not say the day \(line 3 of .*list\.txt"):
        named(f"@{path}")
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(ConfigurationError, match="is no text in UTF-8"):
        named(f"@{path}")
    path.write_text("# nothing\n")
    with pytest.raises(ConfigurationError, match="expected numbers"):
        named(f"@{path}")


def test_a_range_of_a_million_takes_no_room_and_knows_its_members() -> None:
    names = Names("en", [range(1, 1_000_001), range(5_000_000, 5_000_001)])
    assert len(names) == 1_000_001
    found = [name in names for name in ("b:1", "b:1000000", "b:1000001", "b:5000000", "bn:1")]
    assert found == [True, True, False, True, False]
    dated = Names("en", ["https://www.observerbd.com/2014/09/06/41457.php"])
    assert [name in dated for name in ("a:41457", "a:1")] == [True, False]


# Days


def test_days_are_walked_in_order_and_articles_follow_their_day() -> None:
    trip = Itinerary(itinerary.Range(TODAY, TODAY + dt.timedelta(days=2)).days, newest_first=True)
    assert [day.day for day in trip.days] == [18, 17, 16]
    assert [trip.rank(day) for day in ("2022-06-18", "2022-06-17", None)] == [0, 2, 6]


@pytest.mark.parametrize(
    ("typed", "last_closed", "first", "last"),
    [
        ({}, None, "2014-03-01", "2022-06-18"),
        ({}, "2022-06-12", "2022-06-13", "2022-06-18"),
        ({"from_date": "2022-06-01"}, "2022-06-12", "2022-06-01", "2022-06-18"),
        ({"until_date": "2014-03-02"}, "2022-06-12", "2014-03-01", "2014-03-02"),
    ],
)
def test_without_dates_the_new_days_are_asked_for(
    typed: dict[str, str], last_closed: str | None, first: str, last: str
) -> None:
    asked = archive_arguments.read(typed)
    found = itinerary.range_of(asked, TODAY, last_closed)
    assert [found.first.isoformat(), found.last.isoformat()] == [first, last]


def test_open_days_are_those_that_were_not_closed() -> None:
    known = {
        "2022-06-01": Day("2022-06-01", 5, is_final=True, closed_at=1.0, holes=0),
        "2022-06-02": Day("2022-06-02", 5, is_final=True, closed_at=None, holes=None),
    }
    assert itinerary.open_days(known) == [dt.date(2022, 6, 2)]


# Choice


def test_a_headline_is_matched_in_any_case_and_in_either_form_of_a_letter() -> None:
    asked = archive_arguments.read({"match": "cafe\u0301|FLOOD"})
    headlines = ("New Caf\u00e9 opens", "Floods in Sylhet", "Fire", "")
    assert [choice.is_wanted(asked, "b:1", text) for text in headlines] == [1, 1, 0, 0]


def test_a_sample_is_the_same_for_everyone_and_of_the_size_asked_for() -> None:
    names = [f"b:{number}" for number in range(400_000, 420_000)]
    drawn = [name for name in names if choice.is_drawn(name, Fraction(1, 50), 1)]
    assert 340 < len(drawn) < 460
    assert drawn[:3] == ["b:400006", "b:400059", "b:400062"]
    other = {name for name in names if choice.is_drawn(name, Fraction(1, 50), 2)}
    assert len(other & set(drawn)) < 30
    more = {name for name in names if choice.is_drawn(name, Fraction(1, 25), 1)}
    assert set(drawn) < more
    assert all(choice.is_drawn(name, Fraction(1), 1) for name in names[:100])


def test_a_sample_is_of_those_that_do_not_match() -> None:
    asked = archive_arguments.read({"match": "flood", "sample": "50%"})
    wanted = [choice.is_wanted(asked, f"b:{number}", "Fire") for number in range(100)]
    assert 30 < sum(wanted) < 70
    assert all(choice.is_wanted(asked, f"b:{number}", "Flood") for number in range(100))


# Evidence


def known(number: int, day: str | None = None, published: str | None = None) -> Known:
    state = State.STORED if published else State.SEEN
    name = f"b:{number}"
    return Known(name, "article", state, "", "", 0, day, published, 0.0)


def verdict(day: str, *found: Known, listed: int = 4) -> evidence.Verdict:
    names = [f"b:{number}" for number in range(listed)]
    return evidence.judge(day, TODAY.isoformat(), names, {one.name: one for one in found})


def test_an_index_of_articles_that_nobody_knows_is_its_own() -> None:
    assert verdict("2022-06-01") == evidence.Verdict(is_own=True)


def test_an_index_whose_articles_were_read_to_have_other_days_is_not_its_own() -> None:
    others = [known(number, published="2022-06-16") for number in range(3)]
    assert not verdict("2022-06-01", *others).is_own
    assert verdict("2022-06-01", *others[:2]).is_own, "half of them may be yesterday's"


def test_an_index_listed_whole_under_another_day_is_not_its_own() -> None:
    claimed = [known(number, day="2022-06-14") for number in range(4)]
    assert not verdict("2022-06-01", *claimed).is_own
    assert verdict("2022-06-01", *claimed[:3]).is_own


def test_todays_index_is_its_own_though_absent_days_showed_it_before() -> None:
    claimed = [known(number, day="2022-06-01") for number in range(4)]
    assert verdict("2022-06-16", *claimed) == evidence.Verdict(is_own=True, wrong=("2022-06-01",))


def test_a_day_to_come_cannot_have_what_an_earlier_one_lists() -> None:
    claimed = [known(number, day="2022-06-18") for number in range(4)]
    assert verdict("2022-06-15", *claimed) == evidence.Verdict(is_own=True, wrong=("2022-06-18",))


def test_days_that_were_read_decide_against_an_earlier_claim() -> None:
    claimed = [known(number, "2022-06-01", "2022-06-05") for number in range(4)]
    assert verdict("2022-06-05", *claimed) == evidence.Verdict(is_own=True, wrong=("2022-06-01",))


# Figures


def test_time_left_is_right_after_a_tenth_of_the_work() -> None:
    """Days hold 100 to 199 articles in no order; one article or index takes one second."""
    counts = {
        day: 100 + number * 37 % 100 for number, day in enumerate(days("2020-01-01", "2021-12-31"))
    }
    tally = Tally(dict.fromkeys(counts), counts, 0, 1.0)
    whole = len(counts) + sum(counts.values())
    second, worst = 0, 0.0
    for day, count in counts.items():
        tally.read(day, count)
        for _ in range(count):
            tally.done()
        second += count + 1
        work = tally.work()
        left = (
            (work.all + work.days_all - work.done - work.days_done)
            * second
            / (work.done + work.days_done)
        )
        if 0.1 < second / whole < 0.9:
            worst = max(worst, abs(left - (whole - second)) / (whole - second))
    assert worst < 0.15
    assert tally.work() == (sum(counts.values()), sum(counts.values()), 731, 731)


def test_work_of_earlier_runs_counts_as_done() -> None:
    counts: dict[str, int | None] = {"2022-06-01": 50, "2022-06-02": 40, "2022-06-03": None}
    tally = Tally(counts, ["2022-06-03"], 10, 1.0)
    assert tally.work() == (80, 90 + 45, 2, 3)


def test_an_index_that_is_read_again_adds_what_is_new() -> None:
    tally = Tally({"2022-06-01": 50}, ["2022-06-01"], 0, 1.0)
    tally.read("2022-06-01", 2)
    assert tally.work() == (50, 52, 1, 1)


def test_the_plan_says_days_articles_time_and_disk() -> None:
    month = days("2022-06-01", "2022-06-30")
    assert Tally(dict.fromkeys(month), month, 0, 1.0).plan(1.0) == (
        f"To do: 30 of 30 days, about {30 * PER_DAY:,} articles; one request every 1 s, that "
        "takes about 75 minutes and 20.6 MB of disk"
    )
    archive = days("2014-03-01", "2026-11-23")
    assert "4,651 of 4,651 days; one request every 1 s, that takes about 78 minutes" in Tally(
        dict.fromkeys(archive), archive, 0, 0.0
    ).plan(1.0)
    assert ": the articles that match;" in Tally({}, [], 0, None).plan(1.0)
    assert Tally({}, [], 0, 1.0).plan(1.0).startswith("To do: nothing; ")


def test_a_day_has_three_forms_and_each_is_known_by_its_look() -> None:
    forms = urls.day(dt.date(2018, 1, 4)).forms
    assert [urls.day_form(form) for form in forms] == [0, 1, 2]
    assert (itinerary.last_day(TODAY) - TODAY).days == site.DAYS_AHEAD
