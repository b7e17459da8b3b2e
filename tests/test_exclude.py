"""exclude.txt: what nobody fetches, in any spelling, and how a wrong line is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler import exclude, urls
from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve


def read(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    """Read a list with this text."""
    path = tmp_path / exclude.FILE
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return exclude.read(path)


def test_a_missing_list_excludes_nothing(tmp_path: Path) -> None:
    assert exclude.read(tmp_path / exclude.FILE) == {}


def test_a_line_gives_the_reason_with_its_day(tmp_path: Path) -> None:
    got = read(tmp_path, "b:370580 2026-11-01 asked by  its author\n")
    assert got == {"b:370580": "2026-11-01 asked by  its author"}


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    text = "\ufeff# on request\r\n\r\n  # more\r\nb:1 2026-11-01 wrong person # really\r\n \t\r\n"
    assert read(tmp_path, text) == {"b:1": "2026-11-01 wrong person # really"}


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("b:370580", "b:370580"),
        ("B:370580", "b:370580"),
        ("b:0370580", "b:370580"),
        ("bn:55596", "bn:55596"),
        ("a:41457", "a:41457"),
        ("https://www.observerbd.com/news/370580", "b:370580"),
        ("http://observerbd.com/details.php?id=370580#google_vignette", "b:370580"),
        ("www.observerbd.com/news.php?id=370580", "b:370580"),
        ("/news/370580", "b:370580"),
        ("https://www.observerbd.com/2014/09/06/41457.php", "a:41457"),
        ("bn.observerbd.com/details.php?id=55596", "bn:55596"),
        ("/author/A-B", "author:a b"),
        ("/archive/2022-06-16", "day:2022-06-16"),
    ],
)
def test_every_form_of_an_address_has_its_one_name(
    tmp_path: Path, spelling: str, name: str
) -> None:
    assert list(read(tmp_path, f"{spelling} 2026-11-01 asked for")) == [name]


@pytest.mark.parametrize(
    "line",
    [
        "b:370580",
        "b:370580 2026-11-01",
        "b:370580 asked by its author",
        "b:370580 2026-13-01 asked",
        "b:370580 20261101 asked",
        "b:0 2026-11-01 asked",
        "c:5 2026-11-01 asked",
        "370580 2026-11-01 asked",
        "https://example.org/news/1 2026-11-01 asked",
        "http://[bad 2026-11-01 asked",
        "/print.php?id=3 2026-11-01 asked",
        "asked by its author",
    ],
)
def test_a_wrong_line_is_an_error_with_file_number_and_what_was_expected(
    tmp_path: Path, line: str
) -> None:
    words = (
        f"exclude.txt, line 2: expected an id or address, a day and a reason.*{re.escape(line)}"
    )
    with pytest.raises(ConfigurationError, match=words):
        read(tmp_path, f"# fine\n{line}\nb:1 2026-11-01 fine\n")


@pytest.mark.parametrize(
    "text", [b"b:1 2026-11-01 caf\xe9\n", "b:1 2026-11-01 x\n".encode("utf-16")]
)
def test_a_list_that_is_no_utf8_is_an_error(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"exclude.txt cannot be read"):
        read(tmp_path, text)


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        exclude.read(tmp_path)


@given(number=st.integers(1, 999_999_999), form=st.integers(0, 2))
def test_a_form_of_any_article_excludes_that_article(
    tmp_path_factory: pytest.TempPathFactory, number: int, form: int
) -> None:
    address = urls.article("b", number)
    url = address.forms[form % len(address.forms)]
    got = read(tmp_path_factory.mktemp("data"), f"{url} 2026-11-01 asked for")
    assert list(got) == [address.name]


def test_a_crawl_with_a_wrong_line_ends_in_one_line_before_it_starts(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "exclude.txt").write_text("nobody\n")
    server = replica(articles=12, days=3)
    done = crawl(site=server.url)
    assert done.code == 1
    assert done.err.startswith("scrapy: ")
    assert "exclude.txt, line 1: expected an id or address" in done.err
    assert len(done.err.splitlines()) == 1
    assert server.log == []
