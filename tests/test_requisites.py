"""Pages with their pictures: what is fetched beside them, when, how often, and what it may not do."""

from __future__ import annotations

import json
import signal
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.ledger.tables import look
from observer_crawler.pages import own_files, shown_with
from observer_crawler.replica.page import HTML, Page
from observer_crawler.warc import unpacked
from tests.balance import ledger_of
from tests.captures import responses
from tests.trials import ARCHIVE, LINK, trial
from tests.world import disallowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from observer_crawler.replica import Server
    from tests.conftest import Crawl, RunCrawl, Serve

SMALL: dict[str, Any] = {"articles": 30, "days": 3, "plain": True, "robots": "none"}
CAPTURED = {"OBSERVER_CAPTURE": 1}
FILES = (".jpg", ".gif", ".png", ".css?v=7", ".js")
HERE = "https://www.observerbd.com/news/1"


def test_a_page_names_its_files_once_each_in_its_order() -> None:
    body = b"""<html><head><link rel="stylesheet" href="/css/a.css?v=1"><link rel=preload href=/x>
        <link rel="apple-touch-icon" href=icon.png><link rel="alternate" href="/rss">
        <script src="../js/a.js#1"></script><script>let src = "/no.js"</script></head>
        <img src="http://observerbd.com/2022/06/16/ob_1655400000.jpg"><img src=" /b.jpg ">
        <img src="data:image/gif;base64,R0lGODlh" data-src="lazy.jpg"><img src="/b.jpg"><img>
        <img srcset="/s1.jpg 1x, /s2.jpg 2x"><input type="image" src="/go.png">
        <a href="/linked.jpg">no</a><a href="/news/2"><img src="/news/2"></a>
        <img src="https://example.org/far.jpg"><script src="//cdn.example.org/a.js"></script></html>"""
    assert [
        name.removeprefix("https://www.observerbd.com") for name in shown_with(body, HERE)
    ] == [
        "/css/a.css?v=1",
        "/news/icon.png",
        "/js/a.js",
        "/2022/06/16/ob_1655400000.jpg",
        "/b.jpg",
        "/news/lazy.jpg",
        "/s1.jpg",
        "/s2.jpg",
        "/go.png",
    ]


def test_a_base_counts_for_the_files_of_a_page() -> None:
    body = b'<base href="http://www.observerbd.com/old/"><img src="a.jpg">'
    assert shown_with(body, HERE) == ["https://www.observerbd.com/old/a.jpg"]


@pytest.mark.parametrize(
    "body", [b"", b"\0", b"<", b"<img src='http://[bad'>", b"<img src='\xff'>"]
)
def test_no_bytes_make_the_search_for_files_raise(body: bytes) -> None:
    assert len(shown_with(body, HERE)) <= 1


def test_the_other_edition_is_another_host_and_an_endless_address_no_file() -> None:
    far = ["https://bn.observerbd.com/a.jpg", f"https://www.observerbd.com/{'a' * 3000}.jpg"]
    assert own_files(far, HERE) == []
    assert own_files(far[:1], "https://bn.observerbd.com/details.php?id=1") == far[:1]


def files_asked(server: Server) -> list[str]:
    return [access.path for access in server.log if access.path.endswith(FILES)]


def pictures(run: Crawl) -> set[str]:
    """The paths of the pictures that stored articles have."""
    urls = {image["url"] for line in run.articles for image in line["images"]}
    return {"/" + url.split("/", 3)[3] for url in urls}


def rows(data: Path) -> dict[str, tuple[str, str]]:
    """State and reason of each requisite, by its path."""
    with closing(look(ledger_of(data))) as ledger:
        found = ledger.execute("SELECT name, state, reason FROM address WHERE kind = 'requisite'")
        return {"/" + name.split("/", 3)[3]: (state, reason) for name, state, reason in found}


def some_pictures(serve: Serve) -> list[str]:
    """Pictures of the small site, as a crawl of it finds them."""
    facts = serve(**SMALL).replica.facts()
    stored = [fact["article"] for fact in facts if fact["article"]]
    urls = [image["url"] for article in stored for image in article["images"]]
    return ["/" + url.split("/", 3)[3] for url in urls]


