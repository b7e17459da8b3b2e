"""The long run: one data folder, crawled through faults, kills, edits and nights.

Three parts, in this order:

1. the newer half of a year, by runs that are killed -9 at random moments;
2. nights, a week apart: stories go up, some of the week before are edited, and the line of every
   night runs; some of these runs are killed too;
3. the older half of the year in one run that nobody disturbs, so that its memory can be judged:
   about half of all pages are read by one process. Memory of the last quarter of these pages is
   compared with that of the second: the first is left out, in which caches fill. A process that is
   killed now and then would have no time to grow.

At the end some days pass, and each of the three commands runs again: what answered 403 is asked
once more after a day, and after four when it did so twice.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.conftest import ROOT, Running, clean_environment, crawl_command
from tests.trials import KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAYS = 365
# The replica's evening on which the first part runs; nights follow a week apart.
EVENING = "2025-06-16T21:30:00+06:00"
# Seconds. A stalled answer is given up after so long.
TIMEOUT = 3
# A share of the kills hits the first seconds of a run, in which it balances its books.
STARTING, START_SECONDS = 0.25, 1.5
SAMPLE_SECONDS, TELL_SECONDS = 0.5, 5.0
# Runs without a kill that a part may take to end with 0: what failed or was denied waits for the
# next, as with a timer.
MOST_RUNS = 6
# A night that is not like those before it may raise an alarm: the year has faults of every kind.
DONE = frozenset((0, 4))


class Plan(NamedTuple):
    """How much of everything. `week`: stories that go up from one night to the next."""

    articles: int
    kills: int
    nights: int
    week: int
    edits: int
    seed: int = 1

    @classmethod
    def of(cls, articles: int, seed: int = 1) -> Plan:
        """Scale what is done to a number of articles: 100,000 have 50 kills and 52 nights."""
        nights = min(max(articles // 400, 1), 52)
        week = max(min(articles // 20 // nights, 70), 7)
        kills = min(max(articles // 250, 2), 50)
        return cls(articles, kills, nights, week, max(week // 3, 3), seed)

    @property
    def begun_with(self) -> int:
        """Articles that are there before the first night."""
        return self.articles - self.nights * self.week

    @property
    def days_after(self) -> int:
        """How often some days pass at the end; nobody of a small site answers 403 twice."""
        return 1 if self.nights == 1 else 2

    @property
    def night_kills(self) -> int:
        """Kills that hit a night; a quarter, and one at least."""
        return min(max(self.kills // 4, 1), self.nights)


class Sample(NamedTuple):
    """A crawl at a moment: articles read in this part, MB it holds, files it has open."""

    articles: int
    memory_mb: float
    files: int


class Site:
    """The other end of the process that serves."""

    def __init__(self, plan: Plan, share: float) -> None:
        wanted = {
            "articles": plan.begun_with,
            "days": min(DAYS, max(plan.begun_with // 15, 4)),
            "seed": plan.seed,
            "now": EVENING,
            "share": share,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.site", json.dumps(wanted)],
            cwd=ROOT,
            env=clean_environment(ROOT / "no-stats", {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.url = str(self._heard())

    def tell(self, order: str, *values: object) -> Any:  # noqa: ANN401 (JSON)
        """Give an order; see `tests.soak.site.Orders`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([order, *values]) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _heard(self) -> Any:  # noqa: ANN401 (JSON)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the site has ended"
        return json.loads(line)


