"""The figures of one run: gathered while it goes on, kept as one object of JSON for years.

Fields are added, never renamed; what a figure means stands in `thresholds.py` and `sight.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from observer_crawler.alarm import thresholds
from observer_crawler.alarm.chance import Sums
from observer_crawler.alarm.sight import Memory, values, yielded
from observer_crawler.alarm.sums import Place, RunningSums

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from observer_crawler.alarm.sight import Sight
    from observer_crawler.items import Article

VERSION = 1


@dataclass(slots=True)
class Figures:
    """What is kept of a run. `run` names it: the moment of its start (UTC, ISO 8601).

    `shares` has (yes, cases) of each share, `means` (count, sum, sum of squares), `levels` one
    value each. `alarms` are the figures that alarmed.
    """

    run: str
    spider: str
    key: str
    version: int = VERSION
    ended: str = ""
    code: int = 0
    extractor: int = 0
    requests: int = 0
    articles: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    sections: dict[str, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    means: dict[str, Sums] = field(default_factory=dict)
    levels: dict[str, float] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)


def to_record(figures: Figures) -> dict[str, Any]:
    """Give the figures as JSON has them; sums of logarithms need no more than six digits."""
    record = asdict(figures)
    record["shares"] = {name: list(pair) for name, pair in figures.shares.items()}
    record["means"] = {
        name: [sums.cases, round(sums.total, 6), round(sums.squares, 6)]
        for name, sums in figures.means.items()
    }
    return record


def from_record(record: Mapping[str, Any]) -> Figures:
    """Read figures back; those of a newer version are left out."""
    names = {each.name for each in fields(Figures)}
    figures = Figures(**{name: value for name, value in record.items() if name in names})
    figures.shares = {name: (pair[0], pair[1]) for name, pair in figures.shares.items()}
    figures.means = {name: Sums(*sums) for name, sums in figures.means.items()}
    return figures


class Gathering:
    """Takes each answer of a run, in flat memory."""

    def __init__(self, zone: dt.tzinfo) -> None:
        """`zone` is the newspaper's."""
        self._zone = zone
        self._memory = Memory()
        self.sums = RunningSums()
        self.states: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.sections: Counter[str] = Counter()
        self.read = self.new = 0
        # The moments of the start, and of the first fetch that gave an article (UTC, ISO 8601).
        self.started = ""
        self.first_fetch: str | None = None
        self.days: dict[str, int] = {}
        # What the last indexes list, all pages of one together, by their names.
        self.listed: dict[str, set[str]] = {}
        self._lists: dict[str, list[int]] = {}
        # Of the last new articles, whose index and neighbours are looked up at the end.
        self.dated: dict[str, str] = {}
        self.headlines: dict[str, str] = {}
        self.neighbours: dict[str, str] = {}

    def add(self, sight: Sight) -> None:
        """Take one answer."""
        at = sight.at.isoformat(timespec="microseconds")
        self.sums.add(Place(sight.name, at), values(sight, self._memory, self._zone))
        self.states[f"{sight.kind}/{sight.state}"] += 1
        if sight.state == "refused":
            self.refusals[sight.reason] += 1
        elif sight.state in {"waiting", "denied", "failed"}:
            self.errors[sight.reason[:40]] += 1
        if sight.index and sight.day is not None:
            self.days[sight.day] = self._listed(sight)
        if found := yielded(sight):
            self._lists.setdefault(found[0], [0, 0])
            self._lists[found[0]][0] += found[1]
            self._lists[found[0]][1] += 1
        if sight.article is not None:
            self._take_article(sight, sight.article)

    def judged(self, name: str, at: dt.datetime, refusal: str) -> None:
        """Hear whether an article that was read may be stored; an empty refusal says yes."""
        place = Place(name, at.isoformat(timespec="microseconds"))
        self.sums.add(place, {"pages/invalid": bool(refusal)})
        if refusal:
            self.refusals[refusal] += 1

    def _take_article(self, sight: Sight, article: Article) -> None:
        self.read += 1
        if article.fetched_at is not None:
            self.first_fetch = min(self.first_fetch or article.fetched_at, article.fetched_at)
        section = article.section or ""
        if section in self.sections or len(self.sections) < thresholds.MOST_SECTIONS:
            self.sections[section] += 1
        if not sight.is_new:
            return
        self.new += 1
        if article.published_date is not None:
            _remember(self.dated, {article.id: article.published_date})
        if article.headline is not None:
            _remember(self.headlines, {article.id: article.headline})
        near = (article.previous, article.next)
        _remember(self.neighbours, {name: article.id for name in near if name})

    def _listed(self, sight: Sight) -> int:
        """Take a page of an index that answered; gives how many articles all of them list."""
        if sight.state in {"read", "missing"}:
            here = self.listed.pop(sight.index, set())
            self.listed[sight.index] = here | sight.listed
        if len(self.listed) > thresholds.MOST_INDEXES:
            del self.listed[next(iter(self.listed))]
        return len(self.listed.get(sight.index, ()))

    def levels(self) -> dict[str, float]:
        """Give how many articles a list shows on average, by its kind."""
        return {name: round(shown / pages, 3) for name, (shown, pages) in self._lists.items()}


def _remember(known: dict[str, str], more: Mapping[str, str]) -> None:
    """Keep the last ones, so that a long run needs no more memory than a short one."""
    for name, value in more.items():
        known.pop(name, None)
        known[name] = value
    while len(known) > thresholds.MOST_REMEMBERED:
        del known[next(iter(known))]


def closed(
    figures: Figures, gathering: Gathering, more: Iterable[tuple[str, tuple[int, int]]]
) -> Figures:
    """Write what was gathered into the figures; `more` are shares that only the ledger knows."""
    means = {each.name for each in thresholds.MEASURES if each.kind == "mean"}
    for name, sums in gathering.sums.totals().items():
        if measured(name) in means:
            figures.means[name] = sums
        else:
            figures.shares[name] = (round(sums.total), sums.cases)
    figures.shares.update(more)
    figures.levels = gathering.levels()
    figures.states = dict(gathering.states)
    figures.refusals = dict(gathering.refusals)
    figures.errors = dict(gathering.errors)
    figures.sections = dict(gathering.sections)
    figures.days = dict(gathering.days)
    figures.articles = {"read": gathering.read, "new": gathering.new}
    return figures


def measured(name: str) -> str:
    """Give the measure that a figure belongs to: without its edition.

    >>> measured("fields/byline/online"), measured("text/section")
    ('fields/byline', 'text/section')
    """
    return "/".join(name.split("/")[:2])
