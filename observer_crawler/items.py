"""`Article`: each field with its meaning, its format, where it stands on a page, its fallback.

The JSON Schema that users rely on is generated from this file, so a description is written
once. None means: the page does not say. Nothing here knows a page, Scrapy or the disk.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

from observer_crawler import site
from observer_crawler.kinds import ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Raised by hand when the same bytes give another article; tests/pages holds us to it.
EXTRACTOR = 2

MARKUPS = (*site.MARKUPS, "unknown")
RemovedKind = Literal["dateline", "agency", "initials", "caption", "advertisement"]


def _described(text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON Schema values)
    return {"description": text, **more}


def _shown(name: str, otherwise: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (as above)
    """Describe a field by where the newspaper's pages show it, else by what it is."""
    return _described(site.FIELDS.get(name, otherwise), **more)


def _one_of(words: Iterable[str], text: str) -> dict[str, Any]:
    return {"enum": list(words), **_described(text)}


@dataclass(slots=True)
class Dateline:
    """Where and when a story was filed, as its first words say: `BEIJING, June 15:`."""

    text: str = field(metadata=_described("As printed, with its colon."))
    places: list[str] = field(metadata=_described("The places, as printed, in order."))
    date: str | None = field(
        metadata=_described(
            "YYYY-MM-DD. The year is that of the last such day not after published_date; "
            "null without one.",
            format="date",
        )
    )


@dataclass(slots=True)
class Image:
    """A picture of the story."""

    url: str = field(metadata=_described("Absolute, on the newspaper's own origin."))
    caption: str | None = field(
        metadata=_described(
            "The caption row with its credit, else the alt or title text; null where the page "
            "only repeats the headline."
        )
    )


@dataclass(slots=True)
class Removed:
    """A piece of the article's block that is not body text."""

    kind: RemovedKind = field(metadata=_described("What it is."))
    text: str = field(metadata=_described("As printed, white space made single."))


@dataclass(slots=True)
class Capture:
    """The WARC record that holds the bytes."""

    file: str = field(metadata=_described("Final name of the WARC file."))
    offset: int = field(metadata=_described("Offset of the record in bytes."))
    record_id: str = field(metadata=_described("WARC-Record-ID."))


@dataclass(slots=True)
class Article:
    """One text of one story, as one page showed it.."""

    id: str = field(metadata=_shown("id", "Number space and number, the key.", pattern=f"^{ID}$"))
    url: str = field(
        metadata=_described("Canonical address, whatever form was fetched.", format="uri")
    )
    headline: str | None = field(
        default=None,
        metadata=_shown("headline", "The headline; null where the page has none."),
    )
    shoulder: str | None = field(
        default=None, metadata=_described("The small headline above or below the headline.")
    )
    section: str | None = field(
        default=None,
        metadata=_shown("section", "As printed; null where the page names none."),
    )
    edition: Literal["print", "online"] | None = field(
        default=None,
        metadata=_shown("edition", "Whether it was printed, or went online."),
    )
    published_date: str | None = field(
        default=None,
        metadata=_shown("published_date", "YYYY-MM-DD in the newspaper's zone.", format="date"),
    )
    published_at: str | None = field(
        default=None,
        metadata=_shown(
            "published_at",
            "ISO 8601 in the newspaper's zone when the page gives a time, else null.",
            format="date-time",
        ),
    )
    byline: str | None = field(
        default=None, metadata=_shown("byline", "Who wrote it, as printed.")
    )
    dateline: Dateline | None = field(
        default=None, metadata=_described("The place and day at the start of the body.")
    )
    agency: str | None = field(
        default=None, metadata=_shown("agency", "The agency that is credited.")
    )
    body: list[str] = field(
        default_factory=list,
        metadata=_described(
            "Paragraphs in order, without what `removed` holds; empty where the page breaks off in "
            "the story, or where a wall for subscribers stands in place of its end."
        ),
    )
    removed: list[Removed] = field(
        default_factory=list,
        metadata=_described("What the article's block shows beside headline and body, in order."),
    )
    images: list[Image] = field(
        default_factory=list, metadata=_shown("images", "Pictures in page order.")
    )
    tags: list[str] | None = field(
        default=None,
        metadata=_shown("tags", "As printed; null when the markup does not carry them."),
    )
    views: int | None = field(
        default=None,
        metadata=_shown("views", "As shown when the page was fetched; it grows.", minimum=0),
    )
    language: str = field(
        default=site.LANGUAGES[0],
        metadata=_one_of(site.LANGUAGES, "Counted from the letters of the body."),
    )
    related: list[str] = field(
        default_factory=list,
        metadata=_shown("related", "Ids of its box of related stories, the page itself left out."),
    )
    previous: str | None = field(
        default=None, metadata=_shown("previous", "Id of the story before.")
    )
    next: str | None = field(default=None, metadata=_shown("next", "Id of the story after."))
    markup: str = field(
        default="unknown",
        metadata=_one_of(
            MARKUPS, "Which markup the page shows; unknown: read by its words alone."
        ),
    )
    fetched_at: str | None = field(
        default=None,
        metadata=_described("UTC to the microsecond, ISO 8601.", format="date-time"),
    )
    source_url: str | None = field(
        default=None, metadata=_described("The address actually fetched.", format="uri")
    )
    content_sha256: str | None = field(
        default=None,
        metadata=_described(
            "SHA-256 over headline and body in a normal form that no markup changes.",
            pattern="^[0-9a-f]{64}$",
        ),
    )
    revision: int | None = field(
        default=None, metadata=_described("1 for the first text stored, then up.", minimum=1)
    )
    capture: Capture | None = field(
        default=None, metadata=_described("The WARC record that holds the bytes, or null.")
    )
    extractor: int = field(
        default=EXTRACTOR, metadata=_described("Version of the extraction.", minimum=1)
    )


