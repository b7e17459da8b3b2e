"""`make hostile`: run every fault of the site, and print the table of what each came to.

Further arguments go to pytest. The rows hand over their figures as properties of a JUnit report,
as the long tests do (see tests/prove.py).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent.parent
COLUMNS = ("state", "requests", "exit code", "words")
HEAD = "| fault | state | requests | exit code | words | green |\n|---|---|---|---|---|---|\n"


def main() -> int:
    """Run the rows and the mixed crawls; return pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        ask = ["tests/hostile", "-n", "2", "-q", f"--junit-xml={report}", *sys.argv[1:]]
        status = subprocess.run([sys.executable, "-m", "pytest", *ask], cwd=ROOT, check=False)
        rows = rows_of(report.read_text("utf-8")) if report.exists() else []
    print(HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows))  # noqa: T201 (what one ran this for)
    red = sum(row[-1] != "yes" for row in rows)
    print(f"{len(rows)} rows, {red} of them red.")  # noqa: T201 (as above)
    return status.returncode


def rows_of(report: str) -> list[tuple[str, ...]]:
    """Name, figures and verdict of each test of a JUnit report."""
    # The report was written a moment ago by our own pytest.
    return sorted(_row(case) for case in ET.fromstring(report).iter("testcase"))  # noqa: S314


def _row(case: ET.Element) -> tuple[str, ...]:
    name = case.get("name", "")
    sentence, _, row = name.partition("[")
    told = {each.get("name"): each.get("value", "") for each in case.iter("property")}
    is_red = case.find("failure") is not None or case.find("error") is not None
    title = row.rstrip("]") if COLUMNS[0] in told else _sentence(sentence, row)
    figures = [told.get(column, "") for column in COLUMNS]
    if "exit codes" in told:
        figures = ["", told["requests"], told["exit codes"], f"{told['faults']} faults"]
    return (title, *figures, "NO" if is_red else "yes")


def _sentence(name: str, row: str) -> str:
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words}; {row.rstrip(']')}" if row else words


if __name__ == "__main__":
    sys.exit(main())
