"""The commands as a person runs them: each in a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from observer_crawler.items import from_record, to_line
from observer_crawler.pages import read_page
from observer_crawler.replica import Options, Replica, serve
from tests.conftest import Faulty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from observer_crawler.replica import Server

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "tests/pages/2016-plain/page.html"
URL = "https://www.observerbd.com/news.php?id=370580"


def environment(**more: str) -> dict[str, str]:
    """Give an environment without anything of ours, in which the project is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OBSERVER_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in an empty folder, so that everything a command writes is seen."""
    (tmp_path / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
    return tmp_path


def run(project: Path, *words: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=project,
        env=environment(**env),
        capture_output=True,
        check=False,
    )


def said(done: subprocess.CompletedProcess[bytes]) -> str:
    """Give the one line of an error."""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def written(project: Path) -> set[str]:
    """Give what a command wrote."""
    return {path.name for path in project.rglob("*")} - {"scrapy.cfg"}


# scrapy extract ------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_extract_prints_an_article_as_its_line(project: Path, locale: str) -> None:
    done = run(project, "extract", str(PAGE), "--url", URL, LC_ALL=locale, PYTHONIOENCODING="")
    page = read_page(PAGE.read_bytes(), URL)
    assert page.article is not None
    assert done.stdout.decode("utf-8") == to_line(page.article) + "\n"
    assert (done.returncode, done.stderr, written(project)) == (0, b"", set())


def test_extract_takes_the_address_from_a_meta_file_beside_the_page(project: Path) -> None:
    done = run(project, "extract", str(PAGE))
    article = from_record(json.loads(done.stdout))
    assert (article.id, article.fetched_at) == ("b:370580", None)


def test_extract_takes_the_address_from_the_canonical_link(project: Path) -> None:
    body = PAGE.read_bytes().replace(
        b"<head>", b"<head><LINK href='https://www.observerbd.com/news/7' rel=canonical />"
    )
    (project / "saved.html").write_bytes(body)
    assert json.loads(run(project, "extract", "saved.html").stdout)["id"] == "b:7"


def test_extract_says_what_a_page_without_an_article_is(project: Path) -> None:
    front = Replica(Options(articles=60)).get("/").body
    (project / "front.html").write_bytes(front)
    url = "https://www.observerbd.com/"
    done = run(project, "extract", "front.html", "--url", url)
    told = json.loads(done.stdout)
    assert told == {"kind": "listing", "url": url, "refusal": None, "file": "front.html"}


def test_extract_gives_a_line_for_each_page_and_names_those_it_cannot_read(project: Path) -> None:
    done = run(project, "extract", str(PAGE), "no-such.html", str(PAGE))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["b:370580"] * 2
    assert said(done) == "scrapy extract: no-such.html: cannot be read: No such file or directory"
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["saved.html"], "its address is not known: give it with --url"),
        (["saved.html", "--url", "https://example.org/1"], "is not an address of the newspaper"),
        (["saved.html", "--url", "news/1"], "is not an address of the newspaper"),
        (["pages.warc.gz"], "pages.warc.gz cannot be read: No such file or directory"),
        (["a.warc", "--url", "/1"], "--url is the address of one page; a WARC"),
        (["."], "cannot be read: Is a directory"),
    ],
)
def test_extract_says_in_one_line_what_it_lacks(
    project: Path, words: list[str], expected: str
) -> None:
    (project / "saved.html").write_text("<p>text")
    done = run(project, "extract", *words)
    assert expected in said(done)
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "no FILE given"),
        (["a.html", "b.html", "--url", URL], "--url is the address of one FILE"),
        (["a.html", "--ulr", URL], "unknown option --ulr"),
    ],
)
def test_extract_refuses_what_it_does_not_understand(
    project: Path, words: list[str], expected: str
) -> None:
    done = run(project, "extract", *words)
    assert expected in done.stderr.decode()
    assert done.returncode == 2


def test_extract_ends_quietly_when_its_reader_goes_away(project: Path) -> None:
    pages = " ".join([str(PAGE)] * 200)
    shell = f"{sys.executable} -m scrapy extract {pages} | head -n 1"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=project, env=environment(), capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


# scrapy replica ------------------------------------------------------------------------------


def test_replica_says_its_address_and_stops_when_asked(project: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "replica", "--articles", "60", "--markup", "2014"]
    with subprocess.Popen(
        command, cwd=project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        with urllib.request.urlopen(f"{url}/robots.txt") as answer:  # noqa: S310 (loopback)
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, b"")


def test_replica_says_a_wrong_value_in_one_line(project: Path) -> None:
    done = run(project, "replica", "--markup", "1999")
    assert "markup must be 2014 or 2016 or 2024" in said(done)
    assert done.returncode == 1


def test_replica_shows_its_own_options(project: Path) -> None:
    done = run(project, "replica", "--help")
    assert b"--past-end" in done.stdout
    assert done.returncode == 0


def test_replica_without_jinja2_names_the_extra(project: Path) -> None:
    (project / "jinja2.py").write_text(
        "raise ModuleNotFoundError('No module named jinja2', name='jinja2')"
    )
    done = run(project, "replica", PYTHONPATH=f"{project}{os.pathsep}{ROOT}")
    assert said(done) == (
        "scrapy replica: the replica needs jinja2: pip install 'observer-crawler[replica]'"
    )
    assert done.returncode == 1


# scrapy check --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A replica that has the article the contracts ask for."""
    with serve(Replica(Options(markup="2016", articles=300))) as running:
        yield running


