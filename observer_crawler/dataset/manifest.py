"""manifest.json: what was asked for, what was counted, and the sum of every file.

No clock, no folder, no name of a machine, nothing of the order in which lines came: the same
input gives the same manifest, and the version is named by its sum.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from observer_crawler.dataset.columns import described, schema
from observer_crawler.dataset.versions import CHANGES, LIST
from observer_crawler.source import NEWSPAPER

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from observer_crawler.dataset.choosing import Counts
    from observer_crawler.dataset.gathered import Gathered
    from observer_crawler.dataset.lines import Seen
    from observer_crawler.dataset.rules import Rules
    from observer_crawler.dataset.splitting import Borders
    from observer_crawler.dataset.tally import Tally
    from observer_crawler.source import Source

# Raised when a key of the manifest changes its meaning.
LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed. `keep`: how many versions of this kind stay, None for all.

    `since`: the name of the version whose rows are left out; `gate`: OBSERVER_GATE as it was set.
    `require_ai_train`: nothing is made of what was fetched while the site said no.
    `splits` goes with `clusters`: two days, or `clusters.BY_SHARE`. `by`: `year` or `month`, for a
    file of each.
    """

    formats: tuple[str, ...] = ("parquet",)
    where: str | None = None
    revisions: bool = False
    with_text: bool = True
    keep: int | None = None
    redact: bool = False
    since: str | None = None
    gate: object = ""
    require_ai_train: bool = False
    clusters: bool = False
    splits: Borders | str | None = None
    by: str | None = None

    def stages(self) -> dict[str, bool]:
        """Give what makes other columns or other words of a row, by its key of the manifest."""
        return {
            "with_text": self.with_text,
            "redacted": self.redact,
            "clusters": self.clusters,
            "splits": self.splits is not None,
        }

    @property
    def schema(self) -> pa.Schema:
        """The columns of its files."""
        return schema(
            with_text=self.with_text, clusters=self.clusters, splits=self.splits is not None
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a manifest is made of, before its files.

    `whole` counts the rows that fit the condition, `tally` those that are written; `told`: what the
    stages tell, by its key.
    """

    wanted: Wanted
    source: Source
    seen: Seen
    counts: Counts
    whole: Tally
    tally: Tally
    gathered: Gathered | None
    rules: list[Rules] = field(default_factory=list)
    notes: Mapping[str, list[str]] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def about(wanted: Wanted, source: Source) -> dict[str, Any]:
    """Give what every file that can says of itself."""
    return {
        "made_from": source.kind,
        "origin": source.origin,
        "notice": source.notice,
        "revisions": wanted.revisions,
        "where": wanted.where,
    }


def manifest(facts: Facts) -> dict[str, Any]:
    """Write all but the files."""
    wanted, tally = facts.wanted, facts.tally
    # Where nothing has changed, those of what is as before.
    moments = tally if tally.rows else facts.whole
    why = list(_why_not_complete(facts))
    days = [asdict(each) for each in facts.gathered.not_complete] if facts.gathered else []
    names = wanted.schema.names
    return {
        "layout": LAYOUT,
        **about(wanted, facts.source),
        "with_text": wanted.with_text,
        "by": wanted.by,
        "rows": tally.rows,
        "articles": tally.articles,
        "oldest_fetched_at": moments.oldest_fetched_at,
        "newest_fetched_at": moments.newest_fetched_at,
        "complete": not why,
        "complete_not": why,
        "days_not_complete": days,
        "marked": facts.gathered.marked if facts.gathered else 0,
        "robots": [asdict(each) for each in facts.rules],
        "lines": _lines(facts),
        "counts": tally.by_column(),
        "filled": {name: tally.filled[name] for name in names} if tally.rows else {},
        "first_day": tally.first_day,
        "last_day": tally.last_day,
        **facts.told,
        "warnings": dict(facts.notes),
        "extractors": sorted(tally.extractors),
        "versions": _versions(wanted),
        "columns": [each for each in described() if each["name"] in names],
        "files": {},
    }


def _lines(facts: Facts) -> dict[str, Any]:
    """Count the lines on their way into the dataset; what is left out stands by reason."""
    counts, seen = facts.counts, facts.seen
    return {
        "read": seen.read,
        "bad": dict(sorted(seen.bad.items())),
        "excluded": seen.excluded,
        "copies": counts.given - counts.single,
        "older": counts.single - counts.chosen,
        "not_where": counts.chosen - facts.whole.rows,
        "as_before": facts.whole.rows - facts.tally.rows,
        "written": facts.tally.rows,
        "without_a_field": seen.lacking,
        "with_an_unknown_field": seen.unknown,
    }


def _why_not_complete(facts: Facts) -> list[str]:
    """Say in words why nobody should take the dataset for whole; empty when it is."""
    gathered, bad = facts.gathered, sum(facts.seen.bad.values())
    found = [(bad, f"{bad} lines could not be read")]
    if gathered is None:
        return [text for count, text in found if count] + ["there is no ledger"]
    waiting, failed = gathered.states.get("waiting", 0), gathered.states.get("failed", 0)
    found += [
        (not gathered.days, "no index of a day was read, so nobody knows what there is"),
        (len(gathered.not_complete), f"{len(gathered.not_complete)} days are not complete"),
        (waiting, f"{waiting} articles wait"),
        (failed, f"{failed} articles failed"),
    ]
    return [text for count, text in found if count]


def _versions(wanted: Wanted) -> dict[str, str]:
    """Name what shaped the bytes: another version of it may write others."""
    found = {"observer_crawler": version("observer-crawler")}
    if "parquet" in wanted.formats:
        found["pyarrow"] = version("pyarrow")
    if "sqlite" in wanted.formats:
        found["sqlite"] = sqlite3.sqlite_version
    if "wacz" in wanted.formats:
        found["zlib"] = zlib.ZLIB_RUNTIME_VERSION
    if wanted.clusters:
        found["rensa"] = version("rensa")
        found["rapidfuzz"] = version("rapidfuzz")
    if wanted.where is not None:
        found["duckdb"] = version("duckdb")
    return found


def text(values: Mapping[str, Any]) -> bytes:
    """Write it as the file has it."""
    return (json.dumps(values, ensure_ascii=False, indent=2) + "\n").encode()


def name_of(written: bytes) -> str:
    """Name a version by its newest moment and the sum of its manifest."""
    values = json.loads(written)
    day = values["newest_fetched_at"][:10]
    ending = "" if values["made_from"] == NEWSPAPER else f"-{values['made_from']}"
    kind = ("" if values["with_text"] else LIST) + (CHANGES if values["since"] else "")
    return f"{day}-{hashlib.sha256(written).hexdigest()[:8]}{ending}{kind}"
