"""Web archives: how each is asked for its captures, how a capture is fetched, and what it allows.

A source turns what is wanted into the addresses of its index, reads one page of it, and says which
pages follow: all that a walk needs stands in these addresses, so that it can go on after a kill.
Pure: addresses and bytes in, addresses and captures out. Must not know the newspaper.
"""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from observer_crawler.archives import cdx
from observer_crawler.archives.answers import from_memento, from_warc
from observer_crawler.exceptions import AddressError, ConfigurationError
from observer_crawler.origins import is_loopback, origin_of, without_password

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from observer_crawler.archives.answers import Archived, Headers
    from observer_crawler.archives.cdx import Capture

WAYBACK = "https://web.archive.org"
COMMON_CRAWL = "https://index.commoncrawl.org"
_COMMON_CRAWL_DATA = "https://data.commoncrawl.org"
# Lines of one page of an index: about a megabyte.
ROWS = 5_000
# Pages of one query to Common Crawl; 10,000 of 3,000 blocks each are more than it holds of any site.
_MOST_PAGES = 10_000
_STAMP = "%Y%m%d%H%M%S"
_FOUND_NOTHING = 404


class Asked(NamedTuple):
    """What is asked for: captures of addresses that begin so (without scheme), of these moments.

    Both moments are UTC and included. `every`: also those that repeat an earlier one.
    """

    prefixes: Sequence[str]
    first: dt.datetime
    last: dt.datetime
    every: bool = False


class Limits(NamedTuple):
    """How a source may be asked, in seconds from one request to the next.

    After a page of the index nothing for `after_index`, after a refusal (429, a refused
    connection) nothing for `after_refusal`.
    """

    delay: float = 0.0
    after_index: float = 0.0
    after_refusal: float = 0.0


@dataclass(slots=True)
class Found:
    """One page of an index: its captures, its lines that make no sense, the pages that follow."""

    captures: list[Capture] = field(default_factory=list)
    senseless: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    # Captures behind the end of this page cannot be asked for: of which moments they are, or why.
    cut: str = ""


class Source(ABC):
    """A web archive. `name` tells its captures and its notes from those of others."""

    name: str

    @abstractmethod
    def first(self, asked: Asked) -> list[str]:
        """Give where the index begins."""

    @abstractmethod
    def read(self, url: str, body: bytes, asked: Asked) -> Found:
        """Read one page of the index."""

    @abstractmethod
    def address(self, capture: Capture) -> str:
        """Give where a capture is fetched."""

    def headers(self, url: str) -> dict[str, str]:
        """Give what must be said when it is fetched."""
        return {}

    @abstractmethod
    def archived(self, url: str, status: int, headers: Headers, body: bytes) -> Archived | None:
        """Give the captured answer out of the archive's; None for its own word."""

    def is_empty(self, url: str, status: int) -> bool:
        """Whether a page of the index answers so where it has nothing."""
        return False


class _Mementos(Source):
    """An archive that answers at `BASE/STAMPid_/URL`, its index at an address of its own."""

    def __init__(self, name: str, index: str, replay: str) -> None:
        self.name = name
        self._index = index
        self._replay = replay

    def address(self, capture: Capture) -> str:
        return f"{self._replay}/{capture.stamp}id_/{capture.url}"

    def archived(self, url: str, status: int, headers: Headers, body: bytes) -> Archived | None:
        return from_memento(url.partition("id_/")[2], status, headers, body)

    def _query(self, prefix: str, **more: str) -> str:
        fields = {"url": prefix, "matchType": "prefix", "output": "json", "limit": str(ROWS)}
        return f"{self._index}?{urlencode(fields | more)}"


class Wayback(_Mementos):
    """The Wayback Machine of the Internet Archive: a key at the end of a page leads to the next."""

    def __init__(self, base: str = WAYBACK) -> None:
        super().__init__("wayback", f"{base}/cdx/search/cdx", f"{base}/web")

    def first(self, asked: Asked) -> list[str]:
        span = {"from": f"{asked.first:{_STAMP}}", "to": f"{asked.last:{_STAMP}}"}
        # A revisit has no status. Without it nobody sees that a text came back; with it, errors come.
        wanted = "!statuscode:[345].." if asked.every else "statuscode:200"
        told = {"filter": wanted, "showResumeKey": "true", **span}
        return [self._query(prefix, **told) for prefix in asked.prefixes]

    def read(self, url: str, body: bytes, asked: Asked) -> Found:
        answer = cdx.read(body)
        more = [_with(url, resumeKey=answer.key)] if answer.key else []
        return Found(answer.captures, answer.senseless, more)


class Collection(_Mementos):
    """A collection of pywb, or of an archive built on it: `BASE/cdx` and `BASE/STAMPid_/URL`.

    Its index has no key to go on by, and of pages most such servers know nothing: a query that is
    answered with as many lines as it allowed is cut in two halves of its time.
    """

    def __init__(self, base: str) -> None:
        super().__init__(urlsplit(base).netloc, f"{base}/cdx", base)

    def first(self, asked: Asked) -> list[str]:
        return [self._query(prefix, **_span(asked.first, asked.last)) for prefix in asked.prefixes]

    def read(self, url: str, body: bytes, asked: Asked) -> Found:
        answer = cdx.read(body)
        if answer.rows < ROWS:
            return Found(answer.captures, answer.senseless)
        since, until = (_field(url, name) for name in ("from", "to"))
        first, last = _moment(since), _moment(until)
        # Whoever knows no dates answers all halves alike, without an end.
        inside = sum(since <= each.stamp <= until for each in answer.captures)
        if first >= last or 2 * inside < len(answer.captures):
            cut = since if since == until else f"{since} to {until}"
            return Found(answer.captures, answer.senseless, cut=cut)
        middle = first + (last - first) // 2
        middle = middle.replace(microsecond=0)
        halves = (_span(first, middle), _span(middle + dt.timedelta(seconds=1), last))
        return Found(more=[_with(url, **half) for half in halves])


