"""Pages that break off, told from pages of a site that closes some of its templates only."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from observer_crawler import urls
from observer_crawler.pages import read_page
from observer_crawler.replica import Options, Replica
from observer_crawler.replica.page import Page
from observer_crawler.spiders.soundness import Soundness
from tests.test_hostile_site import HTML, SMALL, always, forms, front

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.ledger import Outcome
    from tests.conftest import RunCrawl, Serve

SITE = "https://www.observerbd.com"
MENU = b'<html><body><a href="/menu/185">Sports</a> <a href="/news/1">One</a>'
CUT = "the page breaks off"


def look(soundness: Soundness, path: str, body: bytes) -> str:
    url = SITE + path
    found: Outcome | None = soundness.look(read_page(body, url), urls.parse(url), body)
    return found.reason if found else ""


@pytest.fixture
def soundness() -> Soundness:
    """Give one that has seen the front page closed, and nothing else."""
    seen = Soundness()
    assert not look(seen, "/", MENU + b"</html>")
    return seen


def test_where_nothing_is_closed_nothing_breaks_off() -> None:
    assert not look(Soundness(), "/", MENU)


def test_half_a_page_whose_like_is_closed_is_never_believed(soundness: Soundness) -> None:
    look(soundness, "/menu/185", MENU + b"</html>")
    assert {look(soundness, "/menu/198", MENU) for _ in range(9)} == {CUT}
    assert {look(soundness, f"/menu/198/{page}", MENU) for page in range(2, 9)} == {CUT}


def test_the_end_may_stand_far_before_what_was_put_behind_it(soundness: Soundness) -> None:
    look(soundness, "/menu/185", MENU + b"</html>")
    behind = b"</HTML><script>%s</script>" % (b"x" * 5_000)
    assert not look(soundness, "/menu/198", MENU + behind)


def test_a_page_that_stays_without_an_end_is_as_it_is(soundness: Soundness) -> None:
    assert [look(soundness, "/menu/198", MENU) for _ in range(4)] == [CUT, CUT, "", ""]


def test_many_pages_without_an_end_are_as_they_are(soundness: Soundness) -> None:
    days = [f"/2014/09/{day:02}/index.php" for day in range(1, 10)]
    assert [look(soundness, day, MENU) for day in days] == [CUT] * 5 + [""] * 4
    look(soundness, "/2014/10/01/index.php", MENU + b"</html>")
    assert look(soundness, "/2014/10/02/index.php", MENU) == CUT


def test_one_template_says_nothing_of_another(soundness: Soundness) -> None:
    look(soundness, "/archive/2026-01-01", MENU + b"</html>")
    day = "/2014/09/06/index.php"
    assert [look(soundness, day, MENU) for _ in range(3)] == [CUT, CUT, ""]


@pytest.mark.parametrize("path", ["/menu/185", "/news/370580"])
def test_an_error_in_the_place_of_a_page_says_nothing_of_its_like(
    soundness: Soundness, path: str
) -> None:
    assert look(soundness, path, b"<html>No database</html>").startswith("no page of")
    assert [look(soundness, path, MENU) for _ in range(3)] == [CUT, CUT, ""]


def test_whoever_says_that_nothing_is_there_has_said_all(soundness: Soundness) -> None:
    look(soundness, "/news/1", MENU + b"<p>x</p></html>")
    assert not look(soundness, "/news/370580", MENU + b"<p>News not found.")


def test_a_feed_is_no_page_and_needs_no_link(soundness: Soundness) -> None:
    assert not look(soundness, "/rss", b"<rss><channel></channel></rss>")


def test_an_index_without_a_word_is_that_of_a_day_without_a_paper(soundness: Soundness) -> None:
    blank = (
        b"<html><title>The Daily Observer</title><body><div class='bullet'></div></body></html>"
    )
    assert not look(soundness, "/2014/09/06/index.php", blank)
    assert look(soundness, "/2014/09/06/index.php", blank.replace(b"</html>", b"")) == CUT
    assert look(soundness, "/menu/198", blank) == "no page of the newspaper: ''"


def test_days_whose_newest_form_is_blank_are_asked_for_in_the_others(
    replica: Serve, crawl: RunCrawl
) -> None:
    blank = always(Page(200, HTML, b"<html><body></body></html>"))
    days = [dt.date(2022, 5, 1) + dt.timedelta(number) for number in range(12)]
    first = [urls.day(day).forms[0].removeprefix(SITE) for day in days]
    server = replica(dict.fromkeys(first, blank), **SMALL)
    run = crawl(spider="observer_archive", site=server.url, from_date=days[0], until_date=days[-1])
    assert "answers with errors only" not in run.err
    asked = [access.path for access in server.log]
    assert {urls.day(day).forms[1].removeprefix(SITE) for day in days} <= {*asked}


def without_end(path: str) -> Page:
    body = Replica(Options(**SMALL)).get(path).body
    assert b"</html>" in body
    return Page(200, HTML, body.replace(b"</html>", b""))


def test_lists_that_are_not_closed_are_read_on_a_site_whose_articles_are(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    whole = crawl(
        site=replica(**SMALL).url, follow="lists", settings={"OBSERVER_DATA": tmp_path / "whole"}
    )
    paths = [f"/menu/198{page}" for page in ("", *(f"/{number}" for number in range(2, 9)))]
    server = replica({path: always(without_end(path)) for path in paths}, **SMALL)
    run = crawl(site=server.url, follow="lists")
    assert run.code == 0
    assert run.ids == whole.ids


def test_articles_that_are_gone_have_not_failed_where_the_site_says_so_in_mid_page(
    replica: Serve, crawl: RunCrawl
) -> None:
    gone = always(Page(200, HTML, MENU + b"<p>News not found."))
    faults = dict.fromkeys(forms(900001), gone) | {"/": always(front(range(900001, 900002)))}
    server = replica(faults, **SMALL)
    run = crawl(site=server.url, follow="latest", max_depth=1)
    assert run.code == 0
    assert run.stat("addresses/missing") == 1
