"""The parts of a WACZ file in their forms: stored files, index, pages, datapackage.json.

Every entry has the oldest moment that a zip can tell, so that the same parts give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Self

SPECIFICATION = "1.1.1"
INDEX, PAGES = "index.cdx.gz", "pages/pages.jsonl"
# Lines of the index in one gzip member: what a reader must fetch to find one address. As the
# `wacz` package has it.
_LINES = 1_024
_OLDEST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


class WaczZip:
    """One file that is written from its first entry to its last."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w")
        self._resources: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def store(self, name: str, blocks: Iterable[bytes], size: int) -> None:
        """Take a file as it is; readers fetch pieces of it, so it is not packed once more."""
        self._add(name, blocks, size)

    def index(self, lines: Iterable[str]) -> None:
        """Write the sorted lines of an index, and the index of that."""
        tops = [f"!meta 0 {_json({'format': 'cdxj-gzip-1.0', 'filename': INDEX})}\n"]
        self._add(f"indexes/{INDEX}", _blocks(iter(lines), tops))
        self._add("indexes/index.idx", ["".join(tops).encode()], is_packed=True)

    def pages(self, lines: Iterable[str]) -> None:
        """Write the list of pages."""
        head = _json({"format": "json-pages-1.0", "id": "pages", "title": "Articles"})
        self._add(PAGES, (f"{line}\n".encode() for line in (head, *lines)), is_packed=True)

    def finish(self, title: str, description: str) -> None:
        """Write what the file holds, and the sum of that. No moment of making: nothing tells it."""
        package: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": SPECIFICATION,
            "software": f"observer_crawler/{version('observer-crawler')}",
            "title": title,
        }
        if description:
            package["description"] = description
        written = (_json({**package, "resources": self._resources}, indent=2) + "\n").encode()
        self._add("datapackage.json", [written], is_packed=True)
        told = {"path": "datapackage.json", "hash": _sum(written)}
        self._add("datapackage-digest.json", [_json(told, indent=2).encode()], is_packed=True)

    def _add(
        self, name: str, blocks: Iterable[bytes], size: int = 0, *, is_packed: bool = False
    ) -> None:
        """Write an entry; `size` where it may be too large for a plain zip."""
        entry = zipfile.ZipInfo(name, _OLDEST)
        entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        entry.external_attr, entry.create_system, entry.file_size = _PLAIN_FILE, _UNIX, size
        sum_, length = hashlib.sha256(), 0
        with self._zip.open(entry, "w") as out:
            for block in blocks:
                out.write(block)
                sum_.update(block)
                length += len(block)
        self._resources.append(
            {
                "name": name.rpartition("/")[2].lower(),
                "path": name,
                "hash": f"sha256:{sum_.hexdigest()}",
                "bytes": length,
            }
        )


def _blocks(lines: Iterator[str], tops: list[str]) -> Iterator[bytes]:
    """Give the gzip members of an index; `tops` gets the first address and the place of each."""
    offset = 0
    while some := list(islice(lines, _LINES)):
        block = gzip.compress("".join(some).encode(), 9, mtime=0)
        place = {"offset": offset, "length": len(block), "digest": _sum(block), "filename": INDEX}
        tops.append(f"{some[0].partition('{')[0]}{_json(place)}\n")
        offset += len(block)
        yield block


def _sum(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
