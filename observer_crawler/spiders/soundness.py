"""Whether an answer with status 200 is a whole page of the newspaper; knows no status and no state.

A server in trouble says so with 200 too: by one sentence where its database is down, by the first
half of a page where it was killed. Read as an empty list or as an article that is none, these would
end a walk or lose an article; as an error they are asked for again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from observer_crawler.ledger import Outcome, State
from observer_crawler.pages import PageKind
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from observer_crawler.pages import Page
    from observer_crawler.urls import Address

# Bytes at the beginning of an answer among which it says what it is.
_HEAD = 2_000
# Letters of an answer that is no page, enough to know it by.
_SHOWN = 60
# Pages that are asked for again, and how often, before it is believed that their like is not closed.
# Within the second wait a server is restarted; ten errors in a row would end the run.
_ALIKE = 5
_LOOKS = 2
_MARKUP = re.compile(r"<(script|style|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_END = re.compile(rb"</html", re.IGNORECASE)
_PAGES = frozenset((Kind.ARTICLE, Kind.LISTING, Kind.DAY, Kind.FRONT, Kind.AUTHOR))


class Soundness:
    """Looks at the pages of one run. Only a page whose like is closed can be caught at half of it.

    Each template of a site closes its pages or does not. While nobody has seen one closed, those
    that are not are asked for again; a page that stays so, or many of them, show that this is how
    they are. A program that finds nothing often dies in mid-page: whoever says so has said all.
    """

    def __init__(self) -> None:
        self._closing: set[tuple[str, str]] = set()
        self._doubted: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def look(self, page: Page, here: Address, body: bytes) -> Outcome | None:
        """Say what is wrong with a page that gave no article; None for a sound one."""
        if here.kind not in _PAGES or page.kind is PageKind.MISSING:
            return None
        template = _template(here)
        if page.article is not None and template in self._closing:
            return None
        is_closed = _END.search(body) is not None
        if is_closed and page.links:
            self._closing.add(template)
        if page.article is not None:
            return None
        begins = bool(page.links) or b"<html" in body[:_HEAD].lower()
        if begins and not is_closed and self._is_cut(template, here.name):
            return Outcome(State.WAITING, "the page breaks off")
        is_blank = is_closed and here.kind is Kind.DAY and len(body) <= _HEAD and not _text(body)
        return None if page.links or is_blank else _no_page(body)

    def _is_cut(self, template: tuple[str, str], name: str) -> bool:
        """Whether a page that is not closed should be, as far as is known by now."""
        if template in self._closing:
            return True
        if not self._closing:
            return False
        doubted = self._doubted[template]
        if doubted[name] == _LOOKS or (name not in doubted and len(doubted) == _ALIKE):
            return False
        doubted[name] += 1
        return True


def _template(here: Address) -> tuple[str, str]:
    """Tell the pages that one program of the site makes, by what their addresses begin with."""
    return here.kind, urlsplit(here.url).path.split("/")[1]


def _no_page(body: bytes) -> Outcome:
    """Show what stands on an answer without a single link: each page of the newspaper has a menu.

    The index of a day may be nothing but its links, and have none where no paper came out.
    """
    return Outcome(State.WAITING, f"no page of the newspaper: {_text(body)[:_SHOWN]!r}")


def _text(body: bytes) -> str:
    return " ".join(_MARKUP.sub(" ", body[:_HEAD].decode("utf-8", "replace")).split())
