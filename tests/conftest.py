"""What many tests stand on: a replica that serves, and the real crawl as its own process."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, Self
from uuid import uuid4

import pytest
from hypothesis import settings

from observer_crawler.replica import Options, Replica, serve
from tests.balance import assert_balance, ledger_of
from tests.warm import Mother
from tests.written_stats import STATS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from observer_crawler.replica.page import Page
    from observer_crawler.replica.server import Server
    from tests.warm import Warm

# The same cases each time, and as long as they take: a failure must mean that the code changed.
settings.register_profile("steady", derandomize=True, database=None, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent
# Seconds. A crawl of a small replica takes two; one that hangs shall not hold the suite.
CRAWL_TIMEOUT = 120
# Exit codes of a crawl that began, and ended by itself: its books balance, whatever befell it.
ENDED = frozenset((0, 3, 4, 5))


@dataclass(frozen=True)
class Crawl:
    """What a crawl left behind."""

    code: int
    out: str
    err: str
    stats: dict[str, Any]
    data: Path

    @property
    def articles(self) -> list[dict[str, Any]]:
        """Every line of every segment, in order of the files."""
        files = sorted((self.data / "articles").glob("*/*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    @property
    def ids(self) -> list[str]:
        """The ids of all lines, sorted, second copies included."""
        return sorted(article["id"] for article in self.articles)

    def stat(self, name: str) -> int:
        """One `observer/...` figure, 0 when it was never counted."""
        return int(self.stats.get(f"observer/{name}", 0))

    def group(self, name: str) -> dict[str, int]:
        """The figures below one `observer/...` name."""
        prefix = f"observer/{name}/"
        return {
            key.removeprefix(prefix): value
            for key, value in self.stats.items()
            if key.startswith(prefix) and value
        }

    @property
    def states(self) -> dict[str, str]:
        """State of each settled address, from the log; needs `-L DEBUG`."""
        marker = "[observer_crawler.scheduler]"
        lines = [line for line in self.err.splitlines() if marker in line and " is " in line]
        words = [line.split(": ", 1)[1].split(" is ") for line in lines]
        return {name: rest.split(" ", 1)[0] for name, rest in words}


class Faulty(Replica):
    """A replica of which some paths answer otherwise: with a page, or by raising.

    A fault is called with the number of visits before this one; None means the usual answer.
    """

    def __init__(
        self, replica: Replica, faults: Mapping[str, Callable[[int], Page | None]]
    ) -> None:
        super().__init__(replica.options)
        self._faults = faults
        self._visited: Counter[str] = Counter()

    def get(self, path: str) -> Page:
        """Answer as a server does."""
        fault = self._fault(path)
        visit = self._visited[path]
        self._visited[path] += 1
        return (fault(visit) if fault else None) or super().get(path)

    def is_faulty(self, path: str) -> bool:
        """Whether a path may show something else than the replica's facts say."""
        return self._fault(path) is not None

    def _fault(self, path: str) -> Callable[[int], Page | None] | None:
        return self._faults.get(path) or self._faults.get(path.partition("?")[0])


class Serve(Protocol):
    """Start a server of a replica; it stops with the test."""

    def __call__(
        self,
        faults: Mapping[str, Callable[[int], Page | None]] | None = None,
        **options: Any,  # noqa: ANN401 (its own)
    ) -> Server: ...


class RunCrawl(Protocol):
    """Run `scrapy crawl` to its end."""

    def __call__(
        self,
        *words: str,
        spider: str = "observer",
        settings: Mapping[str, object] | None = None,
        env: Mapping[str, str] | None = None,
        **arguments: object,
    ) -> Crawl: ...


