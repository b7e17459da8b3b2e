"""A dead-man service on this machine, as far as a heartbeat can tell: it keeps what it was told."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A path that nobody guesses, as such services give them out.
SECRET = "5f1c0a6e-not-to-be-seen"  # noqa: S105 (of a service that lives for one test)


class Call(NamedTuple):
    """One call: what stands behind the secret, and the body."""

    word: str
    body: str


class Service(NamedTuple):
    """Where to call, and what was called so far."""

    url: str
    calls: list[Call]

    @property
    def words(self) -> list[str]:
        return [call.word for call in self.calls]


@contextmanager
def service(statuses: Sequence[int] = (), location: str = "") -> Iterator[Service]:
    """Answer with these statuses one after the other, then 200, and point to a `location`."""
    calls: list[Call] = []

    class Keep(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer who was sent here by a redirect, which turns a POST into a GET."""
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            status = statuses[len(calls)] if len(calls) < len(statuses) else 200
            calls.append(Call(self.path.removeprefix(f"/ping/{SECRET}/"), body))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keep) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Service(f"http://127.0.0.1:{server.server_address[1]}/ping/{SECRET}", calls)
        finally:
            server.shutdown()
            thread.join()
