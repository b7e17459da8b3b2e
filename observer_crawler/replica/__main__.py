"""Serves a replica from the command line: `python -m observer_crawler.replica --markup 2016`."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from observer_crawler.replica.options import CHOICES, Options, OptionsError, names
from observer_crawler.replica.replica import Replica
from observer_crawler.replica.server import serve

_NUMBERS = ("skin", "articles", "days", "seed", "ai_readings")
_FLAGS = ("views_grow", "plain")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; the defaults are those of `Options`."""
    made = argparse.ArgumentParser(prog="replica", description=__doc__)
    made.add_argument("--port", type=int, default=0, help="default: any free one")
    made.add_argument("--clock", default="", help="the replica's now: 2022-06-16T21:00:00+06:00")
    made.add_argument("--facts", type=Path, help="write facts.jsonl to this file first")
    made.add_argument("--access-log", type=Path, help="add a line of JSON for each request")
    made.add_argument("--latency-seconds", type=float, default=0.0, help="wait before answering")
    for name, choices in CHOICES.items():
        made.add_argument(f"--{name.replace('_', '-')}", help=" | ".join(choices))
    for name in _NUMBERS:
        made.add_argument(f"--{name.replace('_', '-')}", type=int)
    for name in _FLAGS:
        made.add_argument(f"--{name.replace('_', '-')}", action="store_true")
    return made


def options_from(arguments: argparse.Namespace) -> Options:
    """Return the options that a command line asks for."""
    given = {name: getattr(arguments, name) for name in names() if name != "now"}
    asked = {name: value for name, value in given.items() if value is not None}
    return Options(now=arguments.clock, **asked)


def write_facts(replica: Replica, path: Path) -> None:
    """Write one line of JSON for each page."""
    with path.open("w", encoding="utf-8") as file:
        for fact in replica.facts():
            file.write(json.dumps(fact, ensure_ascii=False) + "\n")


def run(arguments: argparse.Namespace) -> None:
    """Serve until a signal asks to stop."""
    replica = Replica(options_from(arguments))
    if arguments.facts:
        write_facts(replica, arguments.facts)
    with serve(replica, arguments.port, arguments.access_log) as server:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        stop.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    try:
        run(parser().parse_args(argv))
    except (OptionsError, OSError) as err:
        sys.stderr.write(f"{str(err).splitlines()[0]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
