"""What strangers wrote, on its way out: names of files, modes, cells, terminals."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
import re
import stat
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observer_crawler import files
from observer_crawler.cells import escaped, harmless, visible, visible_lines
from observer_crawler.commands import doors
from observer_crawler.dataset import columns
from observer_crawler.dataset.sqlite_file import SqliteFile
from observer_crawler.dataset.wacz_cut import Cut
from observer_crawler.replica.page import Page
from observer_crawler.store import Segments
from observer_crawler.warc import info_of, records
from observer_crawler.warc.records import Record
from tests.conftest import ROOT, clean_environment, crawl_command, run_scrapy
from tests.test_hostile_site import HTML, SMALL, always, an_article, forms
from tests.warm import COLD

if TYPE_CHECKING:
    from collections.abc import Callable

    from observer_crawler.replica.server import Server
    from tests.conftest import RunCrawl, Serve

# Clears the screen, sets the title, turns letters round, in one byte and in two.
ESCAPES = "\x1b[2J\x1b]0;owned\x07 \u009b31m \u202eevil\u2066 \x00\x08\x7f"
HEADLINES = (
    f"=HYPERLINK(1,2) {ESCAPES}",
    f"-2+3+cmd|' /C calc'!A0 {ESCAPES}",
    f"../../../../tmp/x\r\n{ESCAPES}",
    f"@SUM(1+1) <script>alert(1)</script> {ESCAPES}",
)
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
EVIL = {
    "Content-Type": "text/html; charset=../../../etc/passwd",
    "Content-Disposition": "attachment; filename=../../../tmp/evil",
    "ETag": '"\u009b2J/../../x"',
    "Last-Modified": "../../x",
}
# Every name that may stand in a data folder, from its root.
NAMES = re.compile(
    r"""
      state | state/(?:ledger\.sqlite(?:-wal|-shm)?|origin|lock|runs\.jsonl|alarms\.json|torn)
    | state/torn/[0-9a-z.-]+
    | articles | articles/(?:[0-9]{4}|undated)
    | articles/(?:[0-9]{4}/[0-9]{4}-[0-9]{2}|undated/undated)\.[0-9]+\.jsonl
    | warc | warc/SHA256SUMS | warc/[a-z_]+-[0-9]{8}T[0-9]{6}Z-[0-9]+\.(?:warc\.gz(?:\.open)?|cdxj?)
    | dataset | dataset/\.lock | dataset/[a-z0-9.-]+
    | dataset/[a-z0-9.-]+/(?:[A-Za-z0-9_-]+\.(?:parquet|jsonl|csv|sqlite|wacz|json|md|txt|cff))
    """,
    re.VERBOSE,
)


def hostile(replica: Serve) -> Server:
    """A site whose stories are named like files, formulas and orders to a terminal."""
    numbers = range(900001, 900001 + len(HEADLINES))
    page = an_article()
    faults: dict[str, Callable[[int], Page | None]] = {}
    cards = []
    for number, headline in zip(numbers, HEADLINES, strict=True):
        text = headline.replace("<", "&lt;").encode()
        opening, _, rest = page.partition(b"<h1")
        tag, _, rest = rest.partition(b">")
        end = rest[rest.index(b"</h1>") :]
        body = b"".join((opening, b"<h1", tag, b">", text, end))
        cards.append(b'<li><a href="/news/%d">%s</a></li>' % (number, text))
        faults |= dict.fromkeys(forms(number), always(Page(200, HTML | EVIL, body)))
    front = b"<html><body><h3>Latest News</h3><ul>%s</ul></body></html>" % b"".join(cards)
    gone = always(Page(404, HTML, b"gone"))
    faults |= {"/": always(Page(200, HTML, front)), "/menu/198": gone, "/cat.php?cd=198": gone}
    return replica(faults, **SMALL)


def names_in(data: Path) -> list[str]:
    return sorted(path.relative_to(data).as_posix() for path in data.rglob("*"))


def test_what_a_hostile_site_says_names_no_file_and_moves_no_cursor(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    written = tmp_path / "out.csv"
    run = crawl(
        *("-L", "DEBUG", "-O", str(written)),
        site=hostile(replica).url,
        requisites="page",
        settings={"OBSERVER_CAPTURE": 1},
    )
    assert {f"b:{900001 + place}" for place in range(len(HEADLINES))} <= set(run.ids)
    assert any("\x1b" in article["headline"] for article in run.articles)  # the data is exact
    data = ("-s", f"OBSERVER_DATA={tmp_path / 'data'}")
    warcs = sorted((tmp_path / "data" / "warc").glob("*.warc.gz"))
    runs = [
        run_scrapy(*words, *data, env=COLD)
        for words in (
            ("headlines",),
            ("status",),
            ("status", "--json"),
            ("coverage",),
            ("verify",),
            ("extract", *map(str, warcs)),
            ("export", "--format", "parquet,jsonl,csv,sqlite"),
            ("export", "--table", "addresses"),
        )
    ]
    said = [run.out, run.err, *(f"{each.stdout}{each.stderr}" for each in runs)]
    assert [OBEYED.findall(text.replace("\r", "")) for text in said] == [[]] * len(said)
    assert "HYPERLINK" in runs[0].stdout
    extracted = {
        json.loads(line)["headline"]
        for line in runs[5].stdout.split("\n")
        if line and "headline" in line
    }
    assert {article["headline"] for article in run.articles} <= extracted
    wrong = [name for name in names_in(tmp_path / "data") if not NAMES.fullmatch(name)]
    assert wrong == []
    assert {path.name for path in tmp_path.iterdir()} <= {"data", "out.csv", "stats.json"} | {
        path.name for path in tmp_path.glob("err-*.txt")
    }
    sheets = [written, *(tmp_path / "data" / "dataset").glob("*/*.csv")]
    listed = run_scrapy("headlines", "--csv", *data, env=COLD).stdout
    for text in (listed, *(path.read_text("utf-8-sig") for path in sheets)):
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert not [cell for row in rows for cell in row if cell[:1] and cell[0] in "=+-@\t\r"]
        column = rows[0].index("headline")
        assert {read_back(row[column])[:1] for row in rows[1:]} >= {"=", "-", ".", "@"}


def read_back(cell: str) -> str:
    """Give the text of a cell, as README says how."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r\n＝＋－＠]", cell) else cell


