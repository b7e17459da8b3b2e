"""What a proxy is asked for and what it is not: the user's word for it alone, at its own port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.address import IPv4Address

from observer_crawler.connections import CheckedNames
from observer_crawler.ranges import Place
from observer_crawler.replica.page import Page
from tests.test_hostile_site import SMALL, always
from tests.test_security_connections import RESOLVER, listener, names, resolved

if TYPE_CHECKING:
    from tests.conftest import Crawl, RunCrawl, Serve

SITE = "http://8.8.8.8"


def crawl_by(crawl: RunCrawl, proxy: str, site: str = SITE) -> Crawl:
    """Crawl by a proxy of this machine that has a name; what has this name is asked without it."""
    settings = {"TWISTED_DNS_RESOLVER": RESOLVER, "DOWNLOAD_TIMEOUT": 2}
    known = {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": "proxy"}
    return crawl(
        site=site,
        settings=settings | {"OBSERVER_CONTACT": "you@example.org", "OBSERVER_OFFLINE_LIMIT": 1},
        env={**known, **names(proxy=["127.0.0.1"])},
    )


def moved(location: str) -> Page:
    return Page(302, {"Location": location}, b"")


def test_a_site_leads_to_no_proxy_as_if_it_were_a_site(replica: Serve, crawl: RunCrawl) -> None:
    places: list[str] = []
    server = replica({f"{SITE}/robots.txt": lambda _: moved(f"{places[0]}/secret")}, **SMALL)
    places.append(server.url.replace("127.0.0.1", "proxy"))
    run = crawl_by(crawl, places[0])
    assert run.code == 3
    assert "proxy is a proxy, at port " in run.err
    assert [access.path for access in server.log] == [f"{SITE}/robots.txt"]


def test_a_proxy_is_asked_at_its_own_port(replica: Serve, crawl: RunCrawl) -> None:
    with listener() as (place, came):
        there = place.replace("127.0.0.1", "http://proxy")
        server = replica({f"{SITE}/robots.txt": always(moved(f"{there}/secret"))}, **SMALL)
        run = crawl_by(crawl, server.url.replace("127.0.0.1", "proxy"))
    assert came == []
    assert "proxy leads to 127.0.0.1: no public address, not asked" in run.err


@pytest.mark.parametrize(
    "proxy", ["proxy:abc", "http://me:secret@[proxy", "http://p:secret:99999"]
)
def test_a_proxy_that_is_no_address_is_said_at_the_start(crawl: RunCrawl, proxy: str) -> None:
    run = crawl_by(crawl, proxy)
    assert run.code == 1
    assert run.err == (
        "scrapy: http_proxy: expected an address like http://proxy:3128, got something else "
        "(it is not shown here)\n"
    )


def test_a_proxy_by_name_is_asked_for_https_too(crawl: RunCrawl) -> None:
    with listener() as (place, came):
        crawl_by(crawl, place.replace("127.0.0.1", "http://proxy"), "https://8.8.8.8")
    assert came


class Fading:
    """A name server that gives a private address once, and then none."""

    def __init__(self) -> None:
        self._answers = iter([["127.0.0.1"], []])

    def resolveHostName(self, receiver: Any, _: str, port: int, *__: object) -> None:  # noqa: ANN401, N802
        for host in next(self._answers):
            receiver.addressResolved(IPv4Address("TCP", host, port))
        receiver.resolutionComplete()


def test_what_a_name_led_to_once_is_not_said_of_it_when_it_leads_nowhere() -> None:
    checked, place = CheckedNames(Fading()), Place("a.example", 80)
    assert resolved(checked, *place) == []
    assert checked.held_back(place) == "127.0.0.1"
    assert resolved(checked, *place) == []
    assert checked.held_back(place) is None
