"""What the backfill from web archives takes after `-a`, read and checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler.archives import source_of
from observer_crawler.spiders import arguments, typed
from observer_crawler.spiders.arguments import Common

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

DEFAULT_SOURCE = "wayback"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturesArguments(Common):
    """The arguments of one backfill. `source` as it was typed; `all`: every text that was captured."""

    source: str = DEFAULT_SOURCE
    all: bool = False

    @property
    def has_dates(self) -> bool:
        """Whether the run was given dates."""
        return self.from_date is not None or self.until_date is not None

    @property
    def first_day(self) -> dt.date:
        """The first day of the run."""
        return self.from_date or newspaper.FIRST_DAY

    @property
    def key(self) -> str:
        """What decides what the run wants, in words: the same command has the same."""
        values = {
            "language": self.language,
            "source": self.source,
            "from_date": self.from_date,
            "until_date": self.until_date,
            "all": "1" if self.all else None,
        }
        return " ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def read(options: Mapping[str, str]) -> CapturesArguments:
    """Read what was typed for a backfill.

    >>> read({"source": "commoncrawl", "from_date": "2016-01-01"}).key
    'language=en source=commoncrawl from_date=2016-01-01'
    """
    known = [field.name for field in fields(CapturesArguments)]
    typed.check_names(options, [name for name in known if name != "revisit"])
    found = CapturesArguments(
        site=typed.origin(options),
        language=arguments.language(options),
        source=options.get("source", DEFAULT_SOURCE).strip().rstrip("/"),
        from_date=typed.date("from_date", options),
        until_date=typed.date("until_date", options),
        all=typed.switch("all", options),
        max_articles=typed.count("max_articles", options, 1),
    )
    source_of(found.source, {})
    arguments.check_order(found)
    return found
