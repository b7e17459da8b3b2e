"""What pywb makes of our WARC files, and how it answers: the facts that a client rests on.

All of it was read from pywb 2.10.0; a newer one that answers otherwise fails here first.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import pytest

from observer_crawler.warc import Captures, Exchange, index_of, unpacked
from tests import pywb
from tests.captures import responses, warc_files
from tests.pywb import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve
    from tests.pywb import Answer, Archive

SITE = "https://paper.example"
OLD, NEW = "20240102030405", "20250102030405"
MOMENTS = {OLD: "2024-01-02T03:04:05.123456+00:00", NEW: "2025-01-02T03:04:05.900000+00:00"}
OLD_DATE, NEW_DATE = "Tue, 02 Jan 2024 03:04:05 GMT", "Thu, 02 Jan 2025 03:04:05 GMT"
# Bytes of no encoding, and links that other modes of replay would rewrite.
PAGE = b"<html><a href='/news/2'>\xff caf\xe9</a></html>" * 20
HTML, GZIP = ("Content-Type", "text/html"), ("Content-Encoding", "gzip")


def ask_for_ever(url: str) -> None:
    while True:
        ask(url)


def query(archive: Archive, **parameters: str) -> Answer:
    """Ask the index for all of the site's articles, or as the parameters say."""
    usual = {"url": "paper.example/news/", "matchType": "prefix", "output": "json"}
    named = {name.rstrip("_"): value for name, value in parameters.items()}
    return ask(f"{archive.cdx}?{urlencode({**usual, **named})}")


def lines(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.body.splitlines()]


def paths(answer: Answer) -> list[str]:
    """Name each line in short: its path and its year."""
    return [f"{urlsplit(each['url']).path} {each['timestamp'][:4]}" for each in lines(answer)]


