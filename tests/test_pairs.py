"""5,000 labelled pairs, written apart from what finds copies, judge it: `tests/pairs/README.md`.

A pair is found when the two texts agree in a band and are judged to be copies, as in an export.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from observer_crawler.dataset.likeness import COPY, likeness
from observer_crawler.dataset.signatures import bands_of
from observer_crawler.dataset.words import text_of
from tests.pairs.making import pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pairs.making import Pair
    from tests.pairs.texts import Story

PRECISION, RECALL = 0.99, 0.95


def is_found(pair: Pair) -> bool:
    one, other = pair.a, pair.b
    agree = set(enumerate(bands(one))) & set(enumerate(bands(other)))
    found = likeness(text_of(one.headline, one.body), text_of(other.headline, other.body))
    return bool(agree) and found == COPY


def bands(story: Story) -> list[int]:
    return bands_of(list(story.body))


def test_copies_are_told_from_other_stories(
    record_property: Callable[[str, object], None],
) -> None:
    kinds: Counter[tuple[str, bool, bool]] = Counter()
    for pair in pairs():
        kinds[pair.kind, pair.is_copy, is_found(pair)] += 1
    counts: Counter[tuple[bool, bool]] = Counter()
    for (_, is_copy, found), count in kinds.items():
        counts[is_copy, found] += count
    precision = counts[True, True] / (counts[True, True] + counts[False, True])
    recall = counts[True, True] / (counts[True, True] + counts[True, False])
    record_property("precision", round(precision, 4))
    record_property("recall", round(recall, 4))
    wrong = {key: count for key, count in sorted(kinds.items()) if key[1] != key[2]}
    assert counts.total() == 5_000
    assert precision >= PRECISION, wrong
    assert recall >= RECALL, wrong
