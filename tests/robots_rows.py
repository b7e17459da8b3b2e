"""What a robots.txt may say or do, as rows: what must be asked, what must not, how a run ends.

`python -m tests.robots_rows` prints the table. `RULES` are files, judged by what is asked of a
host that has them; `ENDS` are answers to the readings of one crawl, judged by its articles, its
exit code and its words.
"""

from __future__ import annotations

import gzip
import sys
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.replica.page import HTML, TEXT, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is forbidden is looked up again a day later, without a request.
DONE = "Done."
LATER = "due later"
REFUSED = "The site refuses us (robots.txt forbids everything"
WITHOUT = "Stopped, nothing may be fetched without robots.txt"
AGAIN = "The same command goes on"


class Rules(NamedTuple):
    """A file, and the paths that are asked and not asked under it, with blanks between."""

    does: str
    file: bytes
    asked: str
    not_asked: str


class Ends(NamedTuple):
    """What a crawl meets at its readings: `first`, and `then` once four articles were asked.

    `asked`: which articles may be asked, "all", "odd" (numbers) or "none"; `after`: after the
    change. `exit` and `words` are what the user sees.
    """

    does: str
    first: Page
    asked: str
    exit: int
    words: str
    then: Page | None = None
    after: str = ""


def for_all(*lines: str) -> bytes:
    """Write a file of one group for everybody."""
    return "\n".join(["User-agent: *", *lines, ""]).encode()


def text(body: bytes, status: int = 200) -> Page:
    return Page(status, {"Content-Type": TEXT}, body)


def to(location: str) -> Page:
    return Page(301, {"Location": location, "Content-Type": HTML})


class Stalled(Page):
    """An answer that promises more than comes."""

    def gzipped(self) -> bytes:
        """Give a body that is shorter than it says."""
        return Promised(b"User-agent: *\n")


class Promised(bytes):
    """Bytes that claim to be more than they are."""

    def __len__(self) -> int:
        """Give a length beyond the true one."""
        return super().__len__() + 1000


class Packed(Page):
    """A body that is packed already."""

    def gzipped(self) -> bytes:
        """Give it as it is."""
        return self.body


FORBIDDING = for_all("Disallow: /")
NOTHING = for_all("Disallow:")
LONG = b"# " + b"x" * 1_000_000
MANY = b"".join(b"Disallow: /archived/%06d/\n" % n for n in range(40_000))
HUNDREDS = " ".join(f"/print.php?id={n}" for n in range(300))
NOISE = bytes(range(256)) * 40

