"""Links as a page prints them: the address in the skin's manner, and in every way it goes wrong."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from observer_crawler.replica import addresses
from observer_crawler.replica.newsroom import Newsroom
from observer_crawler.replica.oddities import IMPOSSIBLE, ODDITIES
from observer_crawler.replica.skins import SKINS
from observer_crawler.replica.text import writers

HOSTS = {"en": "www.observerbd.com", "bn": "bn.observerbd.com"}
_VARIANTS = (
    "link_other_form",
    "link_plain_http",
    "link_bare_host",
    "link_upper_case",
    "link_fragment",
    "link_full",
)


@dataclass(frozen=True, slots=True)
class Link:
    """One <a href> (or the feed's <link>): `kind` and `id` say where it leads."""

    href: str
    box: str
    text: str
    kind: str
    id: str | None = None


class Linker:
    """Writes the links of one page. `depth`: how many folders the page's address lies deep."""

    def __init__(self, newsroom: Newsroom, chance: Random, depth: int) -> None:
        """Write for one page, with that page's own chance."""
        self.newsroom, self.desk, self._chance = newsroom, newsroom.desk, chance
        options = self.desk.options
        self.skin = SKINS[options.markup, options.skin]
        self.host = HOSTS[options.language]
        self.oddities: list[str] = []
        self._prefix = prefix(options.markup, options.skin, depth)
        impossible = IMPOSSIBLE[options.markup] | IMPOSSIBLE[options.language]
        self._variants = () if options.plain else _variants(impossible)

    def dress(self, path: str) -> str:
        """Return an address on the site in the skin's manner."""
        if self.skin.style == "rooted":
            return path
        if self.skin.style == "relative":
            return self._prefix + (path[1:] or "index.php")
        scheme = {"full": "https:", "scheme": ""}[self.skin.style]
        return f"{scheme}//{self.host}{path}"

    def article(self, k: int, box: str, text: str | None = None) -> Link:
        """Link an article, now and then in another form or spelling of its address."""
        forms = addresses.article_forms(self.desk, k)
        shown = self.newsroom.link_text(k) if text is None else text
        return Link(self._varied(forms), box, shown, "article", self.desk.id(k))

    def missing(self, near: int, box: str, text: str) -> Link:
        """Link an article that does not exist."""
        number = self.desk.missing_number(self.desk.numbers[near])
        path = addresses.article_forms(self.desk, near)[0]
        path = path.replace(str(self.desk.numbers[near]), str(number))
        return Link(self.dress(path), box, text, "article", f"{self.desk.space}:{number}")

    def _varied(self, forms: tuple[str, ...]) -> str:
        path, roll = forms[0], self._chance.random()
        for name, until in self._variants:
            if roll < until:
                self.oddities.append(name)
                return self._variant(name, forms)
        return self.dress(path)

    def _variant(self, name: str, forms: tuple[str, ...]) -> str:
        path = forms[0]
        match name:
            case "link_other_form":
                return self.dress(forms[1 + self._chance.randrange(2)])
            case "link_plain_http":
                return f"http://{self.host}{path}"
            case "link_bare_host":
                return f"https://{self.host.removeprefix('www.')}{path}"
            case "link_upper_case":
                return f"HTTPS://{self.host.upper()}{forms[-1]}"
            case "link_fragment":
                return self.dress(path) + ("#google_vignette", "#/")[self._chance.randrange(2)]
            case _:
                return f"https://{self.host}{path}"

    def day(self, day: date, box: str, text: str) -> Link:
        """Link a day index, its numbers padded or not."""
        forms = addresses.day_forms(self.desk, day)
        at = self._chance.randrange(min(len(forms), 2)) if self._variants else 0
        return Link(self.dress(forms[at]), box, text, "day")

    def section(self, number: int, box: str, text: str, page: int = 1) -> Link:
        """Link a page of a section."""
        path = addresses.section_forms(self.desk, number, page)[0]
        return Link(self.dress(path), box, text, "listing")

    def author(self, writer: int, page: int = 1) -> Link:
        """Link an author page in one of its spellings."""
        name = writers(self.desk.options.language)[writer]
        forms = addresses.author_forms(self.desk, name, page)
        path = forms[self._chance.randrange(len(forms)) if self._variants else 0]
        box, text = ("paging", str(page)) if page > 1 else ("menu", name)
        return Link(self.dress(path), box, text, "author")

    def own(self, path: str, text: str, kind: str, box: str = "other") -> Link:
        """Link any other page of the site."""
        return Link(self.dress(path), box, text, kind)


@lru_cache(maxsize=8)
def _variants(impossible: frozenset[str]) -> tuple[tuple[str, float], ...]:
    steps, reached = [], 0.0
    for name in _VARIANTS:
        if name not in impossible:
            reached += ODDITIES[name] or 0
            steps.append((name, reached))
    return tuple(steps)


def prefix(markup: str, skin: int, depth: int) -> str:
    """Return what stands before a relative address. The CMS of 2014 always climbs three folders."""
    if SKINS[markup, skin].base:
        return ""
    return "../../../" if markup == "2014" else "../" * depth
