"""Processes that start warm: forked from one that has imported what every crawl imports.

Of the 1.1 s of CPU that the smallest crawl takes 0.8 are imports, and the tests crawl some
hundred times. The child is a process of its own, with its own id, memory, environment and exit
code, and it runs `python -m scrapy` from there on; what reads the environment, our settings
first of all, is imported after the fork. A test that sets what Python itself reads at its start
(a locale, PYTHON...) gets a cold process.

    test process ── Warm.start(command, env, files) ──► this module's main: fork
                 ◄── pid, later the exit status ──────── child: scrapy
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What Python reads when it starts; time zones with them, for a C library keeps its own copy.
_OF_THE_START = ("PYTHON", "LC_", "LANG", "TZ")
# What a test adds that wants a cold process for another reason.
COLD = {"PYTHON_COLD": "1"}
_MOST_BYTES = 1 << 17
_FILES = 3
# All that a crawl imports but the reactor, which it installs itself, and what reads the
# environment (our settings, and the commands that know them).
_PACKAGES = (
    *("scrapy.commands", "scrapy.extensions", "scrapy.downloadermiddlewares"),
    *("scrapy.spidermiddlewares", "observer_crawler", "observer_crawler.spiders"),
)
_MODULES = (
    *("scrapy.cmdline", "scrapy.statscollectors", "scrapy.resolver", "scrapy.logformatter"),
    *("scrapy.responsetypes", "scrapy.robotstxt", "scrapy.exporters", "surt"),
    *("scrapy.core.downloader.handlers.http11", "scrapy.core.downloader.handlers.s3"),
    *("scrapy.core.downloader.handlers.ftp", "scrapy.core.downloader.handlers.datauri"),
    *("scrapy.core.downloader.handlers.file", "concurrent.futures.process"),
)
_NOT = (
    *(f"observer_crawler.{room}" for room in "settings commands dataset replica".split()),
    "scrapy.extensions.statsmailer",  # warns that it is deprecated
)
_NEVER = ("observer_crawler.settings", "twisted.internet.reactor")


class Warm:
    """A process that was forked, with what tests use of subprocess.Popen."""

    def __init__(self, pid: int, out: int, mother: Mother) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._out = out
        self._mother = mother
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Give the exit code as Popen does, None while it runs."""
        if self.returncode is None and select.select([self._end], [], [], 0)[0]:
            self._reap()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float | None = None) -> tuple[str, None]:
        """Wait for the end; gives what it wrote. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        parts = []
        while self._out >= 0 and self._waits_for(self._out, until):
            if part := os.read(self._out, 1 << 16):
                parts.append(part)
            else:
                os.close(self._out)
                self._out = -1
        if self.returncode is None and self._waits_for(self._end, until):
            self._reap()
        return b"".join(parts).decode(), None

    def _waits_for(self, file: int, until: float | None) -> bool:
        left = None if until is None else max(until - time.monotonic(), 0)
        if not select.select([file], [], [], left)[0]:
            raise subprocess.TimeoutExpired("scrapy", left or 0)
        return True

    def _reap(self) -> None:
        os.close(self._end)
        self.returncode = os.waitstatus_to_exitcode(self._mother.ask({"end": self.pid}))


class Mother:
    """The process that has imported everything, and forks."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._env = of_the_start(env)
        with theirs:
            command = [sys.executable, "-m", "tests.warm", str(theirs.fileno())]
            # It ends when the socket closes, with this process.
            self._process = subprocess.Popen(
                command, cwd=root, env=env, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )

    def fits(self, env: Mapping[str, str]) -> bool:
        """Whether a child can have an environment."""
        return of_the_start(env) == self._env

    def start(self, words: Sequence[str], env: Mapping[str, str], err: int) -> Warm:
        """Run `scrapy` with some words; standard error goes to an open file."""
        out, theirs = os.pipe()
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (a file number is wanted)
            pid = self.ask({"words": words, "env": env}, [nothing.fileno(), theirs, err])
        os.close(theirs)
        return Warm(pid, out, self)

    def close(self) -> None:
        """Let it end; its children go on."""
        self._socket.close()
        self._process.wait()

    def ask(self, what: Mapping[str, Any], files: Sequence[int] = ()) -> int:
        message = json.dumps(what).encode()
        socket.send_fds(self._socket, [message], list(files)) if files else self._socket.send(
            message
        )
        return int(self._socket.recv(_MOST_BYTES))


def of_the_start(env: Mapping[str, str]) -> dict[str, str]:
    """Give what a running Python cannot be given any more."""
    return {name: value for name, value in env.items() if name.startswith(_OF_THE_START)}


def main() -> list[str] | None:
    """Fork as often as asked; gives the words of the command in a child, None in the mother."""
    _import()
    asked = socket.socket(fileno=int(sys.argv[1]))
    while True:
        message, files, _, _ = socket.recv_fds(asked, _MOST_BYTES, _FILES)
        if not message:
            return None
        what = json.loads(message)
        if "end" in what:
            asked.send(str(os.waitpid(what["end"], 0)[1]).encode())
            continue
        pid = os.fork()
        if not pid:
            asked.close()
            _become(what["env"], files)
            return list(what["words"])
        for file in files:
            os.close(file)
        asked.send(str(pid).encode())


def _import() -> None:
    for name in _MODULES:
        importlib.import_module(name)
    for package in map(importlib.import_module, _PACKAGES):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if not found.name.startswith(_NOT):
                importlib.import_module(found.name)
    wrong = [name for name in _NEVER if name in sys.modules]
    assert not wrong, f"{wrong} would be the same in every child"
    gc.collect()
    gc.freeze()


def _become(env: Mapping[str, str], files: Sequence[int]) -> None:
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)


if __name__ == "__main__" and (words := main()) is not None:
    sys.argv = ["scrapy", *words]
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)
