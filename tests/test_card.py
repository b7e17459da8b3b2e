"""The card of a version: all that the coverage report has, nothing that it has not."""

from __future__ import annotations

import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from datasets import Features
from hypothesis import given, settings
from hypothesis import strategies as st

from observer_crawler.coverage.report import COUNTS, not_carried
from observer_crawler.coverage.survey import FIELDS
from observer_crawler.dataset.beside import published
from observer_crawler.dataset.card import card
from observer_crawler.dataset.card_head import head, scalar
from observer_crawler.dataset.columns import described, schema
from observer_crawler.dataset.markdown import plain, table
from observer_crawler.exceptions import ExportError
from tests.card_claims import HOLES, STATUSES, problems, read, shown
from tests.stored import COPY, made, record, records, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HOSTILE = (
    "a | b || c",
    "\\| x \\\\| y",
    "line one\nline two\r\n| --- |",
    "<script>alert(1)</script><img src=x onerror=y>",
    "[click](javascript:x) ![p](y) `code` **bold** ~~no~~ $x$",
    "---\nlicense: cc0-1.0\n---",
    "# A heading",
    "&lt;b&gt; &amp;",
    "\u2028\u2029\x85\x1b[2J\u202e\x00\ud800",
    ": - {a: b} # no",
    "12 holes are known.",
    "",
)
NOTICES = {
    "newspaper": "The articles belong to the newspaper and its agencies.",
    "replica": "Made from a copy of the site: the text is invented, none of it is the newspaper's.",
    "unknown": "Nothing says from which site the lines came.",
}

# Made at random: whatever a report or a manifest may be.

number = st.integers(0, 2_000_000)
text = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
day = st.dates().map(str)
maybe_day = st.none() | day
name = st.from_regex(r"[a-z]{1,8}(/[a-z_]{1,8})?", fullmatch=True)
figures = st.floats(allow_nan=False, width=32) | number
moment = st.datetimes().map(lambda at: f"{at.isoformat()}+00:00")


def _numbers(names: Iterable[str], most: int = 2_000_000) -> st.SearchStrategy[dict[str, int]]:
    """Draw a number for each name from one seed: a draw for each would take a minute."""
    given_ = tuple(names)
    return st.integers(0, 2**32).map(
        lambda seed: {each: random.Random(f"{seed} {each}").randrange(most) for each in given_}
    )


