"""What a look at a folder found: counts for the table, and a line for each thing that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Findings:
    """`say` hears each wrong thing and each remark at once; there may be many."""

    say: Callable[[str], None]
    wrong: int = 0
    remarks: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def found(self, what: str) -> None:
        """Name what is wrong."""
        self.wrong += 1
        self.say(f"WRONG {what}")

    def remark(self, what: str) -> None:
        """Name what a person may want to know, and nobody has to mend."""
        self.remarks += 1
        self.say(f"note  {what}")
