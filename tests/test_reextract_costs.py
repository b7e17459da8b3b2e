"""What it costs to read captures again, at a size that a person would wait for."""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import lxml.html
import pytest

from observer_crawler.replica import Options, Replica, serve
from observer_crawler.warc import Record, records, unpacked
from tests.captures import warc_files
from tests.conftest import clean_environment
from tests.reading_again import TODAY, crawl_again, crawled_in, sorted_lines
from tests.spending import spent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGES = 10_000
MOST_BYTES = 2**24


class Cost(NamedTuple):
    """One command: its seconds by the clock and of CPU, workers included, and its peak memory."""

    wall: float
    cpu: float
    megabytes: float
    out: str


@cache
def large(base: Path) -> Path:
    """A folder of one crawl of as many articles."""
    data = base / "large"
    site = Options(articles=PAGES, days=PAGES // 50, plain=True, robots="none")
    with serve(Replica(site)) as server:
        crawl_again(data, server, TODAY)
    return data


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large(tmp_path_factory.getbasetemp())


def cost(folder: Path, *words: str) -> Cost:
    """Run a command, which must end with 0."""
    typed = [sys.executable, "-m", "scrapy", *words, "-s", f"OBSERVER_DATA={folder}"]
    said = folder.with_name(f"{folder.name}.txt")
    with said.open("w", encoding="utf-8") as out:
        used = spent(typed, env=clean_environment(folder / "no-stats", {}), out=out)
    assert used.code == 0, said.read_text("utf-8")
    return Cost(used.wall, used.cpu, used.megabytes, said.read_text("utf-8"))


def parsing_alone(folder: Path) -> float:
    """CPU seconds of reading each record, unpacking it, and lxml.html.fromstring."""
    begun = time.process_time()
    for path in warc_files(folder):
        for each in records(path):
            if isinstance(each, Record) and each.kind == "response" and each.status == 200:
                lxml.html.fromstring(unpacked(each, MOST_BYTES))
    return time.process_time() - begun


@pytest.mark.prove
def test_ten_thousand_pages_read_again_give_the_lines_of_the_crawl_at_half_the_speed_of_parsing(
    data: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    alone = parsing_alone(data)
    one = cost(tmp_path / "one", "reextract", str(data / "warc"))
    two = cost(tmp_path / "two", "reextract", str(data / "warc"), "--workers", "2")
    lines = sorted_lines(data)
    for name, value in {
        "lines": len(lines),
        "parsing alone, ms of CPU a line": round(1000 * alone / len(lines), 3),
        "read again, ms of CPU a line": round(1000 * one.cpu / len(lines), 3),
        "times the cost of parsing": round(one.cpu / alone, 2),
        "two workers, ms of CPU a line": round(1000 * two.cpu / len(lines), 3),
        "times as fast by the clock": round(one.wall / two.wall, 2),
        "times as fast on two free cores": round(2 * one.cpu / two.cpu, 2),
    }.items():
        record_property(name, value)
    assert sorted_lines(tmp_path / "one") == lines
    assert sorted_lines(tmp_path / "two") == lines
    assert one.cpu <= 2 * alone
    assert 2 * one.cpu / two.cpu >= 1.8


@pytest.mark.prove
def test_memory_stays_flat_while_captures_are_read_again(
    data: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    record_property: Callable[[str, object], None],
) -> None:
    small = crawled_in(tmp_path_factory.getbasetemp())
    few = cost(tmp_path / "few", "reextract", str(small / "warc")).megabytes
    many = cost(tmp_path / "many", "reextract", str(data / "warc")).megabytes
    record_property("MB at 80 answers", round(few))
    record_property("MB at the end of all", round(many))
    # The caches of addresses (20,000), of two lists and of the ledger fill up, and then no more.
    assert many - few < 80


@pytest.mark.prove
def test_each_of_thousands_of_captures_reads_as_its_line(
    data: Path, record_property: Callable[[str, object], None]
) -> None:
    looked = cost(data, "verify")
    table = {line[:28].strip(): line[28:] for line in looked.out.splitlines()}
    lines = len(sorted_lines(data))
    assert table["lines read the same"] == f"{lines:,}"
    record_property("lines", lines)
    record_property("ms of CPU a line", round(1000 * looked.cpu / lines, 2))
    sampled = cost(data, "verify", "--sample", "100")
    record_property("ms of CPU a line with a sample of 100", round(1000 * sampled.cpu / lines, 2))
