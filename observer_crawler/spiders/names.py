"""`-a ids=`: articles by number, range, id or address, from the command line or a file.

A file has one a line, or is a list that `scrapy export` wrote: see `listed`. A number says nothing
of a dated page of the first years: there the whole address is needed.
"""

from __future__ import annotations

import logging
import re
from hashlib import sha256
from typing import TYPE_CHECKING

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.kinds import edition_of
from observer_crawler.spiders import listed, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from observer_crawler.spiders.listed import Word
    from observer_crawler.urls import Address

logger = logging.getLogger(__name__)

_NUMBERS = re.compile(r"(?:([a-z]{1,2}):)?([0-9]{1,9})(?:-([0-9]{1,9}))?", re.IGNORECASE)
_NUMBER = newspaper.KNOWN[newspaper.LANGUAGES[0]]
_FIRST = _NUMBER // 1_000 * 1_000
_EXPECTED = (
    f"expected numbers like {_NUMBER} or {_FIRST}-{_FIRST + 1_000}, ids like "
    f"{newspaper.SPACES[newspaper.LANGUAGES[0]]}:{_NUMBER}, or addresses of articles"
)


class Names:
    """Some articles, in the order in which they were named; a range takes no room."""

    def __init__(self, language: str, parts: Iterable[range | str]) -> None:
        """Each part is a range of numbers, or the address of an article without one."""
        self._space = newspaper.SPACES[language]
        self._parts = tuple(parts)
        self._dated = {urls.parse(part).name for part in self._parts if isinstance(part, str)}
        ranges = [part for part in self._parts if isinstance(part, range)]
        self._alone = {part.start for part in ranges if len(part) == 1}
        self._long = [part for part in ranges if len(part) > 1]

    def __iter__(self) -> Iterator[Address]:
        for part in self._parts:
            if isinstance(part, str):
                yield urls.parse(part)
            else:
                yield from (urls.article(self._space, number) for number in part)

    def __len__(self) -> int:
        return sum(1 if isinstance(part, str) else len(part) for part in self._parts)

    def __contains__(self, name: str) -> bool:
        """Whether an article is one of them, by its name."""
        space, _, text = name.partition(":")
        if space != self._space:
            return name in self._dated
        number = int(text)
        return number in self._alone or any(number in part for part in self._long)

    @property
    def key(self) -> str:
        """The same for the same articles in the same order, and short."""
        written = "\n".join(
            part if isinstance(part, str) else f"{part.start}-{part.stop - 1}"
            for part in self._parts
        )
        return sha256(written.encode()).hexdigest()[:16]


def read(options: Mapping[str, str], language: str, site: str | None) -> Names | None:
    """Read `ids`; None where it was not typed. Raises ConfigurationError with one line."""
    if "ids" not in options:
        return None
    text = options["ids"].strip()
    if text.startswith("@"):
        parts = _of_file(text[1:], language, site)
    else:
        parts = [_part(word, language, site, "") for word in typed.words(text)]
    if not parts:
        raise ConfigurationError(f"argument ids: {_EXPECTED}; got {options['ids']!r}")
    return Names(language, parts)


def _of_file(name: str, language: str, site: str | None) -> list[range | str]:
    """Read a file; of a list that holds both editions, a run takes those of its own."""
    parts, others = list[range | str](), 0
    for word in listed.words(name):
        if word.is_of_list and _is_of_another(word, language, site):
            others += 1
        else:
            where = f" (line {word.line} of {name})"
            parts.append(_part(word.text, language, site, where))
    if others and not parts:
        raise ConfigurationError(
            f"argument ids: all articles of {name!r} are of the other edition: add or leave out "
            f"-a language={newspaper.LANGUAGES[-1]}"
        )
    if others:
        logger.info("%d articles of %s are of the other edition: not of this run", others, name)
    return parts


def _is_of_another(word: Word, language: str, site: str | None) -> bool:
    space, _, number = word.text.partition(":")
    if number.isdecimal() and space in newspaper.SPACES.values():
        return space != newspaper.SPACES[language]
    address = urls.parse(urls.from_site(word.text, site, language))
    return address.kind is urls.Kind.ARTICLE and address.language != language


def _part(word: str, language: str, site: str | None, where: str) -> range | str:
    """Read one word; `where` says in which line of a file it stands."""
    match = _NUMBERS.fullmatch(word)
    if match is None:
        return _address(word, language, site, where)
    space = (match[1] or newspaper.SPACES[language]).lower()
    _check_space(word, space, language, where)
    first, last = int(match[2]), int(match[3] or match[2])
    if not 0 < first <= last:
        raise ConfigurationError(f"argument ids: {word!r} names no number{where}")
    return range(first, last + 1)


def _check_space(word: str, space: str, language: str, where: str) -> None:
    if path := newspaper.DATED_SPACES.get(space):
        raise ConfigurationError(
            f"argument ids: {word!r} needs its whole address, like {newspaper.ORIGIN}{path}: the number alone "
            f"does not say the day{where}"
        )
    if space not in newspaper.SPACES.values():
        raise ConfigurationError(f"argument ids: {_EXPECTED}; got {word!r}{where}")
    if space != newspaper.SPACES[language]:
        other = edition_of(f"{space}:")
        raise ConfigurationError(
            f"argument ids: {word!r} is of the other edition: add -a language={other}{where}"
        )


def _address(word: str, language: str, site: str | None, where: str) -> range | str:
    """Read an address; that of a numbered article is as good as its number."""
    url = word if "://" in word else f"https://{word}"
    address = urls.parse(urls.from_site(url, site, language))
    if address.kind is not urls.Kind.ARTICLE:
        raise ConfigurationError(f"argument ids: {_EXPECTED}; got {word!r}{where}")
    space, _, number = address.name.partition(":")
    if space in newspaper.DATED_SPACES and language == newspaper.LANGUAGES[0]:
        return address.canonical
    _check_space(word, space, language, where)
    return range(int(number), int(number) + 1)
