"""What an export of many articles costs: seconds, also beside a bare COPY, and memory that stays flat."""

from __future__ import annotations

import json
import random
import shutil
import textwrap
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.items import line_of
from tests.spending import told_by
from tests.stored import SITE, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL, LARGE = 20_000, 100_000
# Megabytes that five times the articles may add: DuckDB's part, held to choosing.MEMORY.
MOST_MORE = 150
MILLION = 1_000_000
# Megabytes of the process, whatever it exports.
MOST_MEMORY = 2_000
# Of the speed of a bare COPY by DuckDB, which judges nothing, sorts nothing and sums nothing.
LEAST_SPEED = 0.3
FEW = 10_000
# CPU of an export for that of a COPY of the same lines. It is about 2; with json and dicts it was 5.
MOST_CPU = 3.5
# Articles whose other fields differ. No two bodies are alike: a COPY would pack them to nothing.
_MODELS = 1_000


@pytest.mark.prove
@pytest.mark.parametrize("formats", ["parquet", "parquet,jsonl,csv,sqlite"])
def test_memory_does_not_grow_with_the_number_of_articles(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    formats: str,
) -> None:
    for count in (SMALL, LARGE):
        fill(tmp_path / str(count), count)
    found = {count: exported(tmp_path / str(count), formats) for count in (SMALL, LARGE)}
    for count, run in found.items():
        assert run["rows"] == count
        record_property(f"{count:,} articles: seconds of CPU", round(run["seconds"]))
        record_property(f"{count:,} articles: seconds", round(run["wall"]))
        record_property(f"{count:,} articles: MB of memory at most", round(run["megabytes"]))
    record_property("MB of segments", round(found[LARGE]["input"]))
    record_property("MB written", round(found[LARGE]["output"]))
    assert found[LARGE]["megabytes"] - found[SMALL]["megabytes"] < MOST_MORE


def test_an_export_takes_a_few_times_the_cpu_of_a_copy_and_memory_stays_flat(
    tmp_path: Path,
) -> None:
    for count in (FEW, 2 * FEW):
        fill(tmp_path / str(count), count)
    small, large = (exported(tmp_path / str(count)) for count in (FEW, 2 * FEW))
    copy = copied(tmp_path / str(2 * FEW))
    assert large["rows"] == copy["rows"] == 2 * FEW
    assert large["seconds"] < MOST_CPU * copy["seconds"]
    assert large["megabytes"] - small["megabytes"] < MOST_MORE


@pytest.mark.prove
def test_a_million_articles_take_under_2_gb_and_a_third_of_the_speed_of_a_copy(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    fill(tmp_path, MILLION)
    runs = [(exported(tmp_path), copied(tmp_path)) for _ in range(2)]
    assert all(export["rows"] == copy["rows"] == MILLION for export, copy in runs)
    for what, told in zip(("export", "COPY"), zip(*runs, strict=True), strict=True):
        record_property(f"{what}: seconds", round(median(each["wall"] for each in told)))
        record_property(f"{what}: seconds of CPU", round(median(each["seconds"] for each in told)))
        record_property(f"{what}: MB at most", round(max(each["megabytes"] for each in told)))
        record_property(f"{what}: MB written", round(told[0]["output"]))
    record_property("MB of segments", round(runs[0][0]["input"]))
    speed = median(copy["wall"] for _, copy in runs) / median(export["wall"] for export, _ in runs)
    record_property("speed of the export for that of COPY", round(speed, 2))
    assert max(export["megabytes"] for export, _ in runs) < MOST_MEMORY
    assert speed >= LEAST_SPEED
    shutil.rmtree(tmp_path)


def exported(data: Path, formats: str = "parquet") -> dict[str, float]:
    """Export a folder, in a process of its own."""
    work = f"""
        from tests.stored import made
        measured(lambda: written(made(data, formats={formats!r})))
    """
    shutil.rmtree(data / "dataset", ignore_errors=True)
    return told(data, work)


def copied(data: Path) -> dict[str, float]:
    """Let DuckDB copy the lines as they are, in a process of its own."""
    work = """
        def copy():
            lines = f"read_json('{data}/articles/*/*.jsonl', format='newline_delimited')"
            path = data / "copy.parquet"
            options = "FORMAT parquet, COMPRESSION zstd"
            duckdb.sql(f"COPY (SELECT * FROM {lines}) TO '{path}' ({options})")
            ((rows,),) = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall()
            return {"rows": rows, "output": path.stat().st_size / 1e6}
        measured(copy)
    """
    try:
        return told(data, work)
    finally:
        (data / "copy.parquet").unlink(missing_ok=True)


# pandas comes first: DuckDB looks for it, and its import takes seconds where nothing is compiled.
_MEASURING = """
    import json, resource, sys, time
    from pathlib import Path
    import duckdb, pandas, pyarrow.json, pyarrow.parquet
    data = Path(sys.argv[1])
    duckdb.sql("SET enable_progress_bar = false")

    def usage():
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(used.ru_utime + used.ru_stime for used in both), sum(u.ru_maxrss for u in both)

    def written(made):
        sizes = [of["bytes"] for of in made.manifest["files"].values()]
        return {"rows": made.manifest["rows"], "output": sum(sizes) / 1e6}

    def measured(work):
        started, (before, _) = time.monotonic(), usage()
        found = work()
        (seconds, kilobytes), wall = usage(), time.monotonic() - started
        sizes = [path.stat().st_size for path in (data / "articles").rglob("*.jsonl")]
        more = {"seconds": seconds - before, "wall": wall, "megabytes": kilobytes / 1024}
        print(json.dumps({**found, **more, "input": sum(sizes) / 1e6}))
"""


def told(data: Path, work: str) -> dict[str, float]:
    """Run a few lines that measure themselves; gives what they print."""
    code = textwrap.dedent(_MEASURING) + textwrap.dedent(work)
    found: dict[str, float] = json.loads(told_by(code, str(data)))
    return found


def fill(data: Path, count: int) -> None:
    """Write articles of 600 words in no order of their days, as a crawl of links finds them."""
    folder = data / "articles" / "2022"
    folder.mkdir(parents=True)
    months = {month: (folder / f"2022-{month:02}.0.jsonl").open("ab") for month in range(1, 13)}
    draw, words = random.Random(count), sorted(set(" ".join(_model(1)["body"]).split()))
    for number in range(1, count + 1):
        month, day = number * 7 % 12 + 1, number * 5 % 28 + 1
        fields = {
            **_model(number % _MODELS + 1),
            "id": f"b:{number}",
            "url": f"{SITE}/news/{number}",
            "headline": f"Headline {number}",
            "published_date": f"2022-{month:02}-{day:02}",
        }
        body = [" ".join(draw.choices(words, k=40)) for _ in range(5)]
        fields["body"] = [f"{number} {part} {text}" for part, text in enumerate(body * 3)]
        months[month].write(line_of(fields).encode() + b"\n")
    for segment in months.values():
        segment.close()


@cache
def _model(number: int) -> dict[str, Any]:
    return record(number)
