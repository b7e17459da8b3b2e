"""WARC files from anywhere: whole records are read, and what is none is named, never raised."""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from dataclasses import replace
from gzip import compress, decompress
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler.exceptions import ConfigurationError
from observer_crawler.items import Capture
from observer_crawler.warc import (
    Captures,
    Damage,
    Record,
    begins_at,
    joined,
    record_at,
    records,
    unpacked,
)
from observer_crawler.warc.members import members
from observer_crawler.wire import response_of
from tests.test_capture import exchange

HTML = b"<p>a page</p>" * 50


def packed(data: bytes) -> bytes:
    """Pack bytes, into the same ones each time."""
    return compress(data, mtime=0)


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A file with three answers, their questions, and what it says of itself."""
    kept_by = Captures(tmp_path, "test", {"software": "test"}, 1e9, is_on=True)
    for number in range(3):
        kept_by.keep(exchange(f"http://127.0.0.1/{number}", HTML + b"%d" % number))
    kept_by.close()
    (path,) = (tmp_path / "warc").glob("*.warc.gz")
    return path


def offsets(path: Path) -> list[int]:
    return [each.offset for each in records(path)]


def told(path: Path) -> list[str]:
    """Give the kind of each record, and what is said of each damage."""
    return [each.kind if isinstance(each, Record) else each.why for each in records(path)]


WHOLE = ["warcinfo", *["response", "request"] * 3]


def test_a_file_that_is_cut_off_says_so_at_its_last_byte(three: Path) -> None:
    whole = three.read_bytes()
    for end in range(offsets(three)[-1] + 1, len(whole)):
        three.write_bytes(whole[:end])
        assert told(three) == [*WHOLE[:-1], "is cut off"]


def test_a_changed_byte_costs_one_record_and_is_named(three: Path) -> None:
    start, end = offsets(three)[3:5]
    whole = three.read_bytes()
    for at in range(start, end, 7):
        changed = bytearray(whole)
        changed[at] ^= 0x20
        three.write_bytes(changed)
        kinds = told(three)
        named = [each for each in records(three) if isinstance(each, Damage)]
        # A few bytes of a gzip head (the time, the system) carry nothing.
        assert kinds == WHOLE or (len(named) == 1 and named[0].offset == start), at
        assert [kind for kind in kinds if kind in set(WHOLE)][-3:] == WHOLE[-3:]


def test_noise_between_two_records_is_passed_over_and_named(three: Path) -> None:
    start = offsets(three)[3]
    whole = three.read_bytes()
    three.write_bytes(whole[:start] + b"\x1f\x8b\x08 noise " * 9000 + whole[start:])
    kinds = told(three)
    assert [kind for kind in kinds if kind in set(WHOLE)] == WHOLE
    assert len(kinds) == len(WHOLE) + 1


@pytest.mark.parametrize("lie", [-50, 50, 10**12])
def test_a_record_that_lies_about_its_length_is_named_and_the_next_is_read(
    three: Path, lie: int
) -> None:
    start, end = offsets(three)[3:5]
    whole = three.read_bytes()
    record = zlib.decompress(whole[start:end], 31)
    head, _, block = record.partition(b"\r\n\r\n")
    length = len(block) - 4
    lying = head.replace(b"Length: %d" % length, b"Length: %d" % max(length + lie, 0))
    three.write_bytes(whole[:start] + packed(lying + b"\r\n\r\n" + block) + whole[end:])
    kinds = told(three)
    assert f"is no record (says {length + lie:,} bytes, holds {length:,})" in kinds
    assert [kind for kind in kinds if kind in set(WHOLE)] == [*WHOLE[:3], *WHOLE[4:]]


def test_a_bomb_is_named_and_the_next_record_is_read(three: Path) -> None:
    start = offsets(three)[3]
    whole = three.read_bytes()
    bomb = packed(b"WARC/1.1\r\n" + bytes(64 << 20))
    three.write_bytes(whole[:start] + bomb + whole[start:])
    kinds = told(three)
    assert [kind for kind in kinds if kind in set(WHOLE)] == WHOLE
    assert "holds more than 33,554,432 bytes" in kinds


CURE = "`warcio recompress` packs each record by itself"


def test_a_file_that_is_not_packed_is_told_how_to_be(three: Path) -> None:
    three.write_bytes(decompress(three.read_bytes()))
    assert told(three) == [f"is not packed: {CURE}"]


@pytest.mark.parametrize("page", [0, 40_000_000])
def test_a_file_packed_as_a_whole_is_told_how_to_be(three: Path, page: int) -> None:
    more = b"WARC/1.1\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (page, bytes(page))
    three.write_bytes(packed(decompress(three.read_bytes()) + more))
    (why,) = told(three)
    assert why.removesuffix(")").endswith(f", more than one record: {CURE}")


def test_what_others_pack_again_is_read(three: Path, tmp_path: Path) -> None:
    """The tool that is told of."""
    three.write_bytes(packed(decompress(three.read_bytes())))
    tool = Path(sys.executable).with_name("warcio")
    subprocess.run([tool, "recompress", three, tmp_path / "new.warc.gz"], check=True)
    assert told(tmp_path / "new.warc.gz") == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no record",
        b"WARC/1.1\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: x\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nContent-Length: 0\r\nContent-Length: 999999999999999\r\n\r\n\r\n\r\n",
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 1\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    ],
)
def test_what_is_packed_and_no_record_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(packed(data))
    (found,) = records(path)
    assert isinstance(found, Damage)
    assert found.why.startswith("is no record (")


def test_a_record_is_read_at_its_place(three: Path) -> None:
    for each in records(three):
        assert record_at(three, each.offset) == each
    between = record_at(three, offsets(three)[2] + 5)
    assert isinstance(between, Damage)


@given(st.data())
def test_no_bytes_raise_and_every_byte_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = packed(b"WARC/1.1\r\nWARC-Type: resource\r\n\r\n") * 2
    mutated = bytearray(whole + data.draw(st.binary(max_size=60)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        mutated[at : at + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    path = tmp_path_factory.mktemp("odd") / "odd.warc.gz"
    path.write_bytes(mutated)
    with path.open("rb") as file:
        found = list(members(file, 1000))
    assert [each.offset for each in found] == [0, *(each.end for each in found)][: len(found)]
    assert not found or found[-1].end == len(mutated)
    list(records(path))


@given(st.data())
def test_no_record_with_changed_bytes_raises_or_ends_the_process(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    record = bytearray(
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2026-11-26T14:26:49Z\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: 41\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\nbody\r\n\r\n"
    )
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(record) - 1))
        record[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path_factory.mktemp("odd") / "odd.warc.gz"
    path.write_bytes(packed(bytes(record)))
    assert len(list(records(path))) == 1


def from_elsewhere(path: Path, names: str, http: bytes) -> Record:
    """Read the record of an answer that another tool wrote; `names` are its headers' own."""
    kind, date, content, length = names.encode().split()
    path.write_bytes(
        packed(
            b"WARC/1.0\r\n%s: response\r\n%s: 2026-11-26T14:26:49Z\r\n"
            b"%s: application/http; msgtype=response\r\n%s: %d\r\n\r\n%s\r\n\r\n"
            % (kind, date, content, length, len(http), http)
        )
    )
    (found,) = records(path)
    assert isinstance(found, Record)
    return found


