"""What is true of every page, told from the model: the fields a careful reader would find."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urljoin

from observer_crawler.replica import addresses, robots
from observer_crawler.replica.addresses import Target
from observer_crawler.replica.days import MONTHS
from observer_crawler.replica.links import HOSTS, Link
from observer_crawler.replica.oddities import IMPOSSIBLE
from observer_crawler.replica.pages import View
from observer_crawler.replica.pictures import DEFAULT_SHARE
from observer_crawler.replica.skins import SKINS
from observer_crawler.replica.story import Advert, Figure, Para, Run, Story
from observer_crawler.replica.text import writers

if TYPE_CHECKING:
    from observer_crawler.replica.replica import Replica

_MAIL = "[email protected]"
_FOLDS = str.maketrans("‘’‚‛′“”„‟″‐‑‒–—―−", "'''''" + '"""""' + "-------")
_BANGLA, _LATIN = re.compile("[\u0980-\u09ff]"), re.compile("[A-Za-z\u00c0-\u024f]")


def clean(text: str) -> str:
    """Return what a reader makes of raw text: stray cp1252 bytes read, NFC, one space.

    >>> clean("\\udcd3scar \\u00a0 goes")
    'Óscar goes'
    """
    repaired = re.sub(
        "[\udc80-\udcff]", lambda byte: bytes([ord(byte[0]) & 0xFF]).decode("cp1252"), text
    )
    return " ".join(unicodedata.normalize("NFC", repaired).split())


def content_sha256(headline: str | None, body: list[str]) -> str:
    """Return the sum over headline and body in the normal form that all markups share."""
    parts = (headline or "", "".join(body))
    normal = (unicodedata.normalize("NFC", part).translate(_FOLDS) for part in parts)
    joined = "\x1f".join("".join(c for c in part if not c.isspace()) for part in normal)
    return hashlib.sha256(joined.encode()).hexdigest()


def _run_text(run: Run) -> str:
    return _MAIL if run.kind == "email" else run.text


def block(story: Story) -> list[str]:
    """Return the pieces of the article's block in page order."""
    raw = [story.headline or ""]
    for piece in story.pieces:
        match piece:
            case Figure():
                raw.append(piece.row)
            case Advert():
                raw.append(piece.text)
            case Para():
                raw += [_run_text(run) for run in piece.runs]
    return [text for text in map(clean, raw) if text]


def body(story: Story) -> list[str]:
    """Return the paragraphs; what `removed` names is not among them."""
    texts = []
    for piece in story.pieces:
        if isinstance(piece, Para) and piece.role in ("text", "subhead"):
            kept = (run for run in piece.runs if run.kind not in ("dateline", "credit"))
            joined = "".join(" " if run.kind == "advert" else _run_text(run) for run in kept)
            texts.append(clean(joined))
    return [text for text in texts if text]


def removed(story: Story) -> list[dict[str, str]]:
    """Return what is set apart from the body, in page order."""
    found: list[tuple[str, str]] = []
    kinds = {"dateline": "dateline", "credit": "agency", "advert": "advertisement"}
    for piece in story.pieces:
        match piece:
            case Figure():
                found.append(("caption", piece.row))
            case Advert():
                found.append(("advertisement", piece.text))
            case Para(role="agency" | "initials"):
                found.append((piece.role, piece.runs[0].text))
            case Para():
                found += [(kinds[run.kind], run.text) for run in piece.runs if run.kind in kinds]
    return [{"kind": kind, "text": clean(text)} for kind, text in found if clean(text)]


def _dateline(parts: list[dict[str, str]], day: date) -> dict[str, Any] | None:
    texts = [part["text"] for part in parts if part["kind"] == "dateline"]
    if not texts:
        return None
    *places, when = texts[0].removesuffix(":").split(", ")
    month_name, number = when.split(" ")
    month = [name[:3] for name in MONTHS].index(month_name[:3]) + 1
    then = date(day.year, month, int(number))
    then = then if then <= day else then.replace(year=day.year - 1)
    return {"text": texts[0], "places": places, "date": then.isoformat()}


def _agency(parts: list[dict[str, str]]) -> str | None:
    names = [part["text"].lstrip("-–") for part in parts if part["kind"] == "agency"]
    return names[0] if names else None


