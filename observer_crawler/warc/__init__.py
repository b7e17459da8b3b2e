"""Captures: write a record, index it, read it back."""

from observer_crawler.warc.captures import FOLDER, Captures
from observer_crawler.warc.index import SUFFIX, indexed, sums
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import ANSWERS, Record, digest, record_at, records, unpacked
from observer_crawler.warc.shelf import Shelf, begins_at, files_of
from observer_crawler.warc.writing import Exchange

__all__ = [
    "ANSWERS",
    "FOLDER",
    "SUFFIX",
    "Captures",
    "Damage",
    "Exchange",
    "Record",
    "Shelf",
    "begins_at",
    "digest",
    "files_of",
    "indexed",
    "record_at",
    "records",
    "sums",
    "unpacked",
]
