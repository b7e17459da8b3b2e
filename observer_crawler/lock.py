"""Who writes to a data folder: one process at a time, by a lock that dies with it.

The lock is the kernel's (flock on state/lock), so a killed crawl leaves none behind; the number
in the file only names the holder for people.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from observer_crawler.exceptions import SegmentLocked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take(data: Path) -> int:
    """Lock a folder, whose `state/` is there; gives the open file, which closed lets it go.

    Raises SegmentLocked while another process holds it.
    """
    lock = os.open(data / "state" / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        holder = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise SegmentLocked(
            f"another crawl (process {holder}) writes to {data}: wait until it ends, "
            "or give this one a folder of its own with -s OBSERVER_DATA=DIR"
        ) from err
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Be a folder's one writer for a while; raises SegmentLocked while another one is."""
    lock = take(data)
    try:
        yield
    finally:
        os.close(lock)


def is_locked(data: Path) -> bool:
    """Whether a writer holds the folder; a crawl that begins in this very moment is refused.

    Raises SegmentLocked where that cannot be told.
    """
    path = data / "state" / "lock"
    try:
        lock = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except PermissionError as err:
        raise SegmentLocked(f"{path} may not be read: whether a crawl runs is not known") from err
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
