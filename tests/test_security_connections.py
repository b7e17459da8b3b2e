"""What a crawl connects to: never this machine or its network, unless its user named the place."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.address import IPv4Address

from observer_crawler.connections import CheckedNames, Unlisted
from observer_crawler.ledger import REQUISITE, State
from observer_crawler.ranges import Place, is_public, may_be_ours
from observer_crawler.replica.page import Page
from observer_crawler.robots import Closed
from observer_crawler.spiders.base import PageSpider
from observer_crawler.trouble import MAX_DENIALS, Trouble, Verdict
from tests.balance import ledger_of
from tests.conftest import run_scrapy
from tests.test_hostile_site import HTML, SMALL, always, front
from tests.written_names import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

RESOLVER = "tests.written_names.WrittenNames"
NEWSPAPER = "www.observerbd.com"


def names(**table: list[str]) -> dict[str, str]:
    """The environment in which names lead to these addresses."""
    return {NAMES: json.dumps({name.replace("_", "."): found for name, found in table.items()})}


@contextmanager
def listener() -> Iterator[tuple[str, list[object]]]:
    """A place of this machine that nobody may come to; gives its HOST:PORT and who came."""
    came: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)  # noqa: FBT003 (socket's)
        yield f"127.0.0.1:{server.getsockname()[1]}", came
        try:
            connection, address = server.accept()
            connection.close()
            came.append(address)
        except BlockingIOError:
            return


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "0.0.0.0", "224.0.0.1", "239.255.255.250", "255.255.255.255"),  # noqa: S104
        *("240.0.0.1", "198.18.0.1", "192.0.2.1", "192.88.99.1", "192.0.0.1"),
        *("2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "0x7f000001", "127.0.0.1."),
        *("::1", "::", "::ffff:10.0.0.1", "::ffff:7f00:1", "64:ff9b::127.0.0.1", "::127.0.0.1"),
        *("fe80::1", "fe80::1%eth0", "fe80::1%25eth0", "fc00::1", "fec0::1", "ff02::1"),
        *("64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "3fff::1", "2001::1"),
        *("::ffff:0:127.0.0.1", "4000::1", "192.0.0.192", "168.63.129.16", "64:ff9b::a83f:8110"),
    ],
)
def test_what_is_not_of_the_public_internet(host: str) -> None:
    assert not is_public(host)


@pytest.mark.parametrize(
    "host", ["1.1.1.1", "8.8.8.8", "0x01010101", "2606:4700:4700::1111", "64:ff9b::1.1.1.1"]
)
def test_what_is_of_the_public_internet(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize("end", ["localhost", "local", "internal", "home.arpa", "test"])
def test_a_name_that_nobody_can_register_may_be_ours(end: str) -> None:
    assert may_be_ours(f"Mirror.{end}.")
    assert not may_be_ours(f"mirror{end}.example.org")
    assert not may_be_ours(f"mirror.un{end}.org")


@pytest.mark.parametrize("host", ["mirror.example.org", "127.0.0.1.example.org", NEWSPAPER])
def test_a_name_that_a_stranger_may_own_is_never_taken_for_ours(host: str) -> None:
    assert not may_be_ours(host)


class Receiver:
    """What Twisted connects to: all that it is handed, and nothing else."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.is_complete = False

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802 (Twisted's)
        """Begin."""

    def addressResolved(self, address: Any) -> None:  # noqa: ANN401, N802
        self.got.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self.is_complete = True


class Inner:
    """A name server whose answers are private, public and private."""

    def resolveHostName(self, receiver: Any, _: str, port: int, *__: object) -> None:  # noqa: ANN401, N802
        for host in ("10.0.0.1", "1.1.1.1", "127.0.0.1"):
            receiver.addressResolved(IPv4Address("TCP", host, port))
        receiver.resolutionComplete()


def resolved(checked: CheckedNames, host: str, port: int) -> list[str]:
    receiver: Any = Receiver()
    checked.resolveHostName(receiver, host, port)
    assert receiver.is_complete
    found: list[str] = receiver.got
    return found


def test_of_several_addresses_only_the_public_one_is_connected_to() -> None:
    assert resolved(CheckedNames(Inner()), "a.example", 80) == ["1.1.1.1"]


def test_what_the_user_named_is_that_host_and_that_port() -> None:
    checked = CheckedNames(Inner())
    checked.named.add(Place("pywb", 8080))
    assert len(resolved(checked, "pywb", 8080)) == 3
    assert resolved(checked, "pywb", 8081) == ["1.1.1.1"]
    assert resolved(checked, "other", 8080) == ["1.1.1.1"]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["127.0.0.1"], ["169.254.169.254"]])
