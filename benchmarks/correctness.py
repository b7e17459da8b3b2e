"""How right a tool is about a page: what it found, held against the facts of the replica.

The words are compared, so white space is nobody's fault. Tools differ in what they call the body:
ours leaves out the dateline, the agency, the initials and the captions, and others mean to keep
them. So a body is judged three ways: it is `exact` (the body's words, no other), `whole` (all of
them in their order, and besides them nothing but the rest of the article's own block: headline,
dateline, agency, captions), and by F1 of its words (the order does not count).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Truth(NamedTuple):
    """What a page says: the words of its headline, of its body and of the block around both."""

    headline: list[str]
    body: list[str]
    block: list[str]
    date: str | None


class Verdict(NamedTuple):
    """Of one page, or the means over some: shares from 0 to 1."""

    headline: float
    body: float
    whole: float
    f1: float
    date: float


def truth(fact: Mapping[str, Any]) -> Truth:
    """Take what is compared from a fact of the replica."""
    article = fact["article"]
    return Truth(
        words(article["headline"]),
        words(" ".join(article["body"])),
        words(" ".join(fact["block"])),
        article["published_date"],
    )


def words(text: str | None) -> list[str]:
    r"""Split at white space of every kind; None has no words.

    >>> words("one\u00a0two\n three"), words(None)
    (['one', 'two', 'three'], [])
    """
    return (text or "").split()


def judge(headline: str | None, body: str | None, date: str | None, true: Truth) -> Verdict:
    """Compare what a tool found with the truth; None is what it did not find."""
    found = words(body)
    is_exact = found == true.body
    return Verdict(
        headline=words(headline) == true.headline,
        body=is_exact,
        whole=is_exact or is_whole(found, true),
        f1=f1(found, true.body),
        date=date == true.date,
    )


def is_whole(found: Sequence[str], true: Truth) -> bool:
    """Whether nothing of the body is missing, and nothing added but from the article's block.

    Letter by letter against the block, for there an inline tag may cut a word in two.
    """
    return is_within(true.body, found) and is_within("".join(found), "".join(true.block))


def is_within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether all of the part stands in the whole, in its order, with other words between or not.

    >>> is_within(["a", "c"], ["a", "b", "c"]), is_within(["c", "a"], ["a", "b", "c"])
    (True, False)
    """
    rest = iter(whole)
    return all(word in rest for word in part)


def f1(found: Sequence[str], true: Sequence[str]) -> float:
    """Give the harmonic mean of precision and recall, each word counted as often as it stands.

    >>> f1(["a", "b"], ["a", "a"]), f1([], ["a"]), f1([], [])
    (0.5, 0.0, 1.0)
    """
    if not found and not true:
        return 1.0
    return 2 * (Counter(found) & Counter(true)).total() / (len(found) + len(true))


def mean(verdicts: Iterable[Verdict]) -> Verdict:
    """Average over pages, at least one."""
    columns = list(zip(*verdicts, strict=True))
    return Verdict(*(sum(column) / len(column) for column in columns))
