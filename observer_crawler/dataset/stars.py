"""From pairs to clusters and families. Pure: numbers in, numbers out.

Texts are numbered in the order of the dataset. A cluster is a star: the first text that is in no
other one, and those after it that are copies of it and of one another. So a chain of light edits
does not join two stories. A family is a whole chain: what may not be parted by a split.
"""

from __future__ import annotations

from array import array
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Members that a text must be a copy of before it is one too; of a larger cluster the first ones.
MOST_ASKED = 20


def stars(
    count: int,
    copies: Iterable[tuple[int, int]],
    are_copies: Callable[[int, int], bool],
) -> array[int]:
    """Give each text the first of its star.

    `copies` are pairs (earlier, later) in order; `are_copies` answers for any two others.

    >>> chain = [(0, 1), (1, 2), (2, 3)]
    >>> list(stars(4, chain, lambda one, other: False))
    [0, 0, 2, 2]
    """
    first = array("i", range(count))
    for centre, pairs in groupby(copies, lambda pair: pair[0]):
        if first[centre] != centre:
            continue
        members: list[int] = []
        for _, text in pairs:
            asked = members[: MOST_ASKED - 1]
            if first[text] == text and all(are_copies(member, text) for member in asked):
                first[text] = centre
                members.append(text)
    return first


def families(count: int, kin: Iterable[tuple[int, int]]) -> array[int]:
    """Give each text the first of all that it hangs together with.

    >>> list(families(5, [(3, 4), (1, 3)]))
    [0, 1, 2, 1, 1]
    """
    first = array("i", range(count))

    def root(text: int) -> int:
        while first[text] != text:
            first[text] = first[first[text]]
            text = first[text]
        return text

    for one, other in kin:
        a, b = root(one), root(other)
        first[max(a, b)] = min(a, b)
    return array("i", map(root, range(count)))
