"""What happens to the page of a story: the pieces that `tests/mutations.py` puts together.

A `Change` makes new bytes of the bytes of a page; `on_articles` makes a mutation of one.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mutations import Answer, Asked

    Change = Callable[[bytes, Asked], bytes]
    Mutate = Callable[[Answer, Asked], Answer]
    Found = re.Match[bytes]

OK = 200
BODY = re.compile(
    rb'(?<=<div id="f">\n).*?(?=\n</div>\n(?:</div>|<div class="topics">))', re.DOTALL
)
BYLINE = rb'<div class="reporter">(.*?)</div>\n'
BOX = rb'(<section class="box related">.*?<div class="row">\n).*?(</div></section>)'
CAPTION = rb"<figcaption>.*?</figcaption>"
FIGURE = rb"<figure.*?</figure>\s*"
PIECE = re.compile(rb".+?(?:</p>|(?:<br>)+|\Z)\s*", re.DOTALL)
DATE = re.compile(rb"Published : \w+, (\d+ \w+, \d{4})(?: at (\d+:\d\d [AP]M))?")
AD = rb'<div class="ad-slot">.*?</div>\s*|<ins.*?</ins>\s*'
MANY_BYTES = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
CP1252 = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]


# How a change becomes a mutation.


def on_articles(change: Change, share: float = 1.0, since: float = 0.0) -> Mutate:
    """Change the stories: a share of them, or those of the later part of the night."""

    def mutate(answer: Answer, asked: Asked) -> Answer:
        struck = asked.kind == "article" and asked.order >= since
        if not struck or answer.status != OK or (share < 1 and not asked.part(share)):
            return answer
        return answer.but(body=change(answer.body, asked))

    return mutate


def on_every_page(change: Change) -> Mutate:
    """Change whatever page is made of the template of the site."""

    def mutate(answer: Answer, asked: Asked) -> Answer:
        if asked.kind in {"feed", "robots"} or not answer.body:
            return answer
        return answer.but(body=change(answer.body, asked))

    return mutate


def swap(pattern: bytes, new: bytes | Callable[[Found], bytes]) -> Change:
    """Put something in place of whatever fits the pattern."""
    return lambda page, asked: re.sub(pattern, new, page, flags=re.DOTALL)  # noqa: ARG005


def in_turn(*changes: Change) -> Change:
    """Make several changes, each of what the one before has left."""
    return lambda page, asked: reduce(lambda so_far, change: change(so_far, asked), changes, page)


def in_body(change: Callable[[bytes], bytes]) -> Change:
    """Change what stands within `div#f`."""
    return lambda page, asked: BODY.sub(lambda found: change(found[0]), page)  # noqa: ARG005


# The head of a story.

headline_in_div = swap(rb"<h1>(.*?)</h1>", rb'<div class="story-title">\1</div>')
headline_of_site = swap(rb"<h1>.*?</h1>", b"<h1>The Daily Observer</h1>")
byline_away = swap(BYLINE, b"")
byline_of_desk = in_turn(
    byline_away, swap(rb'(?=<div id="f">)', b'<div class="reporter">Observer Online Desk</div>\n')
)
breadcrumb_away = swap(rb'<div class="breadcrumb">.*?</div>\n', b"")
views_zero = swap(rb"Count : [\d,]+", b"Count : 0")
pub_renamed = in_turn(
    swap(
        rb'<div class="pub"><span>(.*?)</span>(?: &nbsp;<span>(.*?)</span>)?</div>',
        rb'<p class="post-meta"><small>\1</small> <small>\2</small></p>',
    ),
    swap(rb'<div class="reporter">', b'<div class="post-author">'),
)
words_reworded = in_turn(swap(rb"Published : ", b"Posted on "), swap(rb"Count : ", b"Reads: "))


# Its date.

date_away = swap(rb"<span>Published : .*?</span>(?: &nbsp;)?", b"")
year_away = swap(rb"(Published : \w+, \d+ \w+), \d{4}", rb"\1")


def dates(write: Callable[[dt.datetime], str], time_of: str) -> Change:
    """Print the date in another form, and the time, where there is one, after it."""

    def new(found: Found) -> bytes:
        day = dt.datetime.strptime(found[1].decode(), "%d %B, %Y").replace(tzinfo=dt.UTC)
        text = f"Published : {write(day)}"
        if found[2]:
            time = dt.datetime.strptime(found[2].decode(), "%I:%M %p").replace(tzinfo=dt.UTC)
            text += time.strftime(time_of)
        return text.encode()

    return lambda page, asked: DATE.sub(new, page)  # noqa: ARG005


date_iso = dates(lambda day: f"{day:%Y-%m-%d}", " %H:%M")
date_american = dates(lambda day: f"{day:%m/%d/%Y}", " at %I:%M %p")


def _bangla(found: Found) -> bytes:
    """Write the digits of what was found as Bangla digits."""
    digits = {ord("0") + digit: 0x09E6 + digit for digit in range(10)}
    return found[0].decode().translate(digits).encode()


date_bangla = swap(rb"(?:Published|Count) : [^<]*", _bangla)


# Its body.


def pieces(body: bytes) -> tuple[bytes, list[bytes]]:
    """Split a body into its pictures and its paragraphs."""
    pictures = b"".join(re.findall(FIGURE, body, re.DOTALL))
    return pictures, PIECE.findall(re.sub(FIGURE, b"", body, flags=re.DOTALL))


def cut(body: bytes, share: float) -> bytes:
    """Keep the pictures and a share of the paragraphs, at least one."""
    pictures, texts = pieces(body)
    return pictures + b"".join(texts[: max(1, int(len(texts) * share))])


body_halved = in_body(lambda body: cut(body, 0.5))
body_renamed = swap(rb'<div id="f">', b'<div id="article-text" class="content">')


def body_shrinking(page: bytes, asked: Asked) -> bytes:
    """Cut the more of the body the later it is."""
    return in_body(lambda body: cut(body, 1.3 - asked.order))(page, asked)


def _teaser(body: bytes) -> bytes:
    """Leave the first paragraph, and ask for money."""
    return (
        cut(body, 0) + b'\n<div class="plans"><h3>Keep reading for Taka 99 a month</h3>'
        b'<p>This story is for subscribers.</p><a href="/login">Already one? Sign in</a></div>'
    )


def _loaded_later(body: bytes) -> bytes:
    """Leave the pictures; a script is to fetch the text."""
    return (
        pieces(body)[0] + b'<div id="text" data-from="/api/text"></div>\n<script>'
        b'fillText("text");</script>\n<noscript>Switch on JavaScript to read this.</noscript>'
    )


def _one_block(body: bytes) -> bytes:
    """Set everything in one block."""
    pictures, texts = pieces(re.sub(AD, b"", body, flags=re.DOTALL))
    words = (re.sub(rb"</?p>|<br>", b" ", text).strip() for text in texts)
    return pictures + b"<p>" + b" ".join(words) + b"</p>"


def _sponsored(body: bytes) -> bytes:
    """Put an advertisement made of text after the first paragraph."""
    pictures, (first, *others) = pieces(body)
    offer = (
        b'<div class="native"><small>Sponsored</small><p>Ten thousand families drink Kuyasha tea '
        b"every morning, and not one of them would go back. Ask for it at the shop of your lane."
        b'</p><a href="https://shop.example/tea">Order today</a></div>\n'
    )
    return pictures + first + offer + b"".join(others)


teaser = in_body(_teaser)
body_by_script = in_body(_loaded_later)
body_one_block = in_body(_one_block)
body_sponsored = in_body(_sponsored)


def cut_short(page: bytes, asked: Asked) -> bytes:  # noqa: ARG001 (as all of them are called)
    """End the page in the middle of the text that comes after the last picture."""
    body = BODY.search(page)
    if not body:
        return page
    text = max(body.start(), page.rfind(b"</figure>", *body.span()) + len(b"</figure>"))
    return page[: (text + body.end()) // 2]


# Its pictures and boxes.

images_lazy = swap(
    rb'<img src="(.*?)"', rb'<img src="/images/blank.gif" loading="lazy" data-src="\1"'
)
captions_away = in_turn(
    swap(CAPTION, b""),
    swap(rb'(<figure class="news-photo"><img src="[^"]*")[^>]*>', rb'\1 alt="">'),
)
prev_next_away = swap(rb'<div class="prev-next">.*?</div>\n', b"")
related_sponsored = swap(
    BOX,
    lambda found: (
        found[1]
        + b"".join(
            b'<div class="col"><a href="https://offers.example/go/%d"><img src="/ads/%d.jpg" alt="">'
            b'</a><a href="https://offers.example/go/%d">Offer number %d ends tonight</a></div>\n'
            % (number, number, number, number)
            for number in range(1, 7)
        )
        + found[2]
    ),
)
boxes_renamed = in_turn(
    swap(rb'<section class="box (\w+)"><h4 class="box-title">', rb'<section class="rail"><h4>'),
    swap(rb"You Might Also Like", b"Readers Also Viewed"),
    swap(rb"Latest News", b"Just In"),
    swap(rb"Most Read News", b"Trending"),
)


# The whole page.


def _other_name(found: Found) -> bytes:
    """Give a class or an id a name that a build tool made."""
    return b'%s="x%06x"' % (found[1], zlib.crc32(found[2]) & 0xFFFFFF)


names_hashed = swap(rb'\b(class|id)="([^"]+)"', _other_name)


def template_of(markup: str, skin: int) -> Change:
    """Show the story as the site of another year would."""
    return lambda page, asked: asked.other(markup, skin) or page


def _of_story(page: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Find title, shoulder and headline, date, byline and body of a page."""
    title, heads, date, byline, body = (
        re.search(pattern, page, re.DOTALL)
        for pattern in (
            rb"<title>.*?</title>",
            rb'(?<=<div id="toPrint">).*?(?=<div class="pub">)',
            rb"Published : [^<]*",
            BYLINE,
            BODY.pattern,
        )
    )
    return (
        title[0] if title else b"",
        heads[0].strip() if heads else b"",
        date[0] if date else b"",
        byline[1] if byline else b"",
        body[0] if body else b"",
    )


