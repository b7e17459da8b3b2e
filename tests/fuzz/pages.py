"""Pages of the newspaper, and what becomes of them: the cases and the laws of `read_page`.

A case is the address, a line feed, the content type, a line feed, and the body.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
import zlib
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from observer_crawler import urls
from observer_crawler.items import line_of
from observer_crawler.lines import as_bytes, record_of
from observer_crawler.pages import Page, read_page, shown_with
from observer_crawler.pages.outline import parsed
from observer_crawler.processors import mend
from observer_crawler.replica import Options, Replica
from tests import golden
from tests.fuzz.mutations import span
from tests.fuzz.scraps import ATTRIBUTES, CHARSETS, OPENINGS, SCRAPS
from tests.fuzz.target import Target
from tests.lawful import assert_lawful

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from observer_crawler.items import Article

BLIND = Path(__file__).parent.parent / "blind"
_ORIGINS = {"en": "https://www.observerbd.com", "bn": "https://bn.observerbd.com"}
_LOOKS = [(markup, skin, "en") for markup in ("2014", "2016", "2024") for skin in (1, 2, 3)]
_LOOKS += [("2016", 1, "bn"), ("2024", 3, "bn")]
# What is between two borders: a tag, or the text up to the next one.
_PIECES = re.compile(rb"<[^<>]*>|[^<]+|<")
_ADDRESSES = (
    *("/news/370580", "/", "/menu/198", "/archive/2022-06-16", "/author/Rahim-Uddin", "/rss"),
    *("/2014/09/06/41457.php", "/gallery.php", "/details.php?id=0", "//", "/news/1?x=%ff"),
)
# Of the cases: one in so many is repeated, judged against its own text, and so on.
_LONG_RUN = 200
_MOST_BYTES = 200_000
_SILENT = tuple("script style title noscript iframe textarea select svg object template".split())


class Seed(NamedTuple):
    """One sound page, in pieces."""

    url: str
    content_type: str | None
    pieces: tuple[bytes, ...]


@cache
def seeds() -> tuple[Seed, ...]:
    """Give the pages that cases are made of: written ones, and some of each look of the replica."""
    written = [*golden.folders(), *golden.folders(BLIND)]
    found = [_seed(folder.url, folder.content_type, folder.body) for folder in written]
    for markup, skin, language in _LOOKS:
        options = Options(markup=markup, skin=skin, language=language, articles=16, days=2)
        replica = Replica(options)
        facts = list(replica.facts())
        for fact in facts[:: max(1, len(facts) // 12)]:
            body = replica.render(fact["path"]).body
            found.append(_seed(_ORIGINS[language] + fact["path"], None, body))
    return tuple(found)


def _seed(url: str, content_type: str | None, body: bytes) -> Seed:
    return Seed(url, content_type, tuple(_PIECES.findall(body)))


def case_of(url: str, content_type: str | None, body: bytes) -> bytes:
    """Write a case."""
    head = f"{url}\n{content_type or ''}\n"
    return head.encode("utf-8", "surrogatepass") + body


def parts_of(case: bytes) -> tuple[bytes, str, str | None]:
    """Give body, address and content type of a case; whatever bytes it is of."""
    url, _, rest = case.partition(b"\n")
    content_type, _, body = rest.partition(b"\n")
    told = content_type.decode("utf-8", "surrogateescape")
    return body, url.decode("utf-8", "surrogateescape"), told or None


def make(random: Random) -> bytes:
    """Spoil a page in one to six places."""
    seed = random.choice(seeds())
    pieces = list(seed.pieces)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        random.choice(_OF_PIECES)(random, pieces)
    if random.randrange(_LONG_RUN) == 0:
        _repeat(random, pieces)
    body = b"".join(pieces)
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        body = random.choice(_OF_BYTES)(random, body)
    url, content_type = seed.url, seed.content_type
    if random.randrange(10) == 0:
        url = _ORIGINS[random.choice(("en", "bn"))] + random.choice(_ADDRESSES)
    if random.randrange(10) == 0:
        content_type = f"text/html; charset={random.choice(CHARSETS)}"
    return case_of(url, content_type, body)


def make_scraps(random: Random) -> bytes:
    """Put a page together from scraps alone."""
    scraps = random.choices(SCRAPS, k=random.choice((1, 3, 10, 30)))
    path = random.choice(_ADDRESSES) if random.randrange(4) == 0 else _ADDRESSES[0]
    return case_of(f"{_ORIGINS['en']}{path}", None, b"".join(scraps))


def _drop(random: Random, pieces: list[bytes]) -> None:
    first, last = span(random, len(pieces))
    del pieces[first : min(last, first + 40)]


def _twice(random: Random, pieces: list[bytes]) -> None:
    first, last = span(random, len(pieces))
    pieces[first:first] = pieces[first:last]


def _swap(random: Random, pieces: list[bytes]) -> None:
    if pieces:
        one, other = random.randrange(len(pieces)), random.randrange(len(pieces))
        pieces[one], pieces[other] = pieces[other], pieces[one]


def _splice(random: Random, pieces: list[bytes]) -> None:
    other = random.choice(seeds()).pieces
    first, last = span(random, len(other))
    at = random.randint(0, len(pieces))
    pieces[at:at] = other[first:last]


def _end_with_another(random: Random, pieces: list[bytes]) -> None:
    other = random.choice(seeds()).pieces
    pieces[random.randint(0, len(pieces)) :] = other[random.randint(0, len(other)) :]


def _scrap(random: Random, pieces: list[bytes]) -> None:
    pieces.insert(random.randint(0, len(pieces)), random.choice(SCRAPS))


def _unbalance(random: Random, pieces: list[bytes]) -> None:
    """Take away one tag, mostly a closing one."""
    tags = [at for at, piece in enumerate(pieces) if piece.startswith(b"</")]
    if tags:
        del pieces[random.choice(tags)]


def _nest(random: Random, pieces: list[bytes]) -> None:
    """Open a tag so many times, and close none."""
    depth = random.choice((3, 30, 300, 300, 10_000 if random.randrange(20) == 0 else 3))
    pieces.insert(random.randint(0, len(pieces)), random.choice(OPENINGS) * depth)


def _attribute(random: Random, pieces: list[bytes]) -> None:
    tags = [
        at for at, piece in enumerate(pieces) if piece.startswith(b"<") and piece[1:2].isalpha()
    ]
    if tags:
        at = random.choice(tags)
        said = random.choice(ATTRIBUTES)
        if random.randrange(50) == 0:
            said = b" alt='" + b"x" * random.choice((1_000, 100_000)) + b"'"
        pieces[at] = pieces[at].rstrip(b"/>") + said + b">"


def _repeat(random: Random, pieces: list[bytes]) -> None:
    """Say a few pieces over and over, as a template in a loop does."""
    if not pieces:
        return
    first = random.randrange(len(pieces))
    piece = b"".join(pieces[first : first + random.choice((1, 2, 3, 5, 9))])
    if random.randrange(3) == 0:
        piece = b"".join(random.choices(SCRAPS, k=random.choice((1, 2, 3))))
    if piece:
        pieces[first:first] = [piece] * (_MOST_BYTES // len(piece))


def _flip(random: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(random.choice((1, 4, 16, 64))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, body: bytes) -> bytes:
    return body[: random.randint(0, len(body))]


def _encode_otherwise(random: Random, body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    match random.randrange(4):
        case 0:
            return text.encode("utf-16")
        case 1:
            return text.encode("cp1252", "replace")
        case 2:
            return body.decode("cp1252", "replace").encode()
        case _:
            return text.encode("utf-8").replace(b"&", b"&amp;")


_OF_PIECES: tuple[Callable[[Random, list[bytes]], None], ...] = (
    _drop,
    _twice,
    _swap,
    _splice,
    _end_with_another,
    _scrap,
    _scrap,
    _unbalance,
    _nest,
    _attribute,
    _attribute,
)
_OF_BYTES: tuple[Callable[[Random, bytes], bytes], ...] = (_flip, _flip, _cut, _encode_otherwise)


def read(case: bytes) -> Page:
    """Read the page of a case."""
    return read_page(*parts_of(case))


def judge(case: bytes, page: object) -> None:
    """Hold a page against the laws; the costly ones only where the case's own sum says so."""
    assert isinstance(page, Page)
    body, url, content_type = parts_of(case)
    draw = zlib.crc32(case)
    assert_lawful(page, is_whole=draw % 16 == 0)
    if draw % 8 == 1:
        assert read(case) == page, "twice is not the same"
    if draw % 8 == 2:
        assert all(urls.parse(each).url for each in shown_with(body, url, content_type))
    if page.article is not None:
        _judge_article(page.article)
        if draw % 4 == 0 and not {"encoding", "escapes"} & set(page.mends):
            _assert_said(page.article, mend(body, content_type))


