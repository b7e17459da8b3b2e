"""What reading a page costs, against nothing but `lxml.html.fromstring` of the same bytes.

CPU time of one process over pages of the replica, the bare parse and `read_page` in turn on each
page. Every page is read once, after others of its site, as in a crawl: what pages repeat is
known then, and what is new on a page is not. The parts are measured in a second round, with a
clock around each, so that they add up to a little more than the whole.
"""

from __future__ import annotations

import gc
import sys
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from lxml import html

from observer_crawler.pages import read_page
from observer_crawler.replica import Options, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ORIGINS = {"en": "https://www.observerbd.com", "bn": "https://bn.observerbd.com"}
LOOKS = [(markup, skin, "en") for markup in ("2014", "2016", "2024") for skin in (1, 2, 3)]
LOOKS += [("2016", 1, "bn"), ("2016", 2, "bn"), ("2024", 3, "bn")]
ARTICLES = 300
WARM = 100  # pages read before the clock runs

# What each part is called, and the function behind it; a part within another counts alone.
PARTS = {
    "decode": ("pages", "mend_and_say"),
    "parse": ("pages.outline", "parsed"),
    "outline": ("pages", "outline"),
    "date": ("pages.date_line", "find"),
    "boxes": ("pages.boxes", "spans"),
    "links": ("pages.boxes", "assign"),
    "story": ("pages.story", "read"),
    "loaders": ("pages.article", "_article"),
}


class Sample(NamedTuple):
    """A page of the replica."""

    body: bytes
    url: str


class Cost(NamedTuple):
    """CPU seconds over some pages: of the bare parse, of `read_page`, and of its parts."""

    parse: float
    read: float
    parts: dict[str, float]


def samples(markup: str, skin: int, language: str, kind: str = "article") -> list[Sample]:
    """Render the pages of one kind of a replica."""
    replica = Replica(Options(markup=markup, skin=skin, language=language, articles=ARTICLES))
    paths = [fact["path"] for fact in replica.facts() if fact["kind"] == kind]
    return [Sample(replica.render(path).body, ORIGINS[language] + path) for path in paths]


def cost(pages: Sequence[Sample]) -> Cost:
    """Measure over pages; those of the replica's own memory are none of the collector's work."""
    gc.collect()
    gc.freeze()
    parse = read = 0.0
    for body, url in pages:
        start = process_time()
        html.fromstring(body)
        middle = process_time()
        read_page(body, url, "text/html")
        parse, read = parse + middle - start, read + process_time() - middle
    return Cost(parse, read, parts(pages))


def parts(pages: Sequence[Sample]) -> dict[str, float]:
    """Give the CPU seconds of each part, without the parts within it."""
    spent = dict.fromkeys(("", *PARTS, "rest"), 0.0)
    running = [""]
    with ExitStack() as clocks:
        for part, (module, name) in PARTS.items():
            home = import_module(f"observer_crawler.{module}")
            function = partial(_clocked, getattr(home, name), part, spent, running)
            clocks.enter_context(patch.object(home, name, function))
        for body, url in pages:
            _clocked(read_page, "rest", spent, running, body, url, "text/html")
    return {part: spent[part] for part in (*PARTS, "rest")}


def _clocked(
    function: Callable[..., Any],
    part: str,
    spent: dict[str, float],
    running: list[str],
    *given: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    start = process_time()
    running.append(part)
    result = function(*given)
    running.pop()
    took = process_time() - start
    spent[part] += took
    spent[running[-1]] -= took
    return result


def row(name: str, pages: Sequence[Sample], found: Cost) -> str:
    """Write a line: milliseconds a page, the ratio, and the parts as shares of the bare parse."""
    kilobytes = sum(len(page.body) for page in pages) / len(pages) / 1000
    per_page = [seconds / len(pages) * 1000 for seconds in (found.parse, found.read)]
    shares = "".join(f"{spent / found.parse:8.2f}" for spent in found.parts.values())
    figures = f"{len(pages):6}{kilobytes:6.1f}{per_page[0]:8.3f}{per_page[1]:8.3f}"
    return f"{name:16}{figures}{found.read / found.parse:7.2f} |{shares}\n"


def main() -> None:
    """Print the table: a line a look, then lists, day indexes and the heaviest articles."""
    titles = "".join(f"{part:>8}" for part in (*PARTS, "rest"))
    head = f"{'':16}{'pages':>6}{'KB':>6}{'parse':>8}{'read':>8}{'ratio':>7} |{titles}\n"
    sys.stdout.write(f"CPU ms a page; parts as multiples of the bare parse\n{head}")
    articles: list[Sample] = []
    for look in LOOKS:
        pages = samples(*look)
        cost(pages[:WARM])
        articles += pages[WARM:]
        sys.stdout.write(row(" ".join(map(str, look)), pages[WARM:], cost(pages[WARM:])))
    heavy = sorted(articles, key=lambda page: len(page.body))[-len(articles) // 10 :]
    others = {kind: samples("2024", 1, "en", kind) for kind in ("listing", "day")}
    for name, pages in {"heaviest tenth": heavy, **others}.items():
        sys.stdout.write(row(name, pages, cost(pages)))


if __name__ == "__main__":
    main()
