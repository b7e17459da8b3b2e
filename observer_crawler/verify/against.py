"""A folder against a list of ids and sums that somebody shares instead of the texts."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.verify.lines import Lines

_NEEDED = ("id", "content_sha256")
# A text of 40 pages is one field of a list with texts.
_LONGEST_FIELD = 2**24


@dataclass(slots=True)
class Comparison:
    """How a list and a folder agree.

    `same` counts the texts that stand here, as the newest or an earlier one; `changed` and `gone`
    are ids of the list: here with other texts only, and not here. `more` counts articles here
    that the list does not have.
    """

    same: int = 0
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    more: int = 0


def compare(path: Path, lines: Lines) -> Comparison:
    """Compare a list (CSV with a header, or JSON Lines) with the lines of a folder.

    Raises ConfigurationError for what is no such list.
    """
    found = Comparison()
    lines.table.execute("CREATE TABLE listed (name TEXT PRIMARY KEY) WITHOUT ROWID")
    try:
        for name, content in _rows(path):
            _judge(found, name, content, lines.sums(name))
            lines.table.execute("INSERT OR IGNORE INTO listed VALUES (?)", (name,))
    except OSError as err:
        raise ConfigurationError(f"{path} cannot be read: {err.strerror or err}") from err
    except UnicodeDecodeError as err:
        raise ConfigurationError(f"{path} cannot be read: {err}") from err
    found.more = lines.table.execute(
        "SELECT count(DISTINCT name) FROM line WHERE name NOT IN (SELECT name FROM listed)"
    ).fetchone()[0]
    return found


def _judge(found: Comparison, name: str, content: str, sums: set[str]) -> None:
    if not sums:
        found.gone.append(name)
    elif content in sums:
        found.same += 1
    else:
        found.changed.append(name)


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    """Give id and sum of each row."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        beginning = file.read(1)
        file.seek(0)
        rows = _json_rows(path, file) if beginning == "{" else _csv_rows(path, file)
        for number, row in rows:
            name, content = (row.get(key) for key in _NEEDED)
            if not (isinstance(name, str) and isinstance(content, str) and name and content):
                raise ConfigurationError(
                    f"{path}, line {number}: expected {' and '.join(_NEEDED)}, got {row!r:.200}"
                )
            yield name, content


def _csv_rows(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.DictReader(file)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as err:
        raise ConfigurationError(f"{path}, line {reader.line_num}: no CSV ({err})") from err


def _json_rows(path: Path, file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(file, start=1):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as err:
            raise ConfigurationError(f"{path}, line {number}: no JSON ({err})") from err
        yield number, row if isinstance(row, dict) else {}