def _counts(keys: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(keys, number, max_size=4)


totals = st.builds(
    lambda days, of: {"days": days, **of},
    _numbers(STATUSES),
    _numbers(("expected", "known", *COUNTS)),
)
sums = st.builds(
    lambda of, gaps, unplaced: {**of, "gaps": gaps, "unplaced": unplaced},
    totals,
    number,
    _counts(st.sampled_from(["waiting", "seen", "stored", "failed"])),
)
hole = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(HOLES)),
        "first_day": maybe_day,
        "last_day": maybe_day,
        "count": number,
        "why": text,
        "ids": st.just("5-8,10"),
        "headlines": st.lists(text, max_size=2),
        "command": text,
    }
)
month = _numbers(FIELDS, 2).map(lambda of: {"articles": 1, **of})
markups = st.dictionaries(
    st.sampled_from(["2014", "2016", "2024", "unknown"]),
    st.dictionaries(day.map(lambda of: of[:7]), month, min_size=1, max_size=3),
    max_size=3,
)
probe = _numbers(("asked", "real", "gaps", "articles", "articles_low", "articles_high"))
edition = st.builds(
    lambda fields, **of: {**of, "fields": fields, "not_carried": not_carried(fields)},
    markups,
    first_day=maybe_day,
    last_day=day,
    totals=sums,
    probe=st.none() | probe,
    years=st.dictionaries(day.map(lambda of: of[:4]), totals, max_size=3),
    holes=st.lists(hole, max_size=4),
)
alarm = {"figure": name, "spider": name, "key": text, "since": moment}
standing = st.fixed_dictionaries(
    {
        **alarm,
        "expected": figures,
        "found": figures,
        "cases": number,
        "runs": number,
        "marked": number,
    }
)
accepted = st.fixed_dictionaries(
    {**alarm, "expected": st.none() | figures, "found": st.none() | figures}
)
coverages = st.fixed_dictionaries(
    {
        "editions": st.dictionaries(st.sampled_from(["en", "bn"]), edition, max_size=2),
        "alarms": st.fixed_dictionaries(
            {
                "standing": st.lists(standing, max_size=3),
                "accepted": st.lists(accepted, max_size=3),
                "marked": st.dictionaries(moment, st.integers(1, 99), max_size=2),
            }
        ),
    }
)
COLUMNS = [each for each in described() if each["name"] in schema().names]
file = st.fixed_dictionaries({"bytes": number, "sha256": st.just("0" * 64)})
LINES = ("read", "excluded", "copies", "older", "not_where", "written")
spans = st.fixed_dictionaries(
    {
        "from": day,
        "until": day,
        "says": st.sampled_from(["yes", "no", "not said"]),
        "because": st.lists(text, max_size=2),
    }
)
extra = st.fixed_dictionaries(
    {},
    optional={
        "clusters": st.none() | st.fixed_dictionaries({"library": text, "texts": number}),
        "splits": st.none()
        | st.fixed_dictionaries({"train": number, "test": number, "from": day}),
        "redacted": st.none() | st.fixed_dictionaries({"email_addresses": number}),
        "since": st.none()
        | st.fixed_dictionaries(
            {"version": text, "new": number, "gone": st.lists(name, max_size=3)}
        ),
        "gate": st.lists(st.dictionaries(name, number, min_size=1, max_size=3), max_size=3),
        "ai_train": st.lists(spans, max_size=3),
    },
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the values of a manifest."""
    kind = draw(st.sampled_from(sorted(NOTICES)))
    names = st.sampled_from(
        ["articles.parquet", "articles.jsonl", "list.csv", "articles.sqlite", "train.parquet"]
    )
    why = draw(st.lists(text, max_size=2))
    counts = {
        **{by: draw(_counts(text)) for by in ("edition", "year", "section", "host")},
        "agency": draw(_counts(text.filter(bool) | st.just("(none)"))),
        "language": draw(_counts(st.sampled_from(["en", "bn", "(none)"]))),
    }
    lines = draw(_numbers(LINES))
    return {
        "made_from": kind,
        "notice": NOTICES[kind],
        "origin": draw(st.none() | st.just("http://127.0.0.1:8000")),
        "where": draw(st.none() | text),
        "revisions": draw(st.booleans()),
        "with_text": draw(st.booleans()),
        "rows": draw(number),
        "articles": draw(number),
        "oldest_fetched_at": draw(moment),
        "newest_fetched_at": draw(moment),
        "complete": not why,
        "complete_not": why,
        "counts": counts,
        "lines": {**lines, "bad": draw(_counts(text)), "without_a_field": {}},
        "versions": {"observer_crawler": draw(text)},
        "extractors": draw(st.lists(number, max_size=2)),
        "columns": COLUMNS,
        "files": draw(st.dictionaries(names, file)),
        **draw(extra),
    }


@given(manifests(), st.none() | coverages)
@settings(max_examples=30, deadline=None)
def test_a_card_says_all_that_manifest_and_coverage_say_and_no_more(
    manifest: dict[str, Any], coverage: dict[str, Any] | None
) -> None:
    assert problems(card(manifest, coverage), manifest, coverage) == []


# Made by hand: one of everything.


def a_coverage() -> dict[str, Any]:
    """Give a report with two editions, each kind of hole, alarms, and marks."""
    days = dict.fromkeys(STATUSES, 3) | {"holes": 7}
    of = {
        "days": days,
        **{each: 40 + place for place, each in enumerate(("expected", "known", *COUNTS))},
    }
    holes = [
        {"kind": kind, "first_day": f"2022-06-{place + 10}", "last_day": f"2022-06-{place + 10}"}
        | {"count": 70 + place, "why": f"why {place}", "ids": "", "headlines": [], "command": ""}
        for place, kind in enumerate(HOLES)
    ]
    filled = dict.fromkeys(FIELDS, 31) | {"tags": 0, "views": 0, "byline": 29}
    fields = {"2014": {"2015-03": {"articles": 31, **filled}}}
    whole = {
        "first_day": "2022-06-01",
        "last_day": "2022-07-31",
        "years": {"2022": of},
        "totals": {**of, "gaps": 91, "unplaced": {"seen": 92}},
        "holes": holes,
        "probe": dict.fromkeys(("asked", "real", "gaps", "articles_low", "articles_high"), 93),
        "fields": fields,
        "not_carried": not_carried(fields),
    }
    empty = {**whole, "holes": [], "probe": None, "fields": {}, "not_carried": {}}
    told = {"figure": "fields/byline", "spider": "observer", "key": "follow=1", "cases": 94}
    told |= {"expected": 0.987, "found": 0.123, "runs": 28, "since": "2026-11-01T00:00:00+00:00"}
    alarms = {
        "standing": [{**told, "marked": 95}],
        "accepted": [{**told, "figure": "text/section"}],
        "marked": {"2026-11-01T00:00:00+00:00": 95},
    }
    return {"editions": {"en": whole, "bn": empty}, "alarms": alarms}


MADE = {
    "clusters": {
        "library": "of hashes",
        "threshold": 0.85,
        "texts": 60,
        "clusters": 4,
        "copies": 5,
    },
    "splits": {"train": 50, "validation": 6, "test": 4},
    "redacted": {"email_addresses": 11, "telephone_numbers": 12},
    "since": {"version": "2026-11-19-aaaaaaaa", "new": 13, "changed": 14, "gone": ["b:1", "b:2"]},
    "gate": [{"figure": "rows", "at least": 15, "found": 60}],
    "ai_train": [
        {"from": "2026-11-01", "until": "2026-11-03", "says": "no", "because": ["ai-train=no"]}
    ],
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the manifest of an export, without what lies beside the rows, with all of round it."""
    data = tmp_path_factory.mktemp("data")
    store(data, [*records(59), record(60, section="a | <b>", agency=None, edition=None)])
    values = made(data, formats="parquet,csv").manifest
    files = {name: of for name, of in values["files"].items() if name.startswith("articles")}
    return {**values, **MADE, "files": files}


def test_a_card_of_one_of_everything_says_it_all(manifest: dict[str, Any]) -> None:
    coverage = a_coverage()
    written = card(manifest, coverage)
    assert problems(written, manifest, coverage) == []
    rows = [row for _, rows in read(written).tables for row in rows]
    assert ("2022-06-12", HOLES["no_index"], "72", "why 2") in rows
    assert ("en", "2014", "31", "tags") in rows
    assert ("en", "2014", "byline", "29", "31") in rows
    assert ("2026-11-01", "2026-11-03", "no", "ai-train=no") in rows
    (standing,) = (row for row in rows if "95" in row and "fields/byline" in row)
    assert standing[3:5] == ("0.987", "0.123")


def test_a_card_says_nothing_of_what_an_export_was_not_asked_for(manifest: dict[str, Any]) -> None:
    without = {name: value for name, value in manifest.items() if name not in MADE}
    nothing = {**manifest, **dict.fromkeys(MADE)}
    assert card(without, None) == card(nothing, None)
    assert problems(card(without, None), without, None) == []
    for word in ("cluster", "ai-train", "Heed"):
        assert word not in card(without, None)


def test_every_line_and_every_number_of_a_card_is_held_against_the_data(
    manifest: dict[str, Any],
) -> None:
    """The judge itself: a line less, a line twice, and another digit are each seen."""
    coverage = a_coverage()
    lines = card(manifest, coverage).split("\n")
    places = [place for place, line in enumerate(lines) if line and not line.startswith("---")]
    for place in places:
        before, line, after = lines[:place], lines[place], lines[place + 1 :]
        for changed in ([], [line, line], *([other] for other in _other_digits(line))):
            if changed == [line, line] and place < lines.index("---", 1):
                continue  # a key of the head that stands twice within another one says no more
            spoilt = "\n".join([*before, *changed, *after])
            assert problems(spoilt, manifest, coverage), (line, changed)


def _other_digits(line: str) -> Iterator[str]:
    for match in re.finditer(r"[0-9]+", line):
        digit = str((int(match[0][-1]) + 1) % 10)
        yield line[: match.end() - 1] + digit + line[match.end() :]


def test_a_card_that_says_more_than_the_report_is_seen(manifest: dict[str, Any]) -> None:
    """The other way round: what is taken out of the report must not stand in the card."""
    coverage = a_coverage()
    written = card(manifest, coverage)
    for path in _parts_of(coverage):
        less = json.loads(json.dumps(coverage))
        inner: Any = less
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]
        assert problems(written, manifest, less), path


