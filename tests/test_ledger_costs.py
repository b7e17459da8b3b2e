"""What a settlement costs, and that a million known addresses make it no slower than they must.

CPU, not time: the disk is another's. A settlement is that of an article page with 30 links, three
of them new. Those of a real page are 8 related articles and 2 neighbours, which lie anywhere in
the file, and 10 of the latest and 10 of the most read, which are the same for a while. The worst
page has none of these: all that is known on it lies anywhere.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.ledger import Outcome, State, tables
from tests.ledgers import line, link, now, opened
from tests.spending import told_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from observer_crawler.ledger import Found, Ledger

LINKS, NEW = 30, 3
RELATED, NEIGHBOURS, LATEST, MOST_READ = 8, 2, 10, 10
# Settlements that are timed together; the cheapest batch is the one that was least disturbed.
BATCH = 250
# Milliseconds of CPU that an average settlement may take at 1,000,000 known addresses: the aim for
# real pages; the worst took 0.58 on a quiet machine once, and 0.84 of it since.
MOST = {"real": 0.4, "worst": 0.55}
# Whatever else runs makes a settlement dearer, up to twice, and never cheaper (they share caches):
# so it is measured up to so many times, and the best mean counts. A mean has its checkpoints in it.
TRIALS = 3
_INSERT = """
INSERT INTO address (id, name, kind, language, state, url, box, page, text, depth, boxes, day,
  published, found_at, settled_at, fetched_at, form, etag)
VALUES (?1, ?2, 'article', 'en', 'stored', ?3, 'day', 'day:2022-06-16', ?4, 3, 64, '2022-06-16',
  '2022-06-16', 0, 0, '2022-06-16T00:00:00.000000+00:00', ?3, '"0123456789ab"')
"""
_HEADLINE = "A headline of the length that the headlines of a paper have"


def fill(path: Path, addresses: int) -> None:
    """Fill a ledger with stored articles, found in no order of their numbers."""
    numbers = list(range(addresses))
    random.Random(1).shuffle(numbers)
    connection = tables.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany(_INSERT, map(_row, count(1), numbers))
    connection.execute("COMMIT")
    connection.close()
    synced(path)


def synced(path: Path) -> None:
    """Bring a file to the disk, or the first settlement pays for it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _row(number: int, name: int) -> tuple[int, str, str, str]:
    return number, f"b:{name}", url_of(name), _HEADLINE


def url_of(number: int) -> str:
    return f"https://www.observerbd.com/news/{number}"


def found(number: int, box: str) -> Found:
    return link(f"b:{number}", url_of(number), box=box, text=_HEADLINE, language="en")


def real_pages(addresses: int) -> Iterator[list[Found]]:
    """Give the links of one page after another.

    Each article is among the related ones of eight others, so one of eight is shown there for the
    first time.
    """
    draw = random.Random(2)
    fresh = count(10_000_000)
    latest = [next(fresh) for _ in range(LATEST)]
    most_read = [draw.randrange(addresses) for _ in range(MOST_READ)]
    for page in count():
        latest = latest[NEW:] + [next(fresh) for _ in range(NEW)]
        most_read[page % MOST_READ] = draw.randrange(addresses)
        anywhere = [draw.randrange(addresses) for _ in range(RELATED + NEIGHBOURS)]
        yield [
            *(found(number, "latest") for number in latest),
            *(found(number, "most_read") for number in most_read),
            *(found(n, "day" if at % RELATED else "related") for at, n in enumerate(anywhere)),
        ]


def worst_pages(addresses: int) -> Iterator[list[Found]]:
    """Give the links of pages that have nothing in common."""
    draw = random.Random(2)
    fresh = count(10_000_000)
    while True:
        anywhere = [draw.randrange(addresses) for _ in range(LINKS - NEW)]
        links = [found(n, "day" if at % 9 else "related") for at, n in enumerate(anywhere)]
        yield links + [found(next(fresh), "latest") for _ in range(NEW)]


def settle_all(ledger: Ledger, shown: Iterator[list[Found]], batches: int) -> list[float]:
    """Settle page after page; gives the milliseconds of CPU of each batch's average one."""
    now(ledger.enter(next(shown), 0))
    costs = []
    for batch in range(batches):
        spent = 0.0
        for page in range(BATCH):
            spent += _settle(ledger, next(shown), batch * BATCH + page)
        costs.append(1000 * spent / BATCH)
    return costs


