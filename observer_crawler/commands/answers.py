"""What the looks of the doctor say about the questions that nobody could answer before.

Each question has a function from the looks to one line of text. What the looks do not say is
said to be so, with the reason, so that nobody takes silence for an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import Selector

from observer_crawler import urls
from observer_crawler.commands.looks import REDIRECTS, decoded, has_forms, has_news, is_old_form
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.pages import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from observer_crawler.commands.looks import Look

_SIGNS = {
    "canonical link": rb"<link\b[^>]*\brel\s*=\s*[\"']?canonical\b",
    "JSON-LD": rb"application/ld\+json",
    "article:published_time": rb"\barticle:published_time\b",
}
_ASIDES = {
    "gallery": re.compile("gallery|photo"),
    "video": re.compile("video"),
    "e-paper": re.compile("e-?paper"),
}
_LINK_BOXES = (Box.LATEST, Box.RELATED, Box.MOST_READ)


class NotAnswered(Exception):
    """The looks do not say; the text is why."""


def answers(looks: Sequence[Look]) -> list[tuple[str, str]]:
    """Give each question with its answer."""
    return [(question, _answer(ask, looks)) for question, ask in _QUESTIONS.items()]


def _answer(ask: Callable[[Sequence[Look]], str], looks: Sequence[Look]) -> str:
    try:
        return ask(looks)
    except NotAnswered as err:
        return f"not answered: {err}"


def _named(looks: Sequence[Look], name: str) -> Look | None:
    return next((look for look in reversed(looks) if look.name == name), None)


def _came(looks: Sequence[Look], name: str) -> tuple[Look, int]:
    """Give the look of that name with its status. Raises NotAnswered."""
    look = _named(looks, name)
    if look is None or look.status is None:
        raise NotAnswered(look.trouble if look else "not asked")
    return look, look.status


def _body(look: Look) -> bytes:
    try:
        return decoded(look)
    except ConfigurationError:
        return b""


def _robots(looks: Sequence[Look]) -> str:
    look, status = _came(looks, "robots")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"it answers {status}: nothing may be asked until that ends"
    if status >= HTTPStatus.BAD_REQUEST:
        return f"there is none ({status}): everything may be asked"
    lines = [line.split(b"#")[0].strip() for line in _body(look).splitlines()]
    rules = Counter(line.partition(b":")[0].strip().lower().decode("latin-1") for line in lines)
    named = ("user-agent", "disallow", "allow", "crawl-delay", "sitemap")
    told = ", ".join(f"{rules[name]} {name}" for name in named if rules[name])
    forbids = _named(looks, "front")
    shut = "; it forbids the front page" if forbids and forbids.status is None else ""
    return f"it answers {status} with {told or 'no rules'}{shut}"


def _feed(looks: Sequence[Look], name: str, root: bytes, entry: bytes, what: str) -> str:
    look, status = _came(looks, name)
    if status != HTTPStatus.OK:
        return f"no: {look.url} answers {status}"
    body = _body(look)
    if not re.search(root, body):
        return "it answers 200, but with a page that is none"
    return f"yes, with {len(re.findall(entry, body)):,} {what}"


def _sitemap(looks: Sequence[Look]) -> str:
    return _feed(looks, "sitemap", rb"<(?:urlset|sitemapindex)\b", rb"<loc\b", "addresses")


def _rss(looks: Sequence[Look]) -> str:
    return _feed(looks, "feed", rb"<(?:rss|feed|rdf:RDF)\b", rb"<(?:item|entry)\b", "stories")


def _articles(looks: Sequence[Look]) -> list[Look]:
    return [
        look for look in looks if look.page and look.page.article and look.status == HTTPStatus.OK
    ]


def _metadata(looks: Sequence[Look]) -> str:
    """Look for the signs in the articles that were read."""
    bodies = [_body(look) for look in _articles(looks)]
    if not bodies:
        raise NotAnswered("no article could be read")
    counts = {
        name: sum(bool(re.search(sign, body, re.IGNORECASE)) for body in bodies)
        for name, sign in _SIGNS.items()
    }
    told = (f"{name} {_share(count, len(bodies))}" for name, count in counts.items())
    return ", ".join(told)


def _share(count: int, of: int) -> str:
    if count in {0, of}:
        return "yes" if count else "no"
    return f"in {count} of {of} articles"


def _unknown(looks: Sequence[Look]) -> str:
    look, status = _came(looks, "unknown")
    if status in REDIRECTS:
        return f"a redirect ({status}) to {look.target or look.header('location')}"
    if status != HTTPStatus.OK:
        return f"status {status}"
    if look.page and look.page.article:
        return "status 200 with an article: numbers that do not exist show one"
    kind = f"{look.page.kind} {look.page.refusal or ''}".strip() if look.page else "nothing"
    return f"a soft 404: status 200 with a page that holds no article (read as {kind})"


def _forms(looks: Sequence[Look]) -> str:
    """Compare what the forms of an article's address answer."""
    if found := forms_verdict(looks):
        return found
    raise NotAnswered("no article was seen under two forms of its address")


