"""Nights of a newspaper: a replica whose days go on, crawled each evening into one folder.

A day has a number of stories drawn around that of its kind of day (fewer on Fridays, next to none
on a holiday), put up over the day and in the evening, when half are of tomorrow's paper; some go
up after the crawl, and now and then one is edited. Everything else that differs from night to
night is the replica's own: its oddities, long and short stories, both editions.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from observer_crawler.replica import Options, Replica, addresses, days, desk, serve
from observer_crawler.replica.options import ZONE
from observer_crawler.replica.page import Page
from tests.conftest import ROOT, clean_environment, crawl_command
from tests.mutations import Answer, Asked, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from observer_crawler.replica.server import Server

FIRST_NIGHT = dt.date(2025, 8, 4)
# Stories a day, and their spread: a working day, and a Friday.
WORKING, FRIDAY = (40, 6), (24, 5)
_FRIDAY = 4
# Hours at which stories go up, with their share of the day's; the print edition of tomorrow is
# half of what goes up from 20:00 on.
_HOURS = ((7, 0.1), (10, 0.15), (13, 0.15), (16, 0.15), (20.5, 0.45))
_CRAWLED_AT = dt.time(21, 30, tzinfo=ZONE)
# Articles after which `Asked.order` is 1.
_MANY = 60
_KINDS = {
    "article": "article",
    "dated": "article",
    "day": "day",
    "dated_day": "day",
    "listing": "listing",
    "front": "front",
    "feed": "feed",
    "robots": "robots",
}
CRAWL_TIMEOUT = 120


class Night(NamedTuple):
    """One run: its exit code, what it said, the day of its evening, how long it took."""

    code: int
    err: str
    day: dt.date
    seconds: float


class Site(Replica):
    """The replica, mutated; some days of it have no index."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.mutate: Callable[[Answer, Asked], Answer] = identity
        self.hidden: set[dt.date] = set()
        self.struck = 0
        self.asked: dict[str, None] = {}
        self._twins: dict[tuple[str, int], Replica] = {}
        self._history: list[tuple[dt.datetime, int]] = []

    def publish(self, count: int = 1) -> list[str]:
        """Let articles go up, and remember it for the twins of other years."""
        self._history.append((self.now, count))
        self._twins.clear()
        return super().publish(count)

    def get(self, path: str) -> Page:
        """Answer as the mutated site does."""
        asked = self._asked(path)
        page = super().get(path)
        if asked.kind == "day" and asked.day in self.hidden:
            page = Page(404, {"Content-Type": "text/html"}, b"<h1>404 Not Found</h1>")
        answer = Answer(page.status, dict(page.headers), page.body)
        mutated = self.mutate(answer, asked)
        self.struck += mutated != answer
        return Page(mutated.status, dict(mutated.headers), mutated.body)

    def _asked(self, path: str) -> Asked:
        kind = _KINDS.get(addresses.read(path)[0], "other")
        target = self.target(path)
        if kind in {"article", "day", "listing"} and target is None:
            kind = "other"
        name = day = None
        if kind == "article" and target is not None:
            name, day = self.desk.id(target.number), self.desk.day(target.number)
            self.asked.setdefault(name)
        elif kind == "day" and target is not None:
            day = target.day
        number = list(self.asked).index(name) if name else 0
        return Asked(
            path=path,
            kind=kind,
            id=name,
            day=day,
            order=min(number / _MANY, 1.0),
            other=lambda markup, skin: self._other(name, markup, skin),
            part=lambda share: random.Random(f"part {name or path}").random() < share,
        )

    def _other(self, name: str | None, markup: str, skin: int) -> bytes | None:
        """Draw the same story in the template of another year."""
        if name is None:
            return None
        twin = self._twins.get((markup, skin)) or self._twin(markup, skin)
        twin.now = self.now
        number = name.partition(":")[2]
        return twin.render(f"/news/{number}").body

    def _twin(self, markup: str, skin: int) -> Replica:
        twin = _Twin(self.options.but(markup=markup, skin=skin))
        # The dated form of 2014 had numbers of its own; here the template alone comes back.
        twin.desk.space = self.desk.space
        twin.desk.numbers = self.desk.numbers[: len(twin.desk.numbers)]
        for moment, count in self._history:
            twin.now = moment
            twin.publish(count)
        for k, revision in self.newsroom.revisions.items():
            twin.newsroom.revisions[k] = revision
        self._twins[markup, skin] = twin
        return twin


class _Twin(Replica):
    """The same stories under the same numbers, whatever the year of the template."""

    def target(self, path: str) -> addresses.Target | None:
        kind, parts = addresses.read(path)
        k = self.desk.row(addresses.number(parts, "number")) if kind == "article" else None
        return super().target(path) if k is None else addresses.Target("article", k, form=path)


