"""Reading the indexes of days: in which form they answer, whose they are, when they are final.

The site of today may serve a day of 2018 in its own form alone, so every form is tried, the
newest first; the one that answered is asked first from then on, by later runs too, and the first
days alone pay for the search (as many as are asked for at once).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.spiders import evidence, itinerary
from observer_crawler.spiders.further import Further
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from observer_crawler.books import Books
    from observer_crawler.ledger import Found, Lease, Outcome
    from observer_crawler.spiders.opening import Opening
    from observer_crawler.urls import Address

# The note of the ledger that holds the place of the form that answered last.
_FORM = "day_form"
# A day that failed or was denied stays open: nobody has seen what is on it.
_SEEN_BY_SOMEONE = frozenset({State.READ, State.MISSING, State.REDIRECTED, State.REFUSED})


class Indexes:
    """What a run learns of the indexes it asks for."""

    def __init__(self, opening: Opening, books: Books) -> None:
        self._opening = opening
        self._books = books
        noted = books.ledger.noted(_FORM)
        self._form = int(noted) if noted else None
        self._doubted: set[str] = set()
        self._further = Further(opening)

    def prefer(self, lease: Lease) -> str:
        """Give the form of a day's address to ask for; a further page has one alone."""
        here, number = urls.parse(lease.url), self._form
        if number is None or here.page > 1 or urls.day_form(lease.url) == number:
            return lease.url
        form = here.forms[number]
        return lease.url if form in lease.tried else form

    def settled(self, day: dt.date, lease: Lease, outcome: Outcome) -> Outcome:
        """Say whether the answer is the day's own index, and what is asked next."""
        if outcome.state is State.READ:
            outcome = self._read(day, urls.parse(lease.url), lease, outcome)
        elif outcome.to is not None and outcome.to.name != lease.name:
            # Where a day leads elsewhere, another form of its address may still have it.
            outcome = replace(outcome, to=None, links=[outcome.to._replace(wanted=False)])
        # The index of a day to come is asked again tomorrow: no search for it today.
        return replace(outcome, forms=()) if day > self._today else outcome

    def final(self, day: dt.date, lease: Lease, outcome: Outcome) -> Outcome:
        """Mark the last word on a day: whether its index can still change, and go on to its pages."""
        is_final = itinerary.is_final(day, self._books.clock.now())
        outcome = replace(outcome, final=is_final and outcome.state in _SEEN_BY_SOMEONE)
        return self._further.after(urls.parse(lease.url), outcome)

    def tell(self, lease: Lease, published: str | None) -> list[Found]:
        """Learn an article's day; gives, once, the index to ask again that has mostly others'.

        What earlier articles said is asked of the ledger: a run that was killed had read them.
        """
        day, language = lease.day, urls.parse(lease.url).language
        if day is None or language is None or published in {None, day} or day in self._doubted:
            return []
        listed, others = self._books.ledger.days.others(day, language, lease.name)
        if not evidence.is_doubted(listed, others + 1):
            return []
        self._doubted.add(day)
        return [self._again(day)]

    def fresh(self, links: Iterable[Found]) -> int:
        """Count the articles that are wanted and that nobody waited for."""
        names = {link.name for link in links if link.wanted and link.kind == Kind.ARTICLE}
        known = self._books.ledger.known(names) if names else {}
        return len(names) - sum(found.state is not State.SEEN for found in known.values())

    def _read(self, day: dt.date, here: Address, lease: Lease, outcome: Outcome) -> Outcome:
        name, forms, is_first = day.isoformat(), here.forms, here.page == 1
        listed = {link.name for link in outcome.links if link.day == name and _is_article(link)}
        if not listed:
            expected = None if self._opening.expected(name) else 0
            return replace(outcome, forms=forms, expected=expected)
        known = self._books.ledger.known(listed)
        verdict = evidence.judge(name, self._today.isoformat(), listed, known)
        if not verdict.is_own:
            links = [_disowned(link, listed) for link in outcome.links]
            return replace(
                outcome,
                state=State.MISSING if is_first else State.READ,
                reason="other days",
                links=links,
                forms=forms,
                expected=0,
            )
        if is_first:
            self._remember(lease, forms)
        again = [self._again(wrong) for wrong in verdict.wrong]
        return replace(outcome, links=[*outcome.links, *again], expected=len(listed))

    def _remember(self, lease: Lease, forms: Sequence[str]) -> None:
        """Prefer the form that answered, unless the one preferred so far was not asked."""
        if self._form is None or forms[self._form] in lease.tried:
            self._form = urls.day_form(lease.url)
            self._books.ledger.note(_FORM, str(self._form))

    def _again(self, day: str) -> Found:
        return self._opening.index(dt.date.fromisoformat(day), "other", again=True)

    @property
    def _today(self) -> dt.date:
        return self._books.clock.now().astimezone(newspaper.ZONE).date()


def _is_article(link: Found) -> bool:
    return link.kind == Kind.ARTICLE


def _disowned(link: Found, listed: Collection[str]) -> Found:
    return link._replace(day=None, wanted=False) if link.name in listed else link
