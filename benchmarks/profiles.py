"""`make bench PROFILE=1`: where the time of each measurement goes, function by function.

cProfile makes small functions dearer than they are: the order tells more than the seconds. One text
a measurement in data/bench/profiles/.
"""

from __future__ import annotations

import pstats
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.crawl import crawled, served
from benchmarks.rounds import ROOT, run
from tests.test_dataset_costs import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

ARTICLES = 600
FUNCTIONS = 25
FOLDER = ROOT / "data" / "bench" / "profiles"
_READING = """
from benchmarks import extraction
from observer_crawler.pages import read_page
pages = [page for look in extraction.LOOKS[::3] for page in extraction.samples(*look)]
for body, url in pages:
    read_page(body, url, "text/html")
"""


def main() -> None:
    """Profile reading, crawling, reading again and exporting."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "reading.py"
        script.write_text(_READING, "utf-8")
        _profile("reading", [str(script)])
        with served(ARTICLES) as origin:
            asked = ["crawl", "observer", "-a", f"site={origin}", "-a", "sections=all"]
            settings = ["-s", "DOWNLOAD_DELAY=0.001", "-s", f"OBSERVER_DATA={folder / 'crawl'}"]
            _profile("crawl", ["-m", "scrapy", *asked, *settings])
            crawled(origin, folder / "captured", captures=True)
        warc, again = folder / "captured" / "warc", folder / "again"
        _profile(
            "reextract", ["-m", "scrapy", "reextract", str(warc), "-s", f"OBSERVER_DATA={again}"]
        )
        fill(folder / "many", 10_000)
        _profile("export", ["-m", "scrapy", "export", "-s", f"OBSERVER_DATA={folder / 'many'}"])


def _profile(name: str, words: Sequence[str]) -> None:
    with tempfile.NamedTemporaryFile() as found:
        run([sys.executable, "-m", "cProfile", "-o", found.name, *words])
        told = StringIO()
        with redirect_stdout(told):
            pstats.Stats(found.name).sort_stats("tottime").print_stats(FUNCTIONS)
    text = told.getvalue().replace(f"{ROOT}/", "")
    (FOLDER / f"{name}.txt").write_text(text, "utf-8")
    sys.stdout.write(f"== {name}\n{text}")


if __name__ == "__main__":
    main()
