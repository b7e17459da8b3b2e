"""The stand-ins of archives answer as is documented, and see who asks too much."""

from __future__ import annotations

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from socket import create_connection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

import pytest

from observer_crawler.warc import Captures, Exchange
from tests.archive_server import Gate
from tests.archives import (
    BROKEN,
    Limits,
    WaybackMachine,
    challenge,
    cut,
    empty,
    other_content,
    redirect_to,
    without_date,
)
from tests.captures import warc_files
from tests.pywb import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.archive_server import Archive

SITE = "https://www.paper.example"
OLD, NEW = "20240102030405", "20250102030405"
MOMENTS = {OLD: "2024-01-02T03:04:05.123456+00:00", NEW: "2025-01-02T03:04:05.900000+00:00"}
PAGE = b"<html>\xff caf\xe9</html>" * 50
PACKED = gzip.compress(PAGE, mtime=0)
HTML, GZIP = ("Content-Type", "text/html"), ("Content-Encoding", "gzip")
HEADER = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
# A penalty that the next request of a test meets, and one that it waits for.
STRICT = Limits(penalty_seconds=30, block_seconds=0.3)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    kept = Captures(tmp_path, "test", {"software": "test"}, 1e9, is_on=True)

    def keep(
        path: str, body: bytes, at: str = OLD, status: int = 200, *more: tuple[str, str]
    ) -> None:
        answered = (HTML, *more, ("Content-Length", str(len(body))))
        kept.keep(
            Exchange(f"{SITE}{path}", MOMENTS[at], "GET", (), status, "HTTP/1.1", answered, body)
        )

    keep("/news/1", PAGE)
    keep("/news/1", PAGE, NEW)
    keep("/news/2", PACKED, OLD, 200, GZIP)
    keep("/news/3", b"", OLD, 301, ("Location", f"{SITE}/news/1"))
    keep("/news/4", b"gone", OLD, 404)
    keep("/news.php?id=5&a=b%20c", PAGE + b"5", NEW)
    kept.close()
    return warc_files(tmp_path)


@pytest.fixture
def machine(files: list[Path]) -> Iterator[WaybackMachine]:
    with WaybackMachine(files) as running:
        yield running


def rows(machine: WaybackMachine, **parameters: str) -> Any:  # noqa: ANN401 (whatever it says)
    usual = {"url": "paper.example/", "matchType": "prefix", "output": "json"}
    named = {name.rstrip("_"): value for name, value in parameters.items()}
    return json.loads(ask(f"{machine.cdx}?{urlencode({**usual, **named})}").body)


def places(machine: WaybackMachine, **parameters: str) -> list[str]:
    """Name each line in short: path and year."""
    return [f"{row[0].partition(')')[2]} {row[1][:4]}" for row in rows(machine, **parameters)[1:]]


ALL = [
    *("/news.php?a=b%20c&id=5 2025", "/news/1 2024", "/news/1 2025", "/news/2 2024"),
    *("/news/3 2024", "/news/4 2024"),
]


def test_the_index_is_an_array_with_its_names_first(machine: WaybackMachine) -> None:
    assert rows(machine)[0] == HEADER
    assert places(machine) == ALL
    first = rows(machine)[2]
    assert first[:5] == [
        *("example,paper)/news/1", OLD, f"{SITE}/news/1", "text/html", "200"),
    ]
    assert rows(machine)[3][3:5] == ["warc/revisit", "-"]
    assert rows(machine, url="elsewhere.example/") == []
    text = ask(f"{machine.cdx}?url=paper.example/news/3").body.decode()
    assert text.startswith(f"example,paper)/news/3 {OLD} {SITE}/news/3 text/html 301 ")


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"from_": "2025"}, [ALL[0], ALL[2]]),
        ({"to": "20240102030405"}, ALL[1:2] + ALL[3:]),
        ({"filter": "statuscode:200"}, [ALL[0], ALL[1], ALL[3]]),
        ({"filter": "!statuscode:[23].*"}, [ALL[2], ALL[5]]),
        ({"filter": "original:paper"}, []),
        ({"limit": "2"}, ALL[:2]),
        ({"limit": "-1"}, ALL[-1:]),
        ({"offset": "1", "limit": "1"}, ALL[1:2]),
        ({"collapse": "urlkey"}, [*ALL[:2], *ALL[3:]]),
        ({"collapse": "timestamp:4", "url": "paper.example/news/"}, [*ALL[1:4]]),
        ({"url": "paper.example/news", "matchType": ""}, []),
        ({"url": "paper.example/news/*", "matchType": ""}, ALL[1:]),
        ({"url": "*.example", "matchType": ""}, ALL),
        ({"url": "http://paper.example/x", "matchType": "host"}, ALL),
        ({"url": "paper.example/news.php?id=", "matchType": "prefix"}, []),
        ({"url": "paper.example/news.php?"}, ALL[:1]),
    ],
    ids=str,
)
def test_a_query_takes_dates_filters_limits_and_ranges(
    machine: WaybackMachine, parameters: Mapping[str, str], found: list[str]
) -> None:
    assert places(machine, **parameters) == found


