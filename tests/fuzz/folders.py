"""What lies in a data folder or is typed in a file: whatever it says, one line of error or none."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from observer_crawler import exclude
from observer_crawler.alarm import alarms, history
from observer_crawler.exceptions import ObserverError
from observer_crawler.items import from_record
from observer_crawler.ledger import Ledger
from observer_crawler.ledger.reading import Reader
from observer_crawler.ledger.tables import is_sound
from observer_crawler.lines import as_bytes, record_of
from observer_crawler.source import Source
from observer_crawler.spiders import names
from observer_crawler.store import Segments
from observer_crawler.validity import validate
from observer_crawler.warc import sums
from tests import stored
from tests.fuzz.files import folder, json_mutated, placed
from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target
from tests.ledgers import ONE, PATIENCE, link, now, opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

_ORIGIN = "https://www.observerbd.com"


def _in_one_line(read: Callable[[], object]) -> object:
    """Give what is read, or the one line that says why it is not."""
    try:
        return read()
    except ObserverError as err:
        said = str(err)
    assert "\n" not in said, "an error of more than one line"
    return None


@cache
def _records() -> tuple[dict[str, Any], ...]:
    return tuple(stored.record(number) for number in range(1, 6))


def make_segment(random: Random) -> bytes:
    """Spoil a segment: a field of a line, or its bytes."""
    lines = [as_bytes(record) for record in random.choices(_records(), k=3)]
    if random.randrange(2):
        told = json_mutated(random, random.choice(_records()))
        lines.insert(random.randrange(3), json.dumps(told).encode() + b"\n")
    segment = b"".join(lines)
    return mutated(random, segment, lines, most=2) if random.randrange(2) else segment


def read_segment(case: bytes) -> object:
    """Open a folder with this segment, and read its lines."""
    data = folder() / "segment"
    shutil.rmtree(data, ignore_errors=True)
    path = placed("segment/articles/2022/2022-06.0.jsonl", case)
    segments = Segments(data, _ORIGIN, (_ORIGIN,))
    file = "articles/2022/2022-06.0.jsonl"
    try:
        segments.open()
    except ObserverError:
        return path, None  # its first line says that it is of another site
    with closing(segments):
        found = list(segments.lines(file))
        for _, record, _ in islice(found, 2):
            _written_again(segments, record)
    return path, found


def _written_again(segments: Segments, record: dict[str, Any]) -> None:
    """Write a line's article again, as a re-reading does where it is valid."""
    try:
        article = from_record(record)
        validate(article)
    except (ObserverError, KeyError, TypeError, ValueError, AttributeError):
        return
    place = segments.append(article)
    assert place.file.count("/") == 2, place
    assert ".." not in place.file
    again = segments.line_at(place)
    assert again is not None
    assert as_bytes(again) == as_bytes(record_of(as_bytes(again)) or {})


def judge_segment(case: bytes, found: object) -> None:
    """No whole line is touched; what is torn was moved; what is an article is read at its place."""
    assert isinstance(found, tuple)
    path, articles = found
    if articles is None:
        return
    end = case.rfind(b"\n") + 1
    assert path.read_bytes()[:end] == case[:end], "a whole line was changed"
    for offset, record, size in articles:
        line = case[offset : offset + size]
        assert line.endswith(b"\n")
        assert repr(json.loads(line)) == repr(record)
    torn = list((folder() / "segment/state").glob("torn/*"))
    assert b"".join(file.read_bytes() for file in torn) == case[end:]


