"""A dataset handed on with care: masked, judged before it is published, and made of changes alone."""

from __future__ import annotations

import json
import random
import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pytest

from observer_crawler.dataset import choosing, gate
from observer_crawler.dataset.redaction import EMAIL, TELEPHONE, Redaction
from observer_crawler.exceptions import ConfigurationError, ExportError
from observer_crawler.items import content_sha256
from tests.conftest import run_scrapy
from tests.cpu import at_most
from tests.retold import article, story
from tests.stored import COPY, made, record, records, store, tree
from tests.stored import rows as rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of forty articles."""
    folder = tmp_path / "data"
    store(folder, records(40))
    return folder


# What is masked.


@pytest.mark.parametrize(
    "text",
    [
        "01711-123456",
        "01711 123456",
        "+880 1711 123456",
        "8801711123456",
        "00 44 20 7946 0958",
        "+44 (0)20 7946 0958",
        "02-9551234",
        "(02) 9551234",
        "0721-775555",
        "০১৭১১-১২৩৪৫৬",
        "মোবাইল: ০১৮১১১২৩৪৫৬",
        "Phone: 9551234",
        "fax no. 8312345",
        "Tel: 9551234",
    ],
)
def test_a_telephone_number_is_masked(text: str) -> None:
    masked = Redaction().text(f"Ask {text}, he said.")
    assert masked.endswith(f"{TELEPHONE}, he said.")
    assert not any(letter.isdigit() for letter in masked)


@pytest.mark.parametrize(
    "text",
    [
        "2022-06-16",
        "16/06/2022",
        "Tk 12,345,678",
        "1,234,567 people",
        "2019-2022",
        "won 21-15 21-18 21-10",
        "from 10.30-11.45 on",
        "in 2014 2018 2022",
        "account 1234567890123",
        "ISBN 978-984-04-0123-4",
        "12345678 votes",
        "a 6-4 6-3 2-6 7-6 win",
        "23.7808° N 90.2792° E",
        "call 999",
        "dialled 16263",
    ],
)
def test_a_number_that_is_no_telephone_s_stays(text: str) -> None:
    redaction = Redaction()
    assert redaction.text(f"He said {text}.") == f"He said {text}."
    assert redaction.told()["telephone_numbers"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "a.b@example.com.bd",
        "A_B+c@EXAMPLE.org",
        "a@b-c.de",
        "a.b (at) example.com",
        "a.b[at]example.com",
        "a.b [ at ] example.com",
        "a.b@ example.com",
        "a.b@\u200bexample.com",
        "a.b@example.xn--p1ai",
        "রহিম@example.com",
    ],
)
def test_an_e_mail_address_is_masked(text: str) -> None:
    assert Redaction().text(f"Write to {text}, or come.") == f"Write to {EMAIL}, or come."


@pytest.mark.parametrize(
    "text", ["[email protected]", "@observer", "at home.now", "a@b", "5 @ 3.50"]
)
def test_what_only_looks_like_an_e_mail_address_stays(text: str) -> None:
    assert Redaction().text(f"See {text}") == f"See {text}"


@pytest.mark.parametrize("piece", ["x@", "a.", "a", "a@b.", "(at) ", "1 ", "01711123456 ", "b.1"])
def test_a_text_of_one_thing_over_and_over_takes_no_longer_than_its_length(piece: str) -> None:
    with at_most(4.0):  # a tenth of a second, but for numbers, which the library looks at each
        Redaction().text(f"a@{piece * (40_000 // len(piece))}")


def test_two_numbers_side_by_side_are_two() -> None:
    redaction = Redaction()
    assert redaction.text("01711123456/01811123457") == f"{TELEPHONE}/{TELEPHONE}"
    assert redaction.telephone_numbers == 2


def test_numbers_that_one_word_calls_so_are_all_masked() -> None:
    text = Redaction().text("Phone: 9551234, 9551235 / 9551236, and Tk 1,500,000 of 2022")
    assert text == f"Phone: {TELEPHONE}, {TELEPHONE} / {TELEPHONE}, and Tk 1,500,000 of 2022"


def test_no_file_has_an_address_or_number_in_any_field(data: Path) -> None:
    mail, number = "rahim@example.com", "01711-123456"
    said = f"{mail} or {number}"
    more: dict[str, Any] = {
        "headline": f"Write to {said}",
        "shoulder": said,
        "byline": said,
        "body": [f"First {said}", "Second"],
        "tags": [said],
        "images": [{"url": "https://www.observerbd.com/1.jpg", "caption": said}],
        "removed": [{"kind": "caption", "text": said}],
        "dateline": {"text": f"DHAKA {said}:", "places": [f"DHAKA {said}"], "date": None},
        "section": said,
        "agency": said,
    }
    store(data, [record(50, **more)])
    version = made(data, formats="jsonl,csv,sqlite,parquet", redact=True)
    for name, content in tree(version.version).items():
        assert mail.encode() not in content, name
        assert number.encode() not in content, name
    row = next(row for row in rows_of(version) if row["id"] == "b:50")
    assert row["text"] == "\n\n".join(row["body"])
    assert row["word_count"] == len(row["text"].split())
    assert row["content_sha256"] == content_sha256(row["headline"], row["body"])
    assert version.manifest["redacted"] == {"email_addresses": 11, "telephone_numbers": 11}


def test_a_row_without_any_is_as_it_was(data: Path) -> None:
    assert rows_of(made(data, formats="jsonl", redact=True)) == rows_of(
        made(data, formats="jsonl")
    )


# What must be true before anybody gets it.


def test_what_holds_stands_in_the_manifest(data: Path) -> None:
    wanted = {
        "rows": 40,
        "filled": {"headline": 1, "shoulder": 0.3},
        "published_from": "2022-06-02",
        "published_until": "2022-07-11",
    }
    told = made(data, gate=wanted).manifest["gate"]
    assert [(each["what"], each["found"]) for each in told] == [
        ("articles twice", "0"),
        ("rows", "40"),
        ("headline filled", "1.0000 (40 of 40 rows)"),
        ("shoulder filled", "0.3250 (13 of 40 rows)"),
        ("first day", "2022-06-02"),
        ("last day", "2022-07-11"),
    ]
    assert all(each["holds"] for each in told)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"rows": 41}, "rows 40, wanted at least 41"),
        (
            {"filled": {"shoulder": 0.4}},
            "shoulder filled 0.3250 (13 of 40 rows), wanted 0.4 at least",
        ),
        ({"published_from": "2022-06-03"}, "first day 2022-06-02, wanted 2022-06-03 or later"),
        ({"published_until": "2022-07-10"}, "last day 2022-07-11, wanted 2022-07-10 or earlier"),
    ],
)
def test_what_does_not_hold_ends_the_export_with_its_figure(
    data: Path, wanted: dict[str, Any], said: str
) -> None:
    before = made(data)
    with pytest.raises(ExportError, match="OBSERVER_GATE does not hold") as caught:
        made(data, formats="jsonl", gate=wanted)
    assert said in str(caught.value)
    kept = {path.name for path in (data / "dataset").iterdir()}
    assert kept == {before.version.name, "latest", ".lock"}


def test_copies_are_held_against_their_share_of_the_rows(tmp_path: Path) -> None:
    body = story(random.Random(1))
    store(tmp_path, [*records(2), article(3, body), article(4, body)])
    judged = made(tmp_path, clusters=True, gate={"copies": 0.25}).manifest["gate"]
    assert [each["found"] for each in judged][1:] == ["0.2500 (1 of 4 rows)"]
    with pytest.raises(ExportError, match=r"copies 0\.2500"):
        made(tmp_path, clusters=True, gate={"copies": 0.24})


@pytest.mark.parametrize("formats", ["parquet", "jsonl"])
def test_a_column_that_no_row_fills_is_a_column(tmp_path: Path, formats: str) -> None:
    store(tmp_path, records(3, shoulder=None))
    judged = made(tmp_path, formats=formats, gate={"filled": {"shoulder": 0}}).manifest["gate"]
    assert [each["found"] for each in judged][1:] == ["0.0000 (0 of 3 rows)"]
    with pytest.raises(ExportError, match=r"shoulder filled 0\.0000"):
        made(tmp_path, formats=formats, gate={"filled": {"shoulder": 0.5}})


def test_an_article_that_stands_twice_ends_the_export(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(data, [record(3, headline="Another")])
    monkeypatch.setattr("observer_crawler.dataset.choosing._NEWEST", choosing._ALL)  # noqa: SLF001 (as if it chose wrongly)
    with pytest.raises(ExportError, match="articles twice 1, wanted 0"):
        made(data)


def test_every_assertion_that_fails_is_named(data: Path) -> None:
    with pytest.raises(ExportError, match=r"rows 40, wanted .*; first day 2022-06-02, wanted"):
        made(data, gate={"rows": 50, "published_from": "2023-01-01"})


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{", "expected JSON"),
        ("[1]", "expected an object"),
        ('{"row": 1}', "expected some of rows, filled"),
        ('{"rows": -1}', "rows: expected a whole number"),
        ('{"rows": true}', "rows: expected a whole number"),
        ('{"filled": {"headline": 2}}', "filled: expected shares"),
        ('{"filled": 1}', "filled: expected shares"),
        ('{"published_from": "2022-6-1"}', "published_from: expected a day"),
        ('{"copies": 2}', "copies: expected a share"),
    ],
)
def test_a_wrong_assertion_is_one_line(setting: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        gate.read(setting)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"filled": {"headlin": 1}}, "this export has no column 'headlin'"),
        ({"largest_cluster": 9}, "only an export with --clusters knows"),
    ],
)
def test_an_assertion_about_what_is_not_there_is_one_line(
    data: Path, wanted: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        made(data, gate=wanted)


# Only what changed.


def test_only_new_and_changed_rows_are_written(data: Path) -> None:
    first = made(data, formats="parquet")
    later = "2026-11-21T10:00:00.000000+00:00"
    store(data, [record(3, headline="Another", fetched_at=later, revision=2), record(41)])
    (data / "exclude.txt").write_text("b:7 2026-11-21 its author asked\n", "utf-8")
    second = made(data, formats="jsonl", since=first.version.name)
    # b:7 stood in the boxes of its neighbours, who do not say so any more.
    neighbours = ["b:5", "b:6", "b:8"]
    told = {"version": first.version.name, "new": 1, "changed": 4, "gone": ["b:7"]}
    assert second.manifest["since"] == told
    assert [row["id"] for row in rows_of(second)] == ["b:3", *neighbours, "b:41"]
    assert second.version.name.endswith("-changes")
    assert (data / "dataset" / "latest").resolve() == first.version
    assert (data / "dataset" / "latest-changes").resolve() == second.version


@pytest.mark.parametrize("formats", ["parquet", "jsonl"])
@pytest.mark.parametrize("revisions", [False, True])
def test_where_nothing_changed_nothing_is_written(
    data: Path,
    formats: str,
    revisions: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    bare = dict.fromkeys(("published_date", "published_at", "dateline", "views", "capture"))
    store(data, [record(60, **bare, body=[], images=[], removed=[])])
    old = json.loads(json.dumps(record(61)))
    del old["images"][0]["caption"], old["tags"]
    store(data, [(json.dumps(old) + "\n").encode()])
    first = made(data, formats=formats, revisions=revisions)
    second = made(data, formats="jsonl", since=first.version.name, revisions=revisions)
    assert rows_of(second) == []
    assert second.manifest["since"] == {
        "version": first.version.name,
        "new": 0,
        "changed": 0,
        "gone": [],
    }
    assert second.manifest["lines"]["as_before"] == first.manifest["rows"]


@pytest.mark.parametrize("formats", ["parquet", "jsonl"])
def test_a_list_to_share_has_changes_too(data: Path, formats: str) -> None:
    first = made(data, formats=formats, with_text=False)
    store(data, [record(41)])
    later = made(data, formats=formats, with_text=False, since=first.version.name)
    since = later.manifest["since"]
    assert (since["new"], since["changed"], since["gone"]) == (1, 0, [])


def test_changes_put_upon_the_earlier_version_make_the_later_one(data: Path) -> None:
    first = made(data, formats="jsonl")
    later = "2026-11-21T10:00:00.000000+00:00"
    store(data, [record(n, headline=f"Later {n}", fetched_at=later) for n in (3, 9)])
    store(data, records(45))
    (data / "exclude.txt").write_text("b:20 2026-11-21 its author asked\n", "utf-8")
    changes = made(data, formats="jsonl", since=first.version.name)
    whole = made(data, formats="jsonl")
    rows = {row["id"]: row for row in rows_of(first)}
    for gone in changes.manifest["since"]["gone"]:
        del rows[gone]
    rows |= {row["id"]: row for row in rows_of(changes)}
    assert rows == {row["id"]: row for row in rows_of(whole)}


def test_the_gate_judges_the_whole_and_not_the_changes(data: Path) -> None:
    first = made(data)
    store(data, [record(41)])
    assert made(data, since=first.version.name, gate={"rows": 41}).manifest["rows"] == 1


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ({"where": "views > 7"}, {}, "made otherwise (where 'views > 7')"),
        ({"redact": True}, {}, "made otherwise (redacted True)"),
        ({"revisions": True}, {}, "made otherwise (revisions True)"),
        ({"formats": "csv"}, {}, "it has neither parquet nor jsonl"),
    ],
)
def test_a_version_that_was_made_otherwise_is_one_line(
    data: Path, then: dict[str, Any], now: dict[str, Any], said: str
) -> None:
    first = made(data, **then)
    with pytest.raises(ExportError) as caught:
        made(data, since=first.version.name, **now)
    assert said in str(caught.value)


def test_a_version_of_another_site_is_one_line(data: Path, tmp_path: Path) -> None:
    first = made(data)
    copied = tmp_path / "copied"
    store(copied, [record(1, source_url=f"{COPY}/news.php?id=1")])
    shutil.copytree(first.version, copied / "dataset" / first.version.name)
    with pytest.raises(ExportError, match=r"made otherwise \(made_from 'newspaper', origin"):
        made(copied, since=first.version.name)


@pytest.mark.parametrize("name", ["", "..", "nothing", "../dataset", "a/b"])
def test_a_version_that_is_none_is_one_line(data: Path, name: str) -> None:
    made(data)
    with pytest.raises(ExportError, match="has no version"):
        made(data, since=name)


def test_what_a_part_has_beyond_is_no_change_and_is_not_left_unmasked(data: Path) -> None:
    more = record(41)
    more["images"] = [{**more["images"][0], "credit": "01711-123456"}]
    store(data, [json.dumps(more).encode() + b"\n"])
    first = made(data, formats="parquet")
    since = made(data, since=first.version.name, formats="parquet").manifest["since"]
    assert (since["new"], since["changed"]) == (0, 0)
    masked = made(data, formats="jsonl,csv,sqlite", redact=True)
    assert not [name for name, found in tree(masked.version).items() if b"01711" in found]


@pytest.mark.parametrize(
    ("name", "spoilt"),
    [
        ("articles.jsonl", lambda was: was[:-40]),
        ("articles.jsonl", lambda was: was.rpartition(b"\n{")[0] + b"\n"),
        ("manifest.json", lambda _: b"[]"),
    ],
    ids=["half a line", "a line less", "no manifest"],
)
def test_an_earlier_version_that_is_not_whole_is_one_line(
    data: Path, name: str, spoilt: Callable[[bytes], bytes]
) -> None:
    first = made(data, formats="jsonl")
    path = first.version / name
    path.write_bytes(spoilt(path.read_bytes()))
    with pytest.raises(ExportError, match=name) as raised:
        made(data, formats="jsonl", since=first.version.name)
    assert "\n" not in str(raised.value)


def test_changes_since_changes_are_refused(data: Path) -> None:
    changes = made(data, since=made(data).version.name)
    with pytest.raises(ExportError, match="it holds changes alone"):
        made(data, since=changes.version.name)


# Nightly for years.


def test_a_file_that_did_not_change_is_the_one_of_the_version_before(data: Path) -> None:
    first = made(data, formats="jsonl,csv", where="published_date < '2022-06-20'")
    store(data, [record(200, published_date="2022-07-30")])
    second = made(data, formats="jsonl,csv", where="published_date < '2022-06-20'")
    assert second.is_new
    for name in ("articles.jsonl", "articles.csv"):
        assert (first.version / name).samefile(second.version / name), name
    assert not (first.version / "METHODS.md").samefile(second.version / "METHODS.md")


def test_a_file_that_somebody_changed_is_no_part_of_the_next_version(data: Path) -> None:
    where = "published_date < '2022-06-20'"
    first = made(data, formats="jsonl", where=where)
    spoilt = first.version / "articles.jsonl"
    spoilt.write_bytes(spoilt.read_bytes().replace(b"Headline", b"Headlime", 1))
    store(data, [record(200, published_date="2022-07-30")])
    second = made(data, formats="jsonl", where=where)
    assert not spoilt.samefile(second.version / "articles.jsonl")
    assert b"Headlime" not in (second.version / "articles.jsonl").read_bytes()


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"{}", b'{"files": 3}'])
def test_a_spoilt_manifest_keeps_no_later_version_from_being_made(
    data: Path, spoilt: bytes
) -> None:
    (made(data).version / "manifest.json").write_bytes(spoilt)
    store(data, [record(41)])
    assert made(data).manifest["rows"] == 41


def test_a_disk_without_links_keeps_a_copy(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # as exFAT says it

    monkeypatch.setattr("os.link", refused)
    first = made(data, formats="jsonl", where="views < 70")
    store(data, [record(200)])
    second = made(data, formats="jsonl", where="views < 70")
    assert rows_of(first) == rows_of(second)
    assert not (first.version / "articles.jsonl").samefile(second.version / "articles.jsonl")


@pytest.mark.parametrize("by", ["year", "month"])
def test_by_a_period_a_night_changes_one_file(data: Path, by: str) -> None:
    store(data, [record(100, published_date="2021-12-31"), record(101, published_date=None)])
    first = made(data, formats="parquet,jsonl,csv", by=by)
    store(data, [record(200, published_date="2022-07-30")])
    second = made(data, formats="parquet,jsonl,csv", by=by)
    parts = {name for name in second.manifest["files"] if "/" in name}
    names = ["2021", "2022"] if by == "year" else ["2021-12", "2022-06", "2022-07"]
    folders = ("parquet", "jsonl", "csv")
    wanted = {f"articles.{of}/{name}.{of}" for of in folders for name in [*names, "undated"]}
    assert parts == wanted
    new = {name for name in parts if not (first.version / name).samefile(second.version / name)}
    assert new == {f"articles.{of}/{names[-1]}.{of}" for of in folders}


def test_by_a_period_the_rows_are_the_same_and_load_in_one_line(data: Path) -> None:
    store(data, [record(100, published_date="2021-12-31"), record(101, published_date=None)])
    whole, parts = made(data), made(data, formats="parquet,jsonl,csv", by="month")
    frame = pd.read_parquet(whole.version / "articles.parquet")
    assert pd.read_parquet(parts.version / "articles.parquet").equals(frame)
    for ending in ("jsonl", "csv", "parquet"):
        files = f"FROM '{parts.version}/articles.{ending}/*.{ending}'"
        with closing(duckdb.connect()) as database:
            found = database.execute(f"SELECT id {files}").fetchall()
        assert sorted(name for (name,) in found) == sorted(frame["id"]), ending
    since = made(data, formats="jsonl", since=parts.version.name)
    assert rows_of(since) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--by", "day"], "unknown value of --by 'day'"),
        (["--by", "year", "--format", "sqlite"], "--by: --format sqlite makes no file of a year"),
        (["--by", "month", "--splits"], "--by: --splits makes no file of a month"),
        (["--by", "month", "--revisions"], "--by: --revisions makes no file of a month"),
    ],
)
def test_a_period_that_cannot_be_is_one_line(data: Path, words: list[str], said: str) -> None:
    done = run_scrapy("export", "-s", f"OBSERVER_DATA={data}", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


# As one types it.


def test_the_end_says_what_was_masked_changed_and_judged(data: Path) -> None:
    store(data, [record(50, byline="rahim@example.com")])
    given = ("-s", f"OBSERVER_DATA={data}", "--redact", "-s", 'OBSERVER_GATE={"rows": 41}')
    done = run_scrapy("export", *given)
    assert done.returncode == 0, done.stderr
    assert "1 e-mail addresses, 0 telephone numbers" in done.stdout
    assert "rows 41\n" in done.stdout
    done = run_scrapy("export", *given, "--since", "latest")
    assert done.returncode == 0, done.stderr
    assert ": 0 new, 0 changed, 0 gone" in done.stdout


def test_what_does_not_hold_is_one_line_and_code_1(data: Path) -> None:
    done = run_scrapy("export", "-s", f"OBSERVER_DATA={data}", "-s", 'OBSERVER_GATE={"rows": 99}')
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "scrapy: nothing is exported, for OBSERVER_GATE does not hold: rows 40, wanted at least 99"
    )


def test_a_wacz_is_not_masked(data: Path) -> None:
    done = run_scrapy("export", "-s", f"OBSERVER_DATA={data}", "--redact", "--format", "wacz")
    assert done.returncode == 1
    assert "--redact: a wacz holds the pages whole, leave one out" in done.stderr
