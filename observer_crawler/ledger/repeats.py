"""The links that a run was shown last: most of a page's links stood on the page before it.

A link does all it does the first time; what it would do later is decided by what happens to its
address in between. So whoever changes an address lets it be forgotten here, and a link that is
remembered need not be looked up. Must not know SQLite, Scrapy, pages or addresses.
"""

from __future__ import annotations

from typing import NamedTuple

# Addresses that are remembered, at about 300 bytes each; one more, and all is begun anew.
_MOST = 20_000
# Steps of the ledger that change no address but those that they name.
_NAMING = frozenset(("lease", "release", "settle", "walk", "note"))


class Shown(NamedTuple):
    """What all links of a page to one address say.

    `tells`: also what is no matter of boxes (a day, a visit that is held back or asked for again).
    """

    url: str
    boxes: int
    is_wanted: bool
    has_text: bool
    tells: bool


class Repeats:
    """The last links to each address, within one scope."""

    def __init__(self, scope: int = 0) -> None:
        self.scope = scope
        self._last: dict[str, Shown] = {}

    def has(self, name: str, shown: Shown) -> bool:
        """Whether links say no more than the last ones to their address."""
        last = self._last.get(name)
        return shown == last or (
            last is not None
            and shown.url == last.url
            and not shown.boxes & ~last.boxes
            and shown.is_wanted <= last.is_wanted
            and shown.has_text <= last.has_text
            and not shown.tells
        )

    def add(self, name: str, shown: Shown) -> None:
        """Remember links that enter now."""
        if len(self._last) >= _MOST:
            self._last.clear()
        if shown.tells:
            self._last.pop(name, None)
        else:
            self._last[name] = shown

    def forget(self, *names: str) -> None:
        """Forget addresses that change."""
        for name in names:
            self._last.pop(name, None)

    def before(self, step: str) -> None:
        """Forget all before a step of the ledger that may change any address."""
        if step not in _NAMING:
            self._last.clear()

    def clear(self) -> None:
        self._last.clear()