ALL = [
    *("/news/1 2024", "/news/1 2025", "/news/2 2024", "/news/2 2025"),
    *("/news/3 2024", "/news/4 2024", "/news/5 2024", "/news/6 2024"),
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Serve a few captures of every kind."""
    folder = tmp_path_factory.mktemp("pywb")
    kept = Captures(folder, "test", {"software": "test"}, 1e9, is_on=True)

    def keep(
        path: str, body: bytes, at: str = OLD, status: int = 200, *more: tuple[str, str]
    ) -> None:
        headers = (HTML, ("ETag", '"1"'), *more, ("Content-Length", str(len(body))))
        asked = (("User-Agent", "test"),)
        moment = MOMENTS[at]
        kept.keep(
            Exchange(f"{SITE}{path}", moment, "GET", asked, status, "HTTP/1.1", headers, body)
        )

    keep("/news/1", PAGE)
    keep("/news/2", gzip.compress(PAGE, mtime=0), OLD, 200, GZIP)
    keep("/news/1", PAGE, NEW)
    keep("/news/2", gzip.compress(PAGE, mtime=0), NEW, 200, GZIP, ("X-Own", "2"))
    keep("/news/3", b"", OLD, 301, ("Location", f"{SITE}/news/1"))
    keep("/news/4", b"gone", OLD, 404)
    keep("/news/5", b"moved to itself", OLD, 302, ("Location", "http://www.paper.example/news/5"))
    keep("/news/6", b"no gzip", OLD, 200, GZIP)
    kept.close()
    with pywb.serving(warc_files(folder), folder / "served") as served:
        yield served


def test_a_crawl_comes_back_from_a_wacz_file_byte_for_byte(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=12, days=3)
    crawl(site=server.url, settings={"OBSERVER_CAPTURE": 1})
    kept = responses(tmp_path / "data")
    packed = wacz(warc_files(tmp_path / "data"), tmp_path / "crawl.wacz")
    with pywb.serving([packed], tmp_path / "served") as served:
        told = query(served, url=f"{server.url}/")
        stamps = {line["url"]: line["timestamp"] for line in lines(told)}
        assert stamps.keys() == {record.url for record in kept}
        for record in kept:
            place = served.capture(stamps[record.url], record.url)
            assert ask(place).body == unpacked(record, 10**7)
            assert ask(place, **{"Accept-Encoding": "gzip"}).body == record.body


def wacz(files: list[Path], path: Path) -> Path:
    """Pack WARC files as a WACZ file: what of its form pywb reads."""
    index = [line for each in files for line in index_of(each).read_text("utf-8").splitlines()]
    with zipfile.ZipFile(path, "w") as out:
        for each in files:
            out.write(each, f"archive/{each.name}")
        out.writestr("indexes/index.cdx.gz", gzip.compress("\n".join(sorted(index)).encode()))
    return path


def test_the_index_answers_an_object_a_line_without_a_header(archive: Archive) -> None:
    """Its names are not those of the Wayback Machine, and digests have no `sha1:` before them."""
    told = query(archive)
    assert told.headers["content-type"] == "text/x-ndjson"
    assert paths(told) == ALL
    known = {"urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset"}
    assert set(lines(told)[0]) == {*known, "filename", "source", "source-coll", "access"}
    assert lines(told)[0]["url"] == f"{SITE}/news/1"
    assert len(lines(told)[0]["digest"]) == 32


def test_a_revisit_has_no_status_in_the_index(archive: Archive) -> None:
    """So a filter by status or by type leaves it out, though it can be replayed."""
    revisit = lines(query(archive))[1]
    assert (revisit["mime"], "status" in revisit) == ("warc/revisit", False)
    whole = ["/news/1 2024", "/news/2 2024", "/news/6 2024"]
    assert paths(query(archive, filter="statuscode:200")) == whole
    assert paths(query(archive, filter="=status:200")) == whole
    resolved = lines(query(archive, resolveRevisits="true"))[1]
    assert (resolved["mime"], "status" in resolved) == ("text/html", False)


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"from_": "2025"}, ["/news/1 2025", "/news/2 2025"]),
        ({"from_": NEW, "to": NEW}, ["/news/1 2025", "/news/2 2025"]),
        ({"to": "2024", "limit": "2"}, ["/news/1 2024", "/news/2 2024"]),
        ({"limit": "3"}, ALL[:3]),
        ({"filter": "!mime:text/html"}, ["/news/1 2025", "/news/2 2025"]),
        ({"filter": "~status:30."}, ["/news/3 2024", "/news/5 2024"]),
        ({"url": "http://www.paper.example/news/3", "matchType": "exact"}, ["/news/3 2024"]),
        ({"url": "paper.example", "matchType": "host"}, ALL),
        ({"url": "elsewhere.example/"}, []),
    ],
)
def test_the_index_takes_dates_both_inclusive_a_limit_and_filters(
    archive: Archive, parameters: Mapping[str, str], found: list[str]
) -> None:
    told = query(archive, **parameters)
    assert (told.status, paths(told)) == (200, found)


@pytest.mark.parametrize(
    "parameters",
    [
        *({"page": "0"}, {"page": "7", "pageSize": "1"}, {"showNumPages": "true"}),
        *({"showResumeKey": "true"}, {"resumeKey": "a"}, {"offset": "3"}),
        *({"collapse": "digest"}, {"anything": "1"}),
    ],
    ids=str,
)
def test_the_index_knows_no_pages_and_no_resume_key(
    archive: Archive, parameters: Mapping[str, str]
) -> None:
    """Of a plain index (no ZipNum) each page is the whole result: who asks on asks for ever."""
    assert paths(query(archive, **parameters)) == ALL


def test_a_field_that_the_index_does_not_know_is_left_out(archive: Archive) -> None:
    told = query(archive, fl="timestamp,original,statuscode", limit="1")
    assert lines(told) == [{"timestamp": OLD}]


@pytest.mark.parametrize(
    ("parameters", "status"), [({"matchType": "odd"}, 400), ({"output": "xml"}, 400)], ids=str
)
def test_the_index_refuses_with_a_message(
    archive: Archive, parameters: Mapping[str, str], status: int
) -> None:
    told = query(archive, **parameters)
    assert (told.status, list(json.loads(told.body))) == (status, ["message"])


@pytest.mark.parametrize(("stamp", "date"), [(OLD, OLD_DATE), (NEW, NEW_DATE)])
def test_a_page_comes_back_as_it_was_a_revisit_as_what_it_repeats(
    archive: Archive, stamp: str, date: str
) -> None:
    answer = ask(archive.capture(stamp, f"{SITE}/news/1"))
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["memento-datetime"] == date
    assert answer.headers["content-location"] == archive.capture(stamp, f"{SITE}/news/1")
    assert f'<{SITE}/news/1>; rel="original"' in answer.headers["link"]
    assert answer.headers["content-length"] == str(len(PAGE))


def test_a_packed_page_is_unpacked_for_who_does_not_ask_for_it_packed(archive: Archive) -> None:
    """Headers that would lie then are renamed; most others keep their names."""
    answer = ask(archive.capture(NEW, f"{SITE}/news/2"))
    assert answer.body == PAGE
    assert "content-encoding" not in answer.headers
    assert answer.headers["x-archive-orig-content-encoding"] == "gzip"
    assert answer.headers["x-archive-orig-etag"] == '"1"'
    assert answer.headers["x-own"] == "2"


def test_a_packed_page_comes_packed_for_who_asks_so(archive: Archive) -> None:
    answer = ask(archive.capture(OLD, f"{SITE}/news/2"), **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(answer.body) == PAGE
    assert answer.headers["content-encoding"] == "gzip"


def test_a_page_that_only_says_it_is_packed_comes_as_it_is(archive: Archive) -> None:
    assert ask(archive.capture(OLD, f"{SITE}/news/6")).body == b"no gzip"


def test_an_archived_redirect_keeps_its_status_and_its_location(archive: Archive) -> None:
    """The location is the site's own: who follows it leaves the archive."""
    answer = ask(archive.capture(OLD, f"{SITE}/news/3"))
    assert (answer.status, answer.headers["location"]) == (301, f"{SITE}/news/1")
    assert answer.headers["memento-datetime"] == OLD_DATE


def test_an_archived_404_has_a_date_and_an_unknown_address_none(archive: Archive) -> None:
    archived = ask(archive.capture(OLD, f"{SITE}/news/4"))
    assert (archived.status, archived.body) == (404, b"gone")
    assert archived.headers["memento-datetime"] == OLD_DATE
    unknown = ask(archive.capture(OLD, f"{SITE}/news/99"))
    assert (unknown.status, "memento-datetime" in unknown.headers) == (404, False)


def test_a_redirect_to_itself_is_refused(archive: Archive) -> None:
    """From http to https, or to www: the same key of the index."""
    answer = ask(archive.capture(OLD, f"{SITE}/news/5"))
    assert (answer.status, "memento-datetime" in answer.headers) == (400, False)


@pytest.mark.parametrize(
    ("stamp", "date"), [("20240601000000", OLD_DATE), ("2026", NEW_DATE), ("", NEW_DATE)]
)
def test_another_timestamp_gives_the_nearest_capture_without_a_redirect(
    archive: Archive, stamp: str, date: str
) -> None:
    """Only the headers say so: who wants that very capture has to compare."""
    answer = ask(archive.capture(stamp, f"{SITE}/news/1"))
    assert (answer.status, answer.headers["memento-datetime"]) == (200, date)


def test_what_cannot_be_set_up_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pywb, "_SET_UP", ("sh", "-c", "echo no route to the registry >&2; exit 1"))
    with pytest.raises(
        pytest.fail.Exception, match=r"^pywb cannot be set up \(no route"
    ) as failed:
        pywb.set_up()
    assert "\n" not in str(failed.value)


def test_a_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(PAGE)
    with (
        pytest.raises(pytest.fail.Exception, match=r"page\.html"),
        pywb.serving([tmp_path / "page.html"], tmp_path / "served"),
    ):
        pass


def test_nothing_is_left_when_the_block_ends(archive: Archive, tmp_path: Path) -> None:
    with pywb.serving([], tmp_path / "served") as served:
        assert ask(f"{served.cdx}?url=paper.example").status == 200
    with pytest.raises(ConnectionRefusedError):
        ask(served.cdx)
    assert ask(f"{archive.cdx}?url=paper.example").status == 200


def test_the_server_ends_with_a_test_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import pathlib, signal, tests.pywb\n"
        f"with tests.pywb.serving([], pathlib.Path({str(tmp_path / 'served')!r})) as served:\n"
        "    print(served.cdx, flush=True)\n"
        "    signal.pause()\n"
    )
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, cwd=pywb.ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        cdx = killed.stdout.readline().strip()
        assert ask(f"{cdx}?url=paper.example").status == 200
        killed.kill()
    with pytest.raises(ConnectionError):
        ask_for_ever(cdx)  # until it has seen the end of the pipe
