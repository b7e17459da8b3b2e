"""Whether an answer with status 200 is a whole page of the newspaper; knows no status and no state.

A server in trouble says so with 200 too: by one sentence where its database is down, by the first
half of a page where it was killed. Read as an empty list or as an article that is none, these would
end a walk or lose an article; as an error they are asked for again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from observer_crawler.ledger import Outcome, State
from observer_crawler.pages import PageKind
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from observer_crawler.pages import Page
    from observer_crawler.urls import Address

# Bytes at the end of a page among which its last tag stands, whatever was put behind it.
_TAIL = 2_000
# Letters of an answer that is no page, enough to know it by.
_SHOWN = 60
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_PAGES = frozenset((Kind.ARTICLE, Kind.LISTING, Kind.DAY, Kind.FRONT, Kind.AUTHOR))


class Soundness:
    """Looks at the pages of one run. Only a site that closes its pages can be caught at half of one."""

    def __init__(self) -> None:
        self._closes = False

    def look(self, page: Page, here: Address, body: bytes) -> Outcome | None:
        """Say what is wrong with a page that gave no article; None for a sound one."""
        if page.article is not None or here.kind not in _PAGES:
            return None
        is_closed = _is_closed(body)
        begins = bool(page.links) or b"<html" in body[:_TAIL].lower()
        if self._closes and begins and not is_closed:
            return Outcome(State.WAITING, "the page breaks off")
        self._closes |= is_closed
        return None if page.links or page.kind is PageKind.MISSING else _no_page(body)


def _no_page(body: bytes) -> Outcome:
    """Show what stands on an answer without a single link: each page of the newspaper has a menu."""
    text = _MARKUP.sub(" ", body[:_TAIL].decode("utf-8", "replace"))
    return Outcome(State.WAITING, f"no page of the newspaper: {' '.join(text.split())[:_SHOWN]!r}")


def _is_closed(body: bytes) -> bool:
    r"""Whether a page ends as pages do.

    >>> _is_closed(b"<html>...</HTML>\n"), _is_closed(b"<html><p>It was on Sun")
    (True, False)
    """
    return b"</html" in body[-_TAIL:].lower()
