"""The CDXJ index beside a WARC file, and the list of the files' sums.

Both are made by reading the closed file back, so what an index names can be read. The key is
SURT as every CDX server has it (the library of the Internet Archive); `record_id` is ours, the
other names are pywb's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from typing import TYPE_CHECKING, Any

from observer_crawler import files
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import ANSWERS, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.warc.records import Record

logger = logging.getLogger(__name__)

SUFFIX = ".warc.gz"
# What is added to the name of a file while it is written.
OPEN = ".open"
SUMS = "SHA256SUMS"
_SUM = 64
_TEXTS = frozenset(("url", "mime", "filename", "record_id"))
_NUMBERS = frozenset(("offset", "length"))
_NUMBER = re.compile(r"[0-9]{1,18}")
_STAMP = re.compile(r"[0-9]{14}")


def index_of(path: Path) -> Path:
    """Give where the index of a WARC file stands."""
    return path.with_name(f"{path.name.removesuffix(SUFFIX)}.cdxj")


def write_index(path: Path) -> None:
    """Index the answers of a closed file, whole or not at all; damage is named in the log."""
    files.replace(index_of(path), "".join(sorted(_lines(path))))


def _lines(path: Path) -> Iterator[str]:
    for found in records(path):
        if isinstance(found, Damage):
            logger.warning("%s, byte %d: %s; passed over", path.name, found.offset, found.why)
        elif found.kind in ANSWERS:
            yield line_of(found)


def line_of(record: Record) -> str:
    """Write the line of one answer."""
    mime = (record.header("content-type") or "").split(";")[0].strip() or "unk"
    fields = {
        "url": record.url,
        "mime": "warc/revisit" if record.kind == "revisit" else mime,
        "status": str(record.status),
        "digest": record.payload_digest,
        "length": str(record.size),
        "offset": str(record.offset),
        "filename": record.file,
        "record_id": record.id,
    }
    stamp = "".join(filter(str.isdigit, record.date))[:14]
    return f"{_key(record.url)} {stamp} {json.dumps(fields, ensure_ascii=False)}\n"


def indexed(folder: Path) -> Iterator[dict[str, Any]]:
    """Give the fields of each line of every index of a folder."""
    for path in sorted(folder.glob("*.cdxj")):
        for _, fields in index_lines(path):
            yield fields


def index_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the moment (UTC, to the second) and the fields of each line of an index.

    Raises OSError, or ValueError that names the line which is none.
    """
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            yield _read(line, number)


def answers_of(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give line, moment and fields of each answer of a WARC file, from the index beside it.

    Where there is none the file is read. Raises as `index_lines` does.
    """
    index = index_of(path)
    if index.exists():
        with index.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                yield line, *_read(line, number)
        return
    for number, line in enumerate(sorted(_lines(path)), 1):
        yield line, *_read(line, number)


def _read(line: str, number: int) -> tuple[str, dict[str, Any]]:
    try:
        _, stamp, told = line.split(" ", 2)
        fields = json.loads(told)
        _check(stamp, fields)
    except (ValueError, RecursionError) as err:
        raise ValueError(f"line {number} is none ({err})") from err
    return stamp, fields


def _check(stamp: str, fields: Any) -> None:  # noqa: ANN401 (whatever JSON can say)
    """Raise ValueError for a value that no index has; a field may be missing in those of others."""
    if not _STAMP.fullmatch(stamp):
        raise ValueError(f"its moment is {stamp!r}")
    if not isinstance(fields, dict):
        raise ValueError(f"it says {fields!r}")  # noqa: TRY004 (of a file, not of a program)
    for name in _TEXTS & fields.keys():
        if not isinstance(fields[name], str):
            raise ValueError(f"{name} is {fields[name]!r}")  # noqa: TRY004 (as above)
        fields[name].encode()
    for name in _NUMBERS & fields.keys():
        if not _NUMBER.fullmatch(str(fields[name])):
            raise ValueError(f"{name} is {fields[name]!r}")


def _key(url: str) -> str:
    """Give the key of an address; one that is none (a port beyond all ports) is its own."""
    # With it come tldextract and requests, 0.08 s at each start; most commands index nothing.
    from surt import surt  # noqa: PLC0415

    try:
        key: str = surt(url)
    except ValueError:
        return "".join(url.split())
    return key


def sums(folder: Path) -> dict[str, str]:
    """Read the sum of each closed file, as `sha256sum --check` does; a torn line is none.

    Raises OSError.
    """
    path = folder / SUMS
    lines = path.read_text("utf-8", "replace").split("\n") if path.exists() else []
    pairs = (line.partition("  ") for line in lines)
    return {name: value for value, _, name in pairs if name and len(value) == _SUM}


def add_sum(path: Path) -> None:
    """Add the line of a closed file, or renew it."""
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    known = {**sums(path.parent), path.name: value}
    files.replace(
        path.parent / SUMS, "".join(f"{known[name]}  {name}\n" for name in sorted(known))
    )
