"""The spider's own rules, without a crawl: arguments, lists, which links it wants."""

from __future__ import annotations

import datetime as dt

import pytest

from observer_crawler import site, urls
from observer_crawler.exceptions import ConfigurationError, UnknownName
from observer_crawler.pages import Box
from observer_crawler.spiders import arguments
from observer_crawler.spiders.observer import ObserverSpider


def test_without_arguments_the_lists_of_foreign_news_and_two_boxes_are_followed() -> None:
    read = arguments.read({})
    assert read.sections == (198,)
    assert read.follow == {"lists", "latest", "related"}
    assert not read.is_limited
    assert read.origin == "https://www.observerbd.com"


def test_sections_are_names_or_numbers() -> None:
    assert arguments.read({"sections": "foreign news, 999,185"}).sections == (198, 999, 185)
    assert arguments.read({"sections": "all"}).sections == tuple(sorted(site.SECTIONS))


def test_a_name_of_two_sections_is_an_error_that_lists_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "SECTIONS", {185: "Sports (print)", 226: "SPORTS (online)"})
    with pytest.raises(ConfigurationError) as error:
        arguments.read({"sections": "sports"})
    assert str(error.value) == (
        "section 'sports' stands for 185 (Sports (print)) and 226 (SPORTS (online)): "
        "give the number"
    )


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"sections": "Foregn News"}, "unknown section 'Foregn News'; did you mean 'Foreign News"),
        ({"sections": ","}, "argument sections: expected names or numbers, got ','"),
        ({"follow": "latets"}, "unknown value of follow 'latets'; did you mean 'latest'?"),
        ({"language": "bangla"}, "unknown language 'bangla'"),
        ({"until_date": "1.6.2022"}, "argument until_date: expected a day like 2022-06-16, got"),
        (
            {"from_date": "2022-06-02", "until_date": "2022-06-01"},
            "from_date 2022-06-02 is after until_date 2022-06-01",
        ),
        ({"max_articles": "0"}, "argument max_articles: expected a number from 1 up, got '0'"),
        ({"max_depth": "-1"}, "argument max_depth: expected a number from 0 up, got '-1'"),
        ({"site": "localhost"}, "argument site: not a web address: 'localhost'"),
        ({"depth": "2"}, "unknown argument 'depth'; did you mean 'max_depth'?"),
    ],
)
def test_a_wrong_argument_says_what_was_expected(typed: dict[str, str], message: str) -> None:
    with pytest.raises((ConfigurationError, UnknownName)) as error:
        ObserverSpider(**typed)
    assert str(error.value).startswith(message)


def test_the_last_day_belongs_to_the_run() -> None:
    read = arguments.read({"from_date": "2022-06-01", "until_date": "2022-06-02"})
    days = [dt.date(2022, 5, 31), dt.date(2022, 6, 1), dt.date(2022, 6, 2), dt.date(2022, 6, 3)]
    assert [read.is_outside(day) for day in days] == [True, False, False, True]


@pytest.mark.parametrize(
    ("follow", "here", "there", "box", "wanted"),
    [
        ("lists", "/menu/198", "/news/1", Box.SECTION, True),
        ("lists", "/menu/185", "/news/1", Box.SECTION, False),
        ("latest", "/menu/198", "/news/1", Box.SECTION, False),
        ("lists", "/", "/news/1", Box.SECTION, False),
        ("front", "/", "/news/1", Box.SECTION, True),
        ("latest", "/news/2", "/news/1", Box.LATEST, True),
        ("related", "/news/2", "/news/1", Box.LATEST, False),
        ("neighbours", "/news/2", "/news/1", Box.NEXT, True),
        ("most_read", "/news/2", "/news/1", Box.MOST_READ, True),
        ("latest", "/news/2", "/news/1", Box.BODY, False),
        ("latest", "/news/2", "/author/x", Box.LATEST, False),
    ],
)
def test_follow_decides_by_box_and_page(
    follow: str, here: str, there: str, box: Box, *, wanted: bool
) -> None:
    spider = ObserverSpider(follow=follow)
    origin = site.ORIGINS["en"]
    pair = urls.parse(origin + here), urls.parse(origin + there)
    assert spider._wants(*pair, box) is wanted  # noqa: SLF001 (the table of the rule)


def test_a_link_to_the_other_edition_is_not_wanted() -> None:
    spider = ObserverSpider()
    here = urls.parse("https://www.observerbd.com/news/1")
    bangla = urls.parse("https://bn.observerbd.com/details.php?id=5")
    assert not spider._wants(here, bangla, Box.LATEST)  # noqa: SLF001 (the table of the rule)


def test_the_opening_line_says_how_long_the_whole_archive_takes() -> None:
    line = ObserverSpider.opening_line(arguments.read({}), 1.0)
    assert "whole connected archive" in line
    assert "about 7 days" in line
