"""Walking the further pages of a day's index, where the site cuts it into pages.

Nobody has seen one that is cut, so no page is guessed: one is read where the index links to it,
or a page of it does. Else the rules are those of a section's list, next door: one page at a time,
the nearest first; a walk ends at the first page that brings no article that was not shown before;
a page that cannot be read does not hide those behind it. No response, no clock here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.site import LANGUAGES
from observer_crawler.spiders.lists import MAX_IN_A_ROW, nearest
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.ledger import Outcome
    from observer_crawler.spiders.opening import Opening
    from observer_crawler.urls import Address

# Pages of one index. A day has about 149 articles, so 30 pages of five: an index that goes on
# for longer, each page with articles of its own, does not end.
MOST_PAGES = 100


@dataclass(slots=True)
class _Walk:
    """The pages of one index in one run. `is_begun`: from its first page on.

    `linked` has the pages by their number, `unread` counts those in a row that could not be read.
    `is_final`: none of them can change any more.
    """

    is_begun: bool
    is_final: bool
    shown: set[str] = field(default_factory=set)
    linked: dict[int, Address] = field(default_factory=dict)
    pages: int = 0
    unread: int = 0

    def takes(self, outcome: Outcome, shown: set[str]) -> bool:
        """Take the next page; says whether the walk goes on behind it."""
        is_read = outcome.state is State.READ
        brings = not is_read or not shown <= self.shown
        self.pages += 1
        self.unread = 0 if is_read else self.unread + 1
        self.is_final &= outcome.final
        self.shown |= shown
        return brings and self.unread < MAX_IN_A_ROW and self.pages < MOST_PAGES


class Further:
    """The indexes of one run that are cut into pages, by day and language."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._walks: dict[str, _Walk] = {}

    def after(self, here: Address, outcome: Outcome) -> Outcome:
        """Go on to the next page of an index; what is known of the day is then that of all pages.

        The day is final when its last page was read. A page that a run was killed before says
        nothing of the day: those before it are not known any more.
        """
        shown, linked = _own(here, outcome), dict(_linked(here, outcome))
        if here.page == 1 and not (shown and linked):
            return outcome
        index = urls.day(here.day, here.language or LANGUAGES[0]).name if here.day else ""
        if here.page == 1 or index not in self._walks:
            self._walks[index] = _Walk(is_begun=here.page == 1, is_final=outcome.final)
        walk = self._walks[index]
        goes_on = walk.takes(outcome, shown)
        walk.linked |= linked
        following = nearest(here, walk.linked.values()) if goes_on else None
        if following is not None:
            outcome = replace(outcome, links=[*outcome.links, self._opening.further(following)])
        is_over = following is None and walk.is_begun
        return replace(
            outcome,
            index=index,
            expected=len(walk.shown) if walk.is_begun else None,
            final=is_over and walk.is_final,
        )


def _own(here: Address, outcome: Outcome) -> set[str]:
    """Give the articles that a page lists of its day."""
    day = here.day.isoformat() if here.day else ""
    return {link.name for link in outcome.links if link.kind == Kind.ARTICLE and link.day == day}


def _linked(here: Address, outcome: Outcome) -> Iterator[tuple[int, Address]]:
    """Give the further pages of the same index that a page links to."""
    for link in outcome.links:
        there = urls.parse(link.url) if link.kind == Kind.DAY else here
        if there.page > 1 and (there.day, there.language) == (here.day, here.language):
            yield there.page, there
