"""Segments and ledger are balanced at each start, whatever befell either of them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.books import Books, line_of
from observer_crawler.clock import Clock
from observer_crawler.exceptions import LedgerBroken, LedgerTooNew, SegmentLocked
from observer_crawler.items import Article, from_record
from observer_crawler.ledger import FILE, Outcome, Scope, State, Wish, tables
from observer_crawler.store import Place, Segments
from tests.captures import no_captures
from tests.ledgers import PATIENCE, link, names, now, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ORIGIN = "http://127.0.0.1:8000"
SCOPE = Scope("observer", "one")
SEGMENT = "articles/2022/2022-06.0.jsonl"


def an_article(number: int, **more: object) -> Article:
    return from_record(
        {
            "id": f"b:{number}",
            "url": f"https://www.observerbd.com/news/{number}",
            "headline": f"Headline {number}",
            "body": ["One paragraph."],
            "published_date": "2022-06-16",
            "fetched_at": f"2022-06-16T10:00:0{number % 10}.000000+00:00",
            "source_url": f"{ORIGIN}/news/{number}",
            "content_sha256": f"{number:064}",
            **more,
        }
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def opened(data: Path) -> Books:
    books = Books(
        Segments(data, ORIGIN),
        no_captures(data),
        Clock("2022-06-17T00:00:00+06:00"),
        PATIENCE,
        (1, 7),
    )
    books.open()
    return books


@pytest.fixture
def reopen(data: Path) -> Iterator[Callable[[], Books]]:
    """Open the books, once they were closed."""
    with_books: list[Books] = []

    def reopen() -> Books:
        for books in with_books:
            books.close()
        with_books[:] = [opened(data)]
        return with_books[0]

    yield reopen
    for books in with_books:
        books.close()


def store(books: Books, *numbers: int, settled: bool = True, **more: object) -> None:
    """Keep articles, and settle their pages unless the process is to die before."""
    ledger = books.ledger
    for number in numbers:
        name = f"b:{number}"
        now(ledger.enter([link(name, again=True)], 0))
        (lease,) = now(ledger.lease(1, 0))
        books.keep(an_article(number, **more))
        if settled:
            outcome = Outcome(State.STORED, line=books.kept(name))
            now(ledger.settle(lease, outcome, 0))


@pytest.fixture
def three(data: Path) -> dict[str, State]:
    """A folder of three stored articles, closed after a run that ended well; its states."""
    books = opened(data)
    books.ledger.begin(SCOPE, 0)
    store(books, 1, 2, 3)
    books.ledger.end(0, "", 1)
    books.close()
    return {"b:1": State.STORED, "b:2": State.STORED, "b:3": State.STORED}


def states(books: Books) -> dict[str, State]:
    found = rows(books.ledger, "SELECT name, state FROM address")
    return {name: State(state) for name, state in found}


def stored_lines(data: Path) -> list[bytes]:
    return (data / SEGMENT).read_bytes().splitlines(keepends=True)


def test_what_was_settled_is_known_and_nothing_is_adopted(
    three: dict[str, State], reopen: Callable[[], Books], caplog: pytest.LogCaptureFixture
) -> None:
    books = reopen()
    assert states(books) == three
    assert books.ledger.segments() == books.segments.sizes()
    assert books.ledger.noted("rebuilt_at") is None
    assert caplog.text == ""


def test_the_place_of_a_line_is_where_its_bytes_stand(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    books = reopen()
    for name in three:
        line = books.ledger.line(name)
        assert line is not None
        whole = (data / line.file).read_bytes()[line.offset : line.offset + line.size]
        assert json.loads(whole)["id"] == name


def test_a_kept_line_is_given_once(reopen: Callable[[], Books]) -> None:
    books = reopen()
    books.keep(an_article(1))
    line = books.kept("b:1")
    assert line is not None
    assert (line.id, line.file, line.offset) == ("b:1", SEGMENT, 0)
    assert books.kept("b:1") is None


def test_a_line_that_was_not_settled_is_adopted_and_its_page_visited_again(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    store(books, 4, settled=False)
    before = stored_lines(data)
    books = reopen()
    assert states(books) == {**three, "b:4": State.WAITING}
    line = books.ledger.line("b:4")
    assert line is not None
    assert line.offset == sum(map(len, before[:3]))
    books.ledger.begin(SCOPE, 0)
    assert names(books.ledger) == ["b:4"]
    assert stored_lines(data) == before


def test_lines_settled_out_of_order_are_all_known_at_the_next_start(
    reopen: Callable[[], Books], caplog: pytest.LogCaptureFixture
) -> None:
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    now(books.ledger.enter([link("b:1"), link("b:2")], 0))
    leases = now(books.ledger.lease(2, 0))
    for number in (1, 2):
        books.keep(an_article(number))
    for lease in reversed(leases):
        outcome = Outcome(State.STORED, line=books.kept(lease.name))
        now(books.ledger.settle(lease, outcome, 0))
    books.ledger.end(0, "", 1)
    caplog.clear()
    books = reopen()
    assert states(books) == {"b:1": State.STORED, "b:2": State.STORED}
    assert books.ledger.segments() == books.segments.sizes()
    assert "were not in the ledger" not in caplog.text


def test_a_torn_line_is_moved_aside_and_no_good_line_touched(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    before = stored_lines(data)
    with (data / SEGMENT).open("ab") as file:
        file.write(b'{"id": "b:4", "torn')
    assert states(reopen()) == three
    assert stored_lines(data) == before


def test_a_line_that_is_gone_is_named_and_its_article_waits(
    three: dict[str, State],
    reopen: Callable[[], Books],
    data: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (data / SEGMENT).write_bytes(b"".join(stored_lines(data)[:2]))
    books = reopen()
    assert states(books) == {**three, "b:3": State.WAITING}
    assert f"the line of b:3 is gone from {SEGMENT}: it is fetched again" in caplog.text
    books.ledger.begin(SCOPE, 0)
    assert books.ledger.wish(Wish(frozenset({State.WAITING}), orphans=True), 0) == 1


def test_lines_settled_out_of_order_are_missed_when_they_are_gone(
    reopen: Callable[[], Books], data: Path
) -> None:
    """The second line was settled, the first one never: both are gone but the first."""
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    now(books.ledger.enter([link("b:1"), link("b:2"), link("b:3")], 0))
    leases = now(books.ledger.lease(3, 0))
    for number in (1, 2, 3):
        books.keep(an_article(number))
    for lease in (leases[0], leases[2]):
        outcome = Outcome(State.STORED, line=books.kept(lease.name))
        now(books.ledger.settle(lease, outcome, 0))
    (data / SEGMENT).write_bytes(stored_lines(data)[0])
    assert states(reopen()) == {
        "b:1": State.STORED,
        "b:2": State.WAITING,
        "b:3": State.WAITING,
    }


def test_an_older_line_takes_the_place_of_one_that_is_gone(
    reopen: Callable[[], Books], data: Path
) -> None:
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    store(books, 1)
    store(books, 1, published_date="2022-07-01", content_sha256="9" * 64, revision=2)
    (data / "articles/2022/2022-07.0.jsonl").unlink()
    books = reopen()
    line = books.ledger.line("b:1")
    assert line is not None
    assert (line.file, line.revision) == (SEGMENT, 1)
    assert states(books) == {"b:1": State.WAITING}


def test_a_segment_that_came_from_elsewhere_is_adopted(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    lines = [json.dumps({"id": "b:9", "url": "x", "related": ["b:8", "a:7"], "next": "b:10"})]
    (data / "articles/2022/2022-06.other.jsonl").write_text("\n".join(lines) + "\n")
    found = states(reopen())
    seen = {"b:8": State.SEEN, "b:10": State.SEEN}
    assert found == {**three, "b:9": State.WAITING, **seen}


def test_a_missing_ledger_is_made_anew_and_says_so(
    three: dict[str, State],
    reopen: Callable[[], Books],
    data: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = stored_lines(data)
    (data / "state" / FILE).unlink()
    books = reopen()
    assert states(books) == dict.fromkeys(three, State.WAITING)
    assert "the ledger is made anew from the segments" in caplog.text
    assert books.ledger.noted("rebuilt_at") is not None
    assert books.ledger.segments() == books.segments.sizes()
    assert stored_lines(data) == before


def test_the_rebuilding_ends_when_every_article_was_visited(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    (data / "state" / FILE).unlink()
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    books.ledger.wish(Wish(frozenset({State.WAITING}), orphans=True), 0)
    leases = now(books.ledger.lease(9, 0))
    assert len(leases) == len(three)
    for lease in leases:
        books.ledger.finish_rebuild()
        assert books.ledger.noted("rebuilt_at") is not None
        now(books.ledger.settle(lease, Outcome(State.STORED, "duplicate"), 0))
    books.ledger.finish_rebuild()
    assert books.ledger.noted("rebuilt_at") is None
    assert states(books) == three


def noise(path: Path) -> None:
    path.write_bytes(b"noise" * 5000)


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def pages(path: Path) -> None:
    """Spoil all but the first page, as a disk does that loses what it was given."""
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x07" * (len(whole) - 4096))


@pytest.mark.parametrize("spoil", [noise, half, pages])
def test_a_broken_ledger_is_moved_aside_named_and_made_anew(
    three: dict[str, State],
    reopen: Callable[[], Books],
    data: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Path], None],
) -> None:
    path = data / "state" / FILE
    spoil(path)
    broken = path.read_bytes()
    assert states(reopen()) == dict.fromkeys(three, State.WAITING)
    aside = data / "state" / "ledger.broken.0"
    assert aside.read_bytes() == broken
    assert f"the ledger {path} is broken: it was moved to {aside}" in caplog.text


def test_an_empty_ledger_is_made_anew(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    (data / "state" / FILE).write_bytes(b"")
    books = reopen()
    assert states(books) == dict.fromkeys(three, State.WAITING)
    assert books.ledger.noted("rebuilt_at") is not None


def test_a_second_broken_ledger_overwrites_no_first_one(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    for text in (b"first" * 5000, b"second" * 5000):
        reopen().close()
        (data / "state" / FILE).write_bytes(text)
    reopen()
    for number, text in enumerate((b"first" * 5000, b"second" * 5000)):
        assert (data / "state" / f"ledger.broken.{number}").read_bytes() == text
    assert set(three) == {"b:1", "b:2", "b:3"}


def test_a_ledger_put_back_from_yesterday_learns_of_today(
    three: dict[str, State], reopen: Callable[[], Books], data: Path, tmp_path: Path
) -> None:
    path = data / "state" / FILE
    shutil.copy(path, tmp_path / "yesterday")
    books = reopen()
    books.ledger.begin(SCOPE, 0)
    store(books, 4, 5)
    books.close()
    before = stored_lines(data)
    shutil.copy(tmp_path / "yesterday", path)
    books = reopen()
    assert states(books) == {**three, "b:4": State.WAITING, "b:5": State.WAITING}
    assert books.ledger.noted("rebuilt_at") is None
    assert stored_lines(data) == before


def test_a_ledger_of_a_newer_program_is_refused_and_the_folder_let_go(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    path = data / "state" / FILE
    with closing(sqlite3.connect(path)) as beside:
        beside.execute(f"PRAGMA user_version = {tables.VERSION + 1}")
    with pytest.raises(LedgerTooNew):
        reopen()
    with closing(sqlite3.connect(path)) as beside:
        beside.execute(f"PRAGMA user_version = {tables.VERSION}")
    assert states(reopen()) == three


def test_what_is_broken_and_read_in_a_run_is_told_as_such(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    """One that ended well is not looked through at the start: it may break where nobody looks."""
    path = data / "state" / FILE
    with closing(sqlite3.connect(path)) as beside:
        page = beside.execute("SELECT rootpage FROM sqlite_master WHERE name = 'line'")
        start = (page.fetchone()[0] - 1) * 4096
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + b"\x07" * 4096 + whole[start + 4096 :])
    books = reopen()
    with pytest.raises(LedgerBroken, match="is broken: database disk image is malformed"):
        books.ledger.line("b:1")
    books.ledger.begin(SCOPE, 0)  # and this run never ends
    assert states(reopen()) == dict.fromkeys(three, State.WAITING)


def test_a_second_crawl_does_not_touch_the_ledger(
    three: dict[str, State], reopen: Callable[[], Books], data: Path
) -> None:
    reopen()
    before = (data / "state" / FILE).read_bytes()
    with pytest.raises(SegmentLocked):
        opened(data)
    assert (data / "state" / FILE).read_bytes() == before
    assert len(three) == 3


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({}, {"published_date": None, "language": "", "extractor": 0, "revision": 1}),
        ({"tags": [], "views": 0, "headline": "x"}, {"filled": {"id", "views", "headline"}}),
        ({"revision": 3, "extractor": 2}, {"revision": 3, "extractor": 2}),
    ],
)
def test_an_old_line_lacks_fields_and_is_known_all_the_same(
    record: dict[str, Any], expected: dict[str, Any]
) -> None:
    line = line_of({"id": "b:1", **record}, Place(SEGMENT, 5, 6))
    assert (line.file, line.offset, line.size) == (SEGMENT, 5, 6)
    for name, value in expected.items():
        if name == "filled":
            fields = list(Article.__dataclass_fields__)
            assert {fields[bit] for bit in range(64) if line.filled >> bit & 1} == value
        else:
            assert getattr(line, name) == value
