"""A replica with one fault, and its words on the wire: what is sent byte for byte."""

from __future__ import annotations

import select
import struct
import threading
import time
from collections import Counter
from contextlib import suppress
from socket import SO_LINGER, SOL_SOCKET, create_server, socket
from typing import TYPE_CHECKING, Self

from observer_crawler import urls
from observer_crawler.replica import Options, Page, Replica
from observer_crawler.replica.page import Raw
from tests.hostile.rows import Asked, Where

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica import Server
    from tests.hostile.rows import Answer

# Small, and each article on more than one page, so that the fault of one hides no other.
OPTIONS = Options(articles=24, days=2, plain=True, robots="none")
# An article of the list that the crawl begins with: three others are stored before it.
HURT = "b:531263"
OWN = "https://www.observerbd.com"
# Seconds between two bytes that drip.
DRIP_SECONDS = 0.1


def name_of(path: str) -> str:
    """Give the canonical name of what a path asks for."""
    return "robots.txt" if path == "/robots.txt" else urls.parse(OWN + path).name


class Site(Replica):
    """A replica with a fault, until it is healed."""

    def __init__(self, answer: Answer, where: Where, options: Options = OPTIONS) -> None:
        """Let the fault stand at HURT, or at everything from the start or from there on."""
        super().__init__(options)
        self.server: Server
        self.folder: Path
        self.show: Callable[[str], None]  # another certificate
        self.is_healed = False
        self._fault, self._where = answer, where
        self._is_on = where is Where.START
        self._visited: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._trap = create_server(("127.0.0.1", 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._trap.close()

    @property
    def trap(self) -> int:
        """A port at which nothing may be asked."""
        port: int = self._trap.getsockname()[1]
        return port

    @property
    def trapped(self) -> int:
        """Whether somebody asked there all the same."""
        return len(select.select([self._trap], [], [], 0)[0])

    def get(self, path: str) -> Page:
        """Answer as a server does."""
        name = name_of(path)
        with self._guard:
            visit = self._visited[name]
            self._visited[name] += 1
            self._is_on |= self._where is Where.MIDDLE and name == HURT
        is_hurt = self._is_on or (self._where is Where.ARTICLE and name == HURT)
        page = None
        if is_hurt and not self.is_healed:
            page = self._fault(Asked(path, visit, self))
        return page or super().get(path)


def raw(send: Callable[[socket], None]) -> Raw:
    """Give an answer that writes to the connection itself."""
    return Raw(0, send=send)


def reset(connection: socket) -> None:
    """Break the connection off with RST."""
    connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def sent(data: bytes) -> Callable[[socket], None]:
    """Send so much and close; the other side may go away before."""

    def send(connection: socket) -> None:
        with suppress(OSError):
            connection.sendall(data)

    return send


def stalled(data: bytes) -> Callable[[socket], None]:
    """Send so much, and then nothing until the other side goes away."""

    def send(connection: socket) -> None:
        with suppress(OSError):
            connection.sendall(data)
            connection.recv(1)

    return send


def dripping(data: bytes) -> Callable[[socket], None]:
    """Send byte by byte, for as long as the other side listens."""

    def send(connection: socket) -> None:
        with suppress(OSError):
            for byte in data:
                connection.sendall(bytes([byte]))
                time.sleep(DRIP_SECONDS)

    return send
