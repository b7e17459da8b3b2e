"""Laws 5 and 7 over the whole replica: facts = extract(render(facts)), and nothing vanishes.

Each markup in each of its three skins, every article, every field: 200 articles of each look in
the usual run, 3,000 in the long one. The facts come from the replica's model, which was
written without a look at the extraction.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from w3lib.url import safe_url_string

from observer_crawler import urls
from observer_crawler.pages import read_page
from observer_crawler.replica import Options, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from observer_crawler.items import Article
    from observer_crawler.pages import Page

ORIGINS = {"en": "https://www.observerbd.com", "bn": "https://bn.observerbd.com"}
OF_THE_FETCH = {"fetched_at", "source_url", "revision", "capture", "extractor"}
LOOKS = [(markup, skin, "en") for markup in ("2014", "2016", "2024") for skin in (1, 2, 3)]
LOOKS += [("2016", 1, "bn"), ("2016", 2, "bn"), ("2024", 3, "bn")]
ARTICLES = 200
MANY_ARTICLES = 3000

Fact = dict[str, Any]


def replica_of(markup: str, skin: int, language: str, articles: int = ARTICLES) -> Replica:
    return Replica(Options(markup=markup, skin=skin, language=language, articles=articles))


def articles_of(replica: Replica, language: str) -> Iterator[tuple[Fact, bytes, str]]:
    for fact in replica.facts():
        if fact["article"] is not None and fact["kind"] == "article":
            yield fact, replica.render(fact["path"]).body, ORIGINS[language] + fact["path"]


def fields(article: Article) -> dict[str, Any]:
    return {name: value for name, value in asdict(article).items() if name not in OF_THE_FETCH}


def differences(article: Article | None, refusal: str | None, fact: Fact) -> list[str]:
    if article is None:
        return [f"{fact['path']}: refused as {refusal}"]
    read = fields(article)
    return [
        f"{fact['path']} {name}: {value!r}, not {fact['article'][name]!r}"
        for name, value in read.items()
        if value != fact["article"][name]
    ]


@pytest.mark.parametrize(("markup", "skin", "language"), LOOKS)
def test_facts_come_back_from_every_page(markup: str, skin: int, language: str) -> None:
    assert_facts_come_back(replica_of(markup, skin, language), language, ARTICLES)


@pytest.mark.prove
@pytest.mark.parametrize(("markup", "skin", "language"), LOOKS)
def test_facts_come_back_from_every_page_of_a_large_replica(
    record_property: Callable[[str, object], None], markup: str, skin: int, language: str
) -> None:
    replica = replica_of(markup, skin, language, MANY_ARTICLES)
    assert_facts_come_back(replica, language, MANY_ARTICLES)
    record_property("articles", MANY_ARTICLES)


def assert_facts_come_back(replica: Replica, language: str, articles: int) -> None:
    wrong: list[str] = []
    vanished: list[str] = []
    count = 0
    for fact, body, url in articles_of(replica, language):
        page = read_page(body, url, "text/html")
        wrong += differences(page.article, page.refusal, fact)
        if page.article and not is_woven(fact["block"], page.article):
            vanished.append(fact["path"])
        count += 1
    assert count >= articles
    assert not wrong, f"{len(wrong)} wrong: " + "\n".join(wrong[:20])
    assert not vanished, f"{len(vanished)} with text lost or doubled: {vanished[:20]}"


def is_woven(block: list[str], article: Article) -> bool:
    """Whether headline, body and removed, each in its order, make exactly the block's text.

    Word by word is quick; letter by letter where an inline tag cuts a piece within a word.
    """
    kept = [article.headline or "", *article.body]
    removed = [piece.text for piece in article.removed]
    parts = [" ".join(texts).split() for texts in (block, kept, removed)]
    return weaves(*parts) or weaves(*("".join(words) for words in parts))


def weaves(whole: Sequence[str], one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether `whole` is `one` and `other` interleaved, each item once, each in its order.

    Walks the whole with the set of ways to have split it so far: how much is of `one`.
    """
    if len(whole) != len(one) + len(other):
        return False
    ways = {0}
    for done, item in enumerate(whole):
        ways = {
            after
            for taken in ways
            for after, source, place in ((taken + 1, one, taken), (taken, other, done - taken))
            if place < len(source) and source[place] == item
        }
        if not ways:
            return False
    return True


def test_the_weave_tells_lost_doubled_and_moved_text() -> None:
    whole = "head DHAKA: body -AFP".split()
    assert weaves(whole, "head body".split(), "DHAKA: -AFP".split())
    assert not weaves(whole, "head body".split(), ["DHAKA:"])
    assert not weaves("head DHAKA: body".split(), "head body body".split(), ["DHAKA:"])
    assert not weaves("abcd", "bad", "c")


