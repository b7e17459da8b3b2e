"""The replica is what the other tests lean on: here it is held to its own facts.

Pages are read with a parser of the standard library and with regular expressions, never with the
house's own extraction: the two must be able to disagree.
"""

import ast
import gzip
import hashlib
import http.client
import json
import re
import signal
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from email.message import Message
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import pytest

from observer_crawler import replica as package
from observer_crawler.replica import Options, OptionsError, Page, Replica, Server, serve
from observer_crawler.replica.__main__ import main
from observer_crawler.replica.oddities import IMPOSSIBLE, ODDITIES
from observer_crawler.replica.skins import SKINS

Fact = dict[str, Any]
EDITIONS = [(markup, skin, "en") for markup, skin in SKINS] + [
    (markup, skin, "bn") for markup, skin in SKINS if markup != "2014"
]


class Reader(HTMLParser):
    """Collects what a page links to and what it says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.hrefs: list[str] = []
        self.said: list[str] = []
        self.pictures: list[str] = []
        self.base = ""
        self._mute = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        feed = tag == "link" and values.get("type") == "application/rss+xml"
        if tag == "a" or feed:
            self.hrefs.append(values["href"] or "")
        if tag == "img":
            self.pictures.append(values["src"] or "")
        if tag == "meta" and values.get("property") == "og:image":
            self.pictures.append(values["content"] or "")
        if tag == "base":
            self.base = values["href"] or ""
        if tag in ("script", "style", "title"):
            self._mute = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._mute:
            self._mute = ""

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.said.append(data)


def read(page: Page) -> Reader:
    """Read a page: UTF-8, and each stray byte as cp1252."""
    text = page.body.decode("utf-8", "surrogateescape")
    text = re.sub("[\udc80-\udcff]", lambda c: bytes([ord(c[0]) & 255]).decode("cp1252"), text)
    reader = Reader()
    reader.feed(text)
    return reader


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFC", text))


@lru_cache(maxsize=24)
def site(markup: str, skin: int, language: str = "en") -> Replica:
    return Replica(Options(markup=markup, skin=skin, language=language, articles=60, days=8))


@lru_cache(maxsize=24)
def facts_of(markup: str, skin: int, language: str = "en") -> list[Fact]:
    return list(site(markup, skin, language).facts())


@lru_cache(maxsize=3000)
def reading(markup: str, skin: int, language: str, path: str) -> Reader:
    return read(site(markup, skin, language).render(path))


def articles(markup: str, skin: int, language: str = "en") -> Iterator[Fact]:
    return (fact for fact in facts_of(markup, skin, language) if fact["kind"] == "article")


def first_path(made: Replica) -> str:
    return next(str(fact["path"]) for fact in made.facts() if fact["kind"] == "article")


def test_the_same_options_give_the_same_bytes() -> None:
    one, two = (Replica(Options(articles=50)) for _ in range(2))
    facts = list(one.facts())
    assert facts == list(two.facts())
    paths = [fact["path"] for fact in facts]
    backwards = [two.render(path).body for path in reversed(paths)]
    assert [one.render(path).body for path in paths] == backwards[::-1]


def test_another_seed_gives_other_articles() -> None:
    texts = [
        {
            str(fact["article"]["body"])
            for fact in Replica(Options(articles=50, seed=seed)).facts()
            if fact["article"]
        }
        for seed in (1, 2)
    ]
    assert len(texts[0] & texts[1]) < 5


def test_the_first_bytes_do_not_depend_on_the_machine() -> None:
    made = Replica(Options(articles=50, markup="2016"))
    headlines = [fact["article"]["headline"] for fact in made.facts() if fact["article"]]
    digest = hashlib.sha256(json.dumps(headlines).encode()).hexdigest()
    assert digest[:8] == "09970a04"


def test_the_same_stories_have_the_same_sum_in_every_markup() -> None:
    now = "2022-06-16T21:00:00+06:00"
    sums = {
        markup: [
            fact["article"]["content_sha256"]
            for fact in Replica(Options(articles=80, markup=markup, skin=skin, now=now)).facts()
            if fact["article"]
        ]
        for markup, skin in (("2014", 3), ("2016", 1), ("2024", 2))
    }
    assert sums["2014"] == sums["2016"] == sums["2024"]


@pytest.mark.parametrize(("markup", "skin", "language"), EDITIONS)
def test_every_link_of_a_page_is_in_its_facts_and_it_weighs_as_real_ones_do(
    markup: str, skin: int, language: str
) -> None:
    for fact in facts_of(markup, skin, language):
        page = site(markup, skin, language).render(fact["path"])
        assert page.status == fact["status"], fact["path"]
        assert fact["kind"] == "feed" or 45_000 < len(page.body) < 120_000, fact["path"]
        printed = Counter(reading(markup, skin, language, fact["path"]).hrefs)
        assert printed == Counter(link["href"] for link in fact["links"]), fact["path"]


@pytest.mark.parametrize(("markup", "skin", "language"), EDITIONS)
def test_the_pieces_of_the_block_stand_in_the_page_in_order(
    markup: str, skin: int, language: str
) -> None:
    for fact in articles(markup, skin, language):
        said = squeezed("".join(reading(markup, skin, language, fact["path"]).said))
        at = 0
        for piece in fact["block"]:
            found = said.find(squeezed(piece), at)
            assert found >= 0, (fact["path"], piece)
            at = found + len(squeezed(piece))


@pytest.mark.parametrize(("markup", "skin", "language"), EDITIONS)
def test_what_stands_around_the_block_is_on_the_page(
    markup: str, skin: int, language: str
) -> None:
    for fact in articles(markup, skin, language):
        said = squeezed("".join(reading(markup, skin, language, fact["path"]).said))
        article = fact["article"]
        wanted = [*(article["shoulder"] or "").split(" / "), *(article["tags"] or [])]
        wanted += [*(article["byline"] or "").split(", "), article["section"] or ""]
        assert [text for text in wanted if squeezed(text) not in said] == []


@pytest.mark.parametrize(("markup", "skin", "language"), EDITIONS)
def test_the_pictures_of_the_facts_are_on_the_page(markup: str, skin: int, language: str) -> None:
    host = "bn" if language == "bn" else "www"
    for fact in articles(markup, skin, language):
        page = reading(markup, skin, language, fact["path"])
        against = urljoin(f"https://{host}.observerbd.com{fact['path']}", page.base)
        shown = {re.sub("^http:", "https:", urljoin(against, src)) for src in page.pictures}
        assert {image["url"] for image in fact["article"]["images"]} <= shown, fact["path"]


@pytest.mark.parametrize(("markup", "skin", "language"), EDITIONS)
def test_headline_body_and_removed_are_the_block(markup: str, skin: int, language: str) -> None:
    for fact in articles(markup, skin, language):
        article = fact["article"]
        parts = [article["headline"] or "", *article["body"]]
        parts += [part["text"] for part in article["removed"]]
        whole, pieces = (squeezed("".join(texts)) for texts in (fact["block"], parts))
        assert Counter(whole) == Counter(pieces), fact["path"]


@pytest.mark.parametrize(
    ("markup", "language"), [("2014", "en"), ("2016", "en"), ("2024", "en"), ("2016", "bn")]
)
def test_every_oddity_occurs_ten_times_in_three_thousand_articles(
    markup: str, language: str
) -> None:
    made = Replica(Options(markup=markup, language=language, articles=3000, days=365))
    seen = made.oddities()
    impossible = IMPOSSIBLE[markup] | IMPOSSIBLE[language]
    assert {
        name: seen[name] for name in ODDITIES if name not in impossible and seen[name] < 10
    } == {}
    assert set(seen) <= set(ODDITIES) - impossible


def test_plain_pages_carry_no_oddity() -> None:
    made = Replica(Options(articles=50, days=3, plain=True, markup="2016"))
    assert {name for fact in made.facts() for name in fact["oddities"]} <= {"day_without_print"}


def test_a_hundred_thousand_articles_are_ready_in_seconds() -> None:
    began = time.perf_counter()
    made = Replica(Options(articles=100_000, days=700))
    assert made.render("/").status == 200
    assert time.perf_counter() - began < 10


def test_every_form_of_an_article_answers_with_the_page() -> None:
    made = site("2016", 2)
    for fact in list(articles("2016", 2))[:10]:
        assert len(fact["forms"]) == 4
        bodies = {made.render(form).body for form in fact["forms"]}
        assert len(bodies) == 1


def test_a_dated_address_answers_on_its_own_day_only() -> None:
    path = next(articles("2014", 1))["path"]
    assert site("2014", 1).render(path).status == 200
    assert site("2014", 1).render(path.replace("/2014/", "/2015/")).status == 404


def test_numbers_fit_what_is_known_of_the_site() -> None:
    numbers = [int(fact["id"].partition(":")[2]) for fact in articles("2016", 1)]
    assert numbers == sorted(set(numbers))
    assert abs(numbers[-1] - 370580) < 10


def test_the_evening_brings_the_print_edition_of_tomorrow() -> None:
    made = Replica(Options(markup="2016", articles=400, now="2022-06-16T21:00:00+06:00"))
    days = Counter(fact["article"]["published_date"] for fact in made.facts() if fact["article"])
    assert 5 <= days["2022-06-17"] <= 15
    noon = Replica(Options(markup="2016", articles=400, now="2022-06-16T12:00:00+06:00"))
    days = Counter(fact["article"]["published_date"] for fact in noon.facts() if fact["article"])
    assert max(days) == "2022-06-16"


def test_robots_names_the_articles_that_the_facts_call_not_allowed() -> None:
    made = Replica(Options(articles=300, markup="2016"))
    text = made.render("/robots.txt").body.decode()
    barred = {fact["path"] for fact in made.facts() if fact["article"] and not fact["allowed"]}
    assert 1 <= len(barred) <= 15
    assert all(f"Disallow: {path}$" in text for path in barred)
    assert text.count("$") == 4 * len(barred)


@pytest.mark.parametrize(("switch", "status"), [("none", 404), ("forbid", 200), ("500", 500)])
def test_robots_txt_can_be_absent_forbid_all_or_fail(switch: str, status: int) -> None:
    page = Replica(Options(articles=50, robots=switch)).render("/robots.txt")
    assert page.status == status
    assert (b"Disallow: /\n" in page.body) == (switch == "forbid")


@pytest.mark.parametrize(("switch", "status"), [("404", 404), ("soft", 200), ("soft-empty", 200)])
@pytest.mark.parametrize("skin", [1, 2, 3])
@pytest.mark.parametrize("markup", ["2014", "2016", "2024"])
def test_an_unknown_number_answers_as_the_switch_says(
    markup: str, skin: int, switch: str, status: int
) -> None:
    made = Replica(Options(articles=50, unknown_id=switch, markup=markup, skin=skin))
    fact = next(fact for fact in made.facts() if fact["kind"] == "missing")
    page = made.render(fact["path"])
    assert page.status == fact["status"] == status
    assert Counter(read(page).hrefs) == Counter(link["href"] for link in fact["links"])
    assert (b"Published :" in page.body) == (switch == "soft-empty")


@pytest.mark.parametrize(
    ("switch", "status", "stories"), [("empty", 200, 0), ("repeat", 200, 20), ("404", 404, 0)]
)
def test_the_page_after_the_last_one_is_a_switch(switch: str, status: int, stories: int) -> None:
    made = Replica(Options(articles=300, past_end=switch))
    last = len(made.desk.by_section[198]) // 20 + 1
    beyond = made.render(f"/menu/198/{last + 3}")
    assert beyond.status == status
    shown = beyond.body.count(b'class="title_inner"')
    assert (shown > 0) == (stories > 0)
    if stories:
        assert beyond.body == made.render(f"/menu/198/{last}").body or shown <= stories


def test_old_forms_redirect_or_are_gone() -> None:
    moved = Replica(Options(articles=50, redirects="current"))
    number = moved.desk.numbers[0]
    page = moved.render(f"/news.php?id={number}")
    assert (page.status, page.headers["Location"]) == (301, f"/news/{number}")
    gone = Replica(Options(articles=50, old_forms="404"))
    assert gone.render(f"/news.php?id={number}").status == 404
    assert gone.render(f"/news/{number}").status == 200


@pytest.mark.parametrize(
    ("switch", "status", "robots"), [("page", 503, 200), ("page-200", 200, 200), ("403", 403, 403)]
)
def test_a_challenge_stands_before_every_page(switch: str, status: int, robots: int) -> None:
    made = Replica(Options(articles=50, challenge=switch))
    page = made.render("/")
    assert page.status == status
    assert (b"Just a moment" in page.body) == (switch != "403")
    assert made.render("/robots.txt").status == robots


def test_feed_and_sitemap_can_be_missing() -> None:
    made = Replica(Options(articles=50))
    assert made.render("/rss").body.count(b"<item>") == 15
    assert re.search(rb"<pubDate>[^:]*</pubDate>", made.render("/rss").body)
    assert made.render("/sitemap.php").body.count(b"<loc>") == 50
    without = Replica(Options(articles=50, feed="404", sitemap="404"))
    assert [without.render(path).status for path in ("/rss", "/sitemap.php")] == [404, 404]


def test_metadata_is_printed_only_when_asked() -> None:
    signs = (b'rel="canonical"', b"application/ld+json")
    for switch, wanted in (("none", (0, 0)), ("canonical", (1, 0)), ("json-ld", (1, 1))):
        made = Replica(Options(articles=50, metadata=switch))
        body = made.render(first_path(made)).body
        assert tuple(body.count(sign) for sign in signs) == wanted


def test_the_charset_is_declared_as_the_switch_says() -> None:
    for switch, in_header, in_page in (
        ("none", "", b""),
        ("header", "utf-8", b""),
        ("meta", "", b"utf-8"),
        ("wrong", "iso-8859-1", b"iso-8859-1"),
    ):
        page = Replica(Options(articles=50, charset=switch)).render("/")
        assert page.headers["Content-Type"].partition("charset=")[2] == in_header
        assert (b"".join(re.findall(rb'<meta charset="([^"]*)"', page.body))) == in_page


def test_a_story_with_stray_bytes_is_no_utf8_and_its_facts_are_right() -> None:
    made = Replica(Options(articles=300, markup="2016"))
    fact = next(fact for fact in made.facts() if "cp1252_letter" in fact["oddities"])
    with pytest.raises(UnicodeDecodeError):
        made.render(fact["path"]).body.decode()
    assert "Óscar Muñoz" in " ".join(fact["article"]["body"])


def test_views_grow_only_when_asked() -> None:
    for grows in (False, True):
        made = Replica(Options(articles=50, views_grow=grows, plain=True))
        path = first_path(made)
        bodies = {made.get(path).body for _ in range(3)}
        assert len(bodies) == (3 if grows else 1)


def test_some_day_indexes_fail_at_first() -> None:
    made = Replica(Options(articles=200, days=60))
    odd = [fact["path"] for fact in made.facts() if "day_500_at_first" in fact["oddities"]]
    assert [made.get(odd[0]).status for _ in range(2)] == [500, 200]


def test_the_calendar_never_ends() -> None:
    made, path = Replica(Options(articles=50)), "/calendar.php?y=2025&m=12"
    for _ in range(30):
        page = read(made.render(path))
        path = next(href for href in page.hrefs if "calendar" in href)
    assert path == "/calendar.php?y=2028&m=6"


def test_author_pages_answer_to_every_spelling() -> None:
    for fact in facts_of("2024", 1):
        if fact["kind"] == "author":
            statuses = {site("2024", 1).render(form).status for form in fact["forms"]}
            assert statuses == {200}


def test_articles_are_published_and_edited_while_it_serves() -> None:
    with serve(Replica(Options(articles=50, plain=True))) as server:
        before = {fact["id"]: fact["article"] for fact in server.replica.facts() if fact["id"]}
        server.now = "2025-06-17T09:30:00+06:00"
        first, second = server.publish(2)
        server.edit(first)
        after = {fact["id"]: fact["article"] for fact in server.replica.facts() if fact["id"]}
        assert {first, second} <= set(after) - set(before)
        assert after[first]["published_date"] == "2025-06-17"
        assert after[second]["previous"] == first
        edited = next(iter(before))
        server.edit(edited)
        again = {fact["id"]: fact["article"] for fact in server.replica.facts() if fact["id"]}
        changed = {key for key in again[edited] if again[edited][key] != after[edited][key]}
        assert changed == {"body", "content_sha256"}


def test_editing_what_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="no article 'b:1' to edit"):
        Replica(Options(articles=50)).edit("b:1")


def test_every_edit_changes_the_text_and_a_picture_has_none() -> None:
    made = Replica(Options(articles=60, days=5))
    before = {fact["id"]: fact["article"] for fact in made.facts() if fact["article"]}
    pictures = {name for name, article in before.items() if not article["body"]}
    for name in before.keys() - pictures:
        made.edit(name)
    after = {fact["id"]: fact["article"] for fact in made.facts() if fact["article"]}
    sums = {
        name for name in before if before[name]["content_sha256"] != after[name]["content_sha256"]
    }
    assert sums == before.keys() - pictures
    with pytest.raises(KeyError, match="a picture without a text"):
        made.edit(min(pictures))


def test_the_server_keeps_connections_zips_and_logs() -> None:
    with serve(Replica(Options(articles=50))) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        client.request("GET", "/", headers={"Accept-Encoding": "gzip", "X-Test": "1"})
        zipped = client.getresponse()
        body = gzip.decompress(zipped.read())
        opened = client.sock
        client.request("GET", "/menu/198?a=b")
        plain = client.getresponse()
        assert plain.headers["Content-Encoding"] is None
        assert len(plain.read()) == int(plain.headers["Content-Length"])
        assert client.sock is opened is not None
        client.close()
        assert body == server.replica.render("/").body
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert [(entry.path, entry.status) for entry in server.log] == [
            ("/", 200),
            ("/menu/198?a=b", 200),
        ]
        assert server.log[0].headers["X-Test"] == "1"
        assert server.log[0].time <= server.log[0].ended <= server.log[1].time
        assert (server.max_in_flight, server.errors) == (1, [])


def test_a_stopped_server_opens_the_same_port_again() -> None:
    with serve(Replica(Options(articles=50))) as server:
        address, client = server.url, http.client.HTTPConnection("127.0.0.1", server.port)
        client.request("GET", "/about.php")
        client.getresponse().read()
        server.stop()
        with pytest.raises(ConnectionRefusedError):
            http.client.HTTPConnection("127.0.0.1", server.port).request("GET", "/")
        client.close()
        server.start()
        assert server.url == address
        client.request("GET", "/about.php")
        assert client.getresponse().status == 200
        client.close()


def test_latency_is_waited_for() -> None:
    with serve(Replica(Options(articles=50, latency_seconds=0.05))) as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port)
        client.request("GET", "/about.php")
        client.getresponse().read()
        client.close()
    assert server.log[0].ended - server.log[0].time >= 0.05


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Replica(Options(articles=50))) as server:
        code = main(["--articles", "50", "--port", str(server.port)])
    said = capsys.readouterr()
    assert (code, said.out) == (1, "")
    assert re.fullmatch(rf"replica: port {server.port} cannot be opened on .*\n", said.err)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (["--markup", "1999"], "replica: markup must be 2014 or 2016 or 2024, not '1999'"),
        (["--articles", "0"], "replica: articles must be 1 to 200000, not 0"),
        (["--skin", "4"], "replica: skin must be 1 to 3, not 4"),
        (
            ["--clock", "noon"],
            "replica: now must be a time like 2022-06-16T21:00:00+06:00, not 'noon'",
        ),
        (
            ["--language", "bn", "--markup", "2014"],
            "replica: markup must be 2016 or 2024 with language bn, not '2014'",
        ),
        (["--latency-seconds", "-1"], "replica: latency_seconds must be 0 or more, not -1.0"),
    ],
)
def test_a_wrong_value_is_one_clear_line(
    wrong: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(wrong) == 1
    assert capsys.readouterr().err == expected + "\n"


def test_options_refuse_a_value_nobody_knows() -> None:
    with pytest.raises(OptionsError, match="robots must be rules or none"):
        Options(robots="maybe")


def test_the_command_serves_writes_facts_and_stops_at_a_signal(tmp_path: Path) -> None:
    facts, log = tmp_path / "facts.jsonl", tmp_path / "access.jsonl"
    command = [sys.executable, "-m", "observer_crawler.replica", "--articles", "50"]
    command += ["--facts", str(facts), "--access-log", str(log), "--past-end", "repeat"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        client = http.client.HTTPConnection(url.removeprefix("http://"))
        client.request("GET", "/about.php")
        assert client.getresponse().status == 200
        client.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    lines = [json.loads(line) for line in facts.read_text("utf-8").splitlines()]
    assert sum(line["kind"] == "article" for line in lines) == 50
    assert json.loads(log.read_text("utf-8"))["path"] == "/about.php"


def test_it_imports_nothing_of_the_house() -> None:
    allowed = {"jinja2", "markupsafe", *sys.stdlib_module_names}
    for file in Path(str(package.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                own = name.startswith("observer_crawler.replica")
                assert own or name.partition(".")[0] in allowed, (file.name, name)


def ask(server: Server, path: str, **headers: str) -> tuple[int, Message]:
    """Status and headers of one answer; `If_None_Match` stands for If-None-Match."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request("GET", path, headers=names)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status, answer.headers


