"""The site as one object: an address in, a page out. It has no clock and no socket."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from observer_crawler.replica import (
    addresses,
    assets,
    chrome,
    facts,
    feeds,
    preferences,
    robots,
    validators,
)
from observer_crawler.replica.addresses import Target
from observer_crawler.replica.desk import Desk
from observer_crawler.replica.draw import dice, mark, mix
from observer_crawler.replica.links import Link, Linker
from observer_crawler.replica.newsroom import Newsroom
from observer_crawler.replica.oddities import ODDITIES
from observer_crawler.replica.options import Options
from observer_crawler.replica.page import HTML, Page, plain
from observer_crawler.replica.pages import NO_STORIES, PAGE_LENGTH, Editor, View
from observer_crawler.replica.render import draw
from observer_crawler.replica.story import Para
from observer_crawler.replica.text import writers

_NOT_FOUND = {
    "404": "404 - The page you asked for was not found on this server.",
    "soft": "Sorry, no news was found.",
    "soft-empty": "",
}
OTHER_PAGES = ("front", "search", "print", "share", "gallery", "video", "static", "calendar")


class Replica:
    """One replica. `now` may be moved; articles are added and edited by calls alone.

    `robots` is the text of robots.txt from now on; None: what the switch says.
    """

    def __init__(self, options: Options) -> None:
        """Build the model of the options."""
        self.options = options
        self.now = options.clock()
        self.robots: str | None = None
        self.desk = Desk(options)
        self.newsroom = Newsroom(self.desk)
        self._menus: dict[tuple[int, date], dict[str, list[Link]]] = {}
        self._visits: Counter[str] = Counter()
        self._lock = threading.RLock()

    def render(self, path: str) -> Page:
        """Return the page of a path as its first visitor sees it, and remember nothing."""
        with self._lock:
            return self._answer(path, visit=0)

    def get(self, path: str) -> Page:
        """Return the page of a path as a server does: views grow, a day fails at first."""
        with self._lock:
            target = self.target(path)
            key = path if target is None else target.key
            visit = self._visits[key]
            self._visits[key] += 1
            if visit == 0 and target and target.kind == "day" and self.fails_at_first(target):
                return plain(500, "Internal Server Error")
            return self._answer(path, visit=visit)

    def facts(self) -> Iterator[dict[str, Any]]:
        """Yield what is true of every page, one dictionary each."""
        return facts.all_facts(self)

    def oddities(self) -> Counter[str]:
        """Count the pages that each oddity stands on."""
        return facts.oddities(self)

    def publish(self, count: int = 1) -> list[str]:
        """Let articles go up now; return their ids, oldest first."""
        with self._lock:
            rows = [self.newsroom.publish(self.now) for _ in range(count)]
            return [self.desk.id(k) for k in rows]

    def edit(self, article_id: str) -> None:
        """Change the text of an article, given as `b:370580`."""
        space, _, number = article_id.partition(":")
        k = self.desk.row(int(number)) if space == self.desk.space else None
        if k is None:
            message = f"replica: there is no article {article_id!r} to edit"
            raise KeyError(message)
        with self._lock:
            if not any(isinstance(piece, Para) for piece in self.newsroom.story(k).pieces):
                message = f"replica: article {article_id!r} is a picture without a text to edit"
                raise KeyError(message)
            self.newsroom.edit(k)

    def fails_at_first(self, target: Target) -> bool:
        """Tell whether a day index answers its first visitor with 500."""
        rate = ODDITIES["day_500_at_first"] or 0
        return not self.options.plain and mix(mark(target.key), 12) % 1000 < rate * 1000

    def _answer(self, path: str, visit: int) -> Page:
        kind, _ = addresses.read(path)
        if self.options.challenge != "off" and (
            kind != "robots" or self.options.challenge == "403"
        ):
            return robots.challenge(self.options.challenge)
        special = self._special(kind, path, visit)
        if special is not None:
            return special()
        target = self.target(path)
        if target is None:
            return self._unknown(kind, path)
        if target.kind == "article" and self.options.redirects == "current":
            current = addresses.article_forms(self.desk, target.number)[0]
            if path != current:
                return Page(301, {"Location": current, "Content-Type": HTML})
        view = self.view(target, path)
        if view.views is not None and self.options.views_grow:
            view.views += visit
        page = self._page(200, view)
        return self._validated(page, target)

    def _validated(self, page: Page, target: Target) -> Page:
        if target.kind != "article" or self.options.validators == "none":
            return page
        return validators.add(page, self.newsroom, target.number)

    def _special(self, kind: str, path: str, visit: int) -> Callable[[], Page] | None:
        if kind == "robots":
            return lambda: robots.answer(self.desk, self.robots, visit)
        if kind == "feed" and self.options.feed == "on":
            return lambda: feeds.feed(self.newsroom)
        if kind == "sitemap" and self.options.sitemap == "on":
            return lambda: feeds.sitemap(self.newsroom)
        if kind == "picture":
            return lambda: assets.asset(path)
        return None

    def view(self, target: Target, path: str) -> View:
        """Return a page before it is drawn."""
        number = mark(target.key)
        depth = path.partition("?")[0].count("/") - 1
        linker = Linker(self.newsroom, dice(self.options.seed, number, 20), depth)
        editor = Editor(self.newsroom, linker, self.now, number)
        return editor.view(target, self._menus_at(depth))

    def _menus_at(self, depth: int) -> dict[str, list[Link]]:
        """Return the menus as pages of that depth print them; they are alike on all."""
        key = (depth, self.now.date())
        if key not in self._menus:
            linker = Linker(self.newsroom, dice(self.options.seed, 21), depth)
            self._menus[key] = chrome.menus(linker, self.now)
        return self._menus[key]

    def _page(self, status: int, view: View) -> Page:
        kind = HTML
        if self.options.charset in ("header", "wrong"):
            charset = "utf-8" if self.options.charset == "header" else "iso-8859-1"
            kind += f"; charset={charset}"
        page = Page(status, {"Content-Type": kind}, draw(view, self.options))
        return preferences.on_page(self.options, page)

    def _unknown(self, kind: str, path: str) -> Page:
        """Answer an address that nothing stands at; for articles that is a switch."""
        soft = kind in ("article", "dated") and self.options.unknown_id != "404"
        return self._page(200 if soft else 404, self.missing_view(path))

    def missing_view(self, path: str) -> View:
        """Return the page of an address that nothing stands at, before it is drawn."""
        kind, _ = addresses.read(path)
        hollow = kind in ("article", "dated") and self.options.unknown_id == "soft-empty"
        view = self.view(Target("hollow" if hollow else "missing", page=mark(path) % 9), path)
        view.note = _NOT_FOUND[self.options.unknown_id]
        return view

    def target(self, path: str) -> Target | None:
        """Return what a path asks for, None where nothing stands."""
        kind, parts = addresses.read(path)
        match kind:
            case "article" | "dated":
                return self._article(path, parts)
            case "day" | "dated_day":
                return self._day(kind, parts, path)
            case "listing":
                return self._listing(parts)
            case "author":
                return self._author(parts)
        month = addresses.number(parts, "y") * 12 + addresses.number(parts, "m") - 1
        number = month if kind == "calendar" else 0
        return Target(kind, number) if kind in OTHER_PAGES else None

    def _article(self, path: str, parts: dict[str, str]) -> Target | None:
        number = addresses.number(parts, "number") or addresses.number(parts, "id")
        k = self.desk.row(number)
        if k is None:
            return None
        forms = addresses.article_forms(self.desk, k)
        allowed = forms[:1] if self.options.old_forms == "404" else forms
        bare = path.partition("?")[0].rstrip("/")
        asked = f"{bare}?id={number}" if "id" in parts else bare
        known = asked.lower() in {form.lower() for form in allowed}
        return Target("article", k, form=path) if known else None

    def _day(self, kind: str, parts: dict[str, str], path: str) -> Target | None:
        try:
            day = date(*(addresses.number(parts, name) for name in "ymd"))
        except ValueError:
            return None
        is_form = (kind == "dated_day") == (self.desk.space == "a")
        if is_form and self.has_day(day) and addresses.is_day_form(self.desk, day, path):
            return Target("day", day=day)
        return self._missing_day(day)

    def _missing_day(self, day: date) -> Target | None:
        """Return what stands where no index is: nothing, an empty one, or that of today."""
        match self.options.missing_day:
            case "today":
                return Target("day", day=max(d for d in self.days() if d <= self.now.date()))
            case "empty":
                return Target("day", NO_STORIES, day=day)
        return None

    def has_day(self, day: date) -> bool:
        """Tell whether a day index exists: a story was published on it."""
        return bool(self.desk.by_day.get(day.toordinal()))

    def _listing(self, parts: dict[str, str]) -> Target | None:
        number = addresses.number(parts, "number") or addresses.number(parts, "cd")
        if number == 1 and "key" in parts:
            return Target("search")
        if number not in self.desk.section_numbers:
            return None
        page = addresses.number(parts, "page") or addresses.number(parts, "pg", 1)
        beyond = page > self.pages(len(self.desk.by_section[number]))
        if beyond and self.options.past_end == "404":
            return None
        return Target("listing", number, max(page, 1))

    def _author(self, parts: dict[str, str]) -> Target | None:
        asked = parts.get("name") or parts.get("n", "")
        wanted = asked.replace("-", " ").casefold()
        for number, name in enumerate(writers(self.options.language)):
            if name.casefold() == wanted:
                return Target("author", number, max(addresses.number(parts, "page", 1), 1))
        return None

    @staticmethod
    def pages(rows: int) -> int:
        """Return how many list pages a number of stories fills; an empty list is one page."""
        return max(-(-rows // PAGE_LENGTH), 1)

    def days(self) -> list[date]:
        """Return the days that have an index, oldest first."""
        return sorted(date.fromordinal(day) for day, rows in self.desk.by_day.items() if rows)
