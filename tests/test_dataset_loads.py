"""A version in the hands of those who use it: each library loads it, with counts and types."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from observer_crawler.dataset.columns import schema
from tests.conftest import ROOT
from tests.stored import SITE, made, record, records, store

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 60
ZONE = "Asia/Dhaka"


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All formats of one folder, in which every field is null or empty somewhere."""
    data = tmp_path_factory.mktemp("data")
    bare = dict.fromkeys(("published_date", "published_at", "dateline", "views", "capture"))
    bangla = {"id": "bn:5", "url": f"{SITE}/x", "headline": "ঢাকায় বৃষ্টি, “আজ”", "language": "bn"}
    empty = record(59, **bare, body=[], images=[], removed=[], related=[])
    store(data, [*records(COUNT - 2), empty, record(60, **bangla)])
    return made(data, formats="parquet,jsonl,csv,sqlite").version


@pytest.fixture
def parquet(version: Path) -> str:
    return str(version / "articles.parquet")


def test_pyarrow_gives_the_columns_as_they_are_documented(parquet: str) -> None:
    table = pq.read_table(parquet)
    assert table.num_rows == COUNT
    assert table.schema.remove_metadata().equals(_as_parquet_names_them(schema()))
    assert pads.dataset(parquet).count_rows() == COUNT
    assert table.column("body").null_count == 0


def _as_parquet_names_them(wanted: pa.Schema) -> pa.Schema:
    """Inner values of lists are `element` in a file."""
    sink = pa.BufferOutputStream()
    pq.write_table(wanted.empty_table(), sink)
    return pq.read_schema(pa.BufferReader(sink.getvalue())).remove_metadata()


