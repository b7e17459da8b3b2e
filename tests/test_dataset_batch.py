"""Two ways from a line to the dataset, a quick and a careful one: both come to the same."""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.dataset import arrays, rows, shape
from observer_crawler.dataset.batch import Batch, columns_of
from observer_crawler.dataset.columns import schema
from observer_crawler.dataset.rows import Reading, Unreadable
from tests.stored import as_line, record, records

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

# For any field: of the right kind and the wrong one, at the ends of what is possible, and odd.
ODD: list[Any] = [
    *(
        None,
        True,
        0,
        1,
        -1,
        1.0,
        2**63 - 1,
        2**63,
        -(2**63),
        10**30,
        float("nan"),
        "",
        " ",
        "b:1\n",
    ),
    *("b:1", "a:0", "bn:9", "c:1", "en", "print", "online", "2014", "0" * 64, "A" * 64, "\ud800"),
    *("\ud83d\ude00", "\0", "a  b\u2003c\x1c d\u0085", "2022-02-30", "20220216", "2022-02-16\n"),
    *("0001-01-01", "9999-12-31", "2022-06-16T21:37:00", "2022-06-16T21:37:00+06:00"),
    *("0001-01-01T00:00:00+06:00", "9999-12-31T23:59:59-06:00", "2022-06-16 21:37Z"),
    *("20220616T213700Z", "2022-W24-4T10:00+06:00", "2022-06-16T21:37:00.1234567+06:00"),
    *("2022-06-16T21:37:00,5+06:00", "2022-06-16T21:37:00+06:00:30", "2022-06-16T21:37-00:00"),
    *(
        "http://a",
        "https://a:b@c/d",
        "http://",
        "ftp://a/b",
        "http://[bad/",
        "http://A.b:99999/ x",
    ),
    *("http://a\n.b/", "http://a?b", "//a/b", "https://web.org/20220616120000id_/http://b/1"),
    *([], [""], ["a", "b"], [" a ", ""], [None], [1], {}, {"text": "x"}, [{}], [[]]),
    {"text": "x", "places": [], "date": None},
    {"text": "x", "places": ["y"], "date": "2022-06-16"},
    {"text": "x", "places": ["y"]},
    {"file": "x", "offset": -5, "record_id": "y"},
    {"file": "x", "offset": -(2**63), "record_id": "y", "more": [1]},
    [{"url": "", "caption": None}],
    [{"url": "u"}, {"caption": "c", "url": "v", "size": 3}],
    [{"kind": "caption", "text": "t"}],
    [{"kind": "other", "text": "t"}],
]
# Random changes of letters; `make prove` draws more.
FEW, MANY = 3_000, 200_000


def odd_values() -> Iterator[bytes]:
    """Give lines with one odd value, with one field less, and with one twice."""
    usual = record(41)
    for name in [*usual, "mood"]:
        for value in ODD:
            yield json.dumps({**usual, name: value}).encode() + b"\n"
        yield json.dumps({key: usual[key] for key in usual if key != name}).encode() + b"\n"
        twice = json.dumps({name: usual.get(name)})[1:-1].encode()
        yield as_line(usual).replace(b"{", b"{" + twice + b",", 1)


def odd_letters(count: int) -> Iterator[bytes]:
    """Give lines in which some bytes are others, mostly such as JSON is made of."""
    draw = random.Random(7)
    usual = [
        as_line({**record(number), "body": ["a \u201cb\u201d", "\u09a2"]})
        for number in range(1, 4)
    ]
    letters = b'{}[]",:\\u0d89eE+-. \t\r\x00\xe0\xff' + bytes(range(97, 123))
    for _ in range(count):
        line = bytearray(draw.choice(usual))
        for _ in range(draw.randrange(1, 4)):
            place = draw.randrange(len(line) - 1)
            line[place : place + draw.randrange(2)] = bytes([draw.choice(letters)])
        yield bytes(line)


def verdict(line: bytes) -> Reading | str:
    try:
        return rows.read(line)
    except Unreadable as err:
        return str(err)