@pytest.mark.parametrize("spider", ["observer", "observer_archive"])
def test_pictures_come_once_each_behind_all_else(
    replica: Serve, crawl: RunCrawl, tmp_path: Path, spider: str
) -> None:
    server = replica(**SMALL)
    days = server.replica.days()
    dates = {"from_date": days[0], "until_date": days[-1]} if spider != "observer" else {}
    asked: dict[str, Any] = {"site": server.url, "spider": spider, "requisites": "images", **dates}
    run = crawl(settings=CAPTURED, **asked)
    assert run.code == 0, run.err
    expected = pictures(run)
    assert len(expected) >= 20
    assert Counter(files_asked(server)) == Counter(expected)
    paths = [access.path for access in server.log]
    assert set(paths[-len(expected) :]) == expected
    kept = {record.url: record for record in responses(tmp_path / "data")}
    bodies = {path: unpacked(kept[server.url + path], 10**6) for path in expected}
    assert bodies == {path: server.replica.get(path).body for path in expected}
    assert rows(tmp_path / "data") == dict.fromkeys(expected, ("read", "requisite"))
    assert run.group("requisites") == {"read": len(expected)}
    assert f"pictures and the like, read  {len(expected)}" in run.err
    again = crawl(settings=CAPTURED, **asked)
    assert again.code == 0
    assert len(files_asked(server)) == len(expected)


def test_the_whole_page_brings_its_style_sheet_icon_script_and_other_pictures(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SMALL)
    run = crawl(site=server.url, requisites="page", settings=CAPTURED)
    assert run.code == 0
    asked = Counter(files_asked(server))
    assert set(asked.values()) == {1}
    assert asked.keys() > pictures(run) | {"/css/style.css?v=7", "/js/site.js", "/img/favicon.png"}


