"""The addresses of O Farol: `/70001`, `/seccao/2?p=3`, `/dia/20230301`, each in one form."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from urllib.parse import urlsplit

from observer_crawler.exceptions import AddressError
from observer_crawler.kinds import KEPT, Address, Kind
from observer_crawler.mirror import from_site, to_site
from observer_crawler.origins import is_loopback, origin_of, resolve
from observer_crawler.site import DOMAIN, LANGUAGES, ORIGINS, SPACES

__all__ = ["KEPT", "from_site", "is_loopback", "origin_of", "resolve", "to_site"]
_PT = LANGUAGES[0]
_PAGES = re.compile(
    r"/(?P<number>[1-9][0-9]{0,8})|/dia/(?P<day>[0-9]{8})|(?P<front>/)"
    r"|/seccao/(?P<section>[1-9][0-9]?)(?:\?p=(?P<page>[1-9][0-9]{0,4}))?"
)


def parse(url: str) -> Address:
    try:
        parts = urlsplit(url)
        is_own = parts.hostname == DOMAIN and parts.port in {None, 80, 443}
    except ValueError:
        is_own = False
    if not is_own:
        return Address(Kind.OFFSITE, url, url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        return _known(path)
    except ValueError:
        there = ORIGINS[_PT] + path
        return Address(Kind.OTHER, there, there, _PT, there, (there,))


def _known(path: str) -> Address:
    """Read a path. Raises ValueError for one of no kind, and for a day that is none."""
    found = _PAGES.fullmatch(path)
    match found.groupdict() if found else {}:
        case {"number": str(number)}:
            return article(SPACES[_PT], int(number))
        case {"day": str(text)}:
            return day(dt.date.fromisoformat(text))
        case {"section": str(section), "page": page}:
            return listing(int(section), int(page or 1))
        case {"front": str()}:
            return front()
    raise ValueError(path)


def _address(kind: Kind, path: str, name: str, language: str = _PT) -> Address:
    url = ORIGINS[language] + path
    return Address(kind, url, name, language, url, (url,))


def article(space: str, number: int, _date: dt.date | None = None) -> Address:
    if space not in SPACES.values():
        raise AddressError(f"space {space!r} is not of this newspaper")
    return _address(Kind.ARTICLE, f"/{number}", f"{space}:{number}")


def listing(section: int, page: int = 1, language: str = _PT) -> Address:
    path, name = (f"?p={page}", f":{page}") if page > 1 else ("", "")
    found = _address(Kind.LISTING, f"/seccao/{section}{path}", f"list:{section}{name}", language)
    return replace(found, section=section, page=page)


def day(date: dt.date, language: str = _PT) -> Address:
    return replace(_address(Kind.DAY, f"/dia/{date:%Y%m%d}", f"day:{date}", language), day=date)


def front(language: str = _PT) -> Address:
    return _address(Kind.FRONT, "/", "front", language)


def day_form(_url: str) -> int:
    return 0


def article_prefixes(language: str) -> tuple[str, ...]:
    return (f"{ORIGINS[language]}/",)
