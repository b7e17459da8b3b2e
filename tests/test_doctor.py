"""`scrapy doctor` against every switch of the replica, and its zip file turned into test pages."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest
from scrapy.utils.project import get_project_settings

from observer_crawler.commands import looks
from observer_crawler.commands.doctor import Command
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.replica import Options, Page, Replica, serve
from tests.conftest import Faulty
from tests.golden import folders

if TYPE_CHECKING:
    from observer_crawler.replica import Access

ROOT = Path(__file__).parent.parent
QUESTIONS = {
    "robots": "What does robots.txt say?",
    "sitemap": "Does a sitemap answer?",
    "feed": "Does the feed answer?",
    "metadata": "Do articles carry a canonical link, JSON-LD or article:published_time?",
    "unknown": "What answers to an unknown number?",
    "old": "Do the other forms of an article's address redirect?",
    "dated": "Do the addresses of the first years still answer?",
    "end": "What comes after the last page of a list?",
    "boxes": "How are the three link boxes marked up?",
    "asides": "Where are gallery, video and e-paper?",
}


class Visits(Protocol):
    """Look at a replica with these switches, once."""

    def __call__(self, **options: str) -> Visit: ...


@dataclass(frozen=True)
class Visit:
    """What the doctor said about one replica, and what the replica saw of it."""

    code: int
    out: str
    err: str
    log: list[Access]
    zip: bytes | None
    wrote: list[str] = field(default_factory=list)

    def answer(self, question: str) -> str:
        """The line below a question."""
        lines = self.out.splitlines()
        return lines[lines.index(f"  {QUESTIONS[question]}") + 1].strip()


def run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project in a folder of its own, with nothing of ours in the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OBSERVER_")}
    (folder / "scrapy.cfg").write_bytes((ROOT / "scrapy.cfg").read_bytes())
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def look_at(folder: Path, *words: str, **options: Any) -> Visit:  # noqa: ANN401 (the replica's)
    """Let the doctor look at a replica."""
    with serve(Replica(Options(**{"articles": 120, **options}))) as server:
        done = run(folder, "doctor", server.url, "-s", "DOWNLOAD_DELAY=0.001", *words)
        log = list(server.log)
    files = sorted(path.name for path in folder.rglob("*") if path.name != "scrapy.cfg")
    packed = next((path.read_bytes() for path in folder.glob("doctor-*.zip")), None)
    return Visit(done.returncode, done.stdout, done.stderr, log, packed, files)


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Visits:
    """Look once at each set of switches: `visits(markup="2016")`."""

    @cache
    def visit(**options: str) -> Visit:
        return look_at(tmp_path_factory.mktemp("doctor"), **options)

    return visit


DEAD = {"markup": "2024", "old_forms": "404"}
CURRENT = {"markup": "2024", "redirects": "current", "unknown_id": "soft", "past_end": "repeat"}
BARE = {
    "markup": "2024",
    "old_forms": "404",
    "unknown_id": "soft-empty",
    "past_end": "404",
    "feed": "404",
    "sitemap": "404",
    "metadata": "canonical",
}
FIRST = {"markup": "2014", "robots": "none"}
USUAL = {"markup": "2016", "metadata": "json-ld"}
BANGLA = {"language": "bn"}
EVERY = [USUAL, CURRENT, BARE, FIRST]


@pytest.mark.parametrize(
    ("options", "question", "answer"),
    [
        (USUAL, "robots", "it answers 200 with 1 user-agent, "),
        (FIRST, "robots", "there is none (404): everything may be asked"),
        (USUAL, "sitemap", "yes, with 120 addresses"),
        (BARE, "sitemap", "no: https://www.observerbd.com/sitemap.php answers 404"),
        (USUAL, "feed", "yes, with 15 stories"),
        (BARE, "feed", "no: https://www.observerbd.com/rss answers 404"),
        (USUAL, "metadata", "canonical link yes, JSON-LD yes, article:published_time yes"),
        (CURRENT, "metadata", "canonical link no, JSON-LD no, article:published_time no"),
        (BARE, "metadata", "canonical link yes, JSON-LD no, article:published_time yes"),
        (USUAL, "unknown", "status 404"),
        (CURRENT, "unknown", "a soft 404: status 200 with a page that holds no article"),
        (BARE, "unknown", "a soft 404: status 200 with a page that holds no article"),
        (USUAL, "old", "no: old and new forms answer with the page itself"),
        (CURRENT, "old", "yes, with 301 to https://www.observerbd.com/news/"),
        (BARE, "old", "no: https://www.observerbd.com/news.php?id=531244 answers 200 without the"),
        (DEAD, "old", "no: https://www.observerbd.com/news.php?id=531244 answers 404 without the"),
        (FIRST, "old", "not answered: no article was seen under two forms"),
        (USUAL, "dated", "no: https://www.observerbd.com/2014/09/06/41457.php answers 404"),
        (FIRST, "dated", "yes: https://www.observerbd.com/2014/09/06/"),
        (USUAL, "end", "an empty list"),
        (CURRENT, "end", "a list again, of "),
        (BARE, "end", "status 404"),
        (USUAL, "boxes", "latest: 10 links in "),
        (USUAL, "asides", "gallery: https://www.observerbd.com/gallery.php?id=7; video: "),
    ],
)
def test_a_question_is_answered_rightly(
    visits: Visits, options: dict[str, str], question: str, answer: str
) -> None:
    visit = visits(**options)
    assert visit.code == 0, visit.err
    assert visit.answer(question).startswith(answer)


@pytest.mark.parametrize("options", [*EVERY, BANGLA])
def test_at_most_fifteen_requests_are_made_none_of_them_at_once_or_disallowed(
    visits: Visits, options: dict[str, str]
) -> None:
    visit = visits(**options)
    assert 10 <= len(visit.log) <= 15
    assert visit.log[0].path == "/robots.txt"
    assert all(
        one.ended <= next_.time for one, next_ in zip(visit.log, visit.log[1:], strict=False)
    )
    forbidden = {fact["path"] for fact in facts(**options) if not fact["allowed"]}
    assert not {access.path for access in visit.log} & forbidden


def facts(**options: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (the replica's own options)
    """What is true of the replica that was looked at."""
    return list(Replica(Options(**{"articles": 120, **options})).facts())


@pytest.mark.parametrize("options", EVERY)
def test_an_article_is_shown_with_its_markup_and_fields(
    visits: Visits, options: dict[str, str]
) -> None:
    visit = visits(**options)
    assert f"    markup {options['markup']}; filled: headline, " in visit.out
    assert "    not on the page: " in visit.out


@pytest.mark.parametrize("options", EVERY)
def test_nothing_is_written_but_one_zip_file(visits: Visits, options: dict[str, str]) -> None:
    visit = visits(**options)
    assert len(visit.wrote) == 1
    assert visit.wrote[0].startswith("doctor-20")


SWITCHES = [
    {"unknown_id": "404", "past_end": "empty"},
    {"unknown_id": "soft", "past_end": "repeat", "redirects": "current"},
    {"unknown_id": "soft-empty", "past_end": "404", "old_forms": "404"},
]


@pytest.mark.prove
@pytest.mark.parametrize("switches", SWITCHES)
@pytest.mark.parametrize("skin", [1, 2, 3])
@pytest.mark.parametrize("markup", ["2014", "2016", "2024"])
def test_every_question_is_answered_rightly_in_every_skin(
    tmp_path: Path, markup: str, skin: int, switches: dict[str, str]
) -> None:
    visit = look_at(tmp_path, markup=markup, skin=skin, articles=300, seed=skin, **switches)
    ends = {"empty": "an empty list", "repeat": "a list again", "404": "status 404"}
    is_dead, is_moved = "old_forms" in switches, "redirects" in switches
    forms = "no: https" if is_dead else "yes, with 301" if is_moved else "no: old and new"
    assert visit.code == 0, visit.err
    assert len(visit.log) <= 15
    unknown = "status 404" if switches["unknown_id"] == "404" else "a soft 404"
    assert visit.answer("unknown").startswith(unknown)
    assert visit.answer("end").startswith(ends[switches["past_end"]])
    assert visit.answer("old").startswith("not answered" if markup == "2014" else forms)
    assert visit.answer("dated").startswith("yes" if markup == "2014" else "no")
    assert visit.answer("boxes").count(" links in ") == 3


def test_the_bangla_edition_is_looked_at_in_its_own_form(tmp_path: Path) -> None:
    visit = look_at(tmp_path, "--language", "bn", language="bn")
    assert visit.code == 0, visit.err
    assert "article-current        200" in visit.out
    assert any(access.path == "/details.php?id=99999999" for access in visit.log)
    assert visit.answer("unknown") == "status 404"


@pytest.mark.parametrize(
    ("options", "said", "requests"),
    [
        ({"challenge": "page"}, "answers 503 with a challenge page", 2),
        ({"challenge": "page-200"}, "answers 200 with a challenge page", 2),
        ({"challenge": "403"}, "answers 403", 2),
        ({"robots": "forbid"}, "robots.txt forbids http://127.0.0.1:", 1),
    ],
)
def test_a_refusal_is_named_with_what_one_can_do_and_nothing_further_is_asked(
    tmp_path: Path, options: dict[str, str], said: str, requests: int
) -> None:
    visit = look_at(tmp_path, **options)
    assert visit.code == 5
    refusal = next(line for line in visit.out.splitlines() if "refuses this machine" in line)
    assert said in refusal
    assert "write to the newspaper" in visit.out
    assert "web archives" in visit.out
    assert len(visit.log) == requests
    assert visit.answer("unknown").startswith("not answered: ")
    assert visit.zip is not None


def test_a_front_page_that_redirects_on_the_site_is_followed(tmp_path: Path) -> None:
    away = Page(301, {"Location": "/index.php"}, b"")
    replica: Any = Replica(Options(articles=60))
    with serve(cast("Any", Faulty(replica, {"/": lambda _: away}))) as server:
        done = run(tmp_path, "doctor", server.url, "-s", "DOWNLOAD_DELAY=0.001")
        assert len(server.log) == 15
    assert done.returncode == 0, done.stderr
    assert "front-target           200" in done.stdout


def test_a_front_page_that_redirects_elsewhere_is_not_followed(tmp_path: Path) -> None:
    away = Page(301, {"Location": "http://127.0.0.2:9/"}, b"")
    replica: Any = Replica(Options(articles=60))
    with serve(cast("Any", Faulty(replica, {"/": lambda _: away}))) as server:
        done = run(tmp_path, "doctor", server.url, "-s", "DOWNLOAD_DELAY=0.001")
    assert done.returncode == 0, done.stderr
    assert "front-target" not in done.stdout
    assert "    to http://127.0.0.2:9/" in done.stdout
    assert "    to http://127.0.0.2:9/" in done.stdout


def test_a_robots_txt_that_fails_stops_the_look(tmp_path: Path) -> None:
    visit = look_at(tmp_path, robots="500")
    assert visit.code == 3
    assert "The site cannot be reached: robots.txt of 127.0.0.1:" in visit.out
    assert visit.answer("robots") == "it answers 500: nothing may be asked until that ends"
    assert len(visit.log) == 1


def test_an_answer_that_cannot_be_unpacked_is_kept_as_it_came(tmp_path: Path) -> None:
    broken = Page(200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, b"no gzip")
    replica: Any = Replica(Options(articles=60))
    with serve(cast("Any", Faulty(replica, {"/rss": lambda _: broken}))) as server:
        done = run(tmp_path, "doctor", server.url, "-s", "DOWNLOAD_DELAY=0.001", "--out", "d.zip")
    assert done.returncode == 0, done.stderr
    feed = {look.name: look for _, look in looks.read_zip(tmp_path / "d.zip")}["feed"]
    assert feed.status == 200
    assert feed.header("content-encoding") == "gzip"


def test_others_are_asked_no_faster_than_once_a_second() -> None:
    command = Command()
    command.settings = get_project_settings()
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    typed = "http://example.org -s DOWNLOAD_DELAY=0 -s OBSERVER_CONTACT=a@example.org".split()
    options, words = parser.parse_known_args(typed)
    command.process_options(words, options)
    assert command.settings.getfloat("DOWNLOAD_DELAY") == 1.0
    assert command.settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0.0
    assert command.settings.getint("CONCURRENT_REQUESTS") == 1


def test_a_site_that_does_not_answer_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    with serve(Replica(Options(articles=50))) as server:
        url = server.url
    done = run(tmp_path, "doctor", url)
    assert done.returncode == 3, done.stderr
    assert "The site cannot be reached: " in done.stdout
    assert "refused" in done.stdout
    assert list(tmp_path.glob("*.zip")) == []


def test_another_host_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 1
    assert done.stderr.startswith("scrapy: OBSERVER_CONTACT is not set")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no address"], "not a web address"),
        (["http://127.0.0.1:1", "http://127.0.0.1:2"], "expected one URL at most"),
        (["http://127.0.0.1:1", "--outt"], "expected one URL at most"),
        (["http://127.0.0.1:1", "--out", "scrapy.cfg"], "expected a new file"),
        (["http://127.0.0.1:1", "--out", "no/where.zip"], "expected a new file"),
        (["http://127.0.0.1:1", "-s", "OBSERVER_DAT=x"], "did you mean 'OBSERVER_DATA'?"),
    ],
)
def test_what_was_typed_wrongly_is_said_in_one_line(
    tmp_path: Path, words: list[str], said: str
) -> None:
    done = run(tmp_path, "doctor", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_look_on_one_day_overwrites_nothing(tmp_path: Path) -> None:
    look_at(tmp_path, challenge="page")
    again = look_at(tmp_path, challenge="page")
    assert len([name for name in again.wrote if name.endswith(".zip")]) == 2


def test_the_zip_holds_the_bytes_as_received_and_every_header(
    visits: Visits, tmp_path: Path
) -> None:
    visit = visits(**USUAL)
    path = tmp_path / "doctor.zip"
    path.write_bytes(visit.zip or b"")
    read = {look.name: look for _, look in looks.read_zip(path)}
    front = read["front"]
    page = Replica(Options(articles=120, **USUAL)).get("/")  # type: ignore[arg-type]
    assert looks.decoded(front) == page.body
    assert front.body[:2] == b"\x1f\x8b"
    assert front.header("content-encoding") == "gzip"
    assert (front.url, front.status) == ("https://www.observerbd.com/", 200)
    assert front.asked.startswith("http://127.0.0.1:")
    assert front.fetched_at
    assert b"Disallow" in looks.decoded(read["robots"])
    with zipfile.ZipFile(path) as file:
        assert "Questions" in file.read("report.txt").decode()
        name = next(name for name in file.namelist() if name.endswith("article-php/look.json"))
        assert json.loads(file.read(name))["page"]["article"]["markup"] == "2016"


@pytest.mark.parametrize("options", [USUAL, FIRST])
def test_the_zip_becomes_passing_test_pages_by_one_command(
    visits: Visits, tmp_path: Path, options: dict[str, str]
) -> None:
    """In a copy of the tests: the command also takes the new pages into golden.json."""
    visit = visits(**options)
    (tmp_path / "doctor-today.zip").write_bytes(visit.zip or b"")
    tests = tmp_path / "tests"
    shutil.copytree(ROOT / "tests/pages", tests / "pages")
    for name in ("golden.py", "test_pages.py"):
        shutil.copy(ROOT / "tests" / name, tests)
    before = len(folders(tests / "pages"))
    done = run(tmp_path, "fixture", "doctor-today.zip")
    assert done.returncode == 0, done.stderr
    assert len(folders(tests / "pages")) >= before + 9
    checked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_pages.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert checked.returncode == 0, checked.stdout[-3000:]


def test_a_page_that_exists_is_not_overwritten_without_force(
    visits: Visits, tmp_path: Path
) -> None:
    visit = visits(**USUAL)
    (tmp_path / "doctor.zip").write_bytes(visit.zip or b"")
    assert run(tmp_path, "fixture", "doctor.zip", "--out", "pages").returncode == 0
    page = next((tmp_path / "pages").glob("*-front")) / "page.html"
    page.write_bytes(b"of a person")
    again = run(tmp_path, "fixture", "doctor.zip", "--out", "pages")
    assert again.returncode == 1
    assert "exists already: --force replaces it" in again.stderr
    assert page.read_bytes() == b"of a person"
    assert run(tmp_path, "fixture", "doctor.zip", "--out", "pages", "--force").returncode == 0
    assert page.read_bytes() != b"of a person"


LOOK = {
    "name": "front",
    "url": "https://www.observerbd.com/",
    "asked": "https://www.observerbd.com/",
    "fetched_at": "2026-11-23T00:00:00.000000+00:00",
    "status": 200,
    "headers": [["Content-Type", "text/html"]],
}


def a_zip(path: Path, folder: str = "01-front", body: bytes = b"<p>x", **told: object) -> Path:
    """Write what a doctor might have written, or somebody who means us ill."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(f"{folder}/look.json", json.dumps({**LOOK, **told}))
        file.writestr(f"{folder}/body", body)
    return path


