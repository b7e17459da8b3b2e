"""Packs the project as the egg that Scrapyd deploys, as in `python deploy/egg.py observer.egg`.

An egg is a zip of the package with its entry point; scrapyd-deploy would make the same by way of a
setup.py, which this project does not have. What the crawl imports stands in the environment that
Scrapyd runs in, from requirements/base.txt.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ROOT = Path(__file__).parent.parent
PACKAGE = "observer_crawler"
INFO = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: observer-crawler\nVersion: 0\n",
    "entry_points.txt": f"[scrapy]\nsettings = {PACKAGE}.settings\n",
    "top_level.txt": f"{PACKAGE}\n",
}


def pack(egg: Path) -> None:
    """Write the egg, over one that is there."""
    with ZipFile(egg, "w", ZIP_DEFLATED) as archive:
        for path in sorted((ROOT / PACKAGE).rglob("*.py")):
            archive.write(path, path.relative_to(ROOT))
        for name, text in INFO.items():
            archive.writestr(f"EGG-INFO/{name}", text)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 (the program and the file)
        sys.exit("usage: python deploy/egg.py FILE.egg")
    pack(Path(sys.argv[1]))
