"""All pages of one WARC file, in its order, with no data folder beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.exceptions import CaptureError, RefusedArticle
from observer_crawler.items import Capture
from observer_crawler.reextract.plan import origin_in, sources
from observer_crawler.rereading import page_of
from observer_crawler.warc import (
    ANSWERS,
    SECOND,
    Damage,
    Record,
    holds,
    name_of,
    record_at,
    records,
    with_body,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from observer_crawler.pages import Page
    from observer_crawler.reextract.plan import Source


class Captured(NamedTuple):
    """The page of one answer, and the newspaper's own address of it."""

    page: Page
    url: str


def pages(path: Path, most_bytes: int) -> Iterator[Captured | Damage]:
    """Read each answer that is a page of the newspaper, and name what is damaged.

    What carries no page is left out (robots.txt, redirects, errors, pictures). Articles have all
    but their revision. Raises CaptureError.
    """
    (source,) = sources([path], origin_in([path]) or "")
    places: dict[str, int] = {}
    try:
        for found in records(path):
            if isinstance(found, Damage):
                yield found
            elif found.kind in ANSWERS:
                if found.kind == "response":
                    places |= dict.fromkeys(_names(found), found.offset)
                holder = _holder(path, found, places)
                yield from _read(source, found, holder, most_bytes)
    except OSError as err:
        raise CaptureError(f"{path} cannot be read: {err.strerror or err}") from err


def _names(response: Record) -> tuple[str, str]:
    """Give what a revisit may call a record: its id, or its address with its second."""
    return response.id, f"{response.date[:SECOND]} {response.url}"


def _holder(path: Path, answer: Record, places: dict[str, int]) -> Record | Damage:
    """Give the record that holds the body of an answer."""
    if answer.kind != "revisit":
        return answer
    if answer.refers_to in places:
        return record_at(path, places[answer.refers_to])
    by_date = places.get(f"{answer.refers_to_date[:SECOND]} {answer.refers_to_url}")
    found = None if by_date is None else record_at(path, by_date)
    if isinstance(found, Record) and holds(found, answer):
        return found
    why = f"repeats {answer.repeats}, which is not in this file"
    return Damage(answer.offset, answer.offset + answer.size, why)


def _read(
    source: Source, answer: Record, holder: Record | Damage, most_bytes: int
) -> Iterator[Captured | Damage]:
    here = urls.parse(urls.from_site(answer.url, source.site, source.language))
    if here.kind is urls.Kind.OFFSITE or here.kind is urls.Kind.OTHER:
        return
    if isinstance(holder, Damage):
        yield holder
        return
    try:
        page = page_of(with_body(answer, holder), here.url, most_bytes)
    except RefusedArticle as err:
        if err.reason == "unreadable_body":
            yield Damage(answer.offset, answer.offset + answer.size, str(err))
        return
    if page.article is not None:
        page.article.fetched_at = answer.date
        page.article.source_url = answer.source or answer.url
        page.article.capture = Capture(name_of(source.path), holder.offset, holder.id)
    yield Captured(page, here.url)
