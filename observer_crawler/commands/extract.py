"""`scrapy extract FILE... [--url URL]`: pages to JSON Lines, with no network and no state.

The one door to extraction for whoever has pages already, as HTML or in WARC files. An article
gives its line; every other page gives a line with its `kind`, so that there is one line for each
page.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from observer_crawler import urls
from observer_crawler.cells import escaped
from observer_crawler.commands import read_along, tell
from observer_crawler.exceptions import AddressError, ConfigurationError, ObserverError
from observer_crawler.items import to_line
from observer_crawler.pages import read_page
from observer_crawler.reextract import pages
from observer_crawler.warc import OPEN, SUFFIX, Damage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from observer_crawler.pages import Page

_CANONICAL = re.compile(rb"<link\b[^>]*\brel\s*=\s*[\"']?canonical\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] FILE..."

    def short_desc(self) -> str:
        return "Read saved pages and print a line of JSON for each"

    def long_desc(self) -> str:
        return (
            "Read saved HTML pages, or the pages of WARC files, and print one line of JSON for each: an "
            "article with all its fields, or the kind of any other page. Uses no network and "
            "writes no file. The address of an HTML page comes from --url, from a meta.json "
            "beside the file, or from the page's canonical link."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--url", help="the address of the page (for one FILE)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print a line for each file; a file that cannot be read is named, the rest goes on."""
        unknown = [arg for arg in args if arg.startswith("-")]
        if not args or unknown:
            raise UsageError(f"unknown option {unknown[0]}" if unknown else "no FILE given")
        if opts.url and len(args) > 1:
            raise UsageError("--url is the address of one FILE; several were given")
        with read_along():
            self._print_lines(args, opts.url)

    def _print_lines(self, names: list[str], url: str | None) -> None:
        for name in names:
            for line in self._lines(Path(name), url):
                sys.stdout.buffer.write(escaped(line).encode("utf-8", "replace") + b"\n")
        sys.stdout.flush()

    def _lines(self, path: Path, url: str | None) -> Iterator[str]:
        """Give the lines of a file; what cannot be read is named."""
        try:
            if path.name.removesuffix(OPEN).endswith((".warc", SUFFIX)):
                yield from self._captured(path, url)
            else:
                yield extract(path, url)
        except ObserverError as err:
            self._name(f"{path}: {err}")

    def _captured(self, path: Path, url: str | None) -> Iterator[str]:
        """Give the line of each answer of a WARC file that is a page."""
        assert self.settings is not None  # noqa: S101 (set by scrapy.cmdline before)
        if url:
            raise ConfigurationError("--url is the address of one page; a WARC file has many")
        for page in pages(path, self.settings.getint("DOWNLOAD_MAXSIZE")):
            if isinstance(page, Damage):
                self._name(f"{path}, byte {page.offset}: {page.why}; passed over")
            else:
                yield line_of(page.page, page.url, path)

    def _name(self, what: str) -> None:
        tell(f"scrapy extract: {what}")
        self.exitcode = 1


def extract(path: Path, url: str | None) -> str:
    """Give the line of one saved page. Raises ConfigurationError, AddressError."""
    try:
        body = path.read_bytes()
        meta = _meta_beside(path)
    except OSError as err:
        raise ConfigurationError(f"cannot be read: {err.strerror}") from err
    address = url or meta.get("url") or _canonical(body)
    if not address:
        raise AddressError("its address is not known: give it with --url")
    if urls.parse(address).kind is urls.Kind.OFFSITE:
        raise AddressError(f"{address!r} is not an address of the newspaper")
    return line_of(read_page(body, address, meta.get("content_type")), address, path)


def line_of(page: Page, url: str, path: Path) -> str:
    """Give an article's line, or a line that says what the page is instead."""
    if page.article is not None:
        return to_line(page.article)
    told = {"kind": page.kind, "url": url, "refusal": page.refusal, "file": str(path)}
    return json.dumps(told, ensure_ascii=False)


def _meta_beside(path: Path) -> dict[str, Any]:
    """Read the meta.json of a folder that holds one page, as those of tests/pages do."""
    meta = path.with_name("meta.json")
    if path.name != "page.html" or not meta.exists():
        return {}
    try:
        found = json.loads(meta.read_bytes())
    except (ValueError, RecursionError) as err:
        raise ConfigurationError(f"{meta} is not JSON: {err}") from err
    return found if isinstance(found, dict) else {}


def _canonical(body: bytes) -> str | None:
    """Find the page's canonical link; the first bytes are enough, it stands in the head."""
    tag = _CANONICAL.search(body, 0, 200_000)
    href = tag and _HREF.search(tag[0])
    if not href:
        return None
    found = next(group for group in href.groups() if group is not None)
    return found.decode("ascii", "replace").strip()
