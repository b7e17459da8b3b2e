"""Extraction of a page, item loaders and links included, against a bare lxml parse of its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import extraction
from benchmarks.figures import Figure
from benchmarks.rounds import mid
from observer_crawler.items import to_record
from observer_crawler.pages import read_page
from observer_crawler.replica import Options, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAST_BYTES = 45_000
ARTICLES, QUICK = 1_000, 120
# A markup with one of its skins, and Bangla.
LOOKS = [("2014", 1, "en"), ("2016", 1, "en"), ("2024", 1, "en"), ("2016", 1, "bn")]


def measure(rounds: int, say: Callable[[str], None], *, quick: bool = False) -> list[Figure]:
    """Read the same pages as often as there are rounds, with a bare parse of each beside it."""
    articles = QUICK if quick else ARTICLES
    return [_figure(look, articles, rounds, say) for look in LOOKS]


def _figure(
    look: tuple[str, int, str], articles: int, rounds: int, say: Callable[[str], None]
) -> Figure:
    markup, skin, language = look
    options = Options(markup=markup, skin=skin, language=language, articles=articles)
    pages, mistakes = [], []
    for page, facts in _pages(Replica(options), language):
        article = read_page(page.body, page.url, "text/html").article
        record = to_record(article) if article else {}
        if any(record.get(name) != value for name, value in facts.items()):
            mistakes.append(page.url)
        pages.append(page)
    costs = [extraction.cost(pages) for _ in range(rounds)]
    say(f"{' '.join(map(str, look))}: {costs[-1].read / costs[-1].parse:.2f}")
    kilobytes = sum(len(page.body) for page in pages) / len(pages) / 1000
    parts = {
        name: round(mid([cost.parts[name] / cost.parse for cost in costs]), 2)
        for name in costs[0].parts
    }
    wrong = f"{len(mistakes)} read otherwise than rendered, such as {mistakes[:1]}"
    return Figure(
        group="extraction",
        what=f"{markup} {language}, {kilobytes:.0f} kB",
        against="lxml parse",
        unit="ms of CPU a page",
        ours=1000 * mid([cost.read for cost in costs]) / len(pages),
        other=1000 * mid([cost.parse for cost in costs]) / len(pages),
        ratios=[cost.read / cost.parse for cost in costs],
        right=wrong if mistakes else f"{len(pages)} pages, all fields as rendered",
        is_right=not mistakes,
        most=3.2,
        how={"parts, as multiples of the parse": parts},
    )


def _pages(replica: Replica, language: str) -> Iterator[tuple[extraction.Sample, dict[str, Any]]]:
    """Give each heavy article of a site, and what is true of it."""
    for fact in replica.facts():
        if fact["kind"] == "article":
            body = replica.render(fact["path"]).body
            if len(body) >= LEAST_BYTES:
                url = extraction.ORIGINS[language] + fact["path"]
                yield extraction.Sample(body, url), fact["article"]
