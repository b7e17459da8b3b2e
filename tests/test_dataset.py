"""The dataset: which lines are taken, what becomes of bad ones, that the bytes stay the same."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from observer_crawler import lock
from observer_crawler.dataset import FORMATS, columns, lines
from observer_crawler.dataset.choosing import Choice
from observer_crawler.dataset.condition import Condition
from observer_crawler.dataset.text_files import MOST_IN_A_CELL
from observer_crawler.exceptions import ConfigurationError, ExportError, WrongOrigin
from observer_crawler.items import Article
from tests.stored import COPY, SITE, Heard, as_line, made, record, records, store, tree
from tests.stored import rows as rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL_FORMATS = ",".join(FORMATS)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of forty articles."""
    folder = tmp_path / "data"
    store(folder, records(40))
    return folder


# Which lines, in which order


def test_the_newest_text_of_an_article_is_told_by_moment_and_extractor(tmp_path: Path) -> None:
    moments = ["2026-11-20T10:00:00.000000+00:00", "2026-11-21T10:00:00.000000+00:00"]
    store(tmp_path, [record(1, fetched_at=moments[1], revision=1, extractor=2, shoulder="newest")])
    store(tmp_path, [record(1, fetched_at=moments[1], revision=7, extractor=1, shoulder="older")])
    store(tmp_path, [record(1, fetched_at=moments[0], revision=9, extractor=3, shoulder="oldest")])
    version = made(tmp_path, formats="jsonl")
    assert [row["shoulder"] for row in rows_of(version)] == ["newest"]
    assert version.manifest["lines"]["older"] == 2


def test_revisions_give_every_text_those_of_an_article_together(tmp_path: Path) -> None:
    later = "2026-11-25T10:00:00.000000+00:00"
    days = ["2022-06-01", "2022-06-20"]
    texts = [record(2, published_date=day) for day in days[:1]]
    texts += [record(1), record(2, published_date=days[1], fetched_at=later), record(3)]
    store(tmp_path, texts)
    version = made(tmp_path, formats="jsonl", revisions=True)
    assert [row["id"] for row in rows_of(version)] == ["b:1", "b:3", "b:2", "b:2"]
    assert (version.manifest["rows"], version.manifest["articles"]) == (4, 3)


def test_rows_stand_by_day_and_number_those_without_a_day_at_the_end(tmp_path: Path) -> None:
    days = {"b:10": "2022-06-02", "b:9": "2022-06-02", "b:100": "2022-06-01", "b:5": None}
    articles = [
        record(1, id=name, published_date=day, published_at=None) for name, day in days.items()
    ]
    store(tmp_path, articles)
    found = [row["id"] for row in rows_of(made(tmp_path, formats="jsonl"))]
    assert found == ["b:100", "b:9", "b:10", "b:5"]


def test_a_line_that_stands_twice_is_taken_once(data: Path) -> None:
    store(data, [record(1)], writer="1")
    version = made(data, formats="jsonl", revisions=True)
    assert version.manifest["lines"]["copies"] == 1
    assert version.manifest["rows"] == 40


def test_the_lines_read_are_those_written_and_those_left_out(data: Path) -> None:
    (data / "exclude.txt").write_text("b:3 2026-11-01 asked\n")
    store(
        data, [record(5, fetched_at="2026-11-25T10:00:00.000000+00:00"), record(6), b"{noise}\n"]
    )
    counts = made(data, where="published_date > '2022-06-11'").manifest["lines"]
    left_out = sum(counts["bad"].values()) + sum(
        counts[name] for name in ("excluded", "copies", "older", "not_where")
    )
    assert counts["read"] == 43
    assert counts["read"] == left_out + counts["written"]
    assert [counts[name] for name in ("excluded", "copies", "older")] == [1, 1, 1]


@pytest.mark.parametrize("entry", ["b:3", f"{SITE}/details.php?id=3"])
def test_an_excluded_article_is_in_no_file(data: Path, entry: str) -> None:
    (data / "exclude.txt").write_text(f"{entry} 2026-11-01 asked by its author\n")
    version = made(data, formats="jsonl,csv")
    named = re.compile(rb'"b:3"|news/3\b|id=3\b|^b:3,', re.MULTILINE)
    for name, content in tree(version.version).items():
        assert not named.search(content), name
    assert version.manifest["rows"] == 39
    neighbours = {row["id"]: row for row in rows_of(version)}
    assert neighbours["b:2"]["next"] is None
    assert neighbours["b:2"]["related"] == ["b:4"]