class CommonCrawl(Source):
    """Common Crawl: an index for each of its crawls, page by page; captures are cut out of WARC files."""

    name = "commoncrawl"

    def __init__(self, index: str = COMMON_CRAWL, data: str = _COMMON_CRAWL_DATA) -> None:
        self._crawls = f"{index}/collinfo.json"
        self._data = data

    def first(self, asked: Asked) -> list[str]:
        return [self._crawls]

    def read(self, url: str, body: bytes, asked: Asked) -> Found:
        if url == self._crawls:
            return _crawls(url, body, asked)
        if _field(url, "showNumPages"):
            return _pages(url, body)
        answer = cdx.read(body)
        lost = [str(each) for each in answer.captures if not each.is_placed]
        placed = [each for each in answer.captures if each.is_placed]
        return Found(placed, [*answer.senseless, *lost])

    def address(self, capture: Capture) -> str:
        last = capture.offset + capture.length - 1
        return f"{self._data}/{quote(capture.file)}#bytes={capture.offset}-{last}"

    def headers(self, url: str) -> dict[str, str]:
        span = url.partition("#")[2]
        return {"Range": span} if span else {}

    def archived(self, url: str, status: int, headers: Headers, body: bytes) -> Archived | None:
        return from_warc(body)

    def is_empty(self, url: str, status: int) -> bool:
        return status == _FOUND_NOTHING and url != self._crawls


def source_of(text: str, bases: Mapping[str, str]) -> Source:
    """Read which archive is meant: `wayback`, `commoncrawl`, or the address of a collection.

    `bases` are other addresses for the two that have names. Raises ConfigurationError.
    """
    if text == "wayback":
        return Wayback(bases.get(text) or WAYBACK)
    if text == "commoncrawl":
        index, _, data = (bases.get(text) or "").partition(" ")
        return CommonCrawl(index or COMMON_CRAWL, data or index or _COMMON_CRAWL_DATA)
    try:
        origin = origin_of(text)
        parts = urlsplit(text)
    except AddressError as err:
        raise _no_source(text) from err
    path = parts.path.rstrip("/").removesuffix("/cdx")
    if parts.query or parts.fragment or parts.username or not path:
        raise _no_source(text)
    return Collection(f"{origin}{path}")


def limits_of(source: Source, named: Limits) -> Limits:
    """Give what holds for a source: `named` for all but a collection on this machine."""
    is_own = isinstance(source, Collection) and is_loopback(f"http://{source.name}/")
    return Limits() if is_own else named


def _no_source(text: str) -> ConfigurationError:
    return ConfigurationError(
        "argument source: expected wayback, commoncrawl or the address of a collection like "
        f"http://host:8080/collection, got {without_password(text)!r}"
    )


def _crawls(url: str, body: bytes, asked: Asked) -> Found:
    """Read the list of crawls; one whose time does not say is asked, too."""
    found = Found()
    try:
        crawls: Any = json.loads(body)
    except (ValueError, RecursionError):
        crawls = None
    for crawl in crawls if isinstance(crawls, list) else [body.decode("utf-8", "replace")]:
        index = _index_of(crawl, origin_of(url))
        if index is None:
            found.senseless.append(str(crawl)[:200])
        elif _is_of(crawl, asked):
            for prefix in asked.prefixes:
                fields = {"url": prefix, "matchType": "prefix", "output": "json"}
                found.more.append(f"{index}?{urlencode(fields | {'showNumPages': 'true'})}")
    return found


def _index_of(crawl: Any, origin: str) -> str | None:  # noqa: ANN401 (whatever JSON can say)
    """Give the index of a crawl; a list must not send us to another host."""
    index = crawl.get("cdx-api") if isinstance(crawl, dict) else None
    return index if isinstance(index, str) and index.startswith(f"{origin}/") else None


def _is_of(crawl: Any, asked: Asked) -> bool:  # noqa: ANN401 (as above)
    first, last = (str(crawl.get(name) or "")[:10] for name in ("from", "to"))
    is_over = bool(last) and last < asked.first.date().isoformat()
    return not is_over and not (first and first > asked.last.date().isoformat())


def _pages(url: str, body: bytes) -> Found:
    """Read how many pages a query has."""
    try:
        told = json.loads(body)
        count = int(told["pages"] if isinstance(told, dict) else told)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Found(senseless=[body.decode("utf-8", "replace")[:200]])
    bare = url.replace("&showNumPages=true", "")
    return Found(more=[f"{bare}&page={page}" for page in range(min(count, _MOST_PAGES))])


def _span(first: dt.datetime, last: dt.datetime) -> dict[str, str]:
    return {"from": f"{first:{_STAMP}}", "to": f"{last:{_STAMP}}"}


def _moment(stamp: str) -> dt.datetime:
    return dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=dt.UTC)


def _field(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


def _with(url: str, **more: str) -> str:
    """Give a query with other values."""
    parts = urlsplit(url)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return parts._replace(query=urlencode(fields | more)).geturl()
