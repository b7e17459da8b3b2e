"""What is true of every page, told from the model: its links, its place, its article."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urldefrag, urljoin

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

_SPELLINGS = frozenset({"observerbd.com", *HOSTS.values()})
_SAFE = "/?&=%+:;,@!$'()*~"
_TRAPS = ("/cat-adv.php?cd=1&key=&y=&pg=", "/gallery.php?id=7", "/video.php?id=12", "/about.php")


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
    """Return an absolute address as a client asks for it: resolved, quoted, without fragment.

    The newspaper's own is on its origin, however the page spells scheme and host.
    """
    url = urldefrag(urljoin(folder, href)).url
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if host.lower() in _SPELLINGS:
        edition = "bn" if host.lower().startswith("bn.") else "en"
        scheme, host = "https", HOSTS[edition]
    return f"{scheme}://{host}{slash}{quote(path, safe=_SAFE)}"


def _pages(replica: "Replica") -> Iterator[tuple[Target, tuple[str, ...]]]:
    """Yield every page with its addresses: front, lists, days, authors, articles, traps."""
    desk = replica.desk
    yield Target("front"), ("/", "/index.php")
    for number in desk.section_numbers:
        for page in range(1, replica.pages(len(desk.by_section[number])) + 1):
            forms = addresses.section_forms(desk, number, page)
            yield Target("listing", number, page), forms
    for day in replica.days():
        forms = addresses.day_forms(desk, day)
        known = tuple(form for form in forms if addresses.is_day_form(desk, day, form))
        yield Target("day", day=day), known
    for number, name in enumerate(writers(replica.options.language)):
        for page in range(1, replica.pages(len(desk.by_writer[number])) + 1):
            yield Target("author", number, page), addresses.author_forms(desk, name, page)
    for k in range(len(desk.numbers)):
        forms = addresses.article_forms(desk, k)
        yield Target("article", k), forms[:1] if replica.options.old_forms == "404" else forms
    month = f"/calendar.php?y={replica.now.year}&m={replica.now.month}"
    for path in (*_TRAPS, month):
        target = replica.target(path)
        if target is not None:
            yield target, (path,)


def _oddities(replica: "Replica", target: Target, view: View) -> list[str]:
    options = replica.options
    impossible = IMPOSSIBLE[options.markup] | IMPOSSIBLE[options.language]
    odd = {*view.oddities, *(view.story.oddities if view.story else ())}
    if target.kind == "day" and replica.fails_at_first(target):
        odd.add("day_500_at_first")
    return sorted(odd - impossible)


def oddities(replica: "Replica") -> Counter[str]:
    """Count the pages that each oddity stands on, without resolving a link."""
    return Counter(
        name
        for target, forms in _pages(replica)
        for name in _oddities(replica, target, replica.view(target, forms[0]))
    )


def all_facts(replica: "Replica") -> Iterator[dict[str, Any]]:
    """Yield the facts of every page once, and of a number that nobody has."""
    for target, forms in _pages(replica):
        yield _fact(replica, target, forms)
    if replica.options.feed == "on":
        yield _bare_fact("feed", "/rss")
    yield _missing(replica)


def _fact(replica: "Replica", target: Target, forms: tuple[str, ...]) -> dict[str, Any]:
    path = forms[0]
    view = replica.view(target, path)
    return _bare_fact("listing" if target.kind == "front" else target.kind, path) | {
        "id": replica.desk.id(target.number) if view.story else None,
        "forms": list(forms),
        "allowed": _allowed(replica, target, path),
        "article": article(replica, view.story) if view.story else None,
        "block": block(view.story) if view.story else [],
        "oddities": _oddities(replica, target, view),
        "links": links(replica, view, path),
    }


def _allowed(replica: "Replica", target: Target, path: str) -> bool:
    named = target.kind == "article" and robots.is_disallowed(replica.desk, target.number)
    return robots.allows(replica.desk, path) and not named


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


def _missing(replica: "Replica") -> dict[str, Any]:
    desk = replica.desk
    last = len(desk.numbers) - 1
    number = desk.missing_number(desk.numbers[last])
    path = addresses.article_forms(desk, last)[0]
    path = path.replace(str(desk.numbers[last]), str(number))
    return _bare_fact("missing", path) | {
        "id": f"{desk.space}:{number}",
        "allowed": robots.allows(desk, path),
        "status": 404 if replica.options.unknown_id == "404" else 200,
        "links": links(replica, replica.missing_view(path), path),
    }
