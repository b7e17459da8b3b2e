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

from tests import mutation_answers as answers
from tests import mutation_pages as pages

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

# What the doorkeeper says of itself beside its challenge.
CHALLENGED = {**answers.HTML, "Cf-Mitigated": "challenge"}

MUTATIONS: tuple[Mutation, ...] = (
    # Names of the markup, labels, headlines.
    Mutation(
        "body-id-renamed",
        "The div around the body got another id and a class.",
        pages.on_articles(pages.body_renamed),
    ),
    Mutation(
        "pub-and-byline-renamed",
        "The date line became a p.post-meta of small, the byline a div.post-author.",
        pages.on_articles(pages.pub_renamed),
    ),
    Mutation(
        "headline-in-div",
        "The headline became a div with a class.",
        pages.on_articles(pages.headline_in_div),
    ),
    Mutation(
        "headline-of-site",
        "The h1 was given to the name of the newspaper; og:title still has the headline.",
        pages.on_articles(pages.headline_of_site),
    ),
    Mutation(
        "labels-reworded",
        "Published became Posted on, Count became Reads.",
        pages.on_articles(pages.words_reworded),
    ),
    Mutation(
        "every-name-hashed",
        "A build tool renamed every class and every id of the site at once.",
        pages.on_every_page(pages.names_hashed),
    ),
    Mutation(
        "template-2016-fifth",
        "A fifth of the stories is shown by the template of 2016.",
        pages.on_articles(pages.template_of("2016", 1), share=0.2),
        gone=("markup",),
    ),
    Mutation(
        "template-2014-midnight",
        "From the middle of the night on the template of 2014 is back.",
        pages.on_articles(pages.template_of("2014", 1), since=0.5),
        gone=("markup", "tags"),
    ),
    # The date line.
    Mutation(
        "date-iso", "Dates are printed as 2025-06-16 08:22.", pages.on_articles(pages.date_iso)
    ),
    Mutation(
        "date-american",
        "Dates are printed as 06/16/2025, month first, without a word.",
        pages.on_articles(pages.date_american),
        plain=True,
    ),
    Mutation(
        "date-year-missing",
        "The year was dropped out of the date of publication.",
        pages.on_articles(pages.year_away),
        gone=("published_date", "published_at"),
    ),
    Mutation(
        "date-removed",
        "The date of publication is no longer printed; the views are.",
        pages.on_articles(pages.date_away),
        gone=("published_date", "published_at", "edition"),
    ),
    Mutation(
        "date-bangla-digits",
        "The digits of the date line became Bangla ones.",
        pages.on_articles(pages.date_bangla),
    ),
    Mutation(
        "views-zero",
        "The counter broke: every story has been read 0 times.",
        pages.on_articles(pages.views_zero),
        plain=True,
    ),
    # Byline, section.
    Mutation(
        "byline-removed-fifth",
        "A fifth of the stories lost their byline.",
        pages.on_articles(pages.byline_away, share=0.2),
        gone=("byline",),
    ),
    Mutation(
        "byline-of-desk",
        "Every story is by the Observer Online Desk.",
        pages.on_articles(pages.byline_of_desk),
        plain=True,
    ),
    Mutation(
        "section-removed",
        "The breadcrumb is gone.",
        pages.on_articles(pages.breadcrumb_away),
        gone=("section",),
    ),
    # The body.
    Mutation(
        "body-halved",
        "The second half of every body is left out, and nothing says so.",
        pages.on_articles(pages.body_halved),
        plain=True,
        gone=("agency",),
    ),
    Mutation(
        "body-shrinking",
        "From the middle of the night on ever more of the body is left out.",
        pages.on_articles(pages.body_shrinking, since=0.5),
        plain=True,
        gone=("agency",),
    ),
    Mutation(
        "paywall-teaser",
        "The first paragraph is free, the others are for subscribers.",
        pages.on_articles(pages.teaser),
        gone=("body", "agency", "removed"),
    ),
    Mutation(
        "body-by-script",
        "The text is fetched by a script; the pictures stayed.",
        pages.on_articles(pages.body_by_script),
        gone=("body", "dateline", "agency", "removed"),
    ),
    Mutation(
        "body-one-block",
        "The editor now saves all paragraphs as one.",
        pages.on_articles(pages.body_one_block),
        plain=True,
    ),
    Mutation(
        "body-sponsored",
        "A paragraph that somebody paid for stands in every body, labelled Sponsored.",
        pages.on_articles(pages.body_sponsored),
    ),
    Mutation(
        "page-cut-short-fifth",
        "A fifth of the pages end in the middle of the body: a proxy gave up.",
        pages.on_articles(pages.cut_short, share=0.2),
        gone=("body", "agency", "removed", "tags", "related", "previous", "next"),
    ),
    # The encoding.
    Mutation(
        "utf8-twice",
        "Every page is encoded as UTF-8 a second time.",
        pages.on_every_page(pages.utf8_twice),
    ),
    Mutation(
        "cp1252-whole",
        "Pages are written in cp1252 and called UTF-8.",
        pages.on_every_page(pages.cp1252_whole),
    ),
    Mutation(
        "charset-wrong",
        "Header and head of a page call it iso-8859-1; it is UTF-8.",
        answers.charset_wrong,
    ),
    Mutation(
        "entities-twice",
        "What was escaped is escaped once more.",
        pages.on_articles(pages.escaped_twice),
    ),
    # Pictures and boxes.
    Mutation(
        "images-lazy",
        "Pictures are loaded when they come into sight, from data-src.",
        pages.on_articles(pages.images_lazy),
    ),
    Mutation(
        "captions-removed",
        "Captions are gone, and so are alt and title.",
        pages.on_articles(pages.captions_away),
        plain=True,
    ),
    Mutation(
        "related-sponsored",
        "You Might Also Like is filled with advertisements.",
        pages.on_articles(pages.related_sponsored),
        gone=("related",),
    ),
    Mutation(
        "boxes-renamed",
        "The three boxes got other headings and another class.",
        pages.on_every_page(pages.boxes_renamed),
    ),
    Mutation(
        "prev-next-removed",
        "The links to the story before and after are gone.",
        pages.on_articles(pages.prev_next_away),
        gone=("previous", "next"),
    ),
    # Other answers in place of a story.
    Mutation(
        "consent-page",
        "Whoever has not consented to cookies sees the question in place of any page.",
        answers.instead(answers.CONSENT, kinds=answers.PAGES),
        gone=ALL,
    ),
    Mutation(
        "challenge-200-half",
        "Half of the stories are answered by a challenge with 200.",
        answers.instead(answers.CHALLENGE, share=0.5),
        gone=ALL,
    ),
    Mutation(
        "challenge-403-midnight",
        "From the middle of the night on stories are a challenge with 403.",
        answers.instead(answers.CHALLENGE, 403, CHALLENGED, since=0.5),
        gone=ALL,
    ),
    Mutation(
        "challenge-503",
        "Everything but robots.txt is a challenge with 503.",
        answers.instead(answers.CHALLENGE, 503, CHALLENGED, kinds=answers.PAGES | {"feed"}),
        gone=ALL,
    ),
    Mutation(
        "login-redirect",
        "Stories send to the page where one signs in.",
        answers.to_login,
        gone=ALL,
    ),
    Mutation(
        "login-wall-fifth",
        "A fifth of the stories asks to sign in, within the frame of the site.",
        pages.on_articles(answers.login_there, share=0.2),
        gone=ALL,
    ),
    Mutation(
        "soft-404-all",
        "Every story is said to be no longer here, with 200.",
        pages.on_articles(answers.not_there),
        gone=ALL,
    ),
    Mutation(
        "soft-404-fifth",
        "A fifth of the stories is an empty shell with every label and no story.",
        pages.on_articles(answers.empty_shell, share=0.2),
        gone=ALL,
    ),
    Mutation(
        "database-error-200",
        "Late in the night the database gives up; the status stays 200.",
        answers.instead(answers.DATABASE, since=0.6),
        gone=ALL,
    ),
    Mutation(
        "empty-200-third",
        "A third of the stories is answered by nothing, with 200.",
        answers.instead(b"", share=0.33),
        gone=ALL,
    ),
    Mutation(
        "half-500",
        "Half of the stories fail with 500.",
        answers.instead(answers.FAULT, 500, share=0.5),
        gone=ALL,
    ),
    Mutation(
        "to-front-page",
        "Stories redirect to the front page.",
        answers.instead(b"", 302, {"Location": "/"}),
        gone=ALL,
    ),
    Mutation(
        "amp-version",
        "The version for telephones is served to everybody.",
        pages.on_articles(pages.amp_version),
        gone=("section", "tags", "views", "related", "previous", "next", "markup"),
    ),
    Mutation(
        "one-story-for-all",
        "A cache gives the first story of the night under every address.",
        answers.Stuck(),
        gone=ALL,
    ),
    # The index of a day, the feed.
    Mutation(
        "day-in-pages",
        "The index of a day shows ten stories and links further pages.",
        answers.day_in_pages,
    ),
    Mutation("day-empty", "The index of every day lists nothing.", answers.day_empty),
    Mutation(
        "feed-broken",
        "A warning stands above the feed, and it breaks off in the middle.",
        answers.feed_broken,
    ),
)
