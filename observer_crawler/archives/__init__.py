"""Web archives: which captures of a site they have, and the answers that they kept."""

from observer_crawler.archives.answers import Archived, from_memento, from_warc
from observer_crawler.archives.cdx import Capture, read
from observer_crawler.archives.sources import (
    Asked,
    Found,
    Limits,
    Source,
    limits_of,
    source_of,
)

__all__ = [
    "Archived",
    "Asked",
    "Capture",
    "Found",
    "Limits",
    "Source",
    "from_memento",
    "from_warc",
    "limits_of",
    "read",
    "source_of",
]
