"""The ledger's file: its tables, its version, and how it is opened.

One SQLite file in WAL mode, synchronous NORMAL: what was committed survives the death of the
process, always; a power cut may cost the last seconds, never the balance. `user_version` is the
version of the tables; each migration leads from one to the next. An older program refuses a
newer file. Must not know Scrapy, pages or addresses.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from observer_crawler.exceptions import LedgerBroken, LedgerError, LedgerTooNew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# UPSERT and RETURNING, 2021.
OLDEST_SQLITE = (3, 35, 0)
# KiB of pages kept in memory: a page's 30 links touch about 100 of 4 KiB each, far apart.
_CACHE_KIB = 32_000
# Pages (16 MB) after which the log goes into the file: a sync each time, for pages far apart. With
# SQLite's 1,000 it was a fifth of a settlement's CPU at 1,000,000 addresses; its index has room
# for 4,096 in one piece.
_LOG_PAGES = 4_000
# Milliseconds that a reader waits while a writer begins; the writer is alone by the folder's lock.
_BUSY_MS = 5_000

_FIRST = """
CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,          -- canonical: b:370580, list:198:2, day:2022-06-16
  kind TEXT NOT NULL,                 -- article, front, listing, day, author, feed, requisite
  language TEXT NOT NULL,
  state TEXT NOT NULL,
  url TEXT NOT NULL,                  -- the form to fetch
  box TEXT NOT NULL,                  -- how it was found: in this box ...
  page TEXT NOT NULL,                 -- ... of this page
  text TEXT NOT NULL,                 -- ... under this text: the headline of an article
  depth INTEGER NOT NULL,
  boxes INTEGER NOT NULL,             -- a bit for each box that showed it on a followed page
  day TEXT,                           -- the day index that lists it; its own day, of an index
  published TEXT,                     -- the day its page says
  found_at REAL NOT NULL,             -- seconds since 1970
  reason TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  hops INTEGER NOT NULL DEFAULT 0,
  tried TEXT,                         -- forms tried in this visit, a line each
  earned TEXT,                        -- the state that an earlier form's answer brought
  settled_at REAL,                    -- seconds since 1970
  fetched_at TEXT,                    -- UTC, ISO 8601, of the newest answer with content
  form TEXT, etag TEXT, last_modified TEXT,   -- the validators, and the form they came with
  revisit REAL                        -- seconds since 1970: when a stored article is due again
) STRICT;
CREATE INDEX address_by_state ON address (state, kind);
CREATE INDEX address_by_day ON address (day) WHERE day IS NOT NULL;
CREATE INDEX address_by_published ON address (published) WHERE state = 'outside';
CREATE INDEX address_by_revisit ON address (revisit) WHERE revisit IS NOT NULL;

