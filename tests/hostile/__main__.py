"""`make hostile`: all that strangers may do, played in one go, and what each came to as tables.

Further arguments go to pytest, in the place of the modules where there are some of them. The rows
hand over their figures as properties of a JUnit report, as the long tests do (see tests/prove.py).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent.parent
# The site's faults, its robots.txt, whoever else attacks, what was found by chance, a long run.
MODULES = (
    "tests/hostile",
    "tests/test_robots.py",
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/test_security_*.py")),
    *("tests/test_fuzz.py", "tests/test_finds.py", "tests/test_damaged_folders.py"),
    "tests/test_soak.py",
)
COLUMNS = ("state", "requests", "exit code", "words")
FAULTS = "| what meets a crawl | state | requests | exit code | words | green |\n|---|---|---|---|---|---|\n"
OTHERS = "| held by | tests | red |\n|---|---|---|\n"


def main(typed: list[str]) -> int:
    """Run all modules, or those that are typed; return pytest's exit code."""
    modules = [word for word in typed if word.startswith("tests")] or MODULES
    more = [word for word in typed if not word.startswith("tests")]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        ask = [*modules, "-n", "2", "-q", f"--junit-xml={report}", *more]
        status = subprocess.run([sys.executable, "-m", "pytest", *ask], cwd=ROOT, check=False)
        told = report.read_text("utf-8") if report.exists() else "<none/>"
    sys.stdout.write("\n".join(tables(told)))
    return status.returncode


def tables(report: str) -> tuple[str, str]:
    """Write a JUnit report as two tables: the rows that have figures, then each module's tests."""
    # The report was written a moment ago by our own pytest.
    cases = list(ET.fromstring(report).iter("testcase"))  # noqa: S314
    rows = sorted(row for case in cases if (row := _row(case)))
    tests = Counter(map(_module, cases))
    red = Counter(_module(case) for case in cases if _is_red(case))
    others = (f"| {name} | {count} | {red[name]} |\n" for name, count in sorted(tests.items()))
    return FAULTS + "".join(f"| {' | '.join(row)} |\n" for row in rows), OTHERS + "".join(others)


def _row(case: ET.Element) -> tuple[str, ...] | None:
    told = {str(each.get("name")): each.get("value", "") for each in case.iter("property")}
    if not told.keys() & set(COLUMNS):
        return None
    _, _, row = case.get("name", "").partition("[")
    figures = (told.get(column, "") for column in COLUMNS)
    return (told.get("what", row.rstrip("]")), *figures, "NO" if _is_red(case) else "yes")


def _is_red(case: ET.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def _module(case: ET.Element) -> str:
    return case.get("classname", "").replace(".", "/") + ".py"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
