"""`--splits`: by time, whole clusters on one side, no near copy of a training article in test."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from observer_crawler.dataset import BY_SHARE, Borders, split_days
from observer_crawler.exceptions import ConfigurationError, ExportError
from tests.retold import article, edited, story
from tests.stored import made, rows, store
from tests.test_export import manifest, run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(200)]
SEED = 5
NEAR = 0.7


def across(count: int, draw: random.Random) -> list[dict[str, Any]]:
    """Give articles of which half are copies, and copies of copies, on any day."""
    found: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        body = story(draw, draw.randint(1, 4))
        if found and draw.random() < 0.5:
            body = edited(draw.choice(found)["body"], draw.uniform(0.01, 0.1), draw)
        day = draw.choice(DAYS).isoformat()
        found.append(article(number, body, published_date=day, published_at=None))
    return found


def nearest(one: Iterable[dict[str, Any]], other: Iterable[dict[str, Any]]) -> float:
    """Compare each with each, word by word; gives the largest share that stays the same.

    This is the measure of those who count copies across splits, and none of ours.
    """
    words = [[" ".join(row["body"]).casefold().split() for row in each] for each in (one, other)]
    scores = process.cdist(*words, scorer=Levenshtein.normalized_similarity)
    return float(scores.max())


def split(data: Path, splits: Borders | str = BY_SHARE, **wanted: Any) -> Any:  # noqa: ANN401
    return made(data, clusters=True, splits=splits, **{"formats": "jsonl", **wanted})


def by_side(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    sides: dict[str, list[dict[str, Any]]] = {"train": [], "validation": [], "test": []}
    for row in found:
        sides[row["split"]].append(row)
    return sides


def test_no_near_copy_of_a_training_article_is_in_test(tmp_path: Path) -> None:
    store(tmp_path, across(800, random.Random(SEED)))
    found = rows(split(tmp_path))
    sides = by_side(found)
    assert min(map(len, sides.values())) > 10
    assert nearest(sides["train"], sides["test"]) < NEAR
    assert nearest(sides["train"], sides["validation"]) < NEAR
    assert nearest(sides["validation"], sides["test"]) < NEAR
    border = min(row["published_date"] for row in sides["test"])
    by_day = [row for row in found if row["published_date"] >= border]
    assert nearest(sides["train"], by_day) > NEAR  # by the day alone it would leak


def test_a_whole_family_goes_to_the_side_of_its_earliest(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    a = story(draw, 8)
    b = edited(a, 0.13, draw)
    c = edited(b, 0.13, draw)
    days = ["2024-01-01", "2024-06-01", "2024-12-01"]
    told = [(1, a, days[0]), (2, b, days[1]), (3, c, days[2]), (4, story(draw), days[2])]
    store(tmp_path, [article(n, body, published_date=day) for n, body, day in told])
    found = rows(split(tmp_path, Borders("2024-05-01", "2024-11-01")))
    assert [row["split"] for row in found] == ["train", "train", "train", "test"]
    assert found[0]["cluster_id"] != found[2]["cluster_id"]


def test_what_is_too_much_cut_for_a_copy_is_still_on_its_side(tmp_path: Path) -> None:
    whole = story(random.Random(SEED), 17)
    days = [{"published_date": day, "published_at": None} for day in ("2022-06-01", "2022-08-01")]
    store(tmp_path, [article(1, whole, **days[0]), article(2, whole[:8], **days[1])])
    found = rows(split(tmp_path, Borders("2022-07-01", "2022-07-15")))
    assert [(row["cluster_size"], row["split"]) for row in found] == [(1, "train"), (1, "train")]


def test_an_older_text_of_an_article_leaks_nothing_either(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    wire, rewritten = story(draw), story(draw)
    later = "2026-11-25T10:00:00.000000+00:00"
    store(tmp_path, [article(1, wire, published_date="2024-01-01")])
    store(tmp_path, [article(2, edited(wire, 0.02, draw), published_date="2024-12-01")])
    store(tmp_path, [article(2, rewritten, published_date="2024-12-01", fetched_at=later)])
    borders = Borders("2024-05-01", "2024-11-01")
    assert {row["split"] for row in rows(split(tmp_path, borders, revisions=True))} == {"train"}
    assert [row["split"] for row in rows(split(tmp_path, borders))] == ["train", "test"]


def test_without_a_day_an_article_is_for_training(tmp_path: Path) -> None:
    store(tmp_path, [article(1, story(random.Random(1)), published_date=None, published_at=None)])
    assert rows(split(tmp_path, Borders("2024-05-01", "2024-11-01")))[0]["split"] == "train"


def test_the_newest_twentieth_is_for_test_and_one_before_it_for_validation(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    store(tmp_path, [
        article(n, story(draw, 1), published_date=DAYS[n].isoformat(), published_at=None)
        for n in range(1, 101)
    ])  # fmt: skip
    version = split(tmp_path)
    told = version.manifest["splits"]
    assert (told["train"], told["validation"], told["test"]) == (90, 5, 5)
    assert told["test_from"] == DAYS[96].isoformat()
    assert told["validation_from"] == DAYS[91].isoformat()
    assert told["moved_with_their_copies"] == 0
    assert "train: 90" in (version.version / "METHODS.md").read_text("utf-8")


def test_too_few_days_are_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    store(tmp_path, [article(1, story(random.Random(1)))])
    with pytest.raises(ExportError, match=r"^--splits: 1 days with .* type the days"):
        split(tmp_path)
    assert not list((tmp_path / "dataset").glob("20*"))


@pytest.mark.parametrize(
    "text",
    ["2025-01-01", "2025-07-01,2025-01-01", "a,b", "2025-1-1,2025-07-01", "20250101,20250701"],
)
def test_what_is_no_two_days_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^--splits: expected two days"):
        split_days(text)


def test_two_days_are_read() -> None:
    assert split_days("2025-01-01, 2025-07-01") == Borders("2025-01-01", "2025-07-01")


def test_datasets_finds_the_sides_by_the_names_of_the_files(tmp_path: Path) -> None:
    """In a process of its own: where its cache lies is read when it is imported."""
    store(tmp_path, across(200, random.Random(SEED)))
    version = split(tmp_path, formats="parquet")
    code = (
        "import json, sys; from datasets import load_dataset; print(json.dumps({side: rows."
        "num_rows for side, rows in load_dataset('parquet', data_dir=sys.argv[1]).items()}))"
    )
    offline = dict.fromkeys(("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"), "1")
    env = {**os.environ, **offline, "HF_HOME": str(tmp_path / "hf")}
    words = [sys.executable, "-c", code, str(version.version)]
    done = subprocess.run(words, env=env, check=True, capture_output=True, encoding="utf-8")
    told = version.manifest["splits"]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {side: told[side] for side in ("train", "validation", "test")}


def test_the_command_takes_days_and_says_how_to_load(tmp_path: Path) -> None:
    store(tmp_path, across(60, random.Random(SEED)))
    done = run(tmp_path, "--splits", "2024-04-01,2024-06-01")
    assert done.returncode == 0, done.stderr
    assert 'datasets.load_dataset("parquet", data_dir="' in done.stdout
    told = manifest((tmp_path / "dataset" / "latest").resolve())
    assert told["splits"]["test_from"] == "2024-06-01"
    assert told["clusters"]["copies"] > 0
    assert run(tmp_path, "--splits").returncode == 0
    wrong = run(tmp_path, "--splits", "yesterday")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "--splits: expected two days" in wrong.stderr


def test_parquet_has_a_file_for_each_side(tmp_path: Path) -> None:
    store(tmp_path, across(200, random.Random(SEED)))
    version = split(tmp_path, formats="parquet,csv,sqlite,jsonl")
    told = version.manifest["splits"]
    for side in ("train", "validation", "test"):
        table = pq.read_table(version.version / f"{side}.parquet")
        assert table.num_rows == told[side]
        assert set(table["split"].to_pylist()) == {side}
    assert not (version.version / "articles.parquet").exists()
    assert len(rows(version)) == 200