def test_a_newspaper_that_leads_to_a_private_address_is_not_asked(
    crawl: RunCrawl, addresses: list[str], tmp_path: Path
) -> None:
    settings = {"OBSERVER_CONTACT": "you@example.org", "TWISTED_DNS_RESOLVER": RESOLVER}
    run = crawl(settings=settings, env=names(www_observerbd_com=addresses))
    assert run.code == 3
    line = run.err.splitlines()[-1]
    assert line.startswith("Stopped, the site is not asked where it is: robots.txt of www.")
    assert line.endswith(
        f"leads to {addresses[0]}: no public address, not asked. The same command goes on."
    )
    assert run.err.count("[observer_crawler.connections] WARNING") == 1
    assert run.stat("requests") == 0
    assert "offline" not in run.err
    again = crawl(settings=settings, env=names(www_observerbd_com=["10.9.9.9"]))
    assert again.code == 3  # nothing was noted against the site
    assert "leads to 10.9.9.9" in again.err
    assert ledger_of(tmp_path / "data").exists()


class Rebinding:
    """A name server that answers with a public address once."""

    def __init__(self) -> None:
        self._answers = iter(("1.1.1.1", "127.0.0.1"))

    def resolveHostName(self, receiver: Any, _: str, port: int, *__: object) -> None:  # noqa: ANN401, N802
        receiver.addressResolved(IPv4Address("TCP", next(self._answers), port))
        receiver.resolutionComplete()


def test_a_name_is_judged_anew_each_time_it_is_looked_up() -> None:
    checked = CheckedNames(Rebinding())
    assert resolved(checked, "a.example", 80) == ["1.1.1.1"]
    assert checked.held_back(Place("a.example", 80)) is None
    assert resolved(checked, "a.example", 80) == []
    assert checked.held_back(Place("a.example", 80)) == "127.0.0.1"


def test_a_mirror_whose_name_leads_to_this_machine_is_not_asked(crawl: RunCrawl) -> None:
    with listener() as (place, came):
        port = place.partition(":")[2]
        run = crawl(
            site=f"http://mirror.example.org:{port}",
            settings={"OBSERVER_CONTACT": "you@example.org", "TWISTED_DNS_RESOLVER": RESOLVER},
            env=names(mirror_example_org=["127.0.0.1"]),
        )
    assert run.code == 3
    assert came == []
    assert "mirror.example.org leads to 127.0.0.1" in run.err


def test_a_mirror_by_a_name_of_the_users_own_network_is_asked(
    replica: Serve, crawl: RunCrawl
) -> None:
    server = replica(**SMALL)
    run = crawl(
        site=server.url.replace("127.0.0.1", "mirror"),
        max_articles=1,
        settings={"OBSERVER_CONTACT": "you@example.org", "TWISTED_DNS_RESOLVER": RESOLVER},
        env=names(mirror=["127.0.0.1"]),
    )
    assert run.code == 0
    assert len(run.ids) == 1


def test_robots_txt_leads_to_no_other_port_of_this_machine(
    replica: Serve, crawl: RunCrawl
) -> None:
    with listener() as (place, came):
        moved = Page(302, {"Location": f"http://{place}/robots.txt"}, b"")
        server = replica({"/robots.txt": always(moved)}, **SMALL)
        run = crawl(site=server.url, settings={"OBSERVER_CONTACT": "you@example.org"})
    assert came == []
    assert run.code == 3
    assert [access.path for access in server.log] == ["/robots.txt"]
    assert run.stat("requests") == 1
    assert "127.0.0.1: no public address, not asked" in run.err


@pytest.mark.parametrize("form", ["2130706433", "0x7f.1", "0177.1", "[::ffff:127.0.0.1]", "[::1]"])
def test_robots_txt_leads_nowhere_by_an_odd_form_of_an_address(
    replica: Serve, crawl: RunCrawl, form: str
) -> None:
    with listener() as (place, came):
        port = place.partition(":")[2]
        moved = Page(302, {"Location": f"http://{form}:{port}/robots.txt"}, b"")
        run = crawl(
            site=replica({"/robots.txt": always(moved)}, **SMALL).url,
            settings={"OBSERVER_CONTACT": "you@example.org"},
        )
    assert came == []
    assert run.code == 3
    assert "not asked" in run.err


def test_a_page_leads_to_no_other_port_of_this_machine(replica: Serve, crawl: RunCrawl) -> None:
    with listener() as (place, came):
        moved = Page(302, {"Location": f"http://{place}/news/900001"}, b"")
        faults = {"/": always(front(range(900001, 900002))), "/news/900001": always(moved)}
        gone = always(Page(404, HTML, b"gone"))
        server = replica({**faults, "/menu/198": gone, "/cat.php?cd=198": gone}, **SMALL)
        crawl(site=server.url)
    assert came == []


