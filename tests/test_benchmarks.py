"""The benchmarks measure what they say: a table can be trusted only if its sums are right."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as bench
from benchmarks import crawl, extraction, gate, nightly, rounds
from benchmarks.figures import Figure, table
from benchmarks.rounds import in_turn, ratios, run
from observer_crawler import pages
from observer_crawler.replica import Options, Replica, serve

if TYPE_CHECKING:
    from pathlib import Path

ONE = Figure(
    group="re-extraction",
    what="1 worker",
    against="read, gunzip, lxml parse",
    unit="ms",
    ours=3.0,
    other=2.0,
    ratios=[1.4, 1.5, 9.0],
    right="10 lines",
    is_right=True,
    most=2.0,
)


def test_the_parts_of_reading_a_page_add_up() -> None:
    before = vars(pages)["mend_and_say"]
    samples = extraction.samples("2024", 1, "en")[:20]
    extraction.cost(samples)  # what is read first costs more
    found = extraction.cost(samples)
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


def test_measures_are_taken_in_turn() -> None:
    order: list[str] = []

    def take(name: str) -> float:
        order.append(name)
        return len(order)

    found = in_turn(2, {"a": lambda: take("a"), "b": lambda: take("b")})
    assert order == ["a", "b", "a", "b"]
    assert found == {"a": [1, 3], "b": [2, 4]}
    assert ratios(found["b"], found["a"]) == [2, 4 / 3]


def test_a_figure_is_the_median_of_its_rounds_and_holds_within_its_bound() -> None:
    assert ONE.ratio == 1.5
    assert ONE.holds
    assert not replace(ONE, ratios=[2.5]).holds
    assert not replace(ONE, most=None, least=1.6).holds
    assert "| 1.50  | 1.40 to 9.00 (3) | at most 2 |" in table([ONE])
    assert "NOT REACHED" in table([replace(ONE, ratios=[2.5])])


def test_a_fast_figure_of_wrong_results_is_not_counted() -> None:
    wrong = replace(ONE, is_right=False, right="1 of 10 lines differs")
    assert not wrong.holds
    assert "not counted" in table([wrong])
    assert "WRONG: 1 of 10 lines differs" in table([wrong])
    assert "1.50" not in table([wrong])
    assert gate.over([wrong])


def test_the_gate_names_what_is_above_its_bound_and_what_was_not_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "MEASURED", {"re-extraction: 1 worker": 1.0, "crawl": 3.0})
    crawl = replace(ONE, group="crawl", what="beyond bare Scrapy")
    assert gate.over([ONE, crawl]) == []
    assert gate.over([ONE]) == ["crawl was not measured"]
    (line,) = gate.over([replace(ONE, ratios=[1.8]), crawl])
    assert line == "re-extraction: 1 worker is 1.80 times read, gunzip, lxml parse; at most 1.75"


@pytest.mark.parametrize(("ratio", "code"), [(1.0, 0), (100.0, 1)])
def test_the_gate_decides_the_exit_code_and_what_was_measured_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ratio: float, code: int
) -> None:
    figure = replace(ONE, ratios=[ratio])
    monkeypatch.setattr(gate, "MEASURED", {"re-extraction": 2.0})
    monkeypatch.setattr(gate, "NAMES", ("reextract",))
    monkeypatch.setitem(bench.MEASUREMENTS, "reextract", lambda *_, **__: [figure])
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "bench")
    assert bench.main(["--gate"]) == code
    (path,) = (tmp_path / "bench").iterdir()
    kept = json.loads(path.read_text("utf-8"))
    assert kept["figures"] == [json.loads(json.dumps(figure.to_record()))]
    assert {"at", "commit", "python", "machine", "versions"} <= kept.keys()


def test_a_measurement_that_nobody_knows_is_named() -> None:
    with pytest.raises(SystemExit, match="no measurement 'speed'"):
        bench.main(["--only", "speed"])


def test_a_command_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        run(["sh", "-c", "echo no >&2; exit 3"])


def test_a_start_without_a_request_is_no_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", "false")
    with (
        serve(Replica(Options(articles=1, days=1))) as server,
        pytest.raises(RuntimeError, match="ended with 1, and asked for nothing"),
    ):
        nightly.started(server, tmp_path / "data")


def test_what_is_measured_and_its_server_are_pinned_to_cores_that_are_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "_CORES", [2, 5])
    monkeypatch.setattr(rounds, "CAN_PIN", True)
    assert rounds.pinned_beside() == ["taskset", "-c", "5"]
    monkeypatch.setattr(rounds, "CAN_PIN", False)
    assert rounds.pinned_beside() == []


def test_a_slow_server_is_named_and_its_crawl_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crawl, "QUICK", 20)
    monkeypatch.setattr(crawl, "_speed_of", lambda *_: 1_499.0)
    figures = crawl.measure(1, lambda _: None, quick=True)
    assert not any(figure.is_right for figure in figures)
    assert all("answers 1,499 pages a second" in figure.right for figure in figures)


def test_a_crawl_is_measured_beside_a_bare_one_and_its_articles_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawl, "QUICK", 60)
    figures = crawl.measure(1, lambda _: None, quick=True)
    assert all(figure.is_right for figure in figures), figures[0].right
    assert all(figure.other > 0 for figure in figures)
    with crawl.served(60) as origin:
        crawl.crawled(origin, tmp_path, captures=False)
    assert crawl.wrong(tmp_path, 60) == []
    segment = next((tmp_path / "articles").glob("*/*.jsonl"))
    segment.write_bytes(segment.read_bytes().replace(b'"headline":"', b'"headline":"X', 1))
    assert len(crawl.wrong(tmp_path, 60)) == 1
