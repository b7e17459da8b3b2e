"""Captures read again: the same lines as the crawl's, better ones, and never one twice."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.items import EXTRACTOR
from observer_crawler.reextract import pages
from observer_crawler.warc import (
    Captures,
    Damage,
    Exchange,
    Record,
    Shelf,
    index_of,
    record_at,
    records,
)
from tests import crash, otherwise
from tests.balance import assert_balance
from tests.captures import kept, warc_files
from tests.reading_again import (
    DAY_AFTER,
    RAISED,
    SITE,
    TODAY,
    TOMORROW,
    TOMORROW_UTC,
    YESTERDAY,
    crawl_again,
    crawled_in,
    newest,
    reextract,
    run,
    sorted_lines,
    told,
)
from tests.test_crawl import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.replica import Server
    from tests.conftest import Serve


@pytest.fixture
def server(replica: Serve) -> Server:
    return replica(**SITE, views_grow=True)


@pytest.fixture
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def copy(crawled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(crawled, tmp_path / "data")


# The same extractor --------------------------------------------------------------------------


def test_what_was_just_crawled_reads_the_same_and_no_line_is_written(copy: Path) -> None:
    before = told(copy)
    table = reextract(copy)
    lines = sorted_lines(copy)
    assert table["same"].split()[0] == str(len(lines))
    assert int(table["unchanged"].split()[0]) > 0
    assert (table["lines written"], table["damage"]) == ("0", "0")
    assert (told(copy), table["said"]) == (before, "")
    assert not list((copy / "articles").glob("*/*.reextract.jsonl"))


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_empty_folder_gets_the_lines_of_the_crawl_byte_for_byte(
    crawled: Path, tmp_path: Path, workers: str
) -> None:
    data = tmp_path / "new"
    # The files in the wrong order: what was fetched first is still read first.
    files = [str(path) for path in reversed(warc_files(crawled))]
    table = reextract(data, *files, "--workers", workers)
    assert sorted_lines(data) == sorted_lines(crawled)
    assert table["revisions"].split()[0] == "1"
    assert reextract(data, *files)["lines written"] == "0"
    assert sorted_lines(data) == sorted_lines(crawled)


def test_records_are_read_in_the_order_of_their_dates_without_an_index_too(
    crawled: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "moved"
    for number, path in enumerate(reversed(warc_files(crawled))):
        folder.mkdir(exist_ok=True)
        shutil.copy(path, folder / f"{number}.warc.gz")
    reextract(tmp_path / "new", str(folder))
    without = {"capture"}
    assert [_left(line, without) for line in newest(tmp_path / "new").values()] == [
        _left(line, without) for line in newest(crawled).values()
    ]


def _left(line: dict[str, Any], without: set[str]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in without}


def test_a_line_that_the_same_extractor_reads_otherwise_is_said_loudly(copy: Path) -> None:
    env = {otherwise.SHORT: "1"}
    table = reextract(copy, env=env, code=3)
    assert "reads otherwise by the SAME extractor in body, content_sha256" in table["said"]
    assert table["lines written"] == "0"
    assert int(table["not the same"].split()[0]) > 0


# Another extractor ---------------------------------------------------------------------------


def test_a_raised_extractor_reads_each_line_again_and_repeats_its_revision(copy: Path) -> None:
    before = sorted_lines(copy)
    table = reextract(copy, env=RAISED)
    assert table["read again"].split()[0] == str(len(before))
    assert "fields changed" not in table
    lines = [json.loads(line) for line in sorted_lines(copy)]
    old = [_left(line, {"extractor"}) for line in lines if line["extractor"] == EXTRACTOR]
    new = [_left(line, {"extractor"}) for line in lines if line["extractor"] == EXTRACTOR + 1]
    assert old == new
    assert_balance(copy)
    assert {row[4] for row in told(copy)} <= {EXTRACTOR + 1, None}
    assert reextract(copy, env=RAISED)["lines written"] == "0"


def test_the_fields_that_a_better_extractor_changes_are_counted(copy: Path) -> None:
    table = reextract(copy, env=RAISED | {otherwise.SHORT: "1"})
    lines = len(sorted_lines(copy)) // 2
    assert table["fields changed"].startswith("body ")
    assert f"content_sha256 {lines}" in table["fields changed"]
    assert_balance(copy)


@pytest.mark.parametrize("wrong", ["headline", "body"])
def test_a_crawl_with_a_wrong_selector_is_put_right_without_a_request(
    server: Server, tmp_path: Path, wrong: str
) -> None:
    right, data = tmp_path / "right", tmp_path / "data"
    crawl_again(right, server, TODAY)
    crawl_again(data, server, TODAY, env={otherwise.WRONG: wrong})
    assert (wrong == "body") == (not sorted_lines(data))
    before = len(server.log)
    reextract(data, env=RAISED)
    assert len(server.log) == before
    of_the_fetch = {"fetched_at", "views", "capture", "extractor"}
    assert {name: _left(line, of_the_fetch) for name, line in newest(data).items()} == {
        name: _left(line, of_the_fetch) for name, line in newest(right).items()
    }
    assert_balance(data)


@pytest.mark.parametrize("wrong", ["", "body"])
def test_the_visit_of_the_next_day_adds_no_line(
    server: Server, tmp_path: Path, wrong: str
) -> None:
    data = tmp_path / "data"
    crawl_again(data, server, TODAY, env={otherwise.WRONG: wrong})
    reextract(data, env=RAISED)
    lines, before = sorted_lines(data), len(server.log)
    crawl_again(data, server, TOMORROW, env=RAISED)
    visited = [path for path in asked(server)[before:] if path.startswith("/news/")]
    assert visited
    assert sorted_lines(data) == lines
    assert_balance(data)


def test_a_clock_that_went_back_makes_one_line_after_a_re_extraction(
    server: Server, tmp_path: Path
) -> None:
    """The text stored last is not the newest by its date; seen again at the right time, it is."""
    data = tmp_path / "data"
    crawl_again(data, server, TODAY)
    edited = next(line["id"] for line in newest(data).values() if line["body"])
    server.edit(edited)
    crawl_again(data, server, YESTERDAY, revisit="all")
    reextract(data, env=RAISED)
    lines = sorted_lines(data)
    assert {json.loads(line)["revision"] for line in lines} == {1, 2}
    crawl_again(data, server, TOMORROW, env=RAISED, revisit="all")
    (added,) = (json.loads(line) for line in sorted_lines(data) if line not in lines)
    assert (added["id"], added["revision"]) == (edited, 3)
    assert newest(data)[edited]["fetched_at"] == added["fetched_at"]
    lines = sorted_lines(data)
    crawl_again(data, server, DAY_AFTER, env=RAISED, revisit="all")
    assert sorted_lines(data) == lines


def test_a_raised_extractor_that_changes_nothing_makes_no_revision_on_the_next_visit(
    server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    crawl_again(data, server, TODAY)
    crawl_again(data, server, TOMORROW, env=RAISED)
    assert {json.loads(line)["revision"] for line in sorted_lines(data)} == {1}


def test_a_text_that_changed_when_the_extractor_did_is_the_next_revision(
    server: Server, tmp_path: Path
) -> None:
    """What was stored is read again from its capture, so that two sums of one reader compare."""
    data = tmp_path / "data"
    crawl_again(data, server, TODAY)
    before = sorted_lines(data)
    edited = next(line["id"] for line in newest(data).values() if line["body"])
    server.edit(edited)
    crawl_again(data, server, TOMORROW, env=RAISED, revisit="all")
    (line,) = (json.loads(line) for line in sorted_lines(data) if line not in before)
    assert (line["id"], line["revision"], line["extractor"]) == (edited, 2, EXTRACTOR + 1)


def test_an_article_that_cannot_be_read_any_more_is_named(copy: Path) -> None:
    lines = sorted_lines(copy)
    table = reextract(copy, env=RAISED | {otherwise.WRONG: "body"}, code=3)
    assert "gave an article before and gives none now (no_body)" in table["said"]
    assert table["lost"].split()[0] == str(len(lines))
    assert table["not read again"].split()[0] == str(len(lines))
    assert sorted_lines(copy) == lines


def test_what_a_crawl_found_outside_of_its_dates_stays_outside(
    server: Server, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    crawl_again(data, server, TODAY, from_date="2025-06-16")
    lines = sorted_lines(data)
    table = reextract(data, env=RAISED)
    assert "outside of the dates asked for" in table["left alone"]
    assert len(sorted_lines(data)) == 2 * len(lines)
    assert_balance(data)


def test_what_is_excluded_is_left_alone(copy: Path) -> None:
    name = next(iter(newest(copy)))
    (copy / "exclude.txt").write_text(f"{name} 2026-11-01 asked by its author\n")
    table = reextract(copy, env=RAISED)
    assert table["left alone"].startswith("excluded ")
    assert newest(copy)[name]["extractor"] == EXTRACTOR


# Killed, locked, misused ---------------------------------------------------------------------


def test_killed_at_any_write_and_run_again_it_comes_to_the_same_end(
    server: Server, tmp_path: Path
) -> None:
    crawl_again(tmp_path / "calm", server, TODAY, env={otherwise.WRONG: "body"})
    killed = shutil.copytree(tmp_path / "calm", tmp_path / "killed")
    reextract(tmp_path / "calm", env=RAISED)
    points = ("line:half:3", "torn:half:1", "line:after:9", "adopt:before:1", "line:half:9")
    for point in (*points, "adopt:after:2"):
        done = run(killed, "reextract", f"-sOBSERVER_NOW={TODAY}", env=RAISED | {crash.AT: point})
        assert done.returncode == -9, (point, done.returncode, done.stderr)
    reextract(killed, env=RAISED)
    assert sorted_lines(killed) == sorted_lines(tmp_path / "calm")
    assert told(killed) == told(tmp_path / "calm")
    assert_balance(killed)


def test_it_does_not_run_beside_a_crawl(copy: Path) -> None:
    with lock.locked(copy):
        done = run(copy, "reextract")
    assert done.returncode == 1
    assert done.stderr.startswith("scrapy: another crawl (process ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["no-such.warc.gz"], "no such file: 'no-such.warc.gz'"),
        (["--workers", "0"], "--workers: expected 1 to 64, got '0'"),
        ([], "holds no WARC files: name some, or crawl first"),
    ],
)
def test_what_was_typed_wrongly_is_said_in_one_line(
    tmp_path: Path, words: list[str], expected: str
) -> None:
    done = run(tmp_path / "data", "reextract", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


# Bad files -----------------------------------------------------------------------------------


@pytest.fixture
def file(crawled: Path, tmp_path: Path) -> Path:
    """The first file of the crawl alone, without its index."""
    return Path(shutil.copy(warc_files(crawled)[0], tmp_path / "one.warc.gz"))


def _spoil(file: Path, spoil: Callable[[bytes], bytes]) -> str:
    """Change the packed bytes of the third answer; gives the place as it must be named."""
    third = [each for each in kept_of(file) if each.kind == "response"][2]
    data = file.read_bytes()
    end = third.offset + third.size
    member = spoil(data[third.offset : end])
    file.write_bytes(data[: third.offset] + member + data[end:])
    return f"{file}, byte {third.offset}: "


def kept_of(file: Path) -> list[Record]:
    return [each for each in records(file) if isinstance(each, Record)]


def _with_length(member: bytes) -> bytes:
    text = gzip.decompress(member)
    at = text.index(b"Content-Length: ")
    return gzip.compress(text[:at] + b"Content-Length: 9" + text[at + 16 :])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda member: member[: len(member) // 2], ""),
        (_with_length, "is no record (says "),
        (lambda _: gzip.compress(bytes(40_000_000)), "holds more than "),
        (lambda member: bytes(len(member)), "cannot be unpacked"),
        (
            lambda member: member[:300] + bytes([member[300] ^ 1]) + member[301:],
            "cannot be unpacked",
        ),
    ],
    ids=["cut", "length", "bomb", "zeros", "flipped"],
)
def test_a_damaged_record_is_named_and_passed_over(
    file: Path, tmp_path: Path, spoil: Callable[[bytes], bytes], why: str
) -> None:
    reextract(tmp_path / "whole", str(file))
    place = _spoil(file, spoil)
    table = reextract(tmp_path / "new", str(file), code=3)
    assert place + why in table["said"]
    assert int(table["damage"].split()[0]) == 1
    assert len(sorted_lines(tmp_path / "whole")) - len(sorted_lines(tmp_path / "new")) <= 1


def test_a_file_that_ends_in_a_record_is_read_up_to_there(file: Path, tmp_path: Path) -> None:
    last = [each for each in kept_of(file) if each.kind == "response"][-1]
    file.write_bytes(file.read_bytes()[: last.offset + 99])
    table = reextract(tmp_path / "new", str(file), code=3)
    assert f"{file}, byte {last.offset}: is cut off" in table["said"]
    assert int(table["lines written"]) > 40


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [
        ('"url": "http', '"url": 7, "was": "http', "line 3 is none (url is 7)"),
        ('"offset": "', '"offset": "-', "line 3 is none (offset is '-"),
        ('"length": "', '"length": "x', "line 3 is none (length is 'x"),
        ('"record_id": "', '"record_id": "\\ud800', "line 3 is none ("),
        ('{"url', '["url', "line 3 is none ("),
    ],
    ids=["url", "offset", "length", "id", "json"],
)
def test_an_index_with_a_line_that_is_none_is_named_and_the_file_is_read(
    copy: Path, tmp_path: Path, right: str, wrong: str, why: str
) -> None:
    path = warc_files(copy)[0]
    index = index_of(path)
    lines = index.read_text("utf-8").split("\n")
    lines[2] = lines[2].replace(right, wrong)
    index.write_text("\n".join(lines), "utf-8")
    table = reextract(tmp_path / "new", str(path), code=3)
    assert f"{path}, byte 0: {index.name}: {why}" in table["said"]
    assert table["damage"].split()[0] == "1"
    index.unlink()
    assert reextract(tmp_path / "new", str(path))["lines written"] == "0"
    assert int(table["lines written"]) > 40


def test_an_index_of_before_a_file_was_cut_is_not_believed(copy: Path) -> None:
    path = warc_files(copy)[0]
    path.write_bytes(path.read_bytes()[:20_000])
    table = reextract(copy, code=3)
    assert table["damage"].split()[0] == "1"
    assert "is cut off" in table["said"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("plain.warc", "is not packed"),
        ("text.warc.gz", "cannot be unpacked"),
        ("empty.warc.gz", ""),
    ],
)
def test_a_file_that_is_none_of_ours_is_named_and_passed_over(
    file: Path, tmp_path: Path, name: str, why: str
) -> None:
    (tmp_path / "plain.warc").write_bytes(gzip.decompress(file.read_bytes()))
    (tmp_path / "text.warc.gz").write_text("no WARC at all\n" * 100)
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    table = reextract(tmp_path / "new", str(tmp_path / name), code=3 if why else 0)
    assert not why or f"{tmp_path / name}, byte 0: {why}" in table["said"]
    assert table["lines written"] == "0"


def _answer(url: str, body: bytes, *headers: tuple[str, str], second: int = 0) -> Exchange:
    moment = f"2025-06-16T15:00:{second:02}.000000+00:00"
    return Exchange(url, moment, "GET", (), 200, "HTTP/1.1", headers, body)


HTML = ("Content-Type", "text/html")


@pytest.mark.parametrize(
    ("exchange", "row", "text"),
    [
        (_answer("https://example.org/news/1", b"<p>", HTML), "other sites", "1 answers"),
        (
            _answer("{site}/news/1", b"GIF89a", ("Content-Type", "image/gif")),
            "not articles",
            "not_text 1",
        ),
        (_answer("{site}/news/1", b"   ", HTML), "not articles", "empty_answer 1"),
        (_answer("{site}/menu/198", b"<p>", HTML), "other pages", "1 lists"),
        (
            _answer(
                "{site}/news/1",
                gzip.compress(bytes(20_000_000)),
                HTML,
                ("Content-Encoding", "gzip"),
            ),
            "not articles",
            "unreadable_body 1",
        ),
        (
            _answer(
                "{site}/news/1", gzip.compress(b"<p>")[:-6], HTML, ("Content-Encoding", "gzip")
            ),
            "not articles",
            "unreadable_body 1",
        ),
    ],
    ids=["site", "picture", "empty", "list", "bomb", "half"],
)
def test_what_carries_no_article_is_counted_under_its_reason(
    tmp_path: Path, exchange: Exchange, row: str, text: str
) -> None:
    site = "http://127.0.0.1:8000"
    info = {"isPartOf": site, "language": "en"}
    captures = Captures(tmp_path / "old", "test", info, 1e9, is_on=True)
    (tmp_path / "old").mkdir()
    captures.keep(replace(exchange, url=exchange.url.format(site=site)))
    captures.close()
    table = reextract(tmp_path / "new", str(tmp_path / "old"))
    assert table[row].startswith(text)
    assert table["lines written"] == "0"


def test_a_body_that_came_again_is_read_from_the_record_that_holds_it(
    crawled: Path, tmp_path: Path
) -> None:
    """A revisit has its own date; the capture is where the bytes are."""
    line = next(line for line in newest(crawled).values() if line["revision"] == 1)
    held = record_at(crawled / "warc" / line["capture"]["file"], line["capture"]["offset"])
    assert isinstance(held, Record)
    first = Exchange(
        *("", "2025-06-16T15:00:00.000000+00:00", "GET", (), 200, "HTTP/1.1", held.http, held.body)
    )
    url = held.url.replace("/news/", "/news.php?id=")
    site = held.url.partition("/news")[0].partition("/details")[0]
    captures = Captures(tmp_path / "old", "test", {"isPartOf": site}, 1e9, is_on=True)
    (tmp_path / "old").mkdir()
    holder = captures.keep(replace(first, url=site + "/copy/1"))
    captures.keep(replace(first, url=url, fetched_at=TOMORROW_UTC))
    captures.close()
    assert [each.kind for each in kept(tmp_path / "old") if each.status] == ["response", "revisit"]
    reextract(tmp_path / "new", str(tmp_path / "old"))
    (read,) = newest(tmp_path / "new").values()
    assert (read["source_url"], read["fetched_at"]) == (url, TOMORROW_UTC)
    assert read["capture"] == asdict(holder)


def twice(crawled: Path, folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """Write an article's answer and its repetition a day later, whose WARC head `change` changes."""
    line = next(line for line in newest(crawled).values() if line["revision"] == 1)
    held = record_at(crawled / "warc" / line["capture"]["file"], line["capture"]["offset"])
    assert isinstance(held, Record)
    first = Exchange(
        *(held.url, held.date, "GET", (), 200, "HTTP/1.1", held.http, held.body),
    )
    site = held.url.partition("/news")[0].partition("/details")[0]
    folder.mkdir()
    captures = Captures(folder, "test", {"isPartOf": site}, 1e9, is_on=True)
    captures.keep(first)
    captures.keep(replace(first, fetched_at=TOMORROW_UTC))
    captures.close()
    (path,) = warc_files(folder)
    revisit = next(each for each in kept(folder) if each.kind == "revisit")
    data = path.read_bytes()
    end = revisit.offset + revisit.size
    head, middle, block = gzip.decompress(data[revisit.offset : end]).partition(b"\r\n\r\n")
    changed = gzip.compress(change(head) + middle + block)
    path.write_bytes(data[: revisit.offset] + changed + data[end:])
    return path


