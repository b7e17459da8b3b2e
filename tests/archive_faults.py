"""What an archive may hand out that is not what was asked for: broken lines, and odd captures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.archive_index import Line
    from tests.archive_server import Page

_PAGES = Path(__file__).parent / "pages"
# Larger than what a client should read as one line.
_HUGE = 3_000_000

# What each makes of a good line: fields of which some are missing or odd, or text of no form.
BROKEN: dict[str, Callable[[Line], Line | str]] = {
    "no JSON": lambda line: f'["{line["urlkey"]}", {line["timestamp"]}',
    "no list": lambda _: '{"message": "Internal Error"}',
    "no text": lambda _: "[1, null, {}, [], true, -1.5e300, 7]",
    "fields missing": lambda line: {name: line[name] for name in ("urlkey", "timestamp")},
    "no such date": lambda line: {**line, "timestamp": "20240231256199"},
    "short date": lambda line: {**line, "timestamp": "2024"},
    "other host": lambda line: {**line, "url": "https://elsewhere.example/news/1"},
    "no address": lambda line: {**line, "url": "http://[::1/%zz \t"},
    "huge": lambda line: {**line, "url": f"{line['url']}?{'x' * _HUGE}"},
}


def challenge(page: Page) -> Page:
    """Play what the archive got where a person was asked for."""
    return _other(page, (_PAGES / "challenge-interstitial" / "page.html").read_bytes())


def other_content(page: Page) -> Page:
    """Play what stood there when the name was somebody else's."""
    return _other(page, b"<html><title>For sale</title><h1>This domain is for sale</h1></html>")


def empty(page: Page) -> Page:
    return _other(page, b"")


def cut(page: Page) -> Page:
    """Play the first half, packed or not."""
    return page._replace(body=page.body[: len(page.body) // 2])


def redirect_to(place: str) -> Callable[[Page], Page]:
    """Play a redirect that the index does not tell of."""
    return lambda page: _other(page, b"")._replace(
        status=302, headers=[*_other(page, b"").headers, ("Location", place)]
    )


def without_date(page: Page) -> Page:
    """Play an answer that does not say that it is a capture."""
    headers = [each for each in page.headers if each[0] != "Memento-Datetime"]
    return page._replace(headers=headers)


def _other(page: Page, body: bytes) -> Page:
    """Put another body, not packed, in the place of a page's own."""
    gone = ("content-encoding", "x-archive-orig-content-encoding", "x-archive-orig-content-length")
    headers = [each for each in page.headers if each[0].lower() not in gone]
    return page._replace(headers=headers, body=body)
