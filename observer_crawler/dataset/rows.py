"""One line of a segment: judged, and made a row of the dataset.

A line that cannot be read is told apart by a word that stands in the manifest; what an old line
lacks becomes null, and what a newer one has beyond is left out and named. Pure: bytes in, values
out.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from observer_crawler.dataset import shape
from observer_crawler.items import Article, Capture, Dateline, Image, Removed
from observer_crawler.schema import REQUIRED, problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TORN = "torn"
TOO_LONG = "too long"
NOT_UTF8 = "not UTF-8"
NOT_JSON = "not JSON"
NOT_AN_ARTICLE = "not an article"

_FIELDS = {field.name: field for field in fields(Article)}
_PARTS = {"dateline": Dateline, "capture": Capture, "images": Image, "removed": Removed}
_KNOWN = {name: {part.name for part in fields(kind)} for name, kind in _PARTS.items()}
# The answer of `problems` for what a line of before does not have.
_ABSENT: dict[str, Any] = {
    name: None if field.default_factory is MISSING else []
    for name, field in _FIELDS.items()
    if field.default is not MISSING or field.default_factory is not MISSING
} | {name: _FIELDS[name].default for name in ("language", "markup", "extractor")}


class Unreadable(Exception):
    """A line that is no article of ours: `reason` in a stable word, `detail` for people."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Reading(NamedTuple):
    """What is asked of a line that can be taken: `day` and `source_url` as they stand in it.

    `lacking` are the fields that it does not have, `unknown` those that nobody knows.
    """

    id: str
    day: str | None
    fetched_at: dt.datetime
    extractor: int | None
    source_url: str | None
    pictures: tuple[str, ...]
    lacking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read(line: bytes) -> Reading:
    """Judge a line; raises Unreadable."""
    return _at_once(line) or _carefully(line)


def _at_once(line: bytes) -> Reading | None:
    """Read a line that is right beyond doubt; None for all others."""
    article = shape.article_of(line)
    if article is None:
        return None
    try:
        moment(article.published_at or None)
        fetched_at = moment(article.fetched_at)
    except OverflowError:
        return None
    return Reading(
        article.id,
        article.published_date or None,
        fetched_at,
        article.extractor or None,
        article.source_url or None,
        tuple(image.url for image in article.images or ()),
        shape.lacking(article),
    )


def _carefully(line: bytes) -> Reading:
    """Judge a line part by part, so that what is wrong has a name."""
    record = _json(line)
    if not isinstance(record, dict) or any(record.get(name) is None for name in REQUIRED):
        raise Unreadable(NOT_AN_ARTICLE, f"without {', '.join(_missing(record))}")
    for problem in problems({**_ABSENT, **_judged(record)}):
        raise Unreadable(NOT_AN_ARTICLE, problem)
    _check_values(record, may_be_cut=b"\\u" in line)
    return Reading(
        record["id"],
        record.get("published_date"),
        moment(record["fetched_at"]),
        record.get("extractor"),
        record.get("source_url"),
        tuple(image["url"] for image in record.get("images") or ()),
        tuple(name for name in _FIELDS if name not in record),
        tuple(sorted(set(_unknown(record)))),
    )


def parsed(line: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Parse a line that was judged: as `_json` does, and sooner."""
    try:
        return shape.value_of(line)
    except shape.NOT_AT_ONCE:
        return _json(line)


def _json(line: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Parse a line as strict UTF-8 and JSON; raises Unreadable."""
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as err:
        raise Unreadable(NOT_UTF8) from err
    except (ValueError, RecursionError) as err:
        raise Unreadable(NOT_JSON) from err


def _missing(record: object) -> list[str]:
    there = record if isinstance(record, dict) else {}
    return [name for name in REQUIRED if there.get(name) is None]


def _judged(record: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was null where the schema of today has a list or a word."""
    return {name: value for name, value in record.items() if value is not None}


def _check_values(record: Mapping[str, Any], *, may_be_cut: bool) -> None:
    """Refuse what the schema allows and no table can hold.

    Half a surrogate pair comes only of an escape: a line without one need not be written again.
    """
    try:
        if may_be_cut:
            json.dumps(record, ensure_ascii=False).encode()
        typed(record)
    except UnicodeEncodeError as err:
        raise Unreadable(NOT_UTF8, "half a surrogate pair") from err
    except (ValueError, OverflowError) as err:
        raise Unreadable(NOT_AN_ARTICLE, str(err)) from err
    offset = (record.get("capture") or {}).get("offset", 0)
    for number in (record.get("views"), record.get("revision"), record.get("extractor"), offset):
        if number is not None and abs(number) > shape.MOST:
            raise Unreadable(NOT_AN_ARTICLE, f"{number:.3e} is too large")


def _unknown(record: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name in record if name not in _FIELDS)
    for name, known in _KNOWN.items():
        value = record.get(name) or []
        for part in value if isinstance(value, list) else [value]:
            yield from (f"{name}.{key}" for key in part if key not in known)


@overload
def moment(text: str) -> dt.datetime: ...


@overload
def moment(text: str | None) -> dt.datetime | None: ...


def moment(text: str | None) -> dt.datetime | None:
    """Give a moment in UTC; raises OverflowError at the ends of the calendar."""
    return None if text is None else dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def typed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row with its dates and moments as such, as Parquet takes it."""
    found = dict(row)
    for name in ("published_at", "fetched_at"):
        found[name] = moment(row.get(name))
    found["published_date"] = day(row.get("published_date"))
    if dateline := row.get("dateline"):
        found["dateline"] = {**dateline, "date": day(dateline.get("date"))}
    return found


def day(text: str | None) -> dt.date | None:
    """Give a day of the newspaper."""
    return None if text is None else dt.date.fromisoformat(text)


def row_of(record: Mapping[str, Any], excluded: Mapping[str, str]) -> dict[str, Any]:
    """Make the row of a record: all columns, those that are counted from the body included.

    Ids that nobody may export are left out of the boxes of other articles too.
    """
    row: dict[str, Any] = {name: record.get(name) for name in _FIELDS}
    row |= counted(row["body"])
    for name, known in _KNOWN.items():
        if row[name]:
            row[name] = _only(row[name], known)
    if excluded:
        row["related"] = row["related"] and [n for n in row["related"] if n not in excluded]
        row.update({name: None for name in ("previous", "next") if row[name] in excluded})
    return row


def _only(value: Any, known: set[str]) -> Any:  # noqa: ANN401 (JSON)
    """Leave out of a part, or of several, what nobody knows: nothing masks or compares it."""
    if isinstance(value, list):
        return [_only(part, known) for part in value]
    return (
        value if value.keys() <= known else {name: value[name] for name in value if name in known}
    )


def counted(body: list[str] | None) -> dict[str, Any]:
    """Give the columns that are counted from a body."""
    if body is None:
        return {"text": None, "word_count": None}
    text = "\n\n".join(body)
    return {"text": text, "word_count": len(text.split())}
