"""Whether two texts are copies: their words aligned, and what the differing words say.

Pure: the same two texts give the same answer, whichever of them comes first and whatever else there
is, so it can be kept. A copy has few edited words, or a part cut off, and its facts stay: where
numbers and names differ while the sentences around them do not, one form was filled in twice
(weather, prices, scores), which is another story.
"""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Levenshtein

from observer_crawler.dataset.words import FEW, NUMBER, ORDINARY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.dataset.words import Text

# Raised when the same two texts give another answer: what is kept of before is thrown away.
JUDGE = 2

# KIN is no copy, but so near that it may not stand on the other side of a split.
OTHER, KIN, COPY = 0, 1, 2
# Shares. Of the words that stand against each other, the edited ones: 10 % is what people edit
# lightly, a swap of two words counts twice, a second hand adds some.
EDITED, EDITED_WITHOUT_NAMES, EDITED_KIN = 0.18, 0.15, 0.30
# Of the longer text, what the shorter lacks: at its end, and anywhere.
CUT_AT_END, CUT, CUT_KIN = 0.50, 0.30, 0.55
# Words. No more are aligned, for that takes the square of them: two texts of so many take 0.05 s,
# of 60,000 two seconds. The longest stories of a newspaper have a third of it.
_MOST = 10_000
# Words. So long a piece is cut or added whole; a shorter one is edited. What is aligned behind the
# last piece may be so much by accident: both texts end in the same word.
_PIECE, _STRAY = 10, 4
# Words. A shorter text has a rule of its own; of one that begins another whole, this many do.
SHORT, _BEGINNING = 25, 15
# Words, and the share of them that stand among so many first ones of the other text too. What
# begins otherwise is another story: it quotes, or has the same background.
_LEAD, _LEAD_OF_OTHER, _LEAD_SAME = 25, 30, 0.7
# Words at the start or end of a long text that may be another dateline or credit.
_FRINGE, _LONG = 6, 40
# Shares of the facts that differ, from which on a form was filled in twice; and how seldom words
# edited anywhere would hit so many of them by chance.
_FACTS, _NUMBERS, _CHANCE = 0.3, 0.6, 0.005


class Block(NamedTuple):
    """Two runs of words against each other, as places in two texts; equal or not."""

    equal: bool
    first: slice
    second: slice


def likeness(first: Text, second: Text) -> int:
    """Say whether two texts are copies, kin or neither."""
    one, other = sorted((first, second), key=lambda text: (len(text.words), text.words))
    if one.words == other.words:
        return COPY if one.words else OTHER
    if len(one.words) < SHORT:
        return _of_short(one, other)
    if len(one.words) < (1 - CUT_KIN) * len(other.words):
        return OTHER
    return _Alignment(_begun(one), _begun(other)).likeness()


def _begun(text: Text) -> Text:
    return text._replace(words=text.words[:_MOST], kinds=text.kinds[:_MOST])


def _of_short(one: Text, other: Text) -> int:
    """Judge captions and the like: a word in ten may differ, and no fact."""
    if len(one.words) >= _BEGINNING and other.words[: len(one.words)] == one.words:
        return COPY if len(one.words) >= (1 - CUT_AT_END) * len(other.words) else KIN
    edits = Levenshtein.distance(one.words, other.words)
    if len(one.words) >= FEW and edits <= len(other.words) // 10:
        changed = [block for block in _blocks(one, other) if not block.equal]
        kinds = b"".join(one.kinds[b.first] + other.kinds[b.second] for b in changed)
        if not kinds.strip(bytes([ORDINARY])):
            return COPY
    return KIN if len(one.words) >= FEW and edits <= EDITED_KIN * len(other.words) else OTHER


def _blocks(one: Text, other: Text) -> Iterator[Block]:
    for tag, a, b, c, d in Levenshtein.opcodes(one.words, other.words):
        yield Block(tag == "equal", slice(a, b), slice(c, d))


class _Alignment:
    """Two texts word against word, the shorter first, and what is counted of them."""

    def __init__(self, one: Text, other: Text) -> None:
        self._one, self._other = one, other
        self._same = self._edits = self._cut = self._cut_at_end = self._lead = 0
        # By kind: words that stand in both, and facts that another one of their kind stands for.
        self._kept, self._changed = [0, 0, 0], [0, 0, 0]
        blocks = list(_blocks(one, other))
        for place, block in enumerate(blocks):
            if block.equal:
                self._take_same(block)
            else:
                self._take_edited(
                    block,
                    at_end=len(one.words) - block.first.stop <= _STRAY,
                    at_edge=place in {0, len(blocks) - 1},
                )

    def likeness(self) -> int:
        against = self._same + self._edits
        whole = len(self._other.words)
        cut, edited = (self._cut + self._cut_at_end) / whole, self._edits / max(against, 1)
        if edited > EDITED_KIN or cut > CUT_KIN:
            return OTHER
        names = any(kind > NUMBER for kind in self._one.kinds + self._other.kinds)
        most = EDITED if names else EDITED_WITHOUT_NAMES
        too_much = edited > most or cut > CUT_AT_END or self._cut > CUT * whole
        if too_much or self._lead < _LEAD_SAME * _LEAD or self._other_facts():
            return KIN
        return COPY

    def _take_same(self, block: Block) -> None:
        kinds = self._one.kinds[block.first]
        self._same += len(kinds)
        ends = (_LEAD - block.first.start, _LEAD_OF_OTHER - block.second.start, len(kinds))
        self._lead += max(min(ends), 0)
        for kind in range(3):
            self._kept[kind] += kinds.count(kind)

    def _take_edited(self, block: Block, *, at_end: bool, at_edge: bool) -> None:
        kinds = (self._one.kinds[block.first], self._other.kinds[block.second])
        few, many = sorted(map(len, kinds))
        if not (at_edge and many <= _FRINGE and len(self._one.words) >= _LONG):
            self._count(few, many, at_end=at_end)
        numbers, names = (min(each.count(kind) for each in kinds) for kind in (1, 2))
        self._changed[1] += numbers
        self._changed[2] += names

    def _count(self, few: int, many: int, *, at_end: bool) -> None:
        """Count the words of a block as edited, or as a piece that one text lacks."""
        if many - few < _PIECE:
            self._edits += many
            return
        self._edits += few
        if at_end:
            self._cut_at_end += many - few
        else:
            self._cut += many - few

    def _other_facts(self) -> bool:
        """Say whether the facts differ more than edits anywhere would make them."""
        numbers, facts = self._changed[1], self._changed[1] + self._changed[2]
        ordinary = max(self._edits - facts, 0)  # those at the fringe are not among the edits
        all_ = self._same + facts + ordinary
        for changed, kept, least in (
            (numbers, self._kept[1], _NUMBERS),
            (facts, self._kept[1] + self._kept[2], _FACTS),
        ):
            of = changed + kept
            if changed >= 2 and changed >= least * of:  # noqa: PLR2004 (one fact is corrected)
                edits = ordinary + facts
                if by_chance(changed, of, edits, all_) < _CHANCE:
                    return True
        return False


def by_chance(hit: int, facts: int, edits: int, words: int) -> float:
    """Say how probable it is that so many edits among so many words hit so many of the facts.

    >>> round(by_chance(2, 2, 2, 40), 4), round(by_chance(1, 10, 10, 100), 2)
    (0.0013, 0.67)
    """
    ways = sum(
        comb(facts, n) * comb(words - facts, edits - n) for n in range(hit, min(facts, edits) + 1)
    )
    return ways / comb(words, edits)
