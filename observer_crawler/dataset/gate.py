"""OBSERVER_GATE: what must be true of a dataset before anybody gets it.

A nightly export that nobody looks at should fail where its figures are not what they were meant to
be, and say which. Pure: assertions and the manifest's values in, what was wanted and found out.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from observer_crawler.exceptions import ConfigurationError, ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from observer_crawler.dataset.tally import Tally

SETTING = "OBSERVER_GATE"
_EXPECTED = {
    "rows": "a whole number: rows at least",
    "filled": 'shares of rows by column, like {"headline": 0.98}',
    "published_from": "a day like 2022-06-01: the earliest there may be",
    "published_until": "a day like 2026-12-31: the latest there may be",
    "largest_cluster": "a whole number: rows of one cluster at most",
    "copies": "a share of the rows: copies at most",
}


class Judgement(NamedTuple):
    """One assertion: what was wanted, what was found, and whether it holds."""

    what: str
    wanted: str
    found: str
    holds: bool


def read(setting: object) -> dict[str, Any]:
    """Read the setting, JSON or a dict; raises ConfigurationError with what is wrong in it.

    >>> read('{"rows": 10}'), read("")
    ({'rows': 10}, {})
    """
    try:
        given = json.loads(setting or "{}") if isinstance(setting, str) else setting
    except ValueError as err:
        raise ConfigurationError(f"{SETTING}: expected JSON, got {setting!r:.200}") from err
    if not isinstance(given, dict):
        raise ConfigurationError(f"{SETTING}: expected an object, got {given!r:.200}")
    for name, value in given.items():
        if name not in _EXPECTED:
            known = ", ".join(_EXPECTED)
            raise ConfigurationError(f"{SETTING}: expected some of {known}, got {name!r:.100}")
        if not _fits(name, value):
            raise ConfigurationError(
                f"{SETTING}, {name}: expected {_EXPECTED[name]}, got {value!r:.100}"
            )
    return given


def _fits(name: str, value: object) -> bool:
    if name in {"published_from", "published_until"}:
        return isinstance(value, str) and _is_day(value)
    if name == "filled":
        return isinstance(value, dict) and all(map(_is_share, value.values()))
    if name == "copies":
        return _is_share(value)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def judge(
    wanted: Mapping[str, Any], tally: Tally, clusters: Mapping[str, int] | None, twice: int
) -> list[Judgement]:
    """Hold what is wanted against what is there; raises ExportError naming each that fails.

    That no article stands twice is always wanted: `twice` counts those that do.
    """
    found = [Judgement("articles twice", "0", f"{twice:,}", twice == 0)] if wanted or twice else []
    found += _judged(wanted, tally, clusters)
    failed = [
        f"{each.what} {each.found}, wanted {each.wanted}" for each in found if not each.holds
    ]
    if failed:
        raise ExportError(f"nothing is exported, for {SETTING} does not hold: {'; '.join(failed)}")
    return found


def _judged(
    wanted: Mapping[str, Any], tally: Tally, clusters: Mapping[str, int] | None
) -> Iterator[Judgement]:
    rows = tally.rows
    if (least := wanted.get("rows")) is not None:
        yield Judgement("rows", f"at least {least:,}", f"{rows:,}", rows >= least)
    for name, share in wanted.get("filled", {}).items():
        yield _filled(name, share, tally)
    if first := wanted.get("published_from"):
        day = tally.first_day or "none"
        yield Judgement("first day", f"{first} or later", day, not day < first)
    if last := wanted.get("published_until"):
        day = tally.last_day or "none"
        yield Judgement("last day", f"{last} or earlier", day, not tally.last_day or day <= last)
    yield from _of_clusters(wanted, rows, clusters)


def _filled(name: str, share: float, tally: Tally) -> Judgement:
    count = tally.filled.get(name)
    if count is None:
        raise ConfigurationError(f"{SETTING}, filled: this export has no column {name!r:.100}")
    found = f"{count / tally.rows:.4f} ({count:,} of {tally.rows:,} rows)"
    return Judgement(f"{name} filled", f"{share} at least", found, count >= share * tally.rows)


def _of_clusters(
    wanted: Mapping[str, Any], rows: int, clusters: Mapping[str, int] | None
) -> Iterator[Judgement]:
    names = [name for name in ("largest_cluster", "copies") if name in wanted]
    if names and clusters is None:
        raise ConfigurationError(f"{SETTING}, {names[0]}: only an export with --clusters knows")
    if clusters is not None and (most := wanted.get("largest_cluster")) is not None:
        largest = clusters["largest"]
        yield Judgement("largest cluster", f"{most:,} at most", f"{largest:,}", largest <= most)
    if clusters is not None and (share := wanted.get("copies")) is not None:
        copies = clusters["copies"]
        found = f"{copies / rows:.4f} ({copies:,} of {rows:,} rows)"
        yield Judgement("copies", f"{share} at most", found, copies <= share * rows)
