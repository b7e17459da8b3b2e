"""`read_page` on bytes that no newspaper meant to send: it never raises and never takes long.

Pages cut, spliced and with flipped bytes are in `tests/fuzz/`; here is what Hypothesis makes smaller.

What it gives is lawful whatever it was given: no empty or untrimmed text, ids and addresses of
their shape, the same bytes the same page. On pages that are sound, what does not show (white
space, comments, inline tags) does not count, and each piece of the story comes out once.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observer_crawler.pages import PageKind, read_page
from observer_crawler.processors import clean
from tests import golden
from tests.fuzz.scraps import SCRAPS
from tests.lawful import assert_lawful

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.pages import Page

URL = "https://www.observerbd.com/news/370580"
PICTURE = "/2022/06/15/1655316420.jpg"
FOLDERS = golden.folders()
SOUND = [folder for folder in FOLDERS if folder.expected["article"]]

# The same cases each time: a failure here must mean that the code has changed.
always_alike = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read_lawfully(body: bytes, url: str = URL, content_type: str | None = None) -> Page:
    page = read_page(body, url, content_type)
    assert_lawful(page)
    return page


folders = st.sampled_from(FOLDERS)


@given(folders, st.integers(2, 40), st.randoms(use_true_random=False))
@always_alike
def test_a_page_in_shuffled_pieces_is_read(folder: golden.Folder, count: int, random: Any) -> None:  # noqa: ANN401 (hypothesis has no type for its Random)
    size = max(1, len(folder.body) // count)
    pieces = [folder.body[at : at + size] for at in range(0, len(folder.body), size)]
    random.shuffle(pieces)
    read_lawfully(b"".join(pieces), folder.url, folder.content_type)


@given(st.lists(st.sampled_from(SCRAPS) | st.binary(max_size=6), max_size=60))
@always_alike
def test_pages_made_of_scraps_are_read(scraps: list[bytes]) -> None:
    read_lawfully(b"".join(scraps))


CHARSETS = """utf-16 utf-16-be utf-32 utf-7 utf-8-sig rot13 base64 hex zlib idna punycode mbcs
undefined unicode_escape raw_unicode_escape big5 gb18030 hz shift_jis iso2022_jp koi8-r mac-roman
tis-620 iso-8859-8 windows-1252 nonsense \x00 \ud800 ' " ;""".split()


@pytest.mark.parametrize("charset", [*CHARSETS, "", "x" * 100_000])
def test_no_declared_charset_stops_the_reading(charset: str) -> None:
    said = charset.encode("utf-8", "surrogatepass")[:1000]
    body = b"<meta charset='" + said + b"'><h1>A \xe0\xa6\x95\xff\xd8\x00</h1><div id=f>x</div>"
    read_lawfully(body, content_type=f"text/html; charset={charset}")
    read_lawfully(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"\x00" * 1000,
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"<!-- only -->",
        b"<!DOCTYPE html>",
        b"<?xml version='1.0'?>",
        b"<html",
    ],
)
def test_a_page_without_an_element_is_refused_as_empty(body: bytes) -> None:
    page = read_lawfully(body)
    assert (page.kind, page.article, page.refusal) == (PageKind.ARTICLE, None, "empty_page")


ADDRESSES = ["", "x", "//", "javascript:1", "http://[bad", "http://host:99999/", "\ud800"]


@pytest.mark.parametrize("url", ADDRESSES)
def test_what_is_no_address_makes_no_article(url: str) -> None:
    page = read_lawfully(b"<base href='y'><a href=x>z</a><h1>a</h1><div id=f>b</div>", url)
    assert page.kind is PageKind.OTHER


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_same_bytes_give_the_same_lawful_page(folder: golden.Folder) -> None:
    page = read_lawfully(folder.body, folder.url, folder.content_type)
    assert page == folder.read()


_TEXT = re.compile(rb">([^<>]*[a-z][^<>]*)<")
_HIDDEN = re.compile(
    rb"(<(?:script|style|title|textarea)\b.*?</(?:script|style|title|textarea)>)", re.DOTALL
)