@given(st.text() | st.from_regex(r"'*[=+\-@\t\r\n].*", fullmatch=True))
def test_a_cell_runs_nothing_and_gives_its_text_back(text: str) -> None:
    cell = harmless(text)
    assert cell[:1] not in {*"=+-@\t\r\n＝＋－＠"}
    assert read_back(cell) == text


@given(st.text())
def test_a_terminal_obeys_nothing_that_is_shown(text: str) -> None:
    assert not OBEYED.search(visible(text))
    assert not OBEYED.search(visible_lines(text))
    assert len(visible(text)) == len(text)


@given(st.text())
def test_json_for_a_terminal_has_the_same_value(text: str) -> None:
    written = escaped(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert not OBEYED.search(written)


@pytest.mark.parametrize("begin", "=+-@\t\r\n＝＋－＠")
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(begin: str) -> None:
    assert harmless(f"{begin}1+1") == f"'{begin}1+1"
    assert harmless(f"''{begin}1+1") == f"'''{begin}1+1"


@pytest.mark.parametrize("letter", "\u2028\u2029\ue000\udc80\ufeff\u00ad")
def test_what_nobody_can_see_is_shown_as_a_mark(letter: str) -> None:
    assert visible(f"a{letter}b") == "a\ufffdb"


def test_bangla_is_shown_as_it_is() -> None:
    text = "র\u200d্যাব ঢাকায় ক্\u200cষ — “ñ”"
    assert visible(text) == text == escaped(text)
    assert any(unicodedata.category(letter) == "Cf" for letter in text)


@given(st.text(max_size=12) | st.sampled_from(("99999-01-01", "../../x", "2022-06-1٦", "2022/..")))
def test_a_date_names_a_month_or_none(day: str) -> None:
    segments = Segments(Path("data"), "http://a.example")
    path, name = segments._segment_of(day)  # noqa: SLF001 (no file is made)
    assert NAMES.fullmatch(name)
    assert path == Path("data", name)


@pytest.mark.parametrize("mask", ["000", "077"])
def test_nobody_else_may_read_what_is_written(replica: Serve, tmp_path: Path, mask: str) -> None:
    data, zip_ = tmp_path / "data", tmp_path / "d.zip"
    site = replica(articles=12, days=2, plain=True).url
    given_ = {"OBSERVER_DATA": data, "DOWNLOAD_DELAY": 0.001, "OBSERVER_CAPTURE": 1}
    crawl = crawl_command((), {"site": site, "requisites": "images"}, given_)
    scrapy = crawl[:3]
    common = ["-s", f"OBSERVER_DATA={data}", "-s", "DOWNLOAD_DELAY=0.001"]
    commands = [
        crawl,
        [*scrapy, "export", "--format", "jsonl,sqlite,wacz", *common],
        [*scrapy, "coverage", "--html", str(tmp_path / "c.html"), *common],
        [*scrapy, "doctor", site, "--out", str(zip_), *common],
    ]
    for command in commands:
        line = ["sh", "-c", f'umask {mask} && exec "$@"', "sh", *command]
        done = subprocess.run(
            line,
            cwd=ROOT,
            env=clean_environment(ROOT / "no-stats", {}),
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in data.rglob("*")}
    modes = {path: mode for path, mode in modes.items() if not path.is_symlink()}
    modes |= {path: stat.S_IMODE(path.stat().st_mode) for path in (data, zip_)}
    assert {path: oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
    assert len(modes) > 10


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links of POSIX")
def test_a_folder_that_was_put_elsewhere_by_its_owner_is_used_there(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """A link in the data folder is its owner's doing: nobody else may write there."""
    elsewhere = tmp_path / "big-disk"
    elsewhere.mkdir(mode=0o700)
    articles = tmp_path / "data" / "articles"
    articles.mkdir(parents=True)
    server = replica(articles=12, days=2, plain=True)
    for year in map(str, range(2014, 2028)):
        (elsewhere / year).mkdir(mode=0o700)
        (articles / year).symlink_to(elsewhere / year)
    run = crawl(site=server.url)
    assert run.code == 0
    written = [path for path in elsewhere.rglob("*") if path.is_file()]
    assert {path.suffix for path in written} == {".jsonl"}
    assert {oct(stat.S_IMODE(path.stat().st_mode)) for path in written} == {"0o600"}


def test_what_older_captures_tell_of_their_owner_is_not_in_a_wacz(
    replica: Serve, crawl: RunCrawl, tmp_path: Path
) -> None:
    """Until November 2026 the first record of a file listed all settings."""
    crawl(site=replica(articles=12, days=2, plain=True).url, settings={"OBSERVER_CAPTURE": 1})
    data = tmp_path / "data"
    (path,) = (data / "warc").glob("*.warc.gz")
    first = next(records(path))
    assert isinstance(first, Record)
    whole = path.read_bytes()
    head = gzip.decompress(whole[: first.size])
    told = head.replace(b'"OBSERVER_HOURS": ""', b'"OBSERVER_ALARM_SMTP": "smtp://a:S3CRET@b"')
    longer = len(told) - len(head)
    length = len(first.body)
    told = told.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length + longer))
    path.write_bytes(gzip.compress(told) + whole[first.size :])
    path.with_suffix("").with_suffix("").with_suffix(".cdxj").unlink(missing_ok=True)
    assert "S3CRET" in info_of(path)["settings"]
    cut = Cut(path, ())
    left = b"".join(cut.blocks())
    assert left == whole[first.size :]
    assert len(left) == cut.size


@pytest.mark.parametrize("view", ["article.html", "article/b:1.html", "-/article.json"])
def test_datasette_shows_hostile_text_as_text(tmp_path: Path, view: str) -> None:
    """By the real Datasette, in a process of its own: what it would answer a browser."""
    path = tmp_path / "articles.sqlite"
    schema = columns.schema()
    row = dict.fromkeys(schema.names) | {
        "id": "b:1",
        "url": "javascript:alert(1)",
        "source_url": "javascript:alert(2)",
        "headline": '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
        "text": "</td><script>alert(1)</script>",
    }
    file = SqliteFile(path, schema, {"revisions": False, "title": "<script>alert(1)</script>"})
    file.write([row])
    file.finish()
    where = f"/articles/{view}" if "json" not in view else "/articles/article.json?_shape=array"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "datasette", str(path), "--get", where],
        env=clean_environment(ROOT / "no-stats", {"HOME": str(tmp_path)}),
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    if "json" in view:
        assert json.loads(done.stdout)[0]["headline"] == row["headline"]
        return
    assert "&lt;script&gt;alert(1)" in done.stdout
    assert "<script>alert" not in done.stdout
    assert "<img src=x" not in done.stdout
    assert not re.search(r"""href\s*=\s*["']?\s*javascript:""", done.stdout, re.IGNORECASE)


