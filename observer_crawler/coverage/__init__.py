"""What is there and what is not, day by day: the ledger laid over the newspaper's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.coverage.cutting import cut
from observer_crawler.coverage.doubts import doubts
from observer_crawler.coverage.page import as_html
from observer_crawler.coverage.report import Report, as_json
from observer_crawler.coverage.survey import survey
from observer_crawler.coverage.words import as_text
from observer_crawler.ledger import FILE
from observer_crawler.ledger.census import CensusReader
from observer_crawler.source import Source

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Report", "as_html", "as_json", "as_text", "look", "look_by"]


def look(
    data: Path, language: str | None = None, first: str | None = None, last: str | None = None
) -> Report:
    """Look at a data folder, also while a crawl writes to it: one edition, or all that are known.

    `first` and `last` are the days to look at, both included; None is no end. Raises LedgerError
    and AlarmError.
    """
    with CensusReader(data / "state" / FILE) as reader:
        return look_by(reader, data, language, first, last)


def look_by(
    reader: CensusReader,
    data: Path,
    language: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> Report:
    """Look by a reader of the folder's ledger that is open: as of its moment."""
    languages = [language] if language else reader.languages()
    editions = [cut(survey(reader, each), first, last) for each in languages]
    alarms = doubts(data / "state", reader.marked())
    source = Source.of(data)
    return Report(source, reader.last_fetched_at(), editions, first, last, alarms)