def test_filters_are_joined_and_fields_chosen(machine: WaybackMachine) -> None:
    query = "matchType=host&filter=statuscode:200&filter=mimetype:text/html&fl=original,length"
    told = ask(f"{machine.cdx}?url=paper.example&output=json&{query}")
    names, *found = json.loads(told.body)
    assert names == ["original", "length"]
    assert len(found) == 3


@pytest.mark.parametrize("encode", [str, quote_plus])
def test_a_resume_key_leads_through_all_lines(machine: WaybackMachine, encode: Any) -> None:  # noqa: ANN401
    """It is printed encoded; a client may encode it once more."""
    asked = f"{machine.cdx}?url=paper.example&matchType=host&limit=2&showResumeKey=true"
    found, more = [], ""
    while True:
        told = json.loads(ask(f"{asked}&output=json{more}").body)
        if told[-2] != []:
            break
        found += told[1:-2]
        more = f"&resumeKey={encode(told[-1][0])}"
    assert [*found, *told[1:]] == rows(machine)[1:]
    *lines, blank, key = ask(asked).body.decode().splitlines()
    assert (len(lines), blank, key) == (2, "", f"example%2Cpaper%29%2Fnews%2F1+{OLD}%21")


def test_a_capture_comes_with_its_bytes_and_its_date(machine: WaybackMachine) -> None:
    answer = ask(machine.capture(NEW, "http://paper.example/news/1"))
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["memento-datetime"] == "Thu, 02 Jan 2025 03:04:05 GMT"
    assert answer.headers["x-archive-orig-content-length"] == str(len(PAGE))
    assert f'<{SITE}/news/1>; rel="original"' in answer.headers["link"]
    assert answer.headers["content-type"] == "text/html"


@pytest.mark.parametrize(
    ("encoding", "told", "body"),
    [("header", ["gzip"], PACKED), ("bare", None, PACKED), ("unpacked", None, PAGE)],
)
def test_a_packed_page_comes_in_the_form_that_is_wanted(
    files: list[Path], encoding: str, told: list[str] | None, body: bytes
) -> None:
    with WaybackMachine(files, encoding=encoding) as machine:
        answer = ask(machine.capture(OLD, f"{SITE}/news/2"))
    assert answer.body == body
    assert answer.headers.get("content-encoding") == (told[0] if told else None)
    assert answer.headers["x-archive-orig-content-encoding"] == "gzip"


@pytest.mark.parametrize("stamp", ["20240301", "2024", "20240102030406"])
def test_another_moment_is_led_to_the_nearest_capture(machine: WaybackMachine, stamp: str) -> None:
    answer = ask(machine.capture(stamp, f"{SITE}/news/1"))
    assert answer.status == 302
    nearest = NEW if stamp == "2024" else OLD
    assert answer.headers["location"] == machine.capture(nearest, f"{SITE}/news/1")
    assert "memento-datetime" not in answer.headers


def test_what_was_no_page_keeps_its_status(machine: WaybackMachine) -> None:
    moved = ask(machine.capture(OLD, f"{SITE}/news/3"))
    assert (moved.status, moved.headers["location"]) == (
        301,
        machine.capture(OLD, f"{SITE}/news/1"),
    )
    assert moved.headers["x-archive-orig-location"] == f"{SITE}/news/1"
    gone = ask(machine.capture(OLD, f"{SITE}/news/4"))
    assert (gone.status, gone.body, "memento-datetime" in gone.headers) == (404, b"gone", True)
    unknown = ask(machine.capture(OLD, f"{SITE}/news/99"))
    assert (unknown.status, "memento-datetime" in unknown.headers) == (404, False)


def test_a_packed_page_may_say_so_twice_and_differently(files: list[Path]) -> None:
    with WaybackMachine(files, encoding="doubled") as machine:
        connection = HTTPConnection("127.0.0.1", machine.port)
        connection.request("GET", f"/web/{OLD}id_/{SITE}/news/2")
        told = connection.getresponse().headers.get_all("content-encoding")
        connection.close()
    assert told == ["", "gzip"]


