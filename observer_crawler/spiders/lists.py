"""Walking a section's list from page to page, and knowing when to leave it.

Nobody knows what the site shows after a list's last page: nothing, or the last page for ever.
So a list ends at the first page that brings no article that it has not shown before. One that
was walked to its end is left at the first page all of whose articles were known by then. A walk
that was killed goes on from where it stood (its page waits in the ledger) while a second one
begins at the top: that one may stop where it meets what was known when this run began, the
first one where it meets what was known when it began itself, after a whole walk.

Cards carry no dates: with a first day asked for, the next page waits until an article of this
one is known to be young enough. No response, no clock here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.ledger import State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from observer_crawler.ledger import Known, Ledger
    from observer_crawler.urls import Address

_UNREAD = {State.SEEN, State.WAITING}


class Told(NamedTuple):
    """What an article's day decided: pages that may be read, pages left, lists that are done."""

    freed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    walked: str = ""


class Gate(NamedTuple):
    """Whether a next page may be read now; a closed one is held, or left for good."""

    is_open: bool
    is_left: bool = False
    walked: str = ""


class Step(NamedTuple):
    """Where a walk goes on, None where it ends; `walked` names a list that is done."""

    page: Address | None
    walked: str = ""


@dataclass(slots=True)
class _List:
    """One list. `open`: pages that a walk has yet to read; `tails`: those of a walk that was killed.

    `whole_at`: when the last whole walk stood at the top, `begun_at`: when the one did that was
    killed. `met`: pages from which on a walk has come to something that was known when the walk
    before it stood there. Until it has, all that it shows may be known from elsewhere (another
    scope, a box, numbers asked for by name) with a gap behind it.
    """

    name: str
    whole_at: float | None
    begun_at: float | None
    open: set[str]
    tails: set[str]
    met: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Held:
    """A next page that waits for the days of the articles before it."""

    page: Address
    pending: set[str]
    any_older: bool


class Lists:
    """The lists of one run."""

    def __init__(
        self, ledger: Ledger, now: float, clock: Callable[[], float] | None = None
    ) -> None:
        """`now`: when the run began. What earlier runs left of their walks is taken up.

        `clock` tells when a list's first page is read; without one, that is when the run began.
        """
        self._ledger = ledger
        self._began = now
        self._clock = clock or (lambda: now)
        self._waiting = set(ledger.queued("listing"))
        self._lists: dict[str, _List] = {}
        self._held: list[_Held] = []

    def step(self, here: Address, articles: Collection[str], pages: Iterable[Address]) -> Step:
        """Say which page comes after `here`.

        `articles` are the names this page lists, `pages` the addresses of the same list that it
        links to. One page at a time, the nearest first, so that a list can be left at any page.
        A page that shows no paging at all gets the benefit of the doubt.
        """
        walk = self._list(here)
        walk.open.discard(here.name)
        ends = walk.shown.issuperset(articles) or self._may_leave(walk, here, articles)
        walk.shown.update(articles)
        following = None if ends else _next(here, pages)
        if following is not None and following.name not in walk.asked:
            walk.asked.add(following.name)
            walk.open.add(following.name)
            for names in (walk.tails, walk.met):
                if here.name in names:
                    names.add(following.name)
            return Step(following)
        return Step(None, self._done(walk))

    def _list(self, here: Address) -> _List:
        name = urls.listing(here.section or 0, 1, here.language or "en").name
        if name not in self._lists:
            tails = {page for page in self._waiting if page.startswith(f"{name}:")}
            begun_at = self._ledger.walk_begun(name)
            whole_at = self._ledger.walk(name, self._clock())
            self._lists[name] = _List(name, whole_at, begun_at, {name, *tails}, set(tails))
        return self._lists[name]

    def _may_leave(self, walk: _List, here: Address, articles: Collection[str]) -> bool:
        """Whether all that follows is known, or is another walk's."""
        limit, anchor = self._limits(walk, here)
        if limit is None:
            return False
        known = self._ledger.known(articles)
        if _is_any_from(anchor, known.values()):
            walk.met.add(here.name)
        is_met = here.name in walk.met
        return is_met and all(
            name in known and _is_settled(known[name], limit) for name in articles
        )

    def _limits(self, walk: _List, here: Address) -> tuple[float | None, float | None]:
        """Give until when an article must have been known, and when the walk before this began."""
        if here.name in walk.tails:
            return (None if walk.whole_at is None else walk.begun_at), walk.whole_at
        if walk.tails:
            return self._began, walk.begun_at
        return (None if walk.whole_at is None else self._began), walk.whole_at

    def _done(self, walk: _List) -> str:
        return "" if walk.open else walk.name

    def gate(self, page: Address, articles: Collection[str], first: dt.date) -> Gate:
        """Say whether a next page may be read at once, when an article is young enough for it."""
        known = self._ledger.known(articles)
        older = [_is_older(found, first) for found in known.values()]
        held = _Held(page, _pending(articles, known), any_older=True in older)
        if False in older or not (held.pending or held.any_older):
            return Gate(is_open=True)
        if held.pending:
            self._held.append(held)
            return Gate(is_open=False)
        return Gate(is_open=False, walked=self._leave(page), is_left=True)

    def tell(self, article: str, older: bool | None) -> Told:  # noqa: FBT001 (three answers)
        """Learn of an article whether it is older than asked; None: nobody knows.

        A list is left when all of a page's articles whose day is known are older.
        """
        told = Told()
        for held in [held for held in self._held if article in held.pending]:
            held.pending.discard(article)
            held.any_older |= older is True
            if older is False or not (held.pending or held.any_older):
                self._held.remove(held)
                told = told._replace(freed=(*told.freed, held.page.name))
            elif not held.pending:
                self._held.remove(held)
                walked = self._leave(held.page) or told.walked
                told = told._replace(left=(*told.left, held.page.name), walked=walked)
        return told

    def _leave(self, page: Address) -> str:
        walk = self._list(page)
        walk.open.discard(page.name)
        return self._done(walk)


def _pending(articles: Iterable[str], known: dict[str, Known]) -> set[str]:
    """Give the articles whose day may yet be learned."""
    return {
        name
        for name in articles
        if name not in known or (known[name].published is None and known[name].state in _UNREAD)
    }


def _is_any_from(anchor: float | None, known: Iterable[Known]) -> bool:
    return anchor is None or any(found.found_at <= anchor for found in known)


def _is_settled(known: Known, limit: float) -> bool:
    return known.found_at < limit and known.state is not State.SEEN


def _is_older(known: Known, first: dt.date) -> bool | None:
    day = known.published
    return None if day is None else dt.date.fromisoformat(day) < first


def _next(here: Address, pages: Iterable[Address]) -> Address | None:
    others = [page for page in pages if page.page != here.page]
    after = [page for page in others if page.page > here.page]
    if after:
        return min(after, key=lambda page: page.page)
    return None if others else _following(here)


def _following(here: Address) -> Address:
    """Give the page after this one in the form in which this one answered."""
    after = urls.listing(here.section or 0, here.page + 1, here.language or "en")
    is_old = ".php" in here.url
    return urls.parse(next(form for form in after.forms if (".php" in form) == is_old))
