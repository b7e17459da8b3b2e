"""Lets names be unknown in a crawl's process, as they are when the resolver is gone."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from scrapy.crawler import Crawler

# Names are unknown while the file that this variable names is there.
UNKNOWN = "CRAWL_UNKNOWN_NAMES"


class Names:
    """An extension that stands before the two functions of C that look a name up."""

    @classmethod
    def from_crawler(cls, _: Crawler) -> Self:
        for name in ("gethostbyname", "getaddrinfo"):
            setattr(socket, name, _asked(getattr(socket, name)))
        return cls()


def _asked(look_up: Callable[..., Any]) -> Callable[..., Any]:
    def ask(host: object, *more: Any, **named: Any) -> Any:  # noqa: ANN401 (passed on)
        if host == "localhost" and Path(os.environ[UNKNOWN]).exists():
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *more, **named)

    return ask
