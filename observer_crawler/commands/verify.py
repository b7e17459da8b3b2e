"""`scrapy verify [--sample N] [--against LIST]`: whether all is there, and what it was.

It asks nobody, takes no lock and writes nothing; beside a running crawl it looks at what stood
there when it began.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand

from observer_crawler import lock
from observer_crawler.cells import visible_lines
from observer_crawler.commands import check_settings, one_line, read_along
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.verify import CaptureCheck, Findings, Lines, Sample, compare, verify

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from observer_crawler.verify import Comparison


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[FOLDER...] [--sample N [--seed S]] [--against LIST]"

    def short_desc(self) -> str:
        return "Check lines, captures, indexes and ledger against each other, also beside a crawl"

    def long_desc(self) -> str:
        return (
            "Check every line against the schema and the sum of its text, every capture by "
            "reading it again, every WARC file against its sum and its index, and the ledger "
            "against the segments. FOLDERs hold captures that are not in OBSERVER_DATA. Changes "
            "nothing. Exits 0, or 3 with a list of what is wrong."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--sample", metavar="N", help="read N captures again, not all")
        parser.add_argument("--seed", metavar="S", default="1", help="draw the sample by S")
        parser.add_argument(
            "--against", metavar="LIST", help="compare with a shared list: CSV or JSON Lines"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        with one_line():
            for name in args:
                if not Path(name).is_dir():
                    raise ConfigurationError(f"no such folder: {name!r}")
            check_settings(self.settings)
            data = Path(self.settings["OBSERVER_DATA"])
            if not (data / "articles").is_dir():
                raise ConfigurationError(f"nothing was crawled into {data} yet")
            self.exitcode = 3  # also where whoever read along does not hear the end
            with read_along():
                self._run(data, [Path(name) for name in args], opts)

    def _run(self, data: Path, folders: Sequence[Path], opts: argparse.Namespace) -> None:
        assert self.settings is not None  # noqa: S101 (as above)
        sample = Sample(_number("--sample", opts.sample), _number("--seed", opts.seed) or 0)
        findings = Findings(_say)
        if opts.against:
            found = _compared(Path(opts.against), data, findings)
            _say("\n".join(_comparison(found)))
            is_good = not (found.changed or found.gone or findings.wrong)
        else:
            check = CaptureCheck(data, folders, self.settings.getint("DOWNLOAD_MAXSIZE"), findings)
            verify(data, findings, sample, check)
            _say("\n".join(_table(findings)))
            is_good = not findings.wrong
        sys.stdout.flush()
        if is_good:
            self.exitcode = 0


def _number(name: str, text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise ConfigurationError(f"{name}: expected a whole number from 0 up, got {text!r}")
    return None if text is None else int(text)


def _compared(path: Path, data: Path, findings: Findings) -> Comparison:
    running = lock.is_locked(data)
    with closing(Lines(data, findings, running=running)) as lines:
        return compare(path, lines)


def _comparison(found: Comparison) -> Iterator[str]:
    yield from (f"changed  {name}" for name in found.changed)
    yield from (f"gone     {name}" for name in found.gone)
    yield f"same     {found.same:,} texts of the list stand here"
    yield f"changed  {len(found.changed):,} articles of the list have another text here"
    yield f"gone     {len(found.gone):,} articles of the list are not here"
    yield f"more     {found.more:,} articles here are not in the list"


def _table(findings: Findings) -> Iterator[str]:
    yield from (f"{name:<28}{count:,}" for name, count in findings.counts.items() if count)
    yield f"{'wrong':<28}{findings.wrong:,}{': see above' * bool(findings.wrong)}"


def _say(line: str) -> None:
    sys.stdout.buffer.write(f"{visible_lines(line)}\n".encode("utf-8", "replace"))
