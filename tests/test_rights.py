"""What a site says of AI training: read, kept by day, told in spans, and asked for by an export.

The crawls go to a replica that says it as sites do; days are moved by OBSERVER_NOW.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from observer_crawler import rights
from observer_crawler.dataset import asked
from observer_crawler.dataset.batch import Batch
from observer_crawler.exceptions import ExportError
from observer_crawler.ledger import FILE, Signal, State, tables
from observer_crawler.ledger.reading import Reader
from observer_crawler.ledger.settling import Entry
from observer_crawler.ledger.signals import ROBOTS, Spoken
from observer_crawler.pages import read_page
from observer_crawler.replica.preferences import ROBOTS as FORMS
from observer_crawler.rights import Asked, Says
from observer_crawler.source import Source
from observer_crawler.trainers import TRAINING
from tests.archived import backfill, gone
from tests.archives import WaybackMachine
from tests.balance import ledger_of
from tests.conftest import run_scrapy
from tests.ledgers import link, now, opened, settle
from tests.stored import as_line, made, record, store

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import RunCrawl, Serve

NO, YES, NOTHING = Says.NO, Says.YES, Says.NOTHING
ALL = "User-agent: *\n"
ARTICLE = "https://www.observerbd.com/news/370580"


def of_robots(text: str | bytes) -> Asked:
    body = text if isinstance(text, bytes) else text.encode()
    found = rights.of_robots(200, body)
    assert found is not None
    return found


# What robots.txt says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ALL + "Content-Signal: search=yes, ai-train=no", NO),
        (ALL + "Content-Signal: search=yes,ai-train=yes", YES),
        (ALL + "CONTENT-SIGNAL :  AI-Train = NO , search=yes  # why", NO),
        (ALL + "Content-Signal: /news/ ai-train=no", NO),
        (ALL + "Content-Signal: /news/\tai-train=no", NO),
        (ALL + "Content-Signal: /news/ ai-train=yes", NOTHING),  # no word of the others
        (ALL + "Content-Signal: /admin/ ai-train=no", NOTHING),
        (ALL + "Content-Signal: search=no, ai-input=no, use=reference", NOTHING),
        (ALL + "Content-Signal: ai-train=maybe", NOTHING),
        (ALL + "Content-Signal: ai-train no", NOTHING),
        (ALL + "Content-Signal: ai-train=yes\nContent-Signal: ai-train=no", NO),
        (ALL + "# Content-Signal: ai-train=no", NOTHING),
        ("User-agent: GPTBot\nContent-Signal: ai-train=no", NO),
        ("User-agent: GPTBot\nContent-Signal: ai-train=yes", NOTHING),
        ("Content-Signal: ai-train=no\n" + ALL + "Allow: /", NO),
        (ALL + "Content-Usage: train-ai=n", NO),
        (ALL + "Content-Usage: search=n, train-ai=y", YES),
        (ALL + "Content-Usage: bots=n", NO),
        (ALL + "Content-Usage: train-ai=n;exp=5", NO),
        (ALL + "Content-Usage: train-ai=no", NOTHING),
        (
            ALL + "Content-Usage: / train-ai=n\nContent-Usage: /news/ train-ai=y\n"
            "Content-Usage: /details.php train-ai=y",
            YES,
        ),
        (ALL + "Content-Usage: train-ai=y\nContent-Usage: /news/ train-ai=n", NO),
        ("User-agent: GPTBot\nDisallow: /", NO),
        ("user-AGENT: gptbot/1.1\ndisallow:/news/", NO),
        ("User-agent: GPTBot\nCrawl-delay: 3\nUser-agent: Googlebot\nDisallow: /", NO),
        ("User-agent: GPTBot\nDisallow: /admin/", NOTHING),
        ("User-agent: GPTBot\nDisallow: /news/12345$", NOTHING),
        ("User-agent: GPTBot\nDisallow: /\nAllow: /news/\nAllow: /details.php", NOTHING),
        ("User-agent: GPTBot\nDisallow:", NOTHING),
        ("User-agent: GPTBot\nAllow: /", NOTHING),
        ("User-agent: Googlebot\nDisallow: /", NOTHING),
        ("User-agent: GPTBotanist\nDisallow: /", NOTHING),
        (ALL + "Disallow: /", NOTHING),
        (ALL + "Content-Signal: ai-train=yes\n\nUser-agent: CCBot\nDisallow: /", NO),
        ("", NOTHING),
    ],
)
def test_robots_txt_says(text: str, says: Says) -> None:
    found = of_robots(text)
    assert found.says is says
    assert bool(found.words) or says is NOTHING


@pytest.mark.parametrize("agent", sorted(TRAINING))
def test_a_group_of_each_known_crawler_that_forbids_the_articles_is_a_no(agent: str) -> None:
    found = of_robots(f"User-agent: {agent.upper()}\nDisallow: /admin\nDisallow: / # all\n")
    assert found == Asked(NO, (f"User-agent: {agent} Disallow: /",))


def test_where_words_contradict_each_other_the_no_holds_and_all_are_kept() -> None:
    text = (
        ALL + "Content-Signal: ai-train=yes\nUser-agent: CCBot\nUser-agent: GPTBot\nDisallow: /\n"
    )
    assert of_robots(text) == Asked(
        NO,
        (
            "Content-Signal: ai-train=yes",
            "User-agent: ccbot Disallow: /",
            "User-agent: gptbot Disallow: /",
        ),
    )


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encoding_and_ends_of_lines_do_not_matter(encoding: str, ending: str) -> None:
    text = "User-agent: *\nContent-Signal: ai-train=no\n".replace("\n", ending)
    assert of_robots(text.encode(encoding)).says is NO


@pytest.mark.parametrize(
    ("status", "body", "is_read"),
    [
        (404, b"<h1>?</h1>", True),
        (403, b"", True),
        (200, b"", True),
        (429, b"", False),
        (503, b"Content-Signal: ai-train=no", False),
        (301, b"", False),
        (200, b"<!doctype html><p>Content-Signal: ai-train=no", False),
    ],
)
def test_an_answer_is_a_reading_or_none(status: int, body: bytes, *, is_read: bool) -> None:
    assert rights.of_robots(status, body) == (Asked() if is_read else None)


def test_a_large_file_and_garbage_are_read_in_a_moment_and_words_are_cut() -> None:
    draw = random.Random(1)
    files = [
        draw.randbytes(1 << 20),
        b"".join(b"Disallow: /news/%d$\n" % number for number in range(60_000)),
        b"User-agent: GPTBot\n" + b"".join(b"Disallow: /n%d$\n" % n for n in range(60_000)),
        b"".join(b"User-agent: bot%d\nFoo: x\n" % number for number in range(40_000)),
        b"".join(b"Content-Signal: /news/ ai-train=no,x%d\n" % n for n in range(30_000)),
        b"Content-Signal: " + b"x=y," * 200_000 + b"ai-train=no",
    ]
    for file in files:
        began = time.process_time()
        found = of_robots(file)
        # The slowest takes 1.6 s on a busy machine; quadratic ones took ten.
        assert time.process_time() - began < 8
        assert len(found.words) <= 31
        assert all(len(words) <= 203 for words in found.words)


def test_words_hold_nothing_that_a_terminal_obeys() -> None:
    (words,) = of_robots(ALL + "Content-Signal: ai-train=no,\x1b[2J\u202ex=\x00y").words
    assert words.isprintable()


# What headers and pages say


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([("X-Robots-Tag", "noai")], NO),
        ([("x-robots-tag", "noindex"), ("X-ROBOTS-TAG", " NoAI , nofollow")], NO),
        ([("X-Robots-Tag", "otherbot: noindex, noai")], NO),
        ([("X-Robots-Tag", "otherbot: noai")], NO),
        ([("X-Robots-Tag", "unavailable_after: 25 Jun 2030 15:00:00 PST")], NOTHING),
        ([("X-Robots-Tag", "noimageai")], NOTHING),
        ([("X-Robots-Tag", "noaiplease, none, max-snippet:0")], NOTHING),
        ([("TDM-Reservation", "1"), ("TDM-Policy", "https://x.example/p.json")], NO),
        ([("tdm-reservation", " 0 ")], YES),
        ([("tdm-reservation", "2")], NOTHING),
        ([("tdm-policy", "/p.json")], NOTHING),
        ([("tdm-reservation", "0"), ("X-Robots-Tag", "noai")], NO),
        ([("Content-Usage", "train-ai=n")], NO),
        ([("Content-Signal", "ai-train=yes, search=yes")], YES),
        ([("Server", "noai")], NOTHING),
    ],
)
def test_headers_say(pairs: list[tuple[str, str]], says: Says) -> None:
    assert rights.of_headers(pairs).says is says


def test_a_policy_is_kept_with_its_reservation_alone() -> None:
    policy = ("tdm-policy", "/p.json")
    assert rights.of_headers([policy]).words == ()
    both = rights.of_metas([("tdm-reservation", "1"), policy])
    assert both.words == ("tdm-reservation=1", "tdm-policy=/p.json")


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        ('<META NAME="Robots" CONTENT="NoAI">', (("robots", "NoAI"),)),
        ("<meta content=1 name=tdm-reservation>", (("tdm-reservation", "1"),)),
        ('<meta name="description" content="noai">', ()),
        ("<meta name=robots>", (("robots", ""),)),
        ("", ()),
    ],
)
@pytest.mark.parametrize("url", [ARTICLE, "https://www.observerbd.com/"])
def test_a_page_gives_its_metas_and_nothing_else_of_it_changes(
    url: str, head: str, asks: tuple[tuple[str, str], ...]
) -> None:
    page = "<html><head>{}</head><body><p>A story.</p></body></html>"
    with_, without = (read_page(page.format(text).encode(), url) for text in (head, ""))
    assert with_.asks == asks
    assert with_ == without


# Spans of days


def said(day: int, words: str = "", says: Says = NOTHING, place: str = ROBOTS) -> Spoken:
    on = f"2026-11-{day:02}"
    at = f"{on}T10:00:00.000000+00:00"
    return Spoken(on, "a.example", place, words, str(says), at, at, 1)


def told(rows: list[Spoken]) -> list[tuple[int, int, str]]:
    """The first day, the last and the verdict of each span; the order of arrival is no matter."""
    given = list(rows)
    random.Random(7).shuffle(given)
    return [(int(s.since[-2:]), int(s.until[-2:]), s.says) for s in asked.spans(given)]


def test_neighbours_that_say_the_same_are_one_span_over_days_without_a_reading() -> None:
    assert told([said(1, "x", NO), said(2, "x", NO), said(9, "x", NO)]) == [(1, 9, "no")]


def test_a_change_ends_a_span_on_the_last_day_on_which_it_was_read() -> None:
    rows = [said(1), said(2), said(5, "x", NO), said(6, "y", NO), said(9)]
    assert told(rows) == [(1, 2, "not said"), (5, 5, "no"), (6, 6, "no"), (9, 9, "not said")]


def test_what_comes_back_is_a_span_of_its_own() -> None:
    assert told([said(1, "x", NO), said(2, "y", YES), said(3, "x", NO)]) == [
        (1, 1, "no"),
        (2, 2, "yes"),
        (3, 3, "no"),
    ]


def test_any_no_of_a_day_makes_it_a_no_and_all_its_words_are_kept() -> None:
    rows = [said(3, "b", YES), said(3), said(3, "a\nc", NO, "meta")]
    (span,) = asked.spans(rows)
    assert span.as_values() == {
        "from": "2026-11-03",
        "until": "2026-11-03",
        "says": "no",
        "because": ["meta of a.example: a", "meta of a.example: c", "robots.txt of a.example: b"],
    }


def test_a_page_that_says_yes_speaks_for_itself_alone() -> None:
    assert told([said(3), said(3, "tdm-reservation=0", YES, "meta")]) == [(3, 3, "not said")]


@pytest.mark.parametrize(
    ("name", "day", "verdict"),
    [
        ("b:1", "2026-11-03", "no"),
        ("b:1", "2026-11-04", "no"),  # read the evening before, and in force
        ("b:1", "2026-11-05", "not read"),
        ("b:1", "2026-11-06", "not said"),
        ("b:2", "2026-11-06", "no"),  # its own page
        ("b:1", "2026-11-08", "yes"),
        ("b:1", "", "not read"),
        ("b:1", "0001-01-01", "not read"),
    ],
)
def test_an_article_is_judged_by_its_day_and_its_own_page(
    name: str, day: str, verdict: str
) -> None:
    rows = [said(3, "x", NO), said(6), said(6, "noai", NO, "meta"), said(8, "y", YES)]
    found = asked.Asked(rows, frozenset([("b:2", "2026-11-06")]))
    assert found.verdict(name, day) == verdict


def test_a_no_of_the_day_before_holds_until_robots_txt_is_read_again() -> None:
    moments = [f"2026-11-{at}:00:00.000000+00:00" for at in ("03T11", "04T09", "04T11")]
    lines = [as_line(record(n, fetched_at=at)) for n, at in enumerate(moments, 1)]
    found = asked.Asked([said(3, "x", NO), said(4, "y", YES)])
    found.take(Batch(lines, {}))
    assert found.counts == {"no": 2, "yes": 1}
    with pytest.raises(ExportError, match=r"2 of 3 rows"):
        found.require()


def test_what_a_page_says_takes_no_day_from_the_captures() -> None:
    of_a_page, captured = said(3, "noai", NO, "meta"), said(3, "x", NO)
    assert set(asked.together([of_a_page], [captured])) == {of_a_page, captured}


def test_captures_of_another_host_say_nothing_of_the_site() -> None:
    captured = [said(3, "x", NO), said(4, "y", NO)._replace(host="b.example")]
    found = asked.known(None, captured, Source("unknown", "http://b.example"))
    assert found.rows == captured[1:]


# The ledger


def test_a_ledger_of_version_3_takes_it_up(tmp_path: Path) -> None:
    path = tmp_path / FILE
    with closing(sqlite3.connect(path)) as old:
        old.executescript(";".join([*tables.MIGRATIONS[:3], "PRAGMA user_version = 3"]))
        old.execute("INSERT INTO note VALUES ('a', 'b')")
        old.commit()
    ledger = opened(path)
    signal = Signal("a.example", ROBOTS, NO, ("x", "y"))
    for hour in (11, 9, 10):
        ledger.signals.note(signal, "2026-11-03", f"2026-11-03T{hour:02}:00:00.000000+00:00")
    assert ledger.noted("a") == "b"
    ledger.close()
    with Reader(path) as reader:
        (row,) = reader.said()
    assert row[:5] == ("2026-11-03", "a.example", ROBOTS, "x\ny", "no")
    assert (row.first[11:13], row.last[11:13], row.answers) == ("09", "11", 3)


def test_what_a_page_says_is_settled_with_it_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / FILE
    ledger = opened(path)
    now(ledger.enter([link("b:1"), link("b:2"), link("b:3")], 0))
    more: dict[str, Any] = {
        "said": [Signal("a.example", "meta", NO, ("robots=noai",))],
        "said_on": "2026-11-03",
        "fetched_at": "2026-11-03T10:00:00.000000+00:00",
    }
    settle(ledger, State.READ, **more)
    settle(ledger, State.READ)
    monkeypatch.setattr(Entry, "_end", _broken)
    with pytest.raises(ZeroDivisionError):
        settle(ledger, State.READ, **more)
    ledger.close()
    with Reader(path) as reader:
        assert reader.pages_that_say("no") == [("b:1", "2026-11-03")]
        assert [row.answers for row in reader.said()] == [1]


def _broken(*_: object) -> NoReturn:
    raise ZeroDivisionError


# Crawls and exports

SITE: dict[str, Any] = {"articles": 24, "days": 2, "plain": True}
MORE: dict[str, Any] = {"max_articles": 4}


def crawled(crawl: RunCrawl, server: Server, day: int, **settings: object) -> Path:
    """Crawl on a day of November; gives the data folder."""
    more = {"OBSERVER_NOW": f"2026-11-{day:02}T10:00:00+00:00", **settings}
    run = crawl(site=server.url, settings=more, **MORE)
    assert run.code == 0, run.err[-2000:]
    return run.data


def rows(data: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(ledger_of(data))) as ledger:
        return ledger.execute(
            "SELECT day, place, words, says, answers FROM signal ORDER BY 1, 2, 3"
        ).fetchall()


def exported(data: Path, *words: str) -> dict[str, Any]:
    """Export a folder in a process of its own; gives the manifest."""
    done = run_scrapy("export", "--format", "jsonl", *words, "-s", f"OBSERVER_DATA={data}")
    assert done.returncode == 0, done.stderr
    manifest: dict[str, Any] = json.loads((data / "dataset/latest/manifest.json").read_bytes())
    return manifest


def brief(manifest: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(span["from"][-2:], span["until"][-2:], span["says"]) for span in manifest["ai_train"]]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("none", "not said"),
        ("signal", "no"),
        ("signal-yes", "yes"),
        ("usage", "no"),
        ("groups", "no"),
        ("admin", "not said"),
    ],
)
def test_what_robots_txt_says_during_a_crawl_is_kept_without_captures(
    replica: Serve, crawl: RunCrawl, form: str, says: str
) -> None:
    data = crawled(crawl, replica(ai_robots=form, **SITE), 3)
    assert not (data / "warc").exists()
    ((day, place, words, kept, answers),) = rows(data)
    assert (day, place, kept, answers) == ("2026-11-03", "robots.txt", says, 1)
    expected = FORMS[form].splitlines()[-1] if says != "not said" else ""
    assert words.endswith(expected)
    assert bool(words) == bool(expected)


def test_a_robots_txt_that_changes_over_the_crawl_gives_the_right_spans(
    replica: Serve, crawl: RunCrawl
) -> None:
    """Silent on the 1st and 2nd, a no from the 5th to the 6th, groups on the 9th, silent again."""
    server = replica(**SITE)
    for day, form in ((1, "none"), (2, "none"), (5, "signal"), (6, "signal"), (9, "groups")):
        server.robots = FORMS[form] or ALL
        data = crawled(crawl, server, day)
    server.robots = ALL
    crawled(crawl, server, 12)
    manifest = exported(data)
    assert brief(manifest) == [
        ("01", "02", "not said"),
        ("05", "06", "no"),
        ("09", "09", "no"),
        ("12", "12", "not said"),
    ]
    host = server.url.partition("//")[2]
    assert manifest["ai_train"][1]["because"] == [
        f"robots.txt of {host}: Content-Signal: search=yes, ai-train=no"
    ]
    text = (data / "dataset/latest/METHODS.md").read_text("utf-8")
    assert "| 2026-11-05 | 2026-11-06 | no | `robots.txt of" in text
    counts = manifest["ai_train_rows"]
    assert (counts["no"] > 0, sum(counts.values())) == (True, manifest["rows"])
    failed = run_scrapy("export", "--require-ai-train", "-s", f"OBSERVER_DATA={data}")
    # What a slow machine says of its progress stands before it.
    why = failed.stderr.splitlines()[-1]
    assert (failed.returncode, why.startswith("scrapy: --require-ai-train: ")) == (1, True)
    assert "said no to AI training from 2026-11-05 to 2026-11-06 (robots.txt of" in why
    assert f"{counts['no']} of {manifest['rows']} rows were fetched under a no" in why
    before = "--where", "fetched_at < '2026-11-04'"
    passed = run_scrapy("export", "--require-ai-train", *before, "-s", f"OBSERVER_DATA={data}")
    assert passed.returncode == 0, passed.stderr
    count = passed.stdout.split()[1]
    assert 0 < int(count) < counts["not said"]
    assert f"when fetched, the site said: not said {count}\n" in passed.stdout


def test_a_robots_txt_that_changes_in_mid_crawl_makes_its_day_a_no(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(ai_robots_then="usage", ai_readings=1, **SITE)
    data = crawled(crawl, server, 4, OBSERVER_ROBOTS_HOURS=0.001 / 3600)
    assert [row[3] for row in rows(data)] == ["not said", "no"]
    assert brief(exported(data)) == [("04", "04", "no")]


@pytest.mark.parametrize(
    ("switch", "place", "words"),
    [
        ("noai-header", "header", "X-Robots-Tag: noai, noimageai"),
        ("tdm-header", "header", "TDM-Reservation: 1\nTDM-Policy: /tdm.json"),
        ("noai-meta", "meta", "robots=index, noai"),
        ("tdm-meta", "meta", "tdm-reservation=1"),
    ],
)
def test_what_pages_say_is_kept_and_held_against_them(
    replica: Serve, crawl: RunCrawl, switch: str, place: str, words: str
) -> None:
    data = crawled(crawl, replica(ai_pages=switch, **SITE), 3)
    (robots,) = [row for row in rows(data) if row[1] == "robots.txt"]
    assert robots[2:4] == ("", "not said")
    (page,) = [row for row in rows(data) if row[1] != "robots.txt"]
    assert page[1:4] == (place, words, "no")
    manifest = exported(data)
    assert brief(manifest) == [("03", "03", "no")]
    assert manifest["ai_train_rows"]["no"] == manifest["rows"] > 0


def test_one_page_that_says_no_is_held_against_itself_alone(
    replica: Serve, crawl: RunCrawl
) -> None:
    """The day is a no for people; every other article of it passes."""
    server = replica(**SITE)
    data = crawled(crawl, server, 3)
    exported(data)
    name = _first_id(data)
    with closing(sqlite3.connect(ledger_of(data))) as ledger, ledger:
        ledger.execute(
            "INSERT INTO signal VALUES (99, '2026-11-03', 'a', 'meta', 'robots=noai', 'no', '', '', 1)"
        )
        ledger.execute("INSERT INTO signal_of VALUES (?, 99)", (name,))
    manifest = exported(data)
    assert brief(manifest) == [("03", "03", "no")]
    assert (manifest["ai_train_rows"]["no"], manifest["rows"]) == (1, 4)
    exported(data, "--require-ai-train", "--where", f"id <> '{name}'")


def _first_id(data: Path) -> str:
    line = (data / "dataset/latest/articles.jsonl").read_bytes().splitlines()[0]
    return str(json.loads(line)["id"])


def test_a_replay_keeps_what_the_crawl_kept(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(ai_robots="signal", ai_pages="noai-meta", **SITE)
    data = crawled(crawl, server, 3, OBSERVER_CAPTURE=1)
    server.close()
    again = tmp_path / "again"
    crawled(crawl, server, 20, OBSERVER_REPLAY=data / "warc", OBSERVER_DATA=again)
    query = "SELECT day, host, place, words, says, first, last, answers FROM signal ORDER BY 1, 3"
    pages = "SELECT name FROM signal_of ORDER BY 1"
    found = []
    for folder in (data, again):
        with closing(sqlite3.connect(ledger_of(folder))) as ledger:
            found.append([ledger.execute(each).fetchall() for each in (query, pages)])
    assert found[0] == found[1]
    assert len(found[0][0]) == 2


def test_days_before_the_ledger_kept_it_are_told_by_captures(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(ai_robots="signal", **SITE)
    data = crawled(crawl, server, 3, OBSERVER_CAPTURE=1)
    with_ledger = exported(data)["ai_train"]
    with closing(sqlite3.connect(ledger_of(data))) as ledger, ledger:
        ledger.execute("DELETE FROM signal")
    assert exported(data)["ai_train"] == with_ledger
    assert with_ledger[0]["says"] == "no"
    ledger_of(data).unlink()
    assert exported(data)["ai_train"] == with_ledger


def test_of_a_web_archive_the_pages_count_and_its_own_robots_txt_does_not(
    crawl: RunCrawl, tmp_path: Path
) -> None:
    old = gone(tmp_path / "old", articles=20, days=2, ai_pages="noai-meta")
    with WaybackMachine(old.files) as machine:
        done = backfill(crawl, old.site, machine, max_articles=3)
    assert done.code == 0, done.err[-2000:]
    ((day, place, words, says, answers),) = rows(done.data)
    # The day of the captures, not that of the backfill.
    assert (day, place, words, says) == ("2025-06-16", "meta", "robots=index, noai", "no")
    assert answers >= 3
    manifest = exported(done.data)
    assert manifest["ai_train_rows"]["no"] == manifest["rows"] == 3


def test_a_folder_in_which_nobody_read_it_says_so(tmp_path: Path) -> None:
    store(tmp_path, [record(1), record(2)])
    version = made(tmp_path, formats=("jsonl",), require_ai_train=True)
    assert version.manifest["ai_train"] == []
    assert version.manifest["ai_train_rows"]["not read"] == 2
    assert "Nobody read it" in (version.version / "METHODS.md").read_text("utf-8")
