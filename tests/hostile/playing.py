"""A case played: a crawl of the site with its fault, and one of the site that is sound again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from observer_crawler.ledger.tables import look
from tests.balance import ledger_of
from tests.hostile.rows import Case, Where, always
from tests.hostile.site import HURT, Site, name_of
from tests.hostile.worlds import entered
from tests.world import article_set

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Crawl, RunCrawl
    from tests.hostile.worlds import World

Articles = dict[str, dict[str, Any]]
# What makes waits short: after half a second without anybody there a crawl gives up.
SETTINGS: dict[str, Any] = {
    "DOWNLOAD_TIMEOUT": 60,
    "OBSERVER_OFFLINE_LIMIT": 0.5,
    "OBSERVER_NOW": "2025-07-01T12:00:00+06:00",
}
# A week later everything that failed or was denied has its next try.
LATER = {"DOWNLOAD_TIMEOUT": 60, "OBSERVER_NOW": "2025-07-09T12:00:00+06:00"}
SOUND = Case(always(None), "stored", "", 1, 0, "Done.")


class Played(NamedTuple):
    """What a case came to: the first crawl, what stands in the ledger, and both article sets.

    `trapped` counts the connections to a port at which nothing may be asked.
    """

    run: Crawl
    state: str
    reason: str
    requests: int
    found: Articles
    healed: Articles
    host: str
    trapped: int


def play(case: Case, crawl: RunCrawl, folder: Path) -> Played:
    """Crawl, look, heal, crawl again where there is something to heal."""
    subject = "front" if case.where is Where.START else HURT
    with Site(case.answer, case.where) as site, entered(case.world, site, folder) as world:
        kept = {"OBSERVER_DATA": folder / "data"}
        run = _crawled(case, crawl, world, kept)
        assert run.stat("requests") >= len(site.server.log)
        standing = _standing(run.data, subject)
        asked = [name_of(access.path) for access in site.server.log]
        requests = len(asked) if case.where is Where.START else asked.count(HURT)
        found = healed = article_set(run.data)
        if case.state != "stored":
            world.heal()
            again = _crawled(case, crawl, world, {**kept, **LATER})
            assert again.code in {0, 4}, again.err[-2000:]
            healed = article_set(run.data)
        return Played(
            run, *standing, requests, found, healed, urlsplit(world.url).netloc, site.trapped
        )


def _crawled(case: Case, crawl: RunCrawl, world: World, more: dict[str, Any]) -> Crawl:
    settings = {**SETTINGS, **world.settings, **case.settings, **more}
    typed = {"site": world.url, **case.arguments}
    return crawl(spider=case.spider, settings=settings, env=world.env, **typed)


def _standing(data: Path, name: str) -> tuple[str, str]:
    """Give the state of an address and its reason; nothing of one that is not known."""
    with closing(look(ledger_of(data))) as ledger:
        query = "SELECT state, reason FROM address WHERE name = ?"
        found = ledger.execute(query, (name,)).fetchone()
    return (found[0], found[1] or "") if found else ("", "")
