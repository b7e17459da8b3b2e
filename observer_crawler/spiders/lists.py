"""Walking a section's list from page to page, and knowing when to leave it.

Nobody knows what the site shows after a list's last page: nothing, or the last page for ever.
So a list ends at the first page that brings no article it has not shown before. Its cards carry
no dates: with a first day asked for, the next page waits until an article of this one is known
to be young enough. Pure: no response, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from observer_crawler import urls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from observer_crawler.ledger import Found
    from observer_crawler.urls import Address


@dataclass(slots=True)
class _Held:
    """A next page that waits for the days of the articles before it."""

    page: Found
    pending: set[str]
    any_older: bool = False


class Lists:
    """The lists of one run."""

    def __init__(self) -> None:
        self._shown: dict[int, set[str]] = {}
        self._held: list[_Held] = []
        self._older: dict[str, bool | None] = {}

    def next_page(
        self, here: Address, articles: Collection[str], pages: Iterable[Address]
    ) -> Address | None:
        """Give the page to read after `here`; None where the list ends.

        `articles` are the names this page lists, `pages` the addresses of the same list that it
        links to. One page at a time, the nearest first, so that a list can be left at any page.
        A page that shows no paging at all gets the benefit of the doubt.
        """
        if here.section is None:
            return None
        shown = self._shown.setdefault(here.section, set())
        if shown.issuperset(articles):
            return None
        shown.update(articles)
        others = [page for page in pages if page.page != here.page]
        after = [page for page in others if page.page > here.page]
        if after:
            return min(after, key=lambda page: page.page)
        return None if others else _following(here)

    def hold(self, page: Found, articles: Collection[str]) -> bool:
        """Keep a next page back until one of `articles` is young enough; False: no need to."""
        known = [self._older[name] for name in articles if name in self._older]
        held = _Held(page, set(articles) - self._older.keys(), any_older=True in known)
        if False in known or not (held.pending or held.any_older):
            return False
        self._held.append(held)
        return True

    def tell(self, article: str, older: bool | None) -> list[Found]:  # noqa: FBT001 (three answers)
        """Learn of an article whether it is older than asked; None: nobody knows.

        Gives the pages that need not wait any longer. A list is left when all of a page's
        articles whose day is known are older.
        """
        self._older[article] = older
        released: list[Found] = []
        for held in [held for held in self._held if article in held.pending]:
            held.pending.discard(article)
            held.any_older |= older is True
            if older is False or not (held.pending or held.any_older):
                released.append(held.page)
            if older is False or not held.pending:
                self._held.remove(held)
        return released


def _following(here: Address) -> Address:
    """Give the page after this one in the form in which this one answered."""
    after = urls.listing(here.section or 0, here.page + 1, here.language or "en")
    is_old = ".php" in here.url
    return urls.parse(next(form for form in after.forms if (".php" in form) == is_old))
