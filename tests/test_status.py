"""`scrapy status`: over a ledger made by hand, and beside real crawls."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import lock
from observer_crawler.commands.standing import stand
from observer_crawler.commands.standing_words import as_text
from observer_crawler.exceptions import LedgerBroken, LedgerError, LedgerTooNew
from observer_crawler.ledger import FILE, tables
from observer_crawler.ledger.links import HELD
from observer_crawler.ledger.reading import Reader, Visits
from observer_crawler.ledger.retrying import put_back
from observer_crawler.replica.page import Page
from tests.conftest import ROOT, run_scrapy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve, StartCrawl

# 2026-11-23 15:04 UTC.
NOW = 1795446240.0
HOUR = 3600.0


class Hand:
    """A ledger written row by row."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.path = data / "state" / FILE
        self.path.parent.mkdir(parents=True)
        self._connection = tables.connect(self.path)

    def put(self, table: str, **row: object) -> int:
        """Write one row; gives its number."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        query = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (our own names)
        return self._connection.execute(query, tuple(row.values())).lastrowid or 0

    def address(
        self,
        name: str,
        state: str = "waiting",
        kind: str = "article",
        **more: Any,  # noqa: ANN401 (columns)
    ) -> int:
        """Write an address; a stored one has a line. `due` gives it a visit."""
        due = more.pop("due", None)
        usual = {"language": "en", "url": f"https://x/{name}", "box": "latest", "page": ""}
        row = {**usual, "text": "", "depth": 1, "boxes": 2, "found_at": NOW - 9 * HOUR, **more}
        number = self.put("address", name=name, kind=kind, state=state, **row)
        if state == "stored":
            self.line(number)
        if due is not None:
            self.put("visit", address=number, scope=1, rank=1, due=due, wait=0, leased=0)
        return number

    def line(self, address: int) -> None:
        """Write the line of an article."""
        words = dict.fromkeys(("language", "markup", "file", "content_sha256", "fetched_at"), "x")
        figures = dict.fromkeys(("extractor", "filled", "offset", "size", "revision"), 1)
        self.put("line", address=address, **words, **figures)

    def close(self) -> None:
        """Let go of the file, as a crawl does at its end."""
        self._connection.close()

    def run(
        self,
        started: float,
        ended: float | None = None,
        **more: Any,  # noqa: ANN401 (columns)
    ) -> None:
        """Write a run that asked an address a second."""
        seen = more.pop("seen", ended or NOW)
        figures = {"settled": int(seen - started), "requests": int(seen - started) + 1, **more}
        self.put("run", scope=1, started=started, ended=ended, seen=seen, **figures)


@pytest.fixture
def hand(tmp_path: Path) -> Hand:
    """A ledger with one scope and nothing else."""
    made = Hand(tmp_path / "data")
    made.put("scope", spider="observer", key="{}")
    return made


@pytest.fixture
def reader(hand: Hand) -> Iterator[Reader]:
    """A look at a ledger of one of everything."""
    hand.address("front", "read", "front", due=0)
    hand.address("b:1", "stored", revisit=NOW + 24 * HOUR)
    hand.address("b:2", "stored", day="2026-11-20", revisit=NOW - 1)
    hand.address("b:3", due=0)
    hand.address("b:4", due=NOW + HOUR)
    hand.address("b:5", due=HELD)
    hand.address(
        "b:6", "failed", reason="500", attempts=4, due=NOW + 5 * HOUR, settled_at=NOW - HOUR
    )
    hand.address("b:7", "denied", reason="robots", attempts=1, due=NOW + 6 * HOUR)
    day = hand.address("day:2026-11-20", "read", "day", day="2026-11-20")
    hand.put(
        "day",
        address=day,
        day="2026-11-20",
        language="en",
        expected=3,
        is_final=1,
        closed_at=NOW,
        holes=1,
    )
    hand.run(NOW - 20 * HOUR, seen=NOW - 19 * HOUR)
    hand.run(
        NOW - 200,
        NOW - 100,
        code=3,
        ending="Stopped. The same command goes on.",
        failed=1,
        stored=2,
    )
    hand.put("note", key="refused_until", value=str(NOW + HOUR))
    hand.put("note", key="requests:2026-11-23", value="17")
    with Reader(hand.path) as made:
        yield made


def test_states_are_counted_by_kind(reader: Reader) -> None:
    assert reader.states() == {
        "article": {"stored": 2, "waiting": 3, "failed": 1, "denied": 1},
        "front": {"read": 1},
        "day": {"read": 1},
    }


def test_visits_are_due_later_or_held(reader: Reader) -> None:
    assert reader.visits(NOW) == Visits(2, 3, 1, NOW + HOUR)
    assert reader.visits(NOW, scope=2) == Visits(0, 0, 0, None)
    assert reader.visits(NOW + HOUR).due == 3


def test_articles_that_grow_old_enough_are_looked_at_again(reader: Reader) -> None:
    assert reader.revisits(NOW) == Visits(1, 1, 0, NOW + 24 * HOUR)


def test_days_have_their_holes(reader: Reader) -> None:
    assert reader.days() == (0, 1, 3, 1, [("2026-11-20", 1)])


def test_runs_come_newest_first_with_their_rate(reader: Reader) -> None:
    last, killed = reader.runs(5)
    assert (last.spider, last.code, last.failed, last.rate) == ("observer", 3, 1, 1.0)
    assert (killed.ended, killed.code, killed.rate) == (None, None, 1.0)


def test_dead_letters_keep_their_reason_and_next_try(reader: Reader) -> None:
    failed, denied = reader.dead()
    assert (failed.name, failed.reason, failed.attempts) == ("b:6", "500", 4)
    assert (failed.settled_at, failed.due) == (NOW - HOUR, NOW + 5 * HOUR)
    assert (denied.name, denied.state, denied.reason) == ("b:7", "denied", "robots")


def test_a_look_is_one_moment_whatever_is_written_meanwhile(hand: Hand) -> None:
    hand.address("b:1", due=0)
    with Reader(hand.path) as look:
        before = look.states()
        hand.address("b:2", due=0)
        assert look.states() == before
        assert look.visits(NOW).due == 1


def test_what_is_dead_waits_again_as_if_it_were_new(hand: Hand) -> None:
    hand.address("b:1", "failed", reason="500", attempts=6, tried="https://x/1", due=NOW * 2)
    hand.address("b:2", "denied", reason="challenge", attempts=4)
    hand.address("b:3", "missing")
    hand.run(NOW - 100, NOW)
    hand.put("note", key="refused_until", value="9e9")
    assert put_back(hand.path) == 2
    with Reader(hand.path) as look:
        assert look.states() == {"article": {"waiting": 2, "missing": 1}}
        assert look.visits(0) == Visits(2, 0, 0, None)
        assert look.notes() == {}
        assert look.dead() == []
    with sqlite3.connect(hand.path) as connection:
        rows = connection.execute("SELECT reason, attempts, tried FROM address WHERE id < 3")
        assert rows.fetchall() == [("", 0, None)] * 2
    connection.close()


def test_a_folder_without_a_ledger_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"no ledger at .*: nothing was crawled into this"):
        Reader(tmp_path / FILE)


@pytest.mark.parametrize(
    ("version", "error", "words"),
    [
        (0, LedgerError, f"has version 0, this program reads {tables.VERSION}: the next crawl"),
        (99, LedgerTooNew, "has version 99, this program knows"),
    ],
)
def test_a_ledger_of_another_version_is_named(
    hand: Hand, version: int, error: type[Exception], words: str
) -> None:
    hand._connection.execute(f"PRAGMA user_version = {version}")  # noqa: SLF001 (ours)
    with pytest.raises(error, match=words):
        Reader(hand.path)


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(LedgerBroken, match="is broken: file is not a database"):
        Reader(tmp_path / FILE)


# The command --------------------------------------------------------------------------------


LOOK = """
import os, sys
from pathlib import Path
from observer_crawler.exceptions import ObserverError
from observer_crawler.ledger.reading import Reader
from observer_crawler.lock import is_locked
if os.geteuid() == 0:
    os.setuid(65534)
