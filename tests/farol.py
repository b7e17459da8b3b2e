"""The site of the second paper: the outside world, which imports nothing of the house but a Page.

Its facts are numbers alone: story k stands on day `k * days // articles`, in section `k % 3 + 1`,
and its number is 70001 + k. What a page shows is told in names too, for the judges of a crawl.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.replica.page import HTML, Page, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST_NUMBER, A_PAGE = 70_001, 10
_BOX = '<aside class="{}">{}</aside>'
_ROBOTS = "User-agent: *\nDisallow: /interno/\n"


class Options(NamedTuple):
    """How large the site is, and from when; named as the replica's."""

    articles: int
    days: int
    first_day: dt.date = dt.date(2023, 3, 1)
    latency_seconds: float = 0.0


@dataclass
class Farol:
    """The site. `unlinked` stories stand on no page, `failing` ones and days answer 500."""

    options: Options
    unlinked: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    missing_days: frozenset[str] = frozenset()
    failing_days: frozenset[str] = frozenset()

    def days(self) -> list[dt.date]:
        first = self.options.first_day
        return [first + dt.timedelta(days=number) for number in range(self.options.days)]

    def day(self, k: int) -> dt.date:
        return self.days()[k * self.options.days // self.options.articles]

    def facts(self) -> Iterator[tuple[str, str, int]]:
        """Give day, id and number of each story."""
        for k in range(self.options.articles):
            yield self.day(k).isoformat(), f"f:{FIRST_NUMBER + k}", FIRST_NUMBER + k

    def get(self, path: str) -> Page:
        """Answer as a server does."""
        if path == "/robots.txt":
            return plain(200, _ROBOTS)
        if self._fails(path):
            return plain(500, "erro")
        if (shown := self._page(path)) is None:
            return plain(404, "nada")
        inside, boxes = shown
        parts = [_BOX.format(name, "".join(map(_anchor, each))) for name, each in boxes.items()]
        text = f"<!DOCTYPE html><html><body>{inside}{''.join(parts)}</body></html>"
        return Page(200, {"Content-Type": f"{HTML}; charset=utf-8"}, text.encode())

    def shown(self, path: str) -> set[str]:
        """Give the names of all that a page links to and a ledger keeps."""
        page = self._page(path)
        return {name for each in page[1].values() for _, name in each} if page else set()

    def article(self, path: str) -> int | None:
        """Give the story that stands under a path; None where none does."""
        k = int(path[1:]) - FIRST_NUMBER if path[1:].isdecimal() else -1
        return k if 0 <= k < self.options.articles else None

    def allows(self, path: str) -> bool:
        """Whether robots.txt allows a path."""
        return not path.startswith("/interno/")

    def mend(self) -> None:
        """Let what failed answer from now on."""
        self.failing, self.failing_days = frozenset(), frozenset()

    def _fails(self, path: str) -> bool:
        days = {f"/dia/{day.replace('-', '')}" for day in self.failing_days}
        return path in days or self.article(path) in self.failing

    def _page(self, path: str) -> tuple[str, dict[str, list[tuple[str, str]]]] | None:
        """Give what stands on a page, and its boxes: paths and names of their links."""
        last = self.days()[-1]
        menu = [("/", "front"), (f"/dia/{last:%Y%m%d}", f"day:{last.isoformat()}")]
        menu += [(f"/seccao/{n}", f"list:{n}") for n in (1, 2, 3)]
        newest = range(self.options.articles - 1, -1, -1)
        boxes = {"nav": menu, "ultimas": self._links(newest[:5])}
        kind, _, rest = path[1:].partition("/")
        if path == "/":
            return "<h1>O Farol</h1>", boxes | {"lista": self._links(newest[:A_PAGE])}
        if kind == "seccao":
            section, _, page = rest.partition("?p=")
            of_it = [k for k in newest if k % 3 + 1 == int(section)]
            return "<h1>Lista</h1>", boxes | self._cut(of_it, int(section), int(page or 1))
        if kind == "dia":
            of_day = [k for k in newest[::-1] if f"{self.day(k):%Y%m%d}" == rest]
            is_there = of_day and self.day(of_day[0]).isoformat() not in self.missing_days
            return ("<h1>Dia</h1>", boxes | {"dia": self._links(of_day)}) if is_there else None
        if (k := self.article(path)) is None:
            return None
        beside = [n for n in (k - 1, k + 1) if 0 <= n < self.options.articles]
        return self._story(k), boxes | {"veja": self._links(beside)}

    def _cut(self, of_it: list[int], section: int, page: int) -> dict[str, list[tuple[str, str]]]:
        first, last = (page - 1) * A_PAGE, page * A_PAGE
        more = [(f"/seccao/{section}?p={page + 1}", f"list:{section}:{page + 1}")]
        return {"lista": self._links(of_it[first:last]), "mais": more if last < len(of_it) else []}

    def _links(self, some: Iterable[int]) -> list[tuple[str, str]]:
        numbers = (FIRST_NUMBER + k for k in some if k not in self.unlinked)
        return [(f"/{number}", f"f:{number}") for number in numbers]

    def _story(self, k: int) -> str:
        """Write a story; every third one went online, half an hour before its day ends."""
        moment = f"{self.day(k)}T23:30:00-01:00" if k % 3 == 0 else f"{self.day(k)}"
        told = [f"A lota n.º {k} abriu às {k % 12} horas.", "“Há peixe”, disse a câmara – 3 < 5."]
        return (
            f'<article><h1>Peixe &amp; maré {k}</h1><p class="seccao">Porto</p><p class="autor">'
            f'Inês Sá</p><time datetime="{moment}"></time>'
            f"{''.join(f'<p>{escape(each)}</p>' for each in told)}</article>"
        )


def _anchor(link: tuple[str, str]) -> str:
    return f'<a href="{link[0]}">{link[1]}</a> '
