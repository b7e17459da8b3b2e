"""Every number that an alarm hangs on, with its unit, its reason and where it comes from.

They are set from how the figures of good runs spread, by statistics, and not from any fault that
was thought of: a run is judged by what its own history makes likely. Only the floors are fixed,
for a first run has no history. Values alone; who applies them stands next door.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from observer_crawler.items import MARKUPS
from observer_crawler.site import EDITIONS, HEADINGS, LANGUAGES

# The editions whose share among the articles of a run is watched.
OTHERS: Final = LANGUAGES[1:]

# Runs of the same spider and arguments that a run is compared with: four weeks, so that each day
# of the week is there four times.
RUNS: Final = 28
# Runs below which nothing is compared: the spread between two runs cannot be told from two.
LEAST_RUNS: Final = 3

# Chance that a good run raises any alarm at all, over all measures, windows and sides together
# (each gets its part: Bonferroni). One in 100 is allowed; a fifth of it, because the figures of
# one run hang together and no model of their spread is exact.
FALSE_ALARMS_A_RUN: Final = 0.002

# Runs looked at together, the newest ones: one, and three, for a fault that shows in a run of five
# articles only when it has shown three times.
WINDOWS: Final = (1, 3)

# Share of the variance of a yes-or-no that lies between runs (intra-class correlation): the least
# that is believed, what is believed before anything was seen, and how many runs that counts for.
# 0.002: the share of 120 articles then spreads by a tenth more than by chance alone.
LEAST_CORRELATION: Final = 0.002
PRIOR_CORRELATION: Final = 0.01
PRIOR_RUNS: Final = 5

# Articles without which a mean is not compared: below, a skewed figure is not normal enough.
LEAST_FOR_MEAN: Final = 20
# Of the spread between runs, in the unit of the figure, as share of its least change: a figure
# that never moved may move so much.
LEAST_SPREAD: Final = 0.2
# Lists are few a run, so the yield of each run counts once: spread of at least this share of the
# median, for one item more or less on a list of fifteen is nothing.
LEAST_LEVEL_SPREAD: Final = 0.05

# Articles that may be on no index before it counts: on a holiday the few stories that go online
# stand in the feed, and the day has no index. The feed has 15 items, all of them new in a night
# with a paper (SITE: about 149 a day).
LEAST_UNLISTED: Final = 10

# Indexes, the last ones read, that are held against earlier runs. A night reads five, the run after
# two weeks of silence twenty; what was listed before is of the oldest days, which come last.
MOST_INDEXES: Final = 20

# Days after which a standing alarm is told again.
REMIND_DAYS: Final = 7

# Articles, newest first, among which a repeated text is looked for, and whose neighbours are asked
# for at the end: flat memory in a run of a week.
MOST_REMEMBERED: Final = 2_000
# Pieces of a run, each with its sums, so that an alarm can name where it began: a night's articles
# are fewer, and each is a piece of its own.
MOST_SLICES: Final = 256
# Sections whose names are kept of a run; the menu has about 40.
MOST_SECTIONS: Final = 100

# What a page may show in a second way alone, after the words of `Page.mends`, and so for people.
MENDS: Final = {
    "date": "date line is in a new place or form",
    "headline": "headline is in no element of its own",
    "pictures": "pictures are not where they were",
    "encoding": "text is encoded twice",
    "escapes": "text is escaped twice",
}

Side = Literal["both", "high", "low"]
Cause = Literal["reading", "asking"]


class Measure(NamedTuple):
    """A figure that is watched.

    `kind`: a share of yes among all, a mean, or a level (one value a run). `least`: the smallest
    change that is worth a person's time, in the figure's unit (of a share: parts of 1; of a mean
    of logarithms: 0.1 is a tenth). `side`: which way it may not move. `cause`: what mends it,
    reading the captures again or asking the site again. `by_edition`: print and online apart.
    `least_yes`: how many must say yes, in this run alone, before the figure counts. `is_change`: it
    holds this run against earlier ones of the same articles, so a lasting fault shows once, and
    only a run with as many cases ends its alarm.
    """

    name: str
    kind: Literal["share", "mean", "level"]
    words: str
    least: float = 0.05
    side: Side = "both"
    cause: Cause = "reading"
    by_edition: bool = False
    least_yes: int = 0
    is_change: bool = False


def _fields(*names: str, by_edition: bool) -> tuple[Measure, ...]:
    return tuple(
        Measure(f"fields/{name}", "share", f"articles with {name}", by_edition=by_edition)
        for name in names
    )


def _revisits(*names: str) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            f"revisits/{name}", "share", f"articles whose {name} is not what it was", 0.1, "high"
        )
        for name in names
    )


# A night of a holiday has no print stories, so what differs between the editions is told apart.
MEASURES: Final = (
    # What came at all. Unit: answers, pages.
    Measure("answers/error", "share", "answers that are errors", 0.1, "high", "asking"),
    Measure("answers/denied", "share", "answers that deny access", 0.05, "high", "asking"),
    Measure("pages/refused", "share", "article pages that could not be read", 0.05, "high"),
    Measure("pages/invalid", "share", "articles that may not be stored", 0.05, "high"),
    Measure("pages/missing", "share", "article pages that say they are missing", 0.1, "high"),
    Measure("pages/redirected", "share", "article pages that point elsewhere", 0.1, "high", "asking"),
    Measure("pages/not_utf8", "share", "article pages with broken bytes", 0.1),
    # It is read by its bytes: nothing that was stored is in doubt.
    Measure("pages/called_otherwise", "share", "article pages in UTF-8 whose header says otherwise", 0.1, cause="asking"),
    # Is the field filled? Unit: articles.
    *_fields("headline", "body", "published_date", "edition", "views", by_edition=False),
    *_fields("section", "previous", "next", "related", by_edition=False),
    *_fields("published_at", "byline", "shoulder", "dateline", "agency", by_edition=True),
    *_fields("images", "captions", "tags", "initials", "advertisement", by_edition=True),
    # How long is it? Unit: natural logarithm of 1 + characters (paragraphs, pieces).
    Measure("text/characters", "mean", "length of a body", 0.15, by_edition=True),
    Measure("text/paragraphs", "mean", "paragraphs of a body", 0.15, by_edition=True),
    Measure("text/headline", "mean", "length of a headline", 0.1),
    Measure("text/shoulder", "mean", "length of a shoulder", 0.2),
    Measure("text/byline", "mean", "length of a byline", 0.15),
    Measure("text/section", "mean", "length of a section's name", 0.15),
    Measure("text/dateline", "mean", "length of a dateline", 0.15),
    Measure("text/caption", "mean", "length of a caption", 0.15),
    Measure("text/images", "mean", "pictures of an article", 0.15),
    Measure("text/tags", "mean", "tags of an article that has some", 0.2),
    Measure("text/removed", "mean", "length of what is no body text", 0.25),
    # Does it look like text? Unit: articles.
    Measure("text/open_end", "share", "bodies that end in mid-sentence", 0.1),
    Measure("text/small_start", "share", "bodies that start in mid-sentence", 0.1),
    Measure("text/odd_letters", "share", "articles with letters of neither language", 0.1),
    Measure("text/replaced", "share", "articles with unreadable characters", 0.05, "high"),
    Measure("text/double_encoded", "share", "articles encoded twice", 0.05, "high"),
    Measure("text/code", "share", "articles with markup in their text", 0.05, "high"),
    Measure("text/as_listed", "share", "headlines as the list shows them", 0.1),
    Measure("repeats/headline", "share", "headlines that another article has", 0.1, "high"),
    Measure("repeats/body", "share", "bodies that another article has", 0.05, "high"),
    Measure("repeats/opening", "share", "first paragraphs that another article has", 0.1, "high"),
    Measure("repeats/ending", "share", "last paragraphs that another article has", 0.1, "high"),
    Measure("repeats/image", "share", "pictures that another article has", 0.1, "high"),
    # Visited again, is it the same? A night reads the stories of yesterday and of a week ago once
    # more; of these nearly all are as they were. Unit: articles.
    *_revisits("headline", "shoulder", "section", "edition", "published_date", "published_at"),
    *_revisits("byline", "dateline", "agency", "body", "removed", "images", "tags", "language"),
    # When is it from? Unit: articles, hours.
    Measure("dates/agree", "share", "articles of the day whose index lists them", 0.05),
    Measure("dates/future", "share", "articles from after their fetching", 0.1, "high"),
    Measure("dates/old", "share", "new articles of more than two days ago", 0.1, "high"),
    Measure("dates/hour", "mean", "hour of an online article", 1.5),
    # All online is a holiday, all print is none.
    Measure("dates/print", "share", "articles of the print edition", 0.1, "high"),
    # Which markup and language? Unit: articles.
    *(
        Measure(f"markup/{markup}", "share", f"articles in the markup {markup}", 0.02)
        for markup in MARKUPS
    ),
    # Read right all the same, but a step of the site further and it will not be.
    *(
        Measure(f"mends/{what}", "share", f"articles whose {words}", 0.05, "high")
        for what, words in MENDS.items()
    ),
    *(
        Measure(f"language/{each}", "share", f"articles in {EDITIONS[each]}", 0.05)
        for each in OTHERS
    ),
    Measure("sections/new", "share", "articles of a section never seen before", 0.1, "high"),
    # Links. Unit: links a page.
    Measure("views/count", "mean", "views (logarithm)", 0.5),
    *(
        Measure(f"boxes/{box}", "mean", f"links under {heading}", 0.5)
        for box, heading in HEADINGS.items()
    ),
    Measure("order/neighbours", "share", "articles between their neighbours' numbers", 0.05),
    Measure("yield/feed", "level", "articles in the feed", 3, cause="asking"),
    Measure("yield/listing", "level", "articles on a page of a section", 3, cause="asking"),
    Measure("yield/front", "level", "articles on the front page", 5, cause="asking"),
    # What the index lists against what is known of its day from elsewhere. Unit: articles.
    Measure("index/unlisted", "share", "new articles that their day's index does not list", 0.2, "high", "asking", least_yes=LEAST_UNLISTED),
    # The same where an index lists others of that very day, so a holiday is no excuse.
    Measure("index/partly", "share", "new articles missing from an index that lists others of their day", 0.1, "high", "asking"),
    Measure("index/neighbours", "share", "neighbours of new articles that no index lists", 0.1, "high", "asking"),
    # An index is asked in four runs or more; a story leaves it when its date is changed, or is gone.
    Measure("index/shrunk", "share", "articles that their day's index listed before and lists no more", 0.1, "high", "asking", is_change=True),
    # Unit: indexes. All pages are read, but nobody has seen the site cut an index.
    Measure("index/pages", "share", "indexes of a day that link to further pages", 0.2, "high", "asking"),
)  # fmt: skip


class Floor(NamedTuple):
    """A limit that holds from the first run on, over `least` cases or more."""

    name: str
    limit: float
    side: Literal["below", "above"]
    least: int


# A page of this newspaper has a date line, a body and nearly always a headline, in each year that
# was seen; what is below these is no newspaper any more, whatever its history says.
FLOORS: Final = (
    Floor("fields/headline", 0.80, "below", 20),
    Floor("fields/body", 0.80, "below", 20),
    Floor("fields/published_date", 0.80, "below", 20),
    Floor("pages/refused", 0.30, "above", 10),
    Floor("pages/invalid", 0.30, "above", 10),
    Floor("pages/missing", 0.60, "above", 20),
    Floor("pages/redirected", 0.60, "above", 20),
    Floor("answers/error", 0.50, "above", 10),
    Floor("answers/denied", 0.50, "above", 3),
    Floor("dates/agree", 0.70, "below", 20),
    # From the second night on: a third of what three indexes listed cannot have been taken back.
    Floor("index/shrunk", 0.30, "above", 20),
    Floor("dates/future", 0.50, "above", 20),
    Floor("markup/unknown", 0.30, "above", 20),
    Floor("repeats/headline", 0.50, "above", 20),
    Floor("repeats/body", 0.30, "above", 20),
    Floor("text/replaced", 0.30, "above", 20),
    Floor("text/code", 0.50, "above", 20),
)
