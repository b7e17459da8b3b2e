"""Captures: write a record, index it, read it back."""

from observer_crawler.warc.captures import FOLDER, Captures
from observer_crawler.warc.index import SUFFIX, indexed, sums
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import ANSWERS, Record, digest, record_at, records, unpacked
from observer_crawler.warc.writing import Exchange

__all__ = [
    "ANSWERS",
    "FOLDER",
    "SUFFIX",
    "Captures",
    "Damage",
    "Exchange",
    "Record",
    "digest",
    "indexed",
    "record_at",
    "records",
    "sums",
    "unpacked",
]