@pytest.mark.parametrize(
    "folder", ["../01-front", "/01-front", "..", "01-front/..", "01-FRONT", "01-../../x"]
)
def test_a_name_that_leads_elsewhere_is_no_look(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ConfigurationError, match="0 looks; expected 1 to 100"):
        list(looks.read_zip(a_zip(tmp_path / "doctor.zip", folder)))


def test_a_body_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    bomb = a_zip(tmp_path / "doctor.zip", body=bytes(looks.MAX_BODY_BYTES + 1))
    with pytest.raises(ConfigurationError, match="01-front/body unpacks to more than 10,485,760"):
        list(looks.read_zip(bomb))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_transfer_that_unpacks_to_too_much_is_refused(encoding: str) -> None:
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    bomb = packer.compress(bytes(looks.MAX_BODY_BYTES + 1)) + packer.flush()
    look = looks.Look("front", "https://a/", "https://a/", body=bomb)
    look.headers = [("Content-Encoding", encoding)]
    with pytest.raises(ConfigurationError, match="https://a/ unpacks to more than 10,485,760"):
        looks.decoded(look)


@pytest.mark.parametrize("window", [15, -15])
def test_deflate_is_read_with_and_without_its_frame(window: int) -> None:
    packer = zlib.compressobj(wbits=window)
    look = looks.Look(
        "front", "https://a/", "https://a/", body=packer.compress(b"x") + packer.flush()
    )
    look.headers = [("Content-Encoding", "deflate")]
    assert looks.decoded(look) == b"x"