@dataclass
class Season:
    """Nights one after the other; `folder` takes the data of the good ones.

    Nights that the folder has are not crawled again: their days pass, which gives the same site.

    `holidays` are days without a paper and with few stories; those in `without_index` have no
    index either. `size`: of a day, as part of the usual number of stories. `begun`: stories and
    days of the site when its crawls begin.
    """

    folder: Path
    seed: int = 7
    holidays: frozenset[dt.date] = frozenset()
    without_index: frozenset[dt.date] = frozenset()
    settings: tuple[tuple[str, object], ...] = ()
    size: float = 1.0
    begun: tuple[int, int] = (400, 12)

    def __enter__(self) -> Self:
        self._patch = pytest.MonkeyPatch()
        self._truth: tuple[dt.datetime, dict[str, dict[str, Any]]] | None = None
        self.day = FIRST_NIGHT - dt.timedelta(days=1)
        evening = dt.datetime.combine(self.day, _CRAWLED_AT)
        articles, before = self.begun
        options = Options(
            markup="2024", articles=articles, days=before, seed=self.seed, now=evening.isoformat()
        )
        # The calendar of the replica has no holidays of 3 and 6 days within a hundred nights.
        self._patch.setattr(
            desk, "has_print", lambda day: days.has_print(day) and day not in self.holidays
        )
        self.site = Site(options)
        self.site.hidden = set(self.without_index)
        self.folder.mkdir(parents=True, exist_ok=True)
        # The data belong to an origin, so that a folder is gone on with at the same port.
        port = self.folder / "port"
        self._serving = serve(self.site, int(port.read_text()) if port.exists() else 0)
        self.server: Server = self._serving.__enter__()
        port.write_text(str(self.server.port))
        self.data = self.folder / "data"
        if not self._is_crawled():
            first = self.day - dt.timedelta(days=before)
            begun = self.crawl(self.data, from_date=first.isoformat())
            assert begun.code == 0, begun.err[-2000:]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._patch.undo()
        self._serving.__exit__(kind, error, trace)

    def night(self) -> Night:
        """Let a day pass, and crawl it in the evening."""
        self.pass_day()
        night = Night(0, "", self.day, 0) if self._is_crawled() else self.crawl(self.data)
        self._publish(self._chance.randrange(4), 22.5)
        return night

    def nights(self, count: int) -> Iterator[Night]:
        """Let good nights pass."""
        for _ in range(count):
            yield self.night()

    def pass_day(self) -> None:
        """Let the stories of a day go up."""
        self.day += dt.timedelta(days=1)
        self._edit()
        for hour, share in _HOURS:
            self._publish(round(self._count * share), hour)

    def night_after(
        self, mutate: Callable[[Answer, Asked], Answer], name: str = "mutated"
    ) -> tuple[Night, Path]:
        """Crawl this evening on a mutated site, into a copy of the folder; gives the copy too.

        The day must have passed. The folder of the good nights stays as it was.
        """
        copy = self.folder / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.data, copy)
        self.site.mutate, self.site.struck = mutate, 0
        try:
            return self.crawl(copy), copy
        finally:
            self.site.mutate = identity

    def truth(self) -> dict[str, dict[str, Any]]:
        """Give what is true of each article this evening, from the replica's own model."""
        if self._truth is None or self._truth[0] != self.server.now:
            facts = {
                fact["id"]: fact["article"]
                for fact in self.site.facts()
                if fact["article"] is not None
            }
            self._truth = (self.server.now, facts)
        return self._truth[1]

    def crawl(self, data: Path, **arguments: str) -> Night:
        """Run the line of every night, as its own process."""
        self.site.asked.clear()
        self._at(_CRAWLED_AT.hour + _CRAWLED_AT.minute / 60)
        settings = {
            "OBSERVER_DATA": data,
            "DOWNLOAD_DELAY": 0.001,
            "OBSERVER_RETRY_SECONDS": 0.01,
            "OBSERVER_NOW": self.server.now.isoformat(),
            **dict(self.settings),
        }
        arguments = {"site": self.server.url, **arguments}
        command = crawl_command((), arguments, settings, "observer_archive")
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=clean_environment(self.folder / "stats.json", {}),
            capture_output=True,
            encoding="utf-8",
            timeout=CRAWL_TIMEOUT,
            check=False,
        )
        return Night(done.returncode, done.stderr, self.day, time.monotonic() - began)

    def _is_crawled(self) -> bool:
        days = [run["run"][:10] for run in runs(self.data)]
        return self.day.isoformat() in days

    @property
    def _chance(self) -> random.Random:
        return random.Random(f"{self.seed} {self.day}")

    @property
    def _count(self) -> int:
        """Draw how many stories the day has."""
        if self.day in self.holidays:
            return self._chance.randrange(8)
        mean, spread = FRIDAY if self.day.weekday() == _FRIDAY else WORKING
        return max(round(self.size * self._chance.gauss(mean, spread)), 5)

    def _at(self, hour: float) -> None:
        midnight = dt.datetime.combine(self.day, dt.time(tzinfo=ZONE))
        self.server.now = midnight + dt.timedelta(hours=hour)

    def _publish(self, count: int, hour: float) -> None:
        self._at(hour)
        if count:
            self.server.publish(count)

    def _edit(self) -> None:
        """Change the text of a story of yesterday, now and then."""
        for _ in range(self._chance.randrange(3)):
            k = len(self.site.desk.numbers) - 1 - self._chance.randrange(20)
            try:
                self.server.edit(self.site.desk.id(k))
            except KeyError:
                continue  # a picture without a text


def runs(data: Path) -> list[dict[str, Any]]:
    """The figures of all runs of a folder."""
    path = data / "state" / "runs.jsonl"
    text = path.read_text("utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def alarms(data: Path) -> list[dict[str, Any]]:
    """The alarms that stand in a folder."""
    path = data / "state" / "alarms.json"
    found: list[dict[str, Any]] = (
        json.loads(path.read_text("utf-8"))["standing"] if path.exists() else []
    )
    return found
