"""What clusters and splits cost: rows a second and memory, at first and when nothing is new."""

from __future__ import annotations

import json
import os
import random
import textwrap
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from observer_crawler.items import content_sha256
from tests.spending import told_by
from tests.stored import as_line, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A million with OBSERVER_CLUSTERED=1000000: 20 minutes for the first export, and 5 GB of disk.
COUNT = int(os.environ.get("OBSERVER_CLUSTERED", "100000"))
MOST_MEGABYTES = 2_000
# Of the articles: near copies of earlier ones (RealNews: 14.35 %), and forms filled in anew.
COPIED, FORMS = 0.15, 0.02


@pytest.mark.prove
def test_clusters_stay_below_two_gigabytes(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    fill(tmp_path / "data", COUNT)
    for which in ("first", "second, nothing new"):
        told = exported(tmp_path / "data")
        record_property(f"{COUNT:,} articles, {which}: rows a second", round(COUNT / told["wall"]))
        record_property(f"{which}: seconds of CPU", round(told["seconds"]))
        record_property(f"{which}: MB of memory at most", round(told["megabytes"]))
        record_property(f"{which}: MB kept", round(told["kept"]))
        assert told["rows"] == COUNT
        assert COPIED * 0.95 < told["copies"] / COUNT < COPIED * 1.05
        assert told["megabytes"] < MOST_MEGABYTES


def exported(data: Path) -> dict[str, float]:
    """Export with clusters and splits, in a process of its own."""
    code = f"""
        import json, resource, time
        from pathlib import Path
        from observer_crawler.dataset import BY_SHARE
        from tests.stored import made
        data, started = Path({str(data)!r}), time.monotonic()
        manifest = made(data, clusters=True, splits=BY_SHARE).manifest
        wall, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({{
            "rows": manifest["rows"],
            "copies": manifest["clusters"]["copies"],
            "seconds": used.ru_utime + used.ru_stime,
            "wall": wall,
            "megabytes": used.ru_maxrss / 1024,
            "kept": (data / "dataset" / ".clusters.duckdb").stat().st_size / 1e6,
        }}))
    """
    found: dict[str, float] = json.loads(told_by(textwrap.dedent(code)))
    return found


def fill(data: Path, count: int) -> None:
    """Write articles of 400 words, as often as a newspaper uses each, in no order of their days."""
    draw = random.Random(1)
    words = [f"{one}{two}{end}" for one in _PARTS for two in _PARTS for end in ("", "n", "r", "s")]
    often = list(accumulate(1 / (n + 10) for n in range(len(words))))
    (data / "articles" / "undated").mkdir(parents=True)
    held: list[list[str]] = []
    usual = record(1)
    with (data / "articles" / "undated" / "undated.0.jsonl").open("ab") as segment:
        for number in range(1, count + 1):
            sort = draw.random()
            if held and sort < COPIED:
                told = edited(draw.choice(held), words, draw)
            elif sort < COPIED + FORMS:
                told = form(words, draw)
            else:
                told = draw.choices(words, cum_weights=often, k=400)
                held.append(told)
                if len(held) > 5_000:
                    held.pop(draw.randrange(5_000))
            body = [" ".join(told[n : n + 80]) + "." for n in range(0, len(told), 80)]
            day = f"20{10 + number * 7 % 15}-{number * 5 % 12 + 1:02}-{number % 28 + 1:02}"
            headline = " ".join(told[:6])
            sum_ = content_sha256(headline, body)
            about = {"id": f"b:{number}", "headline": headline, "content_sha256": sum_}
            dated = {"published_date": day, "published_at": None, "body": body}
            segment.write(as_line({**usual, **about, **dated}))


_PARTS = (
    "ba be bi bo bu da de di do du ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu na "
    "ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo vu bran "
    "stel crim plon fras glem"
).split()


def edited(told: list[str], words: list[str], draw: random.Random) -> list[str]:
    """Edit one to ten words in a hundred."""
    new = list(told)
    for place in draw.sample(range(len(new)), int(len(new) * draw.uniform(0.01, 0.1))):
        new[place] = draw.choice(words)
    return new


def form(words: list[str], draw: random.Random) -> list[str]:
    """Fill in a form: every fourth word is a number or a name."""
    text = (words * 2)[1000:1120]
    for place in range(0, len(text), 4):
        text[place] = str(draw.randrange(10_000)) if place % 8 else draw.choice(words).capitalize()
    return text
