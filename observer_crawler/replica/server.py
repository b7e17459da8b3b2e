"""The replica on a real HTTP/1.1 server, bound to loopback, with a log of every request."""

import errno
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import SHUT_RDWR, SO_REUSEADDR, SOL_SOCKET, socket
from ssl import SSLContext
from typing import Any

from observer_crawler.replica import validators
from observer_crawler.replica.options import OptionsError, read_time
from observer_crawler.replica.page import Page, Raw
from observer_crawler.replica.replica import Replica

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Access:
    """One request as the server saw it; times are seconds of the monotonic clock."""

    time: float
    ended: float  # when the answer was ready to be sent
    method: str
    path: str
    status: int
    headers: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60
    server: "_HttpServer"

    def do_GET(self) -> None:
        """Answer a request."""
        self._answer(send_body=True)

    def do_HEAD(self) -> None:
        """Answer with the headers alone."""
        self._answer(send_body=False)

    def _answer(self, *, send_body: bool) -> None:
        """Answer; the log knows of it before the client does, so that a test can rely on it."""
        site = self.server.site
        counted = self.path != "/robots.txt"
        began = site.enter(counted=counted)
        try:
            page = self._page(site.replica)
        finally:
            site.leave(counted=counted)
        page = validators.shortened(page, self.headers)
        site.note(began, self, page.status)
        self._send(page, send_body=send_body)

    def _page(self, replica: Replica) -> Page:
        if replica.options.latency_seconds:
            time.sleep(replica.options.latency_seconds)
        return replica.get(self.path.encode("latin-1").decode("utf-8", "replace"))

    def _send(self, page: Page, *, send_body: bool) -> None:
        if isinstance(page, Raw):
            self.close_connection = True
            page.send(self.connection)
            return
        has_body = page.status != validators.NOT_MODIFIED
        zipped = has_body and "gzip" in self.headers.get("Accept-Encoding", "")
        body = page.gzipped() if zipped else page.body
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if send_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Say nothing: the server keeps a log of its own."""


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], site: "Server") -> None:
        self.site = site
        self._open: set[socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without asking who the host is called."""
        if self.site.tls:
            # The handshake comes with the first read, in a thread of its own.
            self.socket = self.site.tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )
        self.socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Remember the connection, so that a stop can end it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Let clients go away as they like; a bug of ours is kept for whoever looks."""
        self.site.note_error()

    def end_connections(self) -> None:
        """Close what clients keep open."""
        for connection in list(self._open):
            try:
                connection.shutdown(SHUT_RDWR)
            except OSError as err:
                if err.errno not in (errno.ENOTCONN, errno.EBADF):
                    raise


class Server:
    """A replica that listens. Everything a test needs to know is counted here."""

    def __init__(
        self,
        replica: Replica,
        port: int = 0,
        access_log: Path | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        """Listen at once; raise OptionsError when the port is taken. `tls`: speak https."""
        self.replica = replica
        self.tls = tls
        self.log: list[Access] = []
        self.errors: list[str] = []
        self.max_in_flight = 0
        self._in_flight = 0
        self._lock = threading.Lock()
        self._log_file = access_log.open("a", encoding="utf-8") if access_log else None
        self.port = port
        self._http: _HttpServer | None = None
        self.start()

    @property
    def url(self) -> str:
        """The origin, without a slash at its end."""
        return f"http{'s' if self.tls else ''}://{_HOST}:{self.port}"

    @property
    def now(self) -> datetime:
        """The replica's time."""
        return self.replica.now

    @now.setter
    def now(self, value: datetime | str) -> None:
        self.replica.now = read_time(value) if isinstance(value, str) else value

    @property
    def robots(self) -> str | None:
        """The text of robots.txt; None: as the replica's switch says. May change at any time."""
        return self.replica.robots

    @robots.setter
    def robots(self, text: str | None) -> None:
        self.replica.robots = text

    def start(self) -> None:
        """Open the port (again)."""
        if self._http is not None:
            return
        try:
            self._http = _HttpServer((_HOST, self.port), self)
        except OSError as err:
            message = f"replica: port {self.port} cannot be opened on {_HOST}: {err.strerror}"
            raise OptionsError(message) from err
        self.port = self._http.server_port
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def stop(self) -> None:
        """Close the port and every connection; `start` opens the same port again."""
        http, self._http = self._http, None
        if http is None:
            return
        http.shutdown()
        http.server_close()
        http.end_connections()

    def publish(self, count: int = 1) -> list[str]:
        """Let articles go up now; return their ids."""
        return self.replica.publish(count)

    def edit(self, article_id: str) -> None:
        """Change an article's text."""
        self.replica.edit(article_id)

    def enter(self, *, counted: bool) -> float:
        """Note that a request is being answered."""
        with self._lock:
            self._in_flight += counted
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
        return time.monotonic()

    def leave(self, *, counted: bool) -> None:
        """Note that a request is answered."""
        with self._lock:
            self._in_flight -= counted

    def note(self, began: float, handler: BaseHTTPRequestHandler, status: int) -> None:
        """Write a request down."""
        ended, headers = time.monotonic(), dict(handler.headers.items())
        access = Access(began, ended, handler.command, handler.path, status, headers)
        with self._lock:
            self.log.append(access)
            if self._log_file:
                self._log_file.write(json.dumps(asdict(access), ensure_ascii=False) + "\n")
                self._log_file.flush()

    def note_error(self) -> None:
        """Keep the error being handled, unless the client only went away."""
        import traceback  # noqa: PLC0415

        text = traceback.format_exc()
        if "ConnectionResetError" not in text and "BrokenPipeError" not in text:
            self.errors.append(text)

    def close(self) -> None:
        """Stop for good."""
        self.stop()
        if self._log_file:
            self._log_file.close()


@contextmanager
def serve(
    replica: Replica,
    port: int = 0,
    access_log: Path | None = None,
    tls: SSLContext | None = None,
) -> Iterator[Server]:
    """Serve a replica while the block runs.

    >>> from observer_crawler.replica import Options
    >>> with serve(Replica(Options(articles=50))) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    server = Server(replica, port, access_log, tls)
    try:
        yield server
    finally:
        server.close()
