"""A crawl of a replica that is disturbed, and gone on with by the same command until it is done."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from observer_crawler.commands.crawl import Command
from observer_crawler.replica import Options, Replica, serve
from tests import crash
from tests.conftest import CRAWL_TIMEOUT, Faulty, Running, clean_environment, crawl_command
from tests.world import article_set, assert_books, disallowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from observer_crawler.replica import Page, Server
    from tests.conftest import Crawl

KILLED = -signal.SIGKILL
# Leases at one time: twice the one request in flight.
LEASED = 2
# Two ways in, over all that the replica has.
LINK = "observer"
ARCHIVE = "observer_archive"
# The crawl's own extensions, and the one that can end it.
_EXTENSIONS = {**Command.default_settings["EXTENSIONS"], "tests.crash.Crash": 1}


class Trial:
    """One data folder and one server, for as many runs as it takes."""

    def __init__(
        self, folder: Path, server: Server, spider: str, env: Mapping[str, str] | None = None
    ) -> None:
        """`env`: what the runs find in their environment beside the usual."""
        self.data = folder / "data"
        self._env = dict(env or {})
        self.server = server
        self.settings: dict[str, object] = {}
        self._spider = spider
        self.arguments = {"site": server.url}
        if spider == ARCHIVE:
            first, *_, last = server.replica.days()
            self.arguments |= {"from_date": str(first), "until_date": str(last)}
        self._stats = folder / "stats.json"

    def start(self, at: str = "", *, file_bytes: int = 0) -> Running:
        """Start the command; it ends itself at a point such as `line:half:3`."""
        settings = {
            "OBSERVER_DATA": self.data,
            "DOWNLOAD_DELAY": 0.001,
            "OBSERVER_RETRY_SECONDS": 0.01,
            "OBSERVER_CAPTURE": 1,
            "STATS_CLASS": "tests.written_stats.WrittenStats",
            "EXTENSIONS": json.dumps(_EXTENSIONS),
            **self.settings,
        }
        command = crawl_command((), self.arguments, settings, self._spider)
        faults = {crash.AT: at, crash.FILE_BYTES: str(file_bytes), **self._env}
        self._stats.unlink(missing_ok=True)
        env = clean_environment(self._stats, faults)
        running = Running(command, env, self.data, self._stats)
        running.is_judged = not file_bytes
        # A page takes about 10 ms, several times that on a machine with other work.
        articles = self.server.replica.options.articles
        running.timeout_seconds = max(CRAWL_TIMEOUT, articles * 0.06)
        return running

    def run(self, at: str = "", *, file_bytes: int = 0) -> Crawl:
        """Run the command to its end, whatever that is."""
        with self.start(at, file_bytes=file_bytes) as running:
            return running.wait()

    def crash(self, at: str) -> None:
        """Run until a point at which the process ends itself; not to come there is a failure."""
        run = self.run(at)
        assert run.code == KILLED, f"{at} was never met ({run.code}): {run.err[-2000:]}"

    def has_seen(self, requests: int) -> bool:
        """Whether the server has answered so many requests."""
        return len(self.server.log) >= requests

    def kill_after(self, requests: int, number: int = signal.SIGKILL) -> Crawl:
        """Run until the server has seen so many more requests, then send a signal."""
        wanted = len(self.server.log) + requests
        with self.start() as running:
            running.until(partial(self.has_seen, wanted))
            running.stop(number)
            return running.wait()

    def finish(self, most: int = 3) -> Crawl:
        """Run the command until it ends with 0, as a timer does."""
        for _ in range(most):
            run = self.run()
            if run.code == 0:
                return run
        raise AssertionError(f"{most} runs did not finish: {run.code} {run.err[-2000:]}")

    def segments(self) -> dict[str, bytes]:
        """The bytes of all segments."""
        found = sorted((self.data / "articles").glob("*/*.jsonl"))
        return {str(path.relative_to(self.data)): path.read_bytes() for path in found}

    def kept(self, before: Mapping[str, bytes]) -> bool:
        """Whether each whole line that stood in the segments stands where it stood."""
        after = self.segments()
        whole = {file: lines[: lines.rfind(b"\n") + 1] for file, lines in before.items()}
        return all(after[file].startswith(lines) for file, lines in whole.items())

    def assert_right(self, wanted: Mapping[str, Any], **books: bool) -> None:
        """Assert what holds after every trial: the same articles, the books, the rules."""
        found = article_set(self.data)
        lost, more = sorted(wanted.keys() - found.keys()), sorted(found.keys() - wanted.keys())
        assert (lost, more) == ([], []), f"lost {lost}, stored beside {more}"
        other = {name: wrong for name in wanted if (wrong := differing(found[name], wanted[name]))}
        assert not other, f"{len(other)} differ: {other}"
        assert not disallowed(self.server), disallowed(self.server)
        assert_books(self.data, self.server, **books)


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in which two articles differ."""
    return {
        name: (one.get(name), other.get(name))
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    }


@contextmanager
def trial(
    folder: Path,
    spider: str = LINK,
    faults: Mapping[str, Callable[[int], Page | None]] | None = None,
    **options: Any,  # noqa: ANN401 (the replica's own)
) -> Iterator[Trial]:
    """Serve a replica for one trial."""
    folder.mkdir(parents=True, exist_ok=True)
    model = Replica(Options(**options))
    with serve(Faulty(model, faults) if faults else model) as server:
        yield Trial(folder, server, spider)


def undisturbed(folder: Path, spider: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 (as above)
    """What the same crawl stores when nobody disturbs it."""
    with trial(folder, spider, **options) as calm:
        assert calm.finish(1).code == 0
        assert_books(calm.data, calm.server)
        return article_set(calm.data)
