"""A damaged WARC file, index and segment in a data folder: `reextract` and `verify` say so in lines.

The files are those of the fuzz targets. Whatever they hold, no command ends in a traceback, and a
folder with damage is not called sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from observer_crawler.warc import Damage, records
from tests.conftest import run_scrapy
from tests.fuzz.run import case_of
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEED = 7
FEW = 2
MANY = 100
GOOD, WRONG = 0, 3


def assert_no_traceback(command: str, data: Path, case: str) -> int:
    ended = run_scrapy(command, "-s", f"OBSERVER_DATA={data}")
    assert "Traceback" not in ended.stderr, f"{case}: {ended.stderr[-3_000:]}"
    assert ended.returncode in {GOOD, 1, WRONG}, f"{case}: {ended.returncode}"
    return ended.returncode


def damaged(data: Path, number: int) -> Path:
    """Fill a folder with what case `number` of each target is."""
    files = {
        "warc/case.warc.gz": "warc",
        "warc/case.cdxj": "cdxj",
        "articles/2022/2022-06.0.jsonl": "segment",
    }
    for name, target in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case_of(TARGETS[target], SEED, number))
    return data / "warc" / "case.warc.gz"


def look(folder: Path, number: int) -> None:
    data = folder / str(number)
    file = damaged(data, number)
    has_damage = any(isinstance(each, Damage) for each in records(file))
    code = assert_no_traceback("verify", data, f"case {number}")
    assert not has_damage or code == WRONG
    assert_no_traceback("reextract", data, f"case {number}")
    assert_no_traceback("verify", data, f"case {number}, read again")


@pytest.mark.parametrize("number", range(FEW))
def test_a_damaged_folder_is_looked_at_without_a_traceback(number: int, tmp_path: Path) -> None:
    look(tmp_path, number)


@pytest.mark.prove
def test_many_damaged_folders_are_looked_at_without_a_traceback(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    for number in range(MANY):
        look(tmp_path, number)
    record_property("folders", MANY)
