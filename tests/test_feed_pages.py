"""The feed: what is read from RSS as it is written, and from what only looks like it."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from observer_crawler import urls
from observer_crawler.pages import Box, Link, PageKind, read_page
from observer_crawler.replica import Options, Replica

FEED = "https://www.observerbd.com/rss"
STORY = "https://www.observerbd.com/news/596644"


def items(body: bytes | str, content_type: str | None = None) -> list[tuple[str, str]]:
    """Address and title of each item, all of them in the feed's own box."""
    data = body.encode() if isinstance(body, str) else body
    page = read_page(data, FEED, content_type)
    assert page.kind is PageKind.LISTING
    assert {link.box for link in page.links} <= {Box.FEED}
    return [(link.url, link.text) for link in page.links]


def rss(inside: str) -> str:
    return f'<rss version="2.0"><channel><title>Paper</title>{inside}</channel></rss>'


def item(title: str, link: str = STORY) -> str:
    return rss(f"<item><title>{title}</title><link>{link}</link></item>")


@pytest.mark.parametrize("options", [{}, {"language": "bn"}, {"markup": "2014"}])
def test_the_feed_of_the_copy_gives_fifteen_headlines_with_their_articles(
    options: dict[str, str],
) -> None:
    replica = Replica(Options(articles=60, days=4, **options))  # type: ignore[arg-type]
    host = "bn" if replica.options.language == "bn" else "www"
    page = read_page(replica.render("/rss").body, f"https://{host}.observerbd.com/rss")
    facts = {fact["id"]: fact["article"] for fact in replica.facts() if fact["article"]}
    newest = [facts[replica.desk.id(k)] for k in range(59, 44, -1)]
    assert len(page.links) == 15
    shown = {urls.parse(link.url).name: link.text for link in page.links}
    with_headline = {fact["id"]: fact["headline"] for fact in newest if fact["headline"]}
    assert shown.keys() == {fact["id"] for fact in newest}
    assert shown.items() >= with_headline.items()


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("Law &amp; order", "Law & order"),
        ("Law & order", "Law & order"),
        ("<![CDATA[Law & order]]>", "Law & order"),
        ("<![CDATA[R&amp;D &rsquo;s]]>", "R&D ’s"),
        ("R&amp;amp;D", "R&D"),
        ("Court&rsquo;s word&nbsp;&ndash; no", "Court’s word – no"),
        ("&#2453;&#x995;", "কক"),
        ("two\n  lines", "two lines"),
        ("a \x0b control", "a control"),
        ("<b>bold</b> words", "bold words"),
        ("", ""),
    ],
)
def test_a_title_is_read_as_a_reader_sees_it(printed: str, title: str) -> None:
    assert items(item(printed)) == [(STORY, title)]


@pytest.mark.parametrize(
    ("printed", "url"),
    [
        ("http://observerbd.com/news.php?id=5", "https://www.observerbd.com/news.php?id=5"),
        ("/news/6", "https://www.observerbd.com/news/6"),
        (
            "https://www.observerbd.com/news.php?id=7&utm=rss",
            "https://www.observerbd.com/news.php?id=7&utm=rss",
        ),
        ("/news.php?id=9&#038;x=1", "https://www.observerbd.com/news.php?id=9&x=1"),
        ("<![CDATA[ https://www.observerbd.com/news/8 ]]>", "https://www.observerbd.com/news/8"),
    ],
)
def test_a_link_is_absolute_and_the_newspapers_own(printed: str, url: str) -> None:
    assert items(item("x", printed)) == [(url, "x")]


def test_an_identifier_that_is_an_address_stands_in_for_a_link() -> None:
    guid = f"<item><title>x</title><guid>{STORY}</guid></item>"
    assert items(rss(guid)) == [(STORY, "x")]
    assert items(rss("<item><title>x</title><guid>596644</guid></item>")) == []


def test_atom_and_rss_1_are_feeds_too() -> None:
    entry = f'<entry><title>x</title><link rel="self" href="/a"/><link href="{STORY}"/></entry>'
    assert items(f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>') == [(STORY, "x")]
    rdf = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    )
    old = f"<item><title>x</title><link>{STORY}</link></item>"
    assert items(f"<rdf:RDF {rdf}>{old}</rdf:RDF>") == [(STORY, "x")]


def test_the_address_of_the_paper_itself_is_no_item() -> None:
    assert items(rss("<link>https://www.observerbd.com/</link>")) == []


def test_an_article_that_stands_twice_is_one_link_with_its_first_title() -> None:
    twice = "".join(
        f"<item><title>{title}</title><link>{STORY}</link></item>" for title in ("", "x", "y")
    )
    assert items(rss(twice)) == [(STORY, "x")]


def test_stray_bytes_are_mended_whatever_the_feed_declares() -> None:
    head = b'<?xml version="1.0" encoding="iso-8859-1"?>'
    text = item("Oscar").encode().replace(b"Oscar", b"\xd3scar \xe0\xa6\x95 \x96")
    assert items(head + text, "application/rss+xml") == [(STORY, "Óscar ক –")]


def test_nothing_outside_the_bytes_is_read() -> None:
    head = '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY b "boom">]>'
    assert items(head + item("x &f; &b;")) == [(STORY, "x &f; &b;")]


def test_a_feed_that_is_cut_gives_what_came() -> None:
    whole = rss("".join(f"<item><title>{n}</title><link>/news/{n}</link></item>" for n in "123"))
    cut = whole[: whole.index("/news/3")]
    assert [title for _, title in items(cut)] == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html><body><p>No feed for you <a href='/news/1'>x</a></p></body></html>", "other"),
        (b"", "other"),
        (b"<title>Just a moment...</title><p>Checking</p>", "challenge"),
    ],
)
def test_a_page_in_place_of_the_feed_is_read_as_a_page(body: bytes, kind: str) -> None:
    assert read_page(body, FEED).kind == kind


def test_xml_at_another_address_is_no_feed() -> None:
    assert read_page(item("x").encode(), "https://www.observerbd.com/menu/198").links != (
        Link(STORY, Box.FEED, "x"),
    )


@given(st.binary(max_size=400))
@example(b"<rss><item><link>\xff</link>")
@example(b"<rss>" + b"<item>" * 500)
@example(b"<rss><item><title>&#0;&#xD800;&#1114112;</title><link>http://[</link></item></rss>")
def test_no_bytes_break_the_reading_of_a_feed(noise: bytes) -> None:
    for body in (noise, b"<rss><channel>" + noise, item("x").encode().replace(b"x", noise)):
        assert read_page(body, FEED).article is None


@pytest.mark.parametrize(
    "piece", ["<![CDATA[", "<!DOCTYPE[", "<item>", "&", "<?xml ", "<rss>", "<link>"]
)
def test_no_feed_is_slow(piece: str) -> None:
    body = f"<rss>{piece * (1_000_000 // len(piece))}".encode()
    began = time.process_time()
    read_page(body, FEED)
    assert time.process_time() - began < 5
