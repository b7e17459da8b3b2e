"""Make a case small that is still wrong in the same way: whoever mends it reads what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Readings that shrinking may cost.
MOST_TRIES = 1_500


def shrunk(case: bytes, is_wrong: Callable[[bytes], bool], most_tries: int = MOST_TRIES) -> bytes:
    """Leave out pieces, large ones first, as long as what is left is wrong.

    >>> shrunk(b"a long line with x in it", lambda case: b"x" in case)
    b'x'
    """
    size = max(1, len(case) // 2)
    tries = 0
    while size:
        at = 0
        is_smaller = False
        while at < len(case) and tries < most_tries:
            smaller = case[:at] + case[at + size :]
            tries += 1
            if is_wrong(smaller):
                case, is_smaller = smaller, True
            else:
                at += size
        if not is_smaller or size > 1:
            size //= 2
        if tries >= most_tries:
            break
    return case