@pytest.mark.parametrize(
    ("encoding", "said"), [("br", "'br' is not read here"), ("gzip", "its body is not gzip")]
)
def test_a_transfer_that_cannot_be_read_is_named(encoding: str, said: str) -> None:
    look = looks.Look("front", "https://a/", "https://a/", body=b"no gzip")
    look.headers = [("Content-Encoding", encoding)]
    with pytest.raises(ConfigurationError, match=said):
        looks.decoded(look)


@pytest.mark.parametrize("told", [{"headers": 7}, {"status": "many"}, {"headers": [["one"]]}])
def test_a_look_of_another_shape_is_named(tmp_path: Path, told: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="was not written by scrapy doctor"):
        list(looks.read_zip(a_zip(tmp_path / "doctor.zip", **told)))


@pytest.mark.parametrize("data", [b"", b"no zip file", b"PK\x03\x04"])
def test_a_file_that_is_no_zip_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "doctor.zip").write_bytes(data)
    with pytest.raises(ConfigurationError, match="was not written by scrapy doctor"):
        list(looks.read_zip(tmp_path / "doctor.zip"))


@pytest.mark.parametrize("words", [[], ["one.zip", "two.zip"], ["--forse"], ["no-such.zip"]])
def test_fixture_says_what_was_typed_wrongly(tmp_path: Path, words: list[str]) -> None:
    done = run(tmp_path, "fixture", *words)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
