"""Read WARC records: whole ones, and by name what is none.

A file may come from anywhere, so nothing here trusts what it says of itself. Damage is given
back beside the records, never raised and never passed over in silence. Must not know Scrapy,
pages or addresses.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import zlib
from base64 import b32encode
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from fastwarc.stream_io import BrotliReader, ZstdReader
from fastwarc.warc import WarcRecord

from observer_crawler.warc.members import Damage, Member, many, member_at, members

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Bytes that one record may unpack to: Scrapy takes 10 MB a page, as received or unpacked.
MOST_BYTES = 32 * 1024 * 1024
_HEAD_END = b"\r\n\r\n"
# Two empty lines end a record.
_TAIL = 4
_GZIP = b"\x1f\x8b"
_LENGTH = re.compile(rb"^\s*content-length\s*:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_NAMES = re.compile(rb"^content-(?:length|type)(?=\s*:)", re.IGNORECASE | re.MULTILINE)
_HTTP = b"HTTP/"
_LINE_END = re.compile(rb"\r?\n")
_HTTP_END = re.compile(rb"\n\r?\n")
# Bytes of a body that are unpacked at once.
_PART = 1 << 16
# Of a record's date: a replay takes it for now, and its days, pauses and revisits need room.
_YEARS = range(1000, 9000)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
# Letters of a date up to its second.
SECOND = 19
# Where a copied record comes from; the name is pywb's.
SOURCE = "WARC-Source-URI"
ANSWERS = frozenset(("response", "revisit"))


@dataclass(slots=True, frozen=True)
class Record:
    """One record. `date` is UTC, ISO 8601 to the microsecond, as `fetched_at` is written.

    Of an answer, `status`, `http` (names as received, repeated ones kept) and `body` (as
    received, still packed) are read; a revisit has no body of its own. The record that holds it
    is named by its id (`refers_to`), by its address and date (`refers_to_url`, `refers_to_date`),
    by both, or not at all. `source` is where a record was copied from: a web archive's address.
    """

    file: str
    offset: int
    size: int
    kind: str
    id: str
    url: str
    date: str
    payload_digest: str
    refers_to: str
    status: int
    http: tuple[tuple[str, str], ...]
    body: bytes
    refers_to_url: str = ""
    refers_to_date: str = ""
    source: str = ""

    @property
    def repeats(self) -> str:
        """Say what record a revisit repeats, for people."""
        by_address = f"{self.refers_to_url} of {self.refers_to_date}"
        return self.refers_to or (
            by_address if self.refers_to_url else "a record that it does not name"
        )

    def header(self, name: str) -> str | None:
        """Give the first value of a header of the answer."""
        return next((value for key, value in self.http if key.lower() == name), None)


def records(path: Path, start: int = 0) -> Iterator[Record | Damage]:
    """Give each record of a packed file from a byte on. Raises OSError."""
    with path.open("rb") as file:
        for member in members(file, MOST_BYTES, start):
            yield member if isinstance(member, Damage) else _read(path.name, member)


def record_at(path: Path, offset: int) -> Record | Damage:
    """Give the record that begins at a byte. Raises OSError."""
    with path.open("rb") as file:
        member = member_at(file, offset, MOST_BYTES)
    return member if isinstance(member, Damage) else _read(path.name, member)


def record_in(packed: bytes) -> Record | Damage:
    """Give the record that some bytes are, packed by itself."""
    member = member_at(BytesIO(packed), 0, MOST_BYTES)
    return member if isinstance(member, Damage) else _read("", member)


def with_body(answer: Record, holder: Record) -> Record:
    """Give an answer with the body that another record holds, as a revisit has none."""
    return answer if holder is answer else replace(answer, body=holder.body)


def holds(holder: Record, revisit: Record) -> bool:
    """Whether a record is the one that a revisit names by address and date alone.

    Dates are compared to the second, which is all that WARC 1.0 has, and digests where both are
    written alike.
    """
    told, other = revisit.payload_digest, holder.payload_digest
    return (
        holder.kind == "response"
        and (holder.url, holder.date[:SECOND])
        == (revisit.refers_to_url, revisit.refers_to_date[:SECOND])
        and (told == other or len(told) != len(other))
    )


def _read(file: str, member: Member) -> Record | Damage:
    try:
        _check_length(member.data)
        record = WarcRecord.from_bytes(_as_usual(member.data))
        headers = {name.lower(): value for name, value in record.headers.to_tuples()}
        kind = headers["warc-type"]
        if kind in ANSWERS:
            record.parse_http(strict_mode=False)
        return _record(file, member, headers, record)
    except (OSError, KeyError, ValueError, OverflowError) as err:
        return Damage(member.offset, member.end, f"is no record ({_words(err)})")


def _record(
    file: str, member: Member, headers: Mapping[str, str], record: WarcRecord
) -> Record | Damage:
    is_answer = record.is_http_parsed
    return Record(
        file=file,
        offset=member.offset,
        size=member.end - member.offset,
        kind=headers["warc-type"],
        id=headers.get("warc-record-id", "").strip("<>"),
        url=headers.get("warc-target-uri", "").strip("<>"),
        date=_date(headers["warc-date"]),
        payload_digest=headers.get("warc-payload-digest", ""),
        refers_to=headers.get("warc-refers-to", "").strip("<>"),
        status=(record.http_headers.status_code or 0) if is_answer else 0,
        http=record.http_headers.to_tuples() if is_answer else (),
        body=record.reader.read(),
        refers_to_url=headers.get("warc-refers-to-target-uri", "").strip("<>"),
        refers_to_date=_date(told) if (told := headers.get("warc-refers-to-date")) else "",
        source=headers.get(SOURCE.lower(), ""),
    )


def _check_length(data: bytes) -> None:
    """Refuse a record that lies about its length: FastWARC 2.0 would make room for all it says.

    A thousand gigabytes end the process (abort), with no exception to catch.
    """
    head, end, block = data.partition(_HEAD_END)
    lengths = _LENGTH.findall(head)
    if not end or len(lengths) != 1 or not lengths[0].strip().isdigit():
        raise ValueError("has no head that says its length once")
    told, held = int(lengths[0]), len(block) - _TAIL
    if told != held:
        raise ValueError(f"says {told:,} bytes, holds {held:,}{many(block)}")


def _as_usual(data: bytes) -> bytes:
    """Spell a record as FastWARC 2.0 reads it, which it does not say when it cannot.

    A name is one in any case (WARC 1.1, 4); with `content-length` the record is empty to it. A
    line of HTTP may end by LF alone (RFC 9112, 2.2); its last header is then body and all.
    """
    head, end, block = data.partition(_HEAD_END)
    last = _HTTP_END.search(block) if block.startswith(_HTTP) else None
    http = block[: last.end()] if last else b""
    spelt = _NAMES.sub(lambda name: name[0].title(), head)
    if spelt == head and http.count(b"\n") == http.count(b"\r\n"):
        return data
    block = _LINE_END.sub(b"\r\n", http) + block[len(http) :]
    return _LENGTH.sub(b"Content-Length: %d" % (len(block) - _TAIL), spelt) + end + block


def _date(text: str) -> str:
    """Write a WARC-Date as `fetched_at` is written; it is UTC where a tool forgot to say so.

    >>> _date("2026-11-26T14:26:49Z")
    '2026-11-26T14:26:49.000000+00:00'
    """
    moment = dt.datetime.fromisoformat(text)
    moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    if moment.year not in _YEARS:
        raise ValueError(f"its date is {text}")
    return moment.isoformat(timespec="microseconds")


def _words(err: Exception) -> str:
    return f"{err} is missing" if isinstance(err, KeyError) else str(err)


def digest(body: bytes) -> str:
    """Give a payload digest as it is written in records."""
    return f"sha1:{b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()}"


def joined(record: Record) -> bytes:
    """Give the body of an answer out of its chunks: Wget, pywb and others keep it in them.

    Some write the header and have joined the body all the same, which then stands as it is.
    """
    codings = (record.header("transfer-encoding") or "").lower()
    return (_join(record.body) if "chunked" in codings else None) or record.body


def _join(body: bytes) -> bytes | None:
    """Take a body out of its chunks; None where it is not in chunks, or they are not whole."""
    parts, at = [], 0
    while size := _CHUNK_SIZE.match(body, at):
        end = size.end() + int(size[1], 16)
        parts.append(body[size.end() : end])
        if end == size.end():
            return b"".join(parts)
        if body[end : end + 2] != b"\r\n":
            break
        at = end + 2
    return None


def unpacked(record: Record, most_bytes: int) -> bytes:
    """Give the body of an answer without its chunks and its Content-Encoding.

    Raises ValueError for one that is not whole, larger than `most_bytes`, or packed in no known
    way.
    """
    body = joined(record)
    codings = (record.header("content-encoding") or "").lower().split(",")
    for coding in reversed([coding.strip() for coding in codings]):
        if coding and coding != "identity":
            body = _unpack(body, coding, most_bytes)
    if len(body) > most_bytes:
        raise ValueError(f"its body is larger than {most_bytes:,} bytes")
    return body


def _unpack(body: bytes, coding: str, most_bytes: int) -> bytes:
    if coding in {"gzip", "x-gzip", "deflate"}:
        return _inflate(body, most_bytes)
    if coding not in {"br", "zstd"}:
        raise ValueError(f"its body is packed as {coding!r}")
    reader = (BrotliReader if coding == "br" else ZstdReader)(BytesIO(body))
    data = bytearray()
    try:
        while len(data) <= most_bytes and (part := reader.read(_PART)):
            data += part
    except OSError as err:
        raise ValueError(f"its body cannot be unpacked ({err})") from err
    return bytes(data)


def _inflate(body: bytes, most_bytes: int) -> bytes:
    """Unpack gzip, of one member or more, and both kinds of deflate, which servers mix up."""
    data = bytearray()
    while body.startswith(_GZIP) or not data:
        inflate = _inflater(body)
        try:
            data += inflate.decompress(body, most_bytes + 1 - len(data))
        except zlib.error as err:
            raise ValueError(f"its body cannot be unpacked ({err})") from err
        if len(data) > most_bytes:
            break
        if not inflate.eof:
            raise ValueError("its packed body is not whole")
        body = inflate.unused_data
        if not body:
            break
    return bytes(data)


def _inflater(body: bytes) -> zlib._Decompress:
    """Give what unpacks a body, by its first bytes."""
    for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            zlib.decompressobj(wbits).decompress(body, 1)
        except zlib.error:
            continue
        return zlib.decompressobj(wbits)
    raise ValueError("its body cannot be unpacked")