@dataclass
class Soak:
    """One folder and its site, and what has happened so far."""

    folder: Path
    plan: Plan
    tell: Callable[[str], None]
    share: float = 1.0
    env: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    runs: int = 0
    read: int = 0
    again: int = 0
    codes: dict[int, int] = field(default_factory=dict)
    long_run: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self._told = time.monotonic()
        self._told_of = 0
        self.data = self.folder / "data"
        self.site = Site(self.plan, self.share)
        self._chance = Random(f"kills {self.plan.seed}")
        self._now = EVENING

    def run(self) -> None:
        """Live the year."""
        days = self.site.tell("days")
        middle = len(days) // 2
        self._first_part(days[middle], days[-1])
        self._nights()
        self._undisturbed(days[0], days[middle - 1])
        self._days_after(
            {"from_date": days[0], "until_date": days[middle - 1]},
            {"from_date": days[middle], "until_date": days[-1]},
            {},
        )

    def _first_part(self, first: str, last: str) -> None:
        kills = self.plan.kills - self.plan.night_kills
        most = max(self.plan.begun_with // 2 // kills, 2)
        arguments = {"from_date": first, "until_date": last}
        for _ in range(kills):
            self._one("kills", arguments, self._kill_after(most))
        self._finish("kills", arguments)
        self._end_part()

    def _nights(self) -> None:
        hit = set(self._chance.sample(range(self.plan.nights), self.plan.night_kills))
        for night in range(self.plan.nights):
            self._now = self.site.tell("week", self.plan.week, self.plan.edits)
            name = f"night {night + 1}"
            if night in hit:
                self._one(name, {}, self._kill_after(self.plan.week))
            self._finish(name, {})
        self.read += self.site.tell("counts")["articles"]
        self.site.tell("mark")  # an article that is read again here was due

    def _undisturbed(self, first: str, last: str) -> None:
        arguments = {"from_date": first, "until_date": last}
        self.long_run = self._one("undisturbed", arguments)
        self._finish("undisturbed", arguments)
        self._end_part()

    def _days_after(self, *others: dict[str, str]) -> None:
        for _ in range(self.plan.days_after):
            moment = dt.datetime.fromisoformat(self._now) + dt.timedelta(days=5)
            self._now = moment.isoformat()
            for arguments in others:
                self._finish("days after", arguments)

    def _end_part(self) -> None:
        counts = self.site.tell("counts")
        self.read += counts["articles"]
        self.again += counts["again"]
        self.site.tell("mark")

    def _kill_after(self, most: int) -> float:
        """Draw when a run is killed: after so many requests, or (negative) so many seconds."""
        if self._chance.random() < STARTING:
            return -self._chance.uniform(0, START_SECONDS)
        return self._chance.randint(1, most)

    def _finish(self, part: str, arguments: dict[str, str]) -> None:
        """Run the same command until it ends with 0, as a timer does."""
        for _ in range(MOST_RUNS):
            self._one(part, arguments)
            if self._last_code in DONE:
                return
        raise AssertionError(f"{part} did not end in {MOST_RUNS} runs: {self._said[-3000:]}")

    def _one(
        self, part: str, arguments: dict[str, str], kill_after: float | None = None
    ) -> list[Sample]:
        """Run the crawl once, to its end or to its kill."""
        settings: dict[str, object] = {
            "OBSERVER_DATA": self.data,
            "OBSERVER_NOW": self._now,
            "OBSERVER_CAPTURE": 1,
            "OBSERVER_RETRY_SECONDS": 0.1,
            "DOWNLOAD_DELAY": 0.001,
            "DOWNLOAD_TIMEOUT": TIMEOUT,
        }
        given = {"site": self.site.url, **arguments}
        stats = self.folder / "stats.json"
        command = crawl_command((), given, settings, "observer_archive")
        running = Running(command, clean_environment(stats, self.env), self.data, stats)
        running.is_judged = False  # once, at the end: a judgement reads the whole folder
        with running:
            samples = list(self._watched(part, running, kill_after))
            ended = running.wait()
        self._last_code, self._said = ended.code, ended.err
        self.runs += 1
        self.kills += ended.code == KILLED
        self.codes[ended.code] = self.codes.get(ended.code, 0) + 1
        assert ended.code in {*DONE, 3, KILLED}, ended.err[-3000:]
        if ended.code in {3, 4}:
            self.tell(f"{part} ended with {ended.code}: {ended.err.splitlines()[-1]}")
        return samples

    def _watched(self, part: str, running: Running, kill_after: float | None) -> Iterator[Sample]:
        """Wait for the end of a run, sample it on the way, and kill it when its time has come."""
        began = sampled = time.monotonic()
        before = self.site.tell("counts")["requests"]
        while running.process.poll() is None:
            counts = self.site.tell("counts")
            now = time.monotonic()
            if now - sampled >= SAMPLE_SECONDS:
                sampled = now
                yield (sample := look_at(running.process.pid, counts["articles"]))
                self._say(part, sample, now)
            gone = counts["requests"] - before if (kill_after or 0) > 0 else began - now
            if kill_after is not None and abs(gone) >= abs(kill_after):
                time.sleep(self._chance.uniform(0, 0.01))  # anywhere within the work on a page
                running.process.kill()
                return
            time.sleep(0.04)

    def _say(self, part: str, sample: Sample, now: float) -> None:
        if now - self._told < TELL_SECONDS:
            return
        done = self.read + sample.articles
        rate = (done - self._told_of) / (now - self._told)
        self._told, self._told_of = now, done
        self.tell(
            f"{now - self.began:6.0f} s  {part:<12} {done:>7,} articles  {rate:5.0f} a second  "
            f"{sample.memory_mb:4.0f} MB  {sample.files} files  {self.kills} kills"
        )


def look_at(pid: int, articles: int) -> Sample:
    """Measure a process; nothing where it has just ended, or where there is no /proc.

    Segments are not counted: `store.MAX_OPEN_FILES` of them stay open by intent.
    """
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        files = [Path(file).readlink() for file in Path(f"/proc/{pid}/fd").iterdir()]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return Sample(articles, 0.0, 0)
    memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Sample(articles, memory_mb, sum(file.suffix != ".jsonl" for file in files))
