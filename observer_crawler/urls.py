"""The address grammar of the site: what an address is, its one name, its other forms.

The site has written the same article as `details.php?id=N`, `news.php?id=N` and `/news/N`,
with and without www, in http and https, in upper case, with fragments. Here each of them
gets one name, so that a story is asked for once. Pure: strings in, values out; no clock.

`from_site` and `to_site` (`mirror`) are all that knows the `site` argument.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 (doctests make days)
import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from observer_crawler import forms
from observer_crawler import site as newspaper
from observer_crawler.exceptions import AddressError
from observer_crawler.forms import article_prefixes, day_form
from observer_crawler.kinds import KEPT, Address, Kind, edition_of
from observer_crawler.mirror import from_site, to_site
from observer_crawler.origins import folder_of, is_loopback, origin_of, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "KEPT",
    "Address",
    "Kind",
    "article",
    "article_prefixes",
    "day",
    "day_form",
    "from_site",
    "front",
    "is_image",
    "is_loopback",
    "listing",
    "origin_of",
    "parse",
    "printed",
    "resolve",
    "to_site",
]

_HOSTS = {
    newspaper.DOMAIN: "en",
    f"www.{newspaper.DOMAIN}": "en",
    f"bn.{newspaper.DOMAIN}": "bn",
    f"www.bn.{newspaper.DOMAIN}": "bn",
}
_DATED = re.compile(r"/([0-9]{4})/([0-9][0-9]?)/([0-9][0-9]?)/([0-9]{1,9})\.php", re.IGNORECASE)
_DATED_DAY = re.compile(r"/([0-9]{4})/([0-9][0-9]?)/([0-9][0-9]?)/?(?:index\.php)?", re.IGNORECASE)
_NEWS = re.compile(r"/news/([0-9]{1,9})/?", re.IGNORECASE)
_MENU = re.compile(r"/menu/([0-9]{1,5})(?:/([0-9]{1,6}))?/?", re.IGNORECASE)
_ARCHIVE = re.compile(
    r"/archive/([0-9]{4})-([0-9][0-9]?)-([0-9][0-9]?)(?:/([0-9]{1,6}))?/?", re.IGNORECASE
)
_AUTHOR = re.compile(r"/author/([^/]+)(?:/([0-9]{1,4}))?(?:/([0-9]{1,6}))?/?", re.IGNORECASE)
_IMAGE = re.compile(
    r"/[0-9]{4}/[0-9][0-9]?/[0-9][0-9]?/(?:[a-z.]*_)?[0-9]{6,14}\.(?:jpe?g|png|gif|webp)",
    re.IGNORECASE,
)
_FRONTS = ("", "/", "/index.php", "/index.html", "/home", "/home.php")
_NUMBER = re.compile(r"[0-9]{1,9}")
_LONGEST_KEPT = 500  # letters: 20,000 of a hostile page's would be gigabytes


def parse(url: str) -> Address:
    """Understand an absolute address; anything that is not the site's own is OFFSITE.

    >>> parse("HTTP://ObserverBD.com/News.php?id=370580#google_vignette").name
    'b:370580'
    >>> parse("https://www.observerbd.com/cat.php?cd=198&pg=2").name
    'list:198:2'
    >>> parse("https://www.observerbd.com/archive/2022-06-16?page=2").name
    'day:2022-06-16:2'
    >>> parse("https://example.org/news/1").kind
    <Kind.OFFSITE: 'offsite'>
    """
    return _parsed(url) if len(url) <= _LONGEST_KEPT else _parsed.__wrapped__(url)


@lru_cache(maxsize=20_000)
def _parsed(url: str) -> Address:
    if (numbered := _NUMBERED.fullmatch(url)) and (number := int(numbered[2])):
        return forms.numbered(url, number, _LANGUAGES[numbered[1]])
    if plain := _PLAIN.fullmatch(url):
        parts = SplitResult("https", "", plain[2], plain[3] or "", "")
        return _read(url, parts, _LANGUAGES[plain[1]])
    try:
        parts = urlsplit(url)
        language = _HOSTS.get((parts.hostname or "").rstrip("."))
        own = parts.scheme in {"http", "https"} and parts.port in {None, 80, 443}
    except ValueError:
        return Address(Kind.OFFSITE, url, url)
    if language is None or not own:
        return Address(Kind.OFFSITE, url, url)
    query = f"?{parts.query}" if parts.query else ""
    parts = parts._replace(path=re.sub("^/+", "/", parts.path or "/"))
    return _read(f"{newspaper.ORIGINS[language]}{parts.path}{query}", parts, language)


_LANGUAGES = {origin: language for language, origin in newspaper.ORIGINS.items()}
# Addresses that need no care: most links of a page are articles by their number.
_ORIGIN = "|".join(map(re.escape, _LANGUAGES))
_NUMBERED = re.compile(rf"({_ORIGIN})/(?:news/|news\.php\?id=|details\.php\?id=)([0-9]{{1,9}})")
_PLAIN = re.compile(rf"({_ORIGIN})(/(?!/)[\w./-]*)(?:\?([\w=&-]+))?", re.ASCII)


def _read(address: str, parts: SplitResult, language: str) -> Address:
    for read in _READERS:
        if found := read(address, parts, language):
            return found
    return Address(Kind.OTHER, address, address, language, address, (address,))


def printed(hrefs: Iterable[str], base: str) -> list[Address | None]:
    """Understand what a page printed in its links; None for what is no address of the web.

    >>> found = printed(["../2", "#top"], "https://www.observerbd.com/news/1/")
    >>> found[0].name, found[1]
    ('b:2', None)
    """
    folder = folder_of(base)
    return [
        _kept(href, folder)
        if len(href) <= _LONGEST_KEPT and href[:1] not in _OF_BASE
        else _printed(href, base if href[:1] in _OF_BASE else folder)
        for href in hrefs
    ]


_OF_BASE = frozenset("?\t\r\n\x00\x0b\x0c\x1f ")  # or what may stand before the "?"


def _printed(href: str, base: str) -> Address | None:
    url = resolve(href, base)
    return None if url is None else parse(url)


# Pages repeat each other's links: nine of ten were read before, relative to the same folder.
@lru_cache(maxsize=20_000)
def _kept(href: str, folder: str) -> Address | None:
    """Read an href as `_printed` does; most of those that are new stand for themselves."""
    plain = _NUMBERED_OR_PICTURE.fullmatch(href)
    origin = plain and (plain[1] or "/".join(folder.split("/", 3)[:3]))
    if plain is None or origin not in _LANGUAGES:
        return _printed(href, folder)
    url, language = origin + plain[2], _LANGUAGES[origin]
    if plain[3]:
        return forms.numbered(url, int(plain[3]), language)
    return Address(Kind.IMAGE, url, url, language, url, (url,))


_NUMBERED_OR_PICTURE = re.compile(
    rf"({_ORIGIN})?(/(?:(?:news/|(?:news|details)\.php\?id=)([1-9][0-9]{{0,8}})|"
    r"[0-9]{4}/[0-9]{2}/[0-9]{2}/(?:[a-z.]*_)?[0-9]{6,14}\.(?:jpg|png|gif|webp)))(?:#.*)?"
)


def is_image(url: str) -> bool:
    """Whether an absolute address is one of the newspaper's own story pictures.

    >>> is_image("https://www.observerbd.com/2022/06/16/observerbd.com_1655400000.jpg")
    True
    >>> is_image("http://www.observerbd.com/files/FB-Share.jpg")
    False
    """
    return parse(url).kind is Kind.IMAGE


def article(space: str, number: int, date: dt.date | None = None) -> Address:
    """Give the article of a number; of a dated space its day must be given too.

    >>> article("b", 370580).canonical
    'https://www.observerbd.com/news/370580'
    """
    if date is not None and space in newspaper.DATED_SPACES:
        return forms.dated("", number, date)
    if space not in newspaper.SPACES.values():
        known = " or ".join(map(repr, newspaper.SPACES.values()))
        raise AddressError(f"space {space!r} is not numbered alone; expected {known}")
    return forms.numbered("", number, edition_of(f"{space}:"))


def listing(section: int, page: int = 1, language: str = "en") -> Address:
    """Give a page of a section's list.

    >>> listing(198, 3).url
    'https://www.observerbd.com/menu/198/3'
    """
    return forms.listing("", section, page, language)


def day(date: dt.date, language: str = "en") -> Address:
    """Give the index of one day.

    >>> day(dt.date(2022, 6, 1)).forms[1]
    'https://www.observerbd.com/archive.php?d=01&m=06&y=2022'
    """
    return forms.day_index("", date, language)


def front(language: str = "en") -> Address:
    """Give the front page."""
    return parse(f"{newspaper.ORIGINS[language]}/")


def _read_article(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _DATED.fullmatch(parts.path):
        date = (
            forms.printed_day(*match.groups()[:3]) if language == "en" and int(match[4]) else None
        )
        return forms.dated(url, int(match[4]), date) if date else None
    number = ""
    if match := _NEWS.fullmatch(parts.path):
        number = match[1]
    elif parts.path.lower() in {"/news.php", "/details.php"}:
        number = forms.fields(parts.query).get("id", "")
    if not _NUMBER.fullmatch(number) or int(number) == 0:
        return None
    return forms.numbered(url, int(number), language)


def _read_listing(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _MENU.fullmatch(parts.path):
        return forms.listing(url, int(match[1]), int(match[2] or 1), language)
    if parts.path.lower() != "/cat.php":
        return None
    query = forms.fields(parts.query)
    if "key" in query:
        return Address(Kind.SEARCH, url, url, language, url, (url,))
    section, page = query.get("cd", ""), query.get("pg") or query.get("page") or "1"
    if not (_NUMBER.fullmatch(section) and _NUMBER.fullmatch(page)):
        return None
    return forms.listing(url, int(section), int(page), language)


def _read_day(url: str, parts: SplitResult, language: str) -> Address | None:
    match = _ARCHIVE.fullmatch(parts.path) or _DATED_DAY.fullmatch(parts.path)
    if match is None and parts.path.lower() != "/archive.php":
        return None
    fields = forms.fields(parts.query)
    if match:
        written = zip(("y", "m", "d", "page"), match.groups(), strict=False)
        fields |= {name: value for name, value in written if value}
    date = forms.printed_day(*(fields.get(name, "") for name in "ymd"))
    numbers = (fields.get(name, "") for name in forms.PAGE_FIELDS)
    page = next(filter(_NUMBER.fullmatch, numbers), "1")
    return forms.day_index(url, date, language, int(page)) if date else None


def _read_author(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _AUTHOR.fullmatch(parts.path):
        spelling, rest = unquote(match[1]), [part for part in match.groups()[1:] if part]
    elif parts.path.lower() == "/author.php" and "n" in forms.fields(parts.query):
        spelling, rest = unquote_plus(forms.fields(parts.query)["n"]), []
    else:
        return None
    return forms.author(url, spelling, rest, language)


def _read_single(url: str, parts: SplitResult, language: str) -> Address | None:
    path, origin = parts.path.lower(), newspaper.ORIGINS[language]
    if path.rstrip("/") in forms.FEEDS:
        return Address(Kind.FEED, url, forms.named(language, "feed"), language, url, (url,))
    if path in _FRONTS and not parts.query:
        home = f"{origin}/"
        return Address(Kind.FRONT, url, forms.named(language, "front"), language, home, (home,))
    kind = forms.ALONE.get(path) or (Kind.IMAGE if _IMAGE.fullmatch(path) else None)
    return Address(kind, url, url, language, url, (url,)) if kind else None


_READERS: tuple[Callable[[str, SplitResult, str], Address | None], ...] = (
    _read_article,
    _read_listing,
    _read_day,
    _read_author,
    _read_single,
)
