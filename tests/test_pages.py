"""Every folder of `tests/pages/` read field by field, so that a failure names folder and field.

A folder holds `page.html` (bytes as an answer brings them), `meta.json` (address, content type,
origin, what is special) and `expected.json` (kind, every field that a page can give, and where
it matters some links and the text of the article's block). `written` pages were made for the
project; `recorded` ones come from `scrapy fixture` and are read in the same way.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler import items
from tests import golden

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from observer_crawler.pages import Page

# What no page says: who fetched it, when and how, and what is counted from the rest.
NOT_OF_THE_PAGE = frozenset(
    {"fetched_at", "source_url", "content_sha256", "revision", "capture", "extractor"}
)
FIELDS = tuple(field.name for field in fields(items.Article) if field.name not in NOT_OF_THE_PAGE)
FOLDERS = {folder.name: folder for folder in golden.folders()}
ARTICLES = [name for name, folder in FOLDERS.items() if folder.expected["article"]]
REFUSED = [
    name
    for name, folder in FOLDERS.items()
    if folder.expected["kind"] == "article" and not folder.expected["article"]
]
WITH_BLOCK = [name for name in ARTICLES if "block" in FOLDERS[name].expected]
LINKS = [
    (name, url, box)
    for name, folder in FOLDERS.items()
    for url, box in folder.expected.get("links", [])
]


@cache
def read(name: str) -> Page:
    return FOLDERS[name].read()


@cache
def article_of(name: str) -> dict[str, Any]:
    page = read(name)
    assert page.article is not None, f"refused: {page.refusal}"
    return asdict(page.article)


@pytest.mark.parametrize("name", FOLDERS)
def test_kind_of_page_is_told(name: str) -> None:
    assert read(name).kind == FOLDERS[name].expected["kind"]


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("field", FIELDS)
def test_field_says_what_the_page_says(name: str, field: str) -> None:
    assert article_of(name)[field] == FOLDERS[name].expected["article"][field]


@pytest.mark.parametrize("name", ARTICLES)
def test_sum_is_counted_from_headline_and_body(name: str) -> None:
    expected = FOLDERS[name].expected["article"]
    want = items.content_sha256(expected["headline"], expected["body"])
    assert article_of(name)["content_sha256"] == want


@pytest.mark.parametrize("name", WITH_BLOCK)
def test_headline_body_and_removed_are_the_text_of_the_block(name: str) -> None:
    article = article_of(name)
    text = [article["headline"] or "", *article["body"]]
    removed = [piece["text"] for piece in article["removed"]]
    assert is_interleaved(FOLDERS[name].expected["block"], text, removed)


@pytest.mark.parametrize("name", [name for name in FOLDERS if name not in ARTICLES])
def test_page_without_an_article_gives_none(name: str) -> None:
    assert read(name).article is None


@pytest.mark.parametrize("name", REFUSED)
def test_refused_article_says_why(name: str) -> None:
    assert read(name).refusal


@pytest.mark.parametrize(("name", "url", "box"), LINKS)
def test_link_stands_in_its_box(name: str, url: str, box: str) -> None:
    assert (url, box) in {(link.url, link.box) for link in read(name).links}


def test_at_least_thirty_pages_are_written_for_special_cases() -> None:
    assert sum(folder.origin == "written" for folder in FOLDERS.values()) >= 30


@pytest.mark.parametrize("name", FOLDERS)
def test_folder_says_where_its_page_is_from(name: str) -> None:
    assert FOLDERS[name].origin in {"written", "recorded"}


@pytest.mark.parametrize("name", ARTICLES)
def test_folder_expects_every_field_of_the_page(name: str) -> None:
    assert set(FIELDS) <= set(FOLDERS[name].expected["article"])


def test_output_changes_only_with_the_number_of_the_extractor() -> None:
    why_not = golden.objection(golden.stored(), golden.current())
    assert why_not is None, why_not


def test_golden_file_knows_every_page_and_its_output() -> None:
    assert golden.stored() == golden.current(), "Run `make golden` and read the diff."


def test_golden_file_is_not_written_over_a_changed_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = golden.current()
    old["pages"]["2016-plain"]["output"] = "of another extraction"
    path = tmp_path / "golden.json"
    path.write_text(json.dumps(old), encoding="utf-8")
    monkeypatch.setattr(golden, "stored", lambda: old)
    monkeypatch.setattr(golden, "GOLDEN", path)
    assert golden.main() == 1
    assert "Raise EXTRACTOR" in capsys.readouterr().err
    assert json.loads(path.read_text(encoding="utf-8")) == old


def test_golden_file_is_written_when_the_number_went_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = golden.current() | {"extractor": items.EXTRACTOR - 1}
    old["pages"]["2016-plain"]["output"] = "of another extraction"
    monkeypatch.setattr(golden, "stored", lambda: old)
    monkeypatch.setattr(golden, "GOLDEN", tmp_path / "golden.json")
    assert golden.main() == 0
    assert json.loads((tmp_path / "golden.json").read_text(encoding="utf-8")) == golden.current()


def is_interleaved(block: str, text: Sequence[str], removed: Sequence[str]) -> bool:
    """Tell whether the block is the text with the pieces put in, each whole, once, in order.

    White space does not count. A piece may stand within a paragraph, as an advertisement does.

    >>> is_interleaved("A: b AD c -X", ["b c"], ["A:", "AD", "-X"])
    True
    >>> is_interleaved("A: b AD c -X", ["b c"], ["AD", "A:", "-X"])
    False
    """
    whole, kept = _dense(block), _dense(*text)
    pieces = [_dense(piece) for piece in removed]
    if not all(pieces):
        return False
    lengths = [0, *accumulate(map(len, pieces))]
    # For each place in the block: how many pieces may have been put in before it.
    ways: list[set[int]] = [set() for _ in range(len(whole) + 1)]
    ways[0].add(0)
    for at in range(len(whole)):
        for count in ways[at]:
            if kept.startswith(whole[at], at - lengths[count]):
                ways[at + 1].add(count)
            if count < len(pieces) and whole.startswith(pieces[count], at):
                ways[at + len(pieces[count])].add(count + 1)
    return len(pieces) in ways[-1] and len(whole) == len(kept) + lengths[-1]


def _dense(*texts: str) -> str:
    return "".join("".join(texts).split())
