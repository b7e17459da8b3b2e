"""The page that `scrapy coverage --html` writes: its bytes, and what a real browser makes of it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from observer_crawler.coverage import as_html, as_json, as_text, look
from observer_crawler.ledger import FILE, State
from tests.browser import Browser, browser
from tests.ledgers import line, link, now, opened, settle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.coverage import Report

BANGLA = "ঢাকায় বৃষ্টি, সড়কে জলাবদ্ধতা"
SCRIPT = "<script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose headlines and sections try to be more than text."""
    path = tmp_path / "data" / "state" / FILE
    path.parent.mkdir(parents=True)
    (path.parent / "origin").write_text("http://127.0.0.1:8000\n", "utf-8")
    ledger = opened(path)
    stored = [("b:10", SCRIPT), ("b:11", BANGLA), ("b:20", "Sports")]
    failed = [("b:12", SCRIPT), ("b:21", BANGLA)]
    day = {name: "2022-06-16" if name < "b:2" else "2022-06-17" for name, _ in stored + failed}
    index = [
        link(f"day:{each}", kind="day", language="en", day=each)
        for each in sorted(set(day.values()))
    ]
    articles = [
        link(name, text=text, day=day[name], language="en") for name, text in stored + failed
    ]
    now(ledger.enter([*index, *articles], 0))
    for _ in index:
        settle(ledger, State.READ, expected=3, final=True)
    for name, text in stored:
        placed = line(name, published_date=day[name], section=text, filled=0b1111)
        settle(ledger, State.STORED, line=placed, published=day[name])
    for _ in failed:
        settle(ledger, State.FAILED, reason=SCRIPT)
    ledger.close()
    return tmp_path / "data"


class Parsed(HTMLParser):
    """The elements of a page, and its text by the element that it stands in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def cells(report: Report) -> dict[str, str]:
    """Give the status of each day by the JSON."""
    return {day["day"]: day["status"] for day in as_json(report)["editions"]["en"]["days"]}


def test_every_day_since_the_first_has_its_cell(data: Path) -> None:
    report = look(data)
    rects = [given for tag, given in Parsed(as_html(report)).tags if tag == "rect"]
    shown = {str(given["data-day"]): given["class"] for given in rects if "data-day" in given}
    assert shown == cells(report)
    assert len(shown) == 3_031  # 2014-03-01 to 2022-06-17


def test_the_page_is_whole_and_asks_for_nothing(data: Path) -> None:
    page = as_html(look(data))
    parsed = Parsed(page)
    assert parsed.open == []
    named = {key for _, given in parsed.tags for key in given}
    assert named.isdisjoint(("src", "href", "action", "data", "srcset", "xlink:href", "onerror"))
    assert {tag for tag, _ in parsed.tags}.isdisjoint(
        ("script", "link", "iframe", "object", "img")
    )
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_a_headline_a_section_and_a_reason_stay_text(data: Path) -> None:
    page = as_html(look(data))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") >= 3
    assert BANGLA in page


def test_what_came_from_a_copy_of_the_site_says_so_everywhere(data: Path) -> None:
    report = look(data)
    assert "the text is invented" in as_html(report)
    assert as_json(report)["made_from"] == "replica"
    assert "http://127.0.0.1:8000" in as_text(report)
    commands = [hole["command"] for hole in as_json(report)["editions"]["en"]["holes"]]
    assert commands
    assert all("-a site=http://127.0.0.1:8000" in each for each in commands)


def test_the_same_ledger_gives_the_same_page(data: Path) -> None:
    assert as_html(look(data)) == as_html(look(data))


def test_a_part_has_its_days_alone(data: Path) -> None:
    report = look(data, None, "2022-06-17", "2022-06-17")
    assert set(cells(report)) == {"2022-06-17"}
    found = report.holes(report.editions[0])
    assert {hole.last_day for hole in found} == {"2022-06-17"}  # numbers may be of the day before


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.mark.system
def test_a_browser_shows_the_calendar_and_runs_nothing(
    data: Path, tmp_path: Path, chromium: Browser
) -> None:
    report, page = look(data), tmp_path / "coverage.html"
    page.write_text(as_html(report), "utf-8")
    chromium.open(page)
    assert chromium.errors == []
    assert chromium.requests == [page.as_uri()]
    assert chromium.ask("document.title") == "What is there and what is not"
    assert chromium.ask("document.scripts.length + document.images.length") == 0
    shown = chromium.ask(
        "Object.fromEntries([...document.querySelectorAll('rect[data-day]')]"
        ".map(cell => [cell.dataset.day, cell.getAttribute('class')]))"
    )
    assert shown == cells(report)
    assert chromium.ask("document.querySelector('.calendar').getBoundingClientRect().height") > 500
    assert chromium.ask("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.system
def test_a_day_has_the_colour_of_its_status_in_light_and_dark(
    data: Path,
    tmp_path: Path,
    chromium: Browser,
) -> None:
    page = tmp_path / "coverage.html"
    page.write_text(as_html(look(data)), "utf-8")
    chromium.open(page)
    fill = "getComputedStyle(document.querySelector('rect[data-day=\"2022-06-16\"]')).fill"
    colours = []
    for dark in (False, True):
        chromium.picture(tmp_path / "page.png", 1000, dark=dark)
        colours.append(
            (chromium.ask(fill), chromium.ask("getComputedStyle(document.body).backgroundColor"))
        )
    assert colours == [
        ("rgb(209, 65, 12)", "rgb(251, 250, 247)"),
        ("rgb(255, 106, 61)", "rgb(18, 20, 22)"),
    ]


@pytest.mark.system
def test_bangla_is_drawn_with_a_font_that_has_it(
    data: Path, tmp_path: Path, chromium: Browser
) -> None:
    page = tmp_path / "coverage.html"
    page.write_text(as_html(look(data)), "utf-8")
    chromium.open(page)
    chromium.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    chromium.ask(
        "[...document.querySelectorAll('q')].find(q => q.textContent.includes('বৃষ্টি')).id = 'bangla'"
    )
    fonts = chromium.fonts("#bangla")
    assert any("Bengali" in font for font in fonts), fonts
