"""A stand-in of the Wayback Machine: its CDX server, and its captures as they were stored.

It answers as the README of wayback-cdx-server says, and as clients of the real one report; nobody
has asked the real one for this. Likely, not known: that `x-archive-orig-` stands before every
header of a page, and which of four forms a packed page has (`encoding`).
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from observer_crawler.warc import unpacked
from tests.archive_faults import BROKEN
from tests.archive_index import (
    BadQuery,
    after,
    between,
    captures_of,
    collapsed,
    first,
    key_of,
    limited,
    number,
    within,
)
from tests.archive_server import Archive, Limits, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.archive_index import Capture, Line

# The names of the Wayback Machine's fields, and ours.
FIELDS = {
    "urlkey": "urlkey",
    "timestamp": "timestamp",
    "original": "url",
    "mimetype": "mime",
    "statuscode": "status",
    "digest": "digest",
    "length": "length",
}
MOST_LINES = 150_000
_MEMENTO = re.compile(r"/web/([0-9]{1,14})(?:id_)?/(.+)", re.DOTALL)
_HTML = [("Content-Type", "text/html; charset=utf-8")]
_DATE = "%a, %d %b %Y %H:%M:%S GMT"


class WaybackMachine(Archive):
    """`/cdx/search/cdx` and `/web/TIMESTAMPid_/URL`.

    `encoding` says how a page comes that was stored packed: with its `header`, `bare` of one,
    with an empty one before it (`doubled`), or `unpacked`. What `plays` holds for a pattern of
    addresses is done to their answers, whatever the index says of them. `broken` names lines of
    BROKEN that stand second in each answer of the index.
    """

    def __init__(
        self,
        files: Iterable[Path],
        limits: Limits | None = None,
        latency_seconds: float = 0.0,
        encoding: str = "header",
    ) -> None:
        self.captures = captures_of(files)
        self.plays: dict[str, Callable[[Page], Page]] = {}
        self.broken: list[str] = []
        self._encoding = encoding
        super().__init__(limits, latency_seconds)

    @property
    def cdx(self) -> str:
        return f"{self.url}/cdx/search/cdx"

    def capture(self, timestamp: str, url: str) -> str:
        """Give the address of a capture's own bytes."""
        return f"{self.url}/web/{timestamp}id_/{url}"

    def kind_of(self, path: str) -> str:
        known = {"/cdx/": "cdx", "/web/": "capture"}
        return known.get(path[:5], "other")

    def answer(
        self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Page:
        memento = _MEMENTO.fullmatch(path)
        if memento:
            return self._replay(memento[1], memento[2])
        if not path.startswith("/cdx/search/cdx"):
            return self.trouble(404, [])
        page = self._index(query)
        is_packed = (
            "gzip" in headers.get("Accept-Encoding", "") and first(query, "gzip") != "false"
        )
        return _packed(page) if is_packed else page

    def _index(self, query: Mapping[str, list[str]]) -> Page:
        """Answer a query of the index: the lines, and a key to go on with where there are more."""
        means = within(query)
        lines = [each.line for each in self.captures if means(each.key)]
        found = list(collapsed(_matching(between(lines, query), query), query))
        if key := first(query, "resumeKey"):
            found = after(found, key)
        found = found[number(query, "offset", 0) :]
        given = limited(found, number(query, "limit", MOST_LINES))
        is_more = 0 < len(given) < len(found) and first(query, "showResumeKey") == "true"
        return self._told(given, query, _key_behind(given) if is_more else "")

    def _told(self, lines: Sequence[Line], query: Mapping[str, list[str]], key: str) -> Page:
        names = [name for name in first(query, "fl").split(",") if name in FIELDS] or list(FIELDS)
        rows = [[line[FIELDS[name]] for name in names if FIELDS[name] in line] for line in lines]
        if first(query, "output") != "json":
            ends = ["", key] if key else []
            text = "".join(f"{line}\n" for line in [*map(" ".join, rows), *ends])
            return Page(200, [("Content-Type", "text/plain")], text.encode())
        rows = [names, *rows, *([[], [key]] if key else [])] if rows else []
        told = [json.dumps(row) for row in rows]
        told[1:1] = [self._broken_row(name, lines[0], names) for name in self.broken if lines]
        body = "[" + ",\n ".join(told) + "]\n"
        return Page(200, [("Content-Type", "application/json")], body.encode())

    def _broken_row(self, name: str, line: Line, names: Sequence[str]) -> str:
        told = BROKEN[name](line)
        if isinstance(told, str):
            return told
        return json.dumps([told[FIELDS[field]] for field in names if FIELDS[field] in told])

    def _replay(self, stamp: str, url: str) -> Page:
        """Answer with the capture of that moment, or lead to the nearest one."""
        key = key_of(url)
        known = [each for each in self.captures if each.key == key]
        if not known:
            return self.trouble(404, [])
        exact = [each for each in known if each.timestamp == stamp]
        if not exact:
            wanted = _moment(stamp)
            near = min(known, key=lambda each: abs(_moment(each.timestamp) - wanted))
            place = self.capture(near.timestamp, near.record.url)
            return Page(302, [*_HTML, ("Location", place)])
        # http and https, or www and none, may have been captured in the same second.
        capture = min(exact, key=lambda each: each.record.url != url)
        page = self._memento(capture, known)
        for pattern, play in self.plays.items():
            if re.search(pattern, capture.record.url):
                page = play(page)
        return page

    def _memento(self, capture: Capture, known: Sequence[Capture]) -> Page:
        record = capture.record
        original = [(f"x-archive-orig-{name.lower()}", value) for name, value in record.http]
        headers = [
            ("Content-Type", record.header("content-type") or "application/octet-stream"),
            ("Memento-Datetime", _moment(capture.timestamp).strftime(_DATE)),
            ("Link", self._links(capture, known)),
            ("x-archive-src", capture.path.name),
            *original,
        ]
        if location := record.header("location"):
            headers.append(("Location", self.capture(capture.timestamp, location)))
        return self._encoded(capture, Page(record.status, headers, record.body))

    def _encoded(self, capture: Capture, page: Page) -> Page:
        coding = capture.record.header("content-encoding")
        if not coding or self._encoding == "bare":
            return page
        if self._encoding == "unpacked":
            return page._replace(body=unpacked(capture.record, 10**8))
        empty = [("content-encoding", "")] if self._encoding == "doubled" else []
        return page._replace(headers=[*page.headers, *empty, ("Content-Encoding", coding)])

    def _links(self, capture: Capture, known: Sequence[Capture]) -> str:
        """Write the relations of RFC 7089, the memento in the form that a browser sees."""
        url = capture.record.url
        place, date = f"{self.url}/web", _moment(capture.timestamp).strftime(_DATE)
        ends = [("first memento", known[0]), ("last memento", known[-1])]
        told = [
            f'<{place}/{each.timestamp}/{each.record.url}>; rel="{name}"; '
            f'datetime="{_moment(each.timestamp).strftime(_DATE)}"'
            for name, each in ends
        ]
        return ", ".join(
            [
                f'<{url}>; rel="original"',
                f'<{place}/timemap/link/{url}>; rel="timemap"; type="application/link-format"',
                f'<{place}/{url}>; rel="timegate"',
                f'<{place}/{capture.timestamp}/{url}>; rel="memento"; datetime="{date}"',
                *told,
            ]
        )


def _matching(lines: Iterable[Line], query: Mapping[str, list[str]]) -> Iterator[Line]:
    """Keep what every filter, `[!]field:regex`, matches as a whole."""
    told = [re.fullmatch(r"(!?)(\w+):(.*)", each) for each in query.get("filter", [])]
    if None in told:
        raise BadQuery("Invalid filter")
    filters = [
        (each[1], FIELDS.get(each[2], each[2]), re.compile(each[3])) for each in told if each
    ]
    for line in lines:
        if all(
            bool(wanted.fullmatch(line.get(name, ""))) is not bool(turned)
            for turned, name, wanted in filters
        ):
            yield line


def _key_behind(lines: Sequence[Line]) -> str:
    return quote_plus(f"{lines[-1]['urlkey']} {lines[-1]['timestamp']}!")


def _packed(page: Page) -> Page:
    headers = [*page.headers, ("Content-Encoding", "gzip")]
    return page._replace(headers=headers, body=gzip.compress(page.body))


def _moment(stamp: str) -> dt.datetime:
    """Read a timestamp, filled up to 14 digits with the end of its year, or month, or day."""
    full = stamp + "99991231235959"[len(stamp) :]
    day = full[6:8] if len(stamp) > 6 else "28"
    try:
        return dt.datetime.strptime(f"{full[:6]}{day}{full[8:]}+0000", "%Y%m%d%H%M%S%z")
    except ValueError as err:
        raise BadQuery(f"Invalid timestamp: {stamp}") from err
