"""Cases out of sound ones: cut, doubled, swapped, spliced, flipped, and with what nobody expects.

Everything is drawn from the `Random` that is handed in, so a seed and a number give a case again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

# Bytes that broke readers before: ends, borders, signs of charsets, digits of other scripts.
ODD = (
    *(
        b"",
        b"\x00",
        b"\xff",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x96",
        b"\xc3\x82\xc2\xab",
        b"\xed\xa0\x80",
    ),
    *(b"\n", b"\r", b"\r\n\r\n", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\t", b" "),
    *(
        "\u2028 \u202e \u2066 \u200b \ufeff \u0301 \u09bc \u0660 \u09e7 \U0001f600 \u0130 \ufb01 \u2126".encode().split()
    ),
    *(b"0", b"-1", b"1e999", b"9" * 30, b"9" * 5_000, b"NaN", b"null", b"{}", b"[]", b"[" * 3_000),
    *(
        b'"',
        b"'",
        b"\\",
        b"\\ud800",
        b"/",
        b"../",
        b"%00",
        b"%",
        b"%ff",
        b"<",
        b">",
        b"&",
        b"=",
        b":",
    ),
)


def mutated(random: Random, case: bytes, others: Sequence[bytes], most: int = 4) -> bytes:
    """Change a case in one to `most` places; pieces of `others` may get into it."""
    for _ in range(random.randint(1, most)):
        case = random.choice(_WAYS)(random, case, others)
    return case


def span(random: Random, length: int) -> tuple[int, int]:
    """Draw first and last of a piece; short ones are as likely as long ones."""
    if not length:
        return 0, 0
    first = random.randrange(length)
    return first, min(length, first + random.choice((1, 2, 4, 8, 32, 128, length)))


def _cut(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    return case[: random.randint(0, len(case))]


def _delete(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    first, last = span(random, len(case))
    return case[:first] + case[last:]


def _double(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    first, last = span(random, len(case))
    return case[:last] + case[first:]


def _move(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    first, last = span(random, len(case))
    at = random.randint(0, first)
    return case[:at] + case[first:last] + case[at:first] + case[last:]


def _flip(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(case)
    for _place in range(random.choice((1, 1, 2, 4, 16))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _odd(random: Random, case: bytes, _: Sequence[bytes]) -> bytes:
    first, last = span(random, len(case))
    last = random.choice((first, last))
    return case[:first] + random.choice(ODD) + case[last:]


def _splice(random: Random, case: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    first, last = span(random, len(other))
    at = random.randint(0, len(case))
    return case[:at] + other[first:last] + case[at:]


def _cross(random: Random, case: bytes, others: Sequence[bytes]) -> bytes:
    other = random.choice(others)
    return case[: random.randint(0, len(case))] + other[random.randint(0, len(other)) :]


_WAYS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _cut,
    _delete,
    _double,
    _move,
    _flip,
    _odd,
    _odd,
    _splice,
    _cross,
)
