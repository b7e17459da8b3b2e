"""An address as a link for the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.ledger import Found

if TYPE_CHECKING:
    from observer_crawler.urls import Address


def found(
    address: Address, box: str, text: str = "", *, wanted: bool = True, followed: bool = True
) -> Found:
    """Write an address as a link for the ledger; the text of an article's link is its headline."""
    return Found(
        address.name,
        address.kind,
        address.url,
        box,
        text if address.kind is urls.Kind.ARTICLE else "",
        wanted,
        address.language or "",
        followed=followed,
    )


def is_like(here: Address, there: Address) -> bool:
    """Whether two addresses are pages of the same kind, edition and section."""
    return (here.kind, here.language, here.section) == (there.kind, there.language, there.section)
