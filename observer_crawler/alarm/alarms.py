"""Alarms that stand: `state/alarms.json`, written whole or not at all.

An alarm begins with the first run in which a figure deviates, stands while later runs like it
deviate or are too small to tell, and is over when one of them could have shown the fault and did
not. One that is accepted is over at once, and its figure's history begins anew with its first run.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from observer_crawler import files
from observer_crawler.alarm import thresholds
from observer_crawler.alarm.figures import measured
from observer_crawler.alarm.judging import Deviation, could_see
from observer_crawler.alarm.monitors import monitor_of
from observer_crawler.exceptions import AlarmError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from observer_crawler.alarm.figures import Figures
    from observer_crawler.alarm.judging import Baseline
    from observer_crawler.alarm.sums import Place

FILE = "alarms.json"
VERSION = 1
_Kind = TypeVar("_Kind", "Alarm", "Accepted")
_KNOWN = frozenset(measure.name for measure in thresholds.MEASURES)
_READING = frozenset(each.name for each in thresholds.MEASURES if each.cause == "reading")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One figure of one kind of run that is not as it was.

    `since` and `last` are runs (the moment of their start), `first` the article from which on it
    is so and `first_at` its hour (UTC, ISO 8601). `told`: who was told of it when last (webhook,
    mail; UTC, ISO 8601).
    """

    id: int
    figure: str
    spider: str
    key: str
    expected: float
    found: float
    cases: int
    runs: int
    first: str | None
    first_at: str | None
    since: str
    last: str
    told: dict[str, str] = field(default_factory=dict)

    @property
    def monitor(self) -> str:
        return monitor_of(self.figure)

    @property
    def is_of_reading(self) -> bool:
        return is_of_reading(self.figure)

    @property
    def deviation(self) -> Deviation:
        return Deviation(self.figure, self.expected, self.found, self.cases, self.runs)


def is_of_reading(figure: str) -> bool:
    """Whether reading the captures again may mend what was stored."""
    return measured(figure) in _READING


@dataclass(frozen=True, slots=True)
class Accepted:
    """From this run on a figure is as it should be.

    `expected` and `found` are those of the alarm; None where an older program accepted it.
    """

    figure: str
    spider: str
    key: str
    since: str
    expected: float | None = None
    found: float | None = None


@dataclass(slots=True)
class Alarms:
    """All alarms of a data folder.

    `over` has those that ended, until each who was told of one was told of its end too.
    """

    standing: list[Alarm] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    over: list[Alarm] = field(default_factory=list)
    next_id: int = 1

    def of(self, figures: Figures) -> list[Alarm]:
        """Give those that stand for runs like this one."""
        return [
            each
            for each in self.standing
            if (each.spider, each.key) == (figures.spider, figures.key)
        ]

    def since(self, figures: Figures) -> dict[str, str]:
        """Give, by figure, the run from which on what was accepted is normal."""
        return {
            each.figure: each.since
            for each in self.accepted
            if (each.spider, each.key) == (figures.spider, figures.key)
        }

    def note(
        self,
        now: Figures,
        found: Iterable[Deviation],
        baseline: Baseline,
        begins: Callable[[Deviation], Place | None],
    ) -> list[Alarm]:
        """Take in the judgement of a run; gives the alarms that are new."""
        deviating = {each.figure: each for each in found}
        kept, new = [], []
        for alarm in self.standing:
            if alarm not in self.of(now):
                kept.append(alarm)
            elif alarm.figure in deviating:
                kept.append(replace(alarm, last=now.run))
            elif could_see(now, alarm.deviation, baseline.of(alarm.figure)):
                self.over.append(alarm)
            else:
                kept.append(alarm)
        known = {alarm.figure for alarm in kept if alarm in self.of(now) or alarm.last == now.run}
        for figure, deviation in deviating.items():
            if figure not in known:
                new.append(self._begin(now, deviation, begins(deviation)))
        self.standing = kept + new
        return new

    def _begin(self, now: Figures, deviation: Deviation, place: Place | None) -> Alarm:
        alarm = Alarm(
            id=self.next_id,
            spider=now.spider,
            key=now.key,
            first=place.name if place else None,
            first_at=place.at if place else None,
            since=now.run,
            last=now.run,
            **deviation._asdict(),
        )
        self.next_id += 1
        return alarm

    def accept(self, wanted: int | None) -> list[Alarm]:
        """Make what was found normal, of one alarm or of all; gives those that were accepted."""
        taken = [alarm for alarm in self.standing if wanted in {None, alarm.id}]
        for alarm in taken:
            place = (alarm.figure, alarm.spider, alarm.key)
            self.accepted = [
                each for each in self.accepted if (each.figure, each.spider, each.key) != place
            ]
            self.accepted.append(Accepted(*place, alarm.since, alarm.expected, alarm.found))
        self.standing = [alarm for alarm in self.standing if alarm not in taken]
        return taken


def read(path: Path) -> Alarms:
    """Read the alarms of a folder; raises AlarmError."""
    if not path.exists():
        return Alarms()
    with files.named(AlarmError, "read", path):
        text = path.read_bytes()
    try:
        record = json.loads(text)
        json.dumps(record, ensure_ascii=False).encode()  # half a surrogate pair is no text
        version = record["version"]
        if version > VERSION:
            raise AlarmError(f"{path} has version {version}, this program knows {VERSION}")
        return Alarms(
            _known(Alarm, record["standing"]),
            _known(Accepted, record["accepted"]),
            _known(Alarm, record["over"]),
            record["next_id"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as err:
        raise AlarmError(
            f"{path} cannot be read ({err!r}): move it away, and alarms that still hold come back"
        ) from err


def write(path: Path, alarms: Alarms) -> None:
    """Write the alarms in one step; raises AlarmError."""
    record = {"version": VERSION, **asdict(alarms)}
    with files.named(AlarmError, "write", path):
        files.replace(path, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def _known(kind: type[_Kind], records: Iterable[Mapping[str, Any]]) -> list[_Kind]:
    """Read alarms back; those of a figure that is not watched any more are over without a word."""
    names = {each.name for each in fields(kind)}
    return [
        kind(**{name: value for name, value in record.items() if name in names})
        for record in records
        if measured(record["figure"]) in _KNOWN
    ]
