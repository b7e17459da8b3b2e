"""One answer as the alarm sees it, and the figures that it gives. Pure but for what it remembers.

A figure that does not apply to an answer is not given: a page that could not be read says nothing
of its byline, and a print story nothing of the hour. Must not know Scrapy or the ledger.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from observer_crawler import site
from observer_crawler.alarm import thresholds
from observer_crawler.alarm.chance import logarithm
from observer_crawler.items import MARKUPS, to_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observer_crawler.items import Article

Values = dict[str, float]

_ARTICLE = "article"
# What an index, the feed, the front page and a section's list show, by the kind of their address.
_MAIN_BOX = {"day": "day", "feed": "feed", "listing": "section", "front": "section"}
# States in which an article's page was answered with a word of its own.
_ANSWERED = frozenset(("stored", "outside", "refused", "missing", "redirected", "denied"))
_PLAIN = (
    *("headline", "body", "published_date", "edition", "views", "section"),
    *("previous", "next", "related"),
)
_APART = ("published_at", "byline", "shoulder", "dateline", "agency", "images", "tags")
_KINDS = ("initials", "advertisement")
# What an article keeps, unlike its views and its links.
_LASTING = (
    *("headline", "shoulder", "section", "edition", "published_date", "published_at", "byline"),
    *("dateline", "agency", "body", "removed", "images", "tags", "language"),
)
# A sentence may end in a quote or a bracket, in Bangla with a danda.
_END = re.compile(r"[.!?:\u0964\u2026][\"'\u201d\u2019)\]\s]*$")
_CODE = re.compile(r"<[a-z/!][^<>]*>|&(?:#\w+|[a-z]{2,8});", re.IGNORECASE)
_UNREADABLE = re.compile("[\ufffd\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# All but ASCII, the newspaper's letters, joiners, printed punctuation and signs of money.
_FROM_ELSEWHERE = re.compile(f"[^\x00-\x7f{site.LETTERS}\u200b-\u200d\u2010-\u206f\u20a0-\u20bf]")
# A letter of UTF-8 whose bytes were each taken for a letter of cp1252: no language writes so.
_TAIL = bytes(range(0x80, 0xC0)).decode("cp1252", "ignore") + "\x81\x8d\x8f\x90\x9d"
_TWICE = re.compile(f"[\u00c2-\u00df][{_TAIL}]|[\u00e0-\u00ef][{_TAIL}]{{2}}")
_A_WHILE = dt.timedelta(minutes=10)
_FAR_DAYS = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """One answer, or the lack of one, as it was settled.

    `at`: when, aware. `day`: the day index that lists it, or its own day. `is_new`: it was not
    stored before. `is_called_otherwise`: its header names another charset than that of its bytes.
    `boxes`: links to articles by box; None where no page was read. `before`: the record that is
    stored of it, by the same extractor. `mends`: what of it was read right in a second way alone.
    `index`: the index of a day whose page it is, `listed`: the
    articles there, `goes_on`: it is the first page and links to further ones.
    """

    name: str
    kind: str
    at: dt.datetime
    state: str
    reason: str = ""
    day: str | None = None
    is_new: bool = True
    is_utf8: bool = True
    is_called_otherwise: bool = False
    boxes: Mapping[str, int] | None = None
    article: Article | None = None
    before: Mapping[str, object] | None = None
    mends: tuple[str, ...] = ()
    index: str = ""
    listed: frozenset[str] = frozenset()
    goes_on: bool = False


class Memory:
    """Texts of the last articles of this run, so that a repeated one is seen."""

    def __init__(self) -> None:
        self._last: dict[str, dict[int, str]] = {}
        self._order: dict[str, deque[int]] = {}

    def is_repeated(self, what: str, text: str, name: str) -> bool:
        """Whether another article had this text; it is remembered."""
        known = self._last.setdefault(what, {})
        order = self._order.setdefault(what, deque())
        key = hash(text)
        first = known.get(key)
        if first is None:
            known[key] = name
            order.append(key)
            if len(order) > thresholds.MOST_REMEMBERED:
                del known[order.popleft()]
        return first is not None and first != name


def values(sight: Sight, memory: Memory, zone: dt.tzinfo) -> Values:
    """Give all figures of one answer; `zone` is the newspaper's."""
    if sight.state == "denied" and sight.reason in {"robots", "excluded", "private"}:
        return {}  # nobody was asked
    found: Values = {
        "answers/error": sight.state == "waiting",
        "answers/denied": sight.state == "denied",
    }
    if sight.kind == _ARTICLE and sight.state in _ANSWERED:
        found |= _of_page(sight)
        if sight.article is not None:
            found |= _of_article(sight, sight.article, memory, zone)
    if sight.name == sight.index and sight.listed:
        found["index/pages"] = sight.goes_on
    return found


def _of_page(sight: Sight) -> Values:
    states = ("refused", "missing", "redirected")
    found: Values = {f"pages/{state}": sight.state == state for state in states}
    if sight.boxes is not None:
        found["pages/not_utf8"] = not sight.is_utf8
        found["pages/called_otherwise"] = sight.is_called_otherwise
    return found


