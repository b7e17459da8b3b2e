"""The file behind `-a ids=@FILE`, line by line: words of a person, or a list that was exported.

A list of `scrapy export` has a column `url`, as csv or as JSON Lines; it says what a number alone
does not, the day of a dated page. All errors are one line that names the file. Knows no address.
"""

from __future__ import annotations

import csv
import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_COLUMNS = ("url", "id")


class Word(NamedTuple):
    """One article as a file names it. `is_of_list`: a program wrote it, not a person."""

    text: str
    line: int
    is_of_list: bool = False


def words(name: str) -> Iterator[Word]:
    """Read a file; raises ConfigurationError."""
    try:
        with Path(name).expanduser().open(encoding="utf-8-sig", newline="") as file:
            yield from _words(file, name)
    except OSError as err:
        raise ConfigurationError(f"argument ids: cannot read {name!r}: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise ConfigurationError(f"argument ids: {name!r} is no text in UTF-8") from err
    except csv.Error as err:
        raise ConfigurationError(f"argument ids: {name!r} is no list in csv: {err}") from err


def _words(file: TextIO, name: str) -> Iterator[Word]:
    first = next(file, "")
    if first.startswith("{"):
        yield from _of_json(chain([first], file), name)
    elif (header := next(csv.reader([first]), [])) and len(header) > 1 and "url" in header:
        rows = csv.DictReader(file, header)
        yield from (_of_record(row, rows.line_num + 1, name) for row in rows)
    else:
        lines = enumerate((line.strip() for line in chain([first], file)), start=1)
        yield from (Word(line, number) for number, line in lines if line and line[0] != "#")


def _of_json(lines: Iterator[str], name: str) -> Iterator[Word]:
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as err:
            raise ConfigurationError(
                f"argument ids: line {number} of {name!r} is no JSON, as those before it are"
            ) from err
        yield _of_record(record, number, name)


def _of_record(record: object, line: int, name: str) -> Word:
    named = record if isinstance(record, dict) else {}
    for column in _COLUMNS:
        if isinstance(text := named.get(column), str) and text.strip():
            return Word(text.strip(), line, is_of_list=True)
    raise ConfigurationError(f"argument ids: line {line} of {name!r} has neither url nor id")
