"""What the archive crawl takes after `-a`, read and checked before anything starts.

Whether a day is too late is asked of the clock, in `check_days`, once there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.spiders import arguments, names, typed
from observer_crawler.spiders.arguments import Common
from observer_crawler.spiders.requisites import NONE

if TYPE_CHECKING:
    import datetime as dt
    import re
    from collections.abc import Mapping
    from fractions import Fraction

    from observer_crawler.spiders.names import Names

ORDER = ("newest", "oldest")
DEFAULT_SEED = 1
# What says which days, or which of a day's articles: whoever names articles has said both.
_OF_DAYS = ("from_date", "until_date", "order", "index_only", "match", "sample", "seed", "probe")
# What chooses among what an index lists: a probe asks for what no index lists.
_OF_INDEXES = ("order", "index_only", "match", "sample")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveArguments(Common):
    """The arguments of one archive crawl.

    With `match`, articles are fetched whose headline it is found in; with `sample`, that share
    of the others too, drawn by `seed`. With neither, all of them. With `probe`, so many numbers
    of these days that no page links, drawn by `seed`, and nothing else.
    """

    order: str = ORDER[0]
    ids: Names | None = None
    index_only: bool = False
    match: re.Pattern[str] | None = None
    sample: Fraction | None = None
    seed: int = DEFAULT_SEED
    probe: int | None = None

    @property
    def names_articles(self) -> bool:
        """Whether the run asks for articles by their number, and for no index."""
        return self.ids is not None or self.probe is not None

    @property
    def has_dates(self) -> bool:
        """Whether the run was given dates; one without takes what is new."""
        return self.from_date is not None or self.until_date is not None

    @property
    def key(self) -> str:
        """What decides what the run wants, in words: the same command has the same.

        Two orders of the same dates are two runs. Without dates they are one: the days that the
        one left unread stand before the last closed day of the other.
        """
        values = {
            "language": self.language,
            "order": self.order if self.has_dates and not self.probe else None,
            "from_date": self.from_date,
            "until_date": self.until_date,
            "ids": self.ids.key if self.ids else None,
            "index_only": "1" if self.index_only else None,
            "match": self.match.pattern if self.match else None,
            "sample": self.sample,
            "seed": self.seed if self.sample or self.probe else None,
            "probe": self.probe,
            "requisites": self.requisites if self.requisites != NONE else None,
        }
        return " ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def read(options: Mapping[str, str]) -> ArchiveArguments:
    """Read what was typed for an archive crawl.

    >>> read({"from_date": "2022-06-01", "sample": "2%", "match": "flood"}).key
    'language=en order=newest from_date=2022-06-01 match=flood sample=1/50 seed=1'
    """
    typed.check_names(options, [field.name for field in fields(ArchiveArguments)])
    _check_pairs(options)
    language, site = arguments.language(options), typed.origin(options)
    seed = typed.count("seed", options, 0)
    found = ArchiveArguments(
        site=site,
        language=language,
        from_date=typed.date("from_date", options),
        until_date=typed.date("until_date", options),
        max_articles=typed.count("max_articles", options, 1),
        revisit=arguments.revisit(options),
        order=typed.one_of("value of order", options.get("order", ORDER[0]), ORDER),
        ids=names.read(options, language, site),
        index_only=typed.switch("index_only", options),
        match=typed.pattern("match", options),
        sample=typed.share("sample", options),
        seed=DEFAULT_SEED if seed is None else seed,
        probe=typed.count("probe", options, 1),
        requisites=arguments.which_requisites(options),
    )
    arguments.check_order(found)
    _check_first(found)
    return found


def _check_pairs(options: Mapping[str, str]) -> None:
    """Refuse what says two things at once."""
    if "ids" in options and (others := [name for name in _OF_DAYS if name in options]):
        raise ConfigurationError(f"ids names the articles: leave out {' and '.join(others)}")
    if "probe" in options and (others := [name for name in _OF_INDEXES if name in options]):
        raise ConfigurationError(
            f"probe asks for what no index lists: leave out {' and '.join(others)}"
        )
    if "seed" in options and not options.keys() & {"sample", "probe"}:
        raise ConfigurationError(
            "seed draws a sample or a probe: add -a sample=2% or -a probe=200, or leave it out"
        )
    chosen = [name for name in ("match", "sample", "requisites") if name in options]
    if typed.switch("index_only", options) and chosen:
        raise ConfigurationError(
            f"index_only fetches no article: leave out {' and '.join(chosen)}"
        )


def _check_first(found: ArchiveArguments) -> None:
    for name, day in (("from_date", found.from_date), ("until_date", found.until_date)):
        if day is not None and day < newspaper.FIRST_DAY:
            raise ConfigurationError(
                f"argument {name}: {day} is before {newspaper.FIRST_DAY}, the first day there is"
            )


def check_days(found: ArchiveArguments, last: dt.date) -> None:
    """Refuse dates after the last day that can be out."""
    for name, day in (("from_date", found.from_date), ("until_date", found.until_date)):
        if day is not None and day > last:
            raise ConfigurationError(
                f"argument {name}: {day} is after {last}, the last day that can be out"
            )
