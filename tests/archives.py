"""Stand-ins of web archives on this machine, filled from WARC files, for what asks them.

with WaybackMachine(files, Limits(cdx_per_minute=3)) as machine:
    machine.plays["/news/7$"] = challenge   # what it plays, whatever its index says
    machine.broken = ["huge"]               # lines of each answer of the index
    machine.answer_next(429)                # once, by itself
    machine.fail_every(5)                   # each fifth request, with 503
    machine.refuse(0.5)                     # connections, for half a second
    ...                                     # ask machine.cdx and machine.capture(stamp, url)
    assert machine.triggered == 0           # nobody asked on in spite of a 429

with CommonCrawl({"CC-MAIN-2024-10": [as_common_crawl(files, folder / "a.warc.gz")]}) as crawl:
    ...                                     # ask crawl.index.url and crawl.data.url
"""

from tests.archive_crawls import CommonCrawl, as_common_crawl
from tests.archive_faults import (
    BROKEN,
    challenge,
    cut,
    empty,
    other_content,
    redirect_to,
    without_date,
)
from tests.archive_server import Asked, Limits, Page
from tests.archive_wayback import WaybackMachine

__all__ = [
    "BROKEN",
    "Asked",
    "CommonCrawl",
    "Limits",
    "Page",
    "WaybackMachine",
    "as_common_crawl",
    "challenge",
    "cut",
    "empty",
    "other_content",
    "redirect_to",
    "without_date",
]
