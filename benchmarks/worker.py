"""One tool reads pages: run by the Python of that tool's environment, so it knows nothing of ours.

    python -I worker.py TOOL PAGES

PAGES is a file of JSON Lines: `url`, `language` (en or bn), and `body`, the page's bytes in
base64. Before each page is given to the tool, lxml parses the same bytes; both are timed in CPU
seconds of this process, its threads included. A line of JSON is printed for each page:
`parse`, `read` (seconds), and what the tool found, see `Found`.

Each tool is asked as its documentation says for news with metadata, and none may fetch anything.
"""

from __future__ import annotations

import base64
import json
import sys
from functools import partial
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[["Page"], "Found"]


class Page(NamedTuple):
    """A page to read: its bytes, its address, and its language (en or bn)."""

    body: bytes
    url: str
    language: str


class Found(NamedTuple):
    """What a tool reads from a page; None where it found nothing."""

    headline: str | None = None
    body: str | None = None
    date: str | None = None  # YYYY-MM-DD
    authors: str | None = None
    failed: str | None = None  # the error that the tool raised


def trafilatura(*, fast: bool = False) -> Read:
    """Ask for the text without comments of readers, with metadata.

    The default mode tries other tools' ways where its own finds little; `fast` is for speed.
    """
    from trafilatura import bare_extraction

    def read(page: Page) -> Found:
        found = bare_extraction(
            page.body, url=page.url, with_metadata=True, include_comments=False, fast=fast
        )
        if found is None:
            return Found()
        return Found(found.title, found.text, found.date, found.author)

    return read


def newspaper4k() -> Read:
    """`newspaper.article` of a page at hand, its language named; pictures are not fetched.

    It takes text, not bytes: UTF-8, as the pages say. Some have bytes that are none; those are
    replaced, as news-please does with the captures that it reads.
    """
    import newspaper

    def read(page: Page) -> Found:
        text = page.body.decode("utf-8", "replace")
        found = newspaper.article(
            page.url, language=page.language, input_html=text, fetch_images=False
        )
        return Found(found.title, found.text, _day(found.publish_date), ", ".join(found.authors))

    return read


def news_please() -> Read:
    """`NewsPlease.from_html` of a page at hand, decoded as for newspaper4k; no pictures are fetched.

    It takes no language.
    """
    from newsplease import NewsPlease

    def read(page: Page) -> Found:
        text = page.body.decode("utf-8", "replace")
        found = NewsPlease.from_html(text, url=page.url, fetch_images=False)
        return Found(
            found.title, found.maintext, _day(found.date_publish), ", ".join(found.authors or ())
        )

    return read


def observer() -> Read:
    """Ours: `read_page` with all fields and links; the other tools look for no links."""
    from observer_crawler.pages import read_page

    def read(page: Page) -> Found:
        found = read_page(page.body, page.url, "text/html").article
        if found is None:
            return Found()
        return Found(found.headline, "\n".join(found.body), found.published_date, found.byline)

    return read


TOOLS: dict[str, Callable[[], Read]] = {
    "observer": observer,
    "trafilatura": trafilatura,
    "trafilatura fast": partial(trafilatura, fast=True),
    "newspaper4k": newspaper4k,
    "news-please": news_please,
}


def _day(moment: Any) -> str | None:  # noqa: ANN401
    """Give the day of a moment as the page writes it.

    >>> from datetime import datetime
    >>> _day(datetime(2024, 1, 2, 23, 0)), _day(None), _day("")
    ('2024-01-02', None, None)
    """
    return str(moment)[:10] if moment else None


def pages(path: str) -> Iterator[Page]:
    """Give one page after another."""
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            yield Page(base64.b64decode(page["body"]), page["url"], page["language"])


def offline(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every look-up and connection."""
    if event in {"socket.connect", "socket.getaddrinfo"}:
        raise OSError(f"no tool may fetch anything here, and one asks for {arguments[-1]!r}")


def attempt(read: Read, page: Page) -> Found:
    """Read a page; whatever a tool raises, it has found nothing there."""
    try:
        return read(page)
    except Exception as err:  # noqa: BLE001 (each tool has errors of its own)
        return Found(failed=repr(err))


def main() -> None:
    """Read the pages with the tool, and print a line for each."""
    tool, path = sys.argv[1:]
    read = TOOLS[tool]()
    sys.addaudithook(offline)
    for page in pages(path):
        start = process_time()
        html.fromstring(page.body)
        middle = process_time()
        found = attempt(read, page)
        times = {"parse": middle - start, "read": process_time() - middle}
        sys.stdout.write(json.dumps({**times, **found._asdict()}) + "\n")


if __name__ == "__main__":
    main()
