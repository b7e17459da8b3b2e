"""The shape of a line, as JSON Schema: generated from `items`, so that it is said once.

`python -m observer_crawler.schema` writes data/schema/article.schema.json, which is tracked;
a test fails when it is stale. `problems` judges a record by the same schema: a crawl has no
library for that, and the few keywords that the schema uses are soon checked.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from observer_crawler.items import Article
from observer_crawler.site import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATH = Path(__file__).parent.parent / "data" / "schema" / "article.schema.json"

# Without these a line is worth nothing, whatever else the page gave.
REQUIRED = ("id", "url", "markup", "fetched_at")
# Each is null for a page that was read outside a crawl, and set in every stored line.
_STORED = (*REQUIRED, "source_url", "content_sha256", "revision", "language", "extractor")
_NAMES: dict[object, str] = {
    str: "string",
    int: "integer",
    NoneType: "null",
    list: "array",
    dict: "object",
}


def json_schema() -> dict[str, Any]:
    """Give the schema of one stored line. Fields are only ever added, so more is allowed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Article",
        **_object(Article, _STORED),
        "required": list(_STORED),
        "anyOf": [
            {"properties": {"headline": {"type": "string"}}, "required": ["headline"]},
            {"properties": {"body": {"minItems": 1}}, "required": ["body"]},
            {"properties": {"images": {"minItems": 1}}, "required": ["images"]},
        ],
    }


def _object(kind: type[Any], never_null: tuple[str, ...] = ()) -> dict[str, Any]:
    hints = get_type_hints(kind)
    shapes = {}
    for each in fields(kind):
        shape = _shape(hints[each.name], is_null_left_out=each.name in never_null)
        shapes[each.name] = shape | dict(each.metadata)
    told = (kind.__doc__ or "").strip().splitlines()[0]
    names = [each.name for each in fields(kind)]
    return {"description": told, "type": "object", "properties": shapes, "required": names}


def _shape(hint: object, *, is_null_left_out: bool = False) -> dict[str, Any]:
    """Give the schema of a type as it is written in items.py."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    if get_origin(hint) is list:
        return {"type": "array", "items": _shape(get_args(hint)[0])}
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) in {Union, UnionType}:
        some = [arg for arg in get_args(hint) if arg is not NoneType]
        return _shape(some[0]) if is_null_left_out else _or_null(_shape(some[0]))
    return {"type": _NAMES[hint]}


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    enum = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [shape["type"], "null"]} | enum


def problems(record: Mapping[str, Any]) -> Iterator[str]:
    """Name each field of an article's record that has not the shape it must have.

    `record` is an article before it is stored: what only the store knows may be missing.
    """
    if not all(fits(record.get(name)) for name, fits in _checks()):
        for name, shape in _unstored()["properties"].items():
            yield from _wrong(record.get(name), shape, name)


def stored_problems(record: Mapping[str, Any]) -> Iterator[str]:
    """Name each field of a stored line that has not the shape it must have."""
    yield from (f"{name} is missing" for name in _STORED if record.get(name) is None)
    told = {name: record.get(name) for name in _unstored()["properties"]}
    yield from problems({**told, "language": told["language"] or LANGUAGES[0]})


@cache
def _unstored() -> dict[str, Any]:
    """Give the shape before storing; reading it from the types takes 1.5 ms, so it is kept."""
    return _object(Article, REQUIRED)


@cache
def _checks() -> list[tuple[str, Callable[[Any], bool]]]:
    """Give a check for each field, made once: a record that is right is seen in a third of the time."""
    return [(name, _check(shape)) for name, shape in _unstored()["properties"].items()]


def _check(shape: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Make the check that `_wrong` finds nothing."""
    told = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    types = frozenset(kind for kind, name in _NAMES.items() if name in told)
    if "array" in told:
        item = _check(shape["items"])
        return lambda value: type(value) in types and (value is None or all(map(item, value)))
    if "object" in told:
        parts = [(key, _check(inner)) for key, inner in shape["properties"].items()]
        return lambda value: (
            type(value) in types
            and (value is None or all(fits(value.get(key)) for key, fits in parts))
        )
    if not shape.keys() & {"minimum", "enum", "pattern", "format"}:
        return lambda value: type(value) in types
    return lambda value: (
        type(value) in types and (value is None or _broken_rule(value, shape) is None)
    )


def _wrong(value: object, shape: Mapping[str, Any], name: str) -> Iterator[str]:
    types = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    if _NAMES.get(type(value)) not in types:
        yield f"{name} is {value!r:.80}; expected {' or '.join(types)}"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _wrong(item, shape["items"], f"{name}[{number}]")
    elif isinstance(value, dict):
        for key, inner in shape["properties"].items():
            yield from _wrong(value.get(key), inner, f"{name}.{key}")
    elif isinstance(value, str | int) and (rule := _broken_rule(value, shape)):
        yield f"{name} is {value!r:.80}; expected {rule}"


def _broken_rule(value: str | int, shape: Mapping[str, Any]) -> str | None:
    if isinstance(value, int):
        return f"at least {shape['minimum']}" if value < shape.get("minimum", value) else None
    if "enum" in shape and value not in shape["enum"]:
        return f"one of {shape['enum']}"
    if "pattern" in shape and not re.fullmatch(shape["pattern"], value):
        return shape["pattern"]  # type: ignore[no-any-return]
    form = shape.get("format")
    return form if form and not _FORMATS[form](value) else None


def rule_of(about: Mapping[str, Any]) -> Callable[[str], object] | None:
    """Give what a text must be beyond being one, as a check; None where it may be any."""
    if pattern := about.get("pattern"):
        return re.compile(pattern).fullmatch
    return _FORMATS.get(about.get("format", ""))


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


# An address that needs no taking apart: a host and no user before it.
_PLAIN_URI = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]+)?(?:[/?#][!-~]*)?")


def _is_uri(text: str) -> bool:
    if _PLAIN_URI.fullmatch(text):
        return True
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


_FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _is_date,
    "date-time": _is_moment,
    "uri": _is_uri,
}


def text() -> str:
    """Write the schema as the tracked file has it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), "utf-8")