def _parts_of(coverage: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    edition = coverage["editions"]["en"]
    yield from (("editions", "en", "holes", place) for place in range(len(edition["holes"])))
    yield from (
        ("editions", "en", "fields", "2014", "2015-03", name) for name in ("tags", "byline")
    )
    yield from (("alarms", which, 0) for which in ("standing", "accepted"))
    yield ("alarms", "marked", "2026-11-01T00:00:00+00:00")


@pytest.mark.parametrize(
    "more",
    [
        "All of 2022 is complete.",
        "12 holes are filled.",
        "| en | 2014 | 31 | byline |",
        "## Licence",
    ],
)
def test_a_line_that_no_data_explains_is_seen(manifest: dict[str, Any], more: str) -> None:
    coverage = a_coverage()
    written = card(manifest, coverage)
    assert problems(f"{written}\n{more}\n", manifest, coverage)


# What strangers wrote.


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_breaks_no_table_and_no_head(manifest: dict[str, Any], hostile: str) -> None:
    coverage = a_coverage()
    coverage["editions"]["en"]["holes"][0]["why"] = hostile
    coverage["alarms"]["standing"][0]["key"] = hostile
    counts = {**manifest["counts"], "section": {hostile: 3}, "agency": {hostile or "AFP": 2}}
    lines = {**manifest["lines"], "bad": {hostile: 1}}
    spoilt = {**manifest, "counts": counts, "lines": lines, "where": hostile}
    written = card(spoilt, coverage)
    assert problems(written, spoilt, coverage) == []
    body = written.split("---\n", 2)[2]
    assert not re.search(r"<(?!$)\w|\]\(|\x1b|\u202e|^# A heading", body, re.MULTILINE)
    assert read(written).head["license"] == "other"


@given(st.text(st.characters(), max_size=40))
def test_what_the_head_quotes_is_read_back(words: str) -> None:
    read_back = yaml.safe_load(f"key: {scalar(words)}")["key"]
    assert read_back == re.sub("[\x7f-\x9f\ufeff\ufffe\uffff]", "\ufffd", shown_exactly(words))


def shown_exactly(words: str) -> str:
    """Give a text as a card shows it, white space at its ends kept."""
    return shown(f"|{words}|")[1:-1]


@given(st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=2), max_size=4))
def test_a_table_is_read_back_whatever_is_in_its_cells(rows: list[list[str]]) -> None:
    told = read(f"---\na: b\n---\n{table(('one', 'two'), rows)}\n").tables
    assert told == [(("", "one", "two"), [tuple(map(shown, row)) for row in rows])]


