"""Addresses as pages, people and indexes write them, and the laws of the grammar.

A case is the address that is read, a line feed, and the address of the page that it stands on.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from observer_crawler import urls
from observer_crawler.exceptions import AddressError
from observer_crawler.origins import page_of
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from random import Random

_SITE = "http://127.0.0.1:8000"
_BASES = (
    "https://www.observerbd.com/news/370580",
    "https://bn.observerbd.com/details.php?id=55596",
    "https://www.observerbd.com/2014/09/06/41457.php",
    "https://www.observerbd.com/menu/198/2",
)
_SCHEMES = (
    "https://",
    "http://",
    "HTTP://",
    "//",
    "",
    "ftp://",
    "https:/",
    "https:",
    "javascript:",
)
_HOSTS = (
    *(
        "www.observerbd.com",
        "observerbd.com",
        "bn.observerbd.com",
        "ObserverBD.com.",
        "www.bn.observerbd.com",
    ),
    *(
        "www.observerbd.com:443",
        "www.observerbd.com:80",
        "www.observerbd.com:8080",
        "example.org",
        "",
    ),
    *(
        "u:p@www.observerbd.com",
        "www.observerbd.com:",
        "[::1]",
        "[",
        "www.observerbd.com@example.org",
    ),
    *(
        "\u0130.example",
        "xn--",
        "a..b",
        "127.0.0.1:8000",
        "www\u3002observerbd.com",
        "www.observerbd.com\\.x",
    ),
)
_PATHS = (
    *(
        "/news/370580",
        "/news.php?id=370580",
        "/details.php?id=1",
        "/news/0",
        "/news/00012/",
        "/News/7",
    ),
    *(
        "/2014/09/06/41457.php",
        "/2014/9/6/41457.PHP",
        "/2014/02/30/1.php",
        "/2014/09/06/index.php",
    ),
    *(
        "/2014/09/06",
        "/archive/2022-06-16",
        "/archive/2022-6-1/3",
        "/archive.php?d=04&m=01&y=2018",
    ),
    *(
        "/archive.php?d=4&m=1&y=2018&page=2",
        "/archive.php?y=99999&m=1&d=1",
        "/menu/198",
        "/menu/198/2/",
    ),
    *(
        "/cat.php?cd=198",
        "/cat.php?cd=198&pg=2",
        "/cat.php?cd=1&key=x",
        "/cat-adv.php?cd=1",
        "/menu/198/0",
    ),
    *(
        "/author/Rahim-Uddin",
        "/author/A%20B/2022/2",
        "/author.php?n=A+B",
        "/author/\u09b0",
        "/author/%ff",
    ),
    *(
        "/author/%ED%A0%80",
        "/author/+",
        "/author/%2F",
        "/author/a:b",
        "/author/\u0130",
        "/author/\ufb01",
    ),
    *("/author/%2525", "/author/a%3Fb", "/author/a%23b", "/author/%00", "/author/e%CC%81"),
    *(
        "/rss",
        "/rss.xml",
        "/sitemap.xml",
        "/",
        "",
        "/index.php",
        "/home",
        "/index.php?x=1",
        "/x/../news/1",
    ),
    *(
        "/2022/06/16/observerbd.com_1655400000.jpg",
        "/files/FB-Share.jpg",
        "/news/1;x",
        "/news/1%00",
    ),
    *(
        "/news/\u0663",
        "/news/1\u2028",
        "?id=2",
        "../../../news/1",
        "./news/1",
        "news/1#x",
        "/a b",
        "//news/1",
    ),
    *(
        "/news/9999999999",
        "/news.php?id=1&id=2",
        "/news.php?id=&ID=3",
        "/news.php?" + "a=1&" * 60 + "id=4",
    ),
)
_TAILS = (
    "",
    "",
    "",
    "#x",
    "#/",
    "?",
    "/",
    "&x=1",
    "?x=\u09b0",
    "%",
    "\n",
    " ",
    "\t",
    "\\",
    "\ud800",
    "\x00",
)


# Controls, halves of surrogate pairs, ends of lines and paragraphs.
_NO_LETTER = frozenset(("Cc", "Cs", "Zl", "Zp"))


def make(random: Random) -> bytes:
    """Put an address together, and spoil every other one."""
    url = "".join(random.choice(part) for part in (_SCHEMES, _HOSTS, _PATHS, _TAILS))
    case = url.encode("utf-8", "surrogatepass")
    if random.randrange(2):
        case = mutated(random, case, _OTHERS, most=2)[:4_000]
    return case + b"\n" + random.choice(_BASES).encode()


_OTHERS = tuple(path.encode() for path in _PATHS if path)


def _parts(case: bytes) -> tuple[str, str]:
    href, _, base = case.rpartition(b"\n")
    try:
        return href.decode("utf-8", "surrogatepass"), base.decode("utf-8", "replace")
    except UnicodeDecodeError:
        return href.decode("utf-8", "surrogateescape"), base.decode("utf-8", "replace")


def read(case: bytes) -> object:
    """Read an address as a page's, as a person's, and as it stands."""
    href, base = _parts(case)
    there = urls.resolve(href, base)
    try:
        urls.origin_of(href)
    except AddressError as err:
        assert "\n" not in str(err)  # noqa: PT017 (it may also be none)
    urls.is_loopback(href)
    page_of(href)
    swapped = urls.from_site(urls.to_site(href, _SITE), _SITE)
    return urls.parse(href), there, urls.printed([href], base), swapped


def judge(case: bytes, found: object) -> None:
    """One name for all forms, and an address of the web or none."""
    assert isinstance(found, tuple)
    address, there, (printed,), swapped = found
    href, base = _parts(case)
    _judge_address(address)
    assert printed == (None if there is None else urls.parse(there)), "printed and resolved"
    if there is not None:
        parts = urlsplit(there)
        assert parts.scheme in {"http", "https"}, there
        assert parts.hostname, there
        assert "\n" not in there
        assert there.isascii(), "an address that is not escaped"
        assert urls.resolve(there, base) == there, "resolved twice"
        _judge_address(printed)
    if address.kind is not urls.Kind.OFFSITE and href == address.url:
        assert swapped == href, "there and back"


def _judge_address(address: urls.Address) -> None:
    # A form that is no address of its own must still lead to the same page.
    if address.kind is urls.Kind.OFFSITE:
        return
    assert urls.parse(address.url) == address, "its own address is another one"
    if address.kind not in urls.KEPT:
        return
    for form in (address.canonical, *address.forms):
        read_back = urls.parse(form)
        assert (read_back.name, read_back.kind) == (address.name, address.kind), form
        assert read_back.canonical == address.canonical, form
        assert read_back.language == address.language
    assert not _NO_LETTER & {*map(unicodedata.category, address.name)}, "no name for a log"


TARGETS = (Target("addresses", 330_000, make, read, judge),)
