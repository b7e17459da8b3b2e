"""Whether a wall stands where the rest of a story would: for subscribers, for who signs in.

Two signs must stand together after the last of the text: words that hold the reader off ("keep
reading", "for subscribers"), and a way in (a link, button or form to sign in or subscribe).
Either alone is a sentence of a story, or the newsletter's offer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from observer_crawler.pages.outline import Line, Outline

_HOLDS_OFF = re.compile(
    r"\b(?:keep|continue|go on|carry on) reading\b|"
    r"\b(?:read|see|view|unlock|access) (?:the )?(?:rest|full|whole|entire|complete)\b|"
    r"\b(?:for|to) (?:our |paid |paying |registered )?(?:subscribers|members)\b|"
    r"\b(?:subscribers?|members?)[ -]only\b|\bonly (?:for|to) (?:subscribers|members)\b|"
    r"\b(?:subscribe|sign in|log in|login|register|join)(?: now| free)? to "
    r"(?:keep|continue|go on|read|view|unlock|access)\b|"
    r"\balready (?:an? )?(?:subscribed|subscriber|member|registered)\b|"
    r"\bpremium (?:content|article|story|news)\b",
    re.IGNORECASE,
)
# Without spaces, hyphens and underscores.
_WAYS_IN = (
    *("login", "logon", "signin", "signon", "signup", "subscri", "register", "registration"),
    *("member", "premium", "paywall", "joinnow"),
)
_MOST_BETWEEN = 8  # lines
_MOST_AFTER = 300  # letters: what a subscription costs, how to end it


def stands(page: Outline, first: int, last: int) -> bool:
    """Whether tokens [first, last), from where the story begins, end in a wall."""
    ways = _ways_in(page, first, last)
    if not ways:
        return False
    lines = page.lines_between(first, last)
    held = [line for line in lines if _HOLDS_OFF.search(line.text)]
    ends = [
        max(page.lasts[way], line.last)
        for way in ways
        for line in held
        if _is_near(page, way, line)
    ]
    after = [line for line in lines if line.first >= max(ends, default=0)]
    return bool(ends) and sum(len(line.text) for line in after) <= _MOST_AFTER


def _is_near(page: Outline, way: int, line: Line) -> bool:
    first, last = min(page.firsts[way], line.first), max(page.lasts[way], line.last)
    return len(page.lines_between(first, last)) <= _MOST_BETWEEN


def _ways_in(page: Outline, first: int, last: int) -> list[int]:
    """Give the links, buttons and forms that let one in."""
    start, end = (bisect_left(page.firsts, token) for token in (first, last))
    inside: list[int] = []
    for nodes in map(page.tagged, ("a", "button", "form")):
        inside += nodes[bisect_left(nodes, start) : bisect_left(nodes, end)]
    return [node for node in inside if _lets_in(page, node)]


def _lets_in(page: Outline, node: int) -> bool:
    """Whether an element says so by its path or its own short words; those of a form are the page's."""
    element = page.elements[node]
    path = (element.get("href") or element.get("action") or "").partition("?")[0]
    text = "" if page.tags[node] == "form" else page.text_of(node)
    said = (path + " " + text[:_LONGEST_DOOR]).lower().translate(_TOGETHER)
    return any(word in said for word in _WAYS_IN)


_TOGETHER = str.maketrans("", "", " -_")
_LONGEST_DOOR = 60
