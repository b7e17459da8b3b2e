"""Every fault of the site, one row after the other: state, requests, exit code, words, articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT
from tests.hostile import table
from tests.hostile.playing import SOUND, play
from tests.hostile.rows import Where
from tests.hostile.site import HURT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import RunCrawl
    from tests.hostile.playing import Played
    from tests.hostile.rows import Case

ROWS = dict(table.rows())


@pytest.fixture(scope="session")
def calm() -> dict[str, Played]:
    """What a crawl of the sound site comes to, once it was made."""
    return {}


@pytest.mark.parametrize("name", ROWS, ids=list(ROWS))
def test_a_fault_of_the_site_comes_to_what_its_row_says(
    crawl: RunCrawl,
    calm: dict[str, Played],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    name: str,
) -> None:
    case = ROWS[name]
    if not calm:
        calm["sound"] = play(SOUND, crawl, tmp_path / "calm")
    played = play(case, crawl, tmp_path)
    for figure in ("state", "requests"):
        record_property(figure, getattr(played, figure))
    record_property("exit code", played.run.code)
    record_property("words", filled(case.words, played))
    assert played.state == case.state, played.reason
    assert filled(case.reason, played) in played.reason
    assert played.requests in as_range(case.requests)
    assert played.run.code == case.code, played.run.err
    assert filled(case.words, played) in played.run.err
    assert "Traceback" not in played.run.err
    assert played.trapped == 0
    assert_articles(case, played, calm["sound"])


def filled(words: str, played: Played) -> str:
    return words.replace("{name}", HURT).replace("{host}", played.host)


def as_range(requests: int | range) -> range:
    return range(requests, requests + 1) if isinstance(requests, int) else requests


def assert_articles(case: Case, played: Played, calm: Played) -> None:
    """Nothing wrong is stored, nothing else is missing, nothing is lost once the site is sound."""
    wrong = {name for name, article in played.healed.items() if article != calm.found.get(name)}
    assert not wrong
    assert played.found.items() <= played.healed.items()
    lost = calm.found.keys() - played.healed.keys()
    assert lost == (set() if case.heals else {HURT})
    missing = calm.found.keys() - played.found.keys()
    assert lacks(case, missing, len(calm.found)), missing
    allowed = calm.run.stat("peak_kilobytes") + case.peak_megabytes * 1000
    assert played.run.stat("peak_kilobytes") < allowed


def lacks(case: Case, missing: set[str], count: int) -> bool:
    """Whether the first crawl lacks what it must, and no more."""
    if case.state in {"stored", "read", "seen"}:
        return not missing
    if case.where is Where.START:
        return len(missing) == count
    if case.where is Where.MIDDLE or case.words.startswith("Stopped"):
        return HURT in missing and len(missing) < count
    return missing == {HURT}


def test_the_readme_has_a_line_for_each_fault() -> None:
    assert table.readme() in (ROOT / "README.md").read_text("utf-8")


def test_no_two_rows_have_one_name() -> None:
    assert len(ROWS) == len(list(table.rows()))
