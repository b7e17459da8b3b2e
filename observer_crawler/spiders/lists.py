"""Walking a section's list from page to page, and knowing when to leave it.

Nobody knows what the site shows after a list's last page: nothing, or the last page for ever.
So a list ends at the first page that brings no article that it has not shown before. One that
was walked to its end is left at the first page all of whose articles were known by then. A walk
that was killed goes on from where it stood (its page waits in the ledger) while a second one
begins at the top: that one may stop where it meets what was known when this run began, the
first one where it meets what was known when it began itself, after a whole walk.

A page that cannot be read does not hide those behind it: the walk goes on, the page has its next
try like any other address, and the walk is not whole before it was read.

Cards carry no dates: with a first day asked for, the next page waits until an article of this
one is known to be young enough. No response, no clock here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.site import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from observer_crawler.ledger import Known, Ledger
    from observer_crawler.urls import Address

_UNREAD = {State.SEEN, State.WAITING}
# Pages in a row that could not be read, after which a walk ends: each costs as many tries as any
# address, and behind a list's end may be nothing but errors, page after page.
MAX_IN_A_ROW = 3
# What became of a page that is tried again by itself, and of any that was not read.
_TRIED_LATER = {State.FAILED, State.DENIED}
_NOT_READ = {*_TRIED_LATER, State.MISSING, State.REDIRECTED, State.REFUSED}
# The notes of the ledger that hold when a list's first page was read by the last walk that has
# come down from there to what was known.
_HEAD = "head:"


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
    """Where a walk goes on, None where it ends; `walked` names a list that is done.

    `passed` are pages before it that are left to their own next try.
    """

    page: Address | None
    walked: str = ""
    passed: tuple[Address, ...] = ()


@dataclass(slots=True)
class _List:
    """One list. `open`: pages that a walk has yet to read; `tails`: those of a walk that was killed.

    `whole_at`: when the last whole walk stood at the top, `begun_at`: when the one did that was
    killed. `met`: pages from which on a walk has come to something that was known when the walk
    before it stood there. Until it has, all that it shows may be known from elsewhere (another
    scope, a box, numbers asked for by name) with a gap behind it. `head_at`: when the last walk
    stood at the top that has come down to something known, whatever is open farther down;
    `top_at`: when this one did.
    """

    name: str
    whole_at: float | None
    begun_at: float | None
    head_at: float | None
    open: set[str]
    tails: set[str]
    top_at: float | None = None
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
        if here.page == 1:
            walk.top_at = self._clock()
        ends = walk.shown.issuperset(articles) or self._may_leave(walk, here, articles)
        walk.shown.update(articles)
        return self._onward(walk, here, None if ends else _next(here, pages))

    def skip(self, here: Address, *, is_gone: bool) -> Step:
        """Say which page comes after one that could not be read.

        `is_gone`: the site has no such page; then the list ends before it, unless some page has
        linked to the one behind it.
        """
        walk, following = self._list(here), _following(here)
        if is_gone and here.page > 1:
            walk.open.discard(here.name)
        if linked := self._ledger.known([following.name]):
            following = urls.parse(linked[following.name].url)
        ends = (is_gone and not linked) or self._ends_row(here)
        return self._onward(walk, here, None if ends else following)

    def _onward(self, walk: _List, here: Address, following: Address | None) -> Step:
        """Pass over what has a next try of its own; what comes then is asked for once in a run."""
        passed: list[Address] = []
        while following is not None and self._is_tried_later(following):
            passed.append(following)
            walk.open.add(following.name)
            following = None if self._ends_row(following) else _following(following)
        if following is not None and following.name not in walk.asked:
            walk.asked.add(following.name)
            walk.open.add(following.name)
            for names in (walk.tails, walk.met):
                if here.name in names:
                    names.add(following.name)
            return Step(following, "", tuple(passed))
        done = self._done(walk)
        if not done and here.name not in walk.tails and walk.top_at is not None:
            self._ledger.note(self._head(walk.name), repr(walk.top_at))
        return Step(None, done, tuple(passed))

    def _is_tried_later(self, page: Address) -> bool:
        known = self._ledger.known([page.name])
        return page.name in known and known[page.name].state in _TRIED_LATER

    def _ends_row(self, page: Address) -> bool:
        """Whether a page that was not read is one too many in a row."""
        row = range(page.page - MAX_IN_A_ROW + 1, page.page)
        before = [_numbered(page, number).name for number in row if number > 0]
        known = self._ledger.known(before)
        unread = [name for name in known if known[name].state in _NOT_READ]
        return len(unread) == len(row)

    def _list(self, here: Address) -> _List:
        name = _numbered(here, 1).name
        if name not in self._lists:
            tails = {page for page in self._waiting if page.startswith(f"{name}:")}
            begun_at = self._ledger.walk_begun(name)
            whole_at = self._ledger.walk(name, self._clock())
            noted = self._ledger.noted(self._head(name))
            head_at = float(noted) if noted else None
            open_ = {name, *tails}
            self._lists[name] = _List(name, whole_at, begun_at, head_at, open_, tails)
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
        if not walk.tails and walk.whole_at is None:
            return None, None
        anchor = walk.begun_at if walk.tails else walk.whole_at
        return self._began, max(anchor or 0.0, walk.head_at or 0.0) or None

    def _done(self, walk: _List) -> str:
        return "" if walk.open else walk.name

    def _head(self, name: str) -> str:
        return self._ledger.own(f"{_HEAD}{name}")

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


def nearest(here: Address, pages: Iterable[Address]) -> Address | None:
    """Give the first of some pages of a list that stands behind this one."""
    after = [page for page in pages if page.page > here.page]
    return min(after, key=lambda page: page.page, default=None)


def _next(here: Address, pages: Iterable[Address]) -> Address | None:
    others = [page for page in pages if page.page != here.page]
    return nearest(here, others) if others else _following(here)


def _numbered(here: Address, number: int) -> Address:
    """Give another page of the same list."""
    return urls.listing(here.section or 0, number, here.language or LANGUAGES[0])


def _following(here: Address) -> Address:
    """Give the page after this one in the form in which this one answered."""
    after = _numbered(here, here.page + 1)
    is_old = ".php" in here.url
    return urls.parse(next(form for form in after.forms if (".php" in form) == is_old))
