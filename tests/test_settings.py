"""What the settings promise, and that another Scrapy is refused with one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from scrapy.settings import Settings

from observer_crawler import settings
from observer_crawler.commands import check_contact, check_settings
from observer_crawler.exceptions import ConfigurationError, UnknownName
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RunCrawl, Serve


def project_settings(**more: object) -> Settings:
    """The settings of the project, as a command sees them."""
    made = Settings()
    made.setmodule(settings, priority="project")
    made.setdict(more, priority="cmdline")
    return made


@pytest.mark.parametrize("found", ["2.18.1", "2.20.0", "3.0.0"])
def test_another_scrapy_is_refused_with_one_line_that_names_both(
    tmp_path: Path, found: str
) -> None:
    info = tmp_path / f"scrapy-{found}.dist-info"
    info.mkdir()
    text = f"Metadata-Version: 2.1\nName: scrapy\nVersion: {found}\n"
    (info / "METADATA").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import observer_crawler.settings"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "2.19.x" in done.stderr
    assert found in done.stderr
    assert len(re.findall(r"\(\S+\.py\)", done.stderr)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ROBOTSTXT_OBEY", True),
        ("CONCURRENT_REQUESTS", 1),
        ("DOWNLOAD_DELAY", 1.0),
        ("DOWNLOAD_DELAY_JITTER", 0.0),
        ("REMOTE_CONTROL_ENABLED", False),
        ("TELNETCONSOLE_ENABLED", False),
        ("COOKIES_ENABLED", False),
        ("REFERER_ENABLED", False),
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("DOWNLOAD_MAXSIZE", 10 * 1024 * 1024),
        ("LOG_LEVEL", "INFO"),
        ("ROBOTSTXT_USER_AGENT", "observer_crawler"),
    ],
)
def test_the_defaults_are_polite_and_safe(name: str, value: object) -> None:
    assert getattr(settings, name) == value


@pytest.mark.parametrize("name", ["SCHEDULER", "ITEM_PIPELINES", "EXTENSIONS"])
def test_what_writes_is_switched_on_by_the_crawl_command_alone(name: str) -> None:
    assert not hasattr(settings, name)


@pytest.mark.parametrize(
    ("more", "brought"),
    [
        ({}, set()),
        ({"COOKIES_ENABLED": 1, "REMOTE_CONTROL_ENABLED": 1}, {"aiohttp", "tldextract"}),
    ],
)
def test_a_crawl_brings_in_nothing_costly_that_is_switched_off(
    replica: Serve, crawl: RunCrawl, more: dict[str, object], brought: set[str]
) -> None:
    server = replica(articles=6, days=3)
    told = crawl(
        site=server.url, max_articles=1, settings=more, env={"PYTHONPROFILEIMPORTTIME": "1"}
    )
    modules = {line.rpartition("|")[2].strip() for line in told.err.splitlines() if "|" in line}
    assert "observer_crawler.books" in modules
    assert {"aiohttp", "tldextract"} & modules == brought


def test_every_setting_says_why() -> None:
    lines = (ROOT / "observer_crawler" / "settings.py").read_text("utf-8").split("\n\n")
    blocks = [block for block in lines if re.search(r"^OBSERVER_[A-Z_]+ = ", block, re.MULTILINE)]
    assert len(blocks) == len([name for name in vars(settings) if name.startswith("OBSERVER_")])
    assert all(block.lstrip().startswith("#") for block in blocks)


def test_a_relative_data_folder_is_relative_to_the_project() -> None:
    made = project_settings(OBSERVER_DATA="here")
    check_settings(made)
    assert made["OBSERVER_DATA"] == str(ROOT / "here")


def test_a_misspelt_setting_is_an_error_wherever_it_comes_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UnknownName, match="'OBSERVER_DAT'; did you mean 'OBSERVER_DATA'"):
        check_settings(project_settings(OBSERVER_DAT="x"))
    monkeypatch.setenv("OBSERVER_CONTAKT", "x")
    with pytest.raises(UnknownName, match="'OBSERVER_CONTAKT'; did you mean 'OBSERVER_CONTACT'"):
        check_settings(project_settings())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OBSERVER_RETRY_ATTEMPTS", "few"),
        ("OBSERVER_RETRY_SECONDS", "-1"),
        ("OBSERVER_NOW", "2022-06-16T21:00:00"),
        ("OBSERVER_NOW", "tomorrow"),
        ("DOWNLOAD_DELAY", "slow"),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_that_names_it(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        check_settings(project_settings(**{name: value}))


@pytest.mark.parametrize("contact", ["you@example.org", "https://example.org/crawl?a=1"])
def test_a_mail_or_web_address_is_a_contact(contact: str) -> None:
    check_contact(project_settings(OBSERVER_CONTACT=contact), "https://example.org/")


@pytest.mark.parametrize(
    "contact", ["me", "you@localhost", "ftp://example.org", "you@example.org\r\nX: y", "http://x"]
)
def test_anything_else_is_no_contact(contact: str) -> None:
    with pytest.raises(ConfigurationError, match="expected a mail or web address"):
        check_contact(project_settings(OBSERVER_CONTACT=contact), "http://127.0.0.1/")


def test_this_machine_may_be_asked_without_a_contact() -> None:
    check_contact(project_settings(), "http://localhost:8000/")
    with pytest.raises(ConfigurationError, match="OBSERVER_CONTACT is not set"):
        check_contact(project_settings(), "http://localhost.example.org/")