def test_a_wrong_line_of_the_list_of_exclusions_stops_an_export(data: Path) -> None:
    (data / "exclude.txt").write_text("b:3\n")
    with pytest.raises(ConfigurationError, match=r"exclude\.txt, line 1"):
        made(data)
    assert not (data / "dataset").exists()


# The same input, the same bytes


def test_two_exports_of_the_same_lines_are_the_same_to_the_byte(data: Path) -> None:
    first = made(data, formats=ALL_FORMATS)
    before = tree(first.version)
    again = made(data, formats=ALL_FORMATS)
    assert (again.version, again.is_new) == (first.version, False)
    shutil.rmtree(first.version)
    third = made(data, formats=ALL_FORMATS)
    assert (third.version, third.is_new) == (first.version, True)
    assert tree(third.version) == before


@pytest.mark.parametrize("revisions", [False, True])
def test_lines_in_another_order_of_arrival_give_the_same_bytes(
    tmp_path: Path, *, revisions: bool
) -> None:
    later = {"fetched_at": "2026-11-25T10:00:00.000000+00:00", "revision": 2}
    texts: list[Any] = [*records(60), *(record(number, **later) for number in range(1, 60, 4))]
    # No crawl writes two texts of one moment; if somebody else does, the order still says nothing.
    texts += [record(7, shoulder="one"), record(7, shoulder="another"), b'{"torn": \n', b"\xff\n"]
    trees = []
    for seed in range(3):
        data, draw = tmp_path / str(seed), random.Random(seed)
        draw.shuffle(texts)
        for line in texts:
            store(data, [line], writer=draw.choice("012"))
        made(data, formats=ALL_FORMATS, revisions=revisions)
        trees.append(tree(data / "dataset"))
    assert trees[0] == trees[1] == trees[2]
    assert len([name for name in trees[0] if name.endswith("manifest.json")]) == 1


def test_every_file_has_the_sum_and_size_of_the_manifest(data: Path) -> None:
    version = made(data, formats=ALL_FORMATS)
    files = version.manifest["files"]
    found = tree(version.version)
    assert set(found) == {*files, "manifest.json"}
    for name, about in files.items():
        told = (about["bytes"], about["sha256"])
        assert told == (len(found[name]), hashlib.sha256(found[name]).hexdigest())
    total = hashlib.sha256(found["manifest.json"]).hexdigest()
    assert version.version.name == f"2026-11-20-{total[:8]}"


