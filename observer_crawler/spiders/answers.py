"""What an answer says before it is read as a page: its status, its type, its validators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import Outcome, State

if TYPE_CHECKING:
    from scrapy.http import Response

REDIRECTS = frozenset((301, 302, 303, 307, 308))
GONE = frozenset((404, 410))
_FORBIDDEN = frozenset((401, 403, 451))
_SUCCESS = 2
# Reasons to refuse what may be a page another day.
NO_PAGE = frozenset(("not_text", "too_large"))
# What an answer came to that points to no address of the web.
NOWHERE = Outcome(State.REDIRECTED, "nowhere", passing=True)


def private(reason: str, *, is_page: bool) -> Outcome:
    """Say what an address came to whose host is not public.

    Of a page it is the site itself, or the archive: a name server that lies, or the door of a
    hotel's network. So the run ends, and what is left waits. A picture has a fate of its own.
    """
    if is_page:
        return Outcome(State.WAITING, reason, closed=True)
    return Outcome(State.DENIED, "private")


def location(response: Response) -> str | None:
    """Give where an answer points to, as it was sent; None for one that points nowhere."""
    value = response.headers.get("Location")
    return value.decode("latin-1") if response.status in REDIRECTS and value else None


def error(response: Response, *, may_be_empty: bool = False) -> Outcome | None:
    """Say what went wrong on the site, None when nothing did. No page is empty: PHP died."""
    if response.status // 100 != _SUCCESS:
        state = State.DENIED if response.status in _FORBIDDEN else State.WAITING
        return Outcome(state, str(response.status))
    if may_be_empty or response.body.strip():
        return None
    return Outcome(State.WAITING, "empty answer")


def validators(response: Response) -> dict[str, Any]:
    """Give what an answer may be asked for again by, and when it came."""
    names = {"etag": "ETag", "last_modified": "Last-Modified"}
    values = {field: response.headers.get(name) for field, name in names.items()}
    texts = {field: value.decode("latin-1") if value else None for field, value in values.items()}
    return {**texts, "fetched_at": response.meta.get("fetched_at")}


def content_type(response: Response) -> str | None:
    """Give the header as received."""
    value = response.headers.get("Content-Type")
    return value.decode("latin-1") if value else None