def check(project: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run the contracts with the delay of a test."""
    return run(project, "check", "observer", "-s", "DOWNLOAD_DELAY=0.001", *words)


def test_check_holds_the_spider_to_its_contracts(project: Path, server: Server) -> None:
    done = check(project, "-a", f"site={server.url}")
    assert done.returncode == 0, done.stderr
    assert b"Ran 10 contracts" in done.stderr
    paths = {access.path for access in server.log}
    assert paths >= {"/robots.txt", "/", "/menu/198", "/news/370580"}
    assert written(project) == set()


def test_check_fails_where_a_page_does_not_give_what_it_must(project: Path) -> None:
    replica: Any = Replica(Options(markup="2016", articles=300))
    other = {
        "/news/370580": lambda _: replica.get("/"),
        "/": lambda _: replica.get("/menu/198/99"),
    }
    with serve(cast("Any", Faulty(replica, other))) as server:
        done = check(project, "-a", f"site={server.url}")
    assert done.returncode == 1
    text = done.stderr.decode()
    assert "check_article (@fills post-hook)" in text
    assert "gave 0 articles; expected 1" in text
    assert "links in section; expected 5 or more" in text


def test_check_fails_on_a_site_that_does_not_answer(project: Path) -> None:
    with serve(Replica(Options(articles=60))) as gone:
        url = gone.url
    assert check(project, "-a", f"site={url}").returncode == 1


def test_check_lists_its_contracts_without_a_contact(project: Path) -> None:
    done = check(project, "-l")
    assert done.stdout.split() == [
        b"observer",
        *(
            word
            for name in (b"article", b"front", b"section")
            for word in (b"*", b"check_" + name)
        ),
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-a", "sit=http://127.0.0.1:1"], "unknown argument 'sit'; did you mean 'site'?"),
        (["-s", "OBSERVER_DAT=x"], "did you mean 'OBSERVER_DATA'?"),
        ([], "OBSERVER_CONTACT is not set"),
        (["obserfer"], "unknown spider 'obserfer'; did you mean 'observer'?"),
    ],
)
def test_check_says_in_one_line_what_was_typed_wrongly(
    project: Path, words: list[str], expected: str
) -> None:
    done = check(project, *words)
    assert expected in said(done)
    assert done.returncode == 1


@pytest.mark.parametrize("command", [["list"], ["version"], ["settings", "--get", "BOT_NAME"]])
def test_other_commands_touch_no_data(project: Path, command: list[str]) -> None:
    done = run(project, *command)
    assert done.returncode == 0
    assert b"doctor" not in done.stdout
    assert written(project) == set()


def facts_of(server: Server) -> list[dict[str, Any]]:
    """Give what is true of a replica."""
    return list(server.replica.facts())


def test_the_article_of_the_contracts_is_in_the_replica(server: Server) -> None:
    assert any(fact["id"] == "b:370580" and fact["allowed"] for fact in facts_of(server))
