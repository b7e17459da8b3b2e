"""From which site a folder's articles came: the newspaper's own, or a copy of invented text.

Whatever is made of a folder says so: invented text never stands beside the newspaper's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from observer_crawler import files
from observer_crawler import site as newspaper
from observer_crawler.exceptions import WrongOrigin

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

NEWSPAPER, REPLICA, UNKNOWN = "newspaper", "replica", "unknown"
_NOTICE = {
    NEWSPAPER: "The articles belong to the newspaper and its agencies.",
    REPLICA: "Made from a copy of the site: the text is invented, none of it is the newspaper's.",
    UNKNOWN: "Nothing says from which site the lines came.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The site that the lines were read from: whether it is the newspaper's, and its origin."""

    kind: str
    origin: str | None

    @property
    def notice(self) -> str:
        """What stands on everything that is made from it."""
        return _NOTICE[self.kind]

    def owns(self, host: str) -> bool:
        """Tell whether a host (and port) is of this site."""
        return self.origin is not None and _host(f"http://{host}") == _host(self.origin)

    @classmethod
    def of(cls, data: Path, origins: Collection[str] = ()) -> Source:
        """Tell it from the folder's claim and from the origins of its lines.

        Raises WrongOrigin, one line that names both, where lines of two sites stand together.
        """
        hosts = {_host(each): each for each in sorted(origins)}
        if claim := files.line_in(data / "state" / "origin"):
            hosts[_host(claim)] = claim
        if len(hosts) > 1:
            one, other, *_ = hosts.values()
            raise WrongOrigin(
                f"{data} holds lines from {one} and from {other}: an export takes those of one "
                "site; move the others to a folder of their own"
            )
        for host, origin in hosts.items():
            return cls(NEWSPAPER if host == newspaper.DOMAIN else REPLICA, origin)
        return cls(UNKNOWN, None)


def _host(origin: str) -> str:
    """Give host and port; all hosts of the newspaper are one."""
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:  # no address at all: it is like no other
        return origin
    is_ours = host == newspaper.DOMAIN or host.endswith(f".{newspaper.DOMAIN}")
    return newspaper.DOMAIN if is_ours else host