def assert_both_ways_agree(lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Read lines at once and carefully, and what can be taken as columns and as dicts."""
    quick = [verdict(line) for line in lines]
    with monkeypatch.context() as patched:
        patched.setattr(shape, "article_of", lambda _line: None)
        assert [verdict(line) for line in lines] == quick
    taken = [line for line, told in zip(lines, quick, strict=True) if isinstance(told, Reading)]
    for line in taken:
        row = rows.row_of(json.loads(line), {})
        assert read_as_columns([line]).equals(arrays.batch([row], schema())), line


def read_as_columns(lines: list[bytes]) -> pa.RecordBatch:
    batch = Batch(lines, {})
    batch.prepare()
    return columns_of(batch, schema())


def test_a_line_with_an_odd_value_is_judged_and_read_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_both_ways_agree(list(odd_values()), monkeypatch)


def test_a_line_with_odd_letters_is_judged_and_read_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_both_ways_agree(list(odd_letters(FEW)), monkeypatch)


@pytest.mark.prove
def test_many_lines_with_odd_letters_are_judged_and_read_alike(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_both_ways_agree(list(odd_letters(MANY)), monkeypatch)


def test_a_line_as_a_crawl_writes_it_is_taken_at_once_and_as_columns() -> None:
    lines = [as_line(fields) for fields in records(30)]
    assert all(shape.article_of(line) is not None for line in lines)
    batch = Batch(lines, {})
    batch.prepare()
    read = batch.untouched()
    assert read is not None
    assert read.equals(arrays.batch(list(batch), schema()), check_metadata=True)


def test_a_line_of_before_is_taken_at_once_too() -> None:
    old = {name: value for name, value in record(1).items() if name not in {"tags", "extractor"}}
    article = shape.article_of(json.dumps(old).encode())
    assert article is not None
    assert shape.lacking(article) == ("tags", "extractor")


def test_words_are_parted_by_what_python_calls_white_space() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    bodies = [["", " "], [], [" a ", "b"], *([f"a{some}b"] for some in letters[:12_800])]
    bodies.append([f"x{some}y" for some in letters[12_800:]])
    lines = [as_line({**record(1), "body": body}) for body in bodies]
    told = [len("\n\n".join(body).split()) for body in bodies]
    assert read_as_columns(lines)["word_count"].to_pylist() == told


def test_a_row_that_somebody_changes_is_written_as_changed() -> None:
    batch = Batch([as_line(fields) for fields in records(3)], {})
    batch.prepare()
    batch[1]["headline"] = "another"
    (headlines,) = columns_of(batch, schema()).select(["headline"])
    assert headlines[1].as_py() == "another"


def test_rows_that_do_not_fit_are_left_out_of_dicts_and_columns() -> None:
    lines = [as_line(fields) for fields in records(3)]
    fits = [True, False, True]
    prepared, looked_at = Batch(lines, {}), Batch(lines, {})
    prepared.prepare()
    assert len(list(looked_at)) == 3
    for batch in (Batch(lines, {}), prepared, looked_at):
        chosen = batch.only(fits)
        assert [row.as_py() for row in columns_of(chosen, schema())["id"]] == ["b:1", "b:3"]
        assert [row["id"] for row in chosen] == ["b:1", "b:3"]
        assert len(chosen) == 2


def test_excluded_ids_stand_in_no_column() -> None:
    batch = Batch([as_line(record(5))], {"b:6": "asked for"})
    batch.prepare()
    assert batch.untouched() is not None, "rows were made of all lines"
    (row,) = columns_of(batch, schema()).to_pylist()
    assert (row["related"], row["next"], row["previous"]) == (["b:7"], None, "b:4")


def test_columns_and_dicts_leave_out_the_same_excluded_ids() -> None:
    boxes = [None, [], ["b:1"], ["b:9"], ["b:1", "b:2", "b:1"]]
    some = [
        {**record(number), "related": box, "previous": one, "next": other}
        for number, box in enumerate(boxes, start=1)
        for one, other in [("b:1", None), (None, "b:9"), ("b:9", "b:2")]
    ]
    lines = [as_line(fields) for fields in some]
    for excluded in (
        {"b:1": "asked for"},
        {"b:1": "asked for", "b:2": "too"},
        {"b:7": "asked for"},
    ):
        batch = Batch(lines, excluded)
        batch.prepare()
        dicts = [rows.row_of(json.loads(line), excluded) for line in lines]
        read = batch.untouched()
        assert read is not None
        assert read.equals(arrays.batch(dicts, schema()), check_metadata=True)


def test_words_of_plain_and_odd_texts_in_one_batch_are_those_of_python() -> None:
    odd = [
        "",
        " a",
        "a ",
        "a  b",
        "a\tb",
        "a\u00a0b",
        "a\u3000",
        "\u2028",
        "\0",
        "a \0 b",
        "\u0985",
    ]
    plain = ["a b", "\u201cc\u201d \u2013 d", "\u09a2\u09be\u0995\u09be"]
    bodies = [plain * 3 for _ in range(30)] + [[each] for each in odd] + [[*plain, *odd], []]
    random.Random(3).shuffle(bodies)
    for some in (bodies, [body for body in bodies if set(body) <= set(plain)]):
        lines = [as_line({**record(1), "body": body}) for body in some]
        told = [len("\n\n".join(body).split()) for body in some]
        assert read_as_columns(lines)["word_count"].to_pylist() == told
