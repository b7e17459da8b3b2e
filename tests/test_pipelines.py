"""The pipelines wired into a real crawl, in a process of its own (a reactor starts once)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.items import EXTRACTOR

if TYPE_CHECKING:
    from pathlib import Path

# A spider that yields the records of its standard input, and reports what became of them.
CRAWL = """
import json, os, resource, sys
from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess
from observer_crawler.items import from_record
from observer_crawler.ledger import Found

told = {"dropped": [], "errors": []}

class Records(Spider):
    name, requisites = "records", "none"

    async def start(self):
        for record in json.load(sys.stdin):
            yield from_record(record)

settings = {
    "OBSERVER_DATA": sys.argv[1], "OBSERVER_CAPTURE": "0",
    "ITEM_PIPELINES": {f"observer_crawler.pipelines.{name}": order for name, order in
        (("Validate", 100), ("DropDuplicate", 200), ("StoreArticle", 300))},
    "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False, "LOG_ENABLED": False,
}
if limit := int(os.environ.get("FILE_LIMIT", 0)):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
process = AsyncCrawlerProcess(settings)
crawler = process.create_crawler(Records)

def dropped(item, exception):
    told["dropped"].append([type(exception).__name__, exception.reason, str(exception)])

def failed(item, failure):
    told["errors"].append(type(failure.value).__name__)

def scraped(item):
    # What the scheduler does with a page's settlement, without a page.
    books = crawler.spider.books
    line, article = books.kept(item.id), Found(item.id, "article", item.url, "latest")
    books.ledger.adopt(line.file, line.offset + line.size, [(line, article, [])], 0)

