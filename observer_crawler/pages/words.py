"""The words that stand on every page: the second anchor when classes change.

`Published :`, `Count :`, `Home`, the headings of the boxes, `« Previous` and `Next »` were
seen in every era of the English edition. The words of the Bangla edition are likely ones.
Here lines and links are found by them; what they enclose is read elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler.pages.base import Box
from observer_crawler.site import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from observer_crawler.pages.outline import Line, Outline


def _spoken(words: str) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFC", word).strip() for word in words.split("|"))


def _letters(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word[0] for word in words)


HEADINGS: dict[str, Box] = {
    word: box
    for box, words in (
        (Box.RELATED, "you might also like|আরও পড়ুন|আরো পড়ুন|আরও খবর|আরো খবর|সংশ্লিষ্ট খবর"),
        (Box.LATEST, "latest news|latest|সর্বশেষ সংবাদ|সর্বশেষ খবর|সর্বশেষ"),
        (
            Box.MOST_READ,
            "most read news|most read|সর্বাধিক পঠিত|সবচেয়ে পঠিত|সর্বাধিক পঠিত খবর|জনপ্রিয় খবর|জনপ্রিয়",
        ),
    )
    for word in _spoken(words)
}
TAGS = _spoken("related topics|বিষয়|ট্যাগ|ট্যাগস|সম্পর্কিত বিষয়|সংশ্লিষ্ট বিষয়")
HOME = _spoken("home|হোম|প্রচ্ছদ|মূলপাতা")
PREVIOUS = _spoken("previous|previous news|আগের খবর|পূর্ববর্তী|আগের|পূর্ববর্তী খবর|আগের সংবাদ")
NEXT = _spoken("next|next news|পরের খবর|পরবর্তী|পরের|পরবর্তী খবর|পরের সংবাদ")
_ADVERTISEMENT = _spoken("advertisement|advertisements|বিজ্ঞাপন")
_IMPRINT = _spoken("editor|সম্পাদক")
# Of a page's lines only those that open with one of these letters are looked at more closely.
HEADING_LETTERS, TAG_LETTERS = _letters(HEADINGS), _letters(TAGS)
_HOME_LETTERS, _IMPRINT_LETTERS = _letters(HOME), _letters(_IMPRINT)
TURNING_LETTERS = _letters(PREVIOUS | NEXT)


def spoken(text: str) -> str:
    """Fold a heading for comparison: no case, no arrows, no colon at its end."""
    return _folded(text) if len(text) < _LONGEST_HEADING else _folded.__wrapped__(text)


@lru_cache(maxsize=4096)  # of a page's short lines most stand on every page
def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" «»‹›<>←→:|.-")


_LONGEST_HEADING = 40


class Crumb(NamedTuple):
    """The breadcrumb: its tokens [first, last) and the section, None when it names none."""

    first: int
    last: int
    section: str | None


_LONGEST_SECTION = 60
_MOST_CRUMBS = 3


def breadcrumb(page: Outline, before: int) -> Crumb | None:
    """Find the last `Home <Section>` that ends before a token; a menu is none.

    Headline and shoulder follow a breadcrumb at once.
    """
    for number in reversed(page.opening(_HOME_LETTERS)):
        line = page.lines[number]
        if line.last <= before and (rest := _after_home(page, line)) is not None:
            crumb = _crumb(page, line, rest, before)
            follow = page.lines_between(crumb.last, before) if crumb else []
            near = len(follow) <= _MOST_HEAD_LINES
            return crumb if near and not any(heading_box(line.text) for line in follow) else None
    return None


_MOST_HEAD_LINES = 5


def _after_home(page: Outline, line: Line) -> str | None:
    """Give what follows `Home` in a line, None when the line does not open with it.

    `Home` must be a text of its own or be told from a sentence by a separator or a section
    that is known: a headline may well begin with "Home minister".
    """
    if any(page.tags[node] in _HEADLINES for node in page.chain(line.first)):
        return None
    if spoken(page.texts[line.first] or "") in HOME:
        return page.text_between(line.first + 1, line.last).strip(_SEPARATORS)
    word, rest = _split_home(line.text)
    separated = line.text.partition(" ")[2][:1] in _MARKS
    known = rest.casefold() in _SECTION_NAMES
    return rest if word in HOME and (separated or known) else None


_HEADLINES = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SECTION_NAMES = frozenset(name.casefold() for name in SECTIONS.values())
_MARKS = frozenset("»›>/|→")
_SEPARATORS = " »›>/|:→-—"


def _split_home(text: str) -> tuple[str, str]:
    first, _, rest = text.lstrip(_SEPARATORS).partition(" ")
    return spoken(first), rest.strip(_SEPARATORS)


def without_home(text: str) -> str:
    """Give the section of a breadcrumb's text.

    >>> without_home("Home » Foreign News"), without_home("Foreign News"), without_home("Home")
    ('Foreign News', 'Foreign News', '')
    """
    word, rest = _split_home(text)
    return rest if word in HOME else text.strip(_SEPARATORS)


def _crumb(page: Outline, home: Line, rest: str, before: int) -> Crumb | None:
    """Read the section in Home's own line, else in the lines that share its element."""
    if rest:
        section = re.split(r"\s*[»›>/|→]\s*", rest)[0]
        return Crumb(home.first, home.last, section) if len(section) <= _LONGEST_SECTION else None
    holder = page.around(home.first, home.last)
    for number in [holder, *page.ancestors(holder)]:
        first, last = page.span(number)
        lines = page.lines_between(first, min(last, home.last + _CRUMB_TOKENS))
        if last > before or len(lines) > _MOST_CRUMBS:
            break
        after = [line.text.strip(_SEPARATORS) for line in lines if line.first > home.first]
        if names := [text for text in after if text]:
            return Crumb(home.first, lines[-1].last, names[0])
    return Crumb(home.first, home.last, None) if _stands_alone(page, home) else None


