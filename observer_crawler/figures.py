"""The figures of a crawl in words: the progress line, the closing table, how long is left.

Pure: stats and seconds in, text out. The extensions and `scrapy status` say it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.spiders.work import Work

# Requests. A rate of fewer says more of the first page than of the run.
_ENOUGH = 10
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class Estimate:
    """How long a run still takes, at the rate it has kept so far.

    The rate is that of the whole run, so that a slow page does not move it. What earlier runs did
    and the time that was spent waiting on purpose say nothing of it.
    """

    def __init__(self) -> None:
        self._first: int | None = None
        self._begun = 0.0

    def seconds_left(self, work: Work, seconds: float) -> float | None:
        """Give the seconds left after `seconds` of work; None while too little was done.

        >>> from observer_crawler.spiders.work import Work
        >>> estimate = Estimate()
        >>> estimate.seconds_left(Work(0, 990, 0, 10), 0)
        >>> estimate.seconds_left(Work(95, 990, 5, 10), 50)
        450.0
        """
        done = work.done + work.days_done
        if self._first is None:
            self._first, self._begun = done, seconds
        fresh = done - self._first
        if fresh < _ENOUGH:
            return None
        return (work.all + work.days_all - done) * (seconds - self._begun) / fresh


def progress_line(
    stats: Mapping[str, Any],
    seconds: float,
    work: Work | None = None,
    seconds_left: float | None = None,
) -> str:
    """Say where a crawl stands; `seconds` are those in which it did not wait on purpose.

    >>> progress_line({"observer/pages/article": 30, "observer/articles/stored": 28}, 60)
    '30 pages, 28 articles stored, 0 addresses waiting, 0.5 pages a second'
    """
    pages = sum(group(stats, "pages").values())
    rate = f"{pages / seconds if seconds else 0.0:.1f} pages a second"
    parts = [_plain(stats, pages) if work is None else _of_all(work), rate]
    if files := sum(group(stats, "requisites").values()):
        parts.insert(1, f"{files:,} pictures and the like")
    if seconds_left is not None:
        parts.append(f"about {duration(seconds_left)} left")
    if holding := stats.get("observer/holding"):
        parts.insert(0, holding)
    return ", ".join(parts)


def _plain(stats: Mapping[str, Any], pages: int) -> str:
    return (
        f"{pages:,} pages, {stats.get('observer/articles/stored', 0):,} articles stored, "
        f"{stats.get('observer/addresses/waiting', 0):,} addresses waiting"
    )


def _of_all(work: Work) -> str:
    """Say how much of all is done; the articles of days not read yet are guessed."""
    guess = "about " if work.days_done < work.days_all else ""
    days = f"{work.days_done:,} of {work.days_all:,} days, " if work.days_all else ""
    return f"{days}{work.done:,} of {guess}{work.all:,} articles"


def closing_table(stats: Mapping[str, Any], data: str) -> str:
    """Write the table, a line a figure, without what is zero."""
    rows = [
        *_rows("articles found in", group(stats, "found")),
        ("articles stored", f"{stats.get('observer/articles/stored', 0):,}"),
        *_row("articles revised", stats.get("observer/articles/revised")),
        *_row("articles visited again, unchanged", stats.get("observer/articles/unchanged")),
        *_rows("articles dropped,", group(stats, "articles/dropped")),
        *_rows("articles refused,", group(stats, "articles/refused")),
        *_rows("captures", group(stats, "captures")),
        *_rows("pages read,", group(stats, "pages")),
        *_rows("pictures and the like,", group(stats, "requisites")),
        *_rows("addresses", group(stats, "addresses")),
        *_row("visits left, due now", stats.get("observer/left")),
        *_row("visits due later", stats.get("observer/later")),
        *_row("visits that a killed run had begun", stats.get("observer/leases/fallen")),
        *_rows("links not followed,", group(stats, "links")),
        ("requests", f"{stats.get('observer/requests', 0):,}"),
        *_row("pages read again from captures", stats.get("observer/from_captures")),
        *_row("requests not recorded", stats.get("observer/not_recorded")),
        ("time", _time(stats.get("observer/seconds", 0.0))),
        *_captures(stats, data),
        ("files", _relative(Path(data) / "articles")),
    ]
    width = max(len(name) for name, _ in rows)
    return "".join(f"  {name:<{width}}  {value}\n" for name, value in rows)


def _captures(stats: Mapping[str, Any], data: str) -> list[tuple[str, str]]:
    """Say how many answers were kept, or that none is: nothing could be read again then."""
    if "observer/capture" not in stats:
        return []
    if not stats["observer/capture"]:
        return [("answers kept", "none: capture is off (OBSERVER_CAPTURE=1 keeps them)")]
    count = stats.get("observer/captured", 0)
    return [("answers kept", f"{count:,}, in {_relative(Path(data) / 'warc')}")]


def group(stats: Mapping[str, Any], name: str) -> dict[str, int]:
    """Give the figures below one `observer/...` name that are not zero."""
    prefix = f"observer/{name}/"
    return {
        key.removeprefix(prefix): count
        for key, count in sorted(stats.items())
        if key.startswith(prefix) and count
    }


def _rows(what: str, counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(f"{what} {name}", f"{count:,}") for name, count in counts.items()]


def _row(what: str, count: int | None) -> list[tuple[str, str]]:
    return [(what, f"{count:,}")] if count else []


def duration(seconds: float) -> str:
    """Write a time as people say it, in its two largest units.

    >>> duration(3725.4), duration(62.0), duration(4.2), duration(86_400 * 6 + 7_300)
    ('1 h 2 min', '1 min 2 s', '4 s', '6 d 2 h')
    """
    left, parts = int(seconds), list[str]()
    for length, unit in _UNITS:
        count, left = divmod(left, length)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:  # noqa: PLR2004 (units)
            break
    return " ".join(part for part in parts if part) or "0 s"


def _time(seconds: float) -> str:
    """Write how long a run took; of a short one the tenths are of interest."""
    return f"{seconds} s" if seconds < 60 else duration(seconds)  # noqa: PLR2004 (a minute)


def _relative(path: Path) -> str:
    """Write a folder as seen from here, when it lies below."""
    here = Path.cwd()
    return f"{path.relative_to(here)}{os.sep}" if path.is_relative_to(here) else f"{path}{os.sep}"
