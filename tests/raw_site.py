"""A site of a few answers given byte for byte, for what no library's server would send."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from socket import SHUT_RDWR, SHUT_WR, create_server
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from socket import socket

ABSENT = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def raw_site(answers: Mapping[str, bytes]) -> Iterator[str]:
    """Answer each path with the bytes given, anything else with 404; gives the origin."""
    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, answers), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(SHUT_RDWR)
    thread.join()


def _serve(listening: socket, answers: Mapping[str, bytes]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            asked = connection.recv(65536).split(b" ")
            path = asked[1].decode("latin-1") if len(asked) > 1 else ""
            connection.sendall(answers.get(path, ABSENT))
            connection.shutdown(SHUT_WR)
