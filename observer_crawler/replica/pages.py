"""Each kind of page before it is drawn: its links by place, and what its middle shows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from observer_crawler.replica import chrome
from observer_crawler.replica.addresses import Target, canonical_path
from observer_crawler.replica.draw import mix
from observer_crawler.replica.links import Link, Linker
from observer_crawler.replica.oddities import ODDITIES
from observer_crawler.replica.sections import SECTIONS
from observer_crawler.replica.story import HOLLOW, Para, Run, Story
from observer_crawler.replica.text import writers

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Newsroom

PAGE_LENGTH = 20
NO_STORIES = -1
"""The number of a day index that is shown empty, whatever was published."""


@dataclass(frozen=True, slots=True)
class Card:
    """One story in a list or box. No card says its date."""

    title: Link
    picture: Link | None = None
    author: Link | None = None
    image: str = ""
    teaser: str = ""


@dataclass(slots=True)
class View:
    """A page before it is drawn. `links` holds every link by its place on the page."""

    kind: str
    title: str
    now: datetime
    links: dict[str, list[Link]]
    oddities: list[str] = field(default_factory=list)
    story: Story | None = None
    runs: dict[int, Link] = field(default_factory=dict)
    cards: list[Card] = field(default_factory=list)
    groups: list[tuple[Link | str, list[Card]]] = field(default_factory=list)
    related: list[Card] = field(default_factory=list)
    number: int = 0
    page: int = 1
    day: date | None = None
    found: bool = True
    views: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    canonical: str = ""


class Editor:
    """Makes the pages of one site at one moment."""

    def __init__(self, newsroom: "Newsroom", linker: Linker, now: datetime, page: int) -> None:
        """Make one page; `page` is a number of its own."""
        self._newsroom, self._linker, self._now, self._page = newsroom, linker, now, page
        self._desk = newsroom.desk

    def view(self, target: Target, menus: dict[str, list[Link]]) -> View:
        """Return the page that a target names, within the menus of every page."""
        make = {
            "front": self._front,
            "article": self._article,
            "listing": self._listing,
            "day": self._day,
            "author": self._author,
            "hollow": self._hollow,
        }
        view = View(target.kind, "", self._now, {}, number=target.number, page=target.page)
        view.links = dict(menus)
        view.links |= chrome.news(
            self._linker, self._newsroom, self._page, lists=target.kind in ("front", "listing")
        )
        view.day = target.day
        make.get(target.kind, self._other)(view)
        view.oddities += self._linker.oddities
        return view

    def _article(self, view: View) -> None:
        k, linker = view.number, self._linker
        story = view.story = self._newsroom.story(k)
        view.title = story.headline or ""
        view.canonical = f"https://{linker.host}{canonical_path(self._desk, k)}"
        view.views = story.views
        if linker.skin.crumb:
            view.links["crumb"] = [
                linker.own("/", self._newsroom.words_of_site["home"], "listing", "menu")
            ]
            if story.section:
                number = self._desk.sections[k]
                view.links["crumb"].append(linker.section(number, "menu", story.section))
        view.links["byline"] = [
            linker.author(line.writer) for line in story.bylines if line.writer is not None
        ]
        view.links["tools"] = _tools(linker, self._desk.numbers[k])
        self._body_links(view, story)
        view.tags = () if self._desk.options.markup == "2014" else story.tags
        if story.tags_as_links and view.tags:
            view.links["tags"] = [_tag(linker, tag) for tag in story.tags]
        self._neighbours(view, k)
        view.related = [self._related(k, other) for other in story.related]
        view.links["related"] = _of_cards(view.related)

    def _hollow(self, view: View) -> None:
        """Fill the article's template with nothing, as for a number that nobody has."""
        view.story = HOLLOW
        if self._linker.skin.crumb:
            home = self._newsroom.words_of_site["home"]
            view.links["crumb"] = [self._linker.own("/", home, "listing", "menu")]

    def _neighbours(self, view: View, k: int) -> None:
        words = self._newsroom.words_of_site
        if k > 0:
            view.links["previous"] = [self._linker.article(k - 1, "previous", words["previous"])]
        if k + 1 < len(self._desk.numbers):
            view.links["next"] = [self._linker.article(k + 1, "next", words["next"])]

    def _body_links(self, view: View, story: Story) -> None:
        """Make the links within the text; `runs` finds each by its run's identity."""
        inside: list[Run] = [
            run
            for piece in story.pieces
            if isinstance(piece, Para)
            for run in piece.runs
            if run.kind in ("link", "email")
        ]
        for run in inside:
            view.runs[id(run)] = self._run_link(story.k, run)
        view.links["body"] = list(view.runs.values())

    def _run_link(self, k: int, run: Run) -> Link:
        linker = self._linker
        if run.kind == "email":
            path = "/cdn-cgi/l/email-protection"
            return linker.own(path, "[email protected]", "static", "body")
        if run.target is None:
            return linker.missing(k, "body", run.text)
        return linker.article(run.target, "body", run.text)

    def _related(self, k: int, other: int | None) -> Card:
        if other is None:
            return Card(self._linker.missing(k, "related", "A story that is gone"))
        return self._card(other, "related", pictured=self._linker.skin.pictured)

    def _card(self, k: int, box: str, *, pictured: bool, full: bool = False) -> Card:
        linker = self._linker
        writer = self._desk.writers[k]
        title = linker.article(k, box)
        return Card(
            title,
            picture=linker.article(k, box, "") if pictured else None,
            author=linker.author(writer) if full and writer >= 0 else None,
            image=f"/{self._desk.day(k):%Y/%m/%d}/ob_{1400000000 + k}.jpg",
            teaser=self._newsroom.teaser(k) if full else "",
        )

    def _front(self, view: View) -> None:
        last = len(self._desk.numbers) - 1
        newest = range(last, max(last - 12, -1), -1)
        view.title = self._newsroom.words_of_site["paper"]
        view.cards = [self._card(k, "section", pictured=True, full=True) for k in newest]
        for section in SECTIONS[self._desk.options.language]:
            rows = self._desk.by_section[section.number][-4:]
            if rows:
                head = self._linker.section(section.number, "menu", section.name)
                cards = [self._card(k, "section", pictured=False) for k in reversed(rows)]
                view.groups.append((head, cards))
        grouped = [[head, *_of_cards(cards)] for head, cards in view.groups]
        view.links["main"] = _of_cards(view.cards) + [
            link for group in grouped for link in group if isinstance(link, Link)
        ]

    def _listing(self, view: View) -> None:
        rows = self._desk.by_section[view.number]
        pages = max(-(-len(rows) // PAGE_LENGTH), 1)
        view.title = self._desk.section_name(view.number)
        shown = min(view.page, pages) if self._desk.options.past_end == "repeat" else view.page
        first = (shown - 1) * PAGE_LENGTH
        self._fill(view, rows[::-1][first : first + PAGE_LENGTH].tolist(), "section")
        near = [page for page in range(max(shown - 3, 2), shown + 5) if page <= pages]
        near = near if pages == 1 or pages in near else [*near, pages]
        view.links["paging"] = [
            self._linker.section(view.number, "paging", str(page), page)
            for page in near
            if page != shown
        ]

    def _author(self, view: View) -> None:
        rows = self._desk.by_writer[view.number]
        pages = max(-(-len(rows) // PAGE_LENGTH), 1)
        view.title = writers(self._desk.options.language)[view.number]
        view.found = not author_unknown(view.number, plain=self._desk.options.plain)
        if not view.found:
            view.oddities.append("author_not_found")
        first = (view.page - 1) * PAGE_LENGTH
        self._fill(view, rows[::-1][first : first + PAGE_LENGTH].tolist(), "other")
        others = [page for page in range(2, pages + 1) if page != view.page][:8]
        view.links["paging"] = [self._linker.author(view.number, page) for page in others]

    def _fill(self, view: View, rows: list[int], box: str) -> None:
        view.cards = [self._card(k, box, pictured=True, full=True) for k in rows]
        view.links["main"] = _of_cards(view.cards)

    def _day(self, view: View) -> None:
        day = view.day or self._now.date()
        shown = view.number != NO_STORIES
        rows = list(self._desk.by_day.get(day.toordinal(), ())) if shown else []
        names = dict.fromkeys(self._desk.sections[k] for k in rows)
        for number in names:
            cards = [
                Card(self._linker.article(k, "day"))
                for k in rows
                if self._desk.sections[k] == number
            ]
            view.groups.append((self._desk.section_name(number), cards))
        view.links["main"] = [card.title for _, cards in view.groups for card in cards]
        if not any(self._desk.printed[k] for k in rows):
            view.oddities.append("day_without_print")

    def _other(self, view: View) -> None:
        view.title = view.kind.capitalize()
        if view.kind == "calendar":
            month = view.number + 1
            path = f"/calendar.php?y={month // 12}&m={month % 12 + 1}"
            view.links["main"] = [self._linker.own(path, "Next month", "calendar")]


def author_unknown(writer: int, *, plain: bool) -> bool:
    """Tell whether an author page lacks the biography."""
    return not plain and mix(writer, 11) % 100 < (ODDITIES["author_not_found"] or 0) * 100


def _of_cards(cards: list[Card]) -> list[Link]:
    return [link for card in cards for link in (card.picture, card.title, card.author) if link]


def _tag(linker: Linker, tag: str) -> Link:
    return linker.own(f"/cat.php?cd=1&key={quote_plus(tag)}", tag, "search")


def _tools(linker: Linker, number: int) -> list[Link]:
    """Return print and share links; they are pictures without words."""
    return [
        linker.own(f"/print.php?id={number}", "", "print"),
        linker.own(f"/share.php?id={number}&to=mail", "", "share"),
        Link(f"https://www.facebook.com/sharer.php?id={number}", "other", "", "offsite"),
    ]