USUAL = "WARC-Type WARC-Date Content-Type Content-Length"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\nContent-Type: text/html\nX: y\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\nX: y\n\n",
        b"HTTP/1.1 200 OK\nContent-Type: text/html\r\nX: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX: y\r\n\r\n",
    ],
)
@pytest.mark.parametrize("body", [b"", b"one\n\ntwo\r\n\r\nthree"])
def test_a_head_whose_lines_end_with_lf_alone_is_read(
    tmp_path: Path, head: bytes, body: bytes
) -> None:
    found = from_elsewhere(tmp_path / "elsewhere.warc.gz", USUAL, head + body)
    assert (found.status, found.body) == (200, body)
    assert found.http == (("Content-Type", "text/html"), ("X", "y"))


@pytest.mark.parametrize("names", [USUAL, USUAL.lower(), USUAL.upper()])
def test_the_names_of_a_record_are_read_in_any_case(tmp_path: Path, names: str) -> None:
    http = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\nbody"
    found = from_elsewhere(tmp_path / "elsewhere.warc.gz", names, http)
    assert (found.kind, found.status, found.body) == ("response", 200, b"body")


def body_of(body: bytes, coding: str) -> Record:
    http = (("Content-Encoding", coding),) if coding else ()
    usual: dict[str, Any] = {"file": "f", "offset": 0, "size": 1, "kind": "response", "id": "i"}
    usual |= {"url": "u", "date": "d", "payload_digest": "", "refers_to": "", "status": 200}
    return Record(**usual, http=http, body=body)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (HTML, ""),
        (HTML, "identity"),
        (packed(HTML), "gzip"),
        (packed(HTML[:90]) + packed(HTML[90:]), "x-gzip"),
        (packed(HTML) + b"behind", "GZIP"),
        (zlib.compress(HTML), "deflate"),
        (raw_deflate(HTML), "deflate"),
        (brotli.compress(HTML), "br"),
        (brotli.compress(packed(HTML)), "gzip, br"),
    ],
)
def test_a_body_is_unpacked(body: bytes, coding: str) -> None:
    assert unpacked(body_of(body, coding), 10_000) == HTML