data = Path(sys.argv[1])
try:
    with Reader(data / "state" / "ledger.sqlite") as reader:
        print(is_locked(data), reader.states())
except ObserverError as err:
    print(type(err).__name__, err)
"""


@pytest.fixture
def fixed(hand: Hand) -> Iterator[Path]:
    """A folder with one article in which nothing may be made, as on a medium that is read only."""
    hand.address("b:1", "stored")
    hand.close()
    state = hand.data / "state"
    (state / "lock").touch()
    for path in state.iterdir():
        path.chmod(0o644)
    for path in (hand.data, *list(hand.data.parents)[:4]):
        if str(path).startswith("/tmp/"):  # noqa: S108 (where pytest has its own)
            path.chmod(0o755)
    state.chmod(0o555)
    yield hand.data
    state.chmod(0o755)


def looked_at(data: Path) -> str:
    """Look in a process of its own: root may write everywhere, so it stops being root."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, data],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return done.stdout.strip()


def test_a_folder_on_a_medium_that_is_read_only_is_read(fixed: Path) -> None:
    assert looked_at(fixed) == "False {'article': {'stored': 1}}"
    assert {path.name for path in (fixed / "state").iterdir()} == {FILE, "lock"}


def test_a_log_that_cannot_be_taken_in_is_named(fixed: Path) -> None:
    (fixed / "state" / f"{FILE}-wal").touch()
    assert looked_at(fixed) == (
        f"LedgerError the ledger {fixed / 'state' / FILE} cannot be used: its folder may not be "
        f"written to, and {FILE}-wal is the log of a crawl that runs or was killed: copy the data "
        "folder and look at the copy"
    )


