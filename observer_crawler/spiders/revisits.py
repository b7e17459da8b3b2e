"""Which stored articles a run visits again, and how a round of all of them is gone on with.

A round is begun once: what it has yet to visit waits in the ledger, so a run that finds one under
way asks for nothing more. The ledger forgets it when nobody of its scope waits any longer.
No response, no clock here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import ROUND, State, Wish

if TYPE_CHECKING:
    from observer_crawler.ledger import Ledger

# Revisits come after all that is new.
LAST = 1_000_000_000


class Revisits:
    """The revisits of one run; `which` of them are due, all, or no."""

    def __init__(self, ledger: Ledger, which: str) -> None:
        """Look whether an earlier run of this scope left a round unfinished."""
        self._ledger = ledger
        self._which = which
        is_under_way = which == "all" and ledger.noted(ledger.own(ROUND)) is not None
        self.begins_round = which == "all" and not is_under_way

    def wishes(self, **conditions: Any) -> list[Wish]:  # noqa: ANN401 (those of a wish)
        """Ask for stored articles, after all else."""
        if self._which != "due" and not self.begins_round:
            return []
        stored = frozenset({State.STORED})
        return [Wish(stored, due=self._which == "due", rank=lambda _: LAST, **conditions)]

    def begun(self, now: float) -> None:
        """Note a round whose visits all wait by now; a run that is killed before begins it anew."""
        if self.begins_round:
            self._ledger.note(self._ledger.own(ROUND), f"{now:.0f}")
