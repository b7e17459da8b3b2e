"""An article page built part by part, for tests whose page is odd in one place alone.

The parts stand in the order in which the newspaper prints them. A test replaces the one part
that it is about and leaves the others sound, so that whatever is then misread is misread
because of that part. The words were written for the project.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from observer_crawler.pages import read_page

if TYPE_CHECKING:
    from observer_crawler.items import Article

URL = "https://www.observerbd.com/news/370580"
PICTURE = '<img src="/2022/06/15/1655316420.jpg" alt="">'
PICTURE_URL = "https://www.observerbd.com/2022/06/15/1655316420.jpg"

# The day of the crawl stands at the top in nearly the shape of a publication date.
MASTHEAD = """
<div class="top">Monday, 23 November, 2026, 8:01 AM</div>
<div><a href="/cat-adv.php">Advance Search</a></div>
"""
TICKER = """
<div class="brk"><b>latest</b> <marquee>
  <a href="/news/370650">River port reopens</a> <a href="/news/370651">Council plants trees</a>
</marquee></div>
"""
BREADCRUMB = '<div class="bc"><span class="location"><a href="/">Home</a> City News</span></div>'
HEADLINE = "<h1>Four dredgers ordered</h1>"
DATE_LINE = """
<div class="pub">
  <span>Published : Thursday, 16 June, 2022 at 12:00 AM</span>&nbsp;<span>Count : 155</span>
</div>
"""
TURNING = """
<div class="n">
  <a href="/news/370579">&laquo; Previous</a> <a href="/news/370581">Next &raquo;</a>
</div>
"""
BOXES = """
<div class="side">
  <h3>You Might Also Like</h3>
  <ul>
    <li><a href="/news/370412">Old tram depot becomes a room</a></li>
    <li><a href="/news/370333">Library lends bicycles</a></li>
  </ul>
  <h3>Latest News</h3>
  <ul>
    <li><a href="/news/370601">Lighthouse keeper retires</a></li>
    <li><a href="/news/370602">Two rivers</a></li>
  </ul>
  <h3>Most Read News</h3>
  <ul><li><a href="/news/370001">Chess champion</a></li></ul>
</div>
"""
IMPRINT = "<footer><p>Editor : M. N. Sample. Published by the editor.</p></footer>"

# A story as the site prints it: the lead is bare text, the rest stands in blocks.
STORY = """First paragraph here is long enough to be one.<br>
<p>Second one stands here too.</p><p>Third and last.</p>"""
STORY_PARAGRAPHS = [
    "First paragraph here is long enough to be one.",
    "Second one stands here too.",
    "Third and last.",
]


def body_of(inside: str) -> str:
    """Give the element that holds the text of the story in every era, with this inside."""
    return f'<div id="f">{inside}</div>'


def paragraphs(*texts: str) -> str:
    """Give a story's element with one block for each text, which may hold tags."""
    return body_of("".join(f"<p>{text}</p>" for text in texts))


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """A page of 2016-24, or of 2024 on: then `toPrint` holds all from headline to body."""

    masthead: str = MASTHEAD
    ticker: str = TICKER
    breadcrumb: str = BREADCRUMB
    headline: str = HEADLINE
    date_line: str = DATE_LINE
    before_body: str = ""
    body: str = body_of(STORY)
    turning: str = TURNING
    boxes: str = BOXES
    imprint: str = IMPRINT
    is_of_2024: bool = False

    @property
    def html(self) -> str:
        block = self.headline + self.date_line + self.before_body + self.body
        if self.is_of_2024:
            block = f'<div id="toPrint">{block}</div>'
        return (
            "<!DOCTYPE html><html><head><title>Four dredgers ordered</title></head><body>"
            f"{self.masthead}{self.ticker}{self.breadcrumb}{block}"
            f"{self.turning}{self.boxes}{self.imprint}</body></html>"
        )

    def read(self) -> Article:
        """Read the page as a crawl does. It must give an article."""
        page = read_page(self.html.encode(), URL)
        assert page.article is not None, f"{page.kind} refused: {page.refusal}"
        return page.article


def list_page(*headlines: str, scripts: str = "") -> str:
    """Give a section list or day index that links one story for each headline, from /news/1 up."""
    stories = "<br>".join(
        f'<a href="/news/{number}">{headline}</a>' for number, headline in enumerate(headlines, 1)
    )
    return (
        "<!DOCTYPE html><html><head><title>Foreign News</title></head><body>"
        f'{MASTHEAD}{TICKER}<div class="archive">{stories}</div>{IMPRINT}{scripts}</body></html>'
    )
