"""The address grammar as laws: it never raises, and every form of an address has one name."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from w3lib.url import safe_url_string

from observer_crawler import urls
from observer_crawler.site import FIRST_DAY
from observer_crawler.urls import Kind

SITE = "http://127.0.0.1:8000"
ORIGIN = "https://www.observerbd.com"

# The same cases each time: a failure here must mean that the code has changed.
always_alike = settings(derandomize=True, database=None, deadline=None, max_examples=300)

HOSTS = st.sampled_from(
    "www.observerbd.com observerbd.com OBSERVERBD.com bn.observerbd.com example.org [::1] [bad "
    "host:99999 www.observerbd.com:443 www.observerbd.com. ১.example".split()
)
SCRAPS = st.sampled_from(
    "/ // \\ . .. ? & = # % %zz %00 ; : @ news news.php details.php id=1 id=٣ /news/7 menu cat.php "
    "cd=198 pg=2 key=x archive 2014 /2014/09/06/ 41457.php author/ A+B rss index.php \ud800 \x00 "
    "রহিম +".split()
) | st.text(max_size=4)
anything = st.builds(
    lambda scheme, host, scraps: scheme + host + "".join(scraps),
    st.sampled_from(["http://", "https://", "HTTPS://", "//", "", "ftp://", "javascript:"]),
    HOSTS | st.text(max_size=8),
    st.lists(SCRAPS, max_size=8),
)


@given(anything)
@always_alike
def test_no_string_stops_the_grammar(url: str) -> None:
    address = urls.parse(url)
    assert address.name
    assert urls.parse(address.url).name == address.name


@given(anything, anything)
@always_alike
def test_no_href_stops_the_resolving(href: str, base: str) -> None:
    resolved = urls.resolve(href, base)
    if resolved is not None:
        assert resolved.startswith(("http://", "https://"))
        assert "#" not in resolved
        assert urls.resolve(resolved, ORIGIN) is not None


def test_a_host_of_control_characters_alone_is_none() -> None:
    assert urls.resolve("http://\x1e", f"{ORIGIN}/") is None


numbers = st.integers(1, 999_999_999)
days = st.dates(FIRST_DAY, dt.date(2030, 12, 31))
addresses = st.one_of(
    st.builds(urls.article, st.sampled_from(["b", "bn"]), numbers),
    st.builds(
        urls.listing,
        st.integers(1, 99_999),
        st.integers(1, 999_999),
        st.sampled_from(["en", "bn"]),
    ),
    st.builds(urls.day, days, st.sampled_from(["en", "bn"])),
    st.builds(lambda day, page: urls.parse(f"{ORIGIN}/archive/{day}?page={page}"), days, numbers),
    st.builds(urls.front, st.sampled_from(["en", "bn"])),
    st.builds(
        lambda day, number: urls.parse(f"{ORIGIN}/{day:%Y/%m/%d}/{number}.php"), days, numbers
    ),
)


@given(addresses)
@always_alike
def test_every_form_of_an_address_has_its_name(address: urls.Address) -> None:
    for form in (address.url, address.canonical, *address.forms):
        again = urls.parse(form)
        assert (again.kind, again.name, again.canonical) == (
            address.kind,
            address.name,
            address.canonical,
        )


@given(
    addresses,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["", "#/", "#google_vignette", "#x?id=2"]),
)
@always_alike
def test_scheme_case_of_host_and_fragment_make_no_other_address(
    address: urls.Address, scheme: str, fragment: str
) -> None:
    for form in address.forms:
        rest = form.partition("://")[2]
        host, slash, path = rest.partition("/")
        for spelling in (host, host.upper(), host.removeprefix("www.")):
            said = f"{scheme}://{spelling}{slash}{path}{fragment}"
            assert urls.parse(said).name == address.name, said


@given(addresses)
@always_alike
def test_the_stand_in_of_a_site_is_left_as_it_was_entered(address: urls.Address) -> None:
    language = address.language or "en"
    for form in address.forms:
        fetched = urls.to_site(form, SITE, language)
        assert fetched.startswith(SITE + "/")
        assert urls.from_site(fetched, SITE, language) == form


@given(numbers)
@always_alike
def test_the_three_spaces_of_numbers_never_meet(number: int) -> None:
    forms = [f"{ORIGIN}/news/{number}", f"{ORIGIN}/2014/09/06/{number}.php"]
    forms.append(f"https://bn.observerbd.com/news/{number}")
    assert [urls.parse(form).name for form in forms] == [
        f"b:{number}",
        f"a:{number}",
        f"bn:{number}",
    ]


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/news/00370580", Kind.ARTICLE, "b:370580"),
        ("/news/370580/", Kind.ARTICLE, "b:370580"),
        ("/NEWS.PHP?ID=370580&fbclid=x", Kind.ARTICLE, "b:370580"),
        ("/details.php?id=370580%20", Kind.ARTICLE, "b:370580"),
        ("/2014/9/6/041457.php", Kind.ARTICLE, "a:41457"),
        ("/archive.php?d=1&m=6&y=2022", Kind.DAY, "day:2022-06-01"),
        ("/archive.php?d=01&m=06&y=2022", Kind.DAY, "day:2022-06-01"),
        ("/2022/06/01/index.php", Kind.DAY, "day:2022-06-01"),
        ("/archive/2022-06-01/2", Kind.DAY, "day:2022-06-01:2"),
        ("/archive/2022-6-1/?page=2", Kind.DAY, "day:2022-06-01:2"),
        ("/archive.php?d=1&m=6&y=2022&pg=02", Kind.DAY, "day:2022-06-01:2"),
        ("/2022/06/01/index.php?p=2", Kind.DAY, "day:2022-06-01:2"),
        ("/archive/2022-06-01?start=20", Kind.DAY, "day:2022-06-01:20"),
        ("/archive/2022-06-01?page=1", Kind.DAY, "day:2022-06-01"),
        ("/archive/2022-06-01?page=next", Kind.DAY, "day:2022-06-01"),
        ("/cat.php?cd=198&pg=1", Kind.LISTING, "list:198"),
        ("/menu/198/2", Kind.LISTING, "list:198:2"),
        ("/author.php?n=A+B", Kind.AUTHOR, "author:a b"),
        ("/author/a-b", Kind.AUTHOR, "author:a b"),
        ("/author/A%20B/2022/2", Kind.AUTHOR, "author:a b:2022:2"),
        ("/rss/", Kind.FEED, "feed"),
        ("", Kind.FRONT, "front"),
        ("/INDEX.PHP", Kind.FRONT, "front"),
    ],
)
def test_a_form_seen_on_the_site_has_its_name(path: str, kind: Kind, name: str) -> None:
    address = urls.parse(ORIGIN + path)
    assert (address.kind, address.name) == (kind, name)


@pytest.mark.parametrize(
    "path",
    [
        "/news/0",
        "/news/3x",
        "/news/३",
        "/details.php?id=٣",
        "/details.php?id=1234567890",
        "/news.php?id[]=1",
        "/news.php?id=1'",
        "/2014/02/30/1.php",
        "/2013/09/06/1.php",
        "/archive.php?d=31&m=6&y=2022",
        "/cat.php",
    ],
)
def test_what_only_looks_like_an_address_of_a_page_is_none(path: str) -> None:
    assert urls.parse(ORIGIN + path).kind is Kind.OTHER


@pytest.mark.parametrize(
    "url",
    [
        "https://www.observerbd.com.example.org/news/1",
        "https://www.observerbd.com\\@example.org/news/1",
        "https://m.observerbd.com/news/1",
        "https://www.observerbd.com:8443/news/1",
        "ftp://www.observerbd.com/news/1",
        "//www.observerbd.com/news/1",
        "http://[bad",
        "",
    ],
)
def test_another_host_is_off_the_site(url: str) -> None:
    assert urls.parse(url).kind is Kind.OFFSITE


# Links as pages print them by the thousand; most of them go a short way of their own.
PATHS = st.lists(
    st.sampled_from(
        "news.php details.php cat.php news 7 370580.php a-b_c.jpg menu/198/2 .. .".split()
    ),
    min_size=1,
    max_size=4,
).map("/".join)
PRINTED = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(
            ["", "/", "../", "../../../", f"{ORIGIN}/", "http://h.example/", "//h.example/"]
        ),
        PATHS,
        st.sampled_from(
            ["", "/", "?", "?id=7", "?id=007&x=", "?cd=198&pg=2", "?n=A+B", "?id=%20"]
        ),
        st.sampled_from(["", "#", "#google_vignette", "#/", "#[?"]),
    ),
)
BASES = st.sampled_from(
    [
        f"{ORIGIN}/",
        f"{ORIGIN}/news.php?id=1&x=/2",
        f"{ORIGIN}/2014/09/06/41457.php",
        "HTTP://Www.Example.org/a b//c/../d/e.php",
        "mailto:somebody",
    ]
)


@given(PRINTED, BASES)
@settings(always_alike, max_examples=1000)
def test_the_short_way_of_a_plain_link_ends_where_the_long_one_does(href: str, base: str) -> None:
    joined = urljoin(base, href).partition("#")[0]
    is_of_the_web = joined.lower().startswith("http")
    assert urls.resolve(href, base) == (safe_url_string(joined) if is_of_the_web else None)


@given(PRINTED, BASES)
@settings(always_alike, max_examples=1000)
def test_an_address_is_the_same_by_the_short_way_and_by_the_long_one(href: str, base: str) -> None:
    url = urls.resolve(href, base)
    if url is not None and url.startswith(ORIGIN):
        assert urls.parse(url) == urls.parse(url.replace("https://www", "https://WWW"))


@pytest.mark.parametrize("href", ["?id=7", " ?id=7", "\n?id=7", "\x00?id=7"])
def test_a_link_of_a_query_alone_is_one_to_the_same_page(href: str) -> None:
    (found,) = urls.printed([href], f"{ORIGIN}/news.php?id=1")
    assert found == urls.parse(f"{ORIGIN}/news.php?id=7")
