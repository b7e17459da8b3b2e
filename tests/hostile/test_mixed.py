"""Three answers in twenty are faults, of all kinds: in the end every article is there, as it is."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.replica import Options, Replica, serve
from tests.hostile.content import DOWN, typed
from tests.hostile.redirect import to
from tests.hostile.rows import HEAD, Asked, Where, always, html
from tests.hostile.site import Site, raw, reset, sent
from tests.hostile.status import status
from tests.world import article_set, assert_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica import Page
    from tests.conftest import RunCrawl
    from tests.hostile.rows import Answer

# Faults in a hundred answers.
SHARE = 15
# What passes, each of another kind; 404 stands at one form of an address and not at the next.
KINDS: tuple[Answer, ...] = (
    always(raw(reset)),
    always(raw(sent(b""))),
    lambda asked: raw(sent(asked.cut(0.5, of=1))),
    lambda asked: raw(sent(asked.cut(0.5, of=0.5))),
    always(raw(sent(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nnoise"))),
    lambda asked: raw(sent(asked.cut(1, of=2_000))),  # too large
    *(status(number) for number in (401, 403, 404, 429, 500, 502, 503)),
    status(503, Retry_After="0"),
    always(html("")),
    always(html(DOWN)),
    typed("application/octet-stream"),
    typed("text/html; charset=utf-16"),
    to("{path}"),
    to("https://www.example.org/"),
    to("http://127.0.0.1:{trap}{path}"),
    to("file:///etc/passwd"),
)
# Days on which the same command is typed: what failed or was denied is asked again by then.
DAYS = ("2025-07-01", "2025-07-03", "2025-07-09", "2025-07-28", "2025-08-30")


def mixed(asked: Asked) -> Page | None:
    """Draw by address and visit, so that who asks again gets the page in the end.

    The kinds come in turn: one request is under way at a time.
    """
    drawn = zlib.crc32(f"{asked.path} {asked.visit}".encode())
    if asked.path == "/robots.txt" or drawn % 100 >= SHARE:
        return None
    number = MET.total() % len(KINDS)
    MET[number] += 1
    return KINDS[number](asked)


MET: Counter[int] = Counter()


@pytest.mark.parametrize(
    "articles", [pytest.param(3_000, marks=pytest.mark.prove), 250], ids=["many", "few"]
)
@pytest.mark.parametrize("spider", ["observer", "observer_archive"])
def test_a_site_of_which_every_seventh_answer_is_a_fault_is_stored_whole(
    crawl: RunCrawl,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    spider: str,
    articles: int,
) -> None:
    options = Options(articles=articles, days=articles // 50, plain=True, robots="none")
    typed = arguments(spider, options)
    calm = {"OBSERVER_DATA": tmp_path / "calm", **on(DAYS[0])}
    with serve(Replica(options)) as server:
        assert crawl(spider=spider, settings=calm, site=server.url, **typed).code == 0
    wanted = article_set(tmp_path / "calm")
    MET.clear()
    codes = []
    with Site(mixed, Where.START, options) as site, serve(site) as server:
        for day in DAYS:
            run = crawl(spider=spider, settings=on(day), site=server.url, revisit="no", **typed)
            codes.append(run.code)
            assert set(codes) <= {0, 3}, run.err[-2000:]
            found = article_set(run.data)
            assert found.items() <= wanted.items()
            if found.keys() == wanted.keys():
                break
        assert_books(run.data, server, has_links=False, has_whole_log=False)
        assert site.trapped == 0
    record_property("what", f"{SHARE} % of the answers to {spider}, {articles} articles")
    record_property("requests", len(server.log))
    record_property("exit code", " ".join(map(str, codes)))
    record_property("words", f"{MET.total()} faults of {len(MET)} kinds")
    assert found == wanted
    assert codes[-1] == 0
    assert len(MET) == len(KINDS)
    assert 0.1 < MET.total() / len(server.log) < 0.2


def on(day: str) -> dict[str, Any]:
    return {"OBSERVER_NOW": f"{day}T12:00:00+06:00"}


def arguments(spider: str, options: Options) -> dict[str, Any]:
    """Give all that the replica has to the spider that asks for days."""
    if spider == "observer":
        return {}
    first, *_, last = Replica(options).days()
    return {"from_date": first, "until_date": last}
