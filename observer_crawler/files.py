"""Bytes to the disk: whole or not at all, and errors that name the file."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.exceptions import ObserverError


@contextmanager
def named(error: type[ObserverError], doing: str, path: Path) -> Iterator[None]:
    """Turn an error of the operating system into one line that names the file."""
    try:
        yield
    except OSError as err:
        reason = err.strerror or str(err)
        raise error(f"cannot {doing} {err.filename or path}: {reason}") from err


def write_whole(file: int, data: bytes, offset: int) -> None:
    """Write all bytes at the end of a file; on an error (a full disk) cut it back to `offset`."""
    written = 0
    try:
        while written < len(data):
            written += os.write(file, data[written:])
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, offset)
        raise


def line_in(path: Path) -> str:
    """Give the one line of a small file, empty where there is none; what is no text is U+FFFD."""
    with suppress(FileNotFoundError):
        return " ".join(path.read_text("utf-8", "replace").split())
    return ""


def replace(path: Path, text: str) -> None:
    """Write a file of text in one step: nobody sees half of it.

    The draft is a new file: in a folder of many a link may stand in its place.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
