"""A data folder is sound, or what is wrong with it is named; and looking changes nothing."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.settings import DOWNLOAD_MAXSIZE
from observer_crawler.verify import CaptureCheck, Findings, Sample, verify
from observer_crawler.warc import Captures, Record, index_of, record_at
from tests.balance import ledger_of, written
from tests.captures import warc_files
from tests.reading_again import RAISED, crawled_in, newest, reextract, run, sorted_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.conftest import Serve, StartCrawl


@pytest.fixture
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def copy(crawled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(crawled, tmp_path / "data")


def looked(
    data: Path, most: int | None = None, folders: Sequence[Path] = ()
) -> tuple[list[str], Findings]:
    """Verify in this process; gives what was said."""
    said: list[str] = []
    findings = Findings(said.append)
    check = CaptureCheck(data, folders, DOWNLOAD_MAXSIZE, findings)
    verify(data, findings, Sample(most, 1), check)
    return said, findings


def wrong(data: Path, most: int | None = None) -> list[str]:
    return [line.removeprefix("WRONG ") for line in looked(data, most)[0] if line[:5] == "WRONG"]


def every_byte(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What stands in a folder, with the moments of its last change."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


# A sound folder ------------------------------------------------------------------------------


def test_each_capture_reads_as_its_line_and_no_byte_changes(copy: Path) -> None:
    before = every_byte(copy)
    done = run(copy, "verify")
    lines = len(sorted_lines(copy))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    table = {line[:28].strip(): line[28:] for line in done.stdout.splitlines()}
    assert table["captures read"] == table["lines read the same"] == f"{lines:,}"
    assert table["wrong"] == "0"
    assert every_byte(copy) == before


def test_a_sample_reads_so_many_captures_and_the_same_ones_each_time(copy: Path) -> None:
    findings = looked(copy, 5)[1]
    assert findings.counts["captures read"] == findings.counts["lines read the same"] == 5
    assert findings.wrong == 0


def test_a_folder_that_was_read_again_is_sound(copy: Path) -> None:
    reextract(copy, env=RAISED)
    said, findings = looked(copy)
    assert said == []
    assert findings.counts["lines of another extractor"] == len(sorted_lines(copy)) // 2


def test_a_folder_read_from_captures_elsewhere_is_told_where(
    crawled: Path, tmp_path: Path
) -> None:
    data = tmp_path / "new"
    reextract(data, str(crawled / "warc"))
    said, findings = looked(data, folders=[crawled / "warc"])
    assert findings.wrong == 0
    assert [line[:5] for line in said] == ["note "]


def test_a_running_crawl_is_looked_at_and_not_disturbed(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    server = replica(articles=300, days=3, plain=True, robots="none")
    settings = {"OBSERVER_CAPTURE": 1, "DOWNLOAD_DELAY": 0.02}
    running = start_crawl(site=server.url, sections="all", settings=settings)
    running.until(lambda: len(server.log) > 40)
    for most in (None, 3):
        assert wrong(tmp_path / "data", most) == []
    assert running.process.poll() is None
    running.process.kill()
    running.wait()
    before = every_byte(tmp_path / "data")
    found = wrong(tmp_path / "data")
    assert any("was left open: the next start closes it" in line for line in found)
    assert every_byte(tmp_path / "data") == before


def test_a_torn_line_is_no_error_while_a_crawl_may_be_writing_it(copy: Path) -> None:
    segment = next((copy / "articles").glob("*/*.jsonl"))
    with segment.open("ab") as file:
        file.write(b'{"id":"b:1"')
    with lock.locked(copy):
        assert wrong(copy, 0) == []
    assert len(wrong(copy, 0)) == 1
    assert "a torn last line" in wrong(copy, 0)[0]


# A folder that is not sound ------------------------------------------------------------------


def flip(path: Path, offset: int, bit: int = 1) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= bit
    path.write_bytes(data)


@pytest.mark.parametrize("number", range(16, 40))
def test_one_flipped_byte_of_a_line_is_found(copy: Path, number: int) -> None:
    lines = list(written(copy))
    line = Random(number).choice(lines)
    at = line.offset + Random(number).randrange(line.size - 1)
    flip(copy / line.file, at)
    assert wrong(copy), (copy / line.file).read_bytes()[at - 30 : at + 30]


@pytest.mark.parametrize("number", range(10))
def test_one_flipped_byte_of_a_warc_file_is_found(copy: Path, number: int) -> None:
    chance = Random(number)
    path = chance.choice(warc_files(copy))
    flip(path, chance.randrange(path.stat().st_size))
    assert f"warc/{path.name} is not what SHA256SUMS says: it has changed" in wrong(copy, 0)


def test_one_flipped_byte_of_a_captured_body_is_named_with_its_line(copy: Path) -> None:
    place = next(iter(newest(copy).values()))["capture"]
    path = copy / "warc" / place["file"]
    record = record_at(path, place["offset"])
    assert isinstance(record, Record)
    flip(path, record.offset + record.size // 2)
    found = wrong(copy)
    assert any("its capture, record " in line and "cannot be unpacked" in line for line in found)
    assert any(line.startswith(f"warc/{path.name}, byte {record.offset}: ") for line in found)


@pytest.mark.parametrize(
    "column",
    [
        "content_sha256",
        "revision",
        "fetched_at",
        "file",
        "offset",
        "section",
        "extractor",
        "filled",
    ],
)
def test_a_changed_value_of_a_line_in_the_ledger_is_found(copy: Path, column: str) -> None:
    newest_row = "WHERE address = (SELECT max(address) FROM line)"
    change(copy, f"UPDATE line SET {column} = {column} || '1' {newest_row}")  # noqa: S608
    assert any(line.startswith("the ledger: ") for line in wrong(copy, 0))


def change(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(ledger_of(data))) as ledger:
        ledger.execute(statement)
        ledger.commit()


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE address SET state = 'waiting' WHERE name = '{}'", None),
        ("UPDATE address SET state = 'missing' WHERE name = '{}'", "{} has a line and is missing"),
        ("UPDATE address SET state = 'storee' WHERE name = '{}'", "{} has the state 'storee'"),
        ("UPDATE address SET name = 'b:9' WHERE name = '{}'", "b:9 is stored and has no line"),
        ("DELETE FROM line WHERE address = (SELECT max(address) FROM line)", None),
        ("UPDATE address SET url = url || '1' WHERE name = '{}'", "{} (article) has the address"),
    ],
)
def test_an_address_that_is_not_what_the_segments_say_is_found(
    copy: Path, statement: str, expected: str | None
) -> None:
    name = next(iter(newest(copy)))
    change(copy, statement.format(name))
    said = looked(copy, 0)[0]
    text = expected.format(name) if expected else ""
    assert said
    assert any(text in line for line in said)


@pytest.mark.parametrize("number", range(6))
def test_a_flipped_byte_of_a_sum_in_the_ledgers_file_is_found(copy: Path, number: int) -> None:
    line = Random(number).choice(list(newest(copy).values()))
    at = ledger_of(copy).read_bytes().index(line["content_sha256"].encode())
    flip(ledger_of(copy), at + number)
    assert any("content_sha256 of " in found for found in wrong(copy, 0))


def test_a_ledger_that_is_no_database_any_more_is_named(copy: Path) -> None:
    flip(ledger_of(copy), 3)
    assert any("is broken" in line for line in wrong(copy, 0))


def test_a_folder_without_a_ledger_is_only_remarked(copy: Path) -> None:
    ledger_of(copy).unlink()
    assert looked(copy, 0)[0] == [
        "note  there is no ledger: the next crawl makes it anew from the segments"
    ]


# WARC files that are not where they were -----------------------------------------------------


def test_a_renamed_file_is_resolved_by_the_ids_of_its_records(copy: Path) -> None:
    path = warc_files(copy)[0]
    index_of(path).rename(index_of(path).with_name("other.cdxj"))
    path.rename(path.with_name("other.warc.gz"))
    said, findings = looked(copy)
    assert said == [f"note  warc/other.warc.gz was warc/{path.name} when it was closed"]
    assert findings.counts["captures found elsewhere"] > 40
    assert findings.counts["lines read the same"] == len(sorted_lines(copy))


@pytest.mark.parametrize("with_index", [True, False])
def test_a_file_that_was_moved_below_is_resolved(copy: Path, *, with_index: bool) -> None:
    path = warc_files(copy)[0]
    below = path.parent / "2025"
    below.mkdir()
    path.rename(below / path.name)
    if with_index:
        index_of(path).rename(below / index_of(path).name)
    said, findings = looked(copy)
    assert findings.counts["lines read the same"] == len(sorted_lines(copy))
    found = [line for line in said if line.startswith("WRONG")]
    assert bool(found) is not with_index
    assert all("index" in line for line in found)


def test_a_deleted_file_is_named_with_some_of_its_captures(copy: Path) -> None:
    path = warc_files(copy)[0]
    path.unlink()
    said, findings = looked(copy)
    assert f"WRONG warc/{path.name} is in SHA256SUMS and nowhere" in said
    assert sum("is nowhere" in line and "its capture" in line for line in said) == 10
    assert any(line.endswith(f"captures of {path.name} are nowhere, 10 named") for line in said)
    assert findings.wrong > 40


def test_a_deleted_index_is_named_and_captures_are_still_read(copy: Path) -> None:
    path = warc_files(copy)[0]
    index_of(path).unlink()
    said, findings = looked(copy)
    assert said == [f"WRONG warc/{path.name} has no index: the next crawl makes it"]
    assert findings.counts["lines read the same"] == len(sorted_lines(copy))


def test_a_list_of_sums_that_cannot_be_read_is_named_once(copy: Path) -> None:
    (copy / "warc" / "SHA256SUMS").unlink()
    (copy / "warc" / "SHA256SUMS").mkdir()
    assert wrong(copy) == ["warc/SHA256SUMS cannot be read: Is a directory"]


def test_an_index_that_lacks_an_answer_is_named(copy: Path) -> None:
    path = index_of(warc_files(copy)[0])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3] + lines[4:]))
    expected = "0 lines that the file has no answer for, 1 answers without a line"
    assert wrong(copy) == [f"warc/{path.name}: {expected}"]


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\x0b", "\u00e9"])
def test_an_address_may_hold_any_end_of_a_line_but_one(copy: Path, end: str) -> None:
    """In a file from elsewhere, that is: ours are asked for percent by percent."""
    path = copy / "warc" / "elsewhere.warc.gz"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-11-26T14:26:49Z\r\n"
        f"WARC-Target-URI: http://127.0.0.1/a{end}b\r\nContent-Length: 19\r\n"
        "Content-Type: application/http; msgtype=response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n"
    )
    path.write_bytes(gzip.compress(head.encode()))
    Captures(copy, "test", {}, 1e9, is_on=True).recover()
    assert wrong(copy) == []


# Against a list ------------------------------------------------------------------------------


def shared(data: Path) -> list[dict[str, Any]]:
    """What a shared list says of a folder."""
    columns = ("id", "url", "published_date", "section", "content_sha256")
    return [{name: line[name] for name in columns} for line in newest(data).values()]


def as_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def as_jsonl(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


@pytest.mark.parametrize("write", [as_csv, as_jsonl])
def test_a_shared_list_is_the_same_changed_gone_or_here(
    crawled: Path, tmp_path: Path, write: Callable[[Path, Sequence[dict[str, Any]]], None]
) -> None:
    rows = shared(crawled)
    rows[3]["content_sha256"] = hashlib.sha256(b"another text").hexdigest()
    rows[4]["id"] = "b:7"
    write(tmp_path / "list", rows)
    done = run(crawled, "verify", "--against", str(tmp_path / "list"))
    assert done.returncode == 3
    assert done.stdout.splitlines() == [
        f"changed  {rows[3]['id']}",
        "gone     b:7",
        f"same     {len(rows) - 2:,} texts of the list stand here",
        "changed  1 articles of the list have another text here",
        "gone     1 articles of the list are not here",
        "more     1 articles here are not in the list",
    ]


def test_a_list_of_what_is_here_exits_with_0(crawled: Path, tmp_path: Path) -> None:
    as_csv(tmp_path / "list.csv", shared(crawled))
    assert run(crawled, "verify", "--against", str(tmp_path / "list.csv")).returncode == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--against", "no-such.csv"], "no-such.csv cannot be read: "),
        (["--sample", "some"], "--sample: expected a whole number from 0 up, got 'some'"),
        (["no-such-folder"], "no such folder: 'no-such-folder'"),
    ],
)
def test_what_was_typed_wrongly_is_said_in_one_line(
    crawled: Path, words: list[str], expected: str
) -> None:
    done = run(crawled, "verify", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_list_without_sums_is_refused(crawled: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("id,title\nb:1,One\n")
    done = run(crawled, "verify", "--against", str(tmp_path / "list.csv"))
    assert "list.csv, line 2: expected id and content_sha256, got " in done.stderr


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "verify")
    assert done.stderr == f"scrapy: nothing was crawled into {tmp_path / 'data'} yet\n"
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