_FIELDS = tuple(each.name for each in fields(Article))
_fields_of = attrgetter(*_FIELDS)
_FOLDED = (
    ("\u2018\u2019\u201a\u201b\u2032\u0060", "'"),
    ("\u201c\u201d\u201e\u201f\u2033", '"'),
    ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
)


def content_sha256(headline: str | None, body: Sequence[str]) -> str:
    """Sum headline and body so that quotes, dashes, spaces and paragraph borders do not count.

    >>> content_sha256("A \u2013 b", ["one", "two"]) == content_sha256("A-b", ["onetwo"])
    True
    >>> content_sha256("ab", ["c"]) == content_sha256("a", ["bc"])
    False
    """
    parts = (headline or "", "".join(body))
    return hashlib.sha256("\x1f".join(map(_normal_form, parts)).encode()).hexdigest()


def _normal_form(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for printed, plain in _FOLDED:
        for mark in printed:  # a table for `translate` is slow where a text is not ASCII
            text = text.replace(mark, plain)
    return "".join(text.split())


def to_record(article: Article) -> dict[str, Any]:
    """Give the record of an article, fields in their order; its lists are the article's own.

    `dataclasses.asdict` copies each of its strings and lists: 0.05 ms an article, here 0.005.
    """
    record: dict[str, Any] = dict(zip(_FIELDS, _fields_of(article), strict=True))
    if (line := article.dateline) is not None:
        record["dateline"] = {"text": line.text, "places": line.places, "date": line.date}
    if (kept := article.capture) is not None:
        record["capture"] = {
            "file": kept.file,
            "offset": kept.offset,
            "record_id": kept.record_id,
        }
    record["removed"] = [{"kind": each.kind, "text": each.text} for each in article.removed]
    record["images"] = [{"url": each.url, "caption": each.caption} for each in article.images]
    return record


def line_of(record: Mapping[str, Any]) -> str:
    """Write a record as its line of JSON, without the newline."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def to_line(article: Article) -> str:
    """Write one article as its line of JSON, fields in their order, without the newline."""
    return line_of(to_record(article))


def from_record(record: Mapping[str, Any]) -> Article:
    """Read an article back from its line; fields of a newer version are left out."""
    known = {name: record[name] for name in Article.__dataclass_fields__ if name in record}
    for name, kind in (("dateline", Dateline), ("capture", Capture)):
        if known.get(name):
            known[name] = kind(**known[name])
    known["images"] = [Image(**image) for image in known.get("images") or []]
    known["removed"] = [Removed(**piece) for piece in known.get("removed") or []]
    return Article(**known)
