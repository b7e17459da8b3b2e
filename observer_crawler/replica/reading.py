"""What a careful reader finds on an article's page: every field, told from the story's pieces."""

import hashlib
import re
import unicodedata
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from observer_crawler.replica import addresses
from observer_crawler.replica.days import MONTHS
from observer_crawler.replica.links import HOSTS
from observer_crawler.replica.pictures import DEFAULT_SHARE
from observer_crawler.replica.skins import SKINS
from observer_crawler.replica.story import Advert, Figure, Para, Run, Story

if TYPE_CHECKING:
    from observer_crawler.replica.replica import Replica

_MAIL = "[email protected]"
_FOLDS = str.maketrans("‘’‚‛′“”„‟″‐‑‒–—―−", "'''''" + '"""""' + "-------")
_BANGLA, _LATIN = re.compile("[\u0980-\u09ff]"), re.compile("[A-Za-z\u00c0-\u024f]")


@lru_cache(maxsize=50_000)
def clean(text: str) -> str:
    r"""Return what a reader makes of raw text: stray cp1252 bytes read, NFC, one space.

    >>> clean("\udcd3scar \u00a0 goes")
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


def _language(story: Story, paragraphs: list[str], edition: str) -> str:
    """Count letters; a picture without a word is of its edition's language."""
    text = "".join(paragraphs) or story.headline or ""
    bangla, latin = len(_BANGLA.findall(text)), len(_LATIN.findall(text))
    return edition if bangla == latin == 0 else "bn" if bangla > latin else "en"


def article(replica: "Replica", story: Story) -> dict[str, Any]:
    """Return the fields of an article, without those of the fetch."""
    desk, k = replica.desk, story.k
    host = HOSTS[replica.options.language]
    parts, paragraphs = removed(story), body(story)
    return {
        "id": desk.id(k),
        "url": f"https://{host}{addresses.canonical_path(desk, k)}",
        **_head(replica, story),
        "dateline": _dateline(parts, story.day),
        "agency": _agency(parts),
        "body": paragraphs,
        "removed": parts,
        "images": _images(story, host),
        "views": story.views,
        "language": _language(story, paragraphs, replica.options.language),
        **_neighbours(replica, story),
        "markup": replica.options.markup,
        "content_sha256": content_sha256(clean(story.headline or ""), paragraphs),
    }


def _head(replica: "Replica", story: Story) -> dict[str, Any]:
    """Return what stands around the block: shoulder, section, date line, byline, tags."""
    options, moment = replica.options, story.moment
    shoulders = [clean(text) for text in (story.shoulder_above, story.shoulder_below) if text]
    edition = None if moment is None else "online" if moment.hour or moment.minute else "print"
    crumb = SKINS[options.markup, options.skin].crumb
    return {
        "headline": clean(story.headline or "") or None,
        "shoulder": " / ".join(shoulders) or None,
        "section": (story.section or None) if crumb else None,
        "edition": edition,
        "published_date": story.day.isoformat(),
        "published_at": f"{story.day}T{moment}+06:00" if edition == "online" else None,
        "byline": ", ".join(clean(line.text) for line in story.bylines) or None,
        "tags": None if options.markup == "2014" else [clean(tag) for tag in story.tags],
    }


def _neighbours(replica: "Replica", story: Story) -> dict[str, Any]:
    """Return the ids that the page leads on to; the page itself is none of them."""
    desk, k = replica.desk, story.k
    gone = f"{desk.space}:{desk.missing_number(desk.numbers[k])}"
    related = [gone if row is None else desk.id(row) for row in story.related if row != k]
    return {
        "related": list(dict.fromkeys(related)),
        "previous": desk.id(k - 1) if k > 0 else None,
        "next": desk.id(k + 1) if k + 1 < len(desk.numbers) else None,
    }
