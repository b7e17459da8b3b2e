"""The figures of all runs: `state/runs.jsonl`, one line each, whole lines only.

Appended and synced like the lines of a segment. A torn last line (a power cut) is ended before
the next one is written, and whoever reads passes over what is no line.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from observer_crawler.alarm.figures import VERSION, Figures, from_record, to_record
from observer_crawler.exceptions import AlarmError
from observer_crawler.files import named, write_whole

if TYPE_CHECKING:
    from pathlib import Path

FILE = "runs.jsonl"
# Bytes read from the end: a line takes about 8 kB, so the last 28 runs of twenty scopes or more.
_MOST_BYTES = 8_000_000


def append(path: Path, figures: Figures) -> None:
    """Write the line of one run; raises AlarmError."""
    line = json.dumps(to_record(figures), ensure_ascii=False, separators=(",", ":")) + "\n"
    with named(AlarmError, "write", path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(file).st_size
            is_torn = size and os.pread(file, 1, size - 1) != b"\n"
            write_whole(file, ("\n" * bool(is_torn) + line).encode(), size)
            os.fsync(file)
        finally:
            os.close(file)


def read(path: Path) -> list[Figures]:
    """Give the runs, the oldest first; raises AlarmError where a newer program wrote them."""
    if not path.exists():
        return []
    with named(AlarmError, "read", path), path.open("rb") as file:
        start = max(os.fstat(file.fileno()).st_size - _MOST_BYTES, 0)
        file.seek(start)
        lines = file.read().split(b"\n")
    runs = []
    for line in lines[1:] if start else lines:
        record = _record(line)
        if record is not None and record["version"] > VERSION:
            raise AlarmError(
                f"{path} has version {record['version']}, this program knows {VERSION}: use the "
                "newer observer_crawler that wrote it"
            )
        if record is not None:
            # What is not of the shape is no line.
            with suppress(LookupError, TypeError, ValueError, AttributeError):
                runs.append(from_record(record))
    return runs


def _record(line: bytes) -> dict[str, int] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(record, dict) and isinstance(record.get("version"), int)
    return record if is_ours and {"run", "spider", "key"} <= record.keys() else None
