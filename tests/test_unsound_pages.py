"""Pages that a programmer's afternoon has spoiled: a field is right, null, or the page refused.

Each test spoils one part of a sound page. What the page no longer says may be missing then, but
nothing may be stored that is not so.
"""

from __future__ import annotations

import pytest

from observer_crawler.pages import read_page
from tests.written_page import PICTURE, PICTURE_URL, URL, ArticlePage

BYLINE = "<div>Staff Correspondent</div>"


def dated(line: str) -> str:
    """Give a date line that says this, in the element where it always stands."""
    return f'<div class="pub">{line}</div>'


@pytest.mark.parametrize(
    "line",
    [
        "Posted on Thursday, 16 June, 2022 at 12:00 AM Reads: 155",
        "Published : Thursday, 16 June at 12:00 AM Count : 155",
        "Count : 155",
        "June 16, 2022",
        "2022-06-16",
        "16/06/2022",
        "বৃহস্পতিবার, ১৬ জুন",
    ],
)
@pytest.mark.parametrize("is_of_2024", [False, True], ids=["2016", "2024"])
def test_a_date_line_that_reads_oddly_is_no_byline(line: str, is_of_2024: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    article = ArticlePage(date_line=dated(line), before_body=BYLINE, is_of_2024=is_of_2024).read()
    assert article.byline == "Staff Correspondent"


def test_a_byline_in_one_line_with_a_date_is_left_out() -> None:
    line = dated("Rahim Uddin, 16 June, 2022")
    assert ArticlePage(date_line=line).read().byline is None


@pytest.mark.parametrize("byline", ["Rahim Uddin, Class 9", "By: May Rahman", "Team 24"])
def test_a_byline_with_a_number_or_a_name_like_a_month_is_one(byline: str) -> None:
    assert ArticlePage(before_body=f"<div>{byline}</div>").read().byline == byline


@pytest.mark.parametrize(
    ("line", "date", "edition", "views"),
    [
        ("Posted on Thursday, 16 June, 2022 at 12:00 AM Reads: 155", "2022-06-16", "print", 155),
        (
            "<b>Thursday, 16 June, 2022 at 2:05 PM</b><br>Views: 1,155",
            "2022-06-16",
            "online",
            1155,
        ),
        ("Published : 2022-06-16 14:05 Count : 155", "2022-06-16", "online", 155),
        ("Published : June 16, 2022 Count : 155", "2022-06-16", None, 155),
        ("Published : Thursday, 16 June at 12:00 AM Count : 155", None, "print", 155),
        ("Count : 155", None, None, 155),
        # In doubt: of an update, month or day first, two days.
        ("Updated: 17 June, 2022", None, None, None),
        ("Posted on 05/06/2022 Reads: 155", None, None, 155),
        ("<b>16 June, 2022</b><br><b>17 June, 2022</b>", None, None, None),
    ],
)
@pytest.mark.parametrize("is_of_2024", [False, True], ids=["2016", "2024"])
def test_a_date_line_in_other_words_is_read_by_its_place(
    line: str,
    date: str | None,
    edition: str | None,
    views: int | None,
    is_of_2024: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    article = ArticlePage(date_line=dated(line), before_body=BYLINE, is_of_2024=is_of_2024).read()
    assert (article.published_date, article.edition, article.views) == (date, edition, views)
    assert (article.section, article.headline) == ("City News", "Four dredgers ordered")
    assert (article.byline, article.shoulder) == ("Staff Correspondent", None)


def test_the_day_of_the_crawl_is_no_date_of_publication() -> None:
    page = ArticlePage(
        headline="", breadcrumb="", date_line="", body='<div id="f"><p>A.</p></div>'
    )
    html = page.html.replace("<h3>", "<h1>Observer</h1><h3>", 1)
    article = read_page(html.encode(), URL).article
    assert article is not None
    assert article.published_date is None


def test_a_section_is_read_where_no_date_line_stands() -> None:
    article = ArticlePage(date_line="", is_of_2024=True).read()
    assert (article.section, article.published_date) == ("City News", None)


@pytest.mark.parametrize("label", ["Published :", "<b>Published :</b>"])
def test_a_byline_may_go_on_in_the_line_of_the_date(label: str) -> None:
    date = f"<span>{label} Thursday, 16 June, 2022 at 12:00 AM</span> <i>Rahim Uddin</i>"
    article = ArticlePage(date_line=dated(date), is_of_2024=True).read()
    assert (article.published_date, article.byline) == ("2022-06-16", "Rahim Uddin")


def test_a_picture_of_a_page_for_telephones_is_one() -> None:
    told = PICTURE.replace("<img", "<amp-img").replace('alt=""', 'alt="A boat."') + "</amp-img>"
    article = ArticlePage(body=f'<div id="f">{told}<p>A.</p></div>').read()
    assert [(image.url, image.caption) for image in article.images] == [(PICTURE_URL, "A boat.")]


LOGO = "<h1>The Daily Observer</h1>"
CAPTIONED = PICTURE.replace('alt=""', 'alt="Four dredgers ordered"')
ALT = f'<div id="f">{CAPTIONED}<p>A.</p></div>'


@pytest.mark.parametrize("shoulder", [None, "Deep rivers"])
@pytest.mark.parametrize("is_of_2024", [False, True], ids=["2016", "2024"])
def test_a_headline_without_its_element_is_the_line_of_the_title(
    shoulder: str | None,
    is_of_2024: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    above = f"<div>{shoulder}</div>" if shoulder else ""
    head = f'{above}<div class="story-title">Four dredgers ordered</div>'
    article = ArticlePage(headline=head, body=ALT, is_of_2024=is_of_2024).read()
    assert (article.headline, article.shoulder) == ("Four dredgers ordered", shoulder)
    assert [image.caption for image in article.images] == [None]


def test_a_headline_that_the_title_goes_on_from_within_a_word_is_none() -> None:
    page = ArticlePage(headline="<div>Four dredgers order</div>", is_of_2024=True)
    assert page.read().headline is None


def test_what_stands_where_the_headline_was_lost_is_no_shoulder() -> None:
    article = ArticlePage(headline=f"{LOGO}<div>Deep rivers</div>", body=ALT).read()
    assert (article.headline, article.shoulder) == (None, None)
    assert [image.caption for image in article.images] == [None]


def test_a_headline_in_the_head_alone_needs_a_link_to_the_page_to_bear_it_out() -> None:
    named = "<head><meta property='og:title' content='Four dredgers ordered'>"
    html = ArticlePage(headline=LOGO).html.replace("<head>", named)
    linked = html.replace(
        "<ul>", '<ul><li><a href="/news/370580">Four dredgers ordered</a></li>', 1
    )
    alone, both = (read_page(page.encode(), URL).article for page in (html, linked))
    assert alone is not None
    assert both is not None
    assert (alone.headline, alone.shoulder) == (None, None)
    assert (both.headline, both.shoulder) == ("Four dredgers ordered", None)


QUOTED = '<div id="f"><p>“A café”, said one — ‘Jamuna’.</p><p>ঢাকা is near.</p></div>'


def encoded_twice(html: str, letters: str) -> bytes:
    """Encode a page, take the bytes for letters, and encode these."""
    single = (bytes([byte]) for byte in html.encode())
    return "".join(
        byte.decode(letters, errors="ignore") or byte.decode("latin-1") for byte in single
    ).encode()


@pytest.mark.parametrize("letters", ["cp1252", "latin-1"])
def test_a_page_encoded_twice_is_read_as_it_was(letters: str) -> None:
    html = ArticlePage(body=QUOTED).html
    twice = encoded_twice(html, letters)
    assert twice != html.encode()
    assert read_page(twice, URL) == read_page(html.encode(), URL)


@pytest.mark.parametrize("sound", ["é", "“", "ক", "\xa0"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_one_sound_letter_leaves_a_page_encoded_twice_as_it_is(sound: str, place: str) -> None:
    twice = encoded_twice(ArticlePage(body=QUOTED).html, "cp1252").decode()
    mixed = twice.replace("<p>", f"<p>{sound} ", 1) if place == "before" else twice + sound
    page = read_page(mixed.encode(), URL)
    assert page.article is not None
    assert "â€œA cafÃ©â€" in page.article.body[0]


@pytest.mark.parametrize("name", ["SÃO JOÃO", "Ãrzte", "André"])
def test_sound_letters_that_look_like_a_second_encoding_stay(name: str) -> None:
    page = ArticlePage(body=f'<div id="f"><p>{name} came.</p></div>')
    assert page.read().body == [f"{name} came."]


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_stray_byte_of_a_page_encoded_twice_is_told_by_its_arrows(place: str) -> None:
    text = {
        "before": b"<p>One \x96 of \x93them\x94.</p>%s",
        "after": b"%s<p>One \x96 of them.</p>",
    }
    quoted = b"<p>%s</p>" % "“A café”, said one.".encode()
    html = ArticlePage(body='<div id="f">TEXT</div>').html.replace("&laquo;", "«").encode()
    page = html.replace(b"TEXT", text[place] % quoted)
    twice = "".join(
        bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in page
    ).encode()
    assert read_page(twice, URL) == read_page(page, URL)
    assert "“A café”, said one." in (read_page(page, URL).article or ArticlePage().read()).body


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("It&amp;#39;s &amp;quot;late&amp;quot;.", 'It\'s "late".'),
        ("One &amp;ndash; two&amp;#8230;", "One \u2013 two\u2026"),
        ("Write &amp;lt;b&amp;gt; or &amp;#60;.", "Write &lt;b&gt; or &#60;."),
        ("R&amp;D; is &amp; was", "R&D; is & was"),
    ],
)
def test_what_was_escaped_twice_is_read_as_it_was(printed: str, shown: str) -> None:
    head = f"<h1>{printed}</h1>"
    body = f'<div id="f">{CAPTIONED.replace("Four dredgers ordered", printed)}<p>So: {printed}</p></div>'
    article = ArticlePage(headline=head, body=body).read()
    assert (article.headline, article.body) == (shown, [f"So: {shown}"])
    assert [image.caption for image in article.images] == [None]


def test_an_address_keeps_what_was_escaped_twice() -> None:
    link = '<a href="/cat.php?cd=1&amp;#39;">x</a>'
    links = read_page(ArticlePage(turning=link).html.encode(), URL).links
    assert "https://www.observerbd.com/cat.php?cd=1&" in {link.url for link in links}


HEADLINE_IN_DIV = "<div>Four dredgers ordered</div>"
LAZY = '<div id="f"><img data-src="/2022/06/15/1655316420.jpg" alt=""><p>A.</p></div>'


@pytest.mark.parametrize(
    ("page", "mends"),
    [
        (ArticlePage(), ()),
        (ArticlePage(date_line=""), ()),
        (ArticlePage(headline="<h1></h1>", is_of_2024=True), ()),
        (ArticlePage(date_line=dated("Published : 2022-06-16 Count : 155")), ("date",)),
        (ArticlePage(date_line=dated("Published : ১৬ June, ২০২২ Count : ১৫৫")), ("date",)),
        (ArticlePage(date_line=dated("Posted on 16 June, 2022")), ("date",)),
        (ArticlePage(headline=HEADLINE_IN_DIV), ("headline",)),
        (ArticlePage(body=LAZY), ("pictures",)),
        (ArticlePage(headline="<h1>It&amp;#39;s</h1>"), ("escapes",)),
    ],
)
def test_a_page_says_what_was_read_in_a_second_way(
    page: ArticlePage, mends: tuple[str, ...]
) -> None:
    html = (
        page.html.replace("<title>Four dredgers ordered</title>", "") if not mends else page.html
    )
    assert read_page(html.encode(), URL).mends == mends


def test_a_page_encoded_twice_says_so() -> None:
    html = ArticlePage(body=QUOTED).html
    assert read_page(encoded_twice(html, "cp1252"), URL).mends == ("encoding",)