def _images(story: Story, host: str) -> list[dict[str, str | None]]:
    figures = [piece for piece in story.pieces if isinstance(piece, Figure)]
    headline = clean(story.headline or "")
    images: list[dict[str, str | None]] = []
    for figure in figures:
        for picture in figure.pictures:
            glued = len(figure.pictures) > 1 or not figure.row
            caption = clean((picture.alt or picture.title) if glued else figure.row)
            repeats = caption in ("", headline)
            images.append(
                {
                    "url": f"https://{host}{picture.path}",
                    "caption": None if repeats else caption,
                }
            )
    broken = story.og_image.endswith(('"/', "..jpg"))
    if not figures and story.og_image != DEFAULT_SHARE and not broken:
        path = story.og_image.split("//", 1)[1].partition("/")[2]
        images.append({"url": f"https://{host}/{path}", "caption": None})
    return images


def _language(story: Story, paragraphs: list[str]) -> str:
    text = "".join(paragraphs) or story.headline or ""
    return "bn" if len(_BANGLA.findall(text)) > len(_LATIN.findall(text)) else "en"


def article(replica: "Replica", story: Story) -> dict[str, Any]:
    """Return the fields of an article, without those of the fetch."""
    options, desk, k = replica.options, replica.desk, story.k
    host = HOSTS[options.language]
    parts, paragraphs = removed(story), body(story)
    headline = clean(story.headline) if story.headline else None
    shoulders = [clean(text) for text in (story.shoulder_above, story.shoulder_below) if text]
    midnight = story.moment is not None and (story.moment.hour, story.moment.minute) == (0, 0)
    edition = None if story.moment is None else "print" if midnight else "online"
    at = f"{story.day}T{story.moment}+06:00" if edition == "online" else None
    crumb = SKINS[options.markup, options.skin].crumb
    near = desk.missing_number(desk.numbers[k])
    related = [
        f"{desk.space}:{near}" if row is None else desk.id(row)
        for row in story.related
        if row != k
    ]
    return {
        "id": desk.id(k),
        "url": f"https://{host}{addresses.canonical_path(desk, k)}",
        "headline": headline,
        "shoulder": " / ".join(shoulders) or None,
        "section": (story.section or None) if crumb else None,
        "edition": edition,
        "published_date": story.day.isoformat(),
        "published_at": at,
        "byline": ", ".join(clean(line.text) for line in story.bylines) or None,
        "dateline": _dateline(parts, story.day),
        "agency": _agency(parts),
        "body": paragraphs,
        "removed": parts,
        "images": _images(story, host),
        "tags": None if options.markup == "2014" else [clean(tag) for tag in story.tags],
        "views": story.views,
        "language": _language(story, paragraphs),
        "related": list(dict.fromkeys(related)),
        "previous": desk.id(k - 1) if k > 0 else None,
        "next": desk.id(k + 1) if k + 1 < len(desk.numbers) else None,
        "markup": options.markup,
        "content_sha256": content_sha256(headline, paragraphs),
    }


def links(replica: "Replica", view: View, path: str) -> list[dict[str, Any]]:
    """Return every link of a page in page order, resolved against the newspaper's address."""
    options = replica.options
    skin = SKINS[options.markup, options.skin]
    host = HOSTS[options.language]
    base = skin.base.format(http=f"http://{host}", https=f"https://{host}")
    against = urljoin(f"https://{host}{path}", base)
    ordered = [link for slot in skin.order for link in view.links.get(slot, [])]
    return [_link(link, against) for link in ordered]


def _link(link: Link, against: str) -> dict[str, Any]:
    elsewhere = link.kind == "bad" or link.href.startswith(("mailto:", "tel:"))
    return {
        "href": link.href,
        "url": None if elsewhere else urldefrag(urljoin(against, link.href)).url,
        "box": link.box,
        "text": clean(link.text),
        "id": link.id,
        "kind": link.kind,
    }


def _fact(
    replica: "Replica", target: Target, forms: tuple[str, ...], **more: Any
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
    } | more


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
        id=desk.id(k),
        article=article(replica, replica.newsroom.story(k)),
        allowed=replica.options.robots != "forbid" and not robots.is_disallowed(desk, k),
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
    desk = replica.desk
    number = desk.missing_number(desk.numbers[-1])
    path = addresses.article_forms(desk, len(desk.numbers) - 1)[0]
    path = path.replace(str(desk.numbers[-1]), str(number))
    soft = replica.options.unknown_id != "404"
    view = replica.missing_view(path)
    yield {
        "path": path,
        "kind": "missing",
        "id": f"{desk.space}:{number}",
        "forms": [path],
        "allowed": robots.allows(desk, path),
        "status": 200 if soft else 404,
        "article": None,
        "block": [],
        "oddities": [],
        "links": links(replica, view, path),
    }
