"""What a response says before it is read: its status, its type, what it may be asked for again by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.ledger import Outcome, State

if TYPE_CHECKING:
    from scrapy.http import Response

REDIRECTS = frozenset((301, 302, 303, 307, 308))
GONE = frozenset((404, 410))
_FORBIDDEN = frozenset((401, 403, 451))
_SUCCESS = 2


def error_by_status(response: Response) -> Outcome | None:
    """Say what a status other than 2xx came to, None for all others."""
    if response.status // 100 == _SUCCESS:
        return None
    state = State.DENIED if response.status in _FORBIDDEN else State.WAITING
    return Outcome(state, str(response.status))


def error_of(response: Response) -> Outcome | None:
    """Say what went wrong on the site, None when nothing did. No page is empty: PHP died."""
    if error := error_by_status(response):
        return error
    return None if response.body.strip() else Outcome(State.WAITING, "empty answer")


def validators(response: Response) -> dict[str, Any]:
    """Give what an answer may be asked for again by, and when it came."""
    names = {"etag": "ETag", "last_modified": "Last-Modified"}
    values = {field: response.headers.get(name) for field, name in names.items()}
    texts = {field: value.decode("latin-1") if value else None for field, value in values.items()}
    return {**texts, "fetched_at": response.meta.get("fetched_at")}


def content_type(response: Response) -> str | None:
    """Give the last value of the header, None without one."""
    value = response.headers.get("Content-Type")
    return value.decode("latin-1") if value else None
