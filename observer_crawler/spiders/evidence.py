"""Whether an index is that of its day, or another's shown in its place.

Nobody knows what the site shows for a day it does not have. An index of today in its place would
give each absent day 149 articles that are not its own. An index carries no dates, so what is known
of the articles it lists has to tell. Pure.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from observer_crawler.ledger import Known


class Verdict(NamedTuple):
    """`is_own`: the index is that of its day. `wrong`: days that seem to have shown it before."""

    is_own: bool
    wrong: tuple[str, ...] = ()


def judge(day: str, today: str, listed: Collection[str], known: Mapping[str, Known]) -> Verdict:
    """Judge the index of a day by the articles it lists, as they were known before it was read.

    The days that articles were read to have decide, where they are known of most. Else an index
    that was listed whole under another day is that day's, unless it is today's own: that is the
    one a site would show for all others.
    """
    published = Counter(found.published for found in known.values() if found.published)
    others = sum(published.values()) - published[day]
    if 2 * others > len(listed):
        return Verdict(is_own=False)
    claims = Counter(found.day for found in known.values() if found.day)
    claimed = claims.total() - claims[day]
    wrong = tuple(other for other in claims if other != day and 2 * claims[other] > len(listed))
    if 2 * published[day] > len(listed):
        return Verdict(is_own=True, wrong=wrong)
    if claimed < len(listed):
        return Verdict(is_own=True)
    is_default = day == today or min(claims) > today
    return Verdict(is_default, wrong if is_default else ())


def is_doubted(listed: int, others: int) -> bool:
    """Whether an index is to be judged again: most of its articles were read to have other days.

    >>> [is_doubted(4, others) for others in (2, 3)], is_doubted(0, 1)
    ([False, True], False)
    """
    return 0 < listed < 2 * others
