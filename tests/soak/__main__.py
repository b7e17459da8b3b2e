"""`make soak`: the long run with its lines of progress, and a table at the end.

    python -m tests.soak [ARTICLES [FOLDER]]

Exits 0 when all holds, 1 with what does not. FOLDER, an empty or a new one, is kept; without one, a temporary folder is
taken and removed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.soak.long import report, soaked

USUAL = 100_000


def main() -> int:
    """Run it; return the exit code."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else USUAL
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            print(f"{folder} is not empty: name a new folder (KEEP=FOLDER)")  # noqa: T201
            return 1
        result = soaked(folder, articles, lambda line: print(line, flush=True))  # noqa: T201
    print(report(result))  # noqa: T201 (the table is what one ran this for)
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
