"""What the stand-ins of archives share: a real server, its log, its limits and its bad days."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from tests.archive_index import BadQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HOST = "127.0.0.1"
TOO_MANY = 429
# What a gate says of a request, besides the status of a refusal.
FINE, BLOCKED = 0, -1


class Page(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Asked:
    """One request; times are seconds of the monotonic clock, `status` 0 where it hung up."""

    time: float
    kind: str
    path: str
    status: int
    headers: dict[str, str]


@dataclass(frozen=True)
class Limits:
    """What is too much. All times are scaled, each on its own; 0 and None set no limit.

    The Wayback Machine's, as its clients were told: 24 queries of the index a minute, one
    connection, and after a 429 that is ignored no connection for an hour, doubled each time.
    """

    cdx_per_minute: int | None = None
    minute_seconds: float = 0.6
    capture_seconds: float = 0.0
    one_at_a_time: bool = False
    # How long nothing may be asked after a 429: 65 minutes for the careful.
    penalty_seconds: float = 0.65
    block_seconds: float = 0.6


class Gate:
    """Counts what is asked and says when it is too much. Not safe for threads by itself."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._queries: list[float] = []
        self._last_capture = float("-inf")
        self._angry_until = float("-inf")
        self.triggered = 0

    @property
    def block_seconds(self) -> float:
        return self._limits.block_seconds * 2.0 ** (self.triggered - 1)

    def judge(self, kind: str, now: float, in_flight: int) -> int:
        """Give FINE, 429 or BLOCKED."""
        if now < self._angry_until:
            self._angry_until = float("-inf")
            self.triggered += 1
            return BLOCKED
        is_too_much = (self._limits.one_at_a_time and in_flight > 1) or self._count(kind, now)
        return TOO_MANY if is_too_much else FINE

    def refused(self, now: float) -> None:
        """Note that a 429 goes out."""
        self._angry_until = now + self._limits.penalty_seconds

    def _count(self, kind: str, now: float) -> bool:
        if kind == "cdx" and self._limits.cdx_per_minute is not None:
            begin = now - self._limits.minute_seconds
            self._queries = [*(each for each in self._queries if each > begin), now]
            return len(self._queries) > self._limits.cdx_per_minute
        if kind == "capture":
            last, self._last_capture = self._last_capture, now
            return now - last < self._limits.capture_seconds
        return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    server: _HttpServer

    def do_GET(self) -> None:
        page = self.server.archive.hear(self.path, dict(self.headers.items()))
        if page is None:
            self.close_connection = True
            return
        self.send_response(page.status)
        for name, value in page.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *_: object) -> None:
        pass


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, archive: Archive) -> None:
        self.archive = archive
        self._open: set[socket] = set()
        super().__init__((HOST, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (its own)
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 (as above)
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (as above)
        """Let clients go away as they like."""

    def hang_up(self) -> None:
        """End what is open: a firewall lets nothing through."""
        for connection in list(self._open):
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError:
                self._open.discard(connection)


class Archive:
    """A server of one archive; what it answers is up to its heirs."""

    def __init__(self, limits: Limits | None = None, latency_seconds: float = 0.0) -> None:
        self.log: list[Asked] = []
        self.max_in_flight = 0
        self._gate = Gate(limits or Limits())
        self._latency = latency_seconds
        self._lock = threading.Lock()
        self._in_flight = 0
        self._bad_days: list[tuple[str, Page]] = []
        self._every: tuple[int, str, int] = (0, "", 0)
        self._timer: threading.Timer | None = None
        self._http: _HttpServer | None = None
        self.port = 0
        self._listen()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def triggered(self) -> int:
        """How often somebody asked on in spite of a 429, and was shut out."""
        return self._gate.triggered

    def asked(self, kind: str) -> list[Asked]:
        """Give the requests of one kind, in order."""
        return [each for each in self.log if each.kind == kind]

    def answer_next(
        self, status: int, times: int = 1, kind: str = "", retry_after: str | None = None
    ) -> None:
        """Let the next requests (of a kind) be answered with an error of the archive's own."""
        more = [] if retry_after is None else [("Retry-After", retry_after)]
        self._bad_days += [(kind, self.trouble(status, more))] * times

    def fail_every(self, nth: int, status: int = 503, kind: str = "") -> None:
        """Let each n-th request (of a kind) fail; 0 ends it."""
        self._every = (nth, kind, status)

    def refuse(self, seconds: float) -> None:
        """Refuse connections for a while, and end those that are open."""
        if self._stop():
            self._timer = threading.Timer(seconds, self._listen)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def kind_of(self, path: str) -> str:
        """Say what a request is for: `cdx`, `capture`, or another word."""
        raise NotImplementedError

    def answer(
        self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Page:
        """Answer as on a good day. May raise BadQuery."""
        raise NotImplementedError

    def trouble(self, status: int, more: list[tuple[str, str]]) -> Page:
        """Give an error of the archive's own."""
        return Page(status, [("Content-Type", "text/html"), *more], b"<h1>%d</h1>" % status)

    def bad_query(self, err: BadQuery) -> Page:
        return Page(400, [("Content-Type", "text/plain")], f"{err}\n".encode())

    def hear(self, path: str, headers: dict[str, str]) -> Page | None:
        """Answer a request, or None to hang up; the log knows of it before the client does."""
        now, kind = time.monotonic(), self.kind_of(path)
        with self._counted() as in_flight:
            with self._lock:
                verdict = self._gate.judge(kind, now, in_flight)
                page = self._refusal(verdict, kind)
            if page is None and verdict != BLOCKED:
                time.sleep(self._latency)
                page = self._answered(path, headers)
        with self._lock:
            self.log.append(Asked(now, kind, path, page.status if page else 0, headers))
            if page and page.status == TOO_MANY:
                self._gate.refused(time.monotonic())
        if verdict == BLOCKED:
            self.refuse(self._gate.block_seconds)
        return page

    def _refusal(self, verdict: int, kind: str) -> Page | None:
        if verdict == BLOCKED:
            return None
        if verdict:
            return self.trouble(verdict, [])
        for at, (wanted, page) in enumerate(self._bad_days):
            if wanted in {"", kind}:
                del self._bad_days[at]
                return page
        nth, wanted, status = self._every
        count = 1 + sum(wanted in {"", each.kind} for each in self.log)
        is_due = nth and wanted in {"", kind} and count % nth == 0
        return self.trouble(status, []) if is_due else None

    def _answered(self, path: str, headers: dict[str, str]) -> Page:
        parts = urlsplit(path)
        try:
            return self.answer(path, parse_qs(parts.query, keep_blank_values=True), headers)
        except BadQuery as err:
            return self.bad_query(err)

    @contextmanager
    def _counted(self) -> Iterator[int]:
        with self._lock:
            self._in_flight += 1
            in_flight = self._in_flight
            self.max_in_flight = max(self.max_in_flight, in_flight)
        try:
            yield in_flight
        finally:
            with self._lock:
                self._in_flight -= 1

    def _stop(self) -> bool:
        """Close the port; gives whether it was open."""
        http, self._http = self._http, None
        if http is None:
            return False
        http.shutdown()
        http.server_close()
        http.hang_up()
        return True

    def _listen(self) -> None:
        self._http = _HttpServer(self.port, self)
        self.port = self._http.server_port
        serve = {"poll_interval": 0.01}
        threading.Thread(target=self._http.serve_forever, kwargs=serve, daemon=True).start()
