"""The run of every night: it asks for what is new, and costs the same however much is known."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.conftest import clean_environment, crawl_command
from tests.spending import spent
from tests.test_crawl import asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from observer_crawler.replica.server import Server
    from tests.conftest import Serve

TONIGHT = "2025-06-16T21:30:00+06:00"
NEW = 150
MANY = 1_000_000
# Above all numbers of the replica.
OLD = 2_000_000
# How often each run is measured; the least is what it costs, the rest is the machine.
TRIALS = 3


class Night(NamedTuple):
    """What one run cost: seconds from start to exit, the most memory it held, its requests."""

    seconds: float
    peak_mb: float
    paths: list[str]


def run_once(server: Server, data: Path, **arguments: str) -> Night:
    """Run the line that serves every night, as a process of its own."""
    settings = {"OBSERVER_DATA": data, "DOWNLOAD_DELAY": 0.001, "OBSERVER_NOW": TONIGHT}
    command = crawl_command((), {"site": server.url, **arguments}, settings)
    command[command.index("observer")] = "observer_archive"
    before, environment = len(server.log), clean_environment(data / "stats.json", {})
    with TemporaryFile("w+", encoding="utf-8") as said:
        used = spent(command, env=environment, out=said, err=said)
        said.seek(0)
        assert used.code == 0, said.read()[-2000:]
    return Night(used.wall, used.megabytes, asked(server)[before:])


def with_many_known(data: Path, many: int = MANY) -> None:
    """Let the ledger know so many addresses, most of them stored long ago."""
    with closing(sqlite3.connect(data / "state" / "ledger.sqlite")) as connection:
        known = connection.execute("SELECT count(*) FROM address").fetchone()[0]
        rows = range(1, many - known + 1)
        connection.executemany(
            "INSERT INTO address (name, kind, language, state, url, box, page, text, depth,"
            " boxes, day, published, found_at) VALUES (?, 'article', 'en', 'stored', ?, 'day',"
            " 'day:2018-01-01', 'A headline of the usual length, invented', 1, 64, ?, ?, 1.5e9)",
            (
                (f"b:{OLD + n}", f"https://www.observerbd.com/news/{OLD + n}", day, day)
                for n in rows
                for day in (f"{2017 + n % 5}-{n % 12 + 1:02}-{n % 28 + 1:02}",)
            ),
        )
        connection.execute(
            "INSERT INTO line SELECT id, published, 'National', 'en', '2016', 1, 65535,"
            " 'articles/2018/2018-01.0.jsonl', id * 3000, 3000, hex(randomblob(32)), 1,"
            " '2026-01-01T00:00:00.000000+00:00', NULL FROM address"
            " WHERE state = 'stored' AND id NOT IN (SELECT address FROM line)"
        )
        connection.commit()


def night(server: Server, folder: Path, data: Path) -> Night:
    """Run the same night several times from the same folder; give the cheapest."""
    nights = []
    for trial in range(TRIALS):
        copy = folder / f"{data.name}-{trial}"
        shutil.copytree(data, copy)
        nights.append(run_once(server, copy))
        shutil.rmtree(copy)
    return min(nights)


def is_index(path: str) -> bool:
    return path.startswith(("/archive", "/rss", "/robots.txt"))


def test_a_night_asks_for_what_is_new_and_little_else(replica: Serve, tmp_path: Path) -> None:
    server = replica(articles=400, days=20, plain=True, robots="none")
    run_once(server, tmp_path / "data", from_date="2025-05-20")
    new = server.publish(20)
    paths = run_once(server, tmp_path / "data").paths
    articles = [path for path in paths if not is_index(path)]
    assert len(articles) == len(new)
    assert len(paths) - len(articles) <= 3 + 5 + 2  # robots, feed; open days; tomorrow's


@pytest.mark.prove
def test_a_night_costs_the_same_at_a_million_known(
    replica: Serve, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    server = replica(articles=10_000, days=65, plain=True, robots="none")
    few = tmp_path / "few"
    options: dict[str, Any] = {"from_date": "2025-04-10"}
    run_once(server, few, **options)
    many = tmp_path / "many"
    shutil.copytree(few, many)
    with_many_known(many)
    server.publish(NEW)
    little, much = night(server, tmp_path, few), night(server, tmp_path, many)
    articles = [path for path in little.paths if not is_index(path)]
    record_property("requests of a night", len(little.paths))
    record_property("articles of them", len(articles))
    record_property("seconds at 10,000 known", f"{little.seconds:.2f}")
    record_property("seconds at 1,000,000", f"{much.seconds:.2f}")
    record_property("MB more at 1,000,000", f"{much.peak_mb - little.peak_mb:.0f}")
    assert NEW <= len(articles) <= NEW + 20
    assert len(much.paths) == len(little.paths)
    assert much.seconds <= 1.2 * little.seconds
    assert much.peak_mb - little.peak_mb < 100
