"""`make prove`: run the long tests, and append what they measured to docs/proof.md as a table.

A long test carries the marker `prove` and names its figures with pytest's own
`record_property("kills", 200)`. The table is written whatever the outcome: a proof that failed
is part of the record.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
PROOF = ROOT / "docs" / "proof.md"


def main() -> int:
    """Run the tests marked `prove`; further arguments go to pytest. Return its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        ask = ["-m", "prove", "-n", "2", f"--junit-xml={report}", *sys.argv[1:]]
        status = subprocess.run([sys.executable, "-m", "pytest", *ask], cwd=ROOT, check=False)
        rows = rows_of(report.read_text("utf-8")) if report.exists() else []
    if rows:
        table = table_of(rows, _commit(), dt.datetime.now(dt.UTC).date())
        with PROOF.open("a", encoding="utf-8") as proof:
            proof.write(table)
        print(table)  # noqa: T201 (the table is what one ran this for)
    return status.returncode


def rows_of(report: str) -> list[tuple[str, str, str, str]]:
    """Sentence, outcome, seconds and figures of each test of a JUnit report."""
    # The report was written a moment ago by our own pytest.
    cases = ET.fromstring(report).iter("testcase")  # noqa: S314
    return sorted(_row(case) for case in cases)


def _row(case: ET.Element) -> tuple[str, str, str, str]:
    failed = case.find("failure") is not None or case.find("error") is not None
    figures = ", ".join(f"{p.get('name')} {p.get('value')}" for p in case.iter("property"))
    sentence = case.get("name", "").removeprefix("test_").replace("_", " ")
    outcome = "FAILED" if failed else "holds"
    return sentence, outcome, f"{float(case.get('time', 0)):.0f}", figures


def table_of(rows: list[tuple[str, str, str, str]], commit: str, day: dt.date) -> str:
    """Write one section of docs/proof.md."""
    head = f"\n## {day.isoformat()}, {commit}\n\n| what | outcome | seconds | figures |\n|---|---|---|---|\n"
    return head + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _commit() -> str:
    """Return the commit, and say so when the tree differs from it."""
    told = ["git", "describe", "--always", "--dirty=, with changes not committed"]
    return subprocess.run(
        told, cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