def test_a_proxy_is_the_users_word_and_said(replica: Serve, crawl: RunCrawl) -> None:
    server = replica(**SMALL)
    proxy = server.url.replace("http://", "http://me:secret-of-the-proxy@")
    run = crawl(
        max_articles=1,
        site="http://8.8.8.8",
        settings={"OBSERVER_CONTACT": "you@example.org"},
        env={"http_proxy": proxy},
    )
    port = server.url.rpartition(":")[2]
    assert f"; through the proxy 127.0.0.1:{port} (http_proxy), whose connections" in run.err
    assert server.log  # it was asked, though it is of this machine
    assert "secret-of-the-proxy" not in run.err


def test_no_proxy_is_asked_for_an_address_that_is_private_itself(
    replica: Serve, crawl: RunCrawl
) -> None:
    proxy = replica(
        {"http://8.8.8.8/robots.txt": always(Page(302, {"Location": "http://0x7f.1/"}, b""))},
        **SMALL,
    )
    run = crawl(
        site="http://8.8.8.8",
        settings={"OBSERVER_CONTACT": "you@example.org"},
        env={"http_proxy": proxy.url},
    )
    assert run.code == 3
    assert [access.path for access in proxy.log] == ["http://8.8.8.8/robots.txt"]


def test_fetch_asks_for_what_was_typed_and_not_for_where_it_leads(replica: Serve) -> None:
    with listener() as (place, came):
        moved = Page(302, {"Location": f"http://{place}/"}, b"")
        server = replica({"/news/900001": always(moved)}, **SMALL)
        run_scrapy("fetch", "--nolog", f"{server.url}/news/900001")
    assert came == []
    assert "/news/900001" in [access.path for access in server.log]


def test_fetch_asks_for_no_name_of_a_stranger_that_leads_to_this_machine() -> None:
    with listener() as (place, came):
        there = place.replace("127.0.0.1", "http://mirror.example.org")
        run_scrapy(
            *("fetch", "--nolog", there, "-s", f"TWISTED_DNS_RESOLVER={RESOLVER}"),
            *("-s", "OBSERVER_CONTACT=you@example.org", "-s", "DOWNLOAD_TIMEOUT=1"),
            *("-s", "RETRY_ENABLED=0"),
            env=names(mirror_example_org=["127.0.0.1"]),
        )
    assert came == []


def test_the_doctor_looks_at_no_private_address(tmp_path: Path) -> None:
    run = run_scrapy(
        *("doctor", "--out", tmp_path / "d.zip", "-s", f"TWISTED_DNS_RESOLVER={RESOLVER}"),
        *("-s", "OBSERVER_CONTACT=you@example.org"),
        env=names(www_observerbd_com=["192.168.0.1"]),
    )
    assert run.returncode == 3
    assert "leads to 192.168.0.1: no public address, not asked" in run.stdout


def test_an_archive_that_leads_to_a_private_address_is_not_asked(crawl: RunCrawl) -> None:
    settings = {"OBSERVER_CONTACT": "you@example.org", "TWISTED_DNS_RESOLVER": RESOLVER}
    run = crawl(
        spider="observer_captures",
        settings=settings,
        env=names(web_archive_org=["10.0.0.1"]),
    )
    assert run.code == 3
    assert "web.archive.org leads to 10.0.0.1: no public address, not asked" in run.err
    assert run.stat("requests") == 0


def a_lease(kind: str) -> Any:  # noqa: ANN401 (a lease, as far as a fate looks at it)
    return SimpleNamespace(kind=kind, state=State.WAITING, attempts=0, name="x")


@pytest.mark.parametrize(
    "error",
    [
        Unlisted("a.example leads to 10.0.0.1"),
        Closed("robots.txt of a.example: x", is_private=True),
    ],
)
def test_a_private_address_ends_a_run_but_a_picture_ends_nothing(error: Exception) -> None:
    spider: Any = None  # the fate hangs on the lease and the error alone
    page = PageSpider.trouble(spider, a_lease("article"), error)
    assert (page.state, page.unanswered) == (State.WAITING, False)
    assert Trouble().note(a_lease("article"), page) is Verdict.PRIVATE
    picture = PageSpider.trouble(spider, a_lease(REQUISITE), error)
    assert (picture.state, picture.reason) == (State.DENIED, "private")
    trouble = Trouble()
    verdicts = {trouble.note(a_lease(REQUISITE), picture) for _ in range(3 * MAX_DENIALS)}
    assert verdicts == {Verdict.GO_ON}


def test_fetch_with_a_spider_of_the_house_asks_for_what_was_typed(replica: Serve) -> None:
    server = replica(**SMALL)
    run = run_scrapy("fetch", "--nolog", "--spider", "observer", f"{server.url}/")
    assert run.stdout