def test_what_was_seen_of_files_changes_no_figure_that_is_judged(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(**SMALL)
    run = crawl(site=server.url, requisites="images", settings=CAPTURED)
    (line,) = (tmp_path / "data/state/runs.jsonl").read_text("utf-8").splitlines()
    assert "requisite" not in json.loads(line)["states"]
    assert "requisite" not in json.dumps(json.loads(line)["pages"])
    assert sum(run.group("pages").values()) + sum(run.group("requisites").values()) <= run.stat(
        "settled"
    )


def test_without_captures_there_is_one_line_that_says_how(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(**SMALL)
    run = crawl(site=server.url, requisites="images")
    assert (run.code, server.log) == (1, [])
    assert (
        run.err.strip()
        .splitlines()[-1]
        .endswith(
            "requisites=images fetches what is kept in captures alone, and capture is off: add -s "
            "OBSERVER_CAPTURE=1, or leave requisites out"
        )
    )


def test_another_word_is_refused_by_its_name(replica: Serve, crawl: RunCrawl) -> None:
    run = crawl(site=replica(**SMALL).url, requisites="image")
    assert run.code == 1
    assert "value of requisites" in run.err
    assert "images" in run.err


def test_a_limit_of_articles_is_none_of_their_pictures(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(**SMALL)
    run = crawl(site=server.url, requisites="images", max_articles=4, settings=CAPTURED)
    assert (run.code, len(run.articles)) == (0, 4)
    assert "Reached the limit that was asked for" in run.err
    assert Counter(files_asked(server)) == Counter(pictures(run))


def test_a_run_that_is_stopped_among_its_pictures_has_something_left(tmp_path: Path) -> None:
    """Though it has all articles that it may store."""
    with trial(tmp_path, LINK, **SMALL, latency_seconds=0.05) as crawl:
        crawl.arguments |= {"requisites": "images", "max_articles": "10"}
        with crawl.start() as running:
            running.until(lambda: files_asked(crawl.server))
            running.stop(signal.SIGTERM)
            run = running.wait()
        assert run.code == 3, run.err[-500:]


def answer(status: int, kind: str = "image/jpeg", **headers: str) -> Callable[[int], Page]:
    return lambda _: Page(status, {"Content-Type": kind, **headers}, b"<p>nothing</p>")


def test_what_is_not_had_of_a_page_is_no_trouble_of_the_site(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    gone, broken, page, moved, to_front, closed, *_ = some_pictures(replica)
    faults: Mapping[str, Any] = {
        gone: answer(404),
        broken: answer(500),
        page: answer(200, HTML),
        moved: answer(301, Location="/2025/06/06/ob_1749235380.jpg"),
        to_front: answer(302, Location="/"),
        closed: answer(403),
    }
    server = replica(faults, **SMALL)
    asked: dict[str, Any] = {"site": server.url, "requisites": "images", "settings": CAPTURED}
    first = crawl(spider=ARCHIVE, from_date=server.replica.days()[0], **asked)
    assert first.code == 0, first.err[-500:]
    assert first.stat("failed_now") == 0
    came = rows(tmp_path / "data")
    assert came[gone] == ("missing", "404")
    assert came[broken] == ("failed", "500")
    assert came[page] == ("missing", "a page in its place")
    assert came[moved][0] == "redirected"
    assert came["/2025/06/06/ob_1749235380.jpg"] == ("read", "requisite")
    assert came[to_front] == ("redirected", "to front")
    assert came[closed] == ("denied", "403")
    before = len(files_asked(server))
    assert crawl(spider=ARCHIVE, from_date=server.replica.days()[0], **asked).code == 0
    assert len(files_asked(server)) == before


@pytest.mark.parametrize(("status", "code", "most"), [(403, 5, 6), (500, 3, 11)])
def test_a_site_that_gives_no_picture_at_all_is_left_in_peace(
    replica: Serve, crawl: RunCrawl, status: int, code: int, most: int
) -> None:
    faults = dict.fromkeys(some_pictures(replica), answer(status))
    server = replica(faults, **SMALL)
    run = crawl(site=server.url, requisites="images", settings=CAPTURED)
    assert run.code == code
    assert len(run.articles) >= 20
    assert len(files_asked(server)) <= most


def test_robots_txt_holds_for_pictures(replica: Serve, crawl: RunCrawl, tmp_path: Path) -> None:
    server = replica(**SMALL)
    rules = "User-agent: *\nDisallow: /2025/\n"
    server.robots = rules
    run = crawl(site=server.url, requisites="page", settings=CAPTURED)
    assert run.code == 0, run.err[-500:]
    assert disallowed(server, rules) == []
    assert {rows(tmp_path / "data")[path][0] for path in pictures(run)} == {"denied"}
    assert "/js/site.js" in files_asked(server)


def test_a_kill_loses_no_picture_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with trial(tmp_path, LINK, **SMALL, latency_seconds=0.01) as crawl:
        crawl.arguments |= {"requisites": "page"}
        kills = 0
        for requests in (12, 25, 10, 10):
            crawl.kill_after(requests)
            kills += 1
        run = crawl.finish(1)
        asked = Counter(files_asked(crawl.server))
        assert asked.keys() == rows(crawl.data).keys()
        assert asked.keys() > pictures(run)
        assert sum(asked.values()) - len(asked) <= 2 * kills
        assert {state for state, _ in rows(crawl.data).values()} == {"read"}


def test_a_run_without_the_argument_leaves_waiting_what_another_has_found(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """And one that asks for more takes it up."""
    server = replica(**SMALL)
    crawl(
        site=server.url,
        requisites="images",
        settings={**CAPTURED, "CLOSESPIDER_PAGECOUNT": 6, "LOG_LEVEL": "DEBUG"},
    )
    waiting = [path for path, row in rows(tmp_path / "data").items() if row[0] == "waiting"]
    assert waiting
    crawl(site=server.url, settings=CAPTURED)
    assert files_asked(server) == []
    crawl(site=server.url, requisites="page", settings=CAPTURED)
    assert set(files_asked(server)) >= set(waiting)


def test_a_crawl_with_pictures_is_the_replay_of_what_it_captured(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(**SMALL)
    crawled = crawl(site=server.url, requisites="page", settings=CAPTURED)
    server.close()
    again = {"OBSERVER_REPLAY": tmp_path / "data/warc", "OBSERVER_DATA": tmp_path / "again"}
    played = crawl(site=server.url, requisites="page", settings=again)
    assert (played.code, played.stat("not_recorded")) == (0, 0)
    assert sorted(map(str, played.articles)) == sorted(map(str, crawled.articles))
    assert rows(tmp_path / "again") == rows(tmp_path / "data")


def test_an_article_whose_page_is_not_sent_again_gives_its_pictures(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SMALL, validators="both")
    run = crawl(site=server.url, settings=CAPTURED)
    assert files_asked(server) == []
    again = crawl(site=server.url, requisites="images", revisit="all", settings=CAPTURED)
    assert again.stat("articles/unchanged") == len(run.articles)
    assert set(files_asked(server)) == pictures(run)


def test_pictures_of_before_are_no_articles_of_a_plan(tmp_path: Path) -> None:
    """Nor is a run over them alone one to which the site has shown nothing."""
    with trial(tmp_path, ARCHIVE, **SMALL, latency_seconds=0.02) as crawl:
        crawl.arguments |= {"requisites": "images"}
        crawl.settings = {"OBSERVER_NOW": "2025-07-16T12:00:00+06:00"}
        with crawl.start() as running:
            running.until(lambda: len(files_asked(crawl.server)) > 3)
            running.stop(signal.SIGKILL)
            running.wait()
        run = crawl.run()
        assert run.code == 0, run.err[-800:]
        assert "To do: 0 of 4 days;" in run.err
        assert run.articles
        assert run.group("pages") == {}
