"""Memory of 100,000 addresses that wait: in the ledger, and in the queue of stock Scrapy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.rounds import in_turn, mid, ratios, run

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESSES = 100_000
_LEDGER = """
import sys, tempfile
from pathlib import Path
from tests.ledgers import link, now, opened
with tempfile.TemporaryDirectory() as folder:
    ledger = opened(Path(folder, "ledger.sqlite"))
    for first in range(0, int(sys.argv[1]), 1000):
        numbers = range(first, min(first + 1000, int(sys.argv[1])))
        now(ledger.enter([link(f"b:{n}", f"https://www.example.com/news/{n}") for n in numbers], 0))
    leases = now(ledger.lease(16, 0))
    print(ledger.left(0)[0])
    ledger.close()
"""
_STOCK = """
import sys
from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.utils.test import get_crawler
crawler = get_crawler(Spider, {"SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.ScrapyPriorityQueue"})
scheduler = Scheduler.from_crawler(crawler)
scheduler.open(Spider("stock"))
for n in range(int(sys.argv[1])):
    scheduler.enqueue_request(Request(f"https://www.example.com/news/{n}"))
print(len(scheduler))
"""


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Let them wait in both, in processes of their own, beside processes where few wait."""
    del quick  # it takes some seconds
    waiting: set[int] = set()

    def megabytes(code: str) -> float:
        few, many = (run([sys.executable, "-c", code, str(n)]) for n in (100, ADDRESSES))
        waiting.add(int(many.out.split()[-1]))
        say(f"{many.megabytes - few.megabytes:.1f} MB")
        return many.megabytes - few.megabytes

    found = in_turn(
        rounds, {"ledger": lambda: megabytes(_LEDGER), "stock": lambda: megabytes(_STOCK)}
    )
    return [
        Figure(
            group="memory",
            what=f"{ADDRESSES:,} waiting addresses",
            against="stock Scrapy's queue in memory",
            unit="MB",
            ours=mid(found["ledger"]),
            other=mid(found["stock"]),
            ratios=ratios(found["ledger"], found["stock"]),
            right=f"{sorted(waiting)} wait",
            is_right=waiting == {ADDRESSES},
        )
    ]
