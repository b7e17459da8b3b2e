"""JSON Lines, and csv that opens in a spreadsheet. Both hold what the lines hold, as text."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from observer_crawler.cells import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

# Characters that a cell of Excel holds; LibreOffice takes more.
MOST_IN_A_CELL = 32_767


class JsonLinesFile:
    """One article a line, UTF-8, fields in the order of the columns."""

    def __init__(self, path: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        self.notes: list[str] = []
        self._names = schema.names
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self._file.write(as_json({name: row[name] for name in self._names}) + "\n")

    def finish(self) -> None:
        """Write what is held."""
        self._file.close()

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        with suppress(OSError):
            self._file.close()


class CsvFile:
    """UTF-8 with the mark that Excel needs to see it, a header, lines as RFC 4180 has them."""

    def __init__(self, path: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        self._names = schema.names
        self._long = 0
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(self._names)

    @property
    def notes(self) -> list[str]:
        """Warn of cells that a spreadsheet cuts or refuses."""
        if not self._long:
            return []
        cells = "1 cell is" if self._long == 1 else f"{self._long:,} cells are"
        most = f"the {MOST_IN_A_CELL:,} characters that Excel holds"
        return [f"{cells} longer than {most}: open the csv elsewhere, or take parquet"]

    def write(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            cells = [cell(row[name]) for name in self._names]
            self._long += sum(len(each) > MOST_IN_A_CELL for each in cells)
            self._writer.writerow(cells)

    def finish(self) -> None:
        """Write what is held."""
        self._file.close()

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        with suppress(OSError):
            self._file.close()


def cell(value: object) -> str:
    """Write a value for a spreadsheet; None is an empty cell, what has parts is JSON.

    >>> cell("=1+1"), cell("-UNB"), cell("'=x"), cell("a"), cell(None), cell(["b", 1])
    ("'=1+1", "'-UNB", "''=x", 'a', '', '["b",1]')
    """
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return as_json(value)
    text = str(value).replace("\0", "\ufffd")
    return harmless(text) if isinstance(value, str) else text


def as_json(value: object) -> str:
    """Write JSON in its shortest form."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
