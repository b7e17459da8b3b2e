"""A stand-in of Common Crawl: the list of its crawls, an index for each, and the data host.

It answers as its pages on the index say, and as pywb's CDX server with a ZipNum index does.
Simplified: a page of the index is a number of lines, not of blocks of 3,000.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from io import BytesIO
from typing import TYPE_CHECKING, Self

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from observer_crawler.warc import unpacked
from tests.archive_faults import BROKEN
from tests.archive_index import (
    BadQuery,
    between,
    captures_of,
    first,
    limited,
    number,
    within,
)
from tests.archive_server import Archive, Limits, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from tests.archive_index import Capture, Line

PAGE_LINES = 5
_JSON = [("Content-Type", "application/json; charset=utf-8")]
_RANGE = re.compile("bytes=([0-9]+)-([0-9]*)")
_SLOW_DOWN = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
# Headers that would lie of a body that is stored unpacked.
_RENAMED = frozenset(("content-encoding", "content-length", "transfer-encoding"))


class _InAHurry(Archive):
    """Says 503 as its storage does."""

    def trouble(self, status: int, more: list[tuple[str, str]]) -> Page:
        if status == 503:
            return Page(status, [("Content-Type", "application/xml"), *more], _SLOW_DOWN)
        return super().trouble(status, more)


class CrawlIndex(_InAHurry):
    """`/collinfo.json`, and `/CRAWL-index` for each crawl. `broken` is as in WaybackMachine."""

    def __init__(
        self, crawls: Mapping[str, Sequence[Path]], limits: Limits | None, latency_seconds: float
    ) -> None:
        self.crawls = {name: _answers(crawls[name]) for name in sorted(crawls, reverse=True)}
        self.broken: list[str] = []
        self.page_lines = PAGE_LINES
        super().__init__(limits, latency_seconds)

    def kind_of(self, path: str) -> str:
        return "list" if path == "/collinfo.json" else "cdx"

    def answer(
        self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Page:
        if path == "/collinfo.json":
            return _told([self._crawl(name) for name in self.crawls])
        asked = re.fullmatch("/(.+)-index", path.partition("?")[0])
        if not asked or asked[1] not in self.crawls:
            return self.trouble(404, [])
        return self._index(asked[1], query)

    def bad_query(self, err: BadQuery) -> Page:
        return _told({"message": str(err)}, 400)

    def _crawl(self, name: str) -> dict[str, str]:
        stamps = sorted(each.timestamp for each in self.crawls[name])
        return {
            "id": name,
            "name": f"{name} Index",
            "timegate": f"{self.url}/{name}/",
            "cdx-api": f"{self.url}/{name}-index",
            "from": _iso(stamps[0]) if stamps else "",
            "to": _iso(stamps[-1]) if stamps else "",
        }

    def _index(self, crawl: str, query: Mapping[str, list[str]]) -> Page:
        means = within(query)
        lines = [_line(crawl, each) for each in self.crawls[crawl] if means(each.key)]
        size = max(1, number(query, "pageSize", self.page_lines))
        pages = -(-len(lines) // size)
        if first(query, "showNumPages") == "true":
            return _told({"pages": pages, "pageSize": size, "blocks": pages})
        if "page" in query:
            at = number(query, "page", 0)
            if lines and not 0 <= at < pages:
                raise BadQuery(f"Page {at} invalid: First Page is 0, Last Page is {pages - 1}")
            lines = lines[at * size : (at + 1) * size]
        return self._lines(between(_matching(lines, query), query), query)

    def _lines(self, lines: Iterable[Line], query: Mapping[str, list[str]]) -> Page:
        given = limited(list(lines), number(query, "limit", 10**6))
        if not given:
            return _told({"message": f"No Captures found for: {first(query, 'url')}"}, 404)
        names = [name for name in first(query, "fl").split(",") if name]
        odd = [BROKEN[name](given[0]) for name in self.broken]
        text = "".join(f"{_row(each, names, query)}\n" for each in [given[0], *odd, *given[1:]])
        kind = "text/x-ndjson" if first(query, "output") == "json" else "text/x-cdxj"
        return Page(200, [("Content-Type", kind)], text.encode())


class CrawlData(_InAHurry):
    """The data host: `/crawl-data/...warc.gz`, whole or as much as `Range` asks for."""

    def __init__(
        self, crawls: Mapping[str, Sequence[Path]], limits: Limits | None, latency_seconds: float
    ) -> None:
        named = {_place(crawl, path.name): path for crawl in crawls for path in crawls[crawl]}
        self._files = named
        super().__init__(limits, latency_seconds)

    def kind_of(self, path: str) -> str:
        return "capture"

    def answer(
        self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Page:
        if path[1:] not in self._files:
            return self.trouble(404, [])
        data = self._files[path[1:]].read_bytes()
        kind = [("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes")]
        asked = _RANGE.fullmatch(headers.get("Range", ""))
        if not asked:
            return Page(200, kind, data)
        begin, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        if begin > last:
            return Page(416, [*kind, ("Content-Range", f"bytes */{len(data)}")])
        told = ("Content-Range", f"bytes {begin}-{last}/{len(data)}")
        return Page(206, [*kind, told], data[begin : last + 1])


class CommonCrawl:
    """Both hosts: `index` and `data` of some crawls, each with its WARC files."""

    def __init__(
        self,
        crawls: Mapping[str, Sequence[Path]],
        limits: Limits | None = None,
        latency_seconds: float = 0.0,
    ) -> None:
        self._stack = ExitStack()
        self.index = self._stack.enter_context(CrawlIndex(crawls, limits, latency_seconds))
        self.data = self._stack.enter_context(CrawlData(crawls, limits, latency_seconds))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _answers(files: Iterable[Path]) -> list[Capture]:
    """Leave revisits out: its main index has none."""
    return [each for each in captures_of(files) if each.record.kind == "response"]


def as_common_crawl(files: Iterable[Path], path: Path) -> Path:
    """Write the captures as Common Crawl stores them: unpacked, no revisits, dates to the second."""
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True, warc_version="1.0")
        for each in _answers(files):
            writer.write_record(_stored(writer, each))
    return path


def _stored(writer: WARCWriter, capture: Capture) -> object:
    record, body = capture.record, unpacked(capture.record, 10**8)
    headers = [
        (f"X-Crawler-{name}" if name.lower() in _RENAMED else name, value)
        for name, value in record.http
    ]
    http = StatusAndHeaders(
        str(record.status), [*headers, ("Content-Length", str(len(body)))], protocol="HTTP/1.1"
    )
    date = {"WARC-Date": f"{record.date[:19]}Z"}
    return writer.create_warc_record(
        record.url, "response", BytesIO(body), len(body), http_headers=http, warc_headers_dict=date
    )


def _line(crawl: str, capture: Capture) -> Line:
    line = capture.line
    place = _place(crawl, line["filename"])
    return {**line, "mime-detected": line["mime"], "filename": place}


def _place(crawl: str, name: str) -> str:
    return f"crawl-data/{crawl}/segments/1700000000000.1/warc/{name}"


def _matching(lines: Iterable[Line], query: Mapping[str, list[str]]) -> list[Line]:
    """Keep what every filter of pywb's finds: `field:part`, `=field:whole`, `~field:regex`."""
    tests = [_filter(each) for each in query.get("filter", [])]
    return [line for line in lines if all(test(line) for test in tests)]


def _filter(text: str) -> Callable[[Line], bool]:
    turned, how, name, wanted = re.fullmatch(r"(!?)([=~]?)([\w-]*):?(.*)", text).groups()  # type: ignore[union-attr] # it fits anything
    name = {"statuscode": "status", "mimetype": "mime", "original": "url"}.get(name, name)
    compare: Callable[[str], bool] = {
        "": lambda value: wanted in value,
        "=": lambda value: wanted == value,
        "~": lambda value: bool(re.match(wanted, value)),
    }[how]
    return lambda line: compare(line.get(name, "")) is not bool(turned)


def _row(told: Line | str, names: Sequence[str], query: Mapping[str, list[str]]) -> str:
    if isinstance(told, str):
        return told
    given = {name: value for name, value in told.items() if not names or name in names}
    if first(query, "output") == "json":
        return json.dumps(given)
    rest = {name: given[name] for name in given if name not in {"urlkey", "timestamp"}}
    return f"{told.get('urlkey', '')} {told.get('timestamp', '')} {json.dumps(rest)}"


def _told(value: object, status: int = 200) -> Page:
    return Page(status, _JSON, json.dumps(value).encode())


def _iso(stamp: str) -> str:
    day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"
    return f"{day}T{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}"
