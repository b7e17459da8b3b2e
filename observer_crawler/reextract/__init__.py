"""Captures read again: fresh lines from what was kept, without a request."""

from observer_crawler.reextract.files import Captured, pages
from observer_crawler.reextract.plan import Plan, Source, origin_in, sources
from observer_crawler.reextract.reextract import Reextraction
from observer_crawler.reextract.tally import Tally
from observer_crawler.reextract.workers import readings

__all__ = [
    "Captured",
    "Plan",
    "Reextraction",
    "Source",
    "Tally",
    "origin_in",
    "pages",
    "readings",
    "sources",
]