LINKED_PAGES = 150
LINKED_KINDS = {"article", "listing", "day"}


@pytest.mark.parametrize(("markup", "skin", "language"), LOOKS)
def test_every_link_stands_in_its_box(markup: str, skin: int, language: str) -> None:
    replica = replica_of(markup, skin, language, LINKED_PAGES)
    compared: Counter[str] = Counter()
    wrong: list[str] = []
    for fact in replica.facts():
        if fact["kind"] not in LINKED_KINDS:
            continue
        body = replica.render(fact["path"]).body
        page = read_page(body, ORIGINS[language] + fact["path"], "text/html")
        compared[fact["kind"]] += bool(page.links)
        wrong += misplaced(page, fact)
    assert compared["article"] >= LINKED_PAGES
    assert min(compared[kind] for kind in LINKED_KINDS) >= 10, compared
    assert not wrong, f"{len(wrong)} wrong: " + "\n".join(wrong[:20])


def misplaced(page: Page, fact: Fact) -> list[str]:
    """Links that only one side has, each address by the one name that it has on the site.

    A fact without an address is of a link that leads nowhere: mail, telephone, broken.
    """
    read = {(urls.parse(link.url).url, str(link.box)) for link in page.links}
    true = {
        (_name_of(link["url"]), link["box"]) for link in fact["links"] if link["url"] is not None
    }
    return [
        f"{fact['path']} {url} in {box}: {'invented' if (url, box) in read else 'lost'}"
        for url, box in sorted(read ^ true)
    ]


@cache
def _name_of(url: str) -> str:
    return urls.parse(safe_url_string(url)).url


REDESIGN_FIELDS = ("headline", "published_date", "section", "views", "related", "previous", "next")
REDESIGN_PAGES = 150
MANY_REDESIGNED = 1000


@pytest.mark.parametrize(("markup", "skin", "language"), LOOKS[:9])
@pytest.mark.parametrize(
    "pages", [REDESIGN_PAGES, pytest.param(MANY_REDESIGNED, marks=pytest.mark.prove)]
)
def test_a_redesign_is_read_by_its_words_or_refused(
    record_property: Callable[[str, object], None],
    markup: str,
    skin: int,
    language: str,
    pages: int,
) -> None:
    replica = replica_of(markup, skin, language, pages)
    right = whole = count = 0
    differing: list[str] = []
    for fact, body, url in articles_of(replica, language):
        page = read_page(renamed(body), url, "text/html")
        count += 1
        if page.article is None:
            continue
        read, facts = fields(page.article), fact["article"]
        right += all(read[name] == facts[name] for name in REDESIGN_FIELDS)
        whole += read["body"] == facts["body"]
        differing += [
            f"{fact['path']} {name}: {value!r}, not {facts[name]!r}"
            for name, value in read.items()
            if name not in {"markup", "tags"} and value not in (None, [], facts[name])
        ]
    record_property("pages right", f"{right} of {count}")
    record_property("bodies equal", f"{whole} of {count}")
    assert not differing, f"{len(differing)} differ: " + "\n".join(differing[:20])
    assert right >= 0.98 * count, f"{right} of {count} pages right in {REDESIGN_FIELDS}"
    assert whole >= 0.9 * count, f"{whole} of {count} bodies equal"


_SCRIPT = re.compile(rb"(<script.*?</script>)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rb"<[a-zA-Z][^<>]*>")
_ATTRIBUTE = re.compile(
    rb"""(?P<name>\s[a-zA-Z:-]+)(?P<is>\s*=\s*)(?P<value>"[^"]*"|'[^']*'|[^\s"'>]+)"""
)


def renamed(body: bytes) -> bytes:
    """Rename every class and id of a page, the same name always to the same new one."""
    parts = _SCRIPT.split(body)
    return b"".join(
        part
        if _SCRIPT.match(part)
        else _TAG.sub(lambda tag: _ATTRIBUTE.sub(_rename, tag[0]), part)
        for part in parts
    )


def _rename(attribute: re.Match[bytes]) -> bytes:
    if attribute["name"].strip().lower() not in {b"class", b"id"}:
        return attribute[0]
    names = attribute["value"].strip(b"\"'").split()
    new = b" ".join(b"x" + hashlib.sha256(name).hexdigest()[:8].encode() for name in names)
    return attribute["name"] + attribute["is"] + b'"' + new + b'"'
