"""Whether a site is there at all, when nothing that was asked for is.

Days without an index and numbers without an article are an answer, but so is what a host says that
is not the newspaper's. A run that comes to its end without a single link to an article asks for the
front page: the site is there when that shows some. While it does not, no missing day is believed,
and each run asks for them again. No response, no clock here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.ledger import State
from observer_crawler.spiders.links import found
from observer_crawler.spiders.revisits import LAST
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from observer_crawler.ledger import Found, Lease, Ledger, Outcome

# The note of the ledger that the site has shown nothing since a run had to look.
_UNSEEN = "unseen:"
_ANSWERS = frozenset({State.READ, State.MISSING, State.REDIRECTED})


class Signs:
    """What one run has seen of the site. `is_doubted`: the last one that had to look saw nothing."""

    def __init__(self, ledger: Ledger, language: str) -> None:
        self._ledger = ledger
        self._front = urls.front(language)
        self._key = f"{_UNSEEN}{language}"
        self.is_doubted = ledger.noted(self._key) is not None
        self._is_shown = self._is_asked = False

    def front(self) -> Found:
        """Give the front page as a link, the last of all."""
        return found(self._front, "other")._replace(rank=LAST, again=True)

    def after(self, lease: Lease, outcome: Outcome, *, is_over: bool) -> Outcome:
        """Ask for the front page behind the last answer of a run that showed nothing."""
        if not self._is_shown and any(link.kind == Kind.ARTICLE for link in outcome.links):
            self._is_shown = True
            self._ledger.note(self._key, "")
        self._is_asked |= lease.kind == Kind.FRONT
        is_silent = not self._is_shown and outcome.state in _ANSWERS
        if self._is_asked or not (is_silent and is_over):
            return outcome
        self._is_asked = True
        self._ledger.note(self._key, "1")
        return replace(outcome, links=[*outcome.links, self.front()])
