"""A fork: the package with the files of another newspaper in the place of the first one's.

It is laid out in a folder of its own, and its commands run there as in any checkout. No file of it
is changed: each is the house's or the other newspaper's, byte for byte.

    python -m tests.fork FOLDER tests/second_paper
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = ROOT / "observer_crawler"
# What of the house says how the first newspaper writes addresses and pages, and is left out.
FIRST = ("site.py", "urls.py", "forms.py", "pages/*.py", "replica/*")
# Of its pages these are tools that any newspaper may use, and the house does.
TOOLS = ("pages/base.py", "pages/columns.py", "pages/outline.py", "pages/requisites.py")


def fork(folder: Path, paper: Path) -> dict[str, str]:
    """Lay out a newspaper's fork; gives what a process needs in its environment to run there.

    A package that stands there is replaced, all else of the folder stays. A checkout is refused: its
    package is somebody's work.
    """
    if (folder / "pyproject.toml").exists():
        sys.exit(f"{folder} is a checkout: name a folder for the fork alone")
    shutil.rmtree(folder / HOUSE.name, ignore_errors=True)
    for name in files_of(HOUSE):
        if not is_first(name):
            _copy(HOUSE / name, folder / HOUSE.name / name)
    for name in files_of(paper):
        _copy(paper / name, folder / HOUSE.name / name)
    _copy(ROOT / "scrapy.cfg", folder / "scrapy.cfg")
    return {"PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}


def is_first(name: str) -> bool:
    """Whether a file of the house is one that a second newspaper does without."""
    return name not in TOOLS and any(fnmatchcase(name, pattern) for pattern in FIRST)


def files_of(folder: Path) -> Iterator[str]:
    """Give the names of what a package has; the mark of `paper` as a package is not its own."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        is_mark = name == "__init__.py" and folder != HOUSE
        if path.is_file() and path.suffix != ".pyc" and not is_mark:
            yield name


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m tests.fork", description=fork.__doc__)
    parser.add_argument("folder", type=Path, help="where it is laid out")
    parser.add_argument("paper", type=Path, help="the newspaper's own files")
    typed = parser.parse_args()
    fork(typed.folder.expanduser(), typed.paper.expanduser())
