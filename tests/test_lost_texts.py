"""Pages whose text is not the story's, or not all of it: cut short, walled off, another's, paid for.

What such a page still says is kept. Half a text is not stored as a text, for nobody could tell
it from a short one; the story of another address is refused.
"""

from __future__ import annotations

import pytest

from observer_crawler.pages import read_page
from observer_crawler.pages.base import PageKind
from tests.written_page import (
    PICTURE,
    PICTURE_URL,
    STORY_PARAGRAPHS,
    URL,
    ArticlePage,
    body_of,
    paragraphs,
)

BYLINE = "<div>Staff Correspondent</div>"
LEAD = "PATNITALA, NAOGAON, Jun 15: First paragraph."


def test_a_page_that_breaks_off_in_the_story_keeps_all_but_its_text() -> None:
    body = body_of(f"{PICTURE}<p>{LEAD}</p><p>Second one goes on and on. -BSS</p>")
    html = ArticlePage(before_body=BYLINE, body=body).html
    article = read_page(html[: html.index(" on. -BSS")].encode(), URL).article
    assert article is not None
    assert (article.headline, article.section) == ("Four dredgers ordered", "City News")
    assert (article.published_date, article.byline) == ("2022-06-16", "Staff Correspondent")
    assert [image.url for image in article.images] == [PICTURE_URL]
    assert article.dateline is not None
    assert article.dateline.date == "2022-06-15"
    assert (article.body, article.agency, article.language) == ([], None, "en")


def test_a_page_that_breaks_off_behind_a_credit_does_not_keep_it() -> None:
    html = ArticlePage(body=paragraphs("First of them.", "Second. -BSS")).html
    article = read_page(html[: html.index("-BSS") + 4].encode(), URL).article
    assert article is not None
    assert (article.body, article.agency, article.removed) == ([], None, [])


@pytest.mark.parametrize("is_of_2024", [False, True], ids=["2016", "2024"])
@pytest.mark.parametrize("kept", ["turning", "boxes", "imprint"])
def test_a_template_without_closing_tags_is_read(kept: str, is_of_2024: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    parts = dict.fromkeys({"turning", "boxes", "imprint"} - {kept}, "")
    page = ArticlePage(is_of_2024=is_of_2024, **parts)
    found = read_page(page.html.removesuffix("</body></html>").encode(), URL).article
    assert found is not None
    assert found.body == STORY_PARAGRAPHS


def test_a_page_that_closes_needs_nothing_after_its_story() -> None:
    assert ArticlePage(turning="", boxes="", imprint="").read().body == STORY_PARAGRAPHS


@pytest.mark.parametrize("end", ["Published :", '<div id="f">'])
def test_a_page_that_breaks_off_before_the_story_is_refused_and_not_missing(end: str) -> None:
    html = ArticlePage().html
    page = read_page(html[: html.index(end) + len(end) * (end[0] == "P")].encode(), URL)
    assert (page.kind, page.refusal) == (PageKind.ARTICLE, "cut_page")


SAYS_OTHER = [
    '<link rel="canonical" href="https://www.observerbd.com/details.php?id=370001">',
    '<meta property="og:url" content="/news/370001">',
    '<a href="/print.php?id=370001">Print</a>',
    '<a href="https://x.example/sharer?u=https%3A%2F%2Fwww.observerbd.com%2Fnews%2F370001">S</a>',
]


@pytest.mark.parametrize("sign", SAYS_OTHER)
def test_the_story_of_another_address_is_refused(sign: str) -> None:
    page = read_page(ArticlePage(turning=sign).html.encode(), URL)
    assert (page.kind, page.article, page.refusal) == (PageKind.ARTICLE, None, "other_article")
    assert "https://www.observerbd.com/news/370412" in {link.url for link in page.links}


@pytest.mark.parametrize(
    "sign",
    [
        *(sign.replace("370001", "370580") for sign in SAYS_OTHER),
        # What is no article's number, or one of another space; signs that contradict one another.
        '<link rel="canonical" href="https://www.observerbd.com/">',
        '<link rel="canonical" href="https://bn.observerbd.com/details.php?id=370001">',
        '<a href="/gallery.php?id=7">Gallery</a>',
        SAYS_OTHER[0] + SAYS_OTHER[1].replace("370001", "370002"),
        # A link to this very page has its headline.
        SAYS_OTHER[0] + '<a href="/news/370580">Four dredgers ordered</a>',
    ],
)
def test_a_page_that_may_be_its_own_is_read(sign: str) -> None:
    assert ArticlePage(turning=sign).read().body == STORY_PARAGRAPHS


WALL = """<div class="x"><h3>Keep reading</h3><p>This story is for subscribers.</p>
<a href="/login">Sign in</a> <p>You may leave at any time.</p></div>"""
FORM = """<p>Sign in to continue reading.</p><form action="/user/login"><input name="mail">
<button>Go</button></form>"""


@pytest.mark.parametrize("wall", [WALL, FORM])
@pytest.mark.parametrize("is_inside", [True, False])
def test_before_a_wall_there_is_no_text(wall: str, is_inside: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    body = body_of(f"<p>{LEAD}</p>{wall}") if is_inside else body_of(f"<p>{LEAD}</p>") + wall
    article = ArticlePage(before_body=BYLINE, body=body, is_of_2024=True).read()
    assert (article.body, article.language) == ([], "en")
    assert (article.headline, article.byline) == ("Four dredgers ordered", "Staff Correspondent")
    assert article.dateline is not None
    assert [piece.kind for piece in article.removed] == ["dateline"]


@pytest.mark.parametrize(
    "texts",
    [
        ("First of them.", "The club is for members only."),
        ("First of them.", '<a href="/subscribe">Subscribe to our newsletter</a>'),
        (
            "Sign in to continue reading, it said.",
            '<a href="/login">Sign in</a>',
            "It went on. " * 30,
        ),
        ("First of them.", 'Read the full <a href="https://example.org/report">report</a>.'),
    ],
)
def test_words_of_a_wall_in_a_story_are_none(texts: tuple[str, ...]) -> None:
    body = ArticlePage(body=paragraphs(*texts)).read().body
    assert len(body) == len(texts)


def offer(inside: str) -> str:
    return body_of(f"<p>First of them.</p><div>{inside}</div><p>Second of them.</p>")


def test_words_that_say_they_are_paid_for_are_an_advert() -> None:
    words = "<small>Sponsored</small><p>Tea is good. All drink it.</p>"
    link = '<a href="https://shop.example/tea">Order today</a>'
    article = ArticlePage(body=offer(f"{words}{link}")).read()
    assert article.body == ["First of them.", "Second of them."]
    told = [(piece.kind, piece.text) for piece in article.removed]
    text = "Sponsored Tea is good. All drink it. Order today"
    assert told == [("advertisement", text)]


@pytest.mark.parametrize(
    "inside",
    [
        "<p>Sponsored</p><p>The match was played.</p>",
        '<p>Sponsored</p><p>The <a href="https://shop.example/">match</a> was played.</p>',
        '<p>The match was played.</p><p>Sponsored</p><a href="https://shop.example/">Order</a>',
    ],
)
def test_words_whose_end_nobody_can_tell_stay_in_the_story(inside: str) -> None:
    assert "The match was played." in ArticlePage(body=offer(inside)).read().body
