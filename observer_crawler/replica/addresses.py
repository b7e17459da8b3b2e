"""The site's addresses: how each page is called in each era, and what a request asks for."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, quote, unquote

from observer_crawler.replica.desk import Desk

NEWS_PHP_FROM = date(2020, 4, 1)
"""From spring 2020 on the site writes news.php where it wrote details.php."""


@dataclass(frozen=True, slots=True)
class Target:
    """What an address asks for; `key` is the same for all spellings of a page.

    `number`: article number, section, writer or month; `page` from 1; `form`: how it was asked.
    """

    kind: str
    number: int = 0
    page: int = 1
    day: date | None = None
    form: str = ""

    @property
    def key(self) -> str:
        """Name the page, whatever the form of the address."""
        return f"{self.kind}/{self.number}/{self.page}/{self.day}"


def article_forms(desk: Desk, k: int) -> tuple[str, ...]:
    """Return an article's addresses, the one of its era first."""
    number, markup, day = desk.numbers[k], desk.options.markup, desk.day(k)
    if desk.space == "a":
        return (f"/{day:%Y/%m/%d}/{number}.php",)
    details, news, new = f"/details.php?id={number}", f"/news.php?id={number}", f"/news/{number}"
    if desk.space == "bn":
        return (details,)
    if markup == "2024":
        forms = (new, news, details)
    else:
        forms = (details, news, new) if day < NEWS_PHP_FROM else (news, details, new)
    return (*forms, f"/NEWS/{number}")


def canonical_path(desk: Desk, k: int) -> str:
    """Return the path of an article's canonical address, whatever the era."""
    return f"/news/{desk.numbers[k]}" if desk.space == "b" else article_forms(desk, k)[0]


def day_forms(desk: Desk, day: date) -> tuple[str, ...]:
    """Return the addresses of a day index, the one of the era first."""
    if desk.space == "a":
        return (f"/{day:%Y/%m/%d}/index.php",)
    padded = f"/archive.php?d={day:%d}&m={day:%m}&y={day:%Y}"
    bare = f"/archive.php?d={day.day}&m={day.month}&y={day.year}"
    new = f"/archive/{day.isoformat()}"
    forms = (new, padded, bare) if desk.options.markup == "2024" else (padded, bare, new)
    return tuple(dict.fromkeys(forms if desk.space == "b" else (padded, bare)))


def is_day_form(desk: Desk, day: date, path: str) -> bool:
    """Tell whether a day index answers to an address: in every era's form, or its own alone."""
    first = day_forms(desk, day)[0]
    # "/archive/" or "/archive.", padded or not
    return desk.options.day_forms == "all" or path[:9].lower() == first[:9]


def section_forms(desk: Desk, section: int, page: int = 1) -> tuple[str, ...]:
    """Return the addresses of a page of a section, the one of the era first."""
    old = f"/cat.php?cd={section}" + (f"&pg={page}" if page > 1 else "")
    new = f"/menu/{section}" + (f"/{page}" if page > 1 else "")
    if desk.space != "b":
        return (old,)
    return (new, old) if desk.options.markup == "2024" else (old, new)


def author_forms(desk: Desk, name: str, page: int = 1) -> tuple[str, ...]:
    """Return the spellings of an author page; further pages have the dated one only."""
    year = desk.options.clock().year
    dated = f"/author/{quote(name)}/{year}/{page}"
    if page > 1:
        return (dated,)
    hyphens = f"/author/{name.replace(' ', '-')}"
    query = f"/author.php?n={quote(name).replace('%20', '+')}"
    forms = (hyphens, query, dated) if desk.options.markup == "2024" else (query, hyphens, dated)
    return forms if name.isascii() else (*forms, f"/author/{name}")


_PATHS: tuple[tuple[str, str], ...] = (
    ("front", r"/(?:index\.php)?"),
    ("article", r"/(?P<form>news)/(?P<number>\d{1,9})/?"),
    ("dated", r"/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/(?P<number>\d{1,9})\.php"),
    ("dated_day", r"/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/index\.php"),
    ("day", r"/archive/(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)/?"),
    ("listing", r"/menu/(?P<number>\d{1,4})(?:/(?P<page>\d{1,6}))?/?"),
    ("author", r"/author/(?P<name>[^/]+)(?:/\d{4}/(?P<page>\d{1,4}))?/?"),
    ("author", r"/author\.php"),
    ("article", r"/(?P<form>details|news)\.php"),
    ("day", r"/archive\.php"),
    ("listing", r"/cat\.php"),
    ("search", r"/cat-adv\.php"),
    ("print", r"/print\.php"),
    ("share", r"/share\.php"),
    ("calendar", r"/calendar\.php"),
    ("gallery", r"/gallery\.php"),
    ("video", r"/video\.php"),
    ("static", r"/(?:about|contact|ad-rate|epaper|cdn-cgi/l/email-protection)(?:\.php)?"),
    ("picture", r"/.+\.(?:jpg|gif|png|ico|css|js)"),
    ("feed", r"/rss"),
    ("sitemap", r"/sitemap\.php"),
    ("robots", r"/robots\.txt"),
)
_GRAMMAR = tuple((kind, re.compile(path, re.IGNORECASE)) for kind, path in _PATHS)


def read(path: str) -> tuple[str, dict[str, str]]:
    """Return the kind of page that a path with its query asks for, and the parts it names."""
    bare, _, query = path.partition("?")
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    for kind, grammar in _GRAMMAR:
        if match := grammar.fullmatch(unquote(bare)):
            parts = {name: value for name, value in match.groupdict().items() if value}
            return kind, asked | parts
    return "missing", asked


def number(parts: dict[str, str], name: str, default: int = 0) -> int:
    """Return a part as a number; what is none counts as the default."""
    text = parts.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else default  # noqa: PLR2004
