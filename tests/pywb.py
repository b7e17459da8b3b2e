"""pywb on this machine: a real web archive, of WARC and WACZ files, that a test can ask.

It has an environment of its own, `.venv-pywb`, because its pins clash with ours. Whoever asks
first makes it from requirements/pywb.txt, once per machine and lock; nothing else needs it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parent.parent
COLLECTION = "coll"
HOST = "127.0.0.1"
_BIN = ROOT / ".venv-pywb" / "bin"
_SET_UP = ("sh", "requirements/install.sh", "pywb")
# Seconds: fifty are usual with pip, one to three for a start.
_SET_UP_TIMEOUT = 500
_START_TIMEOUT = 60
# Two tests may be given the same free port.
_ATTEMPTS = 3
# `wayback`, which ends with the process that holds the other end of its standard input, however
# that one ends.
_WAYBACK = """
import os
from pywb.apps.cli import wayback
from gevent import spawn
from gevent.os import tp_read
spawn(lambda: (tp_read(0, 1), os._exit(0)))
wayback()
"""


@dataclass(frozen=True)
class Archive:
    """One collection that is served: what to ask for its index, and for its captures."""

    url: str

    @property
    def cdx(self) -> str:
        """Give the address of the CDX server."""
        return f"{self.url}/cdx"

    def capture(self, timestamp: str, url: str) -> str:
        """Give the address of a capture's own bytes; the timestamp may be of 0 to 14 digits."""
        return f"{self.url}/{timestamp}id_/{quote(url, safe='/:?&=%+,;@#~!$*')}"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, **headers: str) -> Answer:
    """Ask once, follow nothing and unpack nothing."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("GET", url[len(f"http://{parts.netloc}") :], headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)


@contextmanager
def serving(collection_files: Sequence[Path], folder: Path) -> Iterator[Archive]:
    """Serve WARC and WACZ files as one collection, on a free port of loopback, from a folder.

    A WACZ file must carry its index (`indexes/index.cdx.gz`): pywb takes none without. The log
    is `folder / "pywb.log"`.
    """
    set_up()
    folder.mkdir(parents=True, exist_ok=True)
    _collect(collection_files, folder)
    for _ in range(_ATTEMPTS):
        with _wayback(folder) as archive:
            if archive:
                yield archive
                return
    pytest.fail(f"pywb did not start: {_last_line((folder / 'pywb.log').read_text('utf-8'))}")


def set_up() -> None:
    """Bring pywb's environment to its lock; one test process at a time, the others wait."""
    with (ROOT / "requirements" / "pywb.txt").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            _SET_UP, cwd=ROOT, check=False, capture_output=True, text=True, timeout=_SET_UP_TIMEOUT
        )
    if done.returncode:
        pytest.fail(
            f"pywb cannot be set up ({_last_line(done.stderr)}); "
            f"`{' '.join(_SET_UP)}` tries again and says more",
            pytrace=False,
        )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _collect(files: Sequence[Path], folder: Path) -> None:
    _manage(folder, "init", COLLECTION)
    if files:
        _manage(
            folder, "add", "--unpack-wacz", COLLECTION, *(str(path.absolute()) for path in files)
        )


def _manage(folder: Path, *words: str) -> None:
    """Run `wb-manager`. It warns of a file that it does not take, and goes on: that fails here."""
    done = subprocess.run(
        [_BIN / "wb-manager", *words],
        cwd=folder,
        env=_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode or "WARNING" in done.stderr:
        pytest.fail(f"wb-manager {words[0]}: {done.stderr[-2000:]}")


def _environment() -> dict[str, str]:
    """Give the environment without what leads Python elsewhere; its warnings are not ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONWARNINGS": "ignore"}


@contextmanager
def _wayback(folder: Path) -> Iterator[Archive | None]:
    """Start the server; gives None when it ended before it answered, as with a port in use."""
    port = _free_port()
    words = [str(_BIN / "python"), "-c", _WAYBACK, "-b", HOST, "-p", str(port)]
    with (folder / "pywb.log").open("ab") as log:
        process = subprocess.Popen(
            words, cwd=folder, env=_environment(), stdin=subprocess.PIPE, stdout=log, stderr=log
        )
    try:
        is_up = _answers(process, port)
        yield Archive(f"http://{HOST}:{port}/{COLLECTION}") if is_up else None
    finally:
        process.kill()
        process.communicate()


def _free_port() -> int:
    with create_server((HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server answers; False when its process ends before."""
    until = time.monotonic() + _START_TIMEOUT
    while process.poll() is None and time.monotonic() < until:
        connection = HTTPConnection(HOST, port, timeout=_START_TIMEOUT)
        try:
            connection.request("GET", "/collinfo.json")
            return COLLECTION in connection.getresponse().read().decode()
        except ConnectionRefusedError:
            time.sleep(0.02)
        finally:
            connection.close()
    return False