def test_a_minute_passes_and_so_does_a_penalty() -> None:
    gate = Gate(Limits(cdx_per_minute=2, minute_seconds=60, penalty_seconds=3900))
    assert [gate.judge("cdx", now, 1) for now in (0.0, 1.0, 61.0, 62.0)] == [0, 0, 0, 0]
    assert gate.judge("cdx", 63.0, 1) == 429
    gate.refused(63.0)
    assert gate.judge("other", 3963.0, 1) == 0
    assert gate.triggered == 0


def test_too_many_queries_in_a_minute_are_refused(files: list[Path]) -> None:
    with WaybackMachine(files, Limits(cdx_per_minute=3, minute_seconds=30)) as machine:
        asked = [ask(f"{machine.cdx}?url=paper.example").status for _ in range(4)]
    assert asked == [200, 200, 200, 429]
    assert [each.status for each in machine.asked("cdx")] == asked
    assert machine.triggered == 0


def test_captures_in_a_hurry_are_refused(files: list[Path]) -> None:
    with WaybackMachine(files, Limits(capture_seconds=30)) as machine:
        asked = [ask(machine.capture(OLD, f"{SITE}/news/1")).status for _ in range(2)]
    assert asked == [200, 429]


def test_two_at_once_are_refused(files: list[Path]) -> None:
    with WaybackMachine(files, Limits(one_at_a_time=True), latency_seconds=0.3) as machine:
        place = machine.capture(OLD, f"{SITE}/news/1")
        with ThreadPoolExecutor(2) as pool:
            asked = sorted(each.status for each in pool.map(ask, [place, place]))
    assert asked == [200, 429]


def test_who_asks_on_after_a_429_is_shut_out_longer_each_time(files: list[Path]) -> None:
    with WaybackMachine(files, STRICT) as machine:
        for times in (1, 2):
            machine.answer_next(429, retry_after="3900")
            assert ask(machine.cdx).headers["retry-after"] == "3900"
            assert shut_out(machine) >= STRICT.block_seconds * times
            assert machine.triggered == times
        assert [each.status for each in machine.log] == [429, 0, 429, 0]
        assert ask(machine.capture(OLD, f"{SITE}/news/1")).status == 200


def shut_out(machine: Archive) -> float:
    """Ask once too early; gives the seconds until a connection is taken again."""
    began = time.monotonic()
    with pytest.raises(ConnectionError):
        ask(machine.url)
    while True:
        try:
            create_connection(("127.0.0.1", machine.port)).close()
        except ConnectionRefusedError:
            time.sleep(0.01)
        else:
            return time.monotonic() - began


def test_it_refuses_connections_for_a_while_and_fails_now_and_then(
    machine: WaybackMachine,
) -> None:
    place = machine.capture(OLD, f"{SITE}/news/1")
    machine.fail_every(3, 502, kind="capture")
    assert [ask(place).status for _ in range(6)] == [200, 200, 502, 200, 200, 502]
    machine.refuse(0.2)
    assert shut_out(machine) >= 0.15


@pytest.mark.parametrize("name", BROKEN)
def test_a_line_of_the_index_may_be_broken(machine: WaybackMachine, name: str) -> None:
    machine.broken = [name]
    told = ask(f"{machine.cdx}?url=paper.example/news/1&output=json").body
    if name == "no JSON":
        with pytest.raises(ValueError, match="delimiter"):
            json.loads(told)
        return
    names, broken, *good = json.loads(told)
    assert (names, len(good)) == (HEADER, 2)
    assert broken not in good


@pytest.mark.parametrize("play", [challenge, other_content, empty, cut])
def test_a_capture_may_hold_something_else(machine: WaybackMachine, play: Any) -> None:  # noqa: ANN401
    machine.plays["/news/2$"] = play
    answer = ask(machine.capture(OLD, f"{SITE}/news/2"))
    assert (answer.status, "memento-datetime" in answer.headers) == (200, True)
    assert answer.body != PACKED
    assert ask(machine.capture(OLD, f"{SITE}/news/1")).body == PAGE


def test_a_capture_may_lead_away_or_be_none(machine: WaybackMachine) -> None:
    machine.plays["/news/1$"] = redirect_to("https://elsewhere.example/")
    machine.plays["/news/2$"] = without_date
    away = ask(machine.capture(OLD, f"{SITE}/news/1"))
    assert (away.status, away.headers["location"]) == (302, "https://elsewhere.example/")
    assert "memento-datetime" not in ask(machine.capture(OLD, f"{SITE}/news/2")).headers
