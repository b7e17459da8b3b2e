"""What has no end: lists, calendars, addresses, links."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from tests.hostile.rows import Answer, Asked, Case, Fault, Where, html

if TYPE_CHECKING:
    from observer_crawler.replica import Page

_LIST = re.compile(r"/menu/198(?:/([0-9]+))?")
_DAY = re.compile(r"/archive/([0-9-]{10})")
_CARD = b'<div class="inner">'
NEW = b'<div class="title_inner"><a href="/news/%d"><b>Story %d</b></a></div></div>'
# Pages of a list that the row reads of one that has no end.
MOST_PAGES = 12
# Days from an index to those that it links to.
_STEPS = (-400, -1, 1, 400)


def added(asked: Asked, more: bytes) -> Page:
    """Give the replica's page with something at its end."""
    before, end, after = asked.body.rpartition(b"</body>")
    return html(b"".join((before, more, end, after)))


def paging(*, is_new: bool) -> Answer:
    """Let each page of a list link to one more; `is_new`: with a story that no page had before."""

    def answer(asked: Asked) -> Page | None:
        if not (found := _LIST.fullmatch(asked.path)):
            return None
        number = int(found[1] or 1)
        body = asked.site.render("/menu/198").body
        if is_new:
            story = 900_000 + number
            body = body.replace(_CARD, _CARD + NEW % (story, story) + _CARD, 1)
        link = b'<a href="/menu/198/%d">Next</a></body>' % (number + 1)
        return html(body.replace(b"</body>", link))

    return answer


def calendar(asked: Asked) -> Page | None:
    """Let every page link to days before and after it."""
    if asked.path == "/robots.txt":
        return None
    found = _DAY.fullmatch(asked.path)
    day = dt.date.fromisoformat(found[1]) if found else dt.date(2025, 6, 16)
    days = (day + dt.timedelta(days=step) for step in _STEPS)
    links = "".join(f'<a href="/archive/{day}">{day}</a>' for day in days)
    return added(asked, links.encode())


def long_links(asked: Asked) -> Page:
    query = b"&".join(b"p%d=1" % number for number in range(1_000_000 // 8))
    links = (b"/news/531262", b"/menu/198/2", b"/search.php")
    return added(asked, b"".join(b'<a href="%s?%s">x</a>' % (link, query) for link in links))


def many_links(asked: Asked) -> Page:
    return added(asked, b"".join(b'<a href="/search.php?q=%d">x</a>' % n for n in range(100_000)))


FAULTS = (
    Fault(
        "a list whose pages link on for ever",
        "nothing where they show no new story; else `is left after 10000 pages`",
        "all articles",
        "look at the list; `OBSERVER_LIST_PAGES` says how many pages of it are read",
        (
            Case(
                paging(is_new=False),
                *("read", "listing", range(20, 40), 0, "Done."),
                where=Where.START,
                also="the same stories",
            ),
            Case(
                paging(is_new=True),
                *("read", "listing", range(40, 100), 0),
                f"list 198 is left after {MOST_PAGES} pages (OBSERVER_LIST_PAGES)",
                where=Where.START,
                also="new stories",
                settings={"OBSERVER_LIST_PAGES": MOST_PAGES},
            ),
        ),
    ),
    Fault(
        "a calendar that links to days for ever",
        "nothing",
        "all articles: `observer` follows no day, `observer_archive` asks for the days of its dates",
        "nothing",
        (
            Case(
                calendar,
                *("read", "listing", range(20, 40), 0, "Done."),
                where=Where.START,
                also="observer",
            ),
            Case(
                calendar,
                *("seen", "", range(20, 60), 0, "Done."),
                where=Where.START,
                also="observer_archive",
                spider="observer_archive",
                arguments={"from_date": "2025-06-15", "until_date": "2025-06-17"},
            ),
        ),
    ),
    Fault(
        "links of a megabyte, 100,000 links on a page",
        "nothing; memory up to 200 MB more while the page is read",
        "all articles; an address of more than 2,000 characters is none",
        "nothing",
        (
            Case(long_links, "stored", "", 1, 0, "Done.", also="long", peak_megabytes=120),
            Case(many_links, "stored", "", 1, 0, "Done.", also="many", peak_megabytes=200),
        ),
    ),
)
