"""What a page is shown with: pictures, a style sheet, a script, an icon. Made by code, a few kB.

Every picture address has a picture of its own, a baseline JPEG (ITU-T T.81) of squares in one
colour each. So a square needs no more than its mean: one Huffman code for how many bits its
change has, the bits, and the code that says "nothing else".
"""

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

from observer_crawler.replica.draw import dice, mark
from observer_crawler.replica.page import Page

ACROSS, DOWN = 20, 12
"""Squares of a picture, eight pixels each."""

STYLE, SCRIPT, ICON = "/css/style.css?v=7", "/js/site.js", "/img/favicon.png"

_DOT = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xc8\xd0\xd8\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
_CSS = ".news-photo,.img-box{border-bottom:3px solid #035}.promo{font-style:italic}\n"
_JS = "document.documentElement.setAttribute('data-site','shown');\n"
_COMPONENTS = (1, 2, 3)
# Twelve codes of four bits, for 0 to 11 bits of change; 0x0 to 0xB.
_CHANGES = bytes((0, 0, 0, 12, *[0] * 12, *range(12)))
# One code of one bit: the end of a square.
_REST = bytes((1, *[0] * 15, 0))


def asset(path: str) -> Page:
    """Return what stands at an address of a picture, a style sheet or a script."""
    bare = path.partition("?")[0].lower()
    match bare.rpartition(".")[2]:
        case "css":
            return Page(200, {"Content-Type": "text/css"}, _CSS.encode())
        case "js":
            return Page(200, {"Content-Type": "application/javascript"}, _JS.encode())
        case "gif":
            return Page(200, {"Content-Type": "image/gif"}, _DOT)
        case "png" | "ico":
            return Page(200, {"Content-Type": "image/png"}, _png(mark(bare)))
    return Page(200, {"Content-Type": "image/jpeg"}, jpeg(mark(bare)))


@lru_cache(maxsize=256)
def jpeg(number: int) -> bytes:
    """Return the picture of a number, 160 by 96 pixels."""
    size = struct.pack(">BHHB", 8, 8 * DOWN, 8 * ACROSS, len(_COMPONENTS))
    frame = size + b"".join(bytes((c, 0x11, 0)) for c in _COMPONENTS)
    scan = bytes((len(_COMPONENTS), *(part for c in _COMPONENTS for part in (c, 0)), 0, 63, 0))
    head = (
        _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        _segment(0xDB, b"\0" + b"\1" * 64),
        _segment(0xC0, frame),
        _segment(0xC4, b"\x00" + _CHANGES),
        _segment(0xC4, b"\x10" + _REST),
        _segment(0xDA, scan),
    )
    bits = "".join(_squares(number))
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + b"".join(head) + data + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _squares(number: int) -> Iterator[str]:
    """Yield the bits of each square: brightness, then two colours, each as its change."""
    chance = dice(number, 30)
    before = [0, 0, 0]
    for _ in range(ACROSS * DOWN):
        for c in range(len(before)):
            # A mean of a square is eight times its middle value, here -128 to 127 less a margin.
            value = 8 * chance.randrange(-90, 90)
            yield _change(value - before[c]) + "0"
            before[c] = value


def _change(change: int) -> str:
    """Return a change as T.81 writes it: how many bits, then these; one below zero less one."""
    length = abs(change).bit_length()
    low = change if change > 0 else change + (1 << length) - 1
    return f"{length:04b}" + (f"{low:0{length}b}" if length else "")


def _png(number: int) -> bytes:
    """Return a square of 16 by 16 pixels in the colour of a number."""
    colour = (number & 0xFFFFFF).to_bytes(3, "big")
    rows = (b"\0" + colour * 16) * 16
    parts = (
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(rows, 9)),
        _chunk(b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