def without_id(head: bytes) -> bytes:
    """Name what is repeated by address and date, to the second, as most other tools do."""
    head = re.sub(rb"\r\nWARC-Refers-To: [^\r]*", b"", head)
    return re.sub(rb"(Refers-To-Date: [^.\r]*)[.][0-9]*Z", rb"\1Z", head)


def without_name(head: bytes) -> bytes:
    return re.sub(rb"\r\nWARC-Refers-To[^\r]*", b"", head)


def test_a_body_is_found_by_address_and_date_where_no_id_is_said(
    crawled: Path, tmp_path: Path
) -> None:
    path = twice(crawled, tmp_path / "old", without_id)
    table = reextract(tmp_path / "new", str(path))
    assert (table["articles"].split()[0], table["unchanged"].split()[0]) == ("2", "1")
    found = list(pages(path, 10**7))
    assert [each.page.article.fetched_at for each in found] == [  # type: ignore[union-attr]
        each.date for each in kept(tmp_path / "old") if each.kind in {"response", "revisit"}
    ]
    shelf = Shelf([path])
    url = kept(tmp_path / "old")[1].url
    first, second = (shelf.play(url) for _ in range(2))
    shelf.close()
    assert first is not None
    assert second is not None
    assert second.record.kind == "revisit"
    assert (second.record.body, second.capture) == (first.record.body, first.capture)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without_name, "repeats a record that it does not name, which is in none of the files"),
        (
            lambda head: without_id(head).replace(b"Refers-To-Date: 2", b"Refers-To-Date: 3"),
            "repeats http://",
        ),
        (
            lambda head: without_id(head).replace(b"Digest: sha1:", b"Digest: SHA1:"),
            "repeats http://",
        ),
    ],
    ids=["nothing", "date", "digest"],
)
def test_a_body_that_cannot_be_found_is_named(
    crawled: Path, tmp_path: Path, change: Callable[[bytes], bytes], why: str
) -> None:
    path = twice(crawled, tmp_path / "old", change)
    table = reextract(tmp_path / "new", str(path), code=3)
    assert f"{why}" in table["said"]
    assert table["articles"].split()[0] == "1"
    (_, damage) = pages(path, 10**7)
    assert isinstance(damage, Damage)
    assert damage.why.startswith(why.partition(", ")[0])


# scrapy extract ------------------------------------------------------------------------------


def test_extract_prints_a_line_for_each_page_of_a_warc_file(crawled: Path, tmp_path: Path) -> None:
    file = warc_files(crawled)[0]
    done = run(tmp_path, "extract", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    told_ = [json.loads(line) for line in done.stdout.splitlines()]
    articles = {line["id"]: line for line in told_ if "id" in line}
    stored = [json.loads(line) for line in sorted_lines(crawled)]
    for line in stored:
        if line["capture"]["file"] == file.name and line["revision"] == 1:
            assert articles[line["id"]] == line | {"revision": None}
    assert "listing" in {line["kind"] for line in told_ if "kind" in line}


def test_extract_names_what_is_damaged_and_goes_on(file: Path, tmp_path: Path) -> None:
    place = _spoil(file, lambda member: bytes(len(member)))
    done = run(tmp_path, "extract", str(file))
    assert done.returncode == 1
    assert f"scrapy extract: {place}cannot be unpacked" in done.stderr
    assert len(done.stdout.splitlines()) > 40