CREATE TABLE visit (                  -- the queue: who waits for which address
  address INTEGER NOT NULL REFERENCES address,
  scope INTEGER NOT NULL REFERENCES scope,
  rank INTEGER NOT NULL,              -- small ones first
  due REAL NOT NULL,                  -- seconds since 1970; 0: at once
  wait REAL NOT NULL,                 -- the seconds that `due` was set ahead: a retry is after all
                                      -- of its rank that are asked for the first time
  leased INTEGER NOT NULL,            -- the mark of a lease
  PRIMARY KEY (address, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_ready ON visit (scope, rank, wait, address) WHERE due = 0 AND leased = 0;
CREATE INDEX visit_later ON visit (scope, due) WHERE due > 0;
CREATE INDEX visit_leased ON visit (leased) WHERE leased = 1;

CREATE TABLE line (                   -- the newest line of each stored article
  address INTEGER PRIMARY KEY REFERENCES address,
  published_date TEXT, section TEXT, language TEXT NOT NULL, markup TEXT NOT NULL,
  extractor INTEGER NOT NULL, filled INTEGER NOT NULL,
  file TEXT NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
  content_sha256 TEXT NOT NULL, revision INTEGER NOT NULL, fetched_at TEXT NOT NULL
) STRICT;

CREATE TABLE segment (
  file TEXT PRIMARY KEY,
  size INTEGER NOT NULL,              -- up to here its lines are all known
  reach INTEGER NOT NULL              -- the end of the last line that is known
) STRICT, WITHOUT ROWID;

CREATE TABLE day (                    -- day indexes that were read or asked
  address INTEGER PRIMARY KEY REFERENCES address,
  day TEXT NOT NULL, language TEXT NOT NULL,
  expected INTEGER,                   -- articles on the index when it was read last
  is_final INTEGER NOT NULL,          -- asked after the day could still change
  closed_at REAL, holes INTEGER       -- when each article had a final state; failed ones
) STRICT;
CREATE INDEX day_by_day ON day (language, day);

CREATE TABLE walk (                   -- section lists: when a walk to the end began and is known
  scope INTEGER NOT NULL, list TEXT NOT NULL,
  started REAL, complete_at REAL,     -- of the walk under way; start of the last whole one
  PRIMARY KEY (scope, list)
) STRICT, WITHOUT ROWID;

CREATE TABLE scope (id INTEGER PRIMARY KEY, spider TEXT NOT NULL, key TEXT NOT NULL,
  UNIQUE (spider, key)) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY, scope INTEGER NOT NULL REFERENCES scope,
  started REAL NOT NULL, ended REAL,  -- NULL: it is running, or was killed
  seen REAL NOT NULL,                 -- its last sign of life
  requests INTEGER NOT NULL DEFAULT 0, settled INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  fallen INTEGER NOT NULL DEFAULT 0,  -- leases that the run before it left behind
  code INTEGER, ending TEXT
) STRICT;

CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
# Articles of a run that alarmed, to be read again: `marked` is the run, the moment of its start.
_SECOND = """
ALTER TABLE line ADD COLUMN marked TEXT;
CREATE INDEX line_marked ON line (marked) WHERE marked IS NOT NULL;
"""
# The texts of an article that its newest line does not have: what comes from elsewhere may be older
# than what is stored, and is held against the texts next to it in time.
_THIRD = """
CREATE TABLE older (
  address INTEGER NOT NULL REFERENCES address, fetched_at TEXT NOT NULL,
  extractor INTEGER NOT NULL, revision INTEGER NOT NULL, content_sha256 TEXT NOT NULL,
  file TEXT NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (address, fetched_at)
) STRICT, WITHOUT ROWID;
DELETE FROM note WHERE key GLOB 'last:*';
UPDATE segment SET size = 0;          -- all lines are read once more, the older ones among them
"""
# What the site said of the training of AI, a row for each day, host, place and words; no words:
# robots.txt was read and said nothing.
_FOURTH = """
CREATE TABLE signal (
  id INTEGER PRIMARY KEY,
  day TEXT NOT NULL,                  -- of the answers, in UTC
  host TEXT NOT NULL,
  place TEXT NOT NULL,                -- robots.txt, header, meta
  words TEXT NOT NULL,                -- a line each
  says TEXT NOT NULL,                 -- no, yes, not said
  first TEXT NOT NULL, last TEXT NOT NULL, answers INTEGER NOT NULL,
  UNIQUE (day, host, place, words)
) STRICT;
CREATE TABLE signal_of (              -- the pages that said it
  name TEXT NOT NULL, signal INTEGER NOT NULL REFERENCES signal,
  PRIMARY KEY (name, signal)
) STRICT, WITHOUT ROWID;
"""
# From version N to N + 1 by the script at place N.
MIGRATIONS = (_FIRST, _SECOND, _THIRD, _FOURTH)
VERSION = len(MIGRATIONS)


def connect(path: Path) -> sqlite3.Connection:
    """Open the ledger to write, made or migrated where needed.

    Raises LedgerBroken for a file that is no sound ledger, LedgerTooNew, LedgerError.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise LedgerError(
            f"SQLite {sqlite3.sqlite_version} is too old: {oldest} or newer is needed"
        )
    with told(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            _distrust(connection, path)
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def look(path: Path) -> sqlite3.Connection:
    """Open the ledger to read beside a crawl; raises LedgerError when there is none.

    SQLite makes two files beside the one that it reads. Where we may not write, it is told that
    nobody does, unless the log of a crawl is there: then what stands in the file is not all.
    """
    if not path.exists() or not path.stat().st_size:
        raise LedgerError(f"no ledger at {path}: nothing was crawled into this folder yet")
    if not os.access(path, os.R_OK):
        raise LedgerError(f"the ledger {path} may not be read: look as the user who crawls")
    is_ours = os.access(path.parent, os.W_OK)
    log = path.with_name(f"{path.name}-wal")
    with told(path, "" if is_ours else _not_ours(log)):
        fixed = "" if is_ours or log.exists() else "&immutable=1"
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{fixed}", uri=True)
        try:
            _distrust(connection, path)
            _check_version(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _distrust(connection: sqlite3.Connection, path: Path) -> None:
    """Let no code run that stands in the file: a ledger has neither triggers nor views."""
    connection.execute("PRAGMA trusted_schema = OFF")
    foreign = "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1"
    if row := connection.execute(foreign).fetchone():
        raise LedgerBroken(f"the ledger {path} is broken: {row[0]!r} in it is not ours")


def _not_ours(log: Path) -> str:
    return (
        f"its folder may not be written to, and {log.name} is the log of a crawl that runs or was "
        "killed: copy the data folder and look at the copy"
    )


def is_sound(path: Path) -> bool:
    """Whether the file can be gone on with; raises LedgerError where nobody can tell.

    Unless the last run closed it in order and ended well, every index is compared with its
    table (1.6 s at 1,000,000): a folder that is copied while a crawl writes gets pages of two
    moments, and of 24 such copies one was sound but for its indexes.
    """
    is_open = path.with_name(f"{path.name}-wal").exists()
    try:
        with told(path), closing(sqlite3.connect(path)) as connection:
            _distrust(connection, path)
            if not is_open and _ended_well(connection):
                return True
            found: tuple[str] = connection.execute("PRAGMA integrity_check(1)").fetchone()
            return found[0] == "ok"
    except LedgerBroken:
        return False


def _ended_well(connection: sqlite3.Connection) -> bool:
    """Whether the newest run has an end, with exit code 0 or 4; a new file has had no run.

    4 is a good end: what alarmed stands in the pages, not in the ledger.
    """
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'").fetchone():
        return False
    codes = connection.execute("SELECT code FROM run ORDER BY id DESC LIMIT 1").fetchall()
    return codes in ([(0,)], [(4,)])


@contextmanager
def told(path: Path, why: str = "") -> Iterator[None]:
    """Turn SQLite's errors into ours, one line that names the file; `why` is known better."""
    try:
        yield
    except sqlite3.OperationalError as err:
        raise LedgerError(f"the ledger {path} cannot be used: {why or _words(err)}") from err
    # A name in a damaged file may be no text.
    except (sqlite3.DatabaseError, UnicodeDecodeError) as err:
        raise LedgerBroken(f"the ledger {path} is broken: {_words(err)}") from err


def _words(err: Exception) -> str:
    """Give an error in one line: SQLite quotes what is in the file."""
    return " ".join(str(err).split())


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    version = _check_version(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
    for number in range(version, VERSION):
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise LedgerTooNew(
            f"the ledger {path} has version {version}, this program knows {VERSION}: use the "
            "newer observer_crawler that wrote it"
        )
    if version < 0:
        raise LedgerBroken(f"the ledger {path} is broken: its version is {version}")
    return version
