"""What is true of every page, told from the model: its links, its place, its article."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin

from observer_crawler.replica import addresses, robots
from observer_crawler.replica.addresses import Target
from observer_crawler.replica.links import HOSTS, Link
from observer_crawler.replica.oddities import IMPOSSIBLE
from observer_crawler.replica.pages import View
from observer_crawler.replica.reading import article, block, clean
from observer_crawler.replica.skins import SKINS
from observer_crawler.replica.text import writers

if TYPE_CHECKING:
    from observer_crawler.replica.replica import Replica


def links(replica: "Replica", view: View, path: str) -> list[dict[str, Any]]:
    """Return every link of a page in page order, resolved against the newspaper's address."""
    options = replica.options
    skin = SKINS[options.markup, options.skin]
    host = HOSTS[options.language]
    base = skin.base.format(http=f"http://{host}", https=f"https://{host}")
    against = urljoin(f"https://{host}{path.partition('?')[0]}", base)
    ordered = [link for slot in skin.order for link in view.links.get(slot, [])]
    return [_link(link, against) for link in ordered]


def _link(link: Link, against: str) -> dict[str, Any]:
    elsewhere = link.kind == "bad" or link.href.startswith(("mailto:", "tel:"))
    return {
        "href": link.href,
        "url": None if elsewhere else _resolve(against.rpartition("/")[0] + "/", link.href),
        "box": link.box,
        "text": clean(link.text),
        "id": link.id,
        "kind": link.kind,
    }


@lru_cache(maxsize=50_000)
def _resolve(folder: str, href: str) -> str:
    """Return an absolute address without its fragment; what is printed is read from a folder."""
    return urldefrag(urljoin(folder, href)).url


def _fact(
    replica: "Replica", target: Target, forms: tuple[str, ...], more: dict[str, Any] | None = None
) -> dict[str, Any]:
    path = forms[0]
    view = replica.view(target, path)
    options = replica.options
    impossible = IMPOSSIBLE[options.markup] | IMPOSSIBLE[options.language]
    odd = [*view.oddities, *(view.story.oddities if view.story else ())]
    if target.kind == "day" and replica.fails_at_first(target):
        odd.append("day_500_at_first")
    return {
        "path": path,
        "kind": "listing" if target.kind == "front" else target.kind,
        "id": None,
        "forms": list(forms),
        "allowed": robots.allows(replica.desk, path),
        "status": 200,
        "article": None,
        "block": block(view.story) if view.story else [],
        "oddities": sorted(set(odd) - impossible),
        "links": links(replica, view, path),
    } | (more or {})


def all_facts(replica: "Replica") -> Iterator[dict[str, Any]]:
    """Yield the facts of every page once: front, lists, days, authors, articles, the rest."""
    desk, language = replica.desk, replica.options.language
    yield _fact(replica, Target("front"), ("/",))
    for number in desk.section_numbers:
        for page in range(1, replica.pages(len(desk.by_section[number])) + 1):
            forms = addresses.section_forms(desk, number, page)
            yield _fact(replica, Target("listing", number, page), forms)
    for day in replica.days():
        yield _fact(replica, Target("day", day=day), addresses.day_forms(desk, day))
    for number, name in enumerate(writers(language)):
        for page in range(1, replica.pages(len(desk.by_writer[number])) + 1):
            forms = addresses.author_forms(desk, name, page)
            yield _fact(replica, Target("author", number, page), forms)
    for k in range(len(desk.numbers)):
        yield article_fact(replica, k)
    yield from _rest(replica)


def _bare_fact(kind: str, path: str) -> dict[str, Any]:
    """Return the facts of what is no page: it answers, and shows no links of a page."""
    return {
        "path": path,
        "kind": kind,
        "id": None,
        "forms": [path],
        "allowed": True,
        "status": 200,
        "article": None,
        "block": [],
        "oddities": [],
        "links": [],
    }


def article_fact(replica: "Replica", k: int) -> dict[str, Any]:
    """Return the facts of one article's page."""
    desk = replica.desk
    forms = addresses.article_forms(desk, k)
    if replica.options.old_forms == "404":
        forms = forms[:1]
    return _fact(
        replica,
        Target("article", k),
        forms,
        {
            "id": desk.id(k),
            "article": article(replica, replica.newsroom.story(k)),
            "allowed": replica.options.robots != "forbid" and not robots.is_disallowed(desk, k),
        },
    )


def _rest(replica: "Replica") -> Iterator[dict[str, Any]]:
    """Yield what a crawl must not enter or gains nothing from, and a number that nobody has."""
    now = replica.now
    paths = {
        "search": "/cat-adv.php?cd=1&key=&y=&pg=",
        "gallery": "/gallery.php?id=7",
        "video": "/video.php?id=12",
        "static": "/about.php",
        "calendar": f"/calendar.php?y={now.year}&m={now.month}",
    }
    for path in paths.values():
        target = replica.target(path)
        if target is not None:
            yield _fact(replica, target, (path,))
    if replica.options.feed == "on":
        yield _bare_fact("feed", "/rss")
    desk = replica.desk
    number = desk.missing_number(desk.numbers[-1])
    path = addresses.article_forms(desk, len(desk.numbers) - 1)[0]
    path = path.replace(str(desk.numbers[-1]), str(number))
    soft = replica.options.unknown_id != "404"
    view = replica.missing_view(path)
    yield _bare_fact("missing", path) | {
        "id": f"{desk.space}:{number}",
        "allowed": robots.allows(desk, path),
        "status": 200 if soft else 404,
        "links": links(replica, view, path),
    }
