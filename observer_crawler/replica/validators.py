"""The validators of an article's page, and the short answer to a client that has the page.

They stand for the text and the boxes of a page. The view count, which changes with each visit,
and the date line of the visit itself change neither.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, timedelta
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime

from observer_crawler.replica.draw import mix
from observer_crawler.replica.newsroom import Newsroom
from observer_crawler.replica.page import Page

NOT_MODIFIED = 304


def add(page: Page, newsroom: Newsroom, k: int) -> Page:
    """Give the page of row `k` the validators that the switch asks for."""
    options = newsroom.desk.options
    edits, news = newsroom.revisions.get(k, 0), len(newsroom.desk.numbers) - options.articles
    headers = dict(page.headers)
    if options.validators in ("etag", "both"):
        headers["ETag"] = f'"{mix(options.seed, k, 14) & 0xFFFFFFFF:08x}-{edits}-{news}"'
    if options.validators in ("modified", "both"):
        # The clock of a replica stands still: a second for each change tells them apart.
        changed = options.clock() + timedelta(seconds=edits + news)
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    return replace(page, headers=headers)


def shortened(page: Page, asked: Message) -> Page:
    """Return 304 in place of a page that the client holds already; `asked` are its headers."""
    if page.status == 200 and _is_held(page.headers, asked):  # noqa: PLR2004
        kept = {name: text for name, text in page.headers.items() if name != "Content-Type"}
        return Page(NOT_MODIFIED, kept)
    return page


def _is_held(headers: Mapping[str, str], asked: Message) -> bool:
    """Compare the tags where the client sent any; the date counts without one alone."""
    if tags := asked.get("If-None-Match"):
        held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return headers.get("ETag") in held
    since, changed = asked.get("If-Modified-Since"), headers.get("Last-Modified")
    if not since or not changed:
        return False
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(changed)
    except (TypeError, ValueError):  # no date, or one without a zone
        return False