class StartCrawl(Protocol):
    """Start `scrapy crawl` and leave it running."""

    def __call__(self, *words: str, **more: Any) -> Running: ...  # noqa: ANN401 (as above)


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    """Give each test the mask of the test process: our commands tighten it for theirs."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


@pytest.fixture
def replica() -> Iterator[Serve]:
    """Give the starter of servers: `replica(markup="2024")` serves one until the test ends."""
    with ExitStack() as stack:

        def start(
            faults: Mapping[str, Callable[[int], Page | None]] | None = None,
            **options: Any,  # noqa: ANN401 (the replica's own options)
        ) -> Server:
            model = Replica(Options(**options))
            return stack.enter_context(serve(Faulty(model, faults) if faults else model))

        yield start


class Running:
    """A crawl under way, in a process of its own.

    When it has ended by itself its books are judged, unless it had no room to write them.
    """

    is_judged = True
    timeout_seconds: float = CRAWL_TIMEOUT

    def __init__(self, command: list[str], env: dict[str, str], data: Path, stats: Path) -> None:
        self._data = data
        self._stats = stats
        self._err = stats.with_name(f"err-{uuid4().hex}.txt")
        with self._err.open("wb") as err:
            self.process = start_process(command, env, err)

    def said(self) -> str:
        """Give what it wrote to standard error so far."""
        return self._err.read_text("utf-8", "replace")

    def wait(self) -> Crawl:
        """Wait for its end and gather what it left."""
        try:
            out, _ = self.process.communicate(timeout=self.timeout_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            pytest.fail(f"the crawl did not end: {self.said()[-3000:]}")
        text = self._stats.read_text("utf-8") if self._stats.exists() else "{}"
        code = self.process.returncode
        assert code is not None
        ended = code in ENDED
        if ended and self.is_judged and ledger_of(self._data).exists():
            assert_balance(self._data)
        return Crawl(code, out, self.said(), json.loads(text), self._data)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so; a crawl that ends before fails the test."""
        while not condition():
            if self.process.poll() is not None:
                pytest.fail(f"the crawl ended too early: {self.wait().err[-3000:]}")
            time.sleep(0.01)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def start_process(
    command: list[str], env: dict[str, str], err: BinaryIO
) -> subprocess.Popen[str] | Warm:
    """Start `python -m scrapy ...`, warm where nothing is in the way of it.

    It runs in the first house that PYTHONPATH names.
    """
    path = env["PYTHONPATH"]
    if hasattr(os, "pidfd_open") and mother(path).fits(env):
        return mother(path).start(command[3:], env, err.fileno())
    home = _house_of(path)
    return subprocess.Popen(
        command, cwd=home, env=env, stdout=subprocess.PIPE, stderr=err, encoding="utf-8"
    )


def run_scrapy(
    *words: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `scrapy` with some words to its end, in a process of its own."""
    typed = [str(word) for word in words]
    with TemporaryFile() as err:
        command = [sys.executable, "-m", "scrapy", *typed]
        process = start_process(command, clean_environment(ROOT / "no-stats", env or {}), err)
        out, _ = process.communicate(timeout=CRAWL_TIMEOUT)
        err.seek(0)
        assert process.returncode is not None
        return subprocess.CompletedProcess(typed, process.returncode, out, err.read().decode())


def _house_of(path: str) -> Path:
    """Give the first folder of a PYTHONPATH that is a project of Scrapy, else ours."""
    folders = map(Path, path.split(os.pathsep))
    return next((each for each in folders if (each / "scrapy.cfg").exists()), ROOT)


@cache
def mother(path: str = str(ROOT)) -> Mother:
    """Give what forks the crawls of this test process, in the house that a PYTHONPATH names."""
    home = _house_of(path)
    made = Mother(home, clean_environment(ROOT / "no-stats", {"PYTHONPATH": path}))
    atexit.register(made.close)
    return made


@pytest.fixture
def start_crawl(tmp_path: Path) -> Iterator[StartCrawl]:
    """Give the starter of crawls, as in `start_crawl(site=server.url, settings={...})`."""
    with ExitStack() as stack:

        def start(
            *words: str,
            spider: str = "observer",
            settings: Mapping[str, object] | None = None,
            env: Mapping[str, str] | None = None,
            **arguments: object,
        ) -> Running:
            stats = tmp_path / "stats.json"
            stats.unlink(missing_ok=True)
            usual = {
                "OBSERVER_DATA": tmp_path / "data",
                "DOWNLOAD_DELAY": 0.001,
                "OBSERVER_RETRY_SECONDS": 0.01,
                "STATS_CLASS": "tests.written_stats.WrittenStats",
            }
            chosen = {**usual, **(settings or {})}
            command = crawl_command(words, arguments, chosen, spider)
            data = ROOT / Path(str(chosen["OBSERVER_DATA"]))
            running = Running(command, clean_environment(stats, env or {}), data, stats)
            return stack.enter_context(running)

        yield start


@pytest.fixture
def crawl(start_crawl: StartCrawl) -> RunCrawl:
    """Run crawls: `crawl(site=server.url, max_articles=3, settings={"LOG_LEVEL": "DEBUG"})`.

    Arguments are the spider's own; the data folder is `tmp_path / "data"`, the delay 0.001 s.
    """

    def run(*words: str, **more: Any) -> Crawl:  # noqa: ANN401 (passed on)
        return start_crawl(*words, **more).wait()

    return run


def crawl_command(
    words: tuple[str, ...],
    arguments: Mapping[str, object],
    settings: Mapping[str, object],
    spider: str = "observer",
) -> list[str]:
    """Write the command; `words` come after the spider's name."""
    typed = [part for name, value in arguments.items() for part in ("-a", f"{name}={value}")]
    set_ = [
        part
        for name, value in settings.items()
        if value is not None
        for part in ("-s", f"{name}={value}")
    ]
    return [sys.executable, "-m", "scrapy", "crawl", spider, *typed, *set_, *words]


def clean_environment(stats: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Keep what a process needs; what a developer has set must not change a test."""
    foreign = ("OBSERVER_", "SCRAPY_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return {**kept, "PYTHONPATH": str(ROOT), STATS_FILE: str(stats), **more}
