"""What tests say of captures, in short words, and what must hold of them after every run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observer_crawler.warc import Captures, Damage, Record, digest, indexed, records, sums
from observer_crawler.warc.index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def no_captures(data: Path) -> Captures:
    """Give what keeps nothing."""
    return Captures(data, "test", {}, 1e9, is_on=False)


def warc_files(data: Path) -> list[Path]:
    return sorted((data / "warc").glob("*.warc.gz"))


def kept(data: Path) -> list[Record]:
    """Give every record of a folder's files; damage fails."""
    found = [record for path in warc_files(data) for record in records(path)]
    assert not [each for each in found if isinstance(each, Damage)]
    return [each for each in found if isinstance(each, Record)]


def responses(data: Path) -> list[Record]:
    """Give the records that hold an answer's body."""
    return [record for record in kept(data) if record.kind == "response"]


def assert_readable(data: Path) -> None:
    """Assert that somebody else's tool finds every record of every file whole.

    Not by payloads: it takes a revisit, whose body is another record's, for a changed one.
    """
    tool = Path(sys.executable).with_name("fastwarc")
    for path in warc_files(data):
        command: list[str | Path] = [tool, "check", path]
        checked = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
        assert checked.returncode == 0, checked.stdout
        assert "verified successfully" in checked.stdout


def assert_captures(data: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Assert that all files are closed, indexed and summed, and that each line has its bytes."""
    if not (data / "warc").exists():
        return
    files = warc_files(data)
    assert {path.name for path in (data / "warc").iterdir()} == _expected_names(files)
    found = kept(data)
    answers = [each for each in found if each.kind in {"response", "revisit"}]
    named = {(line["filename"], int(line["offset"])) for line in indexed(data / "warc")}
    assert named == {(each.file, each.offset) for each in answers}
    assert sums(data / "warc") == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    _assert_bodies(found)
    _assert_lines({(each.file, each.offset): each for each in answers}, lines)


def _expected_names(files: Iterable[Path]) -> set[str]:
    names = {name for path in files for name in (path.name, index_of(path).name)}
    return names | ({"SHA256SUMS"} if names else set())


def _assert_bodies(found: Iterable[Record]) -> None:
    """Every body has its digest, and every revisit the record that holds its body."""
    originals: dict[str, str] = {}
    for each in found:
        if each.kind == "response":
            assert each.payload_digest == digest(each.body), f"{each.file} {each.offset}"
            originals[each.id] = each.payload_digest
        elif each.kind == "revisit":
            assert originals[each.refers_to] == each.payload_digest, f"{each.file} {each.offset}"


def _assert_lines(
    answers: Mapping[tuple[str, int], Record], lines: Iterable[Mapping[str, Any]]
) -> None:
    for line in lines:
        place = line["capture"]
        if place is not None:
            record = answers[place["file"], place["offset"]]
            assert (record.id, record.kind) == (place["record_id"], "response"), line["id"]
            asked = record.source or record.url
            assert asked == line["source_url"] or record.date < line["fetched_at"]
            assert record.date <= line["fetched_at"], line["id"]
