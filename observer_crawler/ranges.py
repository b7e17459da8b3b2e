"""Which addresses are of the public internet, and which names no stranger can own. Pure.

Python's `is_global` is most of the rule. It says nothing of the IPv4 address that an IPv6 address
carries along, and takes multicast for global.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import inet_aton
from typing import NamedTuple
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
# What Python 3.11 takes for global, or will: protocol assignments (RFC 6890; a cloud's metadata stand at
# 192.0.0.192), the relays of 6to4 (RFC 7526), documentation (RFC 9637). The last is public by its
# number, and within Azure the door to the machine's own credentials.
_CLOSED = tuple(
    map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "168.63.129.16/32"))
)
# All of IPv6 that is given out for hosts (RFC 4291).
_UNICAST = ip_network("2000::/3")
# IPv6 networks whose addresses end in the IPv4 address that is reached through them (RFC 6052).
_NAT64 = ip_network("64:ff9b::/96")
# The forms of IPv4 that C reads: 2130706433, 0x7f.1, 0177.0.0.1
_OLD_FORM = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
# Nobody can register a name below these (RFC 6761, 6762, 8375; ICANN on .internal).
_OF_NOBODY = ("localhost", "local", "internal", "home.arpa", "test")


class Place(NamedTuple):
    """A host, in lower case and without brackets, and a port."""

    host: str
    port: int


def place_of(url: str) -> Place:
    """Give where an http or https address is asked; raises ValueError for one that has no port.

    >>> place_of("https://Example.org/x"), place_of("http://[::1]:8000")
    (Place(host='example.org', port=443), Place(host='::1', port=8000))
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = parts.port
    return Place(host, _PORTS.get(parts.scheme, 0) if port is None else port)


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """Read a host that is an address and no name, in every form that a socket takes.

    >>> [str(literal(host)) for host in ("127.0.0.1", "2130706433", "0x7f.1", "::1", "a.example")]
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', 'None']
    """
    plain = host.partition("%")[0].strip("[]").rstrip(".").lower()
    try:
        return IPv4Address(inet_aton(plain)) if _OLD_FORM.fullmatch(plain) else ip_address(plain)
    except (OSError, ValueError):
        return None


def is_public(host: str) -> bool:
    """Whether an address is of the public internet; a name is not, for it says nothing.

    >>> [is_public(host) for host in ("1.1.1.1", "10.0.0.1", "169.254.169.254", "100.64.0.1")]
    [True, False, False, False]
    >>> [is_public(host) for host in ("2606:4700::1", "::ffff:127.0.0.1", "64:ff9b::a00:1")]
    [True, False, False]
    """
    address = literal(host)
    if address is None or address.is_multicast or not _is_global(address):
        return False
    return all(is_public(str(inner)) for inner in _inner(address))


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return True  # what it carries decides: Python has changed its mind on the outer one
    if isinstance(address, IPv6Address) and address not in _UNICAST and address not in _NAT64:
        return False
    return address.is_global and not any(address in network for network in _CLOSED)


def _inner(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Give the IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    last = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return [inner for inner in (address.ipv4_mapped, address.sixtofour, last) if inner]


def may_be_ours(host: str) -> bool:
    """Whether a host that the user typed may stand for a machine of his own network.

    An address does, and a name that nobody can register: what such a name leads to is the
    user's own doing. Any other name leads where its owner wants it to.

    >>> [may_be_ours(host) for host in ("10.0.0.5", "localhost", "pywb", "mirror.home.arpa")]
    [True, True, True, True]
    >>> [may_be_ours(host) for host in ("www.example.org", "localhost.example.org")]
    [False, False]
    """
    name = host.rstrip(".").lower()
    if literal(name) is not None or "." not in name:
        return True
    return any(name.endswith(f".{end}") for end in _OF_NOBODY)
