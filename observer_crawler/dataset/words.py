"""The words of a text as two texts are compared by them, and which of them say facts.

Pure, and of no language: words are runs of letters, their marks and digits (Bangla's vowel signs
are marks), apart from case. A fact is a number, or a name as capitals show it; where a script has
no capitals the numbers are all that is known to be one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.site import NUMERALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ORDINARY, NUMBER, NAME = 0, 1, 2
# Below this many words a body says too little to be a story: the headline counts as well.
FEW = 8
# A dateline is no longer than this, nor is a credit at the end.
_MOST_OF_DATELINE, _MOST_OF_CREDIT = 10, 3
_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "thousand first second third fourth fifth sixth seventh eighth ninth tenth "
    f"{NUMERALS}".split()
)
# What stands within a word and does not count: apostrophes, joiners, soft hyphens.
_WITHIN = "'\u2019\u2018\u02bc\u00ad\u200b\u200c\u200d\u2060"
_AS_ASCII = (("\u201c", '"'), ("\u201d", '"'), ("\u2013", "-"), ("\u2014", "-"), ("\u00a0", " "))
_SPACES = str.maketrans({chr(code): " " for code in range(128) if not chr(code).isalnum()})
# Commas of numbers, as both manners of grouping have them: 1,000,000 and 10,00,000.
_GROUPED = re.compile(r"(?<=\d),(?=\d\d)")
# What a name may follow that is no name: the first word of a sentence is written large too.
_MARKS = frozenset('.!?:;।\n"')
# `KHULNA, Apr 26 (BSS) -`, `ঢাকা, ২৬ এপ্রিল:`: what stands before a colon or a dash.
_BEFORE_MARK = re.compile(r"(?P<head>[^\n:]{2,90}?)(?::|\s+-+\s|\)\s*-+)\s*(?=\S)")


class Text(NamedTuple):
    """The words of a text in order, and of each whether it is ordinary, a number or a name."""

    words: list[str]
    kinds: bytes


def plain_words(body: Sequence[str]) -> list[str]:
    """Give the words that two texts are found by.

    >>> plain_words(["The “minister’s” co-op sold 12 kg.", "নদীর পানি বাড়ছে এখন"])
    ['the', 'ministers', 'co', 'op', 'sold', '12', 'kg', 'নদীর', 'পানি', 'বাড়ছে', 'এখন']
    """
    told = _folded(_joined(body)).casefold()
    if told.isascii():  # ten times as fast as looking for letters
        return told.translate(_SPACES).split()
    return _word().findall(told)


def text_of(headline: str | None, body: Sequence[str]) -> Text:
    """Give the words that two texts are judged by: without dateline and credit.

    >>> text_of(None, ["KHULNA, Apr 26: Rain fell in Sylhet for 3 days."]).words
    ['rain', 'fell', 'in', 'sylhet', 'for', '3', 'days']
    """
    told = _folded(_joined(body))
    found = list(_words(told[_after_dateline(told) :]))
    if len(found) < FEW:
        found = [*_words(_folded(headline or "")), *found]
    words = [word for word, _ in found]
    kinds = bytes(kind for _, kind in found)
    if kinds.count(NAME) * 2 > len(words):  # printed in capitals throughout
        kinds = kinds.replace(bytes([NAME]), bytes([ORDINARY]))
    return Text(words, kinds)


def _joined(body: Iterable[str]) -> str:
    """Join paragraphs, a last one that is but a credit left out."""
    parts = [unicodedata.normalize("NFC", part) for part in body]
    while len(parts) > 1 and len(parts[-1].split()) <= _MOST_OF_CREDIT:
        parts.pop()
    return "\n".join(parts)


def _after_dateline(text: str) -> int:
    """Say where the text begins behind its dateline; 0 where there is none."""
    found = _BEFORE_MARK.match(text)
    if not found:
        return 0
    head = found["head"].split()
    dated = any(any(map(str.isdigit, word)) for word in head)
    cried = len(head[0]) > 2 and head[0].isupper()  # noqa: PLR2004 (`UN` is no place)
    return found.end() if len(head) <= _MOST_OF_DATELINE and (dated or cried) else 0


def _folded(text: str) -> str:
    for mark in _WITHIN:  # a table for `translate` is slow where a text is not ASCII
        text = text.replace(mark, "")
    for printed, plain in _AS_ASCII:
        text = text.replace(printed, plain)
    return text


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Give words and their kinds. The first of a sentence is a name when one follows it."""
    first, begins = "", True
    for word in _word_or_mark().findall(_GROUPED.sub("", text)):
        plain, kind = ("", ORDINARY) if word in _MARKS else _told(word)
        if first:
            yield first, kind if kind == NAME else ORDINARY
            first = ""
        if begins and kind == NAME:
            first = plain
        elif plain:
            yield plain, kind
        begins = not plain
    if first:
        yield first, ORDINARY


@lru_cache(maxsize=100_000)  # 20 MB: a newspaper says most of its words again and again
def _told(word: str) -> tuple[str, int]:
    """Give a word apart from case, and its kind within a sentence."""
    plain = word.casefold()
    if _is_number(plain):
        return plain, NUMBER
    return plain, NAME if plain != word and word[0].isupper() else ORDINARY


def _is_number(word: str) -> bool:
    if word.isalpha():
        return word in _NUMBERS
    return any(map(str.isdigit, word)) or word in _NUMBERS


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}]+")


@cache
def _word_or_mark() -> re.Pattern[str]:
    return re.compile(rf"[{_letters()}]+(?:(?<=\d)\.\d+)*|[{''.join(sorted(_MARKS))}]")


@cache
def _letters() -> str:
    """Write what words are made of, as a pattern has it: 10 ms once."""
    return "".join(_ranges())


def _ranges() -> Iterator[str]:
    codes = (code for code in range(0x10000) if unicodedata.category(chr(code))[0] in "LMN")
    for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0]):
        found = [code for _, code in run]
        yield f"\\u{found[0]:04x}-\\u{found[-1]:04x}"