@pytest.mark.parametrize(
    ("switch", "name", "asks"),
    [("etag", "ETag", "If_None_Match"), ("modified", "Last-Modified", "If_Modified_Since")],
)
def test_a_page_that_only_counts_its_readers_is_not_sent_again(
    switch: str, name: str, asks: str
) -> None:
    made = Replica(Options(articles=50, views_grow=True, validators=switch))
    path = first_path(made)
    with serve(made) as server:
        _, headers = ask(server, path)
        held = {asks: headers[name]}
        assert [ask(server, path, **held)[0] for _ in range(2)] == [304, 304]
        server.edit(f"b:{made.desk.numbers[0]}")
        status, changed = ask(server, path, **held)
        assert (status, changed[name] == headers[name]) == (200, False)
        assert ask(server, path, **{asks: changed[name]})[0] == 304
        server.publish()
        assert ask(server, path, **{asks: changed[name]})[0] == 200
        assert [access.status for access in server.log] == [200, 304, 304, 200, 304, 200]


def test_validators_are_sent_only_when_asked_for_and_for_articles_alone() -> None:
    names = {"ETag", "Last-Modified"}
    for switch, wanted in (("none", set()), ("both", names)):
        made = Replica(Options(articles=50, validators=switch))
        assert names & made.get(first_path(made)).headers.keys() == wanted
        assert not names & made.get("/").headers.keys()


