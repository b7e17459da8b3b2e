"""How a site is mutated, and the list of mutations that the drift alarm is measured with.

**To write one you need this docstring, SITE.md and the issue; nothing of observer_crawler/.**

A mutation is what the newspaper's programmers might do one afternoon. It is a function from an
answer of the site to the answer that it gives from that night on:

    def mutate(answer: Answer, asked: Asked) -> Answer

`Answer(status, headers, body)`
    What the site would answer today. `status` is a number; `headers` a dict without
    Content-Length and Content-Encoding (the server adds both, and packs the body by itself);
    `body` is bytes: UTF-8 HTML but for a stray cp1252 byte on some pages, so change it with
    `bytes.replace` or `re.sub(rb"...", ...)` rather than by decoding it. Give a new one:
    `answer.but(body=...)`, `answer.but(status=503)`, `Answer(302, {"Location": "/login"}, b"")`.
    Return `answer` itself where nothing is to change.

`Asked`
    What was asked for.
    `asked.path`    the path with its query, as in `/news/530866` or `/archive/2025-08-31`
    `asked.kind`    `article`  a story: `/news/N`, `/news.php?id=N`, `/details.php?id=N`
                    `day`      the index of a day: `/archive/YYYY-MM-DD`, `/archive.php?d=..&m=..&y=..`
                    `listing`  the list of a section: `/menu/C`, `/menu/C/PAGE`, `/cat.php?cd=C`
                    `front`    `/`
                    `feed`     `/rss` (XML)
                    `robots`   `/robots.txt`
                    `other`    anything else; also a number or a day that does not exist
    `asked.id`      of an article `b:530866`, else None
    `asked.day`     of an article the day it was published, of a day index its day (a date)
    `asked.part(0.2)`   True for a fifth of all articles, the same fifth whenever it is asked;
                    for a fault that strikes some pages alone
    `asked.order`   0.0 for the first article that is asked for tonight, 1.0 from the 60th on; for
                    a fault that begins in the middle of the night
    `asked.other(markup, skin)`   bytes: the same story as the site of another year would show it;
                    markup "2014", "2016" or "2024", skin 1 to 3. The site of the nights is
                    markup "2024", skin 1. None for what is no article.

It should change answers of kind `article` in most cases; a run of the night asks for the feed, the
indexes of the last days and of tomorrow, about 40 new articles, and about 80 that it has stored
already (those of yesterday and of a week ago, to see whether they changed). It asks for the front
page only when it finds no article anywhere.

To look at a page of each kind: `.venv/bin/scrapy replica --port 8000` and then `curl
http://127.0.0.1:8000/`, `/rss`, `/archive/2025-06-16`, and any address that stands on these.
(`--skin 2` and so on show that classes differ between skins; the nights have skin 1.)

Every mutation is put into `MUTATIONS` as

    Mutation(name, about, mutate, plain=False, gone=())

`name`    short and unique, as in "byline-class-renamed".
`about`   one sentence: what the programmers did.
`plain`   True where the page plainly shows something else than the truth, so that nobody who has
          this one page could know: the site cut the body, a date is printed in a form that reads
          validly as another day. There the alarm is the answer, and values may differ. For every
          other mutation no stored field may differ from the truth: it is right, or null, or the
          page is refused.
`gone`    the fields of `Article` that are no longer on the page, for they cannot be filled:
          `gone=("byline",)`, or `gone=ALL` where no story is left on it at all (a soft 404, a
          login wall, a challenge). Of all fields that are not gone, nine in ten must be filled.
          Of a mutation that touches only some pages, `gone` speaks of these pages alone.
          Names of fields: headline, shoulder, section, edition, published_date, published_at,
          byline, dateline, agency, body, removed, images, tags, views, language, related,
          previous, next, markup. A template of another year has `gone=("markup",)` where the
          story itself is still all there (2014 carries no tags: `gone=("markup", "tags")`).

A mutation must be able to strike: it must change the bytes of at least one answer of that night.
`DRIFT_NIGHTS=DIR .venv/bin/python -m pytest tests/test_drift.py -m prove -k mutations -s`
runs the list and writes the table; the folder keeps the 28 good nights (about five minutes) for
the next time.

The trivial example, which stands in the list below as the one that must NOT alarm, is identity:

    def identity(answer: Answer, asked: Asked) -> Answer:
        return answer

and one that must, in full:

    def no_feed(answer: Answer, asked: Asked) -> Answer:
        return Answer(404, {"Content-Type": "text/html"}, b"Not Found") if asked.kind == "feed" else answer

    Mutation("no-feed", "The feed was switched off.", no_feed)

Mutations are kept in the order in which they were written, none is changed or taken out because
of what the alarm makes of it, and whoever writes them has not read `observer_crawler/alarm/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

# All fields of an article: nothing of it is on the page.
ALL: tuple[str, ...] = (
    *("headline", "shoulder", "section", "edition", "published_date", "published_at", "byline"),
    *("dateline", "agency", "body", "removed", "images", "tags", "views", "language", "related"),
    *("previous", "next", "markup"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site answers; see above."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def but(self, **changes: Any) -> Answer:  # noqa: ANN401 (its own fields)
        """Give the answer with something changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; see above."""

    path: str
    kind: str
    id: str | None
    day: dt.date | None
    order: float
    other: Callable[[str, int], bytes | None]
    part: Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Mutation:
    """What the programmers did one afternoon; see above."""

    name: str
    about: str
    mutate: Callable[[Answer, Asked], Answer]
    plain: bool = False
    gone: tuple[str, ...] = ()


def identity(answer: Answer, asked: Asked) -> Answer:  # noqa: ARG001 (as all of them are called)
    """Change nothing."""
    return answer


# The one that must not alarm.
IDENTITY = Mutation("identity", "Nothing was done.", identity)

MUTATIONS: tuple[Mutation, ...] = ()
