"""What fuzzing has found, read again: each was wrong once, `finds/finds.json` says how.

The folder of a find is its target, in `tests/fuzz/`; files of more than a few hundred bytes are packed.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from observer_crawler.pages import Page
from tests.fuzz.run import trouble
from tests.fuzz.targets import TARGETS

FINDS = Path(__file__).parent / "finds"
SAID: dict[str, str] = json.loads((FINDS / "finds.json").read_text("utf-8"))


def case_of(name: str) -> bytes:
    data = (FINDS / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


@pytest.mark.parametrize("name", SAID)
def test_what_was_found_once_is_read(name: str) -> None:
    target = TARGETS[name.partition("/")[0]]
    assert trouble(target, case_of(name)) is None, SAID[name]


def test_every_find_is_said_in_words() -> None:
    there = {path.relative_to(FINDS).as_posix() for path in FINDS.glob("*/*")}
    assert there == SAID.keys()


def test_a_link_that_nobody_closed_is_not_the_rest_of_the_page() -> None:
    # The first of a thousand within each other held the texts of all; the time went with that.
    found = TARGETS["read_page"].read(case_of("read_page/links-that-nobody-closed.bin.gz"))
    assert isinstance(found, Page)
    assert max(len(link.text) for link in found.links) < 5_000
