"""What a CDX server answers: lines of captures, and by name what is none.

The servers of the world speak one language in three dialects: the Wayback Machine gives arrays
under a row of names, with a key to go on by at the end; pywb and Common Crawl give an object a
line, under other names. Nothing here is raised: a line that makes no sense is given back beside
the captures, with the reason.

The libraries that know these dialects (cdx_toolkit, EDGI's wayback) ask and wait by themselves, and
keep their place in memory; here each page is one hop of the ledger, at the one pace of the crawl.
Pure; must not know the newspaper.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STAMP = re.compile(r"[0-9]{14}")
_NUMBER = re.compile(r"[0-9]{1,15}")
# Letters of a line: an address may be long, a line that is longer than this is none.
_LONGEST = 20_000
# The names of Wayback's server, for those of pywb and Common Crawl.
_NAMES = {"original": "url", "mimetype": "mime", "statuscode": "status"}
# No web archive is older; the first page of the web is of 1991.
_FIRST_YEAR = 1991
# What stands in a field that says nothing.
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of one address.

    `url` as it was captured, `stamp` UTC as YYYYMMDDhhmmss. `status` is 0 where the line does not
    say it, as of a revisit. `file`, `offset` and `length` (bytes) where the index tells them.
    """

    url: str
    stamp: str
    status: int = 0
    mime: str = ""
    digest: str = ""
    file: str = ""
    offset: int = 0
    length: int = 0

    @property
    def date(self) -> str:
        """The moment of the capture, UTC, as `fetched_at` is written."""
        return moment(self.stamp)

    @property
    def is_placed(self) -> bool:
        """Whether the index tells where it stands in a file."""
        return bool(self.file and self.length)


@dataclass(slots=True)
class Answer:
    """The lines of one answer. `key`: what the next query goes on by; empty at the end.

    `rows` counts all lines, `senseless` are those that are no captures.
    """

    captures: list[Capture] = field(default_factory=list)
    senseless: list[str] = field(default_factory=list)
    key: str = ""

    @property
    def rows(self) -> int:
        return len(self.captures) + len(self.senseless)


def read(body: bytes) -> Answer:
    r"""Read an answer in JSON, whichever dialect it is in.

    >>> answer = read(b'{"url": "http://example.org/1", "timestamp": "20220616120000"}\nnonsense')
    >>> answer.captures[0].date, answer.senseless
    ('2022-06-16T12:00:00.000000+00:00', ['nonsense'])
    >>> rows = b'[["timestamp","original"],\n["20220616120000","http://example.org/1"],\n[],\n["k"]]'
    >>> len(read(rows).captures), read(rows).key
    (1, 'k')
    """
    text = body.decode("utf-8", "replace").strip()
    return _rows(text) if text.startswith("[") else _objects(text)


def moment(stamp: str) -> str:
    """Write a time stamp as `fetched_at` is written; raises ValueError for what is no moment."""
    if not _STAMP.fullmatch(stamp):
        raise ValueError(f"no time stamp: {stamp!r}")
    found = dt.datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
    if found.year < _FIRST_YEAR:
        raise ValueError(f"no time of the web: {stamp}")
    return found.isoformat(timespec="microseconds")


def _objects(text: str) -> Answer:
    answer = Answer()
    for line in text.split("\n"):
        if line.strip():
            _take(answer, line, _loaded(line))
    return answer


def _rows(text: str) -> Answer:
    """Read an array of arrays line by line, for one that is broken must not hide the others."""
    answer, is_over = Answer(), False
    names: list[str] = []
    for line, row in _lines_of_rows(text):
        if row == []:
            is_over = True
        elif is_over and isinstance(row, list) and len(row) == 1:
            answer.key = str(row[0])
        elif not names and isinstance(row, list) and "timestamp" in row:
            names = [str(name) for name in row]
        else:
            is_whole = isinstance(row, list) and len(row) == len(names)
            _take(answer, line, dict(zip(names, row, strict=True)) if is_whole else None)
    return answer


def _lines_of_rows(text: str) -> Iterator[tuple[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        rows = None
    if isinstance(rows, list):
        yield from ((json.dumps(row, ensure_ascii=False), row) for row in rows)
        return
    for line in text.split("\n"):
        bare = line.strip().removesuffix(",")
        bare = bare.removeprefix("[") if bare.startswith("[[") else bare
        bare = bare.removesuffix("]") if bare.endswith("]]") else bare
        if bare:
            yield line, _loaded(bare)


def _loaded(text: str) -> Any:  # noqa: ANN401 (whatever JSON can say)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _take(answer: Answer, line: str, fields: Any) -> None:  # noqa: ANN401 (as above)
    try:
        answer.captures.append(_capture(fields))
    except (ValueError, KeyError, TypeError, AttributeError):
        answer.senseless.append(line[:_LONGEST])


def _capture(fields: Mapping[str, Any]) -> Capture:
    told = {_NAMES.get(name, name): value for name, value in fields.items()}
    url, stamp = str(told["url"]), str(told["timestamp"])
    moment(stamp)
    if not url.isprintable() or " " in url or not 0 < len(url) < _LONGEST:
        raise ValueError(f"no address: {url!r}")
    return Capture(
        url=url,
        stamp=stamp,
        status=_number(told.get("status")),
        mime=_text(told.get("mime")),
        digest=_text(told.get("digest")),
        file=_text(told.get("filename")),
        offset=_number(told.get("offset")),
        length=_number(told.get("length")),
    )


def _text(value: object) -> str:
    text = str(value or "")
    return "" if text == _NOTHING else text


def _number(value: object) -> int:
    text = _text(value)
    if text and not _NUMBER.fullmatch(text):
        raise ValueError(f"no number: {text!r}")
    return int(text or 0)
