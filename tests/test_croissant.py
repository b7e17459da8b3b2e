"""croissant.json of a version: its reader gives the rows, and what it does not check is true."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from observer_crawler.dataset.columns import OF_THE_LIST, described, schema
from observer_crawler.dataset.croissant import croissant
from tests.croissant import records as read_by_mlcroissant
from tests.stored import COPY, made, record, records, store

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.dataset import Made

COUNT = 30
# There is none: the name of a version is a sum of what this file is part of.
NO_VERSION = 'Property "https://schema.org/version" is recommended, but does not exist.'
TYPES = {"int64": "sc:Integer", "date": "sc:Date", "string": "sc:Text"}


def stored(data: Path) -> None:
    """Store rows in which every field is null or empty somewhere."""
    bare = dict.fromkeys(("published_date", "published_at", "dateline", "views", "capture"))
    bangla = {"id": "bn:5", "headline": "ঢাকায় বৃষ্টি, “আজ”", "language": "bn"}
    empty = record(29, **bare, body=[], images=[], removed=[], related=[])
    store(data, [*records(COUNT - 2), empty, record(30, **bangla)])


def exported(data: Path, **wanted: Any) -> Made:  # noqa: ANN401 (an export's own)
    stored(data)
    return made(data, **wanted)


def told_of(version: Made) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((version.version / "croissant.json").read_bytes())
    return found


@pytest.mark.parametrize("format_", ["parquet", "jsonl", "csv"])
def test_its_reader_finds_no_error_and_gives_every_row(tmp_path: Path, format_: str) -> None:
    version = exported(tmp_path / "data", formats=format_)
    found = read_by_mlcroissant(version.version, tmp_path)
    assert found["errors"] == []
    assert [warning.partition("] ")[2] for warning in found["warnings"]] == [NO_VERSION]
    (rows,) = found["sets"].values()
    assert len(rows) == COUNT
    assert list(rows[0]) == [f"train/{name}" for name in schema().names]
    by_id = {row["train/id"]: row for row in rows}
    assert by_id["bn:5"]["train/headline"] == "ঢাকায় বৃষ্টি, “আজ”"
    assert by_id["b:29"]["train/views"] is None
    assert by_id["b:3"]["train/published_date"].startswith("2022-06-04")


def test_lists_and_parts_of_parquet_are_read_as_such(tmp_path: Path) -> None:
    version = exported(tmp_path / "data")
    (rows,) = read_by_mlcroissant(version.version, tmp_path)["sets"].values()
    told = {row["train/id"]: row for row in rows}["b:3"]
    (row,) = pq.read_table(
        version.version / "articles.parquet", filters=[("id", "=", "b:3")]
    ).to_pylist()
    assert told["train/body"] == row["body"]
    assert told["train/dateline"]["train/dateline/places"] == ["DHAKA"]
    assert [part["train/removed/text"] for part in told["train/removed"]] == ["-AFP"]
    assert told["train/capture"]["train/capture/offset"] == 3


@pytest.mark.parametrize(
    "wanted",
    [{"formats": "parquet,jsonl,csv,sqlite"}, {"formats": "csv", "with_text": False}],
    ids=["all formats", "the list"],
)
def test_names_sizes_and_sums_are_those_of_the_files(
    tmp_path: Path, wanted: dict[str, Any]
) -> None:
    """Its reader misses a wrong sum and a missing name, so neither is left to it."""
    version = exported(tmp_path, **wanted)
    listed = {of["@id"]: of for of in told_of(version)["distribution"]}
    beside = {"README.md", "croissant.json", "manifest.json"}
    assert listed.keys() == {path.name for path in version.version.iterdir()} - beside
    for name, of in listed.items():
        content = (version.version / name).read_bytes()
        assert of["name"] == of["contentUrl"] == name
        assert of["contentSize"] == f"{len(content)} B"
        assert of["sha256"] == hashlib.sha256(content).hexdigest()
        assert of["encodingFormat"]


def test_every_column_is_described_with_its_type(tmp_path: Path) -> None:
    (told,) = told_of(exported(tmp_path, clusters=True))["recordSet"]
    names = schema(clusters=True).names
    assert [of["name"] for of in told["field"]] == names
    columns = [column for column in described() if column["name"] in names]
    for of, column in zip(told["field"], columns, strict=True):
        assert of["description"] == column["description"]
        assert of.get("isArray", False) == column["type"].startswith("list<")
        assert ("subField" in of) == ("struct<" in column["type"])
        if column["type"] in TYPES:
            assert of["dataType"] == TYPES[column["type"]]


def test_the_list_has_its_columns_and_no_others(tmp_path: Path) -> None:
    (told,) = told_of(exported(tmp_path, formats="csv", with_text=False))["recordSet"]
    assert {of["name"] for of in told["field"]} == set(OF_THE_LIST)


def test_a_format_that_it_has_no_words_for_is_a_file_without_records(tmp_path: Path) -> None:
    told = told_of(exported(tmp_path, formats="sqlite"))
    assert told["recordSet"] == []
    assert "articles.sqlite" in {of["name"] for of in told["distribution"]}


def test_the_newspaper_is_the_publisher_of_its_own_text_alone(tmp_path: Path) -> None:
    told = told_of(exported(tmp_path / "ours"))
    assert told["publisher"]["name"] == "The Daily Observer"
    assert told["datePublished"] == "2026-11-20"
    store(tmp_path / "copy", records(3, source_url=f"{COPY}/news/1"))
    of_a_copy = told_of(made(tmp_path / "copy"))
    assert {"publisher", "creator", "citeAs"}.isdisjoint(of_a_copy)
    assert of_a_copy["name"].startswith("Invented text")


def test_each_split_of_its_own_file_is_a_set_of_records(tmp_path: Path) -> None:
    values = exported(tmp_path).manifest
    file = values["files"]["articles.parquet"]
    files = {f"{split}.parquet": file for split in ("train", "validation", "test")}
    told = json.loads(croissant({**values, "files": files}))
    assert [of["@id"] for of in told["recordSet"]] == ["train", "validation", "test"]
    sources = {of["field"][0]["source"]["fileObject"]["@id"] for of in told["recordSet"]}
    assert sources == files.keys()
