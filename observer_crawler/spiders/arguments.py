"""What a person may type after `-a`, read and checked before anything starts.

Scrapy takes a misspelt argument in silence and crawls everything; here each is refused with one
line. Pure: text in, values out.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.exceptions import AddressError, ConfigurationError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLLOW = ("lists", "latest", "related", "most_read", "neighbours", "front")
DEFAULT_FOLLOW = "lists,latest,related"
_ORIGIN = re.compile(r"\s*https?://[^/?#@\s]+/?\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"\s*\((?:print|online)\)$")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one run, typed. None means: no limit, or the newspaper's own site."""

    site: str | None = None
    language: str = "en"
    sections: tuple[int, ...] = ()
    follow: frozenset[str] = frozenset()
    from_date: dt.date | None = None
    until_date: dt.date | None = None
    max_articles: int | None = None
    max_depth: int | None = None

    @property
    def origin(self) -> str:
        """The origin that is asked."""
        return self.site or newspaper.ORIGINS[self.language]

    @property
    def is_limited(self) -> bool:
        """Whether anything keeps the run from reading all that hangs together."""
        limits = (self.from_date, self.until_date, self.max_articles, self.max_depth)
        return any(limit is not None for limit in limits)

    def is_older(self, day: dt.date) -> bool:
        """Whether a day lies before the run's."""
        return self.from_date is not None and day < self.from_date

    def is_outside(self, day: dt.date) -> bool:
        """Whether a day is not one of the run's."""
        return self.is_older(day) or (self.until_date is not None and day > self.until_date)


def read(options: Mapping[str, str]) -> Arguments:
    """Read what was typed.

    >>> read({"sections": "foreign news,185", "from_date": "2022-06-01"}).sections
    (198, 185)
    """
    known = [field.name for field in fields(Arguments)]
    for name in options:
        if name not in known:
            raise UnknownName("argument", name, known)
    arguments = Arguments(
        site=_site(options["site"]) if "site" in options else None,
        language=_one_of("language", options.get("language", "en"), newspaper.LANGUAGES),
        sections=_sections(options.get("sections", str(newspaper.DEFAULT_SECTION))),
        follow=frozenset(_follow(options.get("follow", DEFAULT_FOLLOW))),
        from_date=_date("from_date", options),
        until_date=_date("until_date", options),
        max_articles=_count("max_articles", options, 1),
        max_depth=_count("max_depth", options, 0),
    )
    first, last = arguments.from_date, arguments.until_date
    if first and last and first > last:
        raise ConfigurationError(f"from_date {first} is after until_date {last}")
    return arguments


def _words(text: str) -> list[str]:
    return [" ".join(word.split()) for word in text.split(",") if word.strip()]


def _one_of(what: str, got: str, known: tuple[str, ...]) -> str:
    if got not in known:
        raise UnknownName(what, got, known)
    return got


def _site(text: str) -> str:
    """Give the origin; what would be left out of the address without a word is refused."""
    try:
        origin = urls.origin_of(text)
    except AddressError as err:
        raise ConfigurationError(f"argument site: {err}") from err
    if not _ORIGIN.fullmatch(text):
        raise ConfigurationError(
            f"argument site: expected scheme and host alone like http://host:8000, got {text!r}"
        )
    return origin


def _follow(text: str) -> list[str]:
    return [_one_of("value of follow", word, FOLLOW) for word in _words(text)]


def _date(name: str, options: Mapping[str, str]) -> dt.date | None:
    if name not in options:
        return None
    got = options[name]
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", got):
            return dt.date.fromisoformat(got)
    except ValueError as err:
        raise ConfigurationError(f"argument {name}: no such day: {got!r} ({err})") from err
    raise ConfigurationError(f"argument {name}: expected a day like 2022-06-16, got {got!r}")


def _count(name: str, options: Mapping[str, str], least: int) -> int | None:
    if name not in options:
        return None
    got = options[name]
    if not re.fullmatch(r"[0-9]{1,9}", got) or int(got) < least:
        raise ConfigurationError(
            f"argument {name}: expected a number from {least} up, got {got!r}"
        )
    return int(got)


def _sections(text: str) -> tuple[int, ...]:
    """Read names and numbers; any number may be a section, for the menu is not known whole."""
    if "all" in [word.casefold() for word in _words(text)]:
        return tuple(sorted(newspaper.SECTIONS))
    numbers = dict.fromkeys(_section(word) for word in _words(text))
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