def _settle(ledger: Ledger, links: list[Found], number: int) -> float:
    (lease,) = now(ledger.lease(1, number))
    placed = line(lease.name, f"2022-06-16T{number:06}", offset=4000 * number, size=4000)
    more: dict[str, Any] = {"fetched_at": placed.fetched_at, "etag": '"x"', "line": placed}
    outcome = Outcome(State.STORED, "", links, published="2022-06-16", **more)
    begun = time.process_time()
    try:
        # It waits for nothing: a loop of its own would cost half of what is timed.
        ledger.settle(lease, outcome, number).send(None)
    except StopIteration:
        return time.process_time() - begun
    pytest.fail("a settlement waits for something")


def test_a_settlement_is_cheap(tmp_path: Path) -> None:
    """A generous bound: it takes 0.3 ms on a machine that has nothing else to do."""
    path = tmp_path / "ledger.sqlite"
    fill(path, 10_000)
    ledger = opened(path)
    assert min(settle_all(ledger, real_pages(10_000), 4)) < 1.5
    ledger.close()


def test_a_settlement_writes_few_pages(tmp_path: Path) -> None:
    """Pages of the file cost CPU twice, on the way to the log and from there; no noise hides them.

    19.5 with the lease. They were 22.4 when a link that is new to a box wrote the day, too.
    """
    path = tmp_path / "ledger.sqlite"
    fill(path, 10_000)
    ledger = opened(path)
    ledger._connection.execute("PRAGMA wal_autocheckpoint = 0")  # noqa: SLF001 (the log is counted)
    shown = real_pages(10_000)
    now(ledger.enter(next(shown), 0))
    before = logged(path)
    for number in range(100):
        _settle(ledger, next(shown), number)
    assert (logged(path) - before) / 100 < 21
    ledger.close()


def logged(path: Path) -> int:
    """Count the pages in the log."""
    head, page = 24, 4096
    return path.with_name(f"{path.name}-wal").stat().st_size // (head + page)


FILL = """
import sys
from pathlib import Path
from tests.test_ledger_costs import fill
fill(Path(sys.argv[1]), int(sys.argv[2]))
"""
MEASURE = """
import json, resource, sys
from pathlib import Path
from tests.ledgers import opened
from tests.test_ledger_costs import real_pages, settle_all, worst_pages
pages = {"real": real_pages, "worst": worst_pages}[sys.argv[3]]
ledger = opened(Path(sys.argv[1]))
costs = settle_all(ledger, pages(int(sys.argv[2])), 16)
ledger.close()
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([min(costs), sum(costs) / len(costs), rss]))
"""


def run(code: str, *words: object) -> str:
    """Run code in a process of its own: its memory is then its own too."""
    return told_by(code, *map(str, words))


def measure(filled: Path, known: int, pages: str) -> tuple[float, float, float]:
    """Settle on a copy: ms of CPU of the cheapest batch and on average, and the process's MB."""
    path = filled.with_name("measured.sqlite")
    shutil.copyfile(filled, path)
    synced(path)
    cheapest, mean, resident = json.loads(run(MEASURE, path, known, pages))
    path.unlink()
    # Linux counts in kB, macOS in bytes.
    return cheapest, mean, resident / (1e6 if sys.platform == "darwin" else 1e3)


@pytest.mark.prove
@pytest.mark.parametrize("pages", ["real", "worst"])
def test_a_settlement_among_a_million_known_addresses_takes_little_cpu_and_memory(
    tmp_path: Path, record_property: Callable[[str, object], None], pages: str
) -> None:
    means, resident = {}, {}
    for known in (10_000, 1_000_000):
        path = tmp_path / f"{known}.sqlite"
        run(FILL, path, known)
        trials = [measure(path, known, pages)]
        while min(mean for _, mean, _ in trials) >= MOST[pages] and len(trials) < TRIALS:
            trials.append(measure(path, known, pages))
        means[known] = min(mean for _, mean, _ in trials)
        resident[known] = max(memory for *_, memory in trials)
        record_property(f"ms of CPU at {known:,}", f"{means[known]:.2f}")
        record_property(f"trials at {known:,}", len(trials))
        record_property(f"cheapest batch at {known:,}", f"{min(trials)[0]:.2f}")
        record_property(f"MB at {known:,}", f"{resident[known]:.0f}")
    assert resident[1_000_000] - resident[10_000] < 100
    assert means[1_000_000] < MOST[pages]
