"""Law 3 as a judge: the books of a data folder against its segments, the access log, the facts.

The crawl's own word counts for nothing here: what the ledger says is compared with the bytes of
the segments, with what the server saw, and with what the replica's model says of its pages.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from protego import Protego

from observer_crawler import urls
from observer_crawler.ledger.tables import look
from observer_crawler.replica import robots
from observer_crawler.replica.facts import links
from observer_crawler.settings import USER_AGENT
from observer_crawler.urls import Kind
from tests.balance import assert_balance, ledger_of, newest, written
from tests.conftest import Faulty

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.replica import Replica, Server

# Law 3: every link of these kinds that a read page carried is known.
KEPT = frozenset({Kind.ARTICLE, Kind.LISTING, Kind.DAY, Kind.AUTHOR, Kind.FEED})
# What differs between two crawls of the same site that both did right.
OF_THE_FETCH = frozenset({"fetched_at", "source_url", "capture"})


@runtime_checkable
class Paper(Protocol):
    """A site that is no replica of the first newspaper, and says itself what judges must know."""

    def shown(self, path: str) -> set[str]:
        """Give the names of all that a page links to and the ledger keeps."""

    def article(self, path: str) -> int | None:
        """Give the article that stands under a path."""

    def allows(self, path: str) -> bool:
        """Whether its robots.txt allows a path."""


def assert_books(
    data: Path, server: Server, *, has_whole_log: bool = True, has_links: bool = True
) -> None:
    """Assert that the books of a folder balance once its runs have ended.

    `has_whole_log`: all that was asked stands in this ledger's runs and in this server's log.
    `has_links`: the replica's pages still show what they showed when they were read.
    """
    assert_balance(data)
    with closing(look(ledger_of(data))) as ledger:
        rules = sum(access.path == "/robots.txt" for access in server.log)
        found = [requests(ledger, len(server.log), rules)] if has_whole_log else []
        wrong = list(chain(*found, _links(ledger, server) if has_links else ()))
    assert not wrong, f"{len(wrong)} wrong: " + "\n".join(wrong[:20])


def article_set(data: Path, without: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """The newest line of each article, without what any two fetches differ in."""
    left_out = OF_THE_FETCH.union(without)
    return {
        name: {key: value for key, value in line.record.items() if key not in left_out}
        for name, line in newest(written(data)).items()
    }


def disallowed(server: Server, rules: str | None = None, since: float = 0.0) -> list[str]:
    """What was asked against the rules: those of the replica's switch, or those given.

    `since` is a moment of the monotonic clock.
    """
    asked = [access.path for access in server.log if access.time >= since]
    if rules is None:
        return [path for path in asked if not _is_allowed(server.replica, path)]
    parsed = Protego.parse(rules)
    pages = [path for path in asked if path != "/robots.txt"]
    return [path for path in pages if not parsed.can_fetch(server.url + path, USER_AGENT)]


def read_again(server: Server) -> int:
    """How many answers with an article of the log were not the first of their article."""
    asked = (access.path for access in server.log if access.status == 200)
    reads = Counter(key for path in asked if (key := _article(server.replica, path)) is not None)
    return sum(count - 1 for count in reads.values())


def _article(replica: Replica | Paper, path: str) -> object:
    if isinstance(replica, Paper):
        return replica.article(path)
    target = replica.target(path)
    return target.key if target and target.kind == "article" else None


def _is_allowed(replica: Replica | Paper, path: str) -> bool:
    if isinstance(replica, Paper):
        return replica.allows(path)
    target = replica.target(path)
    if target is not None and target.kind == "article":
        return not robots.is_disallowed(replica.desk, target.number)
    return robots.allows(replica.desk, path)


def requests(ledger: sqlite3.Connection, seen: int, rules: int) -> Iterator[str]:
    """What the runs say they asked is what the server saw; `rules` of these were robots.txt.

    A run that was killed wrote down what it settled: what it had leased, and its readings of
    robots.txt, may be missing. It may also have counted one request that it died before sending.
    """
    told, fallen, killed = ledger.execute(
        "SELECT sum(requests), sum(fallen), count(*) FILTER (WHERE ended IS NULL) FROM run"
    ).fetchone()
    if not told - killed <= seen <= told + fallen + (rules if killed else 0):
        yield f"{seen} requests were seen, the ledger says {told} and {fallen} leases fell"


def _links(ledger: sqlite3.Connection, server: Server) -> Iterator[str]:
    """Every link of a page that was answered is known."""
    known = {name for (name,) in ledger.execute("SELECT name FROM address")}
    replica = server.replica
    for path in sorted({access.path for access in server.log if access.status == 200}):
        if not (isinstance(replica, Faulty) and replica.is_faulty(path)):
            for name in sorted(_shown(replica, path) - known):
                yield f"{path} shows {name}, the ledger does not know it"


def _shown(replica: Replica | Paper, path: str) -> set[str]:
    """The names of all that a page links to and the ledger keeps."""
    if isinstance(replica, Paper):
        return replica.shown(path)
    target = replica.target(path)
    if target is None:
        return set()
    shown = (link["url"] for link in links(replica, replica.view(target, path), path))
    addresses = [urls.parse(url) for url in shown if url]
    return {address.name for address in addresses if address.kind in KEPT}
