"""Chance that is the same on every machine: numbers drawn from (seed, what for)."""

import random
from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

_Item = TypeVar("_Item")
_MASK = (1 << 64) - 1


def mix(*parts: int) -> int:
    """Return 64 well mixed bits of some integers (the finaliser of splitmix64, once each)."""
    state = 0
    for part in parts:
        state = (state + part + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def mark(text: str) -> int:
    """Return a number for a name, the same in every run (`hash` is not)."""
    return crc32(text.encode("utf-8", "surrogateescape"))


def dice(*parts: int) -> random.Random:
    """Return a source of chance of its own for one purpose."""
    return random.Random(mix(*parts))


def pick(items: Sequence[_Item], number: int) -> _Item:
    """Return the item that a drawn number falls on."""
    return items[number % len(items)]