def test_no_file_tells_the_time_or_the_place(data: Path) -> None:
    version = made(data, formats="jsonl,csv,sqlite")
    moments = re.compile(rb"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
    told = {b"2026-11-20", b"2022-06-01"}
    told.update(row["published_date"].encode() for row in rows_of(version))
    for name, content in tree(version.version).items():
        assert {match[0] for match in moments.finditer(content)} <= told, name
        assert str(data).encode() not in content, name


def test_a_large_dataset_has_several_groups_and_still_the_same_bytes(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observer_crawler.dataset.parquet_file.GROUP_ROWS", 7)
    monkeypatch.setattr("observer_crawler.dataset.lines.BATCH_ROWS", 3)
    first = made(data)
    before = tree(first.version)
    assert pq.ParquetFile(first.version / "articles.parquet").num_row_groups == 6
    shutil.rmtree(first.version)
    monkeypatch.setattr("observer_crawler.dataset.lines.BATCH_ROWS", 11)
    assert tree(made(data).version) == before


# Columns


def test_the_table_of_columns_is_not_stale() -> None:
    assert columns.PATH.read_text("utf-8") == columns.markdown(), (
        "run python -m observer_crawler.dataset.columns"
    )


def test_every_field_of_an_article_is_a_column_with_its_own_words(data: Path) -> None:
    schema = pq.read_schema(made(data).version / "articles.parquet")
    fields = Article.__dataclass_fields__
    assert [name for name in schema.names if name not in fields] == ["text", "word_count"]
    for name, field in fields.items():
        told = schema.field(name).metadata[b"description"].decode()
        assert told == field.metadata["description"], name


def test_what_a_line_says_is_what_a_row_says(data: Path) -> None:
    found = {row["id"]: row for row in rows_of(made(data, formats="jsonl"))}
    for number in range(1, 41):
        row, wanted = found[f"b:{number}"], record(number)
        assert {name: row[name] for name in wanted} == wanted
        assert row["text"] == "\n\n".join(wanted["body"])
        assert row["word_count"] == 200


def test_parquet_holds_days_and_moments_as_such(data: Path) -> None:
    table = pq.read_table(made(data).version / "articles.parquet")
    types = {name: str(table.schema.field(name).type) for name in table.column_names}
    assert types["published_date"] == "date32[day]"
    assert types["published_at"] == "timestamp[us, tz=Asia/Dhaka]"
    assert types["fetched_at"] == "timestamp[us, tz=UTC]"
    assert types["views"] == types["revision"] == "int64"
    row = table.slice(0, 1).to_pylist()[0]
    wanted = record(int(row["id"].removeprefix("b:")))
    assert row["published_at"].isoformat() == wanted["published_at"]
    assert row["fetched_at"] == dt.datetime.fromisoformat(wanted["fetched_at"])
    assert row["dateline"]["date"].isoformat() == "2022-06-01"
    assert row["images"] == wanted["images"]


def test_a_csv_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    odd = {"headline": '=HYPERLINK("http://x")', "shoulder": "a\r\nb\0", "byline": "-1+2"}
    store(tmp_path, [record(1, **odd), record(2, body=["x" * (MOST_IN_A_CELL + 1)])])
    version = made(tmp_path, formats="csv")
    raw = (version.version / "articles.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,url,headline,")
    with (version.version / "articles.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {row["id"]: row for row in csv.DictReader(file)}
    assert found["b:1"]["headline"] == "'" + odd["headline"]
    assert found["b:1"]["byline"] == "'-1+2"
    assert found["b:1"]["shoulder"] == "a\r\nb\ufffd"
    assert json.loads(found["b:1"]["dateline"])["places"] == ["DHAKA"]
    assert found["b:1"]["tags"] == '["flood","river"]'
    assert found["b:2"]["tags"] == ""
    (warning,) = version.manifest["warnings"]["csv"]
    assert "2 cells are longer than the 32,767 characters that Excel holds" in warning


def test_sqlite_is_searched_and_says_what_its_columns_mean(data: Path) -> None:
    store(data, [record(99, headline="Zebra crossing", body=["Nothing but zebras."])])
    version = made(data, formats="sqlite")
    with closing(sqlite3.connect(version.version / "articles.sqlite")) as database:
        query = (
            "SELECT a.id FROM article_fts f JOIN article a ON a.rowid = f.rowid"
            " WHERE article_fts MATCH ?"
        )
        assert database.execute(query, ["zebra*"]).fetchall() == [("b:99",)]
        assert database.execute(query, ["ঢাকা"]).fetchone() is not None
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (created,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'article'"
        ).fetchone()
        (row,) = database.execute(
            "SELECT views, json_extract(dateline, '$.places[0]') FROM article WHERE id = 'b:3'"
        ).fetchall()
    assert row == (21, "DHAKA")
    assert '"id" TEXT PRIMARY KEY, -- Number space and number' in created


def test_the_list_has_no_word_of_the_text(data: Path) -> None:
    version = made(data, formats="csv,jsonl", with_text=False)
    assert version.version.name.endswith("-list")
    row = rows_of(version)[0]
    assert tuple(row) == columns.OF_THE_LIST
    everything = b"".join(tree(version.version).values())
    for word in (b"Headline", b"Correspondent", b"river", b"By the river"):
        assert word not in everything.replace(b"headline", b"")


# Whose text it is


def test_what_was_read_from_a_copy_says_so_in_name_manifest_and_file(tmp_path: Path) -> None:
    store(tmp_path, records(3, source_url=f"{COPY}/news/1"))
    version = made(tmp_path, formats="parquet,jsonl,sqlite")
    assert version.version.name.endswith("-replica")
    assert (version.manifest["made_from"], version.manifest["origin"]) == ("replica", COPY)
    assert "invented" in version.manifest["notice"]
    said = pq.read_schema(version.version / "articles.parquet").metadata[b"observer_crawler"]
    assert json.loads(said)["made_from"] == "replica"
    assert "the text is invented" in (version.version / "METHODS.md").read_text("utf-8")
    assert made(tmp_path, with_text=False).version.name.endswith("-replica-list")


def test_the_folders_own_claim_counts_too(data: Path) -> None:
    (data / "state").mkdir()
    (data / "state" / "origin").write_text("https://www.observerbd.com\n")
    assert made(data).manifest["made_from"] == "newspaper"
    (data / "state" / "origin").write_text(f"{COPY}\n")
    with pytest.raises(WrongOrigin, match=rf"holds lines from .*observerbd.com and from {COPY}"):
        made(data)


def test_lines_of_two_sites_are_never_put_together(data: Path) -> None:
    store(data, [record(50, source_url=f"{COPY}/news/50")])
    with pytest.raises(WrongOrigin, match="an export takes those of one site") as caught:
        made(data)
    assert "\n" not in str(caught.value)
    assert [path.name for path in (data / "dataset").iterdir()] == [".lock"]


# Bad lines


BAD = {
    "not JSON": [b"{\n", b"\n", b'{"id": "b:1"}}\n', b'{"id":"b:1","views":1e\n', b"\0\0\0\n"],
    "not UTF-8": [b"\xff\xfe\0\n", b'{"id": "\xe9"}\n'],
    "not an article": [b"[]\n", b"null\n", b'"b:1"\n', b'{"id": "b:1"}\n', b"NaN\n"],
}
WRONG: list[dict[str, Any]] = [
    {"id": "c:1"},
    {"id": 5},
    {"body": "a text"},
    {"body": [1]},
    {"views": "7"},
    {"views": True},
    {"views": 10**30},
    {"views": -1},
    {"published_date": "2022-02-30"},
    {"published_date": "20220216"},
    {"published_at": "2022-06-16"},
    {"published_at": "0001-01-01T00:00:00+06:00"},
    {"fetched_at": "yesterday"},
    {"fetched_at": None},
    {"dateline": []},
    {"dateline": {"text": "x", "places": None, "date": None}},
    {"images": [{"url": 1, "caption": None}]},
    {"capture": {"file": "x", "offset": 10**20, "record_id": "y"}},
    {"markup": "1999"},
    {"headline": "\ud800"},
]


@pytest.mark.parametrize(
    ("line", "reason"), [(line, reason) for reason, some in BAD.items() for line in some]
)
def test_noise_is_counted_named_and_passed_over(data: Path, line: bytes, reason: str) -> None:
    store(data, [line, as_line(record(41))])
    heard = Heard()
    version = made(data, heard, formats=ALL_FORMATS)
    assert version.manifest["lines"]["bad"] == {reason: 1}
    assert version.manifest["rows"] == 41
    ((kind, place),) = heard.odds
    assert kind == f"passed over, {reason}"
    assert place.startswith("articles/noise/noise.0.jsonl, byte 0: ")
    assert "1 lines could not be read" in version.manifest["complete_not"]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: str(wrong)[:60])
def test_a_value_of_a_wrong_kind_is_counted_named_and_passed_over(
    data: Path, wrong: dict[str, Any]
) -> None:
    store(data, [json.dumps({**record(41), **wrong}).encode() + b"\n"])
    heard = Heard()
    version = made(data, heard, formats=ALL_FORMATS)
    assert sum(version.manifest["lines"]["bad"].values()) == 1
    assert version.manifest["rows"] == 40
    assert heard.odds[0][1].startswith("articles/noise/noise.0.jsonl, byte 0: not ")


def test_any_bytes_at_all_end_no_export(data: Path) -> None:
    draw = random.Random(5)
    good = as_line(record(41))
    noise = [draw.randbytes(draw.randrange(200)) for _ in range(300)]
    for _ in range(300):
        cut = bytearray(good)
        for _ in range(draw.randrange(1, 4)):
            cut[draw.randrange(len(cut) - 1)] = draw.randrange(256)
        noise.append(bytes(cut))
    store(data, [line.replace(b"\n", b" ") + b"\n" for line in noise])
    version = made(data, formats=ALL_FORMATS, revisions=True)
    counts = version.manifest["lines"]
    assert counts["read"] == 640
    assert sum(counts["bad"].values()) > 300
    assert counts["written"] > 40, "a changed letter makes no bad line"


def test_a_deeply_nested_line_is_passed_over(data: Path) -> None:
    store(data, [b'{"id":' * 100_000 + b"\n"])
    assert made(data).manifest["lines"]["bad"] == {"not JSON": 1}


def test_a_line_without_end_is_passed_over_and_the_next_one_read(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_BYTES", 20_000)
    store(data, [b"x" * 70_000 + b"\n", as_line(record(41))])
    version = made(data)
    assert version.manifest["lines"]["bad"] == {"too long": 1}
    assert version.manifest["rows"] == 41


def test_a_torn_last_line_is_bad_once_nobody_writes_it(data: Path) -> None:
    store(data, [as_line(record(41))[:-30]])
    heard = Heard()
    assert made(data, heard).manifest["lines"]["bad"] == {"torn": 1}
    assert heard.odds[0][1] == "articles/noise/noise.0.jsonl, byte 0: torn"
    (data / "state").mkdir()
    with lock.locked(data):
        beside = made(data, Heard())
    assert (beside.manifest["lines"]["bad"], beside.manifest["rows"]) == ({}, 40)


def test_a_line_of_an_old_version_is_taken_and_named(data: Path) -> None:
    old = record(41)
    for name in ("tags", "capture", "extractor", "language", "related"):
        del old[name]
    store(data, [json.dumps(old).encode() + b"\n"])
    heard = Heard()
    version = made(data, heard, formats=ALL_FORMATS)
    row = next(row for row in rows_of(version) if row["id"] == "b:41")
    assert [row[name] for name in ("tags", "extractor", "language", "related")] == [None] * 4
    assert version.manifest["lines"]["without_a_field"] == 1
    ((kind, place),) = heard.odds
    assert kind == "without a field"
    assert place.endswith("byte 0: tags, language, related, capture, extractor")


def test_an_unknown_field_is_left_out_and_named(data: Path) -> None:
    newer = {**record(41), "mood": "fine", "images": [{"url": "u", "caption": None, "size": 3}]}
    store(data, [json.dumps(newer).encode() + b"\n"])
    heard = Heard()
    version = made(data, heard, formats=ALL_FORMATS)
    assert version.manifest["rows"] == 41
    assert version.manifest["lines"]["with_an_unknown_field"] == 1
    assert heard.odds[0][0] == "with an unknown field"
    assert heard.odds[0][1].endswith("byte 0: images.size, mood")


def test_a_segment_that_changes_between_two_readings_ends_the_export(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = lines.Lines.rows

    def rows_later(self: lines.Lines, places: Any) -> Iterator[Any]:  # noqa: ANN401
        segment = data / "articles" / "2022" / "2022-06.0.jsonl"
        segment.write_bytes(segment.read_bytes().replace(b"Headline", b"Deadline"))
        return read(self, places)

    monkeypatch.setattr(lines.Lines, "rows", rows_later)
    with pytest.raises(ExportError, match="was changed while it was read: export again"):
        made(data)
    assert [path.name for path in (data / "dataset").iterdir()] == [".lock"]


# Conditions


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("word_count = 200 and views between 7 and 21", {1, 2, 3}),
        ("published_date = '2022-06-10'", {9}),
        ("published_at >= '2022-07-10' and list_contains(tags, 'flood')", {39}),
        ("published_at < '2022-06-02 21:37:01'", {1}),
        ("id in ('b:3', 'b:4') -- these two", {3, 4}),
        ("dateline.places[1] = 'DHAKA' and headline ilike 'headline 7 %'", {7}),
        ("text like '%' and len(list_filter(body, lambda x: x like 'z%')) = 0 and id='b:8'", {8}),
        ("year(fetched_at) = 2026 and id = 'b:2'", {2}),
    ],
)
def test_a_condition_is_in_the_words_of_duckdb(data: Path, where: str, numbers: set[int]) -> None:
    version = made(data, formats="jsonl", where=where)
    assert {row["id"] for row in rows_of(version)} == {f"b:{number}" for number in numbers}
    assert version.manifest["where"] == where
    assert version.manifest["lines"]["not_where"] == 40 - len(numbers)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("", "SELECT clause without selection list"),
        ("id =", "syntax error"),
        ("nosuch = 1", 'Referenced column "nosuch" not found'),
        ("headlin = 'x'", 'Candidate bindings: "headline"'),
        ("id = 'b:1', true", "Please provide only a single expression"),
        ("true; drop table article", "more than one statement"),
        ("true) or (true", "syntax error"),
        ("true union select 1", "set operation"),
        ("'abc'", "Could not convert string 'abc' to BOOL"),
        ("published_date > '2022-13-01'", "date field value out of range"),
        ("regexp_matches(text, '(')", "missing ): ("),
        ("id = ?", "a parameter is not taken"),
        ("count(*) > 1", "WHERE clause cannot contain aggregates"),
        ("row_number() over () = 1", "a window is not taken"),
        ("id in (select id from article)", "a subquery is not taken"),
        ("random() < 0.5", "random gives another answer each time"),
        ("fetched_at < now()", "now gives another answer each time"),
        ("published_date < current_date", "current_date gives another answer each time"),
        ("age(fetched_at) > interval 1 day", "age gives another answer each time"),
        ("uuid() is null", "uuid gives another answer each time"),
    ],
)
def test_a_bad_condition_is_one_line_that_names_it(data: Path, where: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(why)) as caught:
        made(data, where=where)
    assert str(caught.value).startswith("--where ")
    assert repr(where)[1:-1] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (data / "dataset").exists(), "nothing is begun"


