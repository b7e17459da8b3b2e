"""The schema of a line: generated, tracked, true, and the judge of the pipelines."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import jsonschema
import pytest

from observer_crawler import schema
from observer_crawler.items import (
    Article,
    Capture,
    Dateline,
    Image,
    Removed,
    content_sha256,
    from_record,
    to_line,
)

FULL = Article(
    id="b:1",
    url="https://example.org/news/1",
    headline="A headline",
    shoulder="Above it",
    section="Foreign News",
    edition="online",
    published_date="2022-06-16",
    published_at="2022-06-16T14:05:00+06:00",
    byline="A Writer",
    dateline=Dateline("TOWN, June 15:", ["TOWN"], "2022-06-15"),
    agency="AFP",
    body=["One.", "Two."],
    removed=[Removed("agency", "-AFP")],
    images=[Image("https://example.org/1.jpg", None)],
    tags=["one"],
    views=3,
    related=["b:2"],
    previous="b:3",
    next="b:4",
    markup="2024",
    fetched_at="2022-06-16T15:00:00.123456+00:00",
    source_url="https://example.org/news.php?id=1",
    content_sha256=content_sha256("A headline", ["One.", "Two."]),
    revision=1,
    capture=Capture("a.warc.gz", 7, "<urn:uuid:0>"),
)
WRONG: list[tuple[str, Any]] = [
    ("id", "c:1"),
    ("id", "b:01"),
    ("id", "b:1\n"),
    ("url", None),
    ("url", "news/1"),
    ("url", "http://[bad"),
    ("headline", 7),
    ("edition", "evening"),
    ("published_date", "2022-6-16"),
    ("published_date", "2022-02-30"),
    ("published_at", "2022-06-16T14:05:00"),
    ("published_at", "yesterday"),
    ("dateline", {"text": "TOWN:", "places": "TOWN", "date": None}),
    ("dateline", {"places": [], "date": None}),
    ("body", None),
    ("body", "text"),
    ("body", ["one", None]),
    ("removed", [{"kind": "joke", "text": "x"}]),
    ("images", [{"url": None, "caption": None}]),
    ("tags", [1]),
    ("views", -1),
    ("views", "3"),
    ("views", True),
    ("language", None),
    ("markup", "2018"),
    ("fetched_at", "2022-06-16"),
    ("content_sha256", "ab"),
    ("revision", 0),
]
# What jsonschema lets pass: formats that need a further library there, and `$` before a newline.
LENIENT = [
    ("id", "b:1\n"),
    ("url", "news/1"),
    ("url", "http://[bad"),
    ("published_at", "2022-06-16T14:05:00"),
    ("published_at", "yesterday"),
    ("fetched_at", "2022-06-16"),
]


def line(**changes: object) -> dict[str, Any]:
    """Give a full record with changes, as a line of a segment reads back."""
    return {**json.loads(to_line(FULL)), **changes}


def checker() -> jsonschema.Draft202012Validator:
    """Build the validator that users have, formats included."""
    return jsonschema.Draft202012Validator(
        schema.json_schema(), format_checker=jsonschema.FormatChecker()
    )


def test_the_tracked_schema_is_the_generated_one() -> None:
    assert schema.PATH.read_text("utf-8") == schema.text(), (
        "stale: run python -m observer_crawler.schema"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.json_schema())


def test_every_field_is_described() -> None:
    properties = schema.json_schema()["properties"]
    assert list(properties) == [field.name for field in fields(Article)]
    assert all(shape["description"] for shape in properties.values())


def test_a_full_article_is_valid() -> None:
    checker().validate(line())
    assert list(schema.problems(asdict(FULL))) == []


def test_a_bare_photo_story_is_valid() -> None:
    bare = from_record(line(headline=None, body=[], dateline=None, tags=None, capture=None))
    checker().validate(json.loads(to_line(bare)))
    assert list(schema.problems(asdict(bare))) == []


def test_a_line_of_a_newer_version_is_valid() -> None:
    checker().validate(line(field_of_next_year=1))


def test_a_line_without_substance_is_not_valid() -> None:
    assert not checker().is_valid(line(headline=None, body=[], images=[]))


@pytest.mark.parametrize("name", [*schema.REQUIRED, "content_sha256", "revision"])
def test_a_line_without_a_required_field_is_not_valid(name: str) -> None:
    record = line()
    assert checker().is_valid(record)
    del record[name]
    assert not checker().is_valid(record)
    assert not checker().is_valid(line(**{name: None}))


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named(name: str, value: object) -> None:
    found = list(schema.problems(line(**{name: value})))
    assert len(found) == 1
    assert found[0].startswith(name)
    assert "expected" in found[0]


@pytest.mark.parametrize(("name", "value"), [case for case in WRONG if case not in LENIENT])
def test_what_is_named_is_not_valid_for_others_either(name: str, value: object) -> None:
    assert not checker().is_valid(line(**{name: value}))


def test_what_the_store_adds_may_be_missing_before_it() -> None:
    assert list(schema.problems(line(revision=None, source_url=None))) == []
