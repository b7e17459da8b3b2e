"""Pages that a newspaper may well print, each odd in one place that is easily misread.

Every case was misread once: a headline that sounds like an error page, a story that uses the
words of the boxes, a button where the byline stands. The page is sound but for that one place
(`tests/written_page.py`), and each comment says why a newspaper would print it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from observer_crawler import urls
from observer_crawler.items import Image, Removed
from observer_crawler.pages import Box, PageKind, read_page
from tests.cpu import TooLong, at_most
from tests.written_page import (
    BOXES,
    BREADCRUMB,
    DATE_LINE,
    HEADLINE,
    MASTHEAD,
    PICTURE,
    PICTURE_URL,
    STORY,
    STORY_PARAGRAPHS,
    URL,
    ArticlePage,
    body_of,
    list_page,
    paragraphs,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FRONT = "https://www.observerbd.com/"
SECTION = "https://www.observerbd.com/menu/198"
DAY = "https://www.observerbd.com/archive/2022-06-16"


# What kind of page it is.

# News is about things that are missing, too: "not found" is no sign of a missing page by itself.
HEADLINES_LIKE_ERRORS = [
    "404 migrants rescued off Malta",
    "Data on flood not available",
    "No record found of land",
    "Article 70 not available to MPs",
    "Page turned: hope not found",
]


@pytest.mark.parametrize("headline", HEADLINES_LIKE_ERRORS)
@pytest.mark.parametrize(
    ("url", "kind", "box"),
    [(SECTION, PageKind.LISTING, Box.SECTION), (DAY, PageKind.DAY, Box.DAY)],
    ids=["section", "day"],
)
def test_a_list_with_a_headline_like_an_error_is_a_list(
    url: str, kind: PageKind, box: Box, headline: str
) -> None:
    page = read_page(list_page(headline, "Another story").encode(), url)
    assert page.kind is kind
    assert [link.text for link in page.links if link.box is box] == [headline, "Another story"]


@pytest.mark.parametrize("headline", HEADLINES_LIKE_ERRORS)
def test_a_box_with_a_headline_like_an_error_makes_no_article_missing(headline: str) -> None:
    # Without a date line the page shows one sign less that it is an article.
    boxes = BOXES.replace("Chess champion", headline)
    assert ArticlePage(date_line="", boxes=boxes).read().body == STORY_PARAGRAPHS


def test_a_list_with_the_script_of_a_guard_is_no_challenge() -> None:
    # Cloudflare puts its script into ordinary pages as well as into its challenges.
    script = '<script defer src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
    page = read_page(list_page("One story", scripts=script).encode(), FRONT)
    assert page.kind is PageKind.LISTING


# Addresses.


def test_a_link_with_more_query_fields_than_a_parser_takes_is_kept() -> None:
    # Trackers lengthen addresses; the site's own parser of queries stops at fifty fields.
    href = "/news.php?" + "&".join(["a=1"] * 51)
    page = read_page(f'<a href="{href}">x</a>'.encode(), URL)
    assert [(link.url, link.box) for link in page.links] == [(urls.resolve(href, URL), Box.OTHER)]


def test_a_dated_address_with_the_number_zero_is_no_article() -> None:
    # A template prints 0 where a story has no number; no article has it.
    assert urls.parse("https://www.observerbd.com/2014/09/06/0.php").kind is urls.Kind.OTHER


# The text of the story.

# A story may use the words that head the boxes, in bold or in a line of their own.
LINES_LIKE_BOXES = {
    "Latest": "Latest",
    "<b>Latest</b> figures show growth.": "Latest figures show growth.",
    "<b>Most Read</b> books of the fair": "Most Read books of the fair",
    "Latest News": "Latest News",
    "Next »": "Next »",
    "<b>Related Topics</b> were many.": "Related Topics were many.",
}


@pytest.mark.parametrize("line", LINES_LIKE_BOXES)
def test_a_line_like_the_heading_of_a_box_does_not_end_the_story(line: str) -> None:
    article = ArticlePage(body=paragraphs("Intro.", line, "More text.")).read()
    assert article.body == ["Intro.", LINES_LIKE_BOXES[line], "More text."]
    assert article.tags == []


def test_a_line_of_topics_amid_the_story_does_not_end_it() -> None:
    # An editor pastes the topics between two paragraphs.
    article = ArticlePage(body=paragraphs("Intro.", "Related Topics: water", "More text.")).read()
    assert (article.body, article.tags) == (["Intro.", "More text."], ["water"])


def test_a_box_amid_the_story_does_not_end_it() -> None:
    # Widgets that suggest stories are put between paragraphs to keep readers.
    box = '<div><h4>You Might Also Like</h4><a href="/news/9">Two boats</a></div>'
    article = ArticlePage(body=body_of(f"First.{box}<p>Second.</p>")).read()
    assert article.body == ["First.", "Second."]
    assert article.related == ["b:9", "b:370412", "b:370333"]


@pytest.mark.parametrize("is_of_2024", [False, True], ids=["2016", "2024"])
def test_a_stray_closing_tag_does_not_end_the_story(is_of_2024: bool) -> None:  # noqa: FBT001 (a parameter of pytest)
    # Text pasted from a word processor brings a </div> too many, which closes the body.
    body = body_of("One.<br>Two.</div><p>Three.</p><p>Four.</p>")
    article = ArticlePage(body=body, is_of_2024=is_of_2024).read()
    assert article.body == ["One.", "Two.", "Three.", "Four."]


def test_an_empty_element_of_the_body_does_not_hide_the_full_one() -> None:
    # The template prints the element once for a video that the story does not have.
    assert ArticlePage(body=body_of("") + body_of(STORY)).read().body == STORY_PARAGRAPHS


def test_a_subheading_of_the_words_of_a_picture_stays_in_the_story() -> None:
    # The picture shows the man whom a later part of the story is about.
    picture = PICTURE.replace('alt=""', 'alt="Xi Jinping"')
    inside = f"{picture}<p>One.</p><p>Two.</p><p><b>Xi Jinping</b></p><p>Three.</p>"
    article = ArticlePage(body=body_of(inside)).read()
    assert article.body == ["One.", "Two.", "Xi Jinping", "Three."]
    assert article.images == [Image(PICTURE_URL, "Xi Jinping")]


def test_a_lead_beside_the_picture_is_no_caption() -> None:
    # The editor put the picture into the block of the first paragraph.
    lead = "The whole first paragraph of the story, which says more than one sentence. So here."
    article = ArticlePage(body=body_of(f"<div>{PICTURE}{lead}</div><div>Two.</div>")).read()
    assert article.body == [lead, "Two."]
    assert article.images == [Image(PICTURE_URL, None)]


def test_a_link_before_the_script_of_an_advertisement_stays_in_the_story() -> None:
    # The advertisement was put into the last block at hand, which holds a line of the story.
    link = '<p><a href="https://a.org/r">Read the full report</a></p>'
    inside = f"<p>Lead.</p><div>{link}<script>1</script></div><p>End.</p>"
    article = ArticlePage(body=body_of(inside)).read()
    assert article.body == ["Lead.", "Read the full report", "End."]


def test_a_sentence_about_advertisement_is_no_advertisement() -> None:
    line = "<b>Advertisement</b> is the soul of trade."
    article = ArticlePage(body=paragraphs("Intro", line)).read()
    assert article.body == ["Intro", "Advertisement is the soul of trade."]
    assert article.removed == []


def test_a_time_of_day_after_capitals_is_no_dateline() -> None:
    # "BRAC May 5:" has the shape of a dateline until the minutes are read.
    article = ArticlePage(body=paragraphs("BRAC May 5:30 pm meeting", "Two.")).read()
    assert (article.dateline, article.body) == (None, ["BRAC May 5:30 pm meeting", "Two."])


def test_an_agency_with_a_full_stop_is_an_agency() -> None:
    article = ArticlePage(body=paragraphs("One.", "Two. -AFP.")).read()
    assert (article.agency, article.body) == ("AFP", ["One.", "Two."])
    assert article.removed == [Removed("agency", "-AFP.")]


def test_a_party_at_the_end_is_no_agency() -> None:
    # Parties are written in capitals after a dash, as agencies are.
    article = ArticlePage(body=paragraphs("One.", "said a leader of the party -BNP")).read()
    assert (article.agency, article.body[-1]) == (None, "said a leader of the party -BNP")


def test_a_heading_of_topics_broken_in_two_lines_is_a_heading() -> None:
    # Templates are wrapped by hand; a browser shows the line break as a space.
    topics = "<div><b>Related\nTopics</b>   A   B</div>"
    article = ArticlePage(body=body_of(f"<p>One.</p>{topics}")).read()
    assert (article.body, article.tags) == (["One."], ["A", "B"])


# The date line.


def test_a_date_line_after_the_story_leaves_the_headline_alone() -> None:
    # Between headline and date stands then the story, and none of it is a shoulder.
    article = ArticlePage(date_line="", body=body_of(STORY) + DATE_LINE).read()
    assert (article.headline, article.shoulder) == ("Four dredgers ordered", None)
    assert (article.published_date, article.views) == ("2022-06-16", 155)
    assert article.body == STORY_PARAGRAPHS


def test_a_date_line_at_the_end_of_the_body_leaves_the_story_whole() -> None:
    article = ArticlePage(date_line="", body=body_of(STORY + DATE_LINE)).read()
    assert (article.published_date, article.body) == ("2022-06-16", STORY_PARAGRAPHS)


def test_a_sentence_that_says_published_gives_no_date() -> None:
    # A review names the day on which its book came out.
    review = paragraphs("Intro.", "Published on: 3 May 2019 by the press.", "More.")
    article = ArticlePage(date_line="", body=review).read()
    assert article.body == ["Intro.", "Published on: 3 May 2019 by the press.", "More."]
    assert article.published_date is None


def test_a_rounded_count_gives_no_number_of_views() -> None:
    # 1.2K is neither 1 nor 1,200.
    article = ArticlePage(date_line=DATE_LINE.replace("155", "1.2K")).read()
    assert (article.views, article.published_date) == (None, "2022-06-16")


# Headline, shoulder and section.

# `Home` opens the breadcrumb; it is a ministry and half a match, too.
HEADLINES_LIKE_BREADCRUMBS = {
    "Home - away: a story": "Home - away: a story",
    "Home Business": "Home Business",
    "<span>Home</span> ministry acts": "Home ministry acts",
    "Home": "Home",
}


@pytest.mark.parametrize("headline", HEADLINES_LIKE_BREADCRUMBS)
def test_a_headline_that_begins_with_home_is_a_headline(headline: str) -> None:
    article = ArticlePage(headline=f"<h1>{headline}</h1>").read()
    assert article.headline == HEADLINES_LIKE_BREADCRUMBS[headline]
    assert article.section == "City News"


def test_the_name_of_the_newspaper_is_no_headline() -> None:
    # Many sites make their logo an <h1>; a photo story has no other.
    logo = '<h1><a href="/">The Daily Observer</a></h1>'
    page = ArticlePage(masthead=logo + MASTHEAD, ticker="", breadcrumb="", headline="")
    assert page.read().headline is None


def test_an_empty_headline_beside_the_headline_does_not_hide_it() -> None:
    # The template prints a second one for an online headline that was not given.
    assert ArticlePage(headline=f"{HEADLINE}<h1></h1>").read().headline == "Four dredgers ordered"


def test_a_headline_after_the_date_line_is_no_byline() -> None:
    article = ArticlePage(headline="", date_line=DATE_LINE + HEADLINE).read()
    assert (article.headline, article.byline) == ("Four dredgers ordered", None)


@pytest.mark.parametrize("button", ["Print", "Font size A+ A-", "Advertisement"])
def test_a_button_below_the_headline_is_no_shoulder(button: str) -> None:
    assert ArticlePage(headline=f"{HEADLINE}<div>{button}</div>").read().shoulder is None


def test_boxes_above_the_headline_are_no_shoulder() -> None:
    # A narrow screen's template puts the side column first.
    article = ArticlePage(breadcrumb=BREADCRUMB + BOXES, boxes="").read()
    assert (article.shoulder, article.related) == (None, ["b:370412", "b:370333"])


def test_a_menu_that_begins_with_home_is_no_breadcrumb() -> None:
    menu = '<div><a href="/">Home</a> | <a href="/menu/185">Sports</a></div>'
    assert ArticlePage(masthead=MASTHEAD + menu, breadcrumb="").read().section is None


def test_a_breadcrumb_that_ends_in_the_headline_gives_the_section() -> None:
    # Search engines ask for breadcrumbs that name the page itself as the last step.
    steps = '<a href="/">Home</a> / <a href="/menu/198">Foreign News</a> / Four dredgers ordered'
    article = ArticlePage(breadcrumb=f"<div>{steps}</div>", is_of_2024=True).read()
    assert (article.section, article.shoulder) == ("Foreign News", None)


# What stands where the byline stands.


@pytest.mark.parametrize(
    "line",
    ["<span>Share</span> <span>Print</span>", "A+ A-", "Facebook<br>Twitter", "155 shares"],
)
def test_buttons_after_the_date_line_are_no_byline(line: str) -> None:
    article = ArticlePage(before_body=f"<div>{line}</div>").read()
    assert (article.byline, article.body) == (None, STORY_PARAGRAPHS)


def test_a_photographer_after_the_date_line_is_no_byline() -> None:
    # The credit of a picture that the page does not show.
    article = ArticlePage(before_body="<div>Photo: Rahim Uddin</div>").read()
    assert article.byline is None
    assert article.removed == [Removed("caption", "Photo: Rahim Uddin")]


def test_a_caption_above_the_body_is_no_byline() -> None:
    # The picture stands before the body, and its caption below it as a byline would.
    caption = "Men at work by the river"
    article = ArticlePage(before_body=f"<div>{PICTURE}</div><div>{caption}</div>").read()
    assert article.byline is None
    assert article.images == [Image(PICTURE_URL, caption)]
    assert article.removed == [Removed("caption", caption)]


# Pages of one thing over and over, as a template in a loop or a broken import prints them. When
# the reading looked at every line once for every other, none stayed within the bound. They take
# up to 1.7 CPU seconds now (Python 3.11, two shared cores); a slow machine has three times that.

MOST_CPU_SECONDS = 5.0


def pictures(count: int, pattern: str) -> str:
    """Give so many pictures, each with an address of its own and its number in the pattern."""
    return "".join(
        pattern.format(f"/2022/06/15/{1_655_316_420 + number}.jpg", number)
        for number in range(count)
    )


def story_of(inside: str) -> ArticlePage:
    return ArticlePage(body=body_of(inside), boxes="", is_of_2024=True)


def boxed(boxes: str) -> ArticlePage:
    return ArticlePage(boxes=boxes, imprint="", is_of_2024=True)


def headed(headline: str) -> ArticlePage:
    return ArticlePage(headline=headline, boxes="", is_of_2024=True)


BOX = '<h3>Latest News</h3><a href="/news/{}">Two boats</a>'
SLOW: dict[str, Callable[[], ArticlePage]] = {
    "2,500 advertisements within each other": lambda: story_of("<div><script>1</script>" * 2_500),
    "20,000 scripts between words": lambda: story_of("x <script>1</script> y" * 20_000),
    "5,000 advertisements between words": lambda: story_of("x<div>Advertisement</div>y" * 5_000),
    "20,000 frames": lambda: story_of("<iframe></iframe>" * 20_000),
    "5,000 pictures with words before 5,000 paragraphs": lambda: story_of(
        pictures(5_000, '<img src="{}" alt="words {}">') + "<p>word</p>" * 5_000
    ),
    "5,000 pictures without words before 5,000 paragraphs": lambda: story_of(
        pictures(5_000, '<img src="{}">') + "<p>word</p>" * 5_000
    ),
    "10,000 pictures with captions": lambda: story_of(
        pictures(
            10_000,
            '<div><img src="{0}" alt="words {1}"><div>words {1}. photo: observer</div></div>',
        )
    ),
    "60,000 headings of boxes": lambda: boxed("<h3>Latest News</h3>" * 60_000),
    "20,000 boxes of one story": lambda: boxed(BOX.format(9) * 20_000),
    "15,000 boxes of a story each": lambda: boxed(
        "".join(BOX.format(number) for number in range(1, 15_001))
    ),
    "40,000 imprints": lambda: boxed("<p>Editor : M. N. Sample</p><h3>Latest</h3>" * 40_000),
    "50,000 headings of a ticker": lambda: headed("<p>Latest</p>" * 50_000 + "<p>A line</p>"),
}


def test_a_block_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TooLong, match=r"more than 0\.05 CPU seconds"):
        be_busy_forever_at_most(0.05)


def be_busy_forever_at_most(cpu_seconds: float) -> None:
    with at_most(cpu_seconds):
        while True:
            pass


@pytest.mark.parametrize("kind", SLOW)
def test_a_page_of_one_thing_over_and_over_is_read_in_seconds(kind: str) -> None:
    body = SLOW[kind]().html.encode()
    with at_most(MOST_CPU_SECONDS):
        page = read_page(body, URL)
    assert page.kind is PageKind.ARTICLE