@cache
def _ledger() -> bytes:
    path = folder() / "seed.sqlite"
    path.unlink(missing_ok=True)
    with closing(opened(path)) as ledger:
        now(ledger.enter([link(f"b:{number}") for number in range(1, 40)], 0))
        ledger.end(0, "finished", 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return path.read_bytes()


def make_ledger(random: Random) -> bytes:
    """Spoil the file of a ledger."""
    return mutated(random, _ledger(), (_ledger(),), most=random.choice((1, 2, 8)))


def read_ledger(case: bytes) -> object:
    """Open it to look, and to go on."""
    path = placed("case.sqlite", case)
    for beside in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    found = _in_one_line(lambda: _looked(path))
    if _in_one_line(lambda: is_sound(path)):
        _in_one_line(lambda: _gone_on(path))
    return found


def _looked(path: Path) -> object:
    with Reader(path) as reader:
        looks = (reader.states, reader.lines, reader.marked, reader.days, reader.scopes)
        more = (reader.reasons, reader.each_day, reader.dead, reader.notes)
        return [look() for look in (*looks, *more)] + [reader.visits(0), reader.runs(5)]


def _gone_on(path: Path) -> object:
    with closing(Ledger(path, PATIENCE, (1,))) as ledger:
        ledger.begin(ONE, 0)
        now(ledger.enter([link("b:1"), link("b:99")], 1))
        leases = now(ledger.lease(3, 2))
        for lease in leases:
            now(ledger.release(lease))
        return ledger.states(), ledger.left(3)


def judge_nothing(_case: bytes, _found: object) -> None:
    """That it was read, or refused in one line, is all."""


_EXCLUDED = (
    b"# none\nb:370580 2026-11-01 asked by its author\n",
    b"\xef\xbb\xbf/details.php?id=1 2026-11-01 x\r\n\r\nwww.observerbd.com/news/2 2026-02-28 y\n",
)


def make_exclude(random: Random) -> bytes:
    """Spoil an exclude.txt."""
    return mutated(random, random.choice(_EXCLUDED), _EXCLUDED)


def read_exclude(case: bytes) -> object:
    """Read it."""
    path = placed("exclude.txt", case)
    return _in_one_line(lambda: exclude.read(path))


def judge_exclude(_case: bytes, found: object) -> None:
    """Each name is one of the grammar, and has a reason."""
    assert found is None or isinstance(found, dict)
    for name, reason in (found or {}).items():
        path = placed("exclude.txt", f"{reason}\n".encode("utf-8", "surrogateescape"))
        assert path.exists()
        assert name.isprintable(), name
        assert reason.strip() == reason


_IDS = (
    b"370580\n370000-370002\nb:370581\n# none\nhttps://www.observerbd.com/news/1\n",
    b'id,url,headline\nb:1,https://www.observerbd.com/news/1,"A, b"\nbn:2,,x\n',
    b'{"id": "b:1", "url": "https://www.observerbd.com/2014/09/06/41457.php"}\n{"id": "a:2"}\n',
)


def make_ids(random: Random) -> bytes:
    """Spoil a list of articles."""
    if random.randrange(3) == 0:
        told = json_mutated(random, {"id": "b:1", "url": f"{_ORIGIN}/news/1"})
        return json.dumps(told).encode() + b"\n"
    return mutated(random, random.choice(_IDS), _IDS, most=2)


def read_ids(case: bytes) -> object:
    """Read it as `-a ids=@FILE`, in either edition."""
    path = placed("ids.txt", case)
    asked = (partial(names.read, {"ids": f"@{path}"}, each, None) for each in ("en", "bn"))
    return [_in_one_line(read) for read in asked]


def judge_ids(_case: bytes, found: object) -> None:
    """Each of them is an article, and one that was named."""
    assert isinstance(found, list)
    for each in found:
        if each is not None:
            assert all(address.name in each for address in islice(each, 50))
            assert len(each.key) == 16


_RUN = {
    "version": 1,
    "run": "2026-11-01T00:00:00.000000+00:00",
    "spider": "observer",
    "key": '{"language": "en"}',
    "code": 0,
    "shares": {"byline": [9, 10]},
    "means": {"words": [9, 1.5, 2.5]},
    "levels": {"articles": 3.0},
}
_ALARM = {
    "id": 1,
    "figure": "byline",
    "spider": "observer",
    "key": "{}",
    "expected": 1.0,
    "found": 0.0,
    "cases": 9,
    "runs": 9,
    "first": None,
    "first_at": None,
    "since": "2026-11-01",
    "last": "2026-11-01",
    "told": {"mail": "2026-11-01"},
}
_STATE = {"version": 1, "standing": [_ALARM], "accepted": [], "over": [_ALARM], "next_id": 2}


def make_state(random: Random) -> bytes:
    """Spoil the alarms, the figures of the runs, a claim, or a list of sums."""
    kind = random.randrange(4)
    seeds = (
        json.dumps(json_mutated(random, _STATE)).encode(),
        b"\n".join(json.dumps(each).encode() for each in (_RUN, json_mutated(random, _RUN))),
        f"{_ORIGIN}\n".encode(),
        f"{'0' * 64}  x.warc.gz\n".encode(),
    )
    case = seeds[kind]
    case = case if kind < 2 and random.randrange(2) else mutated(random, case, seeds, most=2)
    return b"%d\n%s" % (kind, case)


def read_state(case: bytes) -> object:
    """Read it as what it is."""
    kind, _, text = case.partition(b"\n")
    match kind:
        case b"0":
            path = placed("alarms.json", text)
            return _in_one_line(lambda: _alarms(path))
        case b"1":
            path = placed("runs.jsonl", text)
            return _in_one_line(lambda: history.read(path))
        case b"2":
            placed("claimed/state/origin", text)
            data = folder() / "claimed"
            _in_one_line(lambda: Source.of(data))
            return _in_one_line(lambda: Segments(data, _ORIGIN).open())
        case _:
            return sums(placed("SHA256SUMS", text).parent)


def _alarms(path: Path) -> object:
    found = alarms.read(path)
    alarms.write(path, found)
    assert repr(alarms.read(path)) == repr(found), "what was written is read otherwise"
    return found


TARGETS = (
    Target("segment", 12_000, make_segment, read_segment, judge_segment),
    Target("ledger", 8_000, make_ledger, read_ledger, judge_nothing),
    Target("exclude", 10_000, make_exclude, read_exclude, judge_exclude),
    Target("ids", 10_000, make_ids, read_ids, judge_ids),
    Target("state", 10_000, make_state, read_state, judge_nothing),
)
