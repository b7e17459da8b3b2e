"""Addresses of the web as such: resolving, origins, this machine. Knows no newspaper.

Pure: strings in, values out. `urls` hands these on to whoever reads addresses of the site.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from w3lib.url import safe_url_string

from observer_crawler.exceptions import AddressError

# Characters of an address. The longest known of the site has about 200 (an author's name in Bangla,
# percent-encoded); one of a megabyte, with a query that grows, would be kept, logged and asked for.
LONGEST = 2_000


def resolve(href: str, base: str) -> str | None:
    """Resolve what a page printed in an href; None when it is no address of the web.

    >>> resolve(" ../../2.php#x", "https://example.org/news/old/1.php")
    'https://example.org/2.php'
    >>> resolve("javascript:void(0)", "https://example.org/") is None
    True
    >>> resolve("http://[bad", "https://example.org/") is None
    True
    >>> resolve("/news/1?x=" + "1" * LONGEST, "https://example.org/") is None
    True
    """
    if len(href) > LONGEST:
        return None
    found = _resolved(href, base)
    return found if found and len(found) <= LONGEST else None


def _resolved(href: str, base: str) -> str | None:
    if (plain := _PLAIN.fullmatch(href)) and (start := _start(plain[1], folder_of(base))):
        return start + plain[2]
    cleaned = re.sub(r"[\t\r\n]", "", href).strip("\x00\x0b\x0c\x1f ")
    if not cleaned or cleaned.startswith("#") or _BARE_SCHEME.fullmatch(cleaned):
        return None
    return _join(cleaned, base if cleaned.startswith("?") else folder_of(base))


# An href that needs no care: where to start from, then letters that mean themselves.
_PLAIN = re.compile(
    r"(https?://[\w.-]+/|/|(?:\.\./)*)"
    r"([\w-]+(?:[/.][\w-]+)*/?(?:\?[\w=&-]+)?)(?:#.*)?",
    re.ASCII,
)
_BARE_SCHEME = re.compile(r"https?:/*", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _start(opening: str, folder: str) -> str | None:
    """Give what a plain href is put behind: there are few hosts and folders."""
    joined = _join(f"{opening}x", folder)
    return joined and joined.removesuffix("x")


def _join(href: str, base: str) -> str | None:
    try:
        joined = urljoin(base, href)
        parts = urlsplit(joined)
        if parts.scheme.lower() not in {"http", "https"} or not parts.hostname:
            return None
        safe = safe_url_string(joined.partition("#")[0])
        parts = urlsplit(safe)
        _ = parts.port
    except ValueError:
        return None
    return safe if parts.hostname and _SAFE.fullmatch(safe) else None


# What is escaped by now; where it is not it stands in a host, which no name server knows then.
_SAFE = re.compile("[!-~]+")


def folder_of(base: str) -> str:
    """Give what all links of a page are relative to, but for those like `?x=1`.

    >>> folder_of("https://example.org/news/1.php?x=/2")
    'https://example.org/news/'
    """
    return base.partition("?")[0].rpartition("/")[0] + "/"


def origin_of(url: str) -> str:
    """Give scheme, host and port of an address that a person typed, in lower case.

    >>> origin_of("http://LocalHost:8000/x")
    'http://localhost:8000'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as err:
        raise _no_address(url) from err
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _no_address(url)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, default} else "")


def _no_address(url: str) -> AddressError:
    shown = without_password(url)
    return AddressError(f"not a web address: {shown!r}; expected something like http://host:8000")


def without_password(text: str) -> str:
    """Give an address as it may be shown: what stands before an @ is left out.

    >>> without_password("https://me:secret@example.org/x"), without_password("a@example.org")
    ('https://***@example.org/x', 'a@example.org')
    """
    return _USER.sub("***@", text)


_USER = re.compile(r"(?<=//)[^/?#\s]*@|^[^/?#\s@]*:[^/?#\s]*@")


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
    if re.fullmatch(r"127(\.[0-9]{1,3}){3}", host):
        return True
    return host in {"localhost", "::1"} or host.endswith(".localhost")


def page_of(url: str) -> str:
    """Give the address of the page that was fetched: of a copy in a web archive, its original's.

    Empty for a piece of an archive's file, whose address does not say it.

    >>> page_of("https://web.archive.org/web/20220616120000id_/http://example.org/1")
    'http://example.org/1'
    >>> page_of("http://example.org/1"), page_of("https://data.example.org/a.warc.gz#bytes=1-9")
    ('http://example.org/1', '')
    """
    if copy := _MEMENTO.fullmatch(url):
        return copy[1]
    return "" if _PIECE.search(url) else url


_MEMENTO = re.compile(r"https?://[^?#]*?/[0-9]{14}id_/(https?://.*)", re.DOTALL)
_PIECE = re.compile(r"#bytes=[0-9]+-[0-9]+$")


def swap_origin(url: str, old: str, new: str) -> str:
    """Give an address of origin `old` the origin `new`; leave all others.

    >>> swap_origin("http://127.0.0.1:8000/news/1", "http://127.0.0.1:8000", "https://example.org")
    'https://example.org/news/1'
    >>> swap_origin("javascript:1", "http://127.0.0.1:8000", "https://example.org")
    'javascript:1'
    """
    try:
        is_old = origin_of(url) == origin_of(old)
    except AddressError:
        return url
    return (
        origin_of(new) + urlsplit(url)._replace(scheme="", netloc="").geturl() if is_old else url
    )
