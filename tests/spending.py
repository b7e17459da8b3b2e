"""What a process spends: CPU and memory of its own, and nothing of whoever started it.

A process that is started by fork and exec begins with the peak of its parent's memory as its own
(`ru_maxrss`, Linux): a large test process made every child as large as itself, and a child that grew
looked flat. So a small process stands between, and what that hears is the child's own.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent
_BETWEEN = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
told = [os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]
with open(sys.argv[1], "w") as file:
    json.dump(told, file)
"""
_MEGABYTE = 1024 if sys.platform != "darwin" else 1024**2  # of the unit of ru_maxrss


class Spent(NamedTuple):
    """Exit code, seconds of CPU and by the clock, MB at most; children included, but each alone."""

    code: int
    cpu: float
    wall: float
    megabytes: float


def spent(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    out: IO[str] | int = DEVNULL,
    err: IO[str] | int | None = None,
) -> Spent:
    """Run a command to its end."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as told:
        between = [sys.executable, "-I", "-S", "-c", _BETWEEN, told.name, *command]
        begun = time.monotonic()
        Popen(between, cwd=ROOT, env=env, stdout=out, stderr=err).wait()
        wall = time.monotonic() - begun
        code, cpu, peak = json.load(told)
    return Spent(code, cpu, wall, peak / _MEGABYTE)


def told_by(code: str, *words: str) -> str:
    """Run lines of Python that measure themselves; gives what they print."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        used = spent([sys.executable, "-c", code, *words], out=out)
        assert used.code == 0, f"ended with {used.code}"
        out.seek(0)
        return out.read()