def fail() -> None:
    raise ValueError(ESCAPES)


def test_a_log_line_and_its_traceback_carry_nothing_to_obey() -> None:
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root.addHandler(handler)
    try:
        doors.keep_logs_plain()
        try:
            fail()
        except ValueError:
            logging.getLogger("any").exception("read %s", f"a\n{ESCAPES}")
    finally:
        for each in root.handlers:
            each.filters.clear()
        root.removeHandler(handler)
    assert out.getvalue().count("owned") == 2
    assert not OBEYED.search(out.getvalue())


def test_a_log_line_that_is_wrong_itself_ends_nothing() -> None:
    root, out = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(out)
    root.addHandler(handler)
    try:
        doors.keep_logs_plain()
        logging.getLogger("any").error("%d", "\x1bone")
    finally:
        for each in root.handlers:
            each.filters.clear()
        root.removeHandler(handler)
    assert out.getvalue() == "%d ('\\x1bone',)\n"


def test_a_report_is_not_written_where_a_link_of_somebody_else_leads(tmp_path: Path) -> None:
    mine, report = tmp_path / "mine", tmp_path / "report.html"
    mine.write_text("mine")
    (tmp_path / "report.html.new").symlink_to(mine)
    files.replace(report, "text")
    assert (mine.read_text(), report.read_text()) == ("mine", "text")
    assert not report.is_symlink()
