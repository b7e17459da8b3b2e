"""Parquet with `--splits`: a file for each side, by the names that Hugging Face knows them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.dataset.parquet_file import ParquetFile
from observer_crawler.dataset.splitting import SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from observer_crawler.dataset.batch import Rows


class SplitFiles:
    """`train.parquet`, `validation.parquet`, `test.parquet`."""

    def __init__(self, folder: Path, schema: pa.Schema, about: Mapping[str, Any]) -> None:
        self.notes: list[str] = []
        self._files = {
            side: ParquetFile(folder / f"{side}.parquet", schema, about) for side in SIDES
        }

    def write(self, rows: Rows) -> None:
        for side, file in self._files.items():
            file.write([row for row in rows if row["split"] == side])

    def finish(self) -> None:
        for file in self._files.values():
            file.finish()

    def close(self) -> None:
        """Let files go that may not be finished: they are thrown away."""
        for file in self._files.values():
            file.close()
