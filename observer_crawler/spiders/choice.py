"""Which of the articles that an index lists are fetched, by headline or by lot.

The lot is a hash of the id, so that the same share of the archive is drawn on every machine, on
every day, in any order. Pure.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from observer_crawler.spiders.archive_arguments import ArchiveArguments

_BITS = 256


def is_wanted(asked: ArchiveArguments, name: str, headline: str) -> bool:
    """Whether a run fetches an article of which it knows the headline."""
    if asked.index_only:
        return False
    if asked.match is None and asked.sample is None:
        return True
    if asked.match is not None and headline and asked.match.search(headline):
        return True
    return asked.sample is not None and is_drawn(name, asked.sample, asked.seed)


def is_drawn(name: str, share: Fraction, seed: int) -> bool:
    """Whether an article is one of the share that a seed draws.

    >>> from fractions import Fraction
    >>> names = [f"b:{number}" for number in range(370_000, 380_000)]
    >>> sum(is_drawn(name, Fraction(2, 100), 1) for name in names)
    201
    """
    lot = int.from_bytes(sha256(f"{seed}:{name}".encode()).digest(), "big")
    return lot * share.denominator < share.numerator << _BITS


def share_of(asked: ArchiveArguments) -> float | None:
    """Give the part of all articles that a run wants, None where the headlines decide."""
    if asked.index_only:
        return 0.0
    if asked.match is not None:
        return None
    return 1.0 if asked.sample is None else float(asked.sample)
