"""What a crawl connects to: the public internet, and what its user named himself.

A page, a redirect or a name server of a stranger could lead a crawl to the machine it runs on,
to its network, or to the credentials that clouds serve at 169.254.169.254. So each address is
judged after its name was looked up, and it is the address that was judged to which the socket
connects: Twisted connects to what this resolver hands on, and never asks a second time.

    Request ─► Guarded: is the host an address itself? ─► Scrapy's handler ─► HostnameEndpoint
                                                                                   │ name and port
               Guarded ◄── nothing found: was it refused? ◄── CheckedNames ◄───────┘

Through a proxy (http_proxy and its like) the far end cannot be seen: only hosts that are
addresses themselves are judged then, and the proxy is the user's word.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from observer_crawler.exceptions import ConfigurationError, PrivateAddress
from observer_crawler.ranges import Place, is_public, literal, may_be_ours, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.interfaces import IAddress, IHostResolution

logger = logging.getLogger(__name__)

OTHER_RESOLVER = "TWISTED_DNS_RESOLVER: nothing is asked without observer_crawler's own resolver"


class Unlisted(PrivateAddress, IgnoreRequest):
    """What Scrapy understands of PrivateAddress: the request is ignored, its errback called."""


class PublicResolver(CachingThreadedResolver):
    """Scrapy's own resolver, behind a check of what it finds; for TWISTED_DNS_RESOLVER."""

    def install_on_reactor(self) -> None:
        super().install_on_reactor()
        reactor: Any = self.reactor
        reactor.installNameResolver(CheckedNames(reactor.nameResolver))


@implementer(IHostnameResolver)
class CheckedNames:
    """Hands on the addresses of a name that may be connected to, and remembers what it held back.

    `named` are the places that the user named and that may be private. `proxies` are his, too.
    """

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 (zope's interfaces are no types)
        self._inner = inner
        self.named: set[Place] = set()
        self.proxies: set[Place] = set()
        self._held_back: dict[Place, str] = {}

    def resolveHostName(  # noqa: N802 (Twisted's)
        self,
        resolutionReceiver: IResolutionReceiver,  # noqa: N803 (as above)
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> IHostResolution:
        place = Place(_ascii(hostName), portNumber)
        self._held_back.pop(place, None)
        receiver: Any = resolutionReceiver
        if place not in self.named and not self._is_proxy(place):
            receiver = _Checked(receiver, place, self._held_back)
        found: IHostResolution = self._inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found

    def _is_proxy(self, place: Place) -> bool:
        """Whether a proxy is asked for; Twisted looks up those of https without their port."""
        hosts = {proxy.host for proxy in self.proxies}
        return place in self.proxies or (place.port == 0 and place.host in hosts)

    def held_back(self, place: Place) -> str | None:
        """Give the address that a name led to and that was not handed on."""
        return self._held_back.get(Place(_ascii(place.host), place.port))


@implementer(IResolutionReceiver)
class _Checked:
    """Hands on what is public of what is found."""

    def __init__(self, receiver: Any, place: Place, held_back: dict[Place, str]) -> None:  # noqa: ANN401
        """`receiver` takes what is handed on; what is not enters `held_back`."""
        self._place = place
        self._held_back = held_back
        self._take = receiver.addressResolved
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:  # noqa: ANN401, N802 (Twisted's)
        if is_public(address.host):
            self._take(address)
        else:
            self._held_back[self._place] = address.host


def _ascii(host: str) -> str:
    """Give a name as it stands in an address; Twisted asks for what a person reads."""
    name = host.rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


class Guarded(HTTP11DownloadHandler):
    """Scrapy's own handler for http and https, that says why a host is not connected to.

    It asks once: where a connection that is kept open breaks off before the answer, Twisted asks
    again at once. A site that resets connections saw each request twice, without the delay
    between, and the ledger knew of one. What got no answer is the scheduler's to try again.
    """

    lazy = True  # the resolver is there when the reactor runs, and not before

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool.retryAutomatically = False
        from twisted.internet import reactor  # noqa: PLC0415 (Scrapy installs it first)

        names = getattr(reactor, "nameResolver", None)
        if not isinstance(names, CheckedNames):
            raise ConfigurationError(OTHER_RESOLVER)
        self._names = names
        self._stats = crawler.stats
        self._said: set[Place] = set()
        names.named |= _named(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def download_request(self, request: Request) -> Response:
        place, proxy = place_of(request.url), request.meta.get("proxy")
        if proxy:
            self._names.proxies.add(place_of(proxy if "://" in proxy else f"http://{proxy}"))
        if place not in self._names.named:
            self._check(place, is_direct=not proxy)
        try:
            return await super().download_request(request)
        except CannotResolveHostError as err:
            if (address := self._names.held_back(place)) is None:
                raise
            raise self._refusal(place, f"{place.host} leads to {address}") from err

    def _check(self, place: Place, *, is_direct: bool) -> None:
        """Refuse what needs no looking up: private addresses, and the proxy taken for a site."""
        if literal(place.host) is not None and not is_public(place.host):
            raise self._refusal(place, place.host)
        if is_direct and place in self._names.proxies:
            raise self._refusal(place, f"{place.host} is a proxy, at port {place.port}")

    def _refusal(self, place: Place, what: str) -> Unlisted:
        """Make the error, and say it once for each place."""
        text = f"{what}: no public address, not asked"
        if place not in self._said:
            self._said.add(place)
            logger.warning("%s", text)
        self._stats.inc_value("observer/requests", -1)  # counted above, and never sent
        return Unlisted(text)


def _named(crawler: Crawler) -> set[Place]:
    """Give the places that the user typed, as far as they may be of his own network."""
    settings, spider = crawler.settings, crawler.spider
    source = getattr(getattr(spider, "arguments", None), "source", "")
    bases = " ".join(settings.get(name) or "" for name in _ARCHIVES).split()
    typed = [getattr(spider, "site", None) or "", source, *bases]
    places = [place_of(url) for url in typed if urlsplit(url).scheme in {"http", "https"}]
    return {place for place in places if may_be_ours(place.host)}


_ARCHIVES = ("OBSERVER_WAYBACK", "OBSERVER_COMMON_CRAWL")


class TakeTyped:
    """Lets `scrapy fetch`, `shell`, `view` and `parse` ask for what was typed, not where it leads.

    They have no ledger, and but for `scrapy doctor` all else that asks has one.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        from twisted.internet import reactor  # noqa: PLC0415 (as above)

        names = getattr(reactor, "nameResolver", None)
        is_led = "redirect_urls" in request.meta or "dont_obey_robotstxt" in request.meta
        if self._is_typed() and not is_led and names:
            place = place_of(request.url)
            if may_be_ours(place.host):
                names.named.add(place)

    def _is_typed(self) -> bool:
        """Whether no crawl asks; the spider of the doctor has a site and knows no books."""
        spider: Any = self._crawler.spider
        return not hasattr(spider, "site") or getattr(spider, "books", self) is None
