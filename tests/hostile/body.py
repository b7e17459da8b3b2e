"""Faults of the body: cut, badly packed, too large, empty."""

from __future__ import annotations

import gzip
import zlib
from functools import cache
from typing import TYPE_CHECKING

from tests.hostile.connection import FAILED, PATIENT
from tests.hostile.rows import HEAD, Asked, Case, Fault, Where, always, html
from tests.hostile.site import raw, sent

if TYPE_CHECKING:
    from observer_crawler.replica import Page

LOST = "only a part of the answer came"
HALF = "the page breaks off"
TOO_LARGE = 50_000_000
DONE_LATER = "Done; 1 address is due later (scrapy status says when)."
LATER = "all other articles; this one is looked at again after 1, 4, 16 and each 30 days"
LOOKS = "all other articles; this one is looked at again after 1, 4 and 16 days"


def _packed(body: bytes) -> Page:
    head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    return raw(sent(HEAD + head + body))


def _flipped(asked: Asked) -> Page:
    packed = bytearray(gzip.compress(asked.body, mtime=0))
    packed[len(packed) // 2] ^= 0xFF
    return _packed(bytes(packed))


@cache
def _bomb() -> bytes:
    """Pack a gigabyte of nothing into one of a thousandth."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(1 << 10)]
    return b"".join((*parts, packer.flush()))


def _endless(asked: Asked) -> Page:
    return raw(sent(HEAD + b"\r\n" + asked.body + b" " * TOO_LARGE))


def _chunks(asked: Asked) -> Page:
    chunk = b"Transfer-Encoding: chunked\r\n\r\n1000\r\n" + asked.body[:0x1000] + b"\r\n"
    return raw(sent(HEAD + chunk))


FAULTS = (
    Fault(
        "a body cut, its length said: shorter than announced, or chunks without an end",
        "`is failed (only a part of the answer came)` and 3",
        LATER,
        "nothing",
        (
            Case(
                lambda asked: raw(sent(asked.cut(0.5, of=1))),
                *("failed", LOST, 4, 3, FAILED),
                also="shorter than announced",
            ),
            Case(_chunks, "failed", LOST, 4, 3, FAILED, also="chunks without an end"),
        ),
    ),
    Fault(
        "half a page with the length of half a page, or none; a length that is too short",
        "`is failed (the page breaks off)` and 3, where others of its kind are closed with `</html>`",
        LATER,
        "nothing; where all pages break off, look at one in a browser",
        (
            Case(
                lambda asked: raw(sent(asked.cut(0.5, of=0.5))),
                *("failed", HALF, 4, 3, FAILED),
                also="a right length",
            ),
            Case(
                lambda asked: raw(sent(asked.cut(1, of=0.5))),
                *("failed", HALF, 4, 3, FAILED),
                also="a length too short",
            ),
            Case(
                lambda asked: raw(sent(HEAD + b"\r\n" + asked.part(0.5))),
                *("failed", HALF, 4, 3, FAILED),
                also="no length",
            ),
            Case(
                lambda asked: html(asked.part(0.8)),
                *("failed", HALF, 4, 3, FAILED),
                also="behind the story",
            ),
        ),
    ),
    Fault(
        "broken gzip",
        "`is failed` with `Not a gzipped file` or `only a part of a gzip body came`, and 3",
        LATER,
        "nothing",
        (
            Case(
                always(_packed(b"noise" * 100)),
                *("failed", "Not a gzipped file", 4, 3, FAILED),
                also="no gzip",
            ),
            Case(
                lambda asked: _packed(gzip.compress(asked.body)[:-900]),
                *("failed", "only a part of a gzip body came", 4, 3, FAILED),
                also="half of it",
            ),
            Case(
                _flipped,
                *("failed", "only a part of a gzip body came", 4, 3, FAILED),
                also="a wrong byte",
            ),
        ),
    ),
    Fault(
        "a page of 50 MB, a gzip bomb",
        "`articles refused, too_large` in the closing table; read to 10 MiB at most (`DOWNLOAD_MAXSIZE`)",
        LOOKS,
        "look at the address; where it is an article, `-s DOWNLOAD_MAXSIZE=` and `scrapy status --retry`",
        (
            Case(
                lambda asked: raw(sent(asked.cut(1, of=TOO_LARGE / len(asked.body)))),
                *("refused", "too_large", 1, 0, "larger than download max size"),
                also="announced",
            ),
            Case(_endless, "refused", "too_large", 1, 0, DONE_LATER, also="not announced"),
            Case(
                lambda _: _packed(_bomb()),
                *("refused", "too_large", 1, 0, "articles refused, too_large"),
                also="a gigabyte in a megabyte",
            ),
        ),
    ),
    Fault(
        "an empty answer with 200",
        "`is failed (empty answer)` and 3; `answers with errors only` where all are so",
        LATER,
        "nothing",
        (
            Case(always(html(" \n")), "failed", "empty answer", 4, 3, FAILED),
            Case(
                always(html("")),
                *("failed", "empty answer", range(5, 30), 3),
                "4 addresses failed, 0 wait.",
                where=Where.START,
            ),
            Case(
                always(html("")),
                *("waiting", "empty answer", 1, 3),
                "Stopped, the site answers with errors only: empty answer.",
                where=Where.MIDDLE,
                settings=PATIENT,
            ),
        ),
    ),
)
