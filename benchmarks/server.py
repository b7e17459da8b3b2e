"""A server of pages made beforehand, fast enough to be no limit: `python -m benchmarks.server 2000`.

It answers what the replica answers, packed as a server packs, from memory: some 10,000 pages a
second, of which a crawl asks a few hundred. It prints its origin, and then serves until its
standard input ends. `/-/asked` gives the paths that were asked since it was asked last, `/-/cpu`
the seconds of CPU that the server has spent.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import process_time
from typing import NamedTuple

from observer_crawler.replica import Options, Replica


class Shelf(NamedTuple):
    """The answers of a replica, by path, and the paths that were asked."""

    replica: Replica
    answers: dict[str, bytes]
    asked: list[str]

    def answer(self, path: str) -> bytes:
        """Give an answer, made at its first request."""
        if path == "/-/asked":
            told = json.dumps(self.asked).encode()
            self.asked.clear()
            return _answer(200, {"Content-Type": "application/json"}, told)
        if path == "/-/cpu":
            return _answer(200, {"Content-Type": "application/json"}, str(process_time()).encode())
        self.asked.append(path)
        if path not in self.answers:
            page = self.replica.render(path)
            headers = page.headers | {"Content-Encoding": "gzip"}
            self.answers[path] = _answer(page.status, headers, page.gzipped())
        return self.answers[path]


def _answer(status: int, headers: dict[str, str], body: bytes) -> bytes:
    told = headers | {"Content-Length": str(len(body))}
    lines = (f"{name}: {value}" for name, value in told.items())
    return "\r\n".join((f"HTTP/1.1 {status} -", *lines, "", "")).encode() + body


class Serve(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            head, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode("latin-1")
            self._transport.write(self._shelf.answer(path))  # type: ignore[attr-defined]


async def main(articles: int) -> None:
    """Serve until nobody listens to us any more."""
    site = Options(articles=articles, days=max(articles // 50, 1), plain=True, robots="none")
    shelf = Shelf(Replica(site), {}, [])
    for fact in shelf.replica.facts():
        shelf.answer(fact["path"])
    shelf.asked.clear()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Serve(shelf), "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
