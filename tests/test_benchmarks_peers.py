"""The comparison with other tools is fair and counts right, and each of them really runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import correctness, peers, worker
from benchmarks.correctness import Truth, judge, mean

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADLINE = "Rain in Dhaka"
BODY = "It rained all day. Nobody minded."
TRUE = Truth(
    headline=HEADLINE.split(),
    body=BODY.split(),
    block=f"{HEADLINE} DHAKA, June 7: {BODY} -UNB".split(),
    date="2024-06-07",
)
LOOK = ("2024", 1, "en")
SECONDS = 0.001


def answer(parse: float = SECONDS, read: float = SECONDS, **found: str | None) -> peers.Answer:
    """An answer of the worker: right, but for what is named."""
    right = {"headline": HEADLINE, "body": BODY, "date": TRUE.date, "authors": None}
    return peers.Answer(parse, read, **{**right, "failed": None, **found})


def some_pages(kinds: Sequence[str]) -> list[peers.Page]:
    return [peers.Page(kind, 50_000, TRUE) for kind in kinds]


def test_what_is_right_is_right_whatever_the_white_space() -> None:
    spaced = BODY.replace(" ", "\u00a0\n ")
    assert judge(f" {HEADLINE}\n", spaced, "2024-06-07", TRUE) == (1, 1, 1, 1, 1)


def test_nothing_found_is_wrong_in_everything() -> None:
    assert judge(None, None, None, TRUE) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "whole", "f1"),
    [
        (f"DHAKA, June 7: {BODY} -UNB", 1, 12 / 16),
        (f"{HEADLINE} {BODY}", 1, 12 / 15),
        ("It rained all day. Nobody", 0, 10 / 11),
        ("Nobody minded. It rained all day.", 0, 1),
        (f"{BODY} Most Read", 0, 12 / 14),
        ("Most Read", 0, 0),
    ],
)
def test_a_body_that_is_not_the_body_is_not_exact(body: str, whole: float, f1: float) -> None:
    verdict = judge(HEADLINE, body, TRUE.date, TRUE)
    assert (verdict.body, verdict.whole) == (0, whole)
    assert verdict.f1 == pytest.approx(f1)


def test_a_word_that_a_tag_cuts_in_the_block_is_still_of_the_block() -> None:
    cut = TRUE._replace(block=[word for long in TRUE.block for word in (long[:2], long[2:])])
    verdict = judge(HEADLINE, f"DHAKA, June 7: {BODY}", TRUE.date, cut)
    assert (verdict.body, verdict.whole) == (False, True)


def test_another_headline_or_day_is_wrong_alone() -> None:
    assert judge("Rain", BODY, "2024-06-08", TRUE) == (0, 1, 1, 1, 0)


def test_shares_are_means_over_the_pages_of_a_kind_and_of_all() -> None:
    pages = some_pages(["2014", "2014", "2016", "2024", "Bangla"])
    answers = [answer(), answer(body="Rain", failed="ValueError()"), *[answer()] * 3]
    judged = peers.judge_all(pages, answers)
    assert list(judged) == ["2014", "2016", "2024", "Bangla", "all"]
    assert judged["2014"] == (2, 1, (1, 0.5, 0.5, 0.5, 1))
    assert judged["all"] == (5, 1, (1, 0.8, 0.8, 0.8, 1))
    assert judged["2016"][:2] == (1, 0)


def test_pages_that_warm_are_not_clocked() -> None:
    per_kind = [answer(read=9.0)] * peers.WARM + [answer(read=4 * SECONDS)] * peers.CLOCKED
    pages = some_pages([kind for kind in ("2014", "2016") for _ in per_kind])
    costs = peers.costs_of(pages, per_kind * 2)
    assert costs.keys() == {"2014", "2016", "all"}
    for cost in costs.values():
        assert cost == pytest.approx((1, 4))
        assert cost.ratio == pytest.approx(4)


def test_a_speed_is_the_median_of_the_rounds_beside_the_ratio_of_each() -> None:
    pages = some_pages(["2014"] * (peers.WARM + peers.CLOCKED))
    rounds = [
        {"observer": {"2014": peers.Cost(1, ours)}, "other": {"2014": peers.Cost(1, read)}}
        for ours, read in ((2, 10), (3, 30), (2, 14))
    ]
    assert peers.speed(pages, rounds, "other", "2014") == peers.Speed(
        pages=peers.CLOCKED,
        kilobytes=50,
        parse_ms=1,
        read_ms=14,
        ratios=[10, 30, 14],
        times_ours=[5, 10, 7],
    )


def test_pages_for_the_tools_are_the_replicas_with_its_facts(tmp_path: Path) -> None:
    path = tmp_path / "pages.jsonl"
    written = peers.write(path, {LOOK: 2, ("2016", 1, "bn"): 1})
    assert [page.kind for page in written] == ["2024", "2024", "Bangla"]
    read = list(worker.pages(str(path)))
    assert [page.language for page in read] == ["en", "en", "bn"]
    assert [len(page.body) for page in read] == [page.size for page in written]
    assert min(page.size for page in written) > 45_000
    assert read[2].url.startswith("https://bn.")
    assert all(page.true.body for page in written)


def test_the_full_run_judges_a_thousand_pages_of_each_markup() -> None:
    counts = {
        markup: 10 * sum(count for look, count in peers.JUDGED.items() if look[0] == markup)
        for markup in ("2014", "2016", "2024")
    }
    assert counts == {"2014": 1000, "2016": 1000, "2024": 1000}


def test_a_tool_that_raises_has_found_nothing_on_that_page() -> None:
    def broken(page: worker.Page) -> worker.Found:
        raise ValueError(page.url)

    found = worker.attempt(broken, worker.Page(b"", "https://paper.example/1", "en"))
    assert found == worker.Found(failed="ValueError('https://paper.example/1')")


@pytest.mark.parametrize("event", ["socket.connect", "socket.getaddrinfo"])
def test_no_tool_may_fetch(event: str) -> None:
    worker.offline("open", ("file",))
    with pytest.raises(OSError, match=r"^no tool may fetch anything here, and one asks for 'b'$"):
        worker.offline(event, ("a", "b"))


def test_a_worker_that_ends_badly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"(?s)^observer ended with 1: .*No such file"):
        peers.run("observer", tmp_path / "missing.jsonl")


def test_the_worker_knows_nothing_of_the_house() -> None:
    source = Path(worker.__file__).read_text("utf-8")
    before, ours = source.split("def observer()")
    assert "observer_crawler" not in before
    assert ours.count("observer_crawler") == 1
    assert "benchmarks" not in source


@pytest.mark.parametrize("tool", peers.TOOLS)
def test_each_tool_reads_pages_in_its_own_environment(tool: str, tmp_path: Path) -> None:
    peers.ready(tool)
    path = tmp_path / "pages.jsonl"
    pages = peers.write(path, {LOOK: 5})
    answers = peers.run(tool, path)
    assert [each.failed for each in answers] == [None] * len(pages)
    assert all(0 < each.parse < each.read for each in answers)
    right = peers.judge_all(pages, answers)["2024"][2]
    # On a page or two some find no text at all, but never on most of them.
    assert right.headline >= 0.8
    assert right.f1 > 0.5
    assert tool != "observer" or set(right) == {1}


def test_a_row_stands_for_each_tool_and_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "WARM", 1)
    monkeypatch.setattr(peers, "CLOCKED", 1)
    monkeypatch.setattr(peers, "JUDGED", dict.fromkeys(peers.TIMED.values(), 1))
    said: list[str] = []
    tools = ("observer", "trafilatura fast")
    rows = peers.measure(full=False, say=said.append, tools=tools, rounds=2)
    kinds = [*peers.TIMED, "all"]
    assert [(row.tool, row.kind) for row in rows] == [(t, kind) for t in tools for kind in kinds]
    assert [row.speed.pages for row in rows] == [1, 1, 1, 1, 4] * 2
    assert [row.judged for row in rows] == [1, 1, 1, 1, 4] * 2
    assert all(row.right == (1, 1, 1, 1, 1) for row in rows if row.tool == "observer")
    assert rows[9].version == peers.version_of("trafilatura")
    assert min(rows[9].speed.times_ours) > 1
    assert rows[0].speed.times_ours == [1, 1]
    assert said[0] == "peers: round 1 of 2, 8 pages, 2 tools"
    assert json.loads(json.dumps(rows[0])) is not None


def test_a_mean_keeps_each_figure_in_its_place() -> None:
    verdicts = [correctness.Verdict(1, 0, 1, 0.5, 0), correctness.Verdict(0, 0, 1, 1, 0)]
    assert mean(verdicts) == (0.5, 0, 1, 0.75, 0)
