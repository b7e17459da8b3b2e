"""One typed value each: a day, a count, a share, a pattern, an origin.

Every error is one line that names the argument, says what was expected and shows what was got.
Pure: text in, values out.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from fractions import Fraction
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.exceptions import AddressError, ConfigurationError, UnknownName
from observer_crawler.origins import without_password

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ORIGIN = re.compile(r"\s*https?://[^/?#@\s]+/?\s*", re.IGNORECASE)


def check_names(options: Mapping[str, str], known: Iterable[str]) -> None:
    """Refuse an argument that the spider does not have; Scrapy takes it in silence."""
    for name in options:
        if name not in known:
            raise UnknownName("argument", name, known)


def one_of(what: str, got: str, known: tuple[str, ...]) -> str:
    """Read a word of a few."""
    if got not in known:
        raise UnknownName(what, got, known)
    return got


def words(text: str) -> list[str]:
    """Read a list with commas between."""
    return [" ".join(word.split()) for word in text.split(",") if word.strip()]


def origin(options: Mapping[str, str]) -> str | None:
    """Read `site`; what would be left out of the address without a word is refused."""
    if "site" not in options:
        return None
    text = options["site"]
    try:
        found = urls.origin_of(text)
    except AddressError as err:
        raise ConfigurationError(f"argument site: {err}") from err
    if not _ORIGIN.fullmatch(text):
        raise ConfigurationError(
            f"argument site: expected scheme and host alone like http://host:8000, "
            f"got {without_password(text)!r}"
        )
    return found


def date(name: str, options: Mapping[str, str]) -> dt.date | None:
    """Read a day; None where none was typed."""
    if name not in options:
        return None
    got = options[name]
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", got):
            return dt.date.fromisoformat(got)
    except ValueError as err:
        raise ConfigurationError(f"argument {name}: no such day: {got!r} ({err})") from err
    raise ConfigurationError(f"argument {name}: expected a day like 2022-06-16, got {got!r}")


def count(name: str, options: Mapping[str, str], least: int) -> int | None:
    """Read a whole number; None where none was typed."""
    if name not in options:
        return None
    got = options[name]
    if not re.fullmatch(r"[0-9]{1,9}", got) or int(got) < least:
        raise ConfigurationError(
            f"argument {name}: expected a number from {least} up, got {got!r}"
        )
    return int(got)


def switch(name: str, options: Mapping[str, str]) -> bool:
    """Read `1` or `0`; off where nothing was typed."""
    got = options.get(name, "0")
    if got not in {"0", "1"}:
        raise ConfigurationError(f"argument {name}: expected 1 or 0, got {got!r}")
    return got == "1"


def share(name: str, options: Mapping[str, str]) -> Fraction | None:
    """Read a share, exact as it was typed.

    >>> share("sample", {"sample": "2%"}) == share("sample", {"sample": "0.02"})
    True
    """
    if name not in options:
        return None
    got = options[name].strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?%?", got):
        found = Fraction(got.rstrip("%")) / (100 if got.endswith("%") else 1)
        if 0 < found <= 1:
            return found
    raise ConfigurationError(
        f"argument {name}: expected a share like 2% or 0.02, got {options[name]!r}"
    )


def pattern(name: str, options: Mapping[str, str]) -> re.Pattern[str] | None:
    """Read a regular expression, in the form in which headlines are kept (NFC)."""
    if name not in options:
        return None
    got = options[name]
    if not got:
        raise ConfigurationError(f"argument {name}: expected a regular expression, got {got!r}")
    try:
        return re.compile(unicodedata.normalize("NFC", got), re.IGNORECASE)
    except re.error as err:
        raise ConfigurationError(
            f"argument {name}: no regular expression: {got!r} ({err})"
        ) from err
