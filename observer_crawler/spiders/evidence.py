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


class Readings:
    """What the articles of each day were read to have, while a crawl goes on."""

    def __init__(self) -> None:
        self._listed: dict[str, int] = {}
        self._others: Counter[str] = Counter()

    def expect(self, day: str, listed: int) -> None:
        """Note how many articles an index lists."""
        self._listed[day] = listed
        del self._others[day]

    def tell(self, day: str | None, published: str | None) -> bool:
        """Learn the day that an article of an index has; says, once, when most have another."""
        if day is None or published is None or published == day or day not in self._listed:
            return False
        self._others[day] += 1
        if 2 * self._others[day] <= self._listed[day]:
            return False
        del self._listed[day]
        return True