def test_a_number_is_written_as_people_read_it() -> None:
    assert [plain(each) for each in (0, 1234567, True, 1e-9, 2.5)] == [
        *("0", "1,234,567", "yes", "1e-09", "2.5"),
    ]


# The head.


def test_the_features_of_the_head_are_those_that_datasets_gives_the_columns() -> None:
    columns = described()
    values = {"columns": columns, "files": {"articles.parquet": {"bytes": 1}}, "rows": 1}
    about = {"made_from": "newspaper", "with_text": True, "counts": {}}
    told = yaml.safe_load(head({**values, **about}).strip("-"))["dataset_info"]["features"]
    every = Features.from_arrow_schema(schema(clusters=True, splits=True))
    assert Features._from_yaml_list(told) == every  # noqa: SLF001


@pytest.mark.parametrize("origin", ["https://www.observerbd.com", COPY, None])
@pytest.mark.parametrize("with_text", [True, False])
def test_the_licence_is_always_other_and_never_a_free_one(
    tmp_path: Path, origin: str | None, *, with_text: bool
) -> None:
    url = f"{origin}/news/1" if origin else None
    store(tmp_path, [record(1, url=url or "https://www.observerbd.com/news/1", source_url=url)])
    version = made(tmp_path, with_text=with_text, formats="csv").version
    told = read((version / "README.md").read_text("utf-8"))
    assert told.head["license"] == "other"
    assert not re.match("cc|odc|pddl|public|unlicense|mit", told.head["license_name"])
    text_ = " ".join(told.lines)
    assert not re.search(r"\bcc0|cc[ -]by|creativecommons\.org", text_, re.IGNORECASE)


