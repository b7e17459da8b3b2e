"""The columns of a dataset: those of `items.Article`, and two that are counted from its body.

Names, types and descriptions come from `items`, so that they are said once. The table of
docs/columns.md is written by `python -m observer_crawler.dataset.columns`; a test fails when it
is stale.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import pyarrow as pa

from observer_crawler import site as newspaper
from observer_crawler.items import Article

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH = Path(__file__).parents[2] / "docs" / "columns.md"

# What anyone may publish: where and when an article stood and what it sums to, not a word of it.
OF_THE_LIST = (
    *("id", "url", "published_date", "published_at", "section", "agency", "language"),
    *("word_count", "content_sha256", "extractor", "fetched_at"),
)
_TEXT = pa.field(
    "text",
    pa.string(),
    metadata={"description": "The paragraphs of body in one, an empty line between two."},
)
_WORD_COUNT = pa.field(
    "word_count",
    pa.int64(),
    metadata={"description": "Words of text, as white space parts them."},
)
# With `--clusters` alone, behind all others.
_CLUSTERS = (
    pa.field(
        "cluster_id",
        pa.string(),
        metadata={
            "description": "Id of the first article, by the order of the dataset, of those whose "
            "texts are copies of one another; the article's own where there is no other."
        },
    ),
    pa.field(
        "cluster_size",
        pa.int64(),
        metadata={"description": "Articles of the cluster that are in this dataset."},
    ),
    pa.field(
        "is_canonical",
        pa.bool_(),
        metadata={
            "description": "Whether the article is the one that cluster_id names: keep these alone "
            "for each story once."
        },
    ),
)
# With `--splits` alone.
_SPLIT = pa.field(
    "split",
    pa.string(),
    metadata={
        "description": "train, validation or test, by published_date; what is a near copy of an "
        "earlier article goes where that one is, and what has no day to train."
    },
)
_AFTER_BODY = (_TEXT, _WORD_COUNT)
# A moment is the same instant in every zone; this one's are read in the newspaper's.
_ZONES = {"published_at": str(newspaper.ZONE)}
_OF_A_LIST = (*OF_THE_LIST, *(each.name for each in _CLUSTERS), _SPLIT.name)
_HEAD = """\
# The columns of the dataset

Written from `observer_crawler/items.py` by `python -m observer_crawler.dataset.columns`.

Null says that the page does not say, or that the line was written before the field was known.
csv and SQLite hold dates and moments as text, as they stand in the lines, and what has parts
(`list<...>`, `struct<...>`) as JSON. `list` marks the columns of `scrapy export --without text`.
The last four are there with `--clusters` (`cluster_id`, `cluster_size`, `is_canonical`) and
`--splits` (`split`) alone.

| column | type in Parquet | list | meaning |
|---|---|---|---|
"""


@cache
def schema(*, with_text: bool = True, clusters: bool = False, splits: bool = False) -> pa.Schema:
    """Give the columns of the dataset, or those of the list to share."""
    found = list(_fields(Article))
    if not with_text:
        found = [each for name in OF_THE_LIST for each in found if each.name == name]
    return pa.schema([*found, *(_CLUSTERS if clusters else ()), *([_SPLIT] if splits else ())])


def _fields(kind: type[Any]) -> Iterator[pa.Field]:
    hints = get_type_hints(kind)
    for each in fields(kind):
        type_ = _type(hints[each.name], each.metadata, _ZONES.get(each.name, "UTC"))
        described = {"description": each.metadata["description"]}
        yield pa.field(each.name, type_, metadata=described)
        if each.name == "body":
            yield from _AFTER_BODY


def _type(hint: object, about: Mapping[str, Any], zone: str) -> pa.DataType:
    """Give the type of a field as it is written in items.py; every column may be null."""
    if is_dataclass(hint) and isinstance(hint, type):
        return pa.struct([pa.field(each.name, each.type) for each in _fields(hint)])
    if get_origin(hint) is list:
        return pa.list_(_type(get_args(hint)[0], {}, zone))
    if get_origin(hint) is Literal:
        return pa.string()
    if NoneType in get_args(hint):
        return _type(get_args(hint)[0], about, zone)
    if hint is int:
        return pa.int64()
    formats = {"date": pa.date32(), "date-time": pa.timestamp("us", zone)}
    return formats.get(about.get("format", ""), pa.string())


def described() -> list[dict[str, str]]:
    """Give name, type and meaning of each column."""
    return [_described(each) for each in schema(clusters=True, splits=True)]


def _described(field: pa.Field) -> dict[str, str]:
    meaning = field.metadata[b"description"].decode()
    return {"name": field.name, "type": _type_name(field.type), "description": meaning}


def _type_name(type_: pa.DataType) -> str:
    """Name a type without what only Arrow asks for.

    >>> _type_name(pa.list_(pa.string())), _type_name(pa.date32())
    ('list<string>', 'date')
    """
    if pa.types.is_struct(type_):
        inner = ", ".join(f"{each.name}: {_type_name(each.type)}" for each in type_)
        return f"struct<{inner}>"
    if pa.types.is_list(type_):
        return f"list<{_type_name(type_.value_type)}>"
    return "date" if pa.types.is_date(type_) else str(type_)


def markdown() -> str:
    """Write the table as the tracked file has it."""
    rows = (
        f"| `{each['name']}` | {each['type']} | {'yes' if each['name'] in _OF_A_LIST else ''} "
        f"| {each['description'].replace('|', chr(92) + '|')} |\n"
        for each in described()
    )
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PATH.write_text(markdown(), "utf-8")
