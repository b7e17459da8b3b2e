"""The whole report as one object of stable keys, which docs/coverage.md explains. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from observer_crawler.coverage.days import Day, Status
from observer_crawler.coverage.holes import Commands, Hole, holes
from observer_crawler.coverage.survey import FIELDS
from observer_crawler.source import REPLICA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from observer_crawler.coverage.estimate import Estimate
    from observer_crawler.coverage.survey import Edition
    from observer_crawler.source import Source

# Raised when a key changes its meaning; new keys may come at any time.
LAYOUT = 1
# What is counted of a day, and summed.
COUNTS = (
    *("listed", "stored", "missing", "gone", "refused", "denied", "failed", "waiting", "seen"),
    *("printed", "online"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of a folder. `last_fetched_at`: of its newest article, None without any.

    `alarms` is what `doubts.doubts` gives of it.
    """

    source: Source
    last_fetched_at: str | None
    editions: list[Edition]
    from_date: str | None = None
    until_date: str | None = None
    alarms: Mapping[str, Any] = field(default_factory=dict)

    def commands(self, edition: Edition) -> Commands:
        """Give the writer of commands; those of a copy of the site name it."""
        site = self.source.origin if self.source.kind == REPLICA else None
        return Commands(edition.language, site)

    def holes(self, edition: Edition) -> list[Hole]:
        return holes(edition, self.commands(edition))


def as_json(report: Report) -> dict[str, Any]:
    """Give the object; counts are whole numbers, days ISO texts, null where nobody knows."""
    return {
        "layout": LAYOUT,
        "made_from": report.source.kind,
        "origin": report.source.origin,
        "notice": report.source.notice,
        "last_fetched_at": report.last_fetched_at,
        "from_date": report.from_date,
        "until_date": report.until_date,
        "editions": {each.language: _edition(report, each) for each in report.editions},
        "alarms": dict(report.alarms),
    }


def _edition(report: Report, edition: Edition) -> dict[str, Any]:
    days = edition.days
    fields = fill(edition.fields)
    return {
        "first_day": days[0].day if days else None,
        "last_day": days[-1].day if days else None,
        "totals": {
            **totals(days),
            "gaps": edition.gaps,
            "unplaced": dict(sorted(edition.unplaced.items())),
        },
        "probe": _probe(edition.probe),
        "years": {year: totals(some) for year, some in by_year(days).items()},
        "days": [_day(day) for day in days],
        "holes": [asdict(hole) for hole in report.holes(edition)],
        "boxes": {box: count._asdict() for box, count in edition.boxes.items()},
        "sections": _sections(edition.sections),
        "fields": fields,
        "not_carried": not_carried(fields),
    }


def totals(days: Iterable[Day]) -> dict[str, Any]:
    """Sum what stands on some days: how many of each status, and the articles."""
    some = list(days)
    statuses = Counter(day.status for day in some)
    sums = {name: sum(getattr(day, name) for day in some) for name in COUNTS}
    return {
        "days": {status.value: statuses[status] for status in Status},
        "expected": sum(day.expected or 0 for day in some),
        "known": sum(day.known for day in some),
        **sums,
    }


def by_year(days: Iterable[Day]) -> dict[str, list[Day]]:
    """Give the days of each year, in order."""
    years: dict[str, list[Day]] = {}
    for day in days:
        years.setdefault(day.day[:4], []).append(day)
    return years


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": day.day,
        "status": day.status.value,
        "index": day.index.value,
        "final": day.is_final,
        "expected": day.expected,
        "known": day.known,
        **{name: getattr(day, name) for name in COUNTS},
        "perhaps": day.perhaps,
        "gaps": day.gaps,
    }


def _probe(probe: Estimate | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    low, high = probe.interval
    return {
        "asked": probe.asked,
        "real": probe.real,
        "share": round(probe.share, 4),
        "share_low": round(low, 4),
        "share_high": round(high, 4),
        "gaps": probe.gaps,
        "articles": probe.articles,
        "articles_low": probe.low,
        "articles_high": probe.high,
    }


def _sections(
    counts: Mapping[tuple[str | None, str | None], int],
) -> dict[str, dict[str, int]]:
    """Give articles by month and section; without either the name is empty."""
    found: dict[str, dict[str, int]] = {}
    for (month, section), count in sorted(counts.items(), key=lambda each: _texts(each[0])):
        found.setdefault(month or "", {})[section or ""] = count
    return found


def fill(
    counts: Mapping[tuple[str | None, str, int], int],
) -> dict[str, dict[str, dict[str, int]]]:
    """Give, by markup and month, the articles, and of each field in how many it is filled."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for (month, markup, bits), count in sorted(counts.items(), key=lambda each: _texts(each[0])):
        months = found.setdefault(markup, {})
        fields = months.setdefault(month or "", dict.fromkeys(("articles", *FIELDS), 0))
        fields["articles"] += count
        for bit, name in enumerate(FIELDS):
            fields[name] += count * (bits >> bit & 1)
    return found


def summed(months: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    """Sum what the months of one markup hold; fields that are nowhere filled stay, with 0."""
    sums: Counter[str] = Counter()
    for counts in months.values():
        sums.update(counts)
    return sums


def not_carried(
    fields: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> dict[str, dict[str, Any]]:
    """Give, by markup, its articles, and the fields that not one of them fills."""
    found: dict[str, dict[str, Any]] = {}
    for markup, months in fields.items():
        sums = summed(months)
        names = [name for name in FIELDS if not sums[name]]
        found[markup] = {"articles": sums["articles"], "fields": names}
    return found


def _texts(key: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(str(part or "") for part in key)
