"""The address grammar of the site: what an address is, its one name, its other forms.

The site has written the same article as `details.php?id=N`, `news.php?id=N` and `/news/N`,
with and without www, in http and https, in upper case, with fragments. Here each of them
gets one name, so that a story is asked for once. Pure: strings in, values out; no clock.

`from_site` and `to_site` are all that knows the `site` argument (a mirror or replica that
stands in for the newspaper's own origin).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, quote, unquote, unquote_plus, urljoin, urlsplit

from w3lib.url import safe_url_string

from observer_crawler import site as newspaper
from observer_crawler.exceptions import AddressError

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(StrEnum):
    """What an address stands for. The ledger keeps the first six, all else is counted."""

    ARTICLE = "article"
    FRONT = "front"
    LISTING = "listing"
    DAY = "day"
    AUTHOR = "author"
    FEED = "feed"
    SITEMAP = "sitemap"
    SEARCH = "search"
    IMAGE = "image"
    OTHER = "other"
    OFFSITE = "offsite"


KEPT = frozenset({Kind.ARTICLE, Kind.FRONT, Kind.LISTING, Kind.DAY, Kind.AUTHOR, Kind.FEED})


@dataclass(frozen=True, slots=True)
class Address:
    """One address, understood.

    `url` is the form that was given, absolute, on the newspaper's origin, without fragment.
    `name` is the same for all forms of one page (`b:370580`, `list:198:2`, `day:2022-06-16`);
    for an article it is the id. Off-site and other addresses are their own name.
    """

    kind: Kind
    url: str
    name: str
    language: str | None = None
    canonical: str = ""
    forms: tuple[str, ...] = ()
    section: int | None = None
    page: int = 1
    day: dt.date | None = None


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
_ARCHIVE = re.compile(r"/archive/([0-9]{4})-([0-9][0-9]?)-([0-9][0-9]?)/?", re.IGNORECASE)
_AUTHOR = re.compile(r"/author/([^/]+)(?:/([0-9]{1,4}))?(?:/([0-9]{1,6}))?/?", re.IGNORECASE)
_IMAGE = re.compile(
    r"/[0-9]{4}/[0-9][0-9]?/[0-9][0-9]?/(?:[a-z.]*_)?[0-9]{6,14}\.(?:jpe?g|png|gif|webp)",
    re.IGNORECASE,
)
_FEEDS = ("/rss", "/rss.php", "/rss.xml")
_SITEMAPS = ("/sitemap.php", "/sitemap.xml")
_FRONTS = ("", "/", "/index.php", "/index.html", "/home", "/home.php")
_NUMBER = re.compile(r"[0-9]{1,9}")


@lru_cache(maxsize=8192)
def parse(url: str) -> Address:
    """Understand an absolute address; anything that is not the site's own is OFFSITE.

    >>> parse("HTTP://ObserverBD.com/News.php?id=370580#google_vignette").name
    'b:370580'
    >>> parse("https://www.observerbd.com/cat.php?cd=198&pg=2").name
    'list:198:2'
    >>> parse("https://bn.observerbd.com/details.php?id=55596").name
    'bn:55596'
    >>> parse("https://example.org/news/1").kind
    <Kind.OFFSITE: 'offsite'>
    """
    try:
        parts = urlsplit(url)
        language = _HOSTS.get((parts.hostname or "").rstrip("."))
        own = parts.scheme in {"http", "https"} and parts.port in {None, 80, 443}
    except ValueError:
        return Address(Kind.OFFSITE, url, url)
    if language is None or not own:
        return Address(Kind.OFFSITE, url, url)
    origin = newspaper.ORIGINS[language]
    query = f"?{parts.query}" if parts.query else ""
    address = f"{origin}{parts.path or '/'}{query}"
    for read in _READERS:
        if found := read(address, parts, language):
            return found
    return Address(Kind.OTHER, address, address, language, address, (address,))


def is_image(url: str) -> bool:
    """Whether an absolute address is one of the newspaper's own story pictures.

    >>> is_image("https://www.observerbd.com/2022/06/16/observerbd.com_1655400000.jpg")
    True
    >>> is_image("http://www.observerbd.com/files/FB-Share.jpg")
    False
    """
    return parse(url).kind is Kind.IMAGE


def article(space: str, number: int) -> Address:
    """Give the article of a number in space `b` or `bn`; a dated number needs its whole address.

    >>> article("b", 370580).canonical
    'https://www.observerbd.com/news/370580'
    """
    if space not in {"b", "bn"}:
        message = f"space {space!r} has no address made of its number alone; expected 'b' or 'bn'"
        raise AddressError(message)
    return _numbered("", number, "bn" if space == "bn" else "en")


def listing(section: int, page: int = 1, language: str = "en") -> Address:
    """Give a page of a section's list.

    >>> listing(198, 3).url
    'https://www.observerbd.com/menu/198/3'
    """
    return _listing("", section, page, language)


def day(date: dt.date, language: str = "en") -> Address:
    """Give the index of one day.

    >>> day(dt.date(2022, 6, 1)).forms[1]
    'https://www.observerbd.com/archive.php?d=01&m=06&y=2022'
    """
    return _day("", date, language)


def front(language: str = "en") -> Address:
    """Give the front page."""
    return parse(f"{newspaper.ORIGINS[language]}/")


def resolve(href: str, base: str) -> str | None:
    """Resolve what a page printed in an href; None when it is no address of the web.

    >>> resolve(" ../../../2014/09/06/41457.php#x", "https://www.observerbd.com/2014/09/06/1.php")
    'https://www.observerbd.com/2014/09/06/41457.php'
    >>> resolve("javascript:void(0)", "https://www.observerbd.com/") is None
    True
    >>> resolve("http://[bad", "https://www.observerbd.com/") is None
    True
    """
    cleaned = re.sub(r"[\t\r\n]", "", href).strip("\x00\x0b\x0c\x1f ")
    if not cleaned or cleaned.startswith("#") or _BARE_SCHEME.fullmatch(cleaned):
        return None
    # Links repeat from page to page; all but "?x=1" depend on no more than the base's folder.
    folder = base if cleaned.startswith("?") else base.partition("?")[0].rpartition("/")[0] + "/"
    return _resolve(cleaned, folder)


_BARE_SCHEME = re.compile(r"https?:/*", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _resolve(href: str, base: str) -> str | None:
    try:
        joined = urljoin(base, href)
        parts = urlsplit(joined)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        safe = safe_url_string(joined.partition("#")[0])
        _ = urlsplit(safe).port
    except ValueError:
        return None
    return safe


def origin_of(url: str) -> str:
    """Give scheme, host and port of an address that a person typed, in lower case.

    >>> origin_of("http://LocalHost:8000/x")
    'http://localhost:8000'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as err:
        message = f"not a web address: {url!r}; expected something like http://host:8000"
        raise AddressError(message) from err
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"not a web address: {url!r}; expected something like http://host:8000"
        raise AddressError(message)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, default} else "")


