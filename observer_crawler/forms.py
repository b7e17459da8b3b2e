"""One page of the site: its kind, its one name, and all the forms of its address.

The site has written the same article as `details.php?id=N`, `news.php?id=N` and `/news/N`. Here
each kind of page is built from what it is; `urls` reads addresses into these. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from observer_crawler.kinds import Address, Kind
from observer_crawler.site import FIRST_DAY, LAST_DATED_YEAR, ORIGINS, SPACES

if TYPE_CHECKING:
    from collections.abc import Sequence


# How sites write the number of a further page; with `start` it is that of an article.
PAGE_FIELDS = ("page", "pg", "p", "start")
FEEDS = ("/rss", "/rss.php", "/rss.xml")
ALONE = {"/sitemap.php": Kind.SITEMAP, "/sitemap.xml": Kind.SITEMAP, "/cat-adv.php": Kind.SEARCH}


def numbered(url: str, number: int, language: str) -> Address:
    """Give the article of a number; `url` is the form it was met in, empty for the newest."""
    origin = ORIGINS[language]
    forms = (
        f"{origin}/news/{number}",
        f"{origin}/news.php?id={number}",
        f"{origin}/details.php?id={number}",
    )
    if language == "bn":
        forms = forms[::-1]
    name = f"{SPACES[language]}:{number}"
    return Address(Kind.ARTICLE, url or forms[0], name, language, forms[0], forms)


def dated(url: str, number: int, date: dt.date) -> Address:
    """Give the article of a number and a day, of the years in which both made the address."""
    canonical = f"{ORIGINS['en']}/{date:%Y/%m/%d}/{number}.php"
    name = f"a:{number}"
    return Address(Kind.ARTICLE, url or canonical, name, "en", canonical, (canonical,), day=date)


def article_prefixes(language: str) -> tuple[str, ...]:
    """Give how the addresses of articles begin, in all forms; the dated one ended in 2016."""
    origin = ORIGINS[language]
    dated = [f"/{year}/" for year in range(FIRST_DAY.year, LAST_DATED_YEAR + 1)]
    paths = ["/news/", "/news.php", "/details.php", *(dated if language == "en" else ())]
    return tuple(f"{origin}{path}" for path in paths)


def listing(url: str, section: int, page: int, language: str) -> Address:
    """Give a page of a section's list; only search is seen to page by `pg`."""
    origin = ORIGINS[language]
    suffix, query = (f"/{page}", f"&pg={page}") if page > 1 else ("", "")
    forms = (f"{origin}/menu/{section}{suffix}", f"{origin}/cat.php?cd={section}{query}")
    if language == "bn":
        forms = forms[::-1]
    name = named(language, f"list:{section}" + (f":{page}" if page > 1 else ""))
    return Address(
        Kind.LISTING, url or forms[0], name, language, forms[0], forms, section, max(page, 1)
    )


def day_index(url: str, date: dt.date, language: str, page: int = 1) -> Address:
    """Give the index of a day, in the forms of all three eras: any may answer for any day.

    A further page has the one form that was met: nobody has seen how the site writes it.
    """
    name = named(language, f"day:{date.isoformat()}")
    if page > 1:
        name = f"{name}:{page}"
        return Address(Kind.DAY, url, name, language, url, (url,), page=page, day=date)
    origin = ORIGINS[language]
    forms = (
        f"{origin}/archive/{date.isoformat()}",
        f"{origin}/archive.php?d={date:%d}&m={date:%m}&y={date:%Y}",
        f"{origin}/{date:%Y/%m/%d}/index.php",
    )
    return Address(Kind.DAY, url or forms[0], name, language, forms[0], forms, day=date)


def day_form(url: str) -> int:
    """Say in which of the forms of a day its address is written, by their place.

    >>> day_form("/archive/2018-01-04"), day_form("/archive.php?d=4"), day_form("/2018/01/04/")
    (0, 1, 2)
    """
    if "/archive/" in url:
        return 0
    return 1 if "archive.php" in url else 2


def author(url: str, spelling: str, rest: Sequence[str], language: str) -> Address | None:
    """Give the page of an author, under one name for all spellings; None for what is no name.

    `rest`: the year and the page of it. A slash is part of a name where it came as `%2F`.
    """
    name = " ".join(re.split(r"[\s+-]+", spelling.casefold())).strip()
    if not name or _NO_LETTER.search(name):
        return None
    hyphened = "/".join([quote(name.replace(" ", "-"), safe=""), *rest])
    canonical = f"{ORIGINS[language]}/author/{hyphened}"
    known = named(language, ":".join(["author", name, *rest]))
    return Address(Kind.AUTHOR, url, known, language, canonical, (url,))


# Controls, signs that turn the direction of a line, and halves of surrogate pairs: what stands in
# names stands in logs, too. Bangla needs the joiners (U+200C, U+200D).
_NO_LETTER = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def named(language: str, name: str) -> str:
    """Tell the names of the other edition's pages apart."""
    return name if language == "en" else f"{language}/{name}"


def fields(query: str) -> dict[str, str]:
    """Read a query; of hundreds of fields none is the site's."""
    try:
        found = parse_qs(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    return {key.lower(): values[-1].strip() for key, values in found.items()}


def printed_day(year: str, month: str, day: str) -> dt.date | None:
    """Give the day of an address, None where there was no newspaper yet."""
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    return date if date >= FIRST_DAY else None
