"""Signs of what is no page of the newspaper: a challenge, a page that says it is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from observer_crawler.pages import words
from observer_crawler.pages.base import PageKind

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline

_CHALLENGE_TITLES = re.compile(
    r"just a moment|attention required|checking your browser|ddos.guard|security check|"
    r"verify (that )?you are (a )?human|access denied|one moment, please",
    re.IGNORECASE,
)
_CHALLENGE_PARTS = (
    "//script[contains(@src, '/cdn-cgi/challenge-platform/') or contains(., '_cf_chl_opt')]"
    " | //form[@id='challenge-form'] | //*[@id='challenge-error-text' or @id='cf-challenge']"
)
_NOT_FOUND = re.compile(
    r"(?:error\s*)?404\b.{0,60}|(?:sorry[,!.]?\s*)?(?:the |this |requested |your |no )*(?:page|url|news|article|"
    r"story|content|data|record|result)s?\b.{0,60}?\b(?:not (?:be )?(?:found|available|exist)|"
    r"(?:no longer|does not|doesn.t) (?:exists?|available))\b.{0,60}|"
    r"not found[.!]*|no (?:such )?(?:news|data|record|article|story|page)s?(?: was| were)? (?:found|available).{0,60}",
    re.IGNORECASE,
)


def is_challenge(page: Outline) -> bool:
    """Whether the page asks for a proof of being human instead of showing the newspaper.

    A title alone is not enough on a page with a date line: headlines may say such words.
    """
    if page.root.xpath(_CHALLENGE_PARTS) and words.date_line(page) is None:
        return True
    title = str(page.root.xpath("string(//title)"))
    return bool(_CHALLENGE_TITLES.search(title)) and words.date_line(page) is None


def is_missing(page: Outline, kind: PageKind) -> bool:
    """Whether the page says in words that there is nothing under its address.

    An author's page may say that only the biography is missing; that is a good page.
    """
    if kind not in {PageKind.ARTICLE, PageKind.LISTING, PageKind.DAY}:
        return False
    date = words.date_line(page)
    if date and date.published:
        return False
    lines = [line.text for line in page.lines]
    return any(_NOT_FOUND.fullmatch(text) for text in lines if len(text) < _LONGEST_NOTICE)


_LONGEST_NOTICE = 160