def is_loopback(url: str) -> bool:
    """Whether an address is answered by this machine itself, told by its host name alone.

    >>> [is_loopback(f"http://{host}/x") for host in ("127.0.0.1:8000", "localhost", "[::1]")]
    [True, True, True]
    >>> [is_loopback(f"http://{host}/x") for host in ("127.0.0.1.example.org", "10.0.0.1", "")]
    [False, False, False]
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    numbers = host.split(".")
    if numbers[0] == "127" and len(numbers) == 4:
        return all(number.isdecimal() for number in numbers)
    return host in {"localhost", "::1"} or host.endswith(".localhost")


def from_site(url: str, site: str | None, language: str = "en") -> str:
    """Turn an address of the stand-in `site` into the newspaper's own; leave all others.

    >>> from_site("http://127.0.0.1:8000/news/1", "http://127.0.0.1:8000")
    'https://www.observerbd.com/news/1'
    """
    return _swap(url, site, newspaper.ORIGINS[language]) if site else url


def to_site(url: str, site: str | None, language: str = "en") -> str:
    """Turn an address of the newspaper into the one to fetch.

    >>> to_site("https://www.observerbd.com/news/1", "http://127.0.0.1:8000")
    'http://127.0.0.1:8000/news/1'
    """
    return _swap(url, newspaper.ORIGINS[language], site) if site else url


def _swap(url: str, old: str, new: str) -> str:
    if origin_of(url) != origin_of(old):
        return url
    parts = urlsplit(url)
    return origin_of(new) + parts._replace(scheme="", netloc="").geturl()


def _query(parts: SplitResult) -> dict[str, str]:
    fields = parse_qs(parts.query, keep_blank_values=True, max_num_fields=50)
    return {key.lower(): values[-1].strip() for key, values in fields.items()}


def _date(year: str, month: str, day_of_month: str) -> dt.date | None:
    try:
        date = dt.date(int(year), int(month), int(day_of_month))
    except ValueError:
        return None
    return date if date >= newspaper.FIRST_DAY else None


def _numbered(url: str, number: int, language: str) -> Address:
    origin = newspaper.ORIGINS[language]
    forms = (
        f"{origin}/news/{number}",
        f"{origin}/news.php?id={number}",
        f"{origin}/details.php?id={number}",
    )
    if language == "bn":
        forms = forms[::-1]
    name = f"{'bn' if language == 'bn' else 'b'}:{number}"
    return Address(Kind.ARTICLE, url or forms[0], name, language, forms[0], forms)


def _listing(url: str, section: int, page: int, language: str) -> Address:
    origin = newspaper.ORIGINS[language]
    suffix, query = (f"/{page}", f"&pg={page}") if page > 1 else ("", "")
    forms = (f"{origin}/menu/{section}{suffix}", f"{origin}/cat.php?cd={section}{query}")
    if language == "bn":
        forms = forms[::-1]
    name = _name(language, f"list:{section}" + (f":{page}" if page > 1 else ""))
    return Address(
        Kind.LISTING, url or forms[0], name, language, forms[0], forms, section, max(page, 1)
    )


def _day(url: str, date: dt.date, language: str) -> Address:
    origin = newspaper.ORIGINS[language]
    forms = (
        f"{origin}/archive/{date.isoformat()}",
        f"{origin}/archive.php?d={date:%d}&m={date:%m}&y={date:%Y}",
        f"{origin}/{date:%Y/%m/%d}/index.php",
    )
    name = _name(language, f"day:{date.isoformat()}")
    return Address(Kind.DAY, url or forms[0], name, language, forms[0], forms, day=date)


def _name(language: str, name: str) -> str:
    return name if language == "en" else f"{language}/{name}"


def _read_article(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _DATED.fullmatch(parts.path):
        date = _date(*match.groups()[:3])
        if date is None or language != "en":
            return None
        canonical = f"{newspaper.ORIGINS[language]}/{date:%Y/%m/%d}/{int(match[4])}.php"
        name = f"a:{int(match[4])}"
        return Address(Kind.ARTICLE, url, name, language, canonical, (canonical,), day=date)
    number = None
    if match := _NEWS.fullmatch(parts.path):
        number = match[1]
    elif parts.path.lower() in {"/news.php", "/details.php"}:
        number = _query(parts).get("id", "")
    if number is None or not _NUMBER.fullmatch(number) or int(number) == 0:
        return None
    return _numbered(url, int(number), language)


def _read_listing(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _MENU.fullmatch(parts.path):
        return _listing(url, int(match[1]), int(match[2] or 1), language)
    if parts.path.lower() != "/cat.php":
        return None
    query = _query(parts)
    if "key" in query:
        return Address(Kind.SEARCH, url, url, language, url, (url,))
    section, page = query.get("cd", ""), query.get("pg") or query.get("page") or "1"
    if not (_NUMBER.fullmatch(section) and _NUMBER.fullmatch(page)):
        return None
    return _listing(url, int(section), int(page), language)


def _read_day(url: str, parts: SplitResult, language: str) -> Address | None:
    match = _ARCHIVE.fullmatch(parts.path) or _DATED_DAY.fullmatch(parts.path)
    if match:
        date = _date(*match.groups())
    elif parts.path.lower() == "/archive.php":
        query = _query(parts)
        date = _date(query.get("y", ""), query.get("m", ""), query.get("d", ""))
    else:
        return None
    return _day(url, date, language) if date else None


def _read_author(url: str, parts: SplitResult, language: str) -> Address | None:
    if match := _AUTHOR.fullmatch(parts.path):
        spelling, rest = unquote(match[1]), [part for part in match.groups()[1:] if part]
    elif parts.path.lower() == "/author.php" and "n" in _query(parts):
        spelling, rest = unquote_plus(_query(parts)["n"]), []
    else:
        return None
    author = " ".join(re.split(r"[\s+-]+", spelling.casefold())).strip()
    name = _name(language, ":".join(["author", author, *rest]))
    hyphened = "/".join([quote(author.replace(" ", "-")), *rest])
    canonical = f"{newspaper.ORIGINS[language]}/author/{hyphened}"
    return Address(Kind.AUTHOR, url, name, language, canonical, (url,)) if author else None


def _read_single(url: str, parts: SplitResult, language: str) -> Address | None:
    path, origin = parts.path.lower(), newspaper.ORIGINS[language]
    if path.rstrip("/") in _FEEDS:
        return Address(Kind.FEED, url, _name(language, "feed"), language, url, (url,))
    if path in _SITEMAPS:
        return Address(Kind.SITEMAP, url, url, language, url, (url,))
    if path in _FRONTS and not parts.query:
        forms = (f"{origin}/",)
        return Address(Kind.FRONT, url, _name(language, "front"), language, forms[0], forms)
    if path == "/cat-adv.php":
        return Address(Kind.SEARCH, url, url, language, url, (url,))
    if _IMAGE.fullmatch(path):
        return Address(Kind.IMAGE, url, url, language, url, (url,))
    return None


_READERS: tuple[Callable[[str, SplitResult, str], Address | None], ...] = (
    _read_article,
    _read_listing,
    _read_day,
    _read_author,
    _read_single,
)
