"""The pictures, style sheets and scripts of the articles of a run: which are wanted, what they came to.

They are asked for behind all else, once each, and only to be kept in the captures: nothing of them
is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler.ledger import AFTER_ALL, REQUISITE, Found, Outcome, State, Wish
from observer_crawler.pages import PageKind, own_files, read_page, shown_with
from observer_crawler.spiders import answers
from observer_crawler.urls import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scrapy.http import Response

    from observer_crawler.items import Article
    from observer_crawler.ledger import Lease
    from observer_crawler.urls import Address

# What `-a requisites=` takes: none, the pictures of the article, all that its page is shown with.
WHICH = ("none", "images", "page")
NONE, IMAGES, PAGE = WHICH
TOO_LARGE = Outcome(State.REFUSED, "too_large")
_HTML = ("text/html", "application/xhtml+xml")


def is_one(lease: Lease) -> bool:
    """Whether an address is of a file of this sort, and no page."""
    return lease.kind == REQUISITE


def of_page(
    which: str, here: Address, article: Article, body: bytes, content_type: str | None
) -> list[Found]:
    """Give what a stored article's page is shown with, as links."""
    if which == NONE:
        return []
    names = own_files((image.url for image in article.images), here.url)
    if which == PAGE:
        names += shown_with(body, here.url, content_type)
    return _found(names, here.language)


def of_images(which: str, here: Address, images: Iterable[str]) -> list[Found]:
    """Give the pictures of an article whose page was not sent again."""
    return [] if which == NONE else _found(own_files(images, here.url), here.language)


def wishes(which: str, language: str) -> list[Wish]:
    """Ask for what other runs have found and not come to."""
    if which == NONE:
        return []
    waiting = frozenset({State.WAITING})
    return [Wish(waiting, kind=REQUISITE, language=language, rank=lambda _: AFTER_ALL)]


def outcome_of(response: Response, here: Address, there: Address | None) -> Outcome:
    """Say what became of a file, of which nothing is read; `there` is where its answer points."""
    if answers.location(response) is not None:
        return _redirected(here, there) if there else answers.NOWHERE
    if response.status in answers.GONE:
        return Outcome(State.MISSING, str(response.status))
    if error := answers.error(response, may_be_empty=True):
        return error
    outcome = _read(here, response.body, answers.content_type(response))
    return replace(outcome, **answers.validators(response))


def _read(here: Address, body: bytes, content_type: str | None) -> Outcome:
    """Say what a good answer came to; a page in the place of a picture is none.

    So a site answers for what it does not have, or for whom it does not let in.
    """
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind not in _HTML:
        return Outcome(State.READ, REQUISITE)
    if read_page(body, here.url, content_type).kind is PageKind.CHALLENGE:
        return Outcome(State.DENIED, "challenge")
    return Outcome(State.MISSING, "a page in its place")


def _redirected(here: Address, there: Address) -> Outcome:
    """Follow to another file of the same host, and to nothing else."""
    if there.name == here.name:
        return Outcome(State.REDIRECTED, "to itself")
    if there.kind not in {Kind.IMAGE, Kind.OTHER} or there.language != here.language:
        return Outcome(State.REDIRECTED, f"to {there.kind}")
    (to,) = _found([there.name], there.language)
    return Outcome(State.REDIRECTED, f"to {there.name}", to=to)


def _found(names: Iterable[str], language: str | None) -> list[Found]:
    return [
        Found(
            name,
            REQUISITE,
            name,
            REQUISITE,
            language=language or "",
            rank=AFTER_ALL,
            followed=False,
        )
        for name in dict.fromkeys(names)
    ]
