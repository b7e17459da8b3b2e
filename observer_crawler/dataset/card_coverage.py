"""The part of a version's card that says what is not here: holes, fields, alarms. Pure.

All of it from the coverage report's JSON, which lies beside the card: each hole, each alarm and each
field that a markup does not carry has its row, and no row says what the JSON does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.coverage.calendar_view import MEANINGS
from observer_crawler.coverage.days import Status
from observer_crawler.coverage.report import summed
from observer_crawler.coverage.words import KINDS, NAMES
from observer_crawler.dataset.markdown import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_UNKNOWN = "No ledger was beside the lines: nobody knows what is not here."
_OF_ALL = (
    "The tables of this part count all that the crawler knows of, whatever rows this version "
    "has. `coverage.json` has them day by day, and the numbers of each hole."
)
# Of a year, beside its days.
_COUNTS = ("known", "stored", "failed", "denied", "refused", "missing", "waiting", "seen")
# Of an alarm, by its keys, and their names for people.
_ACCEPTED = ("figure", "spider", "key", "expected", "found", "since")
_STANDING = (*_ACCEPTED[:-1], "cases", "runs", "since", "marked")
_TITLES = {
    "key": "scope",
    "runs": "runs before",
    "since": "since the run",
    "marked": "articles marked",
}


def part(coverage: Mapping[str, Any] | None) -> Iterator[str]:
    """Write the paragraphs and tables; one that says so where there is no report."""
    yield "## What is not here"
    if coverage is None:
        yield _UNKNOWN
        return
    yield _OF_ALL
    rows = [(NAMES[status], MEANINGS[status]) for status in Status]
    yield table(("a day is", "when"), rows)
    for language, edition in coverage["editions"].items():
        yield from _edition(language, edition)
    if not coverage["editions"]:
        yield "Nothing is known yet: no index, box or number says anything."
    yield from _fields(coverage["editions"])
    yield from _alarms(coverage.get("alarms") or {})


def _edition(language: str, edition: Mapping[str, Any]) -> Iterator[str]:
    yield f"### Days and articles, edition {plain(language)}"
    if edition["first_day"]:
        yield f"From {plain(edition['first_day'])} to {plain(edition['last_day'])}."
    years = {**edition["years"], "all": edition["totals"]}
    statuses = [NAMES[status] for status in Status]
    rows = [
        (year, *(of["days"][status] for status in Status), *(of[name] for name in _COUNTS))
        for year, of in years.items()
    ]
    yield table(("days", *statuses, "articles known", *_COUNTS[1:]), rows)
    yield from _beyond(edition)
    yield f"### Holes, edition {plain(language)}"
    holes = [_hole(hole) for hole in edition["holes"]]
    yield f"{plain(len(holes))} holes are known." if holes else "No hole is known."
    if holes:
        yield table(("days", "what", "how many", "why"), holes)


def _beyond(edition: Mapping[str, Any]) -> Iterator[str]:
    """Say what stands on no day, and what nobody links."""
    totals, probe = edition["totals"], edition["probe"]
    unplaced = ", ".join(f"{plain(n)} {plain(state)}" for state, n in totals["unplaced"].items())
    if unplaced:
        yield f"Addresses of no day: {unplaced}."
    if totals["gaps"]:
        yield f"{plain(totals['gaps'])} numbers between those known are linked by no page."
    if probe:
        yield (
            f"A probe of such numbers asked {plain(probe['asked'])} and found "
            f"{plain(probe['real'])} articles; of the {plain(probe['gaps'])} left, "
            f"{plain(probe['articles_low'])} to {plain(probe['articles_high'])} are articles."
        )


def _hole(hole: Mapping[str, Any]) -> tuple[object, ...]:
    first, last = hole["first_day"], hole["last_day"]
    days = first if first == last else f"{first or 'no day'} to {last or 'no day'}"
    return days or "no day", KINDS.get(hole["kind"], hole["kind"]), hole["count"], hole["why"]


def _fields(editions: Mapping[str, Any]) -> Iterator[str]:
    """Name what no article of a markup fills, and what some do."""
    yield "### Fields that a markup does not carry"
    never = [
        (language, markup, of["articles"], name)
        for language, edition in editions.items()
        for markup, of in edition["not_carried"].items()
        for name in of["fields"]
    ]
    yield "Of each of these fields not one article is filled." if never else "There is none."
    if never:
        yield table(("edition", "markup", "articles", "field never filled"), never)
    yield "### Fields that are filled in part"
    some = list(_filled_in_part(editions))
    yield "Null or empty in the others." if some else "There is none."
    if some:
        yield table(("edition", "markup", "field", "filled", "of articles"), some)


def _filled_in_part(editions: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for language, edition in editions.items():
        for markup, months in edition["fields"].items():
            sums = summed(months)
            count = sums.pop("articles")
            for name, filled in sums.items():
                if 0 < filled < count:
                    yield language, markup, name, filled, count


def _alarms(alarms: Mapping[str, Any]) -> Iterator[str]:
    """Say what the alarm found odd in runs that brought these articles."""
    yield "### Alarms"
    standing, accepted = alarms.get("standing") or [], alarms.get("accepted") or []
    marked = alarms.get("marked") or {}
    if not standing and not accepted:
        yield "No alarm stands, and none was accepted."
    if standing:
        yield "These stand: a figure of a crawl's run is not as it was in the runs before it."
        yield _table_of(_STANDING, standing)
    if accepted:
        yield "These were accepted: from that run on somebody takes what was found for normal."
        yield _table_of(_ACCEPTED, accepted)
    if marked:
        yield (
            f"{plain(sum(marked.values()))} articles are marked: a run that alarmed has read them, "
            "and they were neither read again nor accepted since."
        )
        yield table(("run that alarmed", "articles marked"), marked.items())


def _table_of(keys: Sequence[str], alarms: Iterable[Mapping[str, Any]]) -> str:
    head = [_TITLES.get(key, key) for key in keys]
    return table(head, ([alarm[key] for key in keys] for alarm in alarms))
