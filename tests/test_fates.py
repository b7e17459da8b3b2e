"""What becomes of a page that does not come, may not be asked, or points to one that may not.

The other fates stand in test_crawl.py and test_hostile_site.py: 404, 410, 500, 503 once, a lost
connection, redirects, a callback or pipeline that raises, not text, no article, a full disk.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from observer_crawler.ledger.tables import look
from tests.balance import ledger_of
from tests.test_crawl import LISTED, SMALL, asked, listed, to

if TYPE_CHECKING:
    from observer_crawler.replica.page import Page
    from tests.conftest import RunCrawl, Serve


def slow(_: int) -> Page | None:
    time.sleep(1.5)
    return None


def test_a_time_out_a_forbidden_page_and_a_redirect_to_one_have_their_states(
    replica: Serve, crawl: RunCrawl
) -> None:
    ids = listed(replica(**SMALL))
    late, barred, pointing = ids[:3]
    numbers = {name: name.partition(":")[2] for name in ids}
    forms = ("/news/{}", "/news.php?id={}", "/details.php?id={}")
    faults = {form.format(numbers[late]): slow for form in forms}
    faults |= {
        form.format(numbers[pointing]): lambda _: to(f"/news/{numbers[barred]}", 302)
        for form in forms
    }
    server = replica(faults, **SMALL)
    paths = [form.format(numbers[barred]) for form in forms]
    server.robots = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in paths)
    settings = {"DOWNLOAD_TIMEOUT": 0.5, "OBSERVER_RETRY_ATTEMPTS": 2}
    run = crawl(site=server.url, settings=settings, **LISTED)
    connection = look(ledger_of(run.data))
    rows = connection.execute("SELECT name, state, reason FROM address WHERE kind = 'article'")
    states = {name: (state, reason) for name, state, reason in rows}
    connection.close()
    assert states[late][0] == "failed"
    assert states[barred] == ("denied", "robots")
    assert states[pointing] == ("redirected", f"to {barred}")
    assert not set(paths) & set(asked(server))
    assert run.code == 3
    assert run.stat("failed_now") == 1
    assert set(run.ids) >= set(ids[3:])
