"""Marks of alarmed runs in the ledger, and the ledger of before they were."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from observer_crawler.exceptions import LedgerError
from observer_crawler.ledger import FILE, Ledger, State, tables
from observer_crawler.ledger.marks import unmark
from observer_crawler.ledger.reading import Reader
from tests.ledgers import PATIENCE, line, link, now, opened, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

# A ledger that the program of version 1 wrote, as text.
VERSION_1 = Path(__file__).with_name("ledger_version_1.sql")
NIGHT, NEXT = "2022-06-16T15:00:00.000+00:00", "2022-06-17T15:00:00.000+00:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """Three articles of one evening and one of the evening before."""
    ledger = opened(path)
    now(ledger.enter([link(f"b:{number}") for number in range(1, 6)], 0))
    for number, day in ((1, 15), (2, 16), (3, 16), (4, 16)):
        stored = line(f"b:{number}", f"2022-06-{day}T15:00:0{number}.000000+00:00")
        settle(ledger, State.STORED, line=stored)
    settle(ledger, State.REFUSED)
    yield ledger
    ledger.close()


def marked(path: Path) -> dict[str, int]:
    with Reader(path) as reader:
        return reader.marked()


def adopt(ledger: Ledger, name: str, fetched_at: str, extractor: int) -> None:
    """Take in a line as a re-extraction does."""
    again = line(name, fetched_at, extractor=extractor, offset=700)
    ledger.adopt(again.file, 800, [(again, link(name), [])], 9)


def test_what_was_fetched_since_the_run_began_is_marked(ledger: Ledger, path: Path) -> None:
    assert ledger.marks.put(NIGHT, NIGHT) == 3
    assert (marked(path), ledger.marks.count()) == ({NIGHT: 3}, 3)


def test_what_is_read_again_is_what_is_marked_or_gave_no_article(ledger: Ledger) -> None:
    assert ledger.marks.names() == {"b:5"}
    ledger.marks.put(NIGHT, NIGHT)
    assert ledger.marks.names() == {"b:2", "b:3", "b:4", "b:5"}


@pytest.mark.parametrize(
    ("fetched_at", "extractor", "left"),
    [
        ("2022-06-16T15:00:02.000000+00:00", 2, 2),  # read again by a newer extractor
        ("2022-06-17T15:00:00.000000+00:00", 1, 2),  # another text, fetched later
        ("2022-06-16T15:00:02.000000+00:00", 1, 3),  # the same line, known once more
        ("2022-06-15T15:00:00.000000+00:00", 2, 3),  # an older fetch, read again
    ],
)
def test_a_mark_goes_when_a_newer_line_takes_its_place(
    ledger: Ledger, fetched_at: str, extractor: int, left: int
) -> None:
    ledger.marks.put(NIGHT, NIGHT)
    adopt(ledger, "b:2", fetched_at, extractor)
    assert ledger.marks.count() == left


def test_marks_of_one_run_are_taken_back_and_those_of_others_stay(
    ledger: Ledger, path: Path
) -> None:
    ledger.marks.put(NIGHT, NIGHT)
    adopt(ledger, "b:2", "2022-06-17T15:00:02.000000+00:00", 1)
    assert ledger.marks.put(NEXT, NEXT) == 1
    assert unmark(path, [NIGHT, "2022-06-01T15:00:00.000+00:00"]) == 2
    assert marked(path) == {NEXT: 1}


def test_a_ledger_of_version_1_is_brought_up_to_date_with_all_that_it_knows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1.read_text("utf-8"))
        before = {table: _rows(old, table) for table in ("address", "line", "visit", "run")}
    with pytest.raises(LedgerError, match=r"has version 1, .*: the next crawl brings it up"):
        Reader(path)
    ledger = Ledger(path, PATIENCE)
    assert ledger.marks.put(NIGHT, "2022-06-16") == 2
    ledger.close()
    with closing(tables.look(path)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (tables.VERSION,)
        assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        after = {table: _rows(new, table) for table in before}
    after["line"] = [row[: len(before["line"][0])] for row in after["line"]]
    assert after == before


def _rows(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()  # noqa: S608 (ours)