def test_duckdb_loads_it_in_one_line(parquet: str) -> None:
    with closing(duckdb.connect()) as database:
        found = database.execute(f"DESCRIBE FROM '{parquet}'").fetchall()
        types = {row[0]: row[1] for row in found}
        (counts,) = database.execute(
            "SELECT count(*), count(published_date), count(DISTINCT id), sum(views),"  # noqa: S608
            f" count(*) FILTER (WHERE dateline.places[1] = 'DHAKA') FROM '{parquet}'"
        ).fetchall()
    assert types["published_date"] == "DATE"
    assert types["published_at"] == types["fetched_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["views"] == types["word_count"] == "BIGINT"
    assert types["body"] == "VARCHAR[]"
    assert re.fullmatch(r'STRUCT\("?url"? VARCHAR, "?caption"? VARCHAR\)\[\]', types["images"])
    assert counts == (COUNT, 59, COUNT, sum(7 * n for n in range(1, 61) if n != 59), 59)


def test_pandas_loads_it_in_one_line(parquet: str) -> None:
    frame = pd.read_parquet(parquet)
    assert len(frame) == COUNT
    assert str(frame["published_at"].dtype) == f"datetime64[us, {ZONE}]"
    assert str(frame["fetched_at"].dtype) == "datetime64[us, UTC]"
    assert str(frame["revision"].dtype) == "int64"
    row = frame.set_index("id").loc["b:3"]
    assert row["published_at"].isoformat() == "2022-06-04T21:37:00+06:00"
    assert row["dateline"]["places"].tolist() == ["DHAKA"]
    assert list(row["body"]) == record(3)["body"]
    typed = pd.read_parquet(parquet, dtype_backend="pyarrow")
    assert str(typed["views"].dtype) == "int64[pyarrow]"
    assert typed["views"].isna().sum() == 1


def test_polars_loads_it_in_one_line(parquet: str) -> None:
    frame = pl.read_parquet(parquet)
    assert frame.height == COUNT
    assert frame.schema["published_date"] == pl.Date
    assert frame.schema["published_at"] == pl.Datetime("us", ZONE)
    assert frame.schema["fetched_at"] == pl.Datetime("us", "UTC")
    assert frame.schema["views"] == pl.Int64
    assert frame.schema["tags"] == pl.List(pl.String)
    assert frame.schema["images"] == pl.List(pl.Struct({"url": pl.String, "caption": pl.String}))
    assert frame.filter(pl.col("language") == "bn")["headline"].to_list() == ["ঢাকায় বৃষ্টি, “আজ”"]
    assert pl.scan_parquet(parquet).select(pl.len()).collect().item() == COUNT


def test_datasets_loads_it_in_one_line_without_a_network(version: Path, tmp_path: Path) -> None:
    """In a process of its own: where its cache lies is read when it is imported."""
    code = f"""
        import json, re
        from pathlib import Path
        from datasets import load_dataset
        found = {{}}
        for kind, ending in (("parquet", "parquet"), ("json", "jsonl"), ("csv", "csv")):
            file = "{version}/articles." + ending
            rows = load_dataset(kind, data_files=file, split="train")
            found[kind] = [rows.num_rows, {{name: str(of) for name, of in rows.features.items()}}]
            if kind == "parquet":
                found["first"] = rows[0]["published_at"].isoformat()
        latest = Path("data/dataset/latest")
        latest.parent.mkdir(parents=True)
        latest.symlink_to("{version}")
        line, = re.findall(r"`datasets[.](.*)`", Path("{ROOT}/README.md").read_text("utf-8"))
        found["readme"] = eval(line).num_rows
        whole = load_dataset("data/dataset/latest")
        found["whole"] = {{split: rows.num_rows for split, rows in whole.items()}}
        of_whole = whole["train"].features.items()
        found["columns"] = {{name: str(of) for name, of in of_whole}}
        print(json.dumps(found))
    """
    offline = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_UPDATE_DOWNLOAD_COUNTS")
    env = {
        **os.environ,
        **dict.fromkeys(offline, "1"),
        "HF_HOME": str(tmp_path),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        env=env,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert [found[kind][0] for kind in ("parquet", "json", "csv")] == [COUNT] * 3
    assert found["readme"] == COUNT
    # By the head of the card: the folder alone, though it holds the rows in four formats.
    assert found["whole"] == {"train": COUNT}
    assert found["columns"] == found["parquet"][1]
    assert "README" not in run.stderr
    assert "dataset_info" not in run.stderr
    features = found["parquet"][1]
    assert features["published_date"] == "Value('date32')"
    assert features["published_at"] == f"Value('timestamp[us, tz={ZONE}]')"
    assert features["views"] == "Value('int64')"
    assert features["body"] == "List(Value('string'))"
    assert list(features) == schema().names
    assert found["first"] == "2022-06-01T21:37:00+06:00"


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars"])
def test_the_line_of_the_readme_loads_it(
    version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    (tmp_path / "data" / "dataset").mkdir(parents=True)
    (tmp_path / "data" / "dataset" / "latest").symlink_to(version)
    monkeypatch.chdir(tmp_path)
    (line,) = re.findall(
        rf"`({library}\..*latest/articles\.parquet.*)`", (ROOT / "README.md").read_text("utf-8")
    )
    found = eval(line, {"duckdb": duckdb, "pandas": pd, "polars": pl})  # noqa: S307 (our README)
    assert len(found) == COUNT


# The other formats: the same rows, the same values.


def test_json_lines_and_parquet_say_the_same(version: Path, parquet: str) -> None:
    lines = (version / "articles.jsonl").read_bytes().splitlines()
    for line, row in zip(lines, pq.read_table(parquet).to_pylist(), strict=True):
        told = json.loads(line)
        assert list(told) == list(row)
        for name, value in told.items():
            assert _plain(row[name]) == _plain(value), (told["id"], name)


def _plain(value: object) -> object:
    """Write days and moments as the lines have them."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    text = value.isoformat() if hasattr(value, "isoformat") else value
    return text.replace(".000000+00:00", "+00:00") if isinstance(text, str) else text


def test_each_library_reads_the_csv(version: Path) -> None:
    path = version / "articles.csv"
    frame = pd.read_csv(path)
    assert (len(frame), list(frame.columns)) == (COUNT, schema().names)
    assert pl.read_csv(path, infer_schema_length=None).height == COUNT
    with closing(duckdb.connect()) as database:
        found = database.execute(
            f"SELECT count(*), max(published_date) FROM '{path}'"  # noqa: S608 (ours)
        ).fetchall()
    assert found[0][0] == COUNT
    told = pq.read_table(version / "articles.parquet").column("text").to_pylist()
    assert frame["text"].fillna("").tolist() == told


def test_each_library_reads_the_json_lines(version: Path) -> None:
    path = version / "articles.jsonl"
    assert len(pd.read_json(path, lines=True)) == COUNT
    assert pl.read_ndjson(path, infer_schema_length=None).height == COUNT
    with closing(duckdb.connect()) as database:
        found = database.execute(
            f"SELECT count(*), sum(word_count) FROM '{path}'"  # noqa: S608 (ours)
        ).fetchall()
    assert found[0][0] == COUNT


def test_sqlite_holds_what_parquet_holds(version: Path, parquet: str) -> None:
    rows = pq.read_table(parquet).to_pylist()
    with closing(sqlite3.connect(version / "articles.sqlite")) as database:
        database.row_factory = sqlite3.Row
        found = [dict(row) for row in database.execute("SELECT * FROM article")]
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    for told, row in zip(found, rows, strict=True):
        assert told["text"] == row["text"]
        assert told["views"] == row["views"]
        assert json.loads(told["body"]) == row["body"]
