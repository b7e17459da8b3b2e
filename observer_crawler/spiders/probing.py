"""`-a probe=N`: articles by numbers that no page links, to learn how many of these are real.

Which numbers there are is for `coverage` to say; here they become addresses.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.coverage import probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.spiders.archive_arguments import ArchiveArguments
    from observer_crawler.urls import Address

# The box by which the ledger tells later what a probe has found.
BOX = probe.BOX


class Drawn:
    """Some articles that may not be there, in the order in which they are asked for."""

    def __init__(self, articles: list[Address]) -> None:
        self._articles = {article.name: article for article in articles}

    def __iter__(self) -> Iterator[Address]:
        return iter(self._articles.values())

    def __len__(self) -> int:
        return len(self._articles)

    def __contains__(self, name: str) -> bool:
        return name in self._articles


def draw(asked: ArchiveArguments, path: Path) -> Drawn:
    """Draw the numbers of a run from its ledger, which has been opened by then."""
    days = [day.isoformat() if day else None for day in (asked.from_date, asked.until_date)]
    wanted = probe.Wanted(asked.language, asked.probe or 0, asked.seed, *days)
    return Drawn([_address(each) for each in probe.draw(path, wanted)])


def _address(drawn: probe.Number) -> Address:
    day = dt.date.fromisoformat(drawn.first_day)
    return urls.article(drawn.space, drawn.number, day)
