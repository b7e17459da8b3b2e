"""The demo as `make demo` runs it: it ends well, shows what came, and touches its own folder alone."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"


def everything_but_the_demo() -> dict[str, str]:
    """The sum of each file below data/, the demo's left out."""
    files = (path for path in sorted(DATA.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(DATA)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if "demo" not in path.relative_to(DATA).parts
    }


def test_the_demo_ends_well_and_leaves_the_data_folder_alone() -> None:
    before = everything_but_the_demo()
    done = subprocess.run(
        ["sh", "requirements/demo.sh"], cwd=ROOT, capture_output=True, check=False, timeout=170
    )
    out = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert "articles stored" in done.stderr.decode() + out
    assert everything_but_the_demo() == before
    commands = out.strip().splitlines()[-3:]
    assert [".venv/bin/" in command for command in commands] == [True, True, True]
