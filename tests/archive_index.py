"""The captures of WARC files, and which of them a CDX query means.

Read by the project's own reader of WARC, which tests of their own hold. Otherwise the outside
world: it is written from what the archives document, and knows nothing of who asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from surt import surt

from observer_crawler.warc import Record, records, with_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Line = dict[str, str]


class BadQuery(ValueError):
    """A query that an archive answers with 400."""


@dataclass(frozen=True)
class Capture:
    """One answer of a WARC file; the body of a revisit is that of the record it repeats."""

    record: Record
    path: Path

    @cached_property
    def key(self) -> str:
        return key_of(self.record.url)

    @property
    def timestamp(self) -> str:
        return "".join(filter(str.isdigit, self.record.date))[:14]

    @property
    def line(self) -> Line:
        """Give its line of an index, with the names that pywb and Common Crawl use."""
        is_revisit = self.record.kind == "revisit"
        mime = (self.record.header("content-type") or "").split(";")[0].strip() or "unk"
        return {
            "urlkey": self.key,
            "timestamp": self.timestamp,
            "url": self.record.url,
            "mime": "warc/revisit" if is_revisit else mime,
            "status": "-" if is_revisit else str(self.record.status),
            "digest": self.record.payload_digest.rpartition(":")[2],
            "length": str(self.record.size),
            "offset": str(self.record.offset),
            "filename": self.record.file,
        }


def captures_of(files: Iterable[Path]) -> list[Capture]:
    """Give the answers of some files, by key and then by time, as indexes are sorted."""
    found = [(each, path) for path in files for each in records(path) if isinstance(each, Record)]
    bodies = {each.payload_digest: each for each, _ in found if each.kind == "response"}
    answers = [
        Capture(with_body(each, bodies.get(each.payload_digest, each)), path)
        for each, path in found
        if each.kind in {"response", "revisit"}
    ]
    return sorted(answers, key=lambda each: (each.key, each.timestamp))


def key_of(url: str) -> str:
    """Give the SURT key of an address, with or without its scheme.

    >>> key_of("www.paper.example/news/1"), key_of("http://paper.example:80/news/1?b=2&a=1")
    ('example,paper)/news/1', 'example,paper)/news/1?a=1&b=2')
    """
    key: str = surt(url if "://" in url else f"http://{url}")
    return key


def within(query: Mapping[str, list[str]]) -> Callable[[str], bool]:
    """Give what says whether a key is of the addresses that a query names. Raises BadQuery."""
    url, match = first(query, "url"), first(query, "matchType")
    if not url:
        raise BadQuery('The "url" param is required')
    if not match:
        url, match = _wildcard(url)
    key = key_of(url)
    host = key.partition(")")[0]
    if match == "prefix":
        # The canonical form has no slash and no question mark at its end; a prefix keeps it.
        begins = key if key.endswith(url[-1]) or url[-1] not in "/?" else key + url[-1]
        return lambda other: other.startswith(begins)
    known: dict[str, Callable[[str], bool]] = {
        "exact": lambda other: other == key,
        "host": lambda other: other.partition(")")[0] == host,
        "domain": lambda other: f"{other.partition(')')[0]},".startswith(f"{host},"),
    }
    if match not in known:
        raise BadQuery(f"Invalid match_type: {match}")
    return known[match]


def _wildcard(url: str) -> tuple[str, str]:
    if url.startswith("*."):
        return url[2:], "domain"
    return (url[:-1], "prefix") if url.endswith("*") else (url, "exact")


def first(query: Mapping[str, list[str]], name: str, otherwise: str = "") -> str:
    return query.get(name, [otherwise])[0]


def number(query: Mapping[str, list[str]], name: str, otherwise: int) -> int:
    """Read a number of a query. Raises BadQuery."""
    text = first(query, name)
    if text and not re.fullmatch("-?[0-9]{1,9}", text):
        raise BadQuery(f"Invalid value for {name}= param: {text}")
    return int(text) if text else otherwise


def between(lines: Iterable[Line], query: Mapping[str, list[str]]) -> Iterator[Line]:
    """Leave out what is not of the dates, of 1 to 14 digits, both inclusive."""
    since, until = first(query, "from").ljust(14, "0"), first(query, "to").ljust(14, "9")
    return (line for line in lines if since <= line["timestamp"] <= until)


def collapsed(lines: Iterable[Line], query: Mapping[str, list[str]]) -> Iterator[Line]:
    """Of neighbours that are alike in a field, or in its first letters, keep the first."""
    fields = [told.partition(":") for told in query.get("collapse", [])]
    last: Sequence[str] | None = None
    for line in lines:
        mark = [line[name][: int(letters) if letters else None] for name, _, letters in fields]
        if mark != last or not fields:
            yield line
        last = mark


def after(lines: Iterable[Line], key: str) -> list[Line]:
    """Give what stands behind a resumption key, as it was printed or encoded once more."""
    urlkey, _, stamp = (key if ")" in key else unquote_plus(key)).removesuffix("!").rpartition(" ")
    return [line for line in lines if (line["urlkey"], line["timestamp"]) > (urlkey, stamp)]


def limited(lines: Sequence[Line], limit: int) -> list[Line]:
    """Give the first lines, or with a limit below 0 the last."""
    return list(lines[:limit] if limit >= 0 else lines[limit:])
