"""`scrapy status --accept [ID]`: what an alarm found is normal from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import lock
from observer_crawler.alarm import alarms, watching
from observer_crawler.commands.alarm_words import accepted_text
from observer_crawler.exceptions import ConfigurationError, SegmentLocked
from observer_crawler.ledger import FILE
from observer_crawler.ledger.marks import unmark
from observer_crawler.ledger.reading import Reader

if TYPE_CHECKING:
    from pathlib import Path


def accept(data: Path, typed: str) -> str:
    """Accept one alarm, or all where nothing was typed; says what was done.

    Raises ConfigurationError for an alarm that does not stand, SegmentLocked while a crawl runs.
    """
    state = data / "state"
    Reader(state / FILE).close()  # says what is wrong before anything is locked or written
    try:
        with lock.locked(data):
            return _accept(state, typed)
    except SegmentLocked as err:
        raise SegmentLocked(
            f"a crawl writes to {data}: --accept is possible when it has ended"
        ) from err


def _accept(state: Path, typed: str) -> str:
    standing = [str(each.id) for each in alarms.read(state / alarms.FILE).standing]
    if typed and typed not in standing:
        known = f"standing: {', '.join(standing)}" if standing else "none stands"
        raise ConfigurationError(f"--accept: no alarm {typed!r} stands; {known}")
    accepted = watching.accept(state, int(typed) if typed else None)
    return accepted_text(accepted.alarms, unmark(state / FILE, accepted.cleared))
