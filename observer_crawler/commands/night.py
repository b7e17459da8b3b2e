"""`scrapy night`: what a timer runs: the crawl of what is new, the export, the heartbeat.

Each step is a `scrapy` command in a process of its own, as a person would type it. The export
follows a crawl that ended with 0 or 4 only, so that no half night takes the place of the last
dataset. The night exits with the worst code of its steps and says it to the dead-man service; a
step that was killed counts as 3, for the same command goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from scrapy.commands import ScrapyCommand

from observer_crawler.commands import check_settings, one_line, tell
from observer_crawler.commands.export import add_nightly, check_extra, nightly, wanted
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.heartbeat import Heartbeat

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from types import FrameType

_SECRET = "OBSERVER_HEARTBEAT"  # noqa: S105 (the name of the setting, not its value)
# What to say of a night that did several things, the worst first.
_WORST = (1, 5, 3, 4, 0)
_EXPORTED_AFTER = (0, 4)
# What a timer, a person or a closed terminal stops a night with, and what a crawl understands.
_PASSED_ON = {
    signal.SIGTERM: signal.SIGTERM,
    signal.SIGINT: signal.SIGINT,
    signal.SIGHUP: signal.SIGTERM,
}


class Step(NamedTuple):
    """How one command ended; `line` is the last that it said, or what stands for it.

    >>> str(Step("crawl", 3, "Stopped (shutdown), 2 addresses wait. The same command goes on."))
    'crawl 3, Stopped (shutdown), 2 addresses wait. The same command goes on'
    """

    name: str
    code: int
    line: str

    def __str__(self) -> str:
        return ", ".join(
            part for part in (f"{self.name} {self.code}", self.line.rstrip(".")) if part
        )


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return (
            "[-a NAME=VALUE ...] [--format FORMAT,...] [--by year|month] [--keep N] [--clusters] "
            "[--splits [DAY,DAY]] [--redact] [--require-ai-train] [--no-export]"
        )

    def short_desc(self) -> str:
        return "Crawl what is new, export it, tell the heartbeat: the command for a timer"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument(
            "-a",
            dest="arguments",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="argument of the spider observer_archive (may be repeated)",
        )
        parser.add_argument("--no-export", action="store_true", help="crawl alone")
        add_nightly(parser)
        parser.set_defaults(where=None, revisions=False, without=None, since=None)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        heartbeat = Heartbeat(self.settings[_SECRET])
        with one_line(), heartbeat.told_of_failure():
            self._check(args, opts)
        children = Children()
        children.listen()
        heartbeat.start()
        steps = list(_steps(children, opts))
        self.exitcode = min((step.code for step in steps), key=_WORST.index)
        line = f"Night {self.exitcode}: {'; '.join(map(str, steps))}."
        if not opts.no_export and steps[0].code not in _EXPORTED_AFTER:
            line += " No export: the last one stays."
        # First of all: a terminal that is gone must not keep the end from being told.
        heartbeat.end(self.exitcode, line)
        tell(line)

    def _check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Refuse before the crawl what would end the export after it."""
        assert self.settings is not None  # noqa: S101 (as above)
        if args:
            raise ConfigurationError(f"night takes no arguments but -a NAME=VALUE, got {args}")
        check_settings(self.settings)
        if not opts.no_export:
            check_extra(" (scrapy night --no-export crawls alone)")
            wanted(opts)


def _steps(children: Children, opts: argparse.Namespace) -> Iterator[Step]:
    """Crawl, then export when that ended well enough."""
    arguments = [part for each in opts.arguments for part in ("-a", each)]
    crawl = children.run("crawl", "observer_archive", *arguments, *_common(opts))
    yield crawl
    if opts.no_export or crawl.code not in _EXPORTED_AFTER:
        return
    export = children.run("export", *nightly(opts), *_common(opts))
    if not export.code:
        yield export._replace(line="")  # what it said last was how far it had come
    elif children.is_stopped:
        yield export._replace(code=3)
    else:
        yield export


def _common(opts: argparse.Namespace) -> list[str]:
    """Give what was typed for all steps; who is told of the night is not for them."""
    settings = [each for each in opts.set if not each.startswith(f"{_SECRET}=")]
    level = ["-L", opts.loglevel] if opts.loglevel else []
    return [*level, *(part for each in settings for part in ("-s", each))]


class Children:
    """Runs commands one after the other, and passes on to them what stops the night.

    A child has a session of its own: a Ctrl-C reaches every process of a terminal's session, and a
    crawl that gets a second one ends at once, without giving back what it has leased.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._signals: deque[int] = deque()
        self.is_stopped = False

    def listen(self) -> None:
        """Take over the signals, but for those that nohup and its like have switched off."""
        for number in _PASSED_ON:
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._stop)

    def run(self, name: str, *words: str) -> Step:
        """Run one command to its end, its standard error shown as it comes."""
        if self.is_stopped:
            return Step(name, 3, "not begun: the night was stopped")
        command = [sys.executable, "-m", "scrapy", name, *words]
        with subprocess.Popen(  # noqa: S603 (our own commands)
            command,
            env={**os.environ, _SECRET: ""},
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as self._child:
            self._pass_on()
            last = _shown(self._child)
        code = self._child.returncode
        self._child = None
        if code < 0:
            return Step(name, 3, f"killed by signal {-code}")
        return Step(name, code if code in _WORST else 1, last)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self.is_stopped = True
        self._signals.append(_PASSED_ON[signal.Signals(number)])
        self._pass_on()

    def _pass_on(self) -> None:
        """Send what has come, each once: one may come while its child is still being made."""
        with suppress(IndexError):
            while self._child is not None:
                self._child.send_signal(self._signals.popleft())


def _shown(child: subprocess.Popen[bytes]) -> str:
    """Pass on what a command says until it ends; gives its last line."""
    assert child.stderr is not None  # noqa: S101 (asked for above)
    last = b""
    for line in child.stderr:
        # Whoever read along may be gone: the work goes on.
        with suppress(OSError):
            sys.stderr.buffer.write(line)
            sys.stderr.flush()
        last = line.strip() or last
    return last.decode("utf-8", "replace").removeprefix("scrapy: ")
