"""Who is told of alarms, on this machine: a webhook and a mail server that keep what came."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from socketserver import BaseServer

# A path and a password that nobody guesses.
SECRET = "hook-5f1c0a6e"  # noqa: S105 (of a service that lives for one test)
_ANSWERS = {
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}


class Hook(NamedTuple):
    """Where to post, and what was posted."""

    url: str
    posts: list[dict[str, Any]]


class Mailbox(NamedTuple):
    """Where to send, and what came: all that a client said of each mail, and in each talk."""

    url: str
    mails: list[str]
    talks: list[list[str]]


@contextmanager
def hook(statuses: Sequence[int] = ()) -> Iterator[Hook]:
    """Answer with these statuses one after the other, then 200."""
    posts: list[dict[str, Any]] = []

    class Keep(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == f"/{SECRET}"
            assert self.headers["Content-Type"] == "application/json; charset=utf-8"
            status = statuses[len(posts)] if len(posts) < len(statuses) else 200
            posts.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keep) as server, _serving(server):
        yield Hook(f"http://127.0.0.1:{server.server_address[1]}/{SECRET}", posts)


@contextmanager
def mailbox(refusals: Sequence[str] = (), host: str = "127.0.0.1") -> Iterator[Mailbox]:
    """Take mails, after refusing recipients with these lines one after the other."""
    mails: list[str] = []
    talks: list[list[str]] = []
    left = list(refusals)

    class Take(StreamRequestHandler):
        """As much of RFC 5321 and AUTH PLAIN as one client needs."""

        def handle(self) -> None:
            self._say("220 here")
            heard: list[str] = []
            talks.append(heard)
            while line := self.rfile.readline().decode().strip():
                heard.append(line)
                word = line.split()[0].upper()
                self._say(left.pop(0) if word == "RCPT" and left else _ANSWERS.get(word, "250 ok"))
                if word == "DATA":
                    mails.append("\n".join([*heard, *self._data()]))
                    self._say("250 taken")
                elif word == "QUIT":
                    return

        def _data(self) -> Iterator[str]:
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                yield line

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with ThreadingTCPServer((host, 0), Take) as server, _serving(server):
        yield Mailbox(f"smtp://me:{SECRET}@{host}:{server.server_address[1]}", mails, talks)


@contextmanager
def _serving(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
