"""The benchmarks measure what they say: a table can be trusted only if its sums are right."""

from __future__ import annotations

from benchmarks import extraction
from observer_crawler import pages


def test_the_parts_of_reading_a_page_add_up() -> None:
    before = vars(pages)["mend_and_say"]
    found = extraction.cost(extraction.samples("2024", 1, "en")[:20])
    assert vars(pages)["mend_and_say"] is before  # the clocks are off again
    assert 0 < found.parse < found.read
    assert min(found.parts.values()) > 0
    # The clocks around the parts, and a busy machine, make the second round the longer one.
    assert found.read / 2 < sum(found.parts.values()) < 3 * found.read


def test_a_row_names_the_ratio() -> None:
    samples = [extraction.Sample(b"x" * 50_000, "https://www.observerbd.com/news/1")] * 2
    found = extraction.Cost(0.002, 0.005, {"story": 0.001})
    row = extraction.row("2024", samples, found)
    assert row.split() == "2024 2 50.0 1.000 2.500 2.50 | 0.50".split()
