"""What must hold after the long run, judged by the site's facts; built for a large folder.

No step keeps more of an article in memory than its line of JSON: 100,000 records as objects would
take more than the machine that crawls them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.ledger.tables import look
from tests.balance import Written, books, ledger_of, written
from tests.captures import assert_captures
from tests.conftest import ROOT, clean_environment
from tests.world import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.soak.run import Sample, Soak

# What the balance of the books looks at.
_KEPT = ("id", "revision", "extractor", "content_sha256", "fetched_at")
# What only a fetch can tell.
_OF_THE_FETCH = frozenset({"fetched_at", "source_url", "capture", "extractor", "revision"})
# Captures that `scrapy verify` reads again, of a large folder.
_SAMPLE = 5000
# What the report says of a day.
_OF_A_DAY = ("stored", "denied", "refused", "failed", "waiting")
# Law: the last quarter holds no more than the second, but for so much of it.
GROWTH = 0.05
# Leases at one time: twice the one request in flight.
_LEASED = 2


class Growth(NamedTuple):
    """Second and last quarter of the long run: median MB, and most open files."""

    second_mb: float
    last_mb: float
    second_files: int
    last_files: int

    @property
    def share(self) -> float:
        """How much more the last quarter holds, as a part of the second."""
        return self.last_mb / self.second_mb - 1


def growth(samples: Sequence[Sample]) -> Growth:
    """Compare two quarters of a run, by articles read. What follows its last one is no part."""
    most = samples[-1].articles
    quarters: list[list[Sample]] = [[], [], [], []]
    for sample in samples:
        if sample.articles < most and sample.memory_mb:
            quarters[sample.articles * 4 // most].append(sample)
    second, last = quarters[1], quarters[3]
    assert all(quarters), f"{len(samples)} samples are too few"
    return Growth(
        median(sample.memory_mb for sample in second),
        median(sample.memory_mb for sample in last),
        max(sample.files for sample in second),
        max(sample.files for sample in last),
    )


def wrong(soak: Soak) -> list[str]:
    """Say what does not hold, a line each; memory aside."""
    counts = soak.site.tell("counts")
    facts = soak.folder / "facts.jsonl"
    soak.site.tell("facts", str(facts))
    lines = [_slim(line) for line in written(soak.data)]
    with closing(look(ledger_of(soak.data))) as ledger:
        found = [
            *books(ledger, lines),
            *requests(ledger, counts["requests"], counts["robots"]),
        ]
    return [
        *found,
        *articles(soak.data, facts),
        *_manners(counts, soak),
        *_captures(soak.data, lines),
        *_verified(soak.data, len(lines)),
        *coverage(soak.data, facts),
    ]


def _slim(line: Written) -> Written:
    return line._replace(record={name: line.record[name] for name in _KEPT})


def articles(data: Path, facts: Path) -> Iterator[str]:
    """Each article that may be asked for has its lines, and the newest one says what is true."""
    stored = _stored(data)
    with facts.open("rb") as file:
        for fact in map(json.loads, file):
            lines = stored.pop(fact["id"], [])
            revisions = [1, 2] if fact["edited"] else [1]
            if not fact["allowed"]:
                yield from (f"{fact['id']} is forbidden and stored" for _ in lines)
            elif [json.loads(line)["revision"] for line in lines] != revisions:
                yield f"{fact['id']} has {len(lines)} lines, not the revisions {revisions}"
            else:
                yield from _differing(json.loads(lines[-1]), fact["article"])
    yield from (f"{name} is no article of the site" for name in stored)


def _stored(data: Path) -> dict[str, list[bytes]]:
    """The lines of each article, in the order of their fetching."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for path in sorted((data / "articles").glob("*/*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = json.loads(line)
            found.setdefault(record["id"], []).append((record["fetched_at"], line))
    return {name: [line for _, line in sorted(lines)] for name, lines in found.items()}


def _differing(record: dict[str, Any], fact: dict[str, Any]) -> Iterator[str]:
    for name, value in fact.items():
        if name not in _OF_THE_FETCH and record[name] != value:
            yield f"{record['id']} {name}: {record[name]!r}, not {value!r}"


def _manners(counts: dict[str, Any], soak: Soak) -> Iterator[str]:
    """What the site saw: nothing forbidden, one request at a time, little twice, no bug of its."""
    yield from (f"forbidden and asked: {path}" for path in counts["forbidden"])
    yield from (f"the site: {error}" for error in counts["errors"])
    if counts["in flight"] > 1:
        yield f"{counts['in flight']} requests in flight"
    if soak.again > soak.kills * _LEASED:
        yield f"{soak.again} articles were read again, {soak.kills} runs were killed"


def _captures(data: Path, lines: Sequence[Written]) -> Iterator[str]:
    """Every line has its bytes. A large folder is left to `scrapy verify` and to its sample."""
    if len(lines) <= _SAMPLE:
        assert_captures(data, [line.record for line in written(data)])
    named = Counter(bool(line.record["capture"]) for line in written(data))
    if named[False]:
        yield f"{named[False]} lines have no capture"


def _verified(data: Path, lines: int) -> Iterator[str]:
    """`scrapy verify` finds nothing."""
    sample = ["--sample", str(_SAMPLE)] if lines > _SAMPLE else []
    done = scrapy(data, "verify", *sample)
    if done.returncode:
        yield f"verify: {done.stdout[-2000:]}{done.stderr[-2000:]}"


def coverage(data: Path, facts: Path) -> Iterator[str]:
    """`scrapy coverage` shows what the site has, day by day: stored, forbidden, and nothing else.

    A number that nobody has and that a page links to (an oddity of the replica) stays `seen`.
    """
    true = _by_day(facts)
    done = scrapy(data, "coverage", "--json", "--from-date", min(true), "--until-date", max(true))
    (edition,) = json.loads(done.stdout)["editions"].values()
    shown = {day["day"]: day for day in edition["days"]}
    for name in sorted(true.keys() | shown.keys()):
        day, (stored, forbidden) = shown.get(name, {}), true.get(name, (0, 0))
        told = [day.get(word, 0) for word in _OF_A_DAY]
        if told != [stored, forbidden, 0, 0, 0]:
            wanted = f"{stored} stored, {forbidden} denied"
            yield f"coverage of {name}: {dict(zip(_OF_A_DAY, told, strict=True))}, not {wanted}"


def _by_day(facts: Path) -> dict[str, tuple[int, int]]:
    """How many articles of each day may be asked for, and how many may not."""
    counts: Counter[tuple[str, bool]] = Counter()
    with facts.open("rb") as file:
        for fact in map(json.loads, file):
            counts[fact["article"]["published_date"], fact["allowed"]] += 1
    return {day: (counts[day, True], counts[day, False]) for day, _ in counts}


def scrapy(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the folder."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words, "-s", f"OBSERVER_DATA={data}"],
        cwd=ROOT,
        env=clean_environment(ROOT / "no-stats", {}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
