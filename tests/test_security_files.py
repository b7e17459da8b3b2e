"""What is read from files and answers is data: nothing in it is run, expanded or believed."""

from __future__ import annotations

import ast
import gzip
import sqlite3
import time
import tracemalloc
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from observer_crawler.commands import doors
from observer_crawler.exceptions import ConfigurationError, LedgerBroken
from observer_crawler.ledger import tables
from observer_crawler.middlewares import Unpack
from observer_crawler.pages import read_page
from observer_crawler.warc.members import Damage
from observer_crawler.warc.records import records
from tests.conftest import ROOT
from tests.test_settings import project_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUSE = sorted((ROOT / "observer_crawler").rglob("*.py"))
# What reads a format that can say what is to be run.
LOADERS = frozenset(
    "pickle _pickle cPickle dill cloudpickle joblib marshal shelve dbm yaml torch code codeop "
    "runpy imp queuelib".split()
)
RUNS = frozenset(
    "eval exec compile __import__ enable_load_extension load_extension set_trace system popen "
    "import_module".split()
)
# `re.compile` compiles no Python; scrapy's own loading of commands is not ours.
HARMLESS = frozenset(("re.compile",))


def ways_to_run(tree: ast.Module) -> Iterator[str]:
    """What of a module loads or runs code that stands in data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
            yield from names & LOADERS
        elif isinstance(node, ast.ImportFrom):
            yield from {(node.module or "").partition(".")[0]} & LOADERS
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.rpartition(".")[2] in RUNS and called not in HARMLESS:
                yield called
            for keyword in node.keywords:
                is_set = ast.unparse(keyword.value) not in {"False", "None"}
                if keyword.arg in {"shell", "allow_pickle", "resolve_entities", "load_dtd"}:
                    yield from {keyword.arg} if is_set else ()
                if keyword.arg == "no_network" and not is_set:
                    yield "no_network=False"


@pytest.mark.parametrize("module", HOUSE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_loads_code_from_data(module: Path) -> None:
    assert list(ways_to_run(ast.parse(module.read_bytes()))) == []


@pytest.mark.parametrize(
    "line",
    [
        *("import pickle", "from marshal import loads", "import yaml", "from shelve import open"),
        *("eval('1')", "exec(x)", "builtins.eval(x)", "connection.enable_load_extension(True)"),
        *("subprocess.run(x, shell=True)", "XMLParser(resolve_entities=True)"),
        *("XMLParser(no_network=False)", "numpy.load(x, allow_pickle=True)", "os.system(x)"),
    ],
)
def test_the_judge_of_code_sees_it(line: str) -> None:
    assert len(list(ways_to_run(ast.parse(line)))) >= 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPCACHE_ENABLED", True),
        ("STATS_CLASS", "spidermon.contrib.stats.statscollectors.local_storage.Anything"),
        ("TWISTED_REACTOR_ENABLED", False),
        ("TWISTED_DNS_RESOLVER", "scrapy.resolver.CachingThreadedResolver"),
    ],
)
def test_what_keeps_pickles_or_goes_round_the_check_is_refused(name: str, value: object) -> None:
    settings = project_settings()
    settings.set(name, value, priority="cmdline")
    with pytest.raises(ConfigurationError, match=f"^{name}"):
        doors.shut(settings)


def test_a_crawl_asks_by_http_and_https_alone() -> None:
    settings = project_settings()
    doors.shut(settings)
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    on = {scheme: handler for scheme, handler in handlers.items() if handler}
    assert on == dict.fromkeys(("http", "https"), "observer_crawler.connections.Guarded")


# A ledger of somebody else's making.

TRIGGER = "CREATE TRIGGER t AFTER UPDATE ON address BEGIN DELETE FROM address; END"
VIEW = "CREATE VIEW v AS SELECT load_extension('x')"


@pytest.mark.parametrize("statement", [TRIGGER, VIEW])
def test_a_ledger_with_code_in_it_is_made_anew(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "ledger.sqlite"
    tables.connect(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    assert not tables.is_sound(path)
    with pytest.raises(LedgerBroken, match="is not ours"):
        tables.connect(path)
    with pytest.raises(LedgerBroken, match="is not ours"):
        tables.look(path)


def test_a_ledger_is_not_trusted_and_loads_no_extension(tmp_path: Path) -> None:
    with closing(tables.connect(tmp_path / "ledger.sqlite")) as connection:
        assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="not authorized"):
            connection.execute("SELECT load_extension('x')")


# Pages and feeds.

LAUGHS = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
ITEM = "<item><title>{}</title><link>https://www.observerbd.com/news/1</link></item>"
FEED = "<rss version='2.0'><channel>{}</channel></rss>"


def feed(doctype: str, title: str) -> bytes:
    return (
        f"<?xml version='1.0'?><!DOCTYPE rss [{doctype}]>{FEED.format(ITEM.format(title))}"
    ).encode()


@pytest.mark.parametrize(
    ("doctype", "title"),
    [
        (f'<!ENTITY l0 "ha">{LAUGHS}', "&l11;"),
        (f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 20_000),
        ('<!ENTITY x SYSTEM "file:///etc/hostname">', "&x;"),
        ('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;', "a"),
    ],
    ids=["laughs", "quadratic", "file", "dtd"],
)
def test_a_feed_expands_nothing(doctype: str, title: str) -> None:
    began = time.process_time()
    page = read_page(feed(doctype, title), "https://www.observerbd.com/rss", "application/rss+xml")
    assert time.process_time() - began < 5
    assert sum(len(link.text) for link in page.links) < 100_000
    assert not any("ha" * 9 in link.text or "/" in link.text for link in page.links)


def test_a_page_reads_no_file_and_no_entity() -> None:
    html = b"""<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>
    <html><body><h1>&x;</h1><div id="f">&x; root</div></body></html>"""
    page = read_page(html, "https://www.observerbd.com/news/1", "text/html")
    assert "root:" not in repr(page)


# Bombs.

MEGABYTE = 1 << 20


def test_a_record_that_unpacks_to_gigabytes_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "bomb.warc.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(300):
            file.write(bytes(MEGABYTE))
    tracemalloc.start()
    found = list(records(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(each) for each in found] == [Damage]
    assert most < 160 * MEGABYTE


def test_an_answer_that_unpacks_to_gigabytes_is_not_held() -> None:
    bomb = gzip.compress(bytes(200 * MEGABYTE), 1)
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
    response = Response("http://127.0.0.1/", headers=headers, body=bomb)
    unpack = Unpack.from_crawler(get_crawler(settings_dict={"DOWNLOAD_MAXSIZE": 10 * MEGABYTE}))
    tracemalloc.start()
    with pytest.raises(Exception, match="exceed"):
        unpack.process_response(Request("http://127.0.0.1/"), response)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 60 * MEGABYTE