_CRUMB_TOKENS = 40


def _stands_alone(page: Outline, home: Line) -> bool:
    """Whether `Home` without a section is no item of a menu: its list holds nothing else."""
    lists = [node for node in page.chain(home.first) if page.tags[node] in {"ul", "ol"}]
    return not lists or len(page.lines_between(*page.span(lists[0]))) <= 1


def is_turning(text: str) -> bool:
    """Whether a line is `« Previous`, `Next »`, or both; the arrows tell it from a word.

    >>> is_turning("« PreviousNext »"), is_turning("Next")
    (True, False)
    """
    if not _ARROW.search(text):
        return False
    return _ARROW.sub("", "".join(text.casefold().split())) in _TURNINGS


_ARROW = re.compile("[«»‹›<>←→|]")
_TURNINGS = frozenset(
    re.sub(r"\s", "", word)
    for word in (*PREVIOUS, *NEXT, *(one + other for one in PREVIOUS for other in NEXT))
)


def imprint(page: Outline) -> list[int]:
    """Give where lines open the imprint: `Editor : ...`."""
    lines = (page.lines[number] for number in page.opening(_IMPRINT_LETTERS))
    return [line.first for line in lines if spoken(line.text.partition(":")[0]) in _IMPRINT]


def is_advertisement(text: str) -> bool:
    """Whether a text is nothing but the label of an advert."""
    return len(text) < _LONGEST_HEADING and spoken(text) in _ADVERTISEMENT


def is_control(text: str) -> bool:
    """Whether a line is made of words of buttons: share, print, letter size, networks.

    >>> is_control("Share Print"), is_control("155 shares"), is_control("A+ A-")
    (True, True, True)
    >>> is_control("Staff Correspondent")
    False
    """
    said = re.findall(r"[^\W\d_]+", text.casefold())
    return _CONTROLS.issuperset(said)


def is_prose(text: str) -> bool:
    """Whether a line is too long for a byline, or ends as a sentence does.

    >>> is_prose("Staff Correspondent"), is_prose("Nobody came.")
    (False, True)
    """
    return len(text) > LONGEST_BYLINE or text.endswith((".", "?", "!", '"', "”", "।"))


LONGEST_BYLINE = 120
_CONTROLS = frozenset(
    "a share shares print email mail facebook twitter tweet x whatsapp messenger linkedin telegram "
    "pinterest copy link save comment comments font size text download listen follow us on google "
    "news view views like likes send this story শেয়ার প্রিন্ট".split()
)


def heading_box(text: str) -> Box | None:
    """Tell which box a heading opens."""
    return HEADINGS.get(spoken(text)) if len(text) < _LONGEST_HEADING else None


@lru_cache(maxsize=4096)
def link_box(text: str) -> Box | None:
    """Tell `« Previous` and `Next »` by a link's own words."""
    word = spoken(text)
    return Box.PREVIOUS if word in PREVIOUS else Box.NEXT if word in NEXT else None
