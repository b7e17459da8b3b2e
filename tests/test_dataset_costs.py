"""What an export of many articles costs: seconds of CPU, and memory that stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.stored import as_line, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL, LARGE = 20_000, 100_000
# Megabytes that five times the articles may add: DuckDB's part, held to choosing.MEMORY.
MOST_MORE = 150


@pytest.mark.prove
@pytest.mark.parametrize("formats", ["parquet", "parquet,jsonl,csv,sqlite"])
def test_memory_does_not_grow_with_the_number_of_articles(
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    formats: str,
) -> None:
    found = {count: exported(tmp_path / str(count), count, formats) for count in (SMALL, LARGE)}
    for count, told in found.items():
        assert told["rows"] == count
        record_property(f"{count:,} articles: seconds of CPU", round(told["seconds"]))
        record_property(f"{count:,} articles: seconds", round(told["wall"]))
        record_property(f"{count:,} articles: MB of memory at most", round(told["megabytes"]))
    record_property("MB of segments", round(found[LARGE]["input"]))
    record_property("MB written", round(found[LARGE]["output"]))
    assert found[LARGE]["megabytes"] - found[SMALL]["megabytes"] < MOST_MORE


def exported(data: Path, count: int, formats: str) -> dict[str, float]:
    """Export so many articles of 600 words, in a process of its own."""
    fill(data, count)
    code = f"""
        import json, resource, time
        from pathlib import Path
        from tests.stored import made
        data, started = Path({str(data)!r}), time.monotonic()
        version = made(data, formats={formats!r})
        wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF)
        sizes = [path.stat().st_size for path in (data / "articles").rglob("*.jsonl")]
        print(json.dumps({{
            "rows": version.manifest["rows"],
            "seconds": used.ru_utime + used.ru_stime,
            "wall": wall,
            "megabytes": used.ru_maxrss / 1024,
            "input": sum(sizes) / 1e6,
            "output": sum(of["bytes"] for of in version.manifest["files"].values()) / 1e6,
        }}))
    """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(run, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def fill(data: Path, count: int) -> None:
    """Write the articles in no order of their days, as a crawl of links finds them."""
    folder = data / "articles" / "2022"
    folder.mkdir(parents=True)
    months = {month: (folder / f"2022-{month:02}.0.jsonl").open("ab") for month in range(1, 13)}
    for number in range(1, count + 1):
        fields = record(number)
        month, day = number * 7 % 12 + 1, number * 5 % 28 + 1
        fields["published_date"] = f"2022-{month:02}-{day:02}"
        fields["body"] = [
            f"{number} {part} {text}" for part, text in enumerate(fields["body"] * 3)
        ]
        months[month].write(as_line(fields))
    for segment in months.values():
        segment.close()