# Beside the rows of a version.


def test_what_lies_beside_the_rows_is_in_the_manifest_and_true(tmp_path: Path) -> None:
    store(tmp_path, records(20))
    version = made(tmp_path, formats="parquet,jsonl,csv,sqlite")
    files = version.manifest["files"]
    assert list(files)[-2:] == ["README.md", "croissant.json"]
    assert "coverage.json" not in files
    rows = {name: of for name, of in files.items() if name not in ("README.md", "croissant.json")}
    written = (version.version / "README.md").read_text("utf-8")
    assert problems(written, {**version.manifest, "files": rows}, None) == []
    assert "nobody knows what is not here" in written


def test_the_card_of_a_replica_says_that_its_text_is_invented(tmp_path: Path) -> None:
    store(tmp_path, records(3, source_url=f"{COPY}/news/1"))
    told = read((made(tmp_path).version / "README.md").read_text("utf-8"))
    assert told.headings[0].startswith("# Invented text")
    assert told.head["pretty_name"].startswith("Invented text")
    assert told.head["tags"] == ["news", "invented"]
    assert any(line.startswith("The texts are invented by a copy") for line in told.lines)
    assert not any("publisher" in line for line in told.lines)


def test_what_goes_out_has_no_headline_and_no_number_of_what_is_left_alone() -> None:
    coverage = a_coverage()
    holes = coverage["editions"]["en"]["holes"]
    holes[0] |= {"ids": "5-9,11", "headlines": ["Of one who asked"], "command": "-a ids=5-9,11"}
    dated = "https://www.observerbd.com/2015/03/02/76000.php"
    holes[1] |= {"ids": f"{dated},{dated.replace('76000', '76001')}", "command": dated}
    holes[2] |= {"ids": "3-4", "command": "-a ids=3-4"}
    about = {"made_from": "replica", "origin": COPY, "notice": "Invented."}
    told = published(coverage, about, {"b:6": "", "b:9": "", "bn:3": "", "a:76000": ""})
    first, second, third, *_ = told["editions"]["en"]["holes"]
    assert (first["ids"], first["headlines"], first["command"]) == ("5,7-8,11", [], "")
    assert (second["ids"], second["command"]) == (dated.replace("76000", "76001"), "")
    assert (third["ids"], third["command"]) == ("3-4", "-a ids=3-4")
    assert {name: told[name] for name in about} == about
    assert holes[0]["headlines"] == ["Of one who asked"]


@pytest.mark.parametrize("changed", ["README.md", "croissant.json"])
def test_a_version_whose_card_was_changed_is_named_and_left(tmp_path: Path, changed: str) -> None:
    store(tmp_path, records(2))
    path = made(tmp_path).version / changed
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    with pytest.raises(ExportError, match=f"its {changed} was changed since: move the folder"):
        made(tmp_path)