def forms_verdict(looks: Sequence[Look]) -> str | None:
    """Say whether forms redirect, all answer, or some are dead; None while that is not clear."""
    asked = [look for look in looks if has_forms(look) and look.status and look.name != "unknown"]
    for look in asked:
        if look.target and has_news(look):
            return f"yes, with {look.status} to {look.target}"
    shown = {urls.parse(look.url).name: look.url for look in asked if has_news(look)}
    for look in asked:
        name = urls.parse(look.url).name
        if not has_news(look) and name in shown:
            return (
                f"no: {look.url} answers {look.status} without the article that {shown[name]} has"
            )
    kinds = {is_old_form(look.url) for look in asked if has_news(look)}
    return "no: old and new forms answer with the page itself" if len(kinds) > 1 else None


def _dated(looks: Sequence[Look]) -> str:
    """An article or a day index that shows is a yes; two misses are not a sure no."""
    _came(looks, "article-dated")
    asked = [_named(looks, name) for name in ("article-dated", "day-dated")]
    there = [look for look in asked if look and look.status is not None]
    for look in there:
        if look.target:
            return f"they redirect ({look.status}): {look.url} to {look.target}"
    shown = [look for look in there if _shows(look)]
    if shown:
        return f"yes: {' and '.join(look.url for look in shown)}"
    return f"no: {', '.join(f'{look.url} answers {_told(look)}' for look in there)}"


def _shows(look: Look) -> bool:
    page = look.page
    return (page is not None and look.status == HTTPStatus.OK) and (
        page.article is not None or any(link.box is Box.DAY for link in page.links)
    )


def _told(look: Look) -> str:
    kind = f" ({look.page.kind})" if look.page and look.status == HTTPStatus.OK else ""
    return f"{look.status}{kind}"


def _past_end(looks: Sequence[Look]) -> str:
    look, status = _came(looks, "past-end")
    if status in REDIRECTS:
        return f"a redirect ({status}) to {look.target or look.header('location')}"
    if status != HTTPStatus.OK:
        return f"status {status}"
    links = look.page.links if look.page else ()
    listed = {urls.parse(link.url).name for link in links if link.box is Box.SECTION}
    # One alone may be a story that is advertised on every page.
    is_empty = len(listed) <= 1
    return (
        "an empty list" if is_empty else f"a list again, of {len(listed)} stories: it never ends"
    )


def _boxes(looks: Sequence[Look]) -> str:
    """Count the links of each box on the newest article, and say what they stand in."""
    articles = _articles(looks)
    if not articles:
        raise NotAnswered("no article could be read")
    look = next((each for each in articles if each.name == "article-current"), articles[-1])
    links = look.page.links if look.page else ()
    told = []
    for box in _LINK_BOXES:
        inside = {link.url for link in links if link.box is box}
        path = f" in {_path_to(look, inside)}" if inside else ""
        told.append(f"{box}: {len(inside)} links{path}")
    return "; ".join(told)


def _path_to(look: Look, inside: set[str]) -> str:
    """Give the elements that most of some links stand in, as a selector of four steps."""
    page = Selector(text=_body(look).decode("utf-8", "replace"))
    base = urls.resolve(page.xpath("//base/@href").get() or look.url, look.url) or look.url
    anchors = page.xpath("//a[@href]")
    paths = Counter(
        " > ".join(_step(element) for element in anchor.xpath("ancestor-or-self::*")[-4:])
        for anchor in anchors
        if urls.resolve(anchor.attrib["href"], base) in inside
    )
    return max(paths, key=paths.__getitem__, default="elements that were not found again")


def _step(element: Selector) -> str:
    number = f"#{element.attrib['id']}" if element.attrib.get("id") else ""
    classes = "".join(f".{name}" for name in element.attrib.get("class", "").split())
    return f"{element.root.tag}{number}{classes}"


def _asides(looks: Sequence[Look]) -> str:
    """Give the addresses whose own words or text say gallery, video or e-paper."""
    links = [link for look in looks if look.page for link in look.page.links]
    if not links:
        raise NotAnswered("no page with links could be read")
    told = []
    for name, word in _ASIDES.items():
        found = [link.url for link in links if word.search(f"{link.url} {link.text}".lower())]
        others = [url for url in found if urls.parse(url).kind in _NO_STORIES]
        told.append(f"{name}: {others[0] if others else 'no link seen'}")
    return "; ".join(told)


_NO_STORIES = frozenset((urls.Kind.OTHER, urls.Kind.OFFSITE))
_QUESTIONS: dict[str, Callable[[Sequence[Look]], str]] = {
    "What does robots.txt say?": _robots,
    "Does a sitemap answer?": _sitemap,
    "Does the feed answer?": _rss,
    "Do articles carry a canonical link, JSON-LD or article:published_time?": _metadata,
    "What answers to an unknown number?": _unknown,
    "Do the other forms of an article's address redirect?": _forms,
    "Do the addresses of the first years still answer?": _dated,
    "What comes after the last page of a list?": _past_end,
    "How are the three link boxes marked up?": _boxes,
    "Where are gallery, video and e-paper?": _asides,
}