@pytest.mark.parametrize(
    "where",
    [
        "id in (select content from read_text('{secret}'))",
        "exists (from '{secret}')",
        "exists (from read_csv('{secret}'))",
        "exists (from read_csv('http://127.0.0.1:1/x'))",
        "exists (from glob('{secret}'))",
        "(select count(*) from duckdb_settings()) > 0",
        "getenv('HOME') is not null",
        "current_setting('temp_directory') is not null",
        "write_log('x') is null",
        "true); copy (select 1) to '{secret}.csv'; --",
        "true); attach '{secret}.db'; --",
        "true); set enable_external_access = true; --",
        "true); install httpfs; --",
    ],
)
def test_a_condition_reads_and_writes_nothing(data: Path, tmp_path: Path, where: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a,b\n1,2\n")
    before = tree(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^--where "):
        made(data, where=where.format(secret=secret))
    assert tree(tmp_path) == before


def test_the_database_behind_a_condition_is_shut_and_stays_so(tmp_path: Path) -> None:
    """What the words cannot say today, some version of DuckDB may find words for."""
    secret = tmp_path / "secret"
    secret.write_text("a,b\n1,2\n")
    with closing(Condition("true")) as condition:
        for query in (
            f"SELECT * FROM read_text('{secret}')",  # noqa: S608 (what must not be done)
            f"COPY (SELECT 1) TO '{secret}.csv'",
            f"ATTACH '{secret}.db'",
            "SET enable_external_access = true",
            "SET lock_configuration = false",
            "INSTALL httpfs",
        ):
            with pytest.raises(Exception, match=r"Permission|disabled|locked") as caught:
                condition._connection.execute(query).fetchall()  # noqa: SLF001 (the very door)
            assert type(caught.value).__module__ == "_duckdb", query
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_condition_that_nothing_fits_is_said(data: Path) -> None:
    with pytest.raises(ExportError, match="--where 'views < 0' fits none of 40 articles"):
        made(data, where="views < 0")


# Versions on the disk


def test_an_older_version_stays_as_it_was_and_latest_is_the_newest(data: Path) -> None:
    first = made(data)
    before = tree(first.version)
    store(data, [record(41)])
    second = made(data)
    assert tree(first.version) == before
    assert (data / "dataset" / "latest").resolve() == second.version
    listed = made(data, with_text=False)
    assert (data / "dataset" / "latest").resolve() == second.version, "a list is no dataset"
    assert (data / "dataset" / "latest-list").resolve() == listed.version


def test_keep_drops_the_oldest_of_a_kind(data: Path) -> None:
    versions = []
    for number in range(41, 45):
        store(data, [record(number)])
        versions.append(made(data).version)
    listed = made(data, with_text=False)
    store(data, [record(45)])
    newest = made(data, keep=2)
    assert newest.dropped == versions[:3]
    assert [path.exists() for path in versions] == [False, False, False, True]
    assert newest.version.exists()
    assert listed.version.exists()


def test_keep_never_drops_what_was_just_asked_for(data: Path) -> None:
    first = made(data).version
    store(data, [record(41, fetched_at="2027-01-01T00:00:00.000000+00:00")])
    second = made(data).version
    assert first < second
    again = made(data, where="id <> 'b:41'", keep=1)
    assert again.version.exists()
    assert [first.exists(), second.exists()] == [False, False]


def test_a_version_that_somebody_changed_is_not_overwritten(data: Path) -> None:
    version = made(data, formats="jsonl").version
    with (version / "articles.jsonl").open("ab") as file:
        file.write(b"{}\n")
    before = tree(version)
    with pytest.raises(ExportError, match=r"articles.jsonl was changed since: move the folder"):
        made(data, formats="jsonl")
    assert tree(version) == before


def test_what_a_killed_export_left_is_cleared_away(data: Path) -> None:
    for name in (".new-abc", ".old-2026-11-20-00000000"):
        (data / "dataset" / name / ".work").mkdir(parents=True)
        (data / "dataset" / name / "articles.parquet").write_bytes(b"PAR1")
    (data / "dataset" / ".new-link").symlink_to("nowhere")
    version = made(data).version
    names = {path.name for path in (data / "dataset").iterdir()}
    assert names == {".lock", "latest", version.name}


def test_a_second_export_at_once_says_so(data: Path) -> None:
    class Second(Heard):
        def progress(self, what: str, done: int, of: int) -> None:
            with pytest.raises(
                ExportError, match=r"another export writes to .*wait until it ends"
            ):
                made(data)
            super().progress(what, done, of)

    heard = Second()
    made(data, heard)
    assert heard.steps


def test_progress_goes_to_its_end_in_both_readings(data: Path) -> None:
    heard = Heard()
    made(data, heard)
    ends = {what: (done, of) for what, done, of in heard.steps}
    assert ends["articles written"] == (40, 40)
    assert ends["bytes read"][0] == ends["bytes read"][1] > 0
    read = [done for what, done, _ in heard.steps if what == "bytes read"]
    assert all(before <= after for before, after in pairwise(read))


def test_duckdb_draws_no_bar_where_the_table_stands(tmp_path: Path) -> None:
    """It does so after two seconds of one query; the exports of tests are shorter."""
    with closing(Choice(tmp_path)) as choice, closing(Condition("true")) as condition:
        for part in (choice, condition):
            assert part._run("SELECT current_setting('enable_progress_bar')") == [(False,)]  # noqa: SLF001


# What can be in the way


@pytest.mark.parametrize("name", ["", "articles", "articles/2022"])
def test_an_empty_folder_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True, exist_ok=True)
    with pytest.raises(ExportError, match="holds no article yet: scrapy crawl observer"):
        made(tmp_path)
    assert not (tmp_path / "dataset").exists()


def test_a_folder_of_nothing_but_noise_is_one_line(tmp_path: Path) -> None:
    store(tmp_path, [b"noise\n", b"more\n"])
    with pytest.raises(ExportError, match="no article to export: 2 lines, of which 2 cannot be"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("formats", "kilobytes"), [("parquet", 100), *((name, 2_200) for name in FORMATS)]
)
def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, formats: str, kilobytes: int
) -> None:
    """No file may grow beyond a size: to a program that is what a full disk is."""
    data = tmp_path / "data"
    draw = random.Random(7)
    store(data, (record(n, body=[draw.randbytes(4_000).hex()]) for n in range(1, 601)))
    made(data)
    before = {path.name for path in (data / "dataset").iterdir()}
    store(data, [record(900)])
    code = f"""
        import resource, sys
        from pathlib import Path
        from tests.stored import made
        limit = {kilobytes} * 1024
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            made(Path({str(data)!r}), formats={formats!r})
        except Exception as err:
            print(type(err).__name__, err)
    """
    said = run_python(code).stdout
    assert said.startswith("ExportError cannot export ")
    assert said.count("\n") == 1
    assert {path.name for path in (data / "dataset").iterdir()} == before
    made(data, formats=formats)


def test_a_folder_that_is_not_writable_is_one_line(data: Path, tmp_path: Path) -> None:
    """In a process of its own: root may write everywhere, so it stops being root."""
    code = f"""
        import os
        from pathlib import Path
        from tests.stored import made
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            made(Path({str(data)!r}))
        except Exception as err:
            print(type(err).__name__, err)
    """
    for path in (*tmp_path.parents[:3], tmp_path, data, *data.rglob("*")):
        if str(path).startswith("/tmp/"):  # noqa: S108 (where pytest has its own)
            path.chmod(0o755)
    said = run_python(code).stdout
    assert said == f"ExportError cannot export {data / 'dataset'}: Permission denied\n"


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process of their own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
