"""`--since VERSION`: the rows that are new or changed since, and the ids that are gone.

Two rows are the same when all their columns are. The sums of the earlier version's rows lie in a
file of SQLite that is thrown away at the end, so memory does not grow with them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from observer_crawler.dataset.rows import typed
from observer_crawler.dataset.versions import MANIFEST, about_file
from observer_crawler.exceptions import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

# What must be alike for two rows of one text to be alike.
_VALUES = ("made_from", "origin", "revisions", "where", "with_text")
_STAGES = ("redacted", "clusters", "splits")
_BATCH = 1_000
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE before (id TEXT, sum BLOB, is_there INTEGER DEFAULT 0, PRIMARY KEY (id, sum))
    WITHOUT ROWID;
"""


@dataclass(slots=True)
class Changes:
    """What an earlier version holds, and what has become of it."""

    _connection: sqlite3.Connection
    _names: Sequence[str]
    version: str
    new: int = 0
    changed: int = 0

    def take(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Give those of some rows that are not in the earlier version as they are."""
        return [row for row in rows if not self._is_there(row)]

    def _is_there(self, row: Mapping[str, Any]) -> bool:
        sum_ = _sum(typed({name: row[name] for name in self._names}))
        known = [each for (each,) in self._run("SELECT sum FROM before WHERE id = ?", row["id"])]
        self._run("UPDATE before SET is_there = 1 WHERE id = ?", row["id"])
        if sum_ in known:
            return True
        self.changed += bool(known)
        self.new += not known
        return False

    def told(self) -> dict[str, Any]:
        """Give what a manifest says of it; `gone` are ids that the earlier version had."""
        gone = "SELECT DISTINCT id FROM before WHERE NOT is_there ORDER BY length(id), id"
        ids = [id_ for (id_,) in self._run(gone)]
        return {"version": self.version, "new": self.new, "changed": self.changed, "gone": ids}

    def close(self) -> None:
        self._connection.close()

    def _run(self, query: str, *values: object) -> list[Any]:
        return self._connection.execute(query, values).fetchall()


def since(version: Path, about: Mapping[str, Any], names: Sequence[str], work: Path) -> Changes:
    """Read an earlier version; `about` is what `kinds` gives of the new one, `names` its columns.

    Raises ExportError for a folder that is none, and for one that was made otherwise.
    """
    manifest = _manifest(version)
    _check(version, manifest, about, names)
    connection = sqlite3.connect(work / "before.sqlite", isolation_level=None)
    connection.executescript(_TABLES)
    rows = ((row["id"], _sum(row)) for row in _rows(version, manifest, names))
    connection.execute("BEGIN")
    connection.executemany("INSERT OR IGNORE INTO before (id, sum) VALUES (?, ?)", rows)
    connection.execute("COMMIT")
    return Changes(connection, names, version.name)


def _manifest(version: Path) -> dict[str, Any]:
    path = version / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError as err:
        raise ExportError(
            f"--since {version.name}: {version} is no version of a dataset: it has no {MANIFEST}"
        ) from err
    except ValueError as err:
        raise ExportError(f"--since {version.name}: {path} is no JSON: {err}") from err
    if not isinstance(manifest, dict):
        raise ExportError(f"--since {version.name}: {path} is no manifest")
    return manifest


def _check(
    version: Path, manifest: Mapping[str, Any], about: Mapping[str, Any], names: Sequence[str]
) -> None:
    then = kinds(manifest)
    other = [name for name in (*_VALUES, *_STAGES) if then[name] != about[name]]
    if other:
        told = ", ".join(f"{name} {then[name]!r}" for name in other)
        raise ExportError(
            f"--since {version.name}: it was made otherwise ({told}): export with the same options"
        )
    if manifest.get("since"):
        raise ExportError(f"--since {version.name}: it holds changes alone: name a whole version")
    if {column["name"] for column in manifest["columns"]} != set(names):
        raise ExportError(f"--since {version.name}: it has other columns: export the whole once")


def kinds(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give what decides what a row looks like: values, and whether a stage was asked for."""
    plain = {name: manifest.get(name) for name in _VALUES}
    return plain | {name: manifest.get(name) not in (None, False) for name in _STAGES}


def _rows(
    version: Path, manifest: Mapping[str, Any], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Give the rows of a version, typed: of its Parquet files, or of its JSON Lines."""
    files = [version / name for name in manifest["files"]]
    some = [path for path in files if path.suffix == ".parquet"]
    some = some or [path for path in files if path.suffix == ".jsonl"]
    if not some:
        raise ExportError(
            f"--since {version.name}: it has neither parquet nor jsonl to compare with: export one"
        )
    for path in some:
        if about_file(path) != manifest["files"][path.relative_to(version).as_posix()]:
            raise ExportError(
                f"--since {version.name}: {path} was changed since: name another one"
            )
        yield from _of_parquet(path, names) if path.suffix == ".parquet" else _of_lines(path)


def _of_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from (typed(json.loads(line)) for line in lines)


def _of_parquet(path: Path, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH, columns=list(names)):
            yield from batch.to_pylist()


def _sum(row: Mapping[str, Any]) -> bytes:
    """Sum a typed row: of a part that a line of old does not have, null and nothing are one."""
    told = json.dumps(_bare(row), sort_keys=True, ensure_ascii=False, default=_told)
    return hashlib.blake2b(told.encode(), digest_size=16).digest()


def _bare(value: object) -> object:
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if inner is not None}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _told(value: object) -> str:
    """Write a day, or a moment in one zone."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"no value of a row: {value!r:.100}")
