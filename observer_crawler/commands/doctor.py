"""`scrapy doctor [URL]`: one polite look at a live site, before anything else.

What the first person with network access runs, and every person on the day the site changes. At
most 15 requests, robots.txt and redirects included, one second apart. It prints what answered,
what could be read, and which open questions are answered now; the bytes go into one zip file,
which `scrapy fixture` turns into test pages. Nothing else is written.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import fields
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from observer_crawler import site as newspaper
from observer_crawler import urls
from observer_crawler.commands import check_contact, check_settings, doors, one_line, say
from observer_crawler.commands.answers import answers
from observer_crawler.commands.looking import LookingSpider, RecordLooks
from observer_crawler.commands.looks import REDIRECTS, write_zip
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.items import Article
from observer_crawler.pages import PageKind

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings

    from observer_crawler.commands.looks import Look

# Exit codes, those of a crawl.
LOOKED, NOT_STARTED, UNREACHABLE, REFUSED = 0, 1, 3, 5
_SHORTEST_DELAY_SECONDS = 1.0
# Known from the address or set by a crawl: no page is to blame for them.
_NOT_OF_THE_PAGE = frozenset(
    "id url language markup fetched_at source_url content_sha256 revision capture extractor".split()
)
_ADVICE = """\
What you can do: write to the newspaper, say who you are and what you want the pages for, and ask
to be let in; read what web archives hold of it. This project does not go past a refusal. Do not
ask again before tomorrow."""


class Command(ScrapyCommand):
    requires_project = True

    def syntax(self) -> str:
        return "[options] [URL]"

    def short_desc(self) -> str:
        return "Look at the live site politely and say what is found"

    def long_desc(self) -> str:
        return (
            "Ask the newspaper, or the copy of it at URL, for at most 15 addresses, one second "
            "apart, and say what answered, what could be read and which open questions are "
            "answered. Writes one zip file with all that came."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--out", metavar="FILE", help="zip file to write (default: here)")
        parser.add_argument("--language", choices=newspaper.LANGUAGES, default=None)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check all that was typed, while nothing has been asked."""
        super().process_options(args, opts)
        with one_line():
            check_settings(self._settings)
            doors.shut(self._settings)
            self._site, self._language = _place(args, opts.language)
            check_contact(self._settings, self._origin)
            self._out = _free_file(opts.out)
        self._set_manners(opts)

    @property
    def _settings(self) -> Settings:
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        return self.settings

    @property
    def _origin(self) -> str:
        return self._site or newspaper.ORIGINS[self._language]

    def _set_manners(self, opts: argparse.Namespace) -> None:
        """Each answer counts as it is, and nobody but this machine is asked in haste."""
        delay = self._settings.getfloat("DOWNLOAD_DELAY")
        if not urls.is_loopback(self._origin):
            delay = max(delay, _SHORTEST_DELAY_SECONDS)
        manners = {
            "DOWNLOAD_DELAY": max(delay, 0.001),
            "DOWNLOAD_DELAY_JITTER": 0.0,
            "CONCURRENT_REQUESTS": 1,
            "RETRY_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": opts.loglevel or "ERROR",
        }
        for name, value in manners.items():
            self._settings.set(name, value, priority="cmdline")
        self._settings.set_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", RecordLooks, 997)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        looks: list[Look] = []
        process: Any = self.crawler_process
        task = process.crawl(LookingSpider, site=self._site, language=self._language, looks=looks)
        process.start()
        task.result()
        self.exitcode = code_of(looks)
        text = report(looks)
        is_written = any(look.status is not None for look in looks)
        if is_written:
            with one_line():
                self._write(looks, text)
        say(text)
        if is_written:
            print(
                f"\nAll that came is in {self._out}; scrapy fixture {self._out} makes test pages."
            )

    def _write(self, looks: list[Look], text: str) -> None:
        try:
            write_zip(self._out, looks, text)
        except OSError as err:
            raise ConfigurationError(f"cannot write {self._out}: {err.strerror}") from err


