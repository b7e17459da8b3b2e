"""The versions of a dataset on the disk: named once, never overwritten, never half there.

dataset/2026-11-23-1a2b3c4d/           a version: its files, METHODS.md, card, manifest.json
dataset/2026-11-23-1a2b3c4d-replica/   made from a copy of the site: invented text
dataset/2026-11-23-1a2b3c4d-list/      the list to share, without the text
dataset/2026-11-23-1a2b3c4d-changes/   the rows that are new or changed since an earlier one
dataset/latest, latest-list, ...       the newest of each
dataset/.new-*, .old-*                 what a killed export left behind; the next one removes it
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler.exceptions import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "dataset"
MANIFEST = "manifest.json"
LATEST = "latest"
LIST = "-list"
CHANGES = "-changes"
_DRAFT, _DROPPED = ".new-", ".old-"
_BLOCK = 1024 * 1024


class Versions:
    """The folder of all versions, held by one export at a time."""

    def __init__(self, data: Path) -> None:
        self.path = data / FOLDER

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, and clear away what killed exports have left."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(lock)
            for left in [*self.path.glob(f"{_DRAFT}*"), *self.path.glob(f"{_DROPPED}*")]:
                _remove(left)
            yield
        finally:
            os.close(lock)

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise ExportError(f"another export writes to {self.path}: wait until it ends") from err

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Give a folder to build in, gone at the end unless it was published."""
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=self.path))
        draft.chmod(0o700)
        try:
            yield draft
        finally:
            _remove(draft)

    def publish(self, draft: Path, name: str) -> tuple[Path, bool]:
        """Make a draft the version of a name; gives its folder and whether it is new.

        Raises ExportError when that version is there and not whole any more.
        """
        version = self.path / name
        if version.exists():
            self._check(version, (draft / MANIFEST).read_bytes())
            return version, False
        self._link(draft, name)
        for path in (*draft.rglob("*"), draft):
            _sync(path)
        draft.rename(version)
        _sync(self.path)
        return version, True

    def _link(self, draft: Path, name: str) -> None:
        """Share each file that the version before has too with it: nights add up for years."""
        same = [path for path in self.versions() if _kind(path) == _kind(self.path / name)]
        for before in same[-1:]:
            told = _files(draft)
            for file, about in _files(before).items():
                path = before / file
                if told.get(file) == about and path.is_file() and about_file(path) == about:
                    _share(path, draft / file)

    def point(self, version: Path) -> None:
        """Make a version the latest of its kind."""
        link = self.path / (LATEST + _kind(version))
        draft = self.path / f"{_DRAFT}link"
        draft.symlink_to(version.name)
        draft.replace(link)
        _sync(self.path)

    def named(self, name: str) -> Path:
        """Give the folder of a version by its name, or what `latest` points to.

        Raises ExportError where there is none.
        """
        path = self.path / name
        if name in {"", ".", ".."} or Path(name).name != name or not path.is_dir():
            raise ExportError(f"{self.path} has no version {name!r}")
        return path.resolve()

    def versions(self) -> list[Path]:
        """Give the versions, the oldest first; by their newest moment, then as they were made."""
        found = (path for path in self.path.iterdir() if path.name[0] != ".")
        real = [path for path in found if not path.is_symlink() and (path / MANIFEST).is_file()]
        return sorted(real, key=_age)

    def drop_old(self, keep: int, made: Path) -> list[Path]:
        """Drop all but the newest so many of a kind, never the one just made; gives the dropped."""
        same = [path for path in self.versions() if _kind(path) == _kind(made)]
        old = [path for path in same if path != made][: max(len(same) - keep, 0)]
        for path in old:
            aside = path.with_name(f"{_DROPPED}{path.name}")
            path.rename(aside)
            _remove(aside)
        return old

    def _check(self, version: Path, manifest: bytes) -> None:
        there = version / MANIFEST
        wrong = MANIFEST if not there.is_file() or there.read_bytes() != manifest else ""
        for name, about in ({} if wrong else _files(version)).items():
            path = version / name
            if not path.is_file() or sha256(path) != about["sha256"]:
                wrong = name
        if wrong:
            raise ExportError(
                f"{version} is there, but its {wrong} was changed since: move the folder away "
                "and export again"
            )


def _files(version: Path) -> dict[str, Any]:
    """Give what the manifest says of each file of a version; nothing where it was spoilt."""
    try:
        manifest = json.loads((version / MANIFEST).read_bytes())
    except ValueError:
        return {}
    files = manifest.get("files") if isinstance(manifest, dict) else None
    return files if isinstance(files, dict) else {}


def _share(path: Path, draft: Path) -> None:
    """Put a link to a file in the place of its copy; where the disk has no links the copy stays."""
    aside = draft.with_name(f".{draft.name}")
    with suppress(OSError):
        os.link(path, aside)
        aside.replace(draft)


def _kind(version: Path) -> str:
    """Give how its name ends.

    >>> _kind(Path("2026-11-23-1a2b3c4d-replica-list-changes"))
    '-list-changes'
    """
    name = version.name
    changes = CHANGES if name.endswith(CHANGES) else ""
    return (LIST if name.removesuffix(CHANGES).endswith(LIST) else "") + changes


def _age(version: Path) -> tuple[str, int, str]:
    """Give the day of the newest moment, which the name begins with, and the time of making."""
    return version.name[:10], version.stat().st_mtime_ns, version.name


def sha256(path: Path) -> str:
    """Sum a file."""
    sum_ = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sum_.update(block)
    return sum_.hexdigest()


def about_file(path: Path) -> dict[str, Any]:
    """Give what a manifest says of a file."""
    return {"bytes": path.stat().st_size, "sha256": sha256(path)}


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        with suppress(FileNotFoundError):
            path.unlink()