RULES: tuple[Rules, ...] = (
    Rules("Disallow, a beginning", for_all("Disallow: /b"), "/a /c/b", "/b /b/c /bcd"),
    Rules("Disallow with nothing", NOTHING, "/a /b", ""),
    Rules("Allow, the longest wins", for_all("Disallow: /b", "Allow: /b/c"), "/b/c/d", "/b/d"),
    Rules("Allow first, the same", for_all("Allow: /b/c", "Disallow: /b"), "/b/c/d", "/b/d"),
    Rules(
        "Disallow longer than Allow", for_all("Allow: /b", "Disallow: /b/c"), "/b/d", "/b/c /b/c/d"
    ),
    Rules("Allow and Disallow of one length", for_all("Disallow: /b", "Allow: /b"), "/b", ""),
    Rules("* in the middle", for_all("Disallow: /b/*/d"), "/b/d /b/c/e", "/b/c/d /b/c/e/d"),
    Rules("* at the beginning", for_all("Disallow: *.php"), "/a", "/a.php /b/c.php?id=1"),
    Rules("many *", for_all(f"Disallow: /{'*a' * 200}"), f"/{'a' * 199}", f"/{'a' * 200}"),
    Rules("$", for_all("Disallow: /b$"), "/b/ /bc /b?c=1", "/b"),
    Rules("* and $", for_all("Disallow: /*.php$"), "/b.php?id=1 /b.phpx", "/b.php"),
    Rules("$ in the middle", for_all("Disallow: /b$c"), "/b", "/b$c /b$cd"),
    Rules("a query", for_all("Disallow: /*?print="), "/b?id=1", "/b?print=1"),
    Rules(
        "percent-encoded, the page not",
        for_all("Disallow: /caf%C3%A9"),
        "/cafe",
        "/café /caf%c3%a9",
    ),
    Rules("not encoded, the page is", for_all("Disallow: /café"), "/cafe", "/caf%C3%A9"),
    Rules("encoded letters", for_all("Disallow: /%62"), "/a", "/b /%62"),
    Rules("an encoded slash is none", for_all("Disallow: /b%2Fc"), "/b/c", "/b%2Fc"),
    Rules("paths have a case", for_all("Disallow: /B"), "/b", "/B"),
    Rules("words have none", b"USER-AGENT: *\nDISALLOW: /b", "/a", "/b"),
    Rules(
        "our name beside *",
        for_all("Disallow: /a") + b"User-agent: observer_crawler\nDisallow: /b",
        "/a",
        "/b",
    ),
    Rules(
        "our name before *, in capitals",
        b"User-agent: OBSERVER_Crawler\nDisallow: /b\n\n" + for_all("Disallow: /a"),
        "/a",
        "/b",
    ),
    Rules(
        "our name with its version, as a log shows it",
        b"User-agent: observer_crawler/1.0 (+you@example.org)\nDisallow: /b\n"
        + for_all("Disallow: /a"),
        "/a",
        "/b",
    ),
    Rules(
        "one group for several names",
        b"User-agent: Googlebot\nUser-agent: observer_crawler\nUser-agent: x\nDisallow: /b",
        "/a",
        "/b",
    ),
    *(
        Rules(
            f"{record} between the names of one group",
            b"User-agent: observer_crawler\n" + record.encode() + b"\nUser-agent: x\nDisallow: /b",
            "/a",
            "/b",
        )
        for record in (
            "Crawl-delay: 0.1",
            "Request-rate: 9/1",
            "Noindex: /a",
            "Host: x",
            "Sitemap: /s",
        )
    ),
    Rules(
        "names of an earlier group are not said again",
        b"User-agent: observer_crawler\nDisallow: /b\n\nUser-agent: x\nHost: y\nNoindex: /\n"
        b"User-agent: z\nDisallow: /a",
        "/a",
        "/b",
    ),
    Rules(
        "a delay between two names is for the first",
        b"User-agent: x\nCrawl-delay: 1e9\nUser-agent: *\nDisallow: /b",
        "/a",
        "/b",
    ),
    Rules(
        "two groups for our name are one",
        b"User-agent: observer_crawler\nDisallow: /b\n\nUser-agent: x\nDisallow: /a\n\n"
        b"User-agent: observer_crawler\nDisallow: /c",
        "/a",
        "/b /c",
    ),
    Rules(
        "observer, another robot: * holds for us",
        b"User-agent: observer\nDisallow: /a\nAllow: /b\n\n" + for_all("Disallow: /b"),
        "/a",
        "/b",
    ),
    Rules(
        "observer_crawler2, another robot",
        b"User-agent: observer_crawler2\nDisallow: /\n\n" + for_all("Disallow: /b"),
        "/a",
        "/b",
    ),
    Rules("names of others alone", b"User-agent: Googlebot\nDisallow: /", "/a", ""),
    Rules(
        "observer*, meant for us too",
        b"User-agent: observer*\nDisallow: /b\n" + NOTHING,
        "/a",
        "/b",
    ),
    Rules("rules before any name", b"Disallow: /a\n" + for_all("Disallow: /b"), "/a", "/b"),
    Rules(
        "comments, blanks, other words",
        b"# one\n \t User-agent : *  # all\nSitemap: /s\nNoindex: /a\n\n  Disallow:/b#c\nDisallow /c\n",
        "/a",
        "/b /c",
    ),
    Rules("a BOM", b"\xef\xbb\xbf" + for_all("Disallow: /b"), "/a", "/b"),
    Rules("UTF-16", "User-agent: *\nDisallow: /b".encode("utf-16"), "/a", "/b"),
    Rules("lines that end in CRLF", b"User-agent: *\r\nDisallow: /b\r\n", "/a", "/b"),
    Rules("lines that end in CR", b"User-agent: *\rDisallow: /b\r", "/a", "/b"),
    Rules("no newline at the end", b"User-agent: *\nDisallow: /b", "/a", "/b"),
    Rules(
        "lines of 1 MB",
        LONG + b"\n" + for_all("Disallow: /" + "x" * 1_000_000, "Disallow: /b"),
        "/a",
        "/b",
    ),
    Rules(
        "1 MB of rules, ours behind them",
        for_all() + MANY + b"Disallow: /b",
        "/a",
        "/b /archived/039999/x",
    ),
    Rules("binary noise", NOISE, "/a", ""),
    Rules("rules between noise", NOISE + b"\n" + for_all("Disallow: /b") + NOISE, "/a", "/b"),
    Rules("latin-1 in a path", b"User-agent: *\nDisallow: /caf\xe9\nDisallow: /b", "/a", "/b"),
    Rules("nothing in it", b"", "/a", ""),
    Rules("a page in the place of a text", b"<!DOCTYPE html><h1>Not found</h1>", "/a", ""),
    *(
        Rules(f"Crawl-delay: {value}, no sense", for_all(f"Crawl-delay: {value}"), "/a /b", "")
        for value in ("-1", "nan", "ten", "inf")
    ),
    *(
        Rules(f"Request-rate: {value}, no sense", for_all(f"Request-rate: {value}"), "/a /b", "")
        for value in ("0/0", "1/0", "-1/5", "x/y")
    ),
    Rules("Crawl-delay: 1e9, as good as a refusal", for_all("Crawl-delay: 1e9"), "", "/a /b"),
    Rules("Request-rate: 1/1d, the same", for_all("Request-rate: 1/1d"), "", "/a /b"),
    Rules(
        "three hundred that wait for the first reading",
        for_all("Disallow: /print"),
        "/a",
        HUNDREDS,
    ),
)

