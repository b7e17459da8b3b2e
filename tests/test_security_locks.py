"""What runs is what is locked, and an audit that could not ask says so."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Not of the lock: the project itself, and what `python -m venv` brings with pip.
OURS = frozenset(("observer-crawler", "pip", "setuptools", "wheel"))
LINE = re.compile(
    r"""(?: [a-z0-9-]+(?:\.[a-z0-9-]+)*==[0-9][\w.!+-]*(?:[ ];[ ][^\\\n]+)?[ ]\\
          | [ ]{4}--hash=sha256:[0-9a-f]{64}(?:[ ]\\)?
          | \#[^\n]* )\n""",
    re.VERBOSE,
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_here() -> dict[str, str]:
    """Names and versions of the largest lock, as far as they are for this Python and system."""
    text = (ROOT / "requirements/test.txt").read_text("utf-8")
    lines = [line.rstrip("\\ ") for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    needed = [Requirement(line) for line in lines]
    return {
        normal(each.name): str(each.specifier).removeprefix("==")
        for each in needed
        if normal(each.name) not in OURS and (each.marker is None or each.marker.evaluate())
    }


def test_what_is_installed_is_exactly_the_lock() -> None:
    places = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    installed = {normal(each.name): each.version for each in distributions(path=places)}
    assert {name: installed[name] for name in installed.keys() - OURS} == locked_here()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock: Path) -> None:
    assert LINE.sub("", lock.read_text("utf-8")) == ""


def test_there_are_ten_locks() -> None:
    ours = "audit base croissant dataset".split()
    peers = "peer-news-please peer-newspaper4k peer-trafilatura".split()
    assert [path.stem for path in LOCKS] == [*ours, *peers, "pywb", "replica", "test"]


def audited(tmp_path: Path, report: str, code: int, said: str = "") -> tuple[int, str, str]:
    """Run the audit with a stand-in for pip-audit that writes this report."""
    fake = tmp_path / "pip-audit"
    writes = f"""printf '%s' '{report}' >"$out"\n""" if report else ""
    fake.write_text(
        '#!/bin/sh\nwhile [ $# -gt 0 ]; do [ "$1" = --output ] && out=$2; shift; done\n'
        f"{writes}echo '{said}' >&2\nexit {code}\n",
        "utf-8",
    )
    fake.chmod(0o700)
    done = subprocess.run(
        ["sh", "requirements/audit.sh"],
        cwd=ROOT,
        env={"PIP_AUDIT": str(fake), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_an_audit_that_finds_nothing_names_how_much_it_asked(tmp_path: Path) -> None:
    said = "make audit: nothing is known against any package of 10 locks.\n"
    assert audited(tmp_path, '{"dependencies": []}', 0) == (0, said, "")


def test_an_audit_names_each_weakness_and_fails(tmp_path: Path) -> None:
    report = (
        '{"dependencies": [{"name": "lxml", "version": "1.0", "vulns": '
        '[{"id": "CVE-2000-1", "fix_versions": ["1.1"]}]}]}'
    )
    code, out, err = audited(tmp_path, report, 1)
    assert code == 1
    assert "requirements/base.txt: lxml 1.0: CVE-2000-1, mended in: 1.1" in out.splitlines()
    assert err.startswith("make audit: known weaknesses in requirements/audit.txt requirements/")


@pytest.mark.parametrize("code", [0, 1])
def test_an_audit_that_could_not_ask_is_no_success(tmp_path: Path, code: int) -> None:
    got, out, err = audited(tmp_path, "", code, "ConnectionError: nobody there")
    assert (got, out) == (1, "")
    assert err == (
        "make audit: nothing is known: the database could not be asked about "
        "requirements/audit.txt (ConnectionError: nobody there)\n"
    )
