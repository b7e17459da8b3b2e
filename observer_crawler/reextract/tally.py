"""What a re-extraction came to, counted; what people must know is said at once, by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

# Records of other sites that are named one by one; a file of another site has 60,000.
_NAMED = 10


@dataclass(slots=True)
class Tally:
    """`say` hears one line for each thing that is named."""

    say: Callable[[str], None]
    answers: int = 0
    others: int = 0  # answers of other pages than articles
    elsewhere: int = 0  # answers of another site
    articles: int = 0  # answers that an article was read of
    same: int = 0  # ... that are the line that stands there
    unchanged: int = 0  # ... that show the text before them
    reread: int = 0  # lines written: of a fetch that has one of an older extractor
    revisions: int = 0  # ... of a text that was not stored
    news: int = 0  # ... of an article that was not stored
    marked: int = 0  # articles that an alarm marked, and no newer reading took the mark of
    left: int = 0  # lines of older extractors that were not read again
    damage: int = 0
    lost: int = 0  # lines whose page gives no article now
    broken: int = 0  # lines that the same extractor reads otherwise
    changed: int = 0  # re-readings in which a field differs
    fields: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def is_good(self) -> bool:
        """Whether nothing asks for a person: no damage, no article that cannot be read now."""
        return not (self.damage or self.lost or self.broken)

    def damaged(self, path: Path, offset: int, why: str) -> None:
        self.damage += 1
        self.say(f"{path}, byte {offset}: {why}; passed over")

    def offsite(self, path: Path, offset: int, url: str) -> None:
        self.elsewhere += 1
        if self.elsewhere <= _NAMED:
            more = "; further ones are counted" if self.elsewhere == _NAMED else ""
            self.say(f"{path}, byte {offset}: {url} is another site's{more}")

    def lost_article(self, name: str, place: str, detail: str) -> None:
        """Count a line whose page gives no article any more."""
        self.lost += 1
        self.say(f"{name}: {place} gave an article before and gives none now ({detail})")

    def compared(self, name: str, place: str, names: Iterable[str], *, by_same: bool) -> None:
        """Count the fields in which a reading differs from the stored line."""
        told = sorted(names)
        if by_same and not told:
            self.same += 1
        elif by_same:
            self.broken += 1
            self.say(
                f"{name}: {place} reads otherwise by the SAME extractor in {', '.join(told)}: "
                "its number was not raised, or the line was changed"
            )
        else:
            self.changed += bool(told)
            self.fields.update(told)
