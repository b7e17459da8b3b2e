"""Which of the captures that an archive lists are asked for, in what order, under which names.

Pure: captures in, links for the ledger out.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from observer_crawler import urls
from observer_crawler.archives import Asked
from observer_crawler.ledger import AFTER_ALL, Found, State
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from observer_crawler.archives import Capture, Source
    from observer_crawler.ledger import Known
    from observer_crawler.spiders.captures_arguments import CapturesArguments

# Kinds of addresses that are the archive's own.
INDEX, CAPTURE = "index", "capture"
_SUCCESS = frozenset((0, 200))  # 0: a revisit, whose line does not say it
_PAGES = ("text/", "application/xhtml", "warc/revisit", "unk")
# No capture is older: ranks count the seconds from here, and stay below AFTER_ALL until 2054.
_OLDEST = dt.datetime(1991, 1, 1, tzinfo=dt.UTC)
# The lots that articles draw, and the captures of one article that keep their order among the others'.
_LOTS = 1 << 24
_MOST_PLACES = 100


@dataclass(slots=True)
class Chosen:
    """The captures of one page of an index by article, and how many were passed over, and why."""

    captures: dict[str, list[Capture]] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)


def name_of(article: str, capture: Capture, source: Source) -> str:
    """Name a capture in the ledger; `article_of` reads it back."""
    return f"{CAPTURE}:{article}:{capture.stamp}:{source.name}"


def article_of(name: str) -> str:
    """Give the article of which something is a capture.

    >>> article_of("capture:b:370580:20220616120000:127.0.0.1:8080")
    'b:370580'
    """
    return ":".join(name.split(":")[1:3])


def asked_of(arguments: CapturesArguments, now: dt.datetime) -> Asked:
    """Say what an index is asked for.

    An article is captured after it is out, and it is out on the evening before its day, at the
    earliest. Nobody knows how late it is captured; the year's end is the same in each run of it.
    """
    first = arguments.first_day - dt.timedelta(days=1)
    prefixes = (
        urls.to_site(prefix, arguments.site, arguments.language)
        for prefix in urls.article_prefixes(arguments.language)
    )
    parts = [urlsplit(prefix) for prefix in prefixes]
    return Asked(
        [f"{part.netloc}{part.path}" for part in parts],
        dt.datetime.combine(first, dt.time(), dt.UTC),
        dt.datetime(now.year, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
        arguments.all,
    )


def choose(captures: Iterable[Capture], arguments: CapturesArguments) -> Chosen:
    """Pick the captures of articles that may be of the run; of equal bytes in a row the first."""
    chosen, bodies = Chosen(), dict[str, str]()
    by_article: defaultdict[str, list[Capture]] = defaultdict(list)
    for capture in sorted(captures, key=lambda each: each.stamp):
        url = urls.from_site(capture.url, arguments.site, arguments.language)
        address = urls.parse(url)
        reason = _passed_over(capture, address, arguments)
        if not reason and capture.digest and bodies.get(address.name) == capture.digest:
            reason = "the same bytes"
        if reason:
            chosen.passed[reason] += 1
            continue
        bodies[address.name] = capture.digest
        by_article[address.name].append(capture)
    chosen.captures = dict(by_article)
    return chosen


def _passed_over(
    capture: Capture, address: urls.Address, arguments: CapturesArguments
) -> str | None:
    if address.kind is Kind.OFFSITE:
        return "of another site"
    if address.kind is not Kind.ARTICLE or address.language != arguments.language:
        return "of no article"
    if capture.status not in _SUCCESS:
        return f"status {capture.status}"
    if capture.mime and not capture.mime.lower().startswith(_PAGES):
        return "of no page"
    is_outside = address.day is not None and arguments.is_outside(address.day)
    return "of another day" if is_outside else None


def links(
    chosen: Chosen, arguments: CapturesArguments, source: Source, had: Collection[str]
) -> list[Found]:
    """Give the captures as links; `had` are articles that need none."""
    found = []
    for article, captures in chosen.captures.items():
        if article in had and not arguments.all:
            chosen.passed["of a stored article"] += len(captures)
            continue
        for place, capture in enumerate(reversed(captures)):
            found.append(
                Found(
                    name_of(article, capture, source),
                    CAPTURE,
                    source.address(capture),
                    INDEX,
                    language=arguments.language,
                    rank=_rank(article, place, capture, arguments),
                )
            )
    return found


def waited_for(
    links: Iterable[Found], known: Mapping[str, Known], arguments: CapturesArguments
) -> list[Found]:
    """Let those be asked again that an earlier run had no use for, where this one may have."""
    return [link._replace(again=_is_of_use(known.get(link.name), arguments)) for link in links]


def _is_of_use(known: Known | None, arguments: CapturesArguments) -> bool:
    if known is None or known.state is not State.OUTSIDE:
        return False
    day = known.published
    return day is None or not arguments.is_outside(dt.date.fromisoformat(day))


def _rank(article: str, place: int, capture: Capture, arguments: CapturesArguments) -> int:
    """Say when a capture is asked for; small ranks come first, 0 is the index.

    All texts are asked for as they came. Of one text an article has the newest is the best, and
    an older one is asked for where that is none. With dates the articles go by lot: each one that
    lies outside tells which numbers need not be asked, and in order they would tell next to nothing.
    """
    seconds = int((dt.datetime.fromisoformat(capture.date) - _OLDEST).total_seconds())
    if arguments.all:
        return 1 + seconds
    if arguments.has_dates:
        return 1 + min(place, _MOST_PLACES) * _LOTS + zlib.crc32(article.encode()) % _LOTS
    return AFTER_ALL - 1 - seconds
