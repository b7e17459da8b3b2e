"""WARC files and their indexes: whole records, or damage by name, and nothing else.

A case of `warc` is a file as it lies on the disk; one of `cdxj` the index beside a sound one.
"""

from __future__ import annotations

import gzip
import json
import zlib
from functools import cache
from typing import TYPE_CHECKING

import brotli

from observer_crawler.archives import answers
from observer_crawler.warc import (
    ANSWERS,
    Damage,
    Record,
    answers_of,
    digest,
    heads,
    info_of,
    line_of,
    record_at,
    record_in,
    records,
    unpacked,
)
from tests.fuzz.files import folder, json_mutated, placed
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

_MOST = 1_000_000
_URL = "https://www.observerbd.com/news/370580"
_DATE = "2022-06-16T12:00:00.123456Z"


def _record(kind: str, block: bytes, **more: str) -> bytes:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{kind}>",
        "WARC-Date": _DATE,
        "WARC-Target-URI": _URL,
        **named,
        "Content-Length": str(len(block)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return b"WARC/1.1\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def _answer(body: bytes, *headers: str) -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *headers])
    return head.encode() + b"\r\n\r\n" + body


_PAGE = b"<html><body><h1>A boat</h1><div id=f>One. Two.</div></body></html>"
_CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(_PAGE), _PAGE)
_KINDS = (
    _record("warcinfo", b"software: x\r\nformat: WARC File Format 1.1\r\n"),
    _record("request", b"GET /news/370580 HTTP/1.1\r\nHost: www.observerbd.com\r\n\r\n"),
    _record("response", _answer(_PAGE), WARC_Payload_Digest=digest(_PAGE)),
    _record("response", _answer(gzip.compress(_PAGE, mtime=0), "Content-Encoding: gzip")),
    _record("response", _answer(brotli.compress(_PAGE), "Content-Encoding: br")),
    _record("response", _answer(zlib.compress(_PAGE), "Content-Encoding: deflate")),
    _record("response", _answer(_CHUNKED, "Transfer-Encoding: chunked")),
    _record("response", _answer(_PAGE).replace(b"\r\n", b"\n")),
    _record(
        "revisit",
        _answer(b""),
        WARC_Refers_To="<urn:uuid:response>",
        WARC_Refers_To_Target_URI=_URL,
        WARC_Refers_To_Date=_DATE,
    ),
    _record("metadata", b"\x00" * 100),
)


def _packed(record: bytes) -> bytes:
    return gzip.compress(record, compresslevel=1, mtime=0)


def make(random: Random) -> bytes:
    """Spoil some records before they are packed, or the file after."""
    chosen = random.choices(_KINDS, k=random.choice((1, 1, 2, 4)))
    way = random.randrange(4)
    if way:
        at = random.randrange(len(chosen))
        chosen[at] = mutated(random, chosen[at], _KINDS, most=2)
        if random.randrange(2):
            chosen[at] = _told_right(chosen[at])
    file = b"".join(map(_packed, chosen))
    return mutated(random, file, (file,), most=2) if way in {0, 1} else file


def _told_right(record: bytes) -> bytes:
    """Give a spoilt record the length that it has: else nothing but the length is ever read."""
    head, end, block = record.partition(b"\r\n\r\n")
    lines = [
        line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")
    ]
    length = b"Content-Length: %d" % max(0, len(block) - 4)
    return b"\r\n".join([*lines, length]) + end + block


def read(case: bytes) -> object:
    """Read a file, and each of its records where it stands."""
    path = placed("case.warc.gz", case)
    path.with_name("case.cdxj").unlink(missing_ok=True)
    found = list(records(path))
    info_of(path)
    record_in(case)
    answers.from_warc(case)
    return path, found, [_body(each) for each in found]


def _body(each: Record | Damage) -> bytes | None:
    if isinstance(each, Damage):
        return None
    try:
        return unpacked(each, _MOST)
    except ValueError as err:
        assert "\n" not in str(err)  # noqa: PT017 (it may also be none)
        return None


def judge(case: bytes, found: object) -> None:
    """Every byte belongs to a record or to damage, and an index holds what its file does."""
    assert isinstance(found, tuple)
    path, all_of_it, bodies = found
    end = 0
    for each in all_of_it:
        last = each.end if isinstance(each, Damage) else each.offset + each.size
        assert each.offset == end < last, f"{each.offset} to {last} after {end}"
        end = last
        if isinstance(each, Damage):
            assert "\n" not in each.why
        else:
            assert record_at(path, each.offset) == each, "another record at the same byte"
    assert end == len(case), "bytes that nobody speaks of"
    assert all(body is None or len(body) <= _MOST for body in bodies)
    told = [each for each in all_of_it if isinstance(each, Record) and each.kind in ANSWERS]
    lines = sorted(map(line_of, told))
    path.with_name("case.cdxj").write_text("".join(lines), "utf-8")
    read_back = [(line, fields) for line, _, fields in answers_of(path)]
    assert [line for line, _ in read_back] == lines
    names = {each.offset for each in heads(path) if not isinstance(each, Damage)}
    assert names == {each.offset for each in told}
    offsets = {int(fields["offset"]) for _, fields in read_back}
    assert offsets == names


@cache
def _sound() -> bytes:
    return b"".join(map(_packed, _KINDS))


@cache
def _index() -> tuple[str, ...]:
    path = placed("seed.warc.gz", _sound())
    found = [each for each in records(path) if isinstance(each, Record)]
    return tuple(line_of(each) for each in found if each.kind in ANSWERS)


def make_index(random: Random) -> bytes:
    """Spoil a line or two of an index, by its fields or by its bytes."""
    lines = [*_index()]
    for _ in range(random.choice((1, 1, 2))):
        at = random.randrange(len(lines))
        if random.randrange(3) and len(parts := lines[at].split(" ", 2)) == 3:
            try:
                told = json.dumps(json_mutated(random, json.loads(parts[2])))
            except ValueError:
                continue
            parts[random.choice((2, 2, 2, 1))] = told
            lines[at] = " ".join(parts).rstrip("\n") + "\n"
    index = "".join(lines).encode("utf-8", "surrogatepass")
    return mutated(random, index, (index,), most=2) if random.randrange(2) else index


def read_index(case: bytes) -> object:
    """Read the index, and the file that it stands beside."""
    path = _with_index(case)
    try:
        told = list(answers_of(path))
    except ValueError as err:
        assert "\n" not in str(err)  # noqa: PT017 (it may also be none)
        told = None
    return told, list(heads(path))


def _with_index(case: bytes) -> Path:
    path = folder() / "sound.warc.gz"
    if not path.exists():
        path.write_bytes(_sound())
    placed("sound.cdxj", case)
    return path


@cache
def _answers() -> frozenset[int]:
    found = records(folder() / "sound.warc.gz")
    return frozenset(each.offset for each in found if _is_answer(each))


def _is_answer(each: Record | Damage) -> bool:
    return isinstance(each, Record) and each.kind in ANSWERS


def judge_index(_case: bytes, found: object) -> None:
    """Where an index is none, the file is read: its answers are found whatever the index says."""
    assert isinstance(found, tuple)
    told, listed = found
    for each in listed:
        if isinstance(each, Damage):
            assert "\n" not in each.why
        else:
            assert isinstance(each.url, str)
            assert isinstance(each.status, int)
            assert each.offset >= 0
    if told is None:
        assert {each.offset for each in listed if not isinstance(each, Damage)} == _answers()


TARGETS = (
    Target("warc", 20_000, make, read, judge),
    Target("cdxj", 15_000, make_index, read_index, judge_index),
)
