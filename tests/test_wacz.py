"""`scrapy export --format wacz`: judged by the `wacz` package, opened by pywb, shown by Chromium."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from observer_crawler.dataset import Wanted, export
from observer_crawler.exceptions import ExportError
from observer_crawler.replica import Options, Replica, serve
from observer_crawler.warc import index_of
from tests import pywb
from tests.browser import browser
from tests.captures import kept, warc_files
from tests.conftest import ROOT, clean_environment, crawl_command, run_scrapy
from tests.stored import Heard

if TYPE_CHECKING:
    from observer_crawler.dataset import Made
    from tests.browser import Browser
    from tests.conftest import Crawl, RunCrawl, Serve

FIFTY: dict[str, Any] = {"articles": 60, "days": 6, "robots": "none"}
CAPTURED = {"OBSERVER_CAPTURE": 1}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifty articles with all their pages are shown with, in several WARC files."""
    data = tmp_path_factory.mktemp("crawled") / "data"
    with serve(Replica(Options(**FIFTY))) as server:
        asked = {"site": server.url, "max_articles": 50, "requisites": "page"}
        settings = {
            "OBSERVER_DATA": data,
            "OBSERVER_CAPTURE": 1,
            "OBSERVER_WARC_GB": 0.0002,
            "DOWNLOAD_DELAY": 0.001,
        }
        typed = crawl_command((), asked, settings)
        env = clean_environment(data / "stats.json", {})
        done = subprocess.run(typed, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    """The same, to do with as one likes."""
    return shutil.copytree(crawled, tmp_path / "data", ignore=shutil.ignore_patterns("dataset"))


@pytest.fixture(scope="module")
def packed(crawled: Path) -> Path:
    """All fifty in one file."""
    return made(crawled).version / "articles.wacz"


def made(data: Path, **more: Any) -> Made:  # noqa: ANN401 (what is wanted)
    return export(data, Wanted(formats=("wacz",), **more), Heard())


def lines(data: Path) -> list[dict[str, Any]]:
    files = sorted((data / "articles").glob("*/*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]


def pages(path: Path) -> list[dict[str, Any]]:
    """The list of pages, without its first line."""
    with zipfile.ZipFile(path) as file:
        return [json.loads(line) for line in file.read("pages/pages.jsonl").splitlines()][1:]


def archived(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
    return [name.removeprefix("archive/") for name in names if name.startswith("archive/")]


def judged(path: Path) -> str:
    """What `wacz validate` says."""
    tool = Path(sys.executable).with_name("wacz")
    done = subprocess.run(
        [tool, "validate", "-f", path],
        env=clean_environment(path.parent / "no-stats", {}),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.strip().splitlines()[-1]


def test_a_file_of_fifty_articles_is_valid(packed: Path, crawled: Path) -> None:
    assert judged(packed) == "Validation succeeded, the passed WACZ is valid"
    assert len(pages(packed)) == len(lines(crawled)) == 50


def test_the_judge_sees_a_page_that_was_changed(packed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wacz"
    with zipfile.ZipFile(packed) as file, zipfile.ZipFile(other, "w") as out:
        for name in file.namelist():
            out.writestr(name, file.read(name).replace(b'"title": "', b'"title": "x'))
    assert judged(other) == "Validation failed, the passed WACZ is invalid"


def test_a_page_has_the_headline_the_address_and_the_moment_of_its_capture(
    packed: Path, crawled: Path
) -> None:
    expected = {
        line["source_url"]: (line["headline"] or line["source_url"], line["fetched_at"][:19] + "Z")
        for line in lines(crawled)
    }
    found = pages(packed)
    assert {page["url"]: (page["title"], page["ts"]) for page in found} == expected
    assert len({page["id"] for page in found}) == len(found)


def test_the_warc_files_are_in_it_as_they_are_and_stored_not_packed(
    packed: Path, crawled: Path
) -> None:
    files = warc_files(crawled)
    assert len(files) > 3
    assert archived(packed) == [path.name for path in files]
    with zipfile.ZipFile(packed) as file:
        for path in files:
            assert file.read(f"archive/{path.name}") == path.read_bytes()
            assert file.getinfo(f"archive/{path.name}").compress_type == zipfile.ZIP_STORED
        assert file.getinfo("indexes/index.cdx.gz").compress_type == zipfile.ZIP_STORED


def test_its_index_is_that_of_all_files_in_order_and_every_block_can_be_found(
    packed: Path, crawled: Path
) -> None:
    expected = sorted(
        line
        for path in warc_files(crawled)
        for line in index_of(path).read_text("utf-8").splitlines(keepends=True)
    )
    with zipfile.ZipFile(packed) as file:
        index = file.read("indexes/index.cdx.gz")
        head, *tops = file.read("indexes/index.idx").decode().splitlines()
    assert gzip.decompress(index).decode() == "".join(expected)
    assert json.loads(head.removeprefix("!meta 0 ")) == {
        "format": "cdxj-gzip-1.0",
        "filename": "index.cdx.gz",
    }
    for number, top in enumerate(tops):
        place = json.loads(top[top.index("{") :])
        block = index[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        assert gzip.decompress(block).decode() == "".join(expected[number * 1024 :][:1024])
        assert expected[number * 1024].startswith(top.partition("{")[0])


def test_the_same_captures_give_the_same_bytes_and_no_moment_of_making(
    packed: Path, archive: Path
) -> None:
    """Nor where they lie, nor when their files were written."""
    for path in archive.rglob("*"):
        path.touch()
    again = made(archive).version / "articles.wacz"
    assert again.read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(packed) as file:
        assert {each.date_time for each in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "created" not in json.loads(file.read("datapackage.json"))


def test_a_copy_of_the_site_says_in_the_file_that_its_text_is_invented(packed: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        package = json.loads(file.read("datapackage.json"))
    assert package["title"] == "The Daily Observer: 50 articles"
    assert "invented" in package["description"]
    assert package["wacz_version"] == "1.1.1"


def test_a_condition_chooses_the_pages_and_leaves_out_files_without_any(archive: Path) -> None:
    """Files of pictures of these pages, and of style sheets, stay."""
    chosen = min(lines(archive), key=lambda line: line["fetched_at"])
    small = made(archive, where=f"id = '{chosen['id']}'").version / "articles.wacz"
    (page,) = pages(small)
    assert page["url"] == chosen["source_url"]
    assert 1 <= len(archived(small)) < len(warc_files(archive))
    paths = {"/" + image["url"].split("/", 3)[3] for image in chosen["images"]}
    with zipfile.ZipFile(small) as file:
        index = gzip.decompress(file.read("indexes/index.cdx.gz")).decode().splitlines()
    told = [json.loads(line.split(" ", 2)[2]) for line in index]
    assert {each["filename"] for each in told} == set(archived(small))
    urls = {"/" + each["url"].split("/", 3)[3] for each in told}
    assert urls >= paths | {"/css/style.css?v=7"}
    assert judged(small).endswith("is valid")


def test_what_has_no_capture_is_counted_and_is_not_in_it(archive: Path) -> None:
    path = min((archive / "articles").glob("*/*.jsonl"))
    first, *rest = path.read_text("utf-8").splitlines()
    lost = {**json.loads(first), "capture": None}
    path.write_text("\n".join([json.dumps(lost, ensure_ascii=False), *rest]) + "\n", "utf-8")
    (archive / "state" / "ledger.sqlite").unlink()
    done = made(archive)
    assert len(pages(done.version / "articles.wacz")) == 49
    (note,) = done.manifest["warnings"]["wacz"]
    assert note == "1 row is not in articles.wacz: warc/ has no answer of the page"
    assert done.manifest["rows"] == 50


def test_a_file_that_is_still_written_to_is_not_in_it(archive: Path) -> None:
    last = warc_files(archive)[0]
    last.rename(last.with_name(f"{last.name}.open"))
    done = made(archive)
    assert last.name not in archived(done.version / "articles.wacz")
    assert "not in articles.wacz" in done.manifest["warnings"]["wacz"][0]


def test_a_lost_index_is_made_for_it_and_a_wrong_one_is_named(archive: Path) -> None:
    before = made(archive)
    index = index_of(warc_files(archive)[0])
    told = index.read_text("utf-8")
    index.unlink()
    again = made(archive).version / "articles.wacz"
    assert again.read_bytes() == (before.version / "articles.wacz").read_bytes()
    index.write_text(f"{told}nonsense\n", "utf-8")
    with pytest.raises(ExportError, match=r"remove it, the next crawl makes it anew"):
        made(archive)


def test_without_any_capture_there_is_one_line(archive: Path) -> None:
    shutil.rmtree(archive / "warc")
    with pytest.raises(ExportError, match=r"no page to put into articles\.wacz"):
        made(archive)


def test_two_files_of_one_name_are_named(archive: Path) -> None:
    first = warc_files(archive)[0]
    (archive / "warc" / "old").mkdir()
    shutil.copy(first, archive / "warc" / "old")
    with pytest.raises(ExportError, match="have one name"):
        made(archive)


def test_an_excluded_article_is_in_no_part_of_it_and_neither_is_its_picture(
    archive: Path,
) -> None:
    """The other records stay byte for byte, where the index says."""
    found = [line for line in lines(archive) if line["images"]]
    counts = Counter(image["url"] for line in found for image in line["images"])
    gone = next(
        line for line in found if all(counts[image["url"]] == 1 for image in line["images"])
    )
    (archive / "exclude.txt").write_text(f"{gone['id']} 2026-11-01 asked by its author\n", "utf-8")
    path = made(archive).version / "articles.wacz"
    assert judged(path).endswith("is valid")
    assert len(pages(path)) == 49
    ends = (gone["source_url"], *(image["url"].split("/", 3)[3] for image in gone["images"]))
    with zipfile.ZipFile(path) as file:
        index = gzip.decompress(file.read("indexes/index.cdx.gz")).decode().splitlines()
        told = [json.loads(line.split(" ", 2)[2]) for line in index]
        files = {name: file.read(f"archive/{name}") for name in archived(path)}
    assert not [each for each in told if each["url"].endswith(ends)]
    before = {each.id: each for each in kept(archive)}
    for each in told:
        place = slice(int(each["offset"]), int(each["offset"]) + int(each["length"]))
        record = before.pop(each["record_id"])
        original = (archive / "warc" / record.file).read_bytes()
        assert files[each["filename"]][place] == original[record.offset :][: record.size]
    texts = [gzip.decompress(packed) for packed in files.values()]
    assert not any(f"WARC-Target-URI: {gone['source_url']}\r".encode() in text for text in texts)
    lost = [each for each in before.values() if each.kind in {"response", "revisit"}]
    assert lost
    assert all(each.url.endswith(ends) for each in lost)


def test_every_text_of_an_article_is_a_page_of_its_own(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    server = replica(**FIFTY)
    noon = "2025-06-16T12:00:00+06:00"
    first: Crawl = crawl(
        site=server.url, max_articles=3, settings={**CAPTURED, "OBSERVER_NOW": noon}
    )
    name = first.ids[0]
    server.edit(name)
    later = {**CAPTURED, "OBSERVER_NOW": noon.replace("06-16", "06-17")}
    crawl(spider="observer_archive", ids=name, revisit="all", site=server.url, settings=later)
    found = pages(made(tmp_path / "data", revisions=True).version / "articles.wacz")
    assert len(found) == 4
    assert len({page["id"] for page in found}) == 4
    assert len({page["url"] for page in found if page["id"].startswith(name)}) <= 2


def test_the_command_says_how_to_open_it_and_what_cannot_be(archive: Path) -> None:
    data = f"OBSERVER_DATA={archive}"
    done = run_scrapy("export", "--format", "parquet,wacz", "-s", data)
    assert done.returncode == 0, done.stderr
    assert "wb-manager add --unpack-wacz COLLECTION" in done.stdout
    refused = run_scrapy("export", "--format", "wacz", "--without", "text", "-s", data)
    assert refused.returncode == 1
    assert "a wacz holds the pages whole" in refused.stderr
    assert refused.stderr.count("\n") == 1


# pywb shows a page within a frame of its own.
FRAME = "document.querySelector('iframe')?.contentDocument"


def within(shown: Browser, expression: str) -> Any:  # noqa: ANN401 (whatever the page says)
    """Ask the page that pywb replays, once it is loaded; `page` is its document."""
    until = time.monotonic() + 30
    is_loaded = f"{FRAME}?.URL != 'about:blank' && {FRAME}?.readyState == 'complete'"
    while not shown.ask(is_loaded):
        assert time.monotonic() < until, shown.ask("document.documentElement.outerHTML")
        time.sleep(0.02)
    return shown.ask(f"(page => {expression})({FRAME})")


@pytest.mark.system
def test_three_of_its_pages_show_headline_and_photo_in_a_browser(
    packed: Path, crawled: Path, tmp_path: Path
) -> None:
    """Through pywb, their style sheet and script too, and Chromium is sent to nobody else."""
    photos = [line for line in lines(crawled) if line["images"] and line["headline"]]
    moments = {page["url"]: page["ts"] for page in pages(packed)}
    with pywb.serving([packed], tmp_path / "pywb") as served, browser() as shown:
        for line in photos[:3]:
            stamp = "".join(filter(str.isdigit, moments[line["source_url"]]))
            shown.go(f"{served.url}/{stamp}/{line['source_url']}")
            assert within(shown, "page.querySelector('h1').innerText") == line["headline"]
            path = json.dumps("/" + line["images"][0]["url"].split("/", 3)[3])
            photo = f"[...page.images].find(each => each.src.endsWith({path}))"
            assert within(shown, f"{photo}.naturalWidth + ' ' + {photo}.naturalHeight") == "160 96"
            photo_style = "getComputedStyle(page.querySelector('.news-photo'))"
            assert within(shown, f"{photo_style}.borderBottomWidth") == "3px"
            assert within(shown, "page.documentElement.getAttribute('data-site')") == "shown"
            origin = served.url.rpartition("/")[0]
            assert [url for url in shown.requests if not url.startswith((origin, "data:"))] == []
