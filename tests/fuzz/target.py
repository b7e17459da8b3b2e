"""What is fuzzed: how cases are made, what reads them, and what must be so of the reading.

A case is bytes, whatever it is read by, so that each can be kept in a file and read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

HUNDRED_KB = 100_000
# CPU seconds that reading may take for each hundred kilobytes of a case, begun ones counted; or for
# so many tags, where they stand closer than on any page of a newspaper (2,200 in 100 KB).
MOST_SECONDS = 0.1
MANY_TAGS = 5_000


@dataclass(frozen=True, slots=True)
class Target:
    """One reader.

    `read` raises nothing but what its docstring says it raises; `judge` gets the case and what
    `read` gave, and asserts the laws. Only `read` is timed. `share`: its part of a million cases.
    """

    name: str
    share: int
    make: Callable[[Random], bytes]
    read: Callable[[bytes], object]
    judge: Callable[[bytes, object], None]


def most_seconds(case: bytes) -> float:
    """Give the CPU seconds that a case may take."""
    return MOST_SECONDS * hundreds(case)


def hundreds(case: bytes) -> int:
    """Give how many hundred kilobytes a case counts as, begun ones counted."""
    return max(1, -(-len(case) // HUNDRED_KB), -(-case.count(b"<") // MANY_TAGS))
