"""METHODS.md: how a dataset came to be, from the ledger and the manifest alone.

Pure. Every number stands in one of the two; moments are those of the crawls, in UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from observer_crawler.dataset.gathered import Gathered, NotComplete

# What an article's address can have come to, in the order in which people ask.
_STATES = {
    "seen": "known by a link, not asked for",
    "waiting": "asked for or to be asked for, not settled",
    "outside": "of other dates than those asked for",
    "missing": "the site does not have it",
    "denied": "forbidden by robots.txt or the site, or left alone on request",
    "refused": "its page was read and is no storable article",
    "failed": "all attempts failed",
    "redirected": "another address stands for it",
    "read": "a page without an article",
    "stored": "has a line",
}
_LINES = {
    "copies": "the same line once more",
    "excluded": "left out on request (exclude.txt)",
    "older": "an older text of an article",
    "not_where": "does not fit the condition",
    "as_before": "stands in the earlier version as it is",
}
# Days that are named one by one; the manifest has all of them.
_MOST_DAYS = 60
_FOUND = 200


def methods(manifest: Mapping[str, Any], gathered: Gathered | None) -> str:
    """Write the whole text."""
    parts = [
        "# How this dataset was made",
        _summary(manifest),
        "## From what is known to what is here",
        *_flow(manifest, gathered),
        "## What was asked, when and how fast",
        *_asked(gathered),
        "## What is not here",
        *_holes(gathered),
        *_doubts(manifest["marked"]),
        *_copies(manifest),
        "## robots.txt",
        *_robots(manifest, gathered),
        "## What the site asked of AI training",
        *_training(manifest),
        "## Versions",
        _versions(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(manifest: Mapping[str, Any]) -> str:
    what = "Every text stored of" if manifest["revisions"] else "The newest text of each of"
    if not manifest["with_text"]:
        what = "A list, without their text, of"
    where, origin = manifest["where"], manifest["origin"] or "a site that nothing names"
    oldest, newest = manifest["oldest_fetched_at"], manifest["newest_fetched_at"]
    lines = [
        f"{what} {manifest['articles']:,} articles, read from {origin}: {manifest['rows']:,} rows.",
        f"The oldest was fetched at {oldest}, the newest at {newest}.",
        _hosts(manifest["counts"].get("host", {})),
        f"Only those that fit this condition: `{where}`." if where else "",
        manifest["notice"],
        "Complete."
        if manifest["complete"]
        else "Not complete: " + "; ".join(manifest["complete_not"]) + ".",
    ]
    return "\n".join(line for line in lines if line)


def _hosts(rows: Mapping[str, int]) -> str:
    """Say who was asked; where it was a web archive, the moment is that of its capture."""
    asked = ", ".join(f"{host} ({count:,})" for host, count in rows.items())
    return f"Rows by the host that was asked: {asked}." if rows else ""


def _flow(manifest: Mapping[str, Any], gathered: Gathered | None) -> Iterator[str]:
    """Count down from all that is known, each step what is left out."""
    if gathered is None:
        yield "There is no ledger: what was known and asked for cannot be said."
    else:
        states = gathered.states
        rows = [("articles known", sum(states.values()), "")]
        rows += [
            (f"- {name}", states[name], text)
            for name, text in _STATES.items()
            if states.get(name) and name != "stored"
        ]
        rows.append(("= stored", states.get("stored", 0), _STATES["stored"]))
        yield _table(("addresses of articles", "count", ""), rows)
    lines = manifest["lines"]
    bad = [(f"- {reason}", count, "could not be read") for reason, count in lines["bad"].items()]
    left = [
        (f"- {name.replace('_', ' ')}", lines[name], text)
        for name, text in _LINES.items()
        if lines[name]
    ]
    rows = [("lines read", lines["read"], ""), *bad, *left, ("= rows here", lines["written"], "")]
    yield _table(("lines of the segments", "count", ""), rows)


def _asked(gathered: Gathered | None) -> Iterator[str]:
    if gathered is None or not gathered.scopes:
        yield "No run is on record."
        return
    head = (
        "spider and scope",
        "runs",
        "first",
        "last",
        "requests",
        "pages settled",
        "stored",
        "failed",
        "seconds a page",
    )
    yield _table(
        head,
        [
            (
                f"{s.spider} `{s.key or '-'}`",
                s.runs,
                _moment(s.first),
                _moment(s.last),
                s.requests,
                s.settled,
                s.stored,
                s.failed,
                f"{s.seconds / s.settled:.2f}" if s.settled else "-",
            )
            for s in gathered.scopes
        ],
    )
    yield (
        f"Together {sum(s.runs for s in gathered.scopes):,} runs, "
        f"{sum(s.requests for s in gathered.scopes):,} requests, "
        f"{sum(s.settled for s in gathered.scopes):,} pages settled."
    )
    if gathered.rebuilt_at:
        yield f"The ledger was made anew at {_moment(gathered.rebuilt_at)}: earlier runs are lost."


def _holes(gathered: Gathered | None) -> Iterator[str]:
    if gathered is None:
        yield "Not known without a ledger."
        return
    rows = [
        (state, reason or "-", count)
        for (state, reason), count in gathered.reasons.items()
        if state not in {"stored", "seen"}
    ]
    yield _table(("articles", "reason", "count"), rows) if rows else "No article is known to fail."
    if not gathered.days:
        yield "No index of a day was read: what the newspaper printed is not known here."
        return
    yield (
        f"{gathered.days:,} days from {gathered.first_day} to {gathered.last_day} were asked for; "
        f"{gathered.without_index:,} of them have no index, "
        f"{len(gathered.not_complete):,} days in all are not complete."
    )
    yield from _days(gathered.not_complete)


def _doubts(marked: int) -> Iterator[str]:
    if marked:
        yield (
            f"Of the articles that are here, {marked:,} were read in runs that alarmed (a figure of "
            "the run was not as before) and were neither read again nor accepted since."
        )


def _copies(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say how copies were found, and where the splits lie; nothing where nobody asked for them."""
    told, splits = manifest.get("clusters"), manifest.get("splits")
    if told is None:
        return
    yield "## Copies"
    yield (
        f"{told['clusters']:,} clusters of two articles and more hold {told['copies']:,} copies; "
        f"the largest has {told['largest']:,} articles. Pairs that agree in one of {told['bands']} "
        f"bands of {told['rows']} MinHash values over runs of three words ({told['library']}) were "
        "compared word by word. A copy has few edited words or lacks a part, begins as the other "
        "does, and names the same facts; each member is a copy of the first article and of the "
        "members before it. An article without text has none."
    )
    if splits is not None:
        rows = ", ".join(f"{side}: {splits[side]:,}" for side in ("train", "validation", "test"))
        yield (
            f"Rows by side: {rows}. Validation begins with {splits['validation_from']}, test with "
            f"{splits['test_from']}. {splits['moved_with_their_copies']:,} articles of a later day "
            "stand with an earlier one that is nearly the same. What has no day is for training."
        )