def test_a_ledger_of_another_user_is_named(fixed: Path) -> None:
    ledger = fixed / "state" / FILE
    ledger.chmod(0o600)
    told = f"LedgerError the ledger {ledger} may not be read: look as the user who crawls"
    assert looked_at(fixed) == told


def test_a_lock_that_may_not_be_read_is_named(fixed: Path) -> None:
    lock_ = fixed / "state" / "lock"
    lock_.chmod(0)
    told = f"SegmentLocked {lock_} may not be read: whether a crawl runs is not known"
    assert looked_at(fixed) == told


def status(data: Path, *words: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Run `scrapy status` on a folder."""
    typed = [f"{name}={value}" for name, value in {"OBSERVER_DATA": data, **settings}.items()]
    return run_scrapy("status", *words, *(part for each in typed for part in ("-s", each)))


def shown(data: Path, *words: str) -> dict[str, Any]:
    """Give the object that `--json` prints."""
    done = status(data, "--json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def at(seconds: float) -> str:
    """Write a moment as a setting takes it."""
    hours, minutes = divmod(int(seconds - NOW) // 60, 60)
    return f"2026-11-23T{15 + hours:02}:{4 + minutes:02}:00+00:00"


@pytest.mark.usefixtures("reader")
def test_status_is_read_at_a_glance(hand: Hand) -> None:
    (hand.data / "state" / "origin").write_text("http://127.0.0.1:1\n")
    done = status(hand.data, OBSERVER_NOW=at(NOW))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == GLANCE.format(hand.data)


GLANCE = """\
{}, read from http://127.0.0.1:1

addresses  article  day  front  all
stored           2    -      -    2
read             -    1      1    2
waiting          3    -      -    3
denied           1    -      -    1
failed           1    -      -    1
known            7    1      1    9

lines          2 articles have a line, one for each stored address
waiting        2 due now, 3 later, the next on 2026-11-23 16:04 UTC, 1 held until a page before \
them is read
visited again  1 stored article due now, 1 later, the next on 2026-11-24 15:04 UTC
days           1 closed, 0 open; 3 articles expected, 1 stored; articles failed on 2026-11-20 (1)
not had        1 failed, 1 denied: scrapy status --failed shows why
rate           1.00 addresses a second in the last run
time left      2 s for what is due

last runs             spider    requests  settled  stored  failed
2026-11-23 15:00 UTC  observer       101      100       2       1  1 min 40 s, exit code 3: Stopped.
2026-11-22 19:04 UTC  observer     3,601    3,600       0       0  killed, last sign of life \
2026-11-22 20:04 UTC

the site refuses us: no crawl asks before 2026-11-23 16:04 UTC (scrapy status --retry lifts it)
"""


def text(hand: Hand, now: float = NOW) -> str:
    """Give the text of `scrapy status` without a process of its own."""
    with Reader(hand.path) as look:
        return as_text(stand(look, "data", "", now, running=False))


@pytest.mark.usefixtures("reader")
def test_a_note_is_over_when_its_time_has_come(hand: Hand) -> None:
    assert "the site refuses us" in text(hand)
    assert "the site refuses us" not in text(hand, NOW + 2 * HOUR)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("pause_until", "the site asked to be left alone until 2027-01-15 08:00 UTC"),
        ("offline_since", "offline since 2027-01-15 08:00 UTC"),
        ("rebuilt_at", "rebuilt on 2027-01-15 08:00 UTC"),
    ],
)
def test_a_note_is_said(hand: Hand, key: str, words: str) -> None:
    hand.line(hand.address("b:1", due=0))
    hand.put("note", key=key, value="1800000000.0")
    assert words in text(hand)


def test_a_rebuilt_ledger_is_whole_when_each_article_was_visited(hand: Hand) -> None:
    hand.address("b:1", "stored")
    hand.put("note", key="rebuilt_at", value="1800000000.0")
    assert "rebuilt" not in text(hand)


JSON_KEYS = (
    *("data", "origin", "now", "running", "states", "states_by_kind", "known"),
    *("articles_with_a_line", "visits", "revisits", "days", "runs", "rate", "seconds_left"),
    *("notes", "alarms", "marked"),
)


def test_json_has_the_same_keys_whatever_is_known(hand: Hand) -> None:
    assert tuple(shown(hand.data)) == JSON_KEYS
    hand.address("b:1", "stored")
    hand.run(NOW - 100, NOW, code=0)
    full = shown(hand.data)
    assert tuple(full) == JSON_KEYS
    assert full["runs"][0]["state"] == "ended"
    assert full["runs"][0]["started"] == "2026-11-23T15:02:20+00:00"


def test_articles_whose_line_was_found_without_their_page_are_told_apart(hand: Hand) -> None:
    hand.address("b:1", "stored")
    hand.line(hand.address("b:2", due=0))
    words = "2 articles have a line: 1 of 1 stored addresses, 1 of addresses that will be visited"
    assert words in text(hand)


@pytest.mark.usefixtures("reader")
def test_the_failed_are_listed_with_reason_and_next_try(hand: Hand) -> None:
    lines = status(hand.data, "--failed").stdout.splitlines()
    assert lines == [
        "state   reason  attempts  last try              next try              address",
        "failed  500     4         2026-11-23 14:04 UTC  2026-11-23 20:04 UTC  https://x/b:6",
        "denied  robots  1         -                     2026-11-23 21:04 UTC  https://x/b:7",
    ]
    first = shown(hand.data, "--failed")["failed"][0]
    assert (first["name"], first["due"]) == ("b:6", "2026-11-23T20:04:00+00:00")


def test_without_any_failure_a_line_says_so(hand: Hand) -> None:
    for option in ("--failed", "--retry"):
        assert status(hand.data, option).stdout == "No address failed or was denied.\n"


def test_an_empty_ledger_is_one_line(hand: Hand) -> None:
    done = status(hand.data)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{hand.data}, read from nowhere yet: nothing is known yet\n"


@pytest.mark.parametrize("words", [[], ["--retry"]])
def test_a_missing_ledger_is_one_line_and_nothing_is_made(
    tmp_path: Path, words: list[str]
) -> None:
    done = status(tmp_path / "data", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"scrapy: no ledger at .*\n", done.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["everything"], 1, "status takes no arguments, got ['everything']"),
        (["-s", "OBSERVER_DAT=x"], 1, "did you mean 'OBSERVER_DATA'?"),
        (["--failed", "--retry"], 2, "not allowed with argument"),
    ],
)
def test_what_was_typed_wrongly_is_said(
    tmp_path: Path, words: list[str], code: int, line: str
) -> None:
    done = status(tmp_path, *words)
    assert done.returncode == code
    assert line in done.stderr


def test_nothing_is_put_back_while_a_crawl_holds_the_folder(hand: Hand) -> None:
    hand.address("b:1", "failed", due=NOW)
    with lock.locked(hand.data):
        done = status(hand.data, "--retry")
        assert shown(hand.data)["running"] is True
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"scrapy: a crawl writes to {hand.data}: --retry is possible when it has ended\n"
    )
    assert shown(hand.data)["states"] == {"failed": 1}
    assert status(hand.data, "--retry").stdout == "1 address waits again for the next crawl.\n"
    assert shown(hand.data)["states"] == {"waiting": 1}


def test_status_ends_quietly_when_its_reader_goes_away(hand: Hand) -> None:
    for number in range(1, 4000):
        hand.address(f"b:{number}", "failed", reason="500")
    shell = f"{sys.executable} -m scrapy status --failed -s OBSERVER_DATA={hand.data} | head -n 1"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=ROOT, env=dict(os.environ), capture_output=True, check=False
    )
    assert (done.stderr, done.stdout.count(b"\n")) == (b"", 1)


# Beside real crawls -------------------------------------------------------------------------

ERROR = Page(500, {"Content-Type": "text/html"}, b"Internal Server Error")
FAST = {"OBSERVER_RETRY_ATTEMPTS": 2}


def test_status_while_a_crawl_runs_and_after_it_was_killed(
    replica: Serve, start_crawl: StartCrawl, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    server = replica(articles=120, days=4)
    running = start_crawl(site=server.url, settings={"DOWNLOAD_DELAY": 0.05})
    running.until(lambda: len(server.log) >= 12)
    during = shown(data)
    running.stop(signal.SIGKILL)
    assert running.wait().code == -signal.SIGKILL
    after = shown(data)
    assert (during["running"], during["runs"][0]["state"]) == (True, "running")
    assert (after["running"], after["runs"][0]["state"]) == (False, "killed")
    assert "killed, last sign of life" in status(data).stdout
    for told in (during, after):
        assert sum(told["states"].values()) == told["known"] > 12
        assert told["states"].get("stored", 0) == told["articles_with_a_line"]
    assert after["rate"] > 0
    assert after["seconds_left"] > 0


def test_status_after_a_crawl_agrees_with_its_figures(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(articles=40, days=3)
    run = crawl(site=server.url)
    told = shown(tmp_path / "data")
    assert told["states"] == run.group("addresses")
    assert told["articles_with_a_line"] == len(run.ids)
    assert told["origin"] == server.url
    (last,) = told["runs"]
    assert (last["state"], last["code"], last["ending"]) == ("ended", 0, "Done.")
    assert (last["requests"], last["stored"]) == (len(server.log), len(run.ids))
    assert told["visits"]["due"] == 0


def test_what_failed_is_listed_put_back_and_stored_by_the_next_crawl(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    data, broken = tmp_path / "data", [True]
    path = {"/news/": lambda _: ERROR if broken[0] else None}
    server = replica(articles=40, days=3)
    names = sorted(crawl(site=server.url, settings={"OBSERVER_DATA": tmp_path / "all"}).ids)
    number = names[0].partition(":")[2]
    fault = {f"/{form}{number}": path["/news/"] for form in ("news/", "news.php?id=")}
    fault[f"/details.php?id={number}"] = path["/news/"]
    faulty = replica(fault, articles=40, days=3)
    first = crawl(site=faulty.url, settings=FAST)
    assert (first.code, first.stat("failed_now")) == (3, 1)
    assert "1 address failed, 0 wait. scrapy status --failed shows why." in first.err
    (failed,) = shown(data, "--failed")["failed"]
    assert (failed["name"], failed["state"], failed["reason"]) == (names[0], "failed", "500")
    assert failed["due"] > failed["settled_at"]
    again = crawl(site=faulty.url, settings=FAST)
    assert again.code == 0, "what an earlier run reported is no news"
    assert status(data, "--retry").stdout == "1 address waits again for the next crawl.\n"
    broken[0] = False
    last = crawl(site=faulty.url, settings=FAST)
    assert (last.code, sorted(last.ids)) == (0, names)
    assert shown(data, "--failed")["failed"] == []