def test_a_date_that_is_none_is_no_validator() -> None:
    made = Replica(Options(articles=50, validators="modified"))
    with serve(made) as server:
        for since in ("yesterday", "Mon, 16 Jun 2025 21:00:00"):
            assert ask(server, first_path(made), If_Modified_Since=since)[0] == 200


def test_robots_txt_can_be_changed_while_it_serves() -> None:
    with serve(Replica(Options(articles=50))) as server:
        rules = server.replica.get("/robots.txt").body
        server.robots = "User-agent: *\nDisallow: /news/\n"
        assert server.replica.get("/robots.txt").body == server.robots.encode()
        assert ask(server, "/robots.txt")[0] == 200
        server.robots = None
        assert server.replica.get("/robots.txt").body == rules
        assert [access.path for access in server.log] == ["/robots.txt"]


@pytest.mark.parametrize(("switch", "status"), [("404", 404), ("today", 200), ("empty", 200)])
@pytest.mark.parametrize("path", ["/archive/2018-01-04", "/archive.php?d=4&m=1&y=2018"])
def test_a_day_without_stories_answers_as_the_switch_says(
    switch: str, status: int, path: str
) -> None:
    made = Replica(Options(articles=200, days=2, missing_day=switch, plain=True))
    page = made.get(path)
    assert page.status == status
    today = {made.desk.numbers[k] for k in made.desk.by_day[date(2025, 6, 16).toordinal()]}
    shown = {number for number in today if f"/news/{number}".encode() in page.body}
    # Its newest stories stand on every page.
    assert (len(shown) > len(today) / 2) == (shown == today) == (switch == "today")
    assert made.get("/archive/2025-06-16").status == 200
    assert made.get("/archive/2025-02-30").status == 404