crawler.signals.connect(scraped, signals.item_scraped, weak=False)
crawler.signals.connect(dropped, signals.item_dropped, weak=False)
crawler.signals.connect(failed, signals.item_error, weak=False)
done = process.crawl(crawler, site=sys.argv[2] or None)
done.add_done_callback(lambda task: told.update(start=repr(task.exception())))
process.start()
stats = crawler.stats.get_stats()
told["stats"] = {k: v for k, v in stats.items() if k.startswith("observer/articles/")}
print(json.dumps(told))
"""
FETCHED = "2022-06-16T15:00:00.000000+00:00"  # 21:00 in the newspaper's zone
SITE = "http://127.0.0.1:8000"


@dataclass
class Told:
    """What a crawl of records said."""

    dropped: list[list[str]]
    errors: list[str]
    stats: dict[str, int]
    start: str

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason, _ in self.dropped]


def crawl(
    data: Path,
    *records: dict[str, Any],
    site: str = SITE,
    env: dict[str, str] | None = None,
) -> Told:
    """Send records through the pipelines into a folder."""
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, str(data), site],
        input=json.dumps(records).encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **(env or {})},
    )
    return Told(**json.loads(done.stdout))


def record(number: int = 1, **changes: object) -> dict[str, Any]:
    """Give an article as the spider hands it over."""
    return {
        "id": f"b:{number}",
        "url": f"https://example.org/news/{number}",
        "headline": f"Headline {number}",
        "body": ["One paragraph."],
        "published_date": "2022-06-16",
        "markup": "2016",
        "fetched_at": FETCHED,
        "source_url": f"{SITE}/news/{number}",
        "content_sha256": "0" * 64,
        **changes,
    }


def lines(data: Path) -> list[dict[str, Any]]:
    """Read every stored line."""
    paths = sorted(data.glob("articles/*/*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]


def test_an_article_is_stored_with_its_first_revision(tmp_path: Path) -> None:
    told = crawl(tmp_path, record(1), record(2))
    assert [(line["id"], line["revision"]) for line in lines(tmp_path)] == [("b:1", 1), ("b:2", 1)]
    assert told.stats == {"observer/articles/stored": 2}
    assert (tmp_path / "state/origin").read_text() == f"{SITE}\n"


def test_second_copy_of_an_article_is_dropped(tmp_path: Path) -> None:
    told = crawl(tmp_path, record(1), record(1, source_url=f"{SITE}/details.php?id=1"))
    assert told.dropped == [["Duplicate", "duplicate", "b:1 is stored already"]]
    assert told.stats == {"observer/articles/stored": 1, "observer/articles/unchanged": 1}
    assert len(lines(tmp_path)) == 1


def test_an_article_of_an_earlier_run_is_dropped(tmp_path: Path) -> None:
    crawl(tmp_path, record(1))
    told = crawl(tmp_path, record(1), record(2))
    assert told.reasons == ["duplicate"]
    assert [line["id"] for line in lines(tmp_path)] == ["b:1", "b:2"]


def revisions(data: Path) -> list[tuple[int, int]]:
    """Extractor and revision of every line."""
    return [(line["extractor"], line["revision"]) for line in lines(data)]


def test_a_changed_text_is_the_next_revision_and_both_lines_are_kept(tmp_path: Path) -> None:
    told = crawl(tmp_path, record(1), record(1, content_sha256="1" * 64))
    assert told.stats == {"observer/articles/stored": 2, "observer/articles/revised": 1}
    crawl(tmp_path, record(1, content_sha256="0" * 64))
    assert [line["revision"] for line in lines(tmp_path)] == [1, 2, 3]


def test_other_views_or_related_articles_are_no_change(tmp_path: Path) -> None:
    told = crawl(tmp_path, record(1, views=5), record(1, views=6, related=["b:2"]))
    assert told.reasons == ["duplicate"]
    assert len(lines(tmp_path)) == 1


def test_a_re_reading_by_another_extractor_repeats_the_revision(tmp_path: Path) -> None:
    crawl(tmp_path, record(1), record(1, content_sha256="1" * 64))
    told = crawl(tmp_path, record(1, content_sha256="2" * 64, extractor=EXTRACTOR + 1))
    assert told.stats == {"observer/articles/stored": 1}
    assert revisions(tmp_path) == [(EXTRACTOR, 1), (EXTRACTOR, 2), (EXTRACTOR + 1, 2)]


REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"url": ""}, "incomplete", "url missing"),
    ({"fetched_at": None}, "incomplete", "fetched_at missing"),
    ({"markup": ""}, "incomplete", "markup missing"),
    ({"markup": "1999"}, "untyped", "markup is '1999'; expected one of"),
    ({"views": "many"}, "untyped", "views is 'many'; expected integer or null"),
    ({"published_date": "16 June"}, "untyped", "published_date is '16 June'; expected date"),
    ({"headline": None, "body": []}, "empty", "neither headline nor body nor image"),
    ({"headline": "", "body": []}, "empty", "neither headline nor body nor image"),
    ({"published_date": "2014-02-28"}, "date_too_early", "2014-02-28 is before 2014-03-01"),
    ({"published_date": "2022-06-19"}, "date_too_late", "over 2 days after 2022-06-16"),
]


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> tuple[Told, list[dict[str, Any]]]:
    """One crawl of all that must be refused: what it said and what it stored all the same."""
    data = tmp_path_factory.mktemp("refusals")
    records = [record(number, **changes) for number, (changes, _, _) in enumerate(REFUSALS, 1)]
    return crawl(data, *records), lines(data)


@pytest.mark.parametrize("number", range(len(REFUSALS)))
def test_what_fails_is_refused_with_its_reason(
    refusals: tuple[Told, list[dict[str, Any]]], number: int
) -> None:
    _, reason, said = REFUSALS[number]
    kind, given, text = refusals[0].dropped[number]
    assert (kind, given) == ("Refused", reason)
    assert f"b:{number + 1} refused, {reason}: " in text
    assert said in text


def test_refusals_are_counted_under_their_reason_and_nothing_is_stored(
    refusals: tuple[Told, list[dict[str, Any]]],
) -> None:
    told, kept = refusals
    counts = Counter(f"observer/articles/refused/{reason}" for _, reason, _ in REFUSALS)
    assert told.stats == counts
    assert kept == []


def test_a_headline_a_body_or_a_picture_is_enough(tmp_path: Path) -> None:
    picture = {"url": "https://example.org/1.jpg", "caption": None}
    told = crawl(
        tmp_path,
        record(1, body=[]),
        record(2, headline=None),
        record(3, headline=None, body=[], images=[picture], published_date=None),
    )
    assert told.stats == {"observer/articles/stored": 3}


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_tomorrows_print_edition_is_stored_wherever_the_machine_stands(
    tmp_path: Path, zone: str
) -> None:
    told = crawl(
        tmp_path,
        record(1, published_date="2022-06-17"),
        record(2, published_date="2022-06-18"),
        record(3, published_date="2022-06-19"),
        env={"TZ": zone},
    )
    assert told.reasons == ["date_too_late"]
    assert [line["id"] for line in lines(tmp_path)] == ["b:1", "b:2"]
    later = record(3, published_date="2022-06-19", fetched_at="2022-06-18T15:00:00.000000+00:00")
    assert crawl(tmp_path, later).stats == {"observer/articles/stored": 1}


def test_the_day_of_the_fetch_is_that_of_the_newspaper(tmp_path: Path) -> None:
    just_after_midnight_there = "2022-06-16T18:00:00.000000+00:00"
    told = crawl(
        tmp_path,
        record(1, published_date="2022-06-19", fetched_at=just_after_midnight_there),
        record(2, published_date="2022-06-19", fetched_at="2022-06-16T17:59:59.999999+00:00"),
    )
    assert told.reasons == ["date_too_late"]
    assert [line["id"] for line in lines(tmp_path)] == ["b:1"]


def test_an_article_fetched_at_the_end_of_the_calendar_is_refused(tmp_path: Path) -> None:
    """No record and no clock says so; a stored line that was changed may."""
    told = crawl(
        tmp_path,
        record(1, fetched_at="9999-12-31T23:59:59.000000+00:00"),
        record(2, fetched_at="9999-12-31T12:00:00.000000+00:00"),
    )
    assert (told.reasons, told.errors) == (["untyped", "untyped"], [])


def test_a_refused_article_may_be_stored_by_a_later_copy(tmp_path: Path) -> None:
    told = crawl(tmp_path, record(1, markup=None), record(1))
    assert told.reasons == ["incomplete"]
    assert len(lines(tmp_path)) == 1


def test_a_folder_of_another_site_is_refused_at_the_start(tmp_path: Path) -> None:
    crawl(tmp_path, record(1))
    told = crawl(tmp_path, record(2), site="http://127.0.0.1:9000")
    assert told.start.startswith("WrongOrigin(")
    assert [line["id"] for line in lines(tmp_path)] == ["b:1"]


def test_both_languages_of_the_newspaper_share_a_folder(tmp_path: Path) -> None:
    crawl(tmp_path, record(1), site="")
    told = crawl(tmp_path, record(2), site="https://bn.observerbd.com")
    assert told.stats == {"observer/articles/stored": 1}
    assert crawl(tmp_path, record(3)).start.startswith("WrongOrigin(")


def test_a_full_disk_raises_and_counts_nothing_as_stored(tmp_path: Path) -> None:
    """The ledger and the first line have room, the second one has not."""
    crawl(tmp_path, record(1))
    long = record(2, body=["x" * 400_000])
    told = crawl(tmp_path, long, env={"FILE_LIMIT": "300000"})
    assert told.errors == ["StoreError"]
    assert told.stats == {}
    assert [line["id"] for line in lines(tmp_path)] == ["b:1"]