def amp_version(page: bytes, asked: Asked) -> bytes:  # noqa: ARG001 (as all of them are called)
    """Show the story as accelerated pages for telephones were written."""
    title, heads, date, byline, body = _of_story(page)
    body = re.sub(rb"<img (.*?)>", rb'<amp-img width="600" height="400" \1></amp-img>', body)
    return (
        b'<!doctype html>\n<html amp lang="en"><head><meta charset="utf-8">%s\n'
        b'<script async src="https://cdn.ampproject.org/v0.js"></script></head>\n<body>'
        b'<amp-sidebar id="menu"><a href="/">Home</a></amp-sidebar>\n<article>\n%s\n'
        b'<div class="amp-meta"><span>%s</span> <span>%s</span></div>\n'
        b'<div class="amp-text">\n%s\n</div>\n</article>\n</body></html>\n'
    ) % (title, heads, date, byline, body)


# Its encoding.

escaped_twice = swap(rb"<main>.*</main>", lambda found: re.sub(rb"&(?=#\d+;)", b"&amp;", found[0]))


def utf8_twice(page: bytes, asked: Asked) -> bytes:  # noqa: ARG001 (as all of them are called)
    """Take the bytes for cp1252 and write them as UTF-8 once more."""
    return "".join(CP1252[byte] for byte in page).encode()


def cp1252_whole(page: bytes, asked: Asked) -> bytes:  # noqa: ARG001 (as all of them are called)
    """Write the page in cp1252, and leave it called UTF-8."""
    return MANY_BYTES.sub(
        lambda found: found[0].decode().encode("cp1252", "xmlcharrefreplace"), page
    )