def day_facts(made: Replica) -> dict[date, Fact]:
    """The facts of the day indexes, by day."""
    facts = [fact for fact in made.facts() if fact["kind"] == "day"]
    return {date.fromisoformat(fact["path"][-10:]): fact for fact in facts}


def test_a_form_of_another_era_is_no_day_where_the_switch_says_so() -> None:
    made = Replica(Options(articles=50, day_forms="own", plain=True))
    assert all(len(fact["forms"]) == 1 for fact in day_facts(made).values())
    assert made.get("/archive/2025-06-16").status == 200
    assert made.get("/archive.php?d=16&m=06&y=2025").status == 404
    old = Replica(Options(markup="2016", articles=50, day_forms="own", plain=True))
    assert old.get("/archive.php?d=16&m=6&y=2022").status == 200
    assert old.get("/archive/2022-06-16").status == 404


def test_the_feed_is_rss_of_the_fifteen_newest() -> None:
    made = Replica(Options(articles=50))
    made.publish(3)
    newest = [f"https://www.observerbd.com/news/{number}" for number in made.desk.numbers[-15:]]
    channel = ET.fromstring(made.get("/rss").body)[0]  # noqa: S314 (made here)
    assert [channel.findtext(name) for name in ("title", "link")] == [
        "The Daily Observer",
        "https://www.observerbd.com/",
    ]
    assert [item.findtext("link") for item in channel.iter("item")] == newest[::-1]
    assert all(item.findtext("title") and item.findtext("guid") for item in channel.iter("item"))


def test_a_site_of_five_thousand_days_answers_in_three_milliseconds() -> None:
    began = time.process_time()
    made = Replica(Options(articles=20_000, days=5000))
    assert time.process_time() - began < 1
    days = made.days()[::50]
    paths = [f"/archive/{day.isoformat()}" for day in days]
    paths += [f"/news/{number}" for number in made.desk.numbers[::200]] + ["/robots.txt"] * 100
    began = time.process_time()
    for path in paths:
        made.get(path)
    assert (time.process_time() - began) / len(paths) < 0.003
