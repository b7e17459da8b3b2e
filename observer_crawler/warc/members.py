"""The gzip members of a WARC file, one a record: where each begins and ends.

zlib says where a member ends, whatever the record in it claims of its length, and every member
carries the sum of its bytes. So a file that is cut off, changed or lied to is read on behind the
damage, and nothing of it passes in silence (FastWARC gives half of a cut record as a whole one,
and takes what follows a wrong length for its body).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Bytes read at once: an article page takes 10,000 to 20,000 when it is packed.
_CHUNK = 1 << 14
_GZIP = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
_WBITS = zlib.MAX_WBITS | 16
CUT_OFF = "is cut off"
_BORDER = b"\r\n\r\nWARC/1."
_CURE = "`warcio recompress` packs each record by itself"


class Member(NamedTuple):
    """One whole member: its first byte, the byte behind it, and what it holds."""

    offset: int
    end: int
    data: bytes


class Damage(NamedTuple):
    """Bytes of a file that are no record: from, up to, and what is wrong with them."""

    offset: int
    end: int
    why: str


class _DamagedError(Exception):
    """Why a member cannot be unpacked."""


def members(file: BinaryIO, most_bytes: int, start: int = 0) -> Iterator[Member | Damage]:
    """Give each member from a byte on; one of more than `most_bytes` unpacked is damage."""
    offset = start
    while _has_more(file, offset):
        try:
            found: Member | Damage = _unpack(file, offset, most_bytes)
        except _DamagedError as err:
            found = Damage(offset, _next_record(file, offset + 1), str(err))
        yield found
        offset = found.end


def member_at(file: BinaryIO, offset: int, most_bytes: int) -> Member | Damage:
    """Give the member that begins at a byte."""
    try:
        return _unpack(file, offset, most_bytes)
    except _DamagedError as err:
        return Damage(offset, offset, str(err))


def _has_more(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return bool(file.read(1))


def _unpack(file: BinaryIO, offset: int, most_bytes: int) -> Member:
    file.seek(offset)
    inflate, data, fed = zlib.decompressobj(_WBITS), bytearray(), 0
    while not inflate.eof:
        chunk = inflate.unconsumed_tail
        if not chunk:
            chunk = file.read(_CHUNK)
            fed += len(chunk)
        if not chunk:
            raise _DamagedError(CUT_OFF)
        try:
            data += inflate.decompress(chunk, most_bytes + 1 - len(data))
        except zlib.error as err:
            raise _DamagedError(
                _not_packed(file, offset) or f"cannot be unpacked ({err})"
            ) from err
        if len(data) > most_bytes:
            raise _DamagedError(f"holds more than {most_bytes:,} bytes{many(data)}")
    return Member(offset, offset + fed - len(inflate.unused_data), bytes(data))


def _not_packed(file: BinaryIO, offset: int) -> str:
    file.seek(offset)
    return f"is not packed: {_CURE}" if file.read(len(_RECORD)) == _RECORD else ""


def many(data: bytes | bytearray) -> str:
    """Say what to do with a member that holds one record after another; nothing of other ones."""
    return f", more than one record: {_CURE}" if _BORDER in data else ""


def _next_record(file: BinaryIO, start: int) -> int:
    """Give the first byte from `start` on at which a packed record begins, else the file's end."""
    offset = start
    while True:
        file.seek(offset)
        chunk = file.read(_CHUNK)
        if len(chunk) < len(_GZIP):
            return offset + len(chunk)
        at = chunk.find(_GZIP)
        if at < 0:
            offset += len(chunk) - len(_GZIP) + 1
        elif _begins_record(file, offset + at):
            return offset + at
        else:
            offset += at + 1


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(_WBITS).decompress(file.read(_CHUNK), len(_RECORD)) == _RECORD
    except zlib.error:
        return False
