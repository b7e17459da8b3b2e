"""The whole, at size: each markup crawled for real, compared field by field.

200 articles of each in `make test`, 3,000 in `make prove`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.test_crawl import reachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.replica.server import Server
    from tests.conftest import Crawl, RunCrawl, Serve

# What only a fetch can tell, and the two fields that later versions fill.
OF_THE_FETCH = {"fetched_at", "source_url", "capture", "extractor", "revision"}
LOOKS = [("2014", 1), ("2016", 2), ("2024", 3)]


@pytest.mark.parametrize("articles", [200, pytest.param(3000, marks=pytest.mark.prove)])
@pytest.mark.parametrize("look", LOOKS)
def test_exactly_the_reachable_articles_are_stored_each_right(
    replica: Serve,
    crawl: RunCrawl,
    record_property: Callable[[str, object], None],
    look: tuple[str, int],
    articles: int,
) -> None:
    markup, skin = look
    server = replica(markup=markup, skin=skin, articles=articles, latency_seconds=0)
    wanted = reachable(server)
    assert len(wanted) > 0.9 * articles

    first = crawl(site=server.url)
    assert first.code == 0, first.err[-2000:]
    assert set(first.ids) == wanted
    assert len(first.ids) == len(wanted)
    assert_fields_equal_facts(first, server)
    assert_manners(first, server)

    lines = len(first.articles)
    record_property("stored", lines)
    second = crawl(site=server.url)
    assert second.code == 0, second.err[-2000:]
    assert len(second.articles) == lines


def assert_fields_equal_facts(run: Crawl, server: Server) -> None:
    facts = {fact["id"]: fact["article"] for fact in server.replica.facts() if fact["article"]}
    wrong = [
        f"{article['id']} {name}: {value!r}, not {facts[article['id']][name]!r}"
        for article in run.articles
        for name, value in article.items()
        if name not in OF_THE_FETCH and value != facts[article["id"]][name]
    ]
    assert not wrong, f"{len(wrong)} wrong: " + "\n".join(wrong[:20])


def assert_manners(run: Crawl, server: Server) -> None:
    """No disallowed and no foreign address was asked, and never two at a time."""
    forbidden = {
        path for fact in server.replica.facts() if not fact["allowed"] for path in fact["forms"]
    }
    asked = [access.path for access in server.log]
    assert forbidden, "the replica forbids nothing: this test would prove nothing"
    assert not forbidden.intersection(asked)
    assert not [path for path in asked if _is_trap(path)]
    assert run.stats["downloader/request_count"] == len(asked), "a request went elsewhere"
    assert server.max_in_flight == 1


def _is_trap(path: str) -> bool:
    words = ("print", "share", "search", "cat-adv", "key=", "gallery", "video", "calendar")
    return any(word in path for word in words)


def test_the_bangla_edition_is_stored_from_its_own_host(
    replica: Serve, crawl: RunCrawl, request: pytest.FixtureRequest
) -> None:
    server = replica(language="bn", markup="2016", articles=100)
    run = crawl(site=server.url, language="bn")
    assert run.code == 0, run.err[-2000:]
    assert run.ids, request.node.name
    assert_fields_equal_facts(run, server)
