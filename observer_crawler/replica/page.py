"""An answer of the site."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket

HTML = "text/html"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. The body is not compressed; `headers` lack its length."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def gzipped(self) -> bytes:
        """Return the body compressed, the same bytes each time."""
        return gzip.compress(self.body, 5, mtime=0)


@dataclass(frozen=True, slots=True)
class Raw(Page):
    """An answer that `send` writes to the connection itself, which is closed after it."""

    send: Callable[[socket], None] = lambda _: None


def plain(status: int, text: str) -> Page:
    """Return a short answer in plain text."""
    return Page(status, {"Content-Type": TEXT}, text.encode())