def _days(days: Sequence[NotComplete]) -> Iterator[str]:
    if not days:
        return
    rows = [(each.day, each.language, each.why) for each in days[:_MOST_DAYS]]
    yield _table(("day", "language", "why"), rows)
    if len(days) > _MOST_DAYS:
        yield f"{len(days) - _MOST_DAYS:,} more stand in manifest.json, `days_not_complete`."


def _robots(manifest: Mapping[str, Any], gathered: Gathered | None) -> Iterator[str]:
    denied = gathered.reasons.get(("denied", "robots"), 0) if gathered else 0
    yield (
        f"Read before anything else, obeyed by every request: {denied:,} articles were not asked "
        "for because it forbids them."
    )
    if not manifest["robots"]:
        yield "No capture has kept it: what it said on those days is not known here."
        return
    head = ("host", "first read", "last read", "readings", "status", "digest")
    names = ("host", "first", "last", "readings", "status", "digest")
    yield _table(head, [[each[name] for name in names] for each in manifest["robots"]])
    for each in manifest["robots"]:
        if each["text"] and each["status"] == _FOUND:
            lines = "\n".join(f"    {line}" for line in each["text"].splitlines())
            yield f"What {each['digest']} says:\n\n{lines}"


def _training(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Tell the spans, and how many rows were fetched under what."""
    spans, rows = manifest["ai_train"], manifest["ai_train_rows"]
    if not spans:
        yield "Nobody read it: neither the ledger nor a capture has a robots.txt of the site."
        return
    yield (
        "By days of fetching, in UTC; `not said`: it was read and said nothing. A day that is in no "
        "line is one on which nothing was read."
    )
    lines = [
        (span["from"], span["until"], span["says"], _words(span["because"])) for span in spans
    ]
    yield _table(("from", "until", "AI training", "because"), lines)
    counts = ", ".join(f"{says} {count:,}" for says, count in rows.items() if count)
    yield f"Rows here by what held when they were fetched: {counts}."


def _words(because: Sequence[str]) -> str:
    """Give the site's words as code, which no reader of Markdown takes for its own."""
    return "; ".join("`{}`".format(words.replace("`", "'")) for words in because) or "-"


def _versions(manifest: Mapping[str, Any]) -> str:
    rows = [*manifest["versions"].items()]
    rows.append(("extractor", ", ".join(map(str, manifest["extractors"])) or "-"))
    return _table(("what", "version"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")


def _moment(seconds: float) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
