"""What a person may type after `-a`, read and checked before anything starts.

Here stands what both spiders take, and what the link crawl takes; `archive_arguments` has the
rest. Pure: text in, values out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler.exceptions import ConfigurationError, UnknownName
from observer_crawler.spiders import requisites, typed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

FOLLOW = ("lists", "latest", "related", "most_read", "neighbours", "front")
DEFAULT_FOLLOW = "lists,latest,related"
REVISIT = ("no", "due", "all")
DEFAULT_REVISIT = "due"
_SUFFIX = re.compile(r"\s*\((?:print|online)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every run may be asked. None means: no limit, or the newspaper's own site.

    `revisit`: which stored articles are visited again: none, those due, or all. `requisites`: what
    of the pages of articles is fetched beside them.
    """

    site: str | None = None
    language: str = newspaper.LANGUAGES[0]
    from_date: dt.date | None = None
    until_date: dt.date | None = None
    max_articles: int | None = None
    revisit: str = DEFAULT_REVISIT
    requisites: str = requisites.NONE

    @property
    def origin(self) -> str:
        """The origin that is asked."""
        return self.site or newspaper.ORIGINS[self.language]

    def is_older(self, day: dt.date) -> bool:
        """Whether a day lies before the run's."""
        return self.from_date is not None and day < self.from_date

    def is_outside(self, day: dt.date) -> bool:
        """Whether a day is not one of the run's."""
        return self.is_older(day) or (self.until_date is not None and day > self.until_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments(Common):
    """The arguments of one link crawl."""

    sections: tuple[int, ...] = ()
    follow: frozenset[str] = frozenset()
    max_depth: int | None = None

    @property
    def is_limited(self) -> bool:
        """Whether anything keeps the run from reading all that hangs together."""
        limits = (self.from_date, self.until_date, self.max_articles, self.max_depth)
        return any(limit is not None for limit in limits)


def read(options: Mapping[str, str]) -> Arguments:
    """Read what was typed for a link crawl.

    >>> read({"sections": "foreign news,185", "from_date": "2022-06-01"}).sections
    (198, 185)
    """
    typed.check_names(options, [field.name for field in fields(Arguments)])
    arguments = Arguments(
        site=typed.origin(options),
        language=language(options),
        sections=_sections(options.get("sections", str(newspaper.DEFAULT_SECTION))),
        follow=frozenset(_follow(options.get("follow", DEFAULT_FOLLOW))),
        from_date=typed.date("from_date", options),
        until_date=typed.date("until_date", options),
        max_articles=typed.count("max_articles", options, 1),
        max_depth=typed.count("max_depth", options, 0),
        revisit=revisit(options),
        requisites=which_requisites(options),
    )
    check_order(arguments)
    return arguments


def language(options: Mapping[str, str]) -> str:
    """Read which edition is meant."""
    return typed.one_of(
        "language", options.get("language", newspaper.LANGUAGES[0]), newspaper.LANGUAGES
    )


def revisit(options: Mapping[str, str]) -> str:
    """Read which stored articles are visited again."""
    return typed.one_of("value of revisit", options.get("revisit", DEFAULT_REVISIT), REVISIT)


def which_requisites(options: Mapping[str, str]) -> str:
    """Read what of the pages of articles is fetched beside them."""
    asked = options.get("requisites", requisites.NONE)
    return typed.one_of("value of requisites", asked, requisites.WHICH)


def check_order(arguments: Common) -> None:
    """Refuse dates that stand the wrong way round."""
    first, last = arguments.from_date, arguments.until_date
    if first and last and first > last:
        raise ConfigurationError(f"from_date {first} is after until_date {last}")


def days(typed_: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Read the first and the last day of a command as a crawl reads its arguments of these names.

    >>> days({"from_date": "2022-06-01", "until_date": None, "csv": True})
    ('2022-06-01', None)
    """
    names = ("from_date", "until_date")
    options = {name: text for name in names if (text := typed_[name]) is not None}
    first, last = (typed.date(name, options) for name in names)
    check_order(Common(from_date=first, until_date=last))
    return first.isoformat() if first else None, last.isoformat() if last else None


def _follow(text: str) -> list[str]:
    return [typed.one_of("value of follow", word, FOLLOW) for word in typed.words(text)]


def _sections(text: str) -> tuple[int, ...]:
    """Read names and numbers; any number may be a section, for the menu is not known whole."""
    words = typed.words(text)
    if "all" in [word.casefold() for word in words]:
        return tuple(sorted(newspaper.SECTIONS))
    numbers = dict.fromkeys(_section(word) for word in words)
    if not numbers:
        raise ConfigurationError(f"argument sections: expected names or numbers, got {text!r}")
    return tuple(numbers)


def _section(word: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,4}", word):
        return int(word)
    names = {number: name.casefold() for number, name in newspaper.SECTIONS.items()}
    wanted = word.casefold()
    exact = [number for number, name in names.items() if name == wanted]
    found = [number for number, name in names.items() if _SUFFIX.sub("", name) == wanted] or exact
    if not found:
        raise UnknownName("section", word, newspaper.SECTIONS.values())
    if len(found) > 1:
        both = " and ".join(f"{number} ({newspaper.SECTIONS[number]})" for number in found)
        raise ConfigurationError(f"section {word!r} stands for {both}: give the number")
    return found[0]
