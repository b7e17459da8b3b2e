"""Data folders with lines written by hand, for whoever reads them: no crawl, no ledger."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import TYPE_CHECKING, Any

from observer_crawler.dataset import Wanted, export
from observer_crawler.items import content_sha256, from_record, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.dataset import Made

SITE = "https://www.observerbd.com"
COPY = "http://127.0.0.1:8000"
_DAY = dt.date(2022, 6, 1)
_MOMENT = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
_WORDS = "river ferry court ঢাকা flood school “quoted” price market minister garments – rail".split()


class Heard:
    """Keeps what an export says."""

    def __init__(self) -> None:
        self.odds: list[tuple[str, str]] = []
        self.steps: list[tuple[str, int, int]] = []
        self.notes: list[str] = []

    def progress(self, what: str, done: int, of: int) -> None:
        self.steps.append((what, done, of))

    def odd(self, kind: str, place: str) -> None:
        self.odds.append((kind, place))

    def note(self, text: str) -> None:
        self.notes.append(text)


def record(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (fields)
    """Give the record of an article that says something in every field."""
    draw = random.Random(number)
    body = [" ".join(draw.choices(_WORDS, k=40)) for _ in range(5)]
    headline = f"Headline {number} of {draw.choice(_WORDS)}"
    day = _DAY + dt.timedelta(days=number % 50)
    usual = {
        "id": f"b:{number}",
        "url": f"{SITE}/news/{number}",
        "headline": headline,
        "shoulder": "By the river" if number % 3 == 0 else None,
        "section": draw.choice(["Foreign News", "Sports", None]),
        "edition": "online",
        "published_date": day.isoformat(),
        "published_at": f"{day.isoformat()}T21:37:00+06:00",
        "byline": "Staff Correspondent",
        "dateline": {"text": "DHAKA, June 1:", "places": ["DHAKA"], "date": "2022-06-01"},
        "agency": draw.choice(["AFP", "BSS", None]),
        "body": body,
        "removed": [{"kind": "agency", "text": "-AFP"}],
        "images": [{"url": f"{SITE}/2022/06/01/1.jpg", "caption": None}],
        "tags": ["flood", "river"] if number % 2 else None,
        "views": number * 7,
        "language": "en",
        "related": [f"b:{number + 1}", f"b:{number + 2}"],
        "previous": f"b:{number - 1}" if number > 1 else None,
        "next": f"b:{number + 1}",
        "markup": "2024",
        "fetched_at": (_MOMENT + dt.timedelta(seconds=number)).isoformat(timespec="microseconds"),
        "source_url": f"{SITE}/news.php?id={number}",
        "content_sha256": content_sha256(headline, body),
        "revision": 1,
        "capture": {"file": "a.warc.gz", "offset": number, "record_id": "<urn:uuid:1>"},
        "extractor": 1,
    }
    return {**usual, **more}


def records(count: int, **more: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 (fields)
    """Give so many of them."""
    return (record(number, **more) for number in range(1, count + 1))


def as_line(fields: dict[str, Any]) -> bytes:
    """Write a record as a crawl does."""
    return to_line(from_record(fields)).encode() + b"\n"


def store(data: Path, lines: Iterable[dict[str, Any] | bytes], writer: str = "0") -> None:
    """Append lines to the segments of a folder; what is no record goes to one of its own."""
    for line in lines:
        day = "noise" if isinstance(line, bytes) else line.get("published_date") or "undated"
        folder, month = (day, day) if len(day) != len("2022-06-01") else (day[:4], day[:7])
        path = data / "articles" / folder / f"{month}.{writer}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as segment:
            segment.write(line if isinstance(line, bytes) else as_line(line))


def made(data: Path, heard: Heard | None = None, **wanted: Any) -> Made:  # noqa: ANN401 (its own)
    """Export a folder."""
    if isinstance(formats := wanted.get("formats"), str):
        wanted["formats"] = tuple(formats.split(","))
    return export(data, Wanted(**wanted), heard or Heard())


def rows(made_: Made) -> list[dict[str, Any]]:
    """Read the JSON Lines of a version."""
    (path,) = made_.version.glob("*.jsonl")
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder, with its bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
