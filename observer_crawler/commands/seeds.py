"""`scrapy export --table addresses`: the articles as a list of seeds for another crawler.

One address a line, on standard output, as Browsertrix and Heritrix read it. It comes from the
ledger, so articles that were never fetched are on it, and it needs no dataset extra.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from observer_crawler import exclude, urls
from observer_crawler.cells import visible
from observer_crawler.commands import read_along
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.ledger import FILE, State
from observer_crawler.ledger.addresses import WITH_A_PAGE, addresses
from observer_crawler.source import REPLICA, Source
from observer_crawler.spiders import typed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TABLES = ("addresses",)
# What makes a dataset, and says nothing of a list.
_OF_A_DATASET = ("format", "where", "revisions", "without", "keep")


def write_seeds(data: Path, opts: argparse.Namespace) -> None:
    """Write the list; raises ObserverError with one line."""
    typed.one_of("table", opts.table, TABLES)
    if others := [f"--{name}" for name in _OF_A_DATASET if getattr(opts, name)]:
        raise ConfigurationError(f"--table makes a list alone: leave out {' and '.join(others)}")
    found = _seeds(data, _states(opts.state))
    count = 0
    with read_along():
        for count, url in enumerate(found, start=1):  # noqa: B007 (the last one is the answer)
            print(visible(url))
        sys.stdout.flush()
        print(f"{count:,} address{'es' * (count != 1)}", file=sys.stderr)


def _states(text: str | None) -> Sequence[State]:
    if text is None:
        return WITH_A_PAGE
    words = [typed.one_of("state", word, tuple(map(str, State))) for word in typed.words(text)]
    if not words:
        raise ConfigurationError("--state: expected some states like seen,stored, got nothing")
    return [State(word) for word in words]


def _seeds(data: Path, states: Sequence[State]) -> Iterator[str]:
    """Give the addresses of the site that the folder belongs to: a copy's articles are its own."""
    excluded = exclude.read(data / exclude.FILE)
    source = Source.of(data)
    site = source.origin if source.kind == REPLICA else None
    for place in addresses(data / "state" / FILE, states):
        if place.name not in excluded:
            yield urls.to_site(place.url, site, place.language)
