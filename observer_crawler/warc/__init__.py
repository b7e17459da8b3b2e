"""Captures: write a record, index it, read it back."""

from observer_crawler.warc.captures import FOLDER, Captures
from observer_crawler.warc.finding import Finder, Head, heads, info_of, name_of, warc_files
from observer_crawler.warc.index import (
    OPEN,
    SUFFIX,
    SUMS,
    answers_of,
    index_of,
    indexed,
    line_of,
    sums,
)
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import (
    ANSWERS,
    SECOND,
    Record,
    digest,
    holds,
    joined,
    record_at,
    record_in,
    records,
    unpacked,
    with_body,
)
from observer_crawler.warc.shelf import Shelf, begins_at, files_of
from observer_crawler.warc.writing import Exchange

__all__ = [
    "ANSWERS",
    "FOLDER",
    "OPEN",
    "SECOND",
    "SUFFIX",
    "SUMS",
    "Captures",
    "Damage",
    "Exchange",
    "Finder",
    "Head",
    "Record",
    "Shelf",
    "answers_of",
    "begins_at",
    "digest",
    "files_of",
    "heads",
    "holds",
    "index_of",
    "indexed",
    "info_of",
    "joined",
    "line_of",
    "name_of",
    "record_at",
    "record_in",
    "records",
    "sums",
    "unpacked",
    "warc_files",
    "with_body",
]
