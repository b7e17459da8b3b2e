"""Signs of what is no page of the newspaper: a challenge, a page that says it is not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Outline

_CHALLENGE_TITLES = re.compile(
    r"just a moment|attention required|checking your browser|ddos.guard|security check|"
    r"verify (that )?you are (a )?human|access denied|one moment, please",
    re.IGNORECASE,
)
_CHALLENGE_PARTS = etree.XPath(
    "//script[contains(., '_cf_chl_opt')]"
    " | //form[@id='challenge-form'] | //*[@id='challenge-error-text' or @id='cf-challenge']"
)
_NOT_FOUND = re.compile(
    r"(?:sorry[,!.]?\s*)?(?:(?:error\s*)?404\b.{0,60}|not found[.!]*|"
    r"(?:the |this |requested |your |no )*(?:page|url|news|article|story|content|data|record|result)"
    r"s?\b.{0,60}?\b(?:not (?:be )?(?:found|available|exist)|"
    r"(?:no longer|does not|doesn.t) (?:exists?|available))\b.{0,60}|"
    r"no (?:such )?(?:news|data|record|article|story|page)s?(?: was| were)? "
    r"(?:found|available).{0,60})",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 160


def looks_like_challenge(page: Outline) -> bool:
    """Whether the page asks for a proof of being human, by its title or its parts.

    A story may have such a title, and a good page scripts of Cloudflare's: neither is one with
    a date line, or with links to articles, which is for the caller to see.
    """
    return bool(_CHALLENGE_TITLES.search(page.title) or _CHALLENGE_PARTS(page.root))


def says_not_found(page: Outline) -> bool:
    """Whether a line of the page, no link, says that there is nothing under its address."""
    return any(is_notice(line.text) and page.link_at(line.first) is None for line in page.lines)


def is_notice(text: str) -> bool:
    """Whether a line can say that there is nothing here.

    >>> is_notice("Sorry, no news was found."), is_notice("Lost boat found")
    (True, False)
    """
    return len(text) < _LONGEST_NOTICE and _NOT_FOUND.fullmatch(text) is not None
