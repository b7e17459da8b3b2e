"""The `site` argument: a mirror or replica that stands in for the newspaper's own origin.

Pure: an address in, an address out. Nothing else in the house knows how the two are swapped.
"""

from __future__ import annotations

from observer_crawler.origins import swap_origin
from observer_crawler.site import LANGUAGES, ORIGINS


def from_site(url: str, site: str | None, language: str = LANGUAGES[0]) -> str:
    """Turn an address of the stand-in `site` into the newspaper's own; leave all others.

    >>> from_site("http://127.0.0.1:8000/1", "http://127.0.0.1:8000") == f"{ORIGINS[LANGUAGES[0]]}/1"
    True
    """
    return swap_origin(url, site, ORIGINS[language]) if site else url


def to_site(url: str, site: str | None, language: str = LANGUAGES[0]) -> str:
    """Turn an address of the newspaper into the one to fetch.

    >>> to_site(f"{ORIGINS[LANGUAGES[0]]}/1", "http://127.0.0.1:8000")
    'http://127.0.0.1:8000/1'
    """
    return swap_origin(url, ORIGINS[language], site) if site else url