ODD = for_all(
    *(f"Disallow: /*{digit}$" for digit in range(0, 10, 2)), "Allow: /menu", "Allow: /cat"
)
SOFT = Page(200, {"Content-Type": HTML}, b"<!DOCTYPE html><h1>Not found</h1>")

ENDS: tuple[Ends, ...] = (
    Ends("allows everything", text(NOTHING), "all", 0, DONE),
    Ends("forbids a part", text(ODD), "odd", 0, LATER),
    Ends("forbids everything", text(FORBIDDING), "none", 5, REFUSED),
    Ends("forbids everything, with 206", text(FORBIDDING, 206), "none", 5, REFUSED),
    *(
        Ends(f"answers {status}: no rules", text(FORBIDDING, status), "all", 0, DONE)
        for status in (401, 403, 404, 410, 451)
    ),
    *(
        Ends(f"answers {status}", text(NOTHING, status), "none", 3, f"answered {status}")
        for status in (429, 500, 503)
    ),
    Ends("is a page, with 200: no rules", SOFT, "all", 0, DONE),
    Ends("is empty: no rules", text(b""), "all", 0, DONE),
    Ends("wants 1e9 s between requests", text(for_all("Crawl-delay: 1e9")), "none", 5, REFUSED),
    Ends("is packed and cut", Packed(200, {}, gzip.compress(LONG)[:-9]), "none", 3, WITHOUT),
    Ends("has 11 MB", text(b"#" * 11_000_000), "none", 3, WITHOUT),
    Ends("does not end", Stalled(200, {"Content-Type": TEXT}), "none", 3, "cannot be reached"),
    Ends("redirects to rules", to("/rules.txt"), "none", 5, REFUSED),
    Ends("redirects to an article: no rules", to("/news/{number}"), "all", 0, DONE),
    Ends("redirects to a host that was named", to("{other}/rules.txt"), "none", 5, REFUSED),
    Ends(
        "redirects to another port here", to("{other}/rules.txt"), "none", 3, "no public address"
    ),
    Ends("redirects to itself", to("/robots.txt"), "none", 3, "more than 5 times"),
    *(
        Ends(f"redirects out of the web, {location!r}", to(location), "none", 3, WITHOUT)
        for location in ("file:///etc/passwd", "data:text/plain,", "http://[bad", "ftp://x/r", "")
    ),
    Ends("comes to forbid everything", text(NOTHING), "all", 5, REFUSED, text(FORBIDDING), "none"),
    Ends("comes to forbid a part", text(NOTHING), "all", 0, LATER, text(ODD), "odd"),
    Ends("comes to allow everything", text(ODD), "odd", 0, LATER, text(NOTHING), "all"),
    Ends("goes (404)", text(ODD), "odd", 0, LATER, text(b"", 404), "all"),
    Ends("comes to answer 403", text(ODD), "odd", 0, LATER, text(b"", 403), "all"),
    *(
        Ends(f"comes to answer {status}", text(ODD), "odd", 3, AGAIN, text(b"", status), "none")
        for status in (429, 500, 503)
    ),
    Ends("becomes a page: its rules stay", text(ODD), "odd", 0, LATER, SOFT, "odd"),
)


def table() -> Iterator[str]:
    """Write the rows as a table in Markdown."""
    yield "| robots.txt | asked | not asked | exit | words |"
    yield "|---|---|---|---|---|"
    for row in RULES:
        shown = [paths if len(paths) < 40 else f"{paths[:37]}..." for paths in row[2:]]
        yield f"| {row.does} | {' | '.join(shown)} | 0 | robots.txt forbids |"
    for end in ENDS:
        asked = f"{end.asked}, then {end.after}" if end.then else end.asked
        yield f"| {end.does} | {asked} | | {end.exit} | {end.words} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