def _judge_article(article: Article) -> None:
    record = asdict(article)
    line = as_bytes(record)
    assert line.count(b"\n") == 1, "a line in two lines"
    assert record_of(line) is not None
    assert line.decode() == line_of(record) + "\n", "half a surrogate pair"
    if article.published_date is not None:
        day = dt.date.fromisoformat(article.published_date)
        assert article.dateline is None or (article.dateline.date or "") <= day.isoformat()
        at = article.published_at
        assert at is None or (at.startswith(f"{day}T") and at.endswith("+06:00"))
        assert at is None or dt.datetime.fromisoformat(at).date() == day
    assert article.views is None or article.views >= 0
    assert all(urls.is_image(image.url) for image in article.images)


def _assert_said(article: Article, text: bytes) -> None:
    """Nothing is invented: each word of what was read stands on the page."""
    root = parsed(text)
    assert root is not None
    attributes = (value for element in root.iter() for value in element.attrib.values())
    whole = "".join(["".join(root.itertext()), "\x00", *attributes])
    # A word may go on behind what does not show.
    for hidden in [*root.iter(*_SILENT)]:
        hidden.text = ""
        for inner in hidden[:]:
            hidden.remove(inner)
    page = _bare(f"{whole}\x00{''.join(root.itertext())}")
    for said in _texts(article):
        for word in said.split():
            assert _bare(word) in page, f"{word!r} of {said[:200]!r} is not on the page"


def _texts(article: Article) -> Iterator[str]:
    yield from (text for text in (article.headline, article.shoulder, article.section) if text)
    # Two bylines are parted by a comma of ours.
    yield from (article.byline or "").split(", ")
    yield from (text for text in (article.agency,) if text)
    yield from article.body
    yield from article.tags or ()
    yield from (piece.text for piece in article.removed)
    yield from (image.caption for image in article.images if image.caption)


def _bare(text: str) -> str:
    """Leave out white space and marks: where two texts meet, a mark may join what is before it."""
    if text.isascii():
        return "".join(text.split())
    apart = unicodedata.normalize("NFD", "".join(text.split()))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


TARGETS = (
    Target("read_page", 100_000, make, read, judge),
    Target("scraps", 200_000, make_scraps, read, judge),
)
