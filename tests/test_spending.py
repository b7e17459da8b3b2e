"""A process that is measured answers for itself alone."""

from __future__ import annotations

import sys

import pytest

from tests.spending import spent, told_by

_LARGE = "held = bytearray(300_000_000)"


def test_a_child_is_not_as_large_as_its_parent() -> None:
    held = bytearray(300_000_000)
    assert spent([sys.executable, "-c", "pass"]).megabytes < 100
    assert spent([sys.executable, "-c", _LARGE]).megabytes > len(held) / 2**20


def test_what_measures_itself_is_not_as_large_as_its_parent_either() -> None:
    held = bytearray(300_000_000)
    code = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    unit = 1024 if sys.platform == "linux" else 1
    assert 0 < int(told_by(code)) * unit < len(held) / 2


def test_the_exit_code_and_the_time_are_those_of_the_command() -> None:
    used = spent([sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit(3)"])
    assert used.code == 3
    assert used.cpu < used.wall
    assert used.wall >= 0.3
    with pytest.raises(AssertionError, match="ended with 3"):
        told_by("raise SystemExit(3)")