def _place(args: list[str], language: str | None) -> tuple[str | None, str]:
    """Give the origin that stands in for the newspaper's, None for its own, and the language."""
    if len(args) > 1 or any(arg.startswith("-") for arg in args):
        raise ConfigurationError(f"expected one URL at most, as in scrapy doctor; got {args}")
    if not args:
        return None, language or newspaper.LANGUAGES[0]
    origin = urls.origin_of(args[0])
    own = urls.parse(origin).language
    return None if own else origin, language or own or newspaper.LANGUAGES[0]


def _free_file(typed: str | None) -> Path:
    """Give the file to write; a name that was typed must be free, a name of ours is made so."""
    day = dt.datetime.now(dt.UTC).date().isoformat()
    names = (f"doctor-{day}{f'-{number}' if number > 1 else ''}.zip" for number in range(1, 1000))
    path = Path(typed) if typed else next(Path(name) for name in names if not Path(name).exists())
    folder = path.absolute().parent
    if path.exists() or not folder.is_dir():
        raise ConfigurationError(f"--out {typed}: expected a new file in a folder that exists")
    if not os.access(folder, os.W_OK):
        raise ConfigurationError(f"{folder} is not writable: give another place with --out FILE")
    return path


def code_of(looks: list[Look]) -> int:
    """Give the exit code: refused before unreachable, and looked only if the front page came."""
    if refusal_in(looks):
        return REFUSED
    fronts = [look for look in looks if look.name.startswith("front")]
    is_there = any(
        look.status and look.status < HTTPStatus.INTERNAL_SERVER_ERROR for look in fronts
    )
    return LOOKED if is_there else UNREACHABLE


def refusal_in(looks: list[Look]) -> str | None:
    """Name how the site refuses us, None when it does not."""
    for look in looks:
        if look.page and look.page.kind is PageKind.CHALLENGE:
            return f"{look.url} answers {look.status} with a challenge page, meant to keep machines out"
    front = next(
        (look for look in looks if look.name.startswith("front") and not look.target), None
    )
    if front is None:
        return None
    if front.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, 429, 451}:
        return f"{front.url} answers {front.status}"
    return front.trouble if "robots.txt forbids" in (front.trouble or "") else None


def report(looks: list[Look]) -> str:
    """Write what a person reads."""
    lines = [line for look in looks for line in _rows(look)]
    if refusal := refusal_in(looks):
        lines += ["", f"The site refuses this machine: {refusal}.", _ADVICE]
    elif code_of(looks) == UNREACHABLE:
        lines += ["", f"The site cannot be reached: {_why(looks)}."]
    lines += ["", "Questions"]
    lines += [f"  {question}\n      {answer}" for question, answer in answers(looks)]
    return "\n".join(lines)


def _why(looks: list[Look]) -> str:
    last = looks[-1] if looks else None
    return (last.trouble or f"{last.url} answers {last.status}") if last else "nothing was asked"


def _rows(look: Look) -> list[str]:
    """Write a look as its line, and two more for an article."""
    status, size = look.status or "-", f"{len(look.body):,}"
    kind = look.page.kind if look.page else "-"
    time = (look.fetched_at or "")[11:19]
    row = f"{look.name:<22}{status:>4}{size:>10} bytes  {time:<9}{kind:<10}{look.asked}"
    location = look.header("location") if look.status in REDIRECTS else None
    note = look.trouble or (look.page and look.page.refusal) or (location and f"to {location}")
    rows = [row.rstrip(), *([f"    {note}"] if note else [])]
    article = look.page.article if look.page else None
    return rows + (_fields(article) if article else [])


def _fields(article: Article) -> list[str]:
    names = [field.name for field in fields(Article) if field.name not in _NOT_OF_THE_PAGE]
    filled = [name for name in names if getattr(article, name) not in (None, [])]
    empty = [name for name in names if name not in filled]
    return [
        f"    markup {article.markup}; filled: {', '.join(filled)}",
        f"    not on the page: {', '.join(empty) or 'nothing'}",
    ]
