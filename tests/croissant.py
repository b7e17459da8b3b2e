"""The reader of Croissant metadata on this machine, in an environment of its own.

Whoever asks first makes it from requirements/croissant.txt, once per machine and lock.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
_PYTHON = ROOT / ".venv-croissant" / "bin" / "python"
_SET_UP = ("sh", "requirements/install.sh", "croissant")
# Seconds: seventy are usual with pip.
_SET_UP_TIMEOUT = 500
_READ = """
import json, sys
import mlcroissant
dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
issues = dataset.metadata.issues
sets = {of.id: list(dataset.records(record_set=of.id)) for of in dataset.metadata.record_sets}
def plain(value):
    return value.decode() if isinstance(value, bytes) else str(value)
found = {"errors": sorted(issues.errors), "warnings": sorted(issues.warnings), "sets": sets}
print(json.dumps(found, default=plain))
"""


def ready() -> None:
    """Bring the environment to its lock; two test processes take turns."""
    with (ROOT / "requirements" / "croissant.txt").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            _SET_UP,
            cwd=ROOT,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=_SET_UP_TIMEOUT,
        )
    if done.returncode:
        pytest.fail(f"the reader of Croissant could not be set up:\n{done.stderr}")


def records(version: Path, home: Path) -> dict[str, Any]:
    """Read a version by its croissant.json: errors, warnings, and the records of each set."""
    ready()
    done = subprocess.run(
        [str(_PYTHON), "-c", _READ, str(version / "croissant.json")],
        cwd=home,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