def in_chunks(body: bytes, size: int = 99) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x; a=b\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


@pytest.mark.parametrize(
    ("body", "coding"), [(in_chunks(HTML), ""), (in_chunks(packed(HTML), 9), "gzip"), (HTML, "")]
)
def test_a_body_that_another_tool_kept_in_its_chunks_is_joined(body: bytes, coding: str) -> None:
    record = body_of(body, coding)
    chunked = replace(record, http=(*record.http, ("Transfer-encoding", "Chunked")))
    assert unpacked(chunked, 10_000) == HTML
    assert response_of(replace(chunked, url="http://127.0.0.1/")).body == joined(chunked)
    assert b"a=b" not in joined(chunked)


@pytest.mark.parametrize(
    ("body", "coding", "why"),
    [
        (packed(HTML)[:-9], "gzip", "not whole"),
        (brotli.compress(HTML)[:-3], "br", "cannot be unpacked"),
        (HTML, "gzip", "cannot be unpacked"),
        (packed(HTML)[:10] + bytes([7]) * 60, "gzip", "cannot be unpacked"),
        (HTML, "rot13", "packed as 'rot13'"),
        (packed(bytes(10**6)), "gzip", "larger than 10,000 bytes"),
        (brotli.compress(bytes(10**6)), "br", "larger than 10,000 bytes"),
        (bytes(10**6), "", "larger than 10,000 bytes"),
    ],
)
def test_a_body_that_is_not_whole_or_too_large_is_refused(
    body: bytes, coding: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        unpacked(body_of(body, coding), 10_000)


def with_date(path: Path, date: bytes) -> None:
    """Keep the first record of a file alone, under another date."""
    first = record_at(path, 0)
    assert isinstance(first, Record)
    data = decompress(path.read_bytes()[: first.size])
    lines = [
        b"WARC-Date: " + date if line.startswith(b"WARC-Date") else line
        for line in data.split(b"\r\n")
    ]
    path.write_bytes(packed(b"\r\n".join(lines)))


@pytest.mark.parametrize(
    ("date", "why"),
    [
        (b"9999-12-31T23:59:59-12:00", "date value out of range"),
        (b"9999-12-31T23:59:59Z", "its date is 9999-12-31T23:59:59Z"),
        (b"0001-01-01T00:00:00Z", "its date is 0001-01-01T00:00:00Z"),
    ],
)
def test_a_moment_at_an_end_of_the_calendar_is_damage(three: Path, date: bytes, why: str) -> None:
    """A replay takes it for now, and there is no tomorrow."""
    with_date(three, date)
    assert told(three) == [f"is no record ({why})"]
    with pytest.raises(ConfigurationError, match="there is no record to play: "):
        begins_at([three])


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Dhaka"])
def test_a_date_without_a_zone_is_utc_wherever_the_machine_stands(
    three: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    with_date(three, b"2026-11-26T14:26:49")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert begins_at([three]) == "2026-11-26T14:26:49.000000+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_files_begin_at_their_first_whole_record(three: Path) -> None:
    data = bytearray(three.read_bytes())
    data[40] ^= 255
    second = record_at(three, offsets(three)[1])
    three.write_bytes(data)
    assert isinstance(second, Record)
    assert begins_at([three]) == second.date


def test_a_file_that_cannot_be_read_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        begins_at([tmp_path])


@pytest.mark.parametrize(
    ("file", "offset"), [("..", 0), ("", 0), ("a\0b", 0), ("three", -5), ("three", 10**30)]
)
def test_a_capture_that_cannot_be_read_is_none(
    tmp_path: Path, three: Path, file: str, offset: int
) -> None:
    captures = Captures(tmp_path, "test", {}, 1e9, is_on=True)
    named = Capture(three.name if file == "three" else file, offset, "urn:uuid:1")
    assert captures.read(named) is None
