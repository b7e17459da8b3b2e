"""What it costs to keep every answer: a share of the whole crawl's CPU, so of its page rate."""

from __future__ import annotations

import json
import resource
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve

ROUNDS = 5
IDENTITY = json.dumps({"Accept": "text/html", "Accept-Encoding": "identity"})


@pytest.mark.prove
@pytest.mark.parametrize(("coding", "most"), [("gzip", 0.15), ("identity", None)])
def test_capture_costs_little_of_the_page_rate(  # noqa: PLR0913, PLR0917
    replica: Serve,
    crawl: RunCrawl,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    coding: str,
    most: float | None,
) -> None:
    """With and without in turn, and the median of the ratios: the machine has other work too."""
    server = replica(articles=400, days=20)
    shares = []
    for number in range(ROUNDS):
        seconds = {}
        for is_on in (0, 1):
            settings: dict[str, Any] = {
                "OBSERVER_CAPTURE": is_on,
                "OBSERVER_DATA": tmp_path / f"{number}-{is_on}",
            }
            if coding == "identity":
                settings["DEFAULT_REQUEST_HEADERS"] = IDENTITY
            before = cpu_seconds()
            run = crawl(site=server.url, settings=settings)
            seconds[is_on] = cpu_seconds() - before
            assert run.code == 0
        shares.append(seconds[1] / seconds[0] - 1)
    record_property("coding", coding)
    record_property("share of the crawl's CPU", f"{median(shares):.3f}")
    assert most is None or median(shares) <= most


def cpu_seconds() -> float:
    """What the processes that this one has started and awaited have spent."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
