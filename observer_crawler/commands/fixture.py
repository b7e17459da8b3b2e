"""`scrapy fixture doctor-DATE.zip`: turn what the doctor received into test pages.

A folder for each page: page.html as it came (unpacked), meta.json with its address, headers and
time, expected.json with what `read_page` makes of it today. That is what the code reads, not
what is right: a person has to read it before it may stand as a test.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.utils.conf import closest_scrapy_cfg

from observer_crawler.commands import one_line
from observer_crawler.commands.looks import REDIRECTS, decoded, is_html, read_zip
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.pages import read_page

if TYPE_CHECKING:
    import argparse

    from observer_crawler.commands.looks import Look
    from observer_crawler.pages import Page

_FOLDER = Path("tests/pages")
# What a crawl adds to an article, and what changes without the page.
_NOT_EXPECTED = ("fetched_at", "source_url", "revision", "capture", "extractor")


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "[options] doctor-DATE.zip"

    def short_desc(self) -> str:
        return "Turn what scrapy doctor received into test pages"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--out", metavar="DIR", help=f"default: {_FOLDER} of the project")
        parser.add_argument("--force", action="store_true", help="replace folders that exist")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write all folders or, when one of them exists already, none."""
        with one_line():
            if len(args) != 1 or args[0].startswith("-"):
                raise ConfigurationError(f"expected one doctor-DATE.zip, got {args}")
            out = Path(opts.out) if opts.out else Path(closest_scrapy_cfg()).parent / _FOLDER
            written = make_fixtures(Path(args[0]), out, is_forced=opts.force)
        print(*written, sep="\n")
        self.exitcode = _renew_golden(out.absolute().parent)
        print(
            f"{len(written)} test pages. Read each expected.json: it says what the code reads, "
            "which need not be right. The texts belong to the newspaper: publish them only with "
            "its consent."
        )


def make_fixtures(path: Path, out: Path, *, is_forced: bool = False) -> list[Path]:
    """Write a folder for each page of a doctor's file. Raises ConfigurationError."""
    pages = {out / _name(path, folder): look for folder, look in read_zip(path) if _is_page(look)}
    if not pages:
        raise ConfigurationError(f"{path} holds no page")
    if taken := [folder for folder in pages if folder.exists() and not is_forced]:
        raise ConfigurationError(f"{taken[0]} exists already: --force replaces it")
    bodies = {folder: decoded(look) for folder, look in pages.items()}
    try:
        for folder, look in pages.items():
            _write(folder, look, bodies[folder])
    except OSError as err:
        raise ConfigurationError(f"cannot write {err.filename or out}: {err.strerror}") from err
    return list(pages)


def _renew_golden(tests: Path) -> int:
    """Let the tests beside the folder take its new pages into golden.json; give the exit code."""
    if not (tests / "golden.py").exists():
        return 0
    command = [sys.executable, "-m", f"{tests.name}.golden"]
    return subprocess.run(command, cwd=tests.parent, check=False).returncode  # noqa: S603 (ours)


def _is_page(look: Look) -> bool:
    return look.status is not None and look.status not in REDIRECTS and is_html(look)


def _name(path: Path, folder: str) -> str:
    """Name a folder by the file it comes from and the look, in letters that every disk takes."""
    source = re.sub(r"[^a-z0-9-]+", "-", path.stem.lower()).strip("-") or "doctor"
    return f"{source}-{folder}"


def _write(folder: Path, look: Look, body: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content_type = look.header("content-type")
    meta = {
        "url": look.url,
        "content_type": content_type,
        "origin": "recorded",
        "status": look.status,
        "fetched_at": look.fetched_at,
        "headers": look.headers,
    }
    (folder / "page.html").write_bytes(body)
    (folder / "meta.json").write_text(_json(meta), "utf-8")
    page = read_page(body, look.url, content_type)
    (folder / "expected.json").write_text(_json(expected(page)), "utf-8")


def expected(page: Page) -> dict[str, Any]:
    """Give what a test page is held to."""
    article = None
    if page.article is not None:
        fields = asdict(page.article)
        article = {name: value for name, value in fields.items() if name not in _NOT_EXPECTED}
    links = [[link.url, link.box] for link in page.links]
    return {"kind": page.kind, "refusal": page.refusal, "article": article, "links": links}


def _json(value: object) -> str:
    # A lone surrogate has no place in UTF-8.
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "replace").decode()