def yielded(sight: Sight) -> tuple[str, int] | None:
    """Give which list was read, and how many articles its main part shows."""
    box = _MAIN_BOX.get(sight.kind)
    if box is None or sight.boxes is None:
        return None
    return f"yield/{sight.kind}", sight.boxes.get(box, 0)


def _of_article(sight: Sight, article: Article, memory: Memory, zone: dt.tzinfo) -> Values:
    return {
        **_filled(article),
        **_lengths(article),
        **_looks(article),
        **_repeats(article, memory),
        **_dates(sight, article, zone),
        **(_changed(article, sight.before) if sight.before else {}),
        **_order(article),
        **{f"mends/{what}": what in sight.mends for what in thresholds.MENDS},
        **{f"markup/{markup}": article.markup == markup for markup in MARKUPS},
        **{f"language/{each}": article.language == each for each in thresholds.OTHERS},
        **{f"boxes/{box}": (sight.boxes or {}).get(box, 0) for box in site.HEADINGS},
        "boxes/related": len(article.related),
    }


def edition_of(article: Article) -> str:
    """Give the edition, or what stands for it where the page does not say."""
    return article.edition or "unsaid"


def _filled(article: Article) -> Values:
    edition = edition_of(article)
    found: Values = {f"fields/{name}": _has(article, name) for name in _PLAIN}
    found |= {f"fields/{name}/{edition}": _has(article, name) for name in _APART}
    kinds = {piece.kind for piece in article.removed}
    found |= {f"fields/{kind}/{edition}": kind in kinds for kind in _KINDS}
    if article.images:
        captions = any(image.caption for image in article.images)
        found[f"fields/captions/{edition}"] = captions
    return found


def _has(article: Article, name: str) -> bool:
    return getattr(article, name) not in (None, [], "")


def _lengths(article: Article) -> Values:
    edition = edition_of(article)
    sizes = {
        f"text/characters/{edition}": sum(map(len, article.body)),
        f"text/paragraphs/{edition}": len(article.body),
        "text/headline": len(article.headline or ""),
        "text/shoulder": len(article.shoulder or ""),
        "text/byline": len(article.byline or ""),
        "text/section": len(article.section or ""),
        "text/dateline": len(article.dateline.text) if article.dateline else 0,
        "text/caption": max((len(image.caption or "") for image in article.images), default=0),
        "text/tags": len(article.tags or ()),
        "text/removed": sum(len(piece.text) for piece in article.removed),
    }
    found = {name: logarithm(size) for name, size in sizes.items() if size}
    if article.views is not None:
        found["views/count"] = logarithm(article.views)
    return {**found, "text/images": logarithm(len(article.images))}


def _text_of(article: Article) -> str:
    """Give all that was printed of it."""
    heads = (article.headline, article.shoulder, article.section, article.byline)
    captions = (image.caption for image in article.images)
    return "\n".join(
        part
        for part in (*heads, *article.body, *captions, *(each.text for each in article.removed))
        if part
    )


def _looks(article: Article) -> Values:
    text = _text_of(article)
    is_plain = text.isascii()
    foreign = [] if is_plain else _FROM_ELSEWHERE.findall(text)
    found: Values = {
        "text/odd_letters": any(
            unicodedata.category(letter).startswith("L") for letter in foreign
        ),
        "text/replaced": _UNREADABLE.search(text) is not None,
        "text/double_encoded": not is_plain and _TWICE.search(text) is not None,
        "text/code": ("<" in text or "&" in text) and _CODE.search(text) is not None,
    }
    if article.body:
        first, last = article.body[0].lstrip(), article.body[-1].rstrip()
        found["text/open_end"] = _END.search(last) is None
        found["text/small_start"] = first[:1].islower()
    return found


def _changed(article: Article, before: Mapping[str, object]) -> Values:
    now = to_record(article)
    return {f"revisits/{name}": now[name] != before.get(name) for name in _LASTING}


def _order(article: Article) -> Values:
    """Whether an article stands between its neighbours, for numbers rise with time."""
    if article.previous is None or article.next is None:
        return {}
    one, here, two = (
        int(name.partition(":")[2]) for name in (article.previous, article.id, article.next)
    )
    return {"order/neighbours": one < here < two}


def _repeats(article: Article, memory: Memory) -> Values:
    texts = {
        "headline": article.headline,
        "body": "\n".join(article.body),
        "opening": article.body[0] if article.body else None,
        "ending": article.body[-1] if len(article.body) > 1 else None,
        "image": article.images[0].url if article.images else None,
    }
    return {
        f"repeats/{what}": memory.is_repeated(what, text, article.id)
        for what, text in texts.items()
        if text
    }


def _dates(sight: Sight, article: Article, zone: dt.tzinfo) -> Values:
    found: Values = {}
    if article.edition is not None:
        found["dates/print"] = article.edition == "print"
    if article.published_at is not None:
        moment = dt.datetime.fromisoformat(article.published_at)
        found["dates/future"] = moment > sight.at + _A_WHILE
        found["dates/hour"] = moment.astimezone(zone).hour
    if article.published_date is None:
        return found
    if sight.day is not None:
        found["dates/agree"] = article.published_date == sight.day
    if sight.is_new:
        day = dt.date.fromisoformat(article.published_date)
        found["dates/old"] = (sight.at.astimezone(zone).date() - day).days > _FAR_DAYS
    return found
