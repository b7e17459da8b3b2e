"""How many articles a run may store; what belongs to their pages is not counted. Pure."""

from __future__ import annotations

from observer_crawler.ledger import AFTER_ALL, ALL_RANKS


class Limit:
    """The limit of one run, and how much of it is used up."""

    def __init__(self, most: int | None) -> None:
        """`most` articles, None for no limit."""
        self._most = most
        self.stored = 0

    @property
    def is_reached(self) -> bool:
        """Whether no article may be stored any more."""
        return self.stored == self._most

    @property
    def least_rank(self) -> int:
        """From which rank on addresses may be asked for: in the end only requisites."""
        return AFTER_ALL if self.is_reached else ALL_RANKS

    def room(self, most: int, leased: int) -> int:
        """Say how many more may be leased, of `most` at once.

        >>> limit = Limit(3)
        >>> limit.stored = 2
        >>> limit.room(8, 0), limit.room(8, 1)
        (1, 0)
        """
        if self._most is None or self.is_reached:
            return most - leased
        return min(most, self._most - self.stored) - leased
