"""`--by year` and `--by month`: a folder of files in the place of one, whatever the format.

Rows come in the order of their days, so one file is open at a time, and a night that brings one day
changes one file: the others are links to those of the version before.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from observer_crawler.dataset.batch import Batch, columns_of
from observer_crawler.dataset.columns import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from observer_crawler.dataset.batch import Rows

# Letters of a day that name its file.
LETTERS = {"year": len("2022"), "month": len("2022-06")}
UNDATED = "undated"
_DAY = pa.schema([schema().field("published_date")])


class File(Protocol):
    """What writes one file."""

    @property
    def notes(self) -> list[str]: ...

    def write(self, rows: Rows) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


class PartFiles:
    """`articles.parquet/2022-06.parquet` and so on; what has no day is in `undated`."""

    def __init__(self, folder: Path, by: str, begin: Callable[[Path], File]) -> None:
        """`begin` opens one of the files; they end as the folder does."""
        folder.mkdir()
        self._folder, self._letters, self._begin = folder, LETTERS[by], begin
        self._part = ""
        self._file: File | None = None
        self._notes: list[str] = []

    @property
    def notes(self) -> list[str]:
        """Give what the files have to say, each with its name."""
        return self._notes

    def write(self, rows: Rows) -> None:
        for part, some in self._parts(rows):
            if part != self._part:
                self.finish()
                self._part = part
                self._file = self._begin(self._folder / f"{part}{self._folder.suffix}")
            assert self._file is not None  # noqa: S101 (opened for this part)
            self._file.write(some)

    def finish(self) -> None:
        """Write what is held."""
        if self._file is not None:
            self._file.finish()
            self._notes += [f"{self._part}: {note}" for note in self._file.notes]
            self._file = None

    def close(self) -> None:
        """Let a file go that may not be finished: it is thrown away."""
        if self._file is not None:
            self._file.close()

    def _parts(self, rows: Rows) -> Iterator[tuple[str, Rows]]:
        days = columns_of(rows, _DAY)["published_date"].to_pylist()
        parts = [day.isoformat()[: self._letters] if day else UNDATED for day in days]
        for part, _ in groupby(parts):
            fits = [each == part for each in parts]
            if isinstance(rows, Batch):
                yield part, rows.only(fits)
            else:
                yield part, [row for row, is_one in zip(rows, fits, strict=True) if is_one]