def in_texts(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the words between tags, those of scripts and titles left alone."""
    parts = _HIDDEN.split(body)
    return b"".join(
        part
        if _HIDDEN.fullmatch(part)
        else _TEXT.sub(lambda text: b">" + _between_references(text[1], change) + b"<", part)
        for part in parts
    )


def _between_references(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    parts = re.split(rb"(&[^;&]{1,10};)", text)
    return b"".join(part if part.startswith(b"&") else change(part) for part in parts)


# A word's space stays where a heading of two words has it.
_SPACE = re.compile(rb"(?<=[a-z,.]) (?=[a-z])")

UNSEEN: dict[str, Callable[[bytes], bytes]] = {
    "a line break for a space": lambda text: _SPACE.sub(b"\n", text),
    "a comment within a word": lambda text: re.sub(rb"([a-z])([a-z])", rb"\1<!-- x -->\2", text),
    "numeric references": lambda text: re.sub(rb"[a-z]", lambda one: b"&#%d;" % ord(one[0]), text),
}


@pytest.mark.parametrize("change", UNSEEN)
@pytest.mark.parametrize("folder", SOUND, ids=lambda folder: folder.name)
def test_what_does_not_show_does_not_count(folder: golden.Folder, change: str) -> None:
    page = read_page(in_texts(folder.body, UNSEEN[change]), folder.url, folder.content_type)
    assert page.article == folder.read().article


# A story of known pieces: no word here has a meaning of its own on the site.
words = st.lists(
    st.sampled_from(
        "boat river 3,000 “quoted” Óscar খবর the Ministry Cox's -PM 5:30 9-year".split()
    ),
    min_size=3,
    max_size=9,
).map(lambda some: "The " + " ".join(some) + " end.")
pieces = st.lists(
    st.tuples(st.sampled_from(["bare", "p", "div", "table", "advert", "label", "picture"]), words),
    max_size=9,
)
PATTERNS = {
    "bare": "{}<br>",
    "p": "<p>{}</p>",
    "div": "<div>{}</div>",
    "table": "<table><tr><td>{}</td></tr></table>",
    "advert": "<div><script>x</script><ins></ins></div>",
    "label": "<div>Advertisement<script>x</script></div>",
    "picture": f'<div><img src="{PICTURE}" alt="{{0}}"><div>{{0}} photo: observer</div></div>',
}
MARKUPS = {
    "2014": '<div class="detail_heading">{headline}</div>'
    '<div style="color: #545353; margin: 0 0 10px 0">{date}</div><div id="f">{body}</div>',
    "2016": '<h1>{headline}</h1><div class="pub"><span>{date}</span></div><div id="f">{body}</div>',
    "2024": '<div id="toPrint"><h1>{headline}</h1><div>{date}</div><div id="f">{body}</div></div>',
}
DATE = "Published : Thursday, 16 June, 2022 at 12:00 AM  Count : 155"


@pytest.mark.parametrize("markup", MARKUPS)
@given(headline=words, story=pieces)
@always_alike
def test_each_piece_of_a_story_comes_out_once(
    markup: str, headline: str, story: list[tuple[str, str]]
) -> None:
    # Numbered, for a line that repeats a picture's words is its caption.
    story = [(kind, f"Piece {number}. {text}") for number, (kind, text) in enumerate(story)]
    story = [("bare", "The lead of it all stands here."), *story]
    inside = "".join(PATTERNS[kind].format(text) for kind, text in story)
    article = MARKUPS[markup].format(headline=headline, date=DATE, body=inside)
    turning = "<p><a href='/news/1'>&laquo; Previous</a> <a href='/news/2'>Next &raquo;</a></p>"
    html = f"<html><body><p><a href='/'>Home</a> Sports</p>{article}{turning}</body></html>"
    read = read_lawfully(html.encode()).article
    assert read is not None
    assert read.markup == markup
    assert read.headline == clean(headline)
    assert read.body == [
        clean(text) for kind, text in story if kind in {"bare", "p", "div", "table"}
    ]
    assert [one.kind for one in read.removed] == [
        {"label": "advertisement", "picture": "caption"}[kind]
        for kind, _ in story
        if kind in {"label", "picture"}
    ]


def frame(body: str = "words", before: str = "", after: str = "", *, known: bool = True) -> str:
    place = f'<div id="f">{body}</div>' if known else f"<div>{body}</div>"
    return (
        f"<html><body><p><a href='/'>Home</a> Sports</p>{before}<h1>A headline</h1>"
        f"<div class=pub>{DATE}</div>{place}<p>&laquo; Previous Next &raquo;</p>{after}"
    )


# Half a megabyte and more of one thing. What a page of the newspaper has is 0.1 MB in all.
HUGE: dict[str, Callable[[], str]] = {
    "paragraphs": lambda: frame("<p>word word</p>" * 30_000),
    "paragraphs in no known markup": lambda: frame("<p>word word</p>" * 30_000, known=False),
    "line breaks": lambda: frame("x<br>" * 50_000),
    "open spans": lambda: frame("<span>x" * 100_000),
    "open divisions": lambda: frame("<div>x" * 100_000),
    "open divisions in no known markup": lambda: frame("<div>x" * 100_000, known=False),
    "open cells": lambda: frame("<table><tr><td>x" * 50_000),
    "open bodies": lambda: frame("<div id=f>x" * 50_000),
    "links": lambda: frame("".join(f"<a href='/news/{n}'>x</a> " for n in range(1, 20_000))),
    "links after the story": lambda: frame(
        after="".join(f"<p><a href='/news/{n}'>x</a></p>" for n in range(1, 20_000))
    ),
    "lines that say Published": lambda: frame(before="<p>Published :</p>" * 30_000),
    "Published in one line": lambda: frame(before="Published : " * 50_000),
    "Count in one line": lambda: frame(before="Published : " + "Count : " * 50_000),
    "lines that say Home": lambda: frame(before="<p>Home</p>" * 30_000),
    "nested lines that say Home": lambda: frame(before="<div>Home" * 50_000),
    "turnings": lambda: frame("<p>&laquo; Previous Next &raquo;</p>" * 20_000),
    "headlines": lambda: frame(before="<h1>One</h1>" * 30_000),
    "shoulders": lambda: frame(before="<h2>One</h2>" * 30_000),
    "topics": lambda: frame("x<br>Related Topics   " + "tag   " * 50_000),
    "capitals": lambda: frame("A. '- " * 50_000),
    "dashes": lambda: frame("<p>x</p><p>" + "- A/" * 50_000),
    "spaces": lambda: frame("x" + " " * 500_000 + "x"),
    "one alt text": lambda: frame(f"<img src='{PICTURE}' alt='{'x ' * 200_000}'>{'x ' * 200_000}"),
    "credits in one line": lambda: frame(f"<img src='{PICTURE}'><p>" + "photo: " * 50_000),
    "scripts of one page": lambda: frame("<script>" + "x<" * 500_000 + "</script>"),
    "references": lambda: frame("&lt;&#8217;&#xD800;" * 30_000),
    "less-than signs": lambda: "<" * 500_000,
    "comments": lambda: "<!-- x -->" * 50_000,
    "words of a missing page": lambda: "<p>" + "the page news not " * 30_000,
    "words of a challenge": lambda: "<title>" + "just a " * 100_000,
}
MOST_CPU_SECONDS = 6.0


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_page_takes_seconds(kind: str) -> None:
    body = HUGE[kind]().encode()
    start = time.process_time()
    page = read_page(body, URL)
    assert time.process_time() - start < MOST_CPU_SECONDS
    assert page.kind is not None


def test_twenty_megabytes_are_read() -> None:
    body = frame("<p>" + "words of a story " * 1_200_000).encode()
    assert len(body) > 20_000_000
    start = time.process_time()
    article = read_page(body, URL).article
    assert time.process_time() - start < MOST_CPU_SECONDS * 2
    assert article is not None
    assert len("".join(article.body)) > 20_000_000
