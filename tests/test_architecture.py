"""The walls of the house: which file may import what, and what the pure rooms may not do.

The table is DESIGN's, as data. It reads import statements, not what happens at run time
(itemadapter imports Scrapy when it can, which is not our doing). An import for types alone is
an import. A file without a row fails: a new file begins with the question where it belongs.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from observer_crawler import site
from observer_crawler.kinds import SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "observer_crawler"
HOUSE = Path(__file__).parent.parent / PACKAGE


@dataclass(frozen=True)
class Room:
    """One row: a file pattern, the rooms of the house it may import, and the libraries.

    `site` is one module, `pages` the door of a package alone, `pages.*` what stands behind it.
    """

    files: str
    house: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


PAGE_TOOLS = ("pages.base", "pages.outline", "pages.words", "pages.boxes", "pages.story")
MARKUPS = ("pages.markup_2014", "pages.markup_2016", "pages.markup_2024", "pages.by_words")
PARSERS = ("parsel", "lxml")
READING = ("site", "items", "schema", "urls", "pages", "exceptions")
KEEPING = ("lock", "files", "store", "ledger", "ledger.*", "books", "warc", "coverage", "dataset")
LOOKING_BACK = ("reextract", "verify")
MANNERS = ("pace", "exclude", "clock")
DATA = ("duckdb", "pyarrow")
SCRAPY = ("scrapy", "twisted", "itemadapter")

# Rows in DESIGN's order: a room imports only from rows above its own, or from itself.
ROOMS = (
    Room("__init__.py"),
    Room("exceptions.py"),
    Room("site.py"),
    Room("kinds.py", ("site",)),
    Room("items.py", ("site", "kinds")),
    Room("schema.py", ("site", "items")),
    Room("validity.py", ("site", "items", "schema", "exceptions")),
    Room("origins.py", ("exceptions",), ("w3lib",)),
    Room("ranges.py"),
    Room("cells.py"),
    Room("mirror.py", ("site", "origins")),
    Room("forms.py", ("site", "kinds")),
    Room("urls.py", ("site", "origins", "mirror", "kinds", "forms", "exceptions"), ("w3lib",)),
    Room("dates.py", ("site",)),
    Room("processors.py", ("site", "dates", "exceptions"), ("w3lib",)),
    Room("loaders.py", ("items", "processors"), ("itemloaders",)),
    Room("pages/base.py", ("loaders", "items", "urls", "exceptions"), PARSERS),
    # The tools of page reading, each above the next; the markups stand on all of them and not on
    # one another.
    Room("pages/columns.py", ("urls",), PARSERS),
    Room("pages/outline.py", ("urls", "processors", "pages.columns"), PARSERS),
    Room("pages/words.py", ("site", "pages.base", "pages.outline")),
    Room("pages/boxes.py", ("urls", "pages.base", "pages.outline", "pages.words")),
    Room("pages/adverts.py", ("urls", "pages.base", "pages.outline", "pages.words")),
    Room("pages/captions.py", ("items", "urls", "processors", "pages.base", "pages.outline")),
    Room(
        "pages/story.py",
        (
            "dates",
            "items",
            "urls",
            "processors",
            "pages.base",
            "pages.outline",
            "pages.words",
            "pages.adverts",
            "pages.captions",
        ),
    ),
    Room("pages/signs.py", PAGE_TOOLS, PARSERS),
    Room("pages/identity.py", ("urls", *PAGE_TOOLS)),
    Room("pages/wall.py", PAGE_TOOLS),
    Room("pages/topics.py", ("processors", *PAGE_TOOLS)),
    Room("pages/listings.py", ("urls", "pages.signs", *PAGE_TOOLS)),
    Room("pages/feed.py", ("urls", "processors", "pages.base"), PARSERS),
    Room("pages/markup_2014.py", PAGE_TOOLS),
    Room("pages/markup_2016.py", PAGE_TOOLS),
    Room("pages/markup_2024.py", PAGE_TOOLS),
    Room("pages/date_line.py", ("dates", "processors", *PAGE_TOOLS)),
    Room("pages/by_words.py", ("site", "processors", "pages.date_line", *PAGE_TOOLS)),
    Room("pages/requisites.py", ("urls", "processors", "pages.outline"), PARSERS),
    Room(
        "pages/frame.py",
        ("urls", "pages.topics", "pages.date_line", "pages.by_words", *PAGE_TOOLS),
    ),
    Room(
        "pages/head.py",
        ("site", "urls", "processors", "pages.by_words", "pages.frame", *PAGE_TOOLS),
    ),
    Room(
        "pages/article.py",
        (
            "loaders",
            "processors",
            "items",
            "urls",
            "pages.signs",
            "pages.frame",
            "pages.head",
            "pages.date_line",
            "pages.identity",
            "pages.wall",
            *PAGE_TOOLS,
            *MARKUPS,
        ),
    ),
    Room("pages/__init__.py", ("urls", "processors", "pages.*")),
    Room("clock.py"),
    Room("calls.py"),
    Room("heartbeat.py", ("calls", "exceptions")),
    Room("pace.py", ("site", "exceptions")),
    Room("robots_text.py"),
    Room("trainers.py"),
    Room("rights.py", ("site", "robots_text", "trainers", "urls"), ("protego",)),
    Room("exclude.py", ("site", "kinds", "urls", "exceptions")),
    Room("lock.py", ("exceptions",)),
    Room("files.py", ("exceptions",)),
    Room("lines.py", ("items", "kinds")),
    Room("store.py", ("origins", "items", "lock", "files", "lines", "exceptions")),
    Room("ledger/*.py", ("ledger", "ledger.*", "exceptions")),
    Room("warc/*.py", ("items", "files", "warc.*", "exceptions"), ("warcio", "fastwarc", "surt")),
    # The web archives, each above the next: what an index says, what an answer carries, who they are.
    Room("archives/cdx.py"),
    Room("archives/answers.py", ("warc",)),
    Room("archives/sources.py", ("origins", "archives.*", "exceptions")),
    Room("archives/__init__.py", ("archives.*",)),
    Room(
        "books.py",
        (
            *("clock", "site", "kinds", "items", "urls", "store", "ledger", "ledger.*", "warc"),
            "exceptions",
        ),
    ),
    Room("rereading.py", ("items", "pages", "validity", "warc", "exceptions")),
    Room(
        "reextract/*.py",
        (
            *("site", "items", "urls", "pages", "lines", "store", "ledger", "books", "warc"),
            # The door of warc has a function of the name of its file.
            *("warc.*", "rereading", "reextract.*", "validity", "exceptions"),
        ),
    ),
    Room(
        "verify/*.py",
        (
            *(
                "origins",
                "kinds",
                "items",
                "schema",
                "urls",
                "lock",
                "lines",
                "store",
                "ledger",
                "ledger.*",
                "books",
            ),
            *("warc", "warc.*", "rereading", "verify.*", "exceptions"),
        ),
    ),
    Room("source.py", ("site", "files", "exceptions")),
    # The calendar of what is there, from counts to a page, each above the next. All but its door,
    # `survey` and `probe` only count and write what is handed to them.
    Room("coverage/days.py", ("site",)),
    Room("coverage/estimate.py"),
    Room("coverage/numbers.py", ("ledger.*",)),
    Room("coverage/probe.py", ("site", "ledger", "ledger.*", "coverage.numbers")),
    Room("coverage/survey.py", ("site", "items", "ledger", "ledger.*", "coverage.*")),
    Room("coverage/cutting.py", ("coverage.*",)),
    Room("coverage/holes.py", ("site", "ledger", "ledger.*", "coverage.*")),
    Room("coverage/report.py", ("source", "coverage.*")),
    Room("coverage/words.py", ("site", "coverage.*")),
    Room("coverage/markup.py"),
    Room("coverage/calendar_view.py", ("site", "coverage.*")),
    Room("coverage/charts.py", ("coverage.*",)),
    Room("coverage/lists.py", ("coverage.*",)),
    Room("coverage/page.py", ("site", "source", "coverage.*")),
    # From the figures of a run to an alarm, each above the next; only the monitors know Spidermon.
    Room("alarm/__init__.py"),
    Room("alarm/thresholds.py", ("site", "items")),
    Room("alarm/chance.py", ("alarm.thresholds",)),
    Room("alarm/sight.py", ("site", "items", "alarm.thresholds", "alarm.chance")),
    Room("alarm/sums.py", ("alarm.thresholds", "alarm.chance")),
    Room(
        "alarm/figures.py",
        ("items", "alarm.thresholds", "alarm.chance", "alarm.sight", "alarm.sums"),
    ),
    Room("alarm/history.py", ("files", "alarm.figures", "exceptions")),
    Room("alarm/judging.py", ("alarm.thresholds", "alarm.chance", "alarm.figures")),
    Room("alarm/monitors.py", ("alarm.figures", "alarm.judging", "exceptions"), ("spidermon",)),
    Room("alarm/alarms.py", ("files", "alarm.*", "exceptions")),
    Room("alarm/telling.py", ("alarm.thresholds", "alarm.alarms")),
    Room("alarm/watching.py", ("ledger", "alarm.*")),
    # What is said of a folder holds its alarms too.
    Room("coverage/doubts.py", ("alarm.*",)),
    Room("coverage/__init__.py", ("source", "ledger", "ledger.*", "coverage.*")),
    Room("mails.py", ("calls",)),
    # From a line to a version, each above the next.
    Room("dataset/columns.py", ("site", "items"), ("pyarrow",)),
    Room("dataset/shape.py", ("items", "schema"), ("msgspec",)),
    Room("dataset/rows.py", ("items", "schema", "dataset.shape")),
    Room("dataset/arrays.py", ("dataset.rows",), ("pyarrow",)),
    Room("dataset/batch.py", ("dataset.columns", "dataset.rows", "dataset.arrays"), ("pyarrow",)),
    Room("dataset/tally.py", ("dataset.columns", "dataset.batch"), ("pyarrow",)),
    Room(
        "dataset/lines.py",
        ("origins", "lock", "store", "dataset.rows", "dataset.batch", "exceptions"),
    ),
    Room("dataset/choosing.py", ("dataset.lines",), DATA),
    Room("dataset/condition.py", ("site", "dataset.columns", "dataset.batch", "exceptions"), DATA),
    # Copies: the words of a text, two texts, a million; each above the next.
    Room("dataset/words.py", ("site",)),
    Room("dataset/likeness.py", ("dataset.words",), ("rapidfuzz",)),
    Room("dataset/signatures.py", ("dataset.words",), ("rensa",)),
    Room("dataset/stars.py"),
    Room("dataset/splitting.py", ("exceptions",)),
    Room("dataset/kept.py", ("dataset.likeness", "dataset.signatures"), DATA),
    Room("dataset/candidates.py", ("dataset.kept",)),
    Room("dataset/texts.py", ("dataset.words", "dataset.lines")),
    Room(
        "dataset/comparing.py",
        (
            *("items", "dataset.words", "dataset.likeness", "dataset.signatures"),
            *("dataset.kept", "dataset.candidates", "dataset.texts", "dataset.lines"),
            *("dataset.choosing", "dataset.condition"),
        ),
        ("pyarrow",),
    ),
    Room(
        "dataset/grouping.py",
        (
            *("dataset.likeness", "dataset.kept", "dataset.stars", "dataset.splitting"),
            *("dataset.texts", "dataset.comparing"),
        ),
        ("pyarrow",),
    ),
    Room(
        "dataset/clusters.py",
        (
            *("dataset.kept", "dataset.signatures", "dataset.texts", "dataset.comparing"),
            *("dataset.grouping", "dataset.splitting", "dataset.lines", "dataset.choosing"),
            "dataset.condition",
        ),
        ("duckdb",),
    ),
    Room("dataset/redaction.py", ("site", "items", "dataset.rows"), ("phonenumbers",)),
    Room("dataset/gate.py", ("dataset.tally", "exceptions")),
    Room("dataset/parquet_file.py", ("dataset.batch",), ("pyarrow",)),
    Room("dataset/part_files.py", ("dataset.columns", "dataset.batch"), ("pyarrow",)),
    Room(
        "dataset/split_files.py",
        ("dataset.parquet_file", "dataset.splitting", "dataset.batch"),
        ("pyarrow",),
    ),
    Room("dataset/text_files.py", ("cells",), ("pyarrow",)),
    Room("dataset/sqlite_file.py", ("dataset.text_files",), ("pyarrow",)),
    Room("dataset/wacz_zip.py"),
    # The door of warc has a function of the name of its file.
    Room("dataset/wacz_cut.py", ("site", "urls", "warc", "warc.*")),
    Room(
        "dataset/wacz_file.py",
        (
            "origins",
            "site",
            "warc",
            "dataset.rows",
            "dataset.wacz_cut",
            "dataset.wacz_zip",
            "exceptions",
        ),
    ),
    Room("dataset/versions.py", ("exceptions",)),
    Room("dataset/changes.py", ("dataset.rows", "dataset.versions", "exceptions"), ("pyarrow",)),
    Room("dataset/rules.py", ("rights", "ledger.*", "warc", "exceptions")),
    Room("dataset/gathered.py", ("ledger", "ledger.*", "coverage")),
    Room(
        "dataset/asked.py",
        (
            *("rights", "source", "ledger.*", "dataset.batch", "dataset.columns"),
            *("dataset.gathered", "exceptions"),
        ),
        ("pyarrow",),
    ),
    Room(
        "dataset/manifest.py",
        (
            "dataset.columns",
            "source",
            "dataset.versions",
            "dataset.gate",
            "dataset.gathered",
            "dataset.rules",
            "dataset.lines",
            "dataset.choosing",
            "dataset.tally",
            "dataset.clusters",
            "dataset.splitting",
            "exceptions",
        ),
        ("pyarrow",),
    ),
    Room("dataset/methods.py", ("dataset.gathered",)),
    # The card and its neighbours: pure, from the manifest's values and the coverage report.
    Room("dataset/markdown.py", ("cells",)),
    Room("dataset/card_head.py", ("site", "cells", "source")),
    Room("dataset/card_coverage.py", ("coverage.*", "dataset.markdown")),
    Room("dataset/card_rights.py", ("site", "source", "dataset.markdown")),
    Room(
        "dataset/card.py",
        ("dataset.card_head", "dataset.card_coverage", "dataset.card_rights", "dataset.markdown"),
    ),
    Room("dataset/croissant.py", ("site", "source", "dataset.card_head")),
    Room(
        "dataset/beside.py",
        ("site", "urls", "dataset.card", "dataset.croissant", "dataset.versions"),
    ),
    Room("dataset/stages.py", ("source", "dataset.*")),
    Room("dataset/making.py", ("exclude", "source", "dataset.*", "exceptions"), DATA),
    Room("dataset/__init__.py", ("dataset.*",)),
    Room("settings.py"),
    Room("trouble.py", ("ledger",)),
    Room("gates.py", ("archives", "ledger", "pace", "trouble"), SCRAPY),
    Room("fates.py", ("ledger", "books", "exceptions"), SCRAPY),
    Room("counts.py", ("ledger",), SCRAPY),
    Room("limit.py", ("ledger",)),
    Room(
        "scheduler.py",
        (
            *("ledger", "books", "exclude", "trouble", "gates", "fates", "counts", "limit"),
            "exceptions",
        ),
        SCRAPY,
    ),
    Room(
        "wire.py", ("items", "archives", "books", "ledger", "clock", "warc", "exceptions"), SCRAPY
    ),
    Room("spiders/__init__.py"),
    Room("spiders/work.py"),
    Room("spiders/links.py", ("urls", "ledger")),
    Room("spiders/answers.py", ("ledger",), SCRAPY),
    Room("spiders/asked.py", ("pages", "rights", "ledger"), SCRAPY),
    Room("spiders/requisites.py", ("pages", "urls", "items", "ledger", "spiders.answers"), SCRAPY),
    Room("spiders/soundness.py", ("pages", "urls", "ledger")),
    Room(
        "spiders/base.py",
        (
            *("site", "pages", "urls", "items", "archives", "ledger", "books", "exceptions"),
            *(
                "spiders.answers",
                "spiders.asked",
                "spiders.requisites",
                "spiders.links",
                "spiders.work",
            ),
            "spiders.soundness",
        ),
        SCRAPY,
    ),
    Room("spiders/typed.py", ("origins", "urls", "exceptions")),
    Room("spiders/listed.py", ("exceptions",)),
    Room(
        "spiders/names.py",
        ("site", "kinds", "urls", "exceptions", "spiders.typed", "spiders.listed"),
    ),
    Room("spiders/*arguments.py", ("site", "archives", "exceptions", "spiders.*")),
    Room("spiders/lists.py", ("site", "urls", "ledger")),
    Room("spiders/revisits.py", ("ledger",)),
    # The rules of an archive crawl, each above the next.
    Room("spiders/choice.py", ("spiders.*",)),
    Room("spiders/itinerary.py", ("site", "ledger", "spiders.*")),
    Room("spiders/evidence.py", ("ledger",)),
    Room("spiders/tally.py", ("site", "spiders.work")),
    Room("spiders/signs.py", ("urls", "ledger", "spiders.*")),
    Room("spiders/probing.py", ("urls", "coverage.probe", "spiders.*")),
    # The rules of a backfill.
    Room("spiders/numbers.py"),
    Room("spiders/captured.py", ("urls", "archives", "ledger", "spiders.*")),
    Room("spiders/opening.py", ("site", "urls", "ledger", "spiders.*")),
    Room("spiders/further.py", ("site", "urls", "ledger", "spiders.*")),
    Room("spiders/indexes.py", ("site", "urls", "ledger", "books", "spiders.*")),
    Room(
        "spiders/observer*.py",
        (
            "pages",
            "site",
            "urls",
            "items",
            "archives",
            "ledger",
            "clock",
            "wire",
            "spiders.*",
        ),
        SCRAPY,
    ),
    Room("pipelines.py", (*READING, *KEEPING, "validity", "rereading", "books", "clock"), SCRAPY),
    Room(
        "robots.py",
        (
            *("site", "robots_text", "rights", "pace", "urls", "clock", "exceptions"),
            *("ledger", "ledger.*", "wire"),
        ),
        SCRAPY,
    ),
    Room("middlewares.py", (*READING, *KEEPING, *MANNERS, "archives", "gates", "wire"), SCRAPY),
    Room("connections.py", ("ranges", "exceptions"), (*SCRAPY, "zope")),
    Room("downloadhandlers.py", (*READING, *KEEPING, "wire"), SCRAPY),
    Room("feeds.py", ("cells", "exceptions"), SCRAPY),
    Room(
        "sightings.py",
        ("site", "items", "urls", "books", "pages", "ledger", "spiders.base", "alarm.*"),
        SCRAPY,
    ),
    Room("figures.py", ("spiders.work",)),
    Room(
        "extensions.py",
        (*READING, *KEEPING, "spiders.work", "figures"),
        SCRAPY,
    ),
    Room("replica/*.py", ("replica", "replica.*"), ("jinja2", "markupsafe")),
    Room(
        "commands/*.py",
        (
            *READING,
            *KEEPING,
            *LOOKING_BACK,
            *MANNERS,
            "settings",
            "source",
            "cells",
            "origins",
            "replica",
            "replica.*",
            "spiders.*",
            "clock",
            "files",
            "heartbeat",
            "figures",
            "alarm.*",
            "calls",
            "mails",
            "ranges",
            "connections",
            "commands",
            "commands.*",
        ),
        SCRAPY,
    ),
)

# What extraction may use of the standard library: nothing that reads a clock, a file, a network,
# a setting, a locale or an environment, and nothing that logs.
PURE_ROOMS = (
    *("site.py", "items.py", "urls.py", "processors.py", "loaders.py", "pages/*.py"),
    *("rights.py", "trainers.py"),
)
PURE_LIBRARY = frozenset(
    "__future__ abc bisect codecs collections collections.abc dataclasses datetime difflib enum "
    "functools hashlib html html.parser itertools json math operator re string types typing "
    "unicodedata urllib.parse".split()
)
IMPURE_NAMES = frozenset(("open", "print", "input", "exec", "eval", "__import__", "breakpoint"))
CLOCKS = frozenset(("now", "today", "utcnow", "utcfromtimestamp", "localtime", "open"))
# These fall back to the zone of the machine unless a zone is given as argument number ...
ZONED = {"fromtimestamp": 2, "astimezone": 1}

# Who may name the newspaper, its city and its first year. As the name of a markup ("2014") the
# year may stand anywhere; what may not is a number or a date that settles when the site began.
KNOWS_THE_NEWSPAPER = (
    "site.py",
    "urls.py",
    "processors.py",
    "pages/*.py",
    "spiders/*.py",
    "replica/*",
)
NEWSPAPER = re.compile(
    r"observerbd|daily[\s_-]+observer|dhaka|(?<![\w.])2014[-/]\d", re.IGNORECASE
)

# How it writes addresses, pages and words is known in two files more: `urls` and `processors` have
# outgrown one each. Evidence in a comment or a docstring is free; what a program says or does is not.
KNOWS_ITS_WAYS = (*KNOWS_THE_NEWSPAPER, "forms.py", "dates.py")
_AGENCIES = "|".join(
    name for name in site.AGENCIES if name.isascii() and not name.startswith("Ag")
)
_HEADINGS = "|".join((*site.HEADINGS.values(), "Related Topics", "Foreign News"))
WAYS = re.compile(
    rf"[\u0980-\u09ff]|\b(?:Bangla|Bengali|Eid)\b|\+06:?00|\bAsia/|12:00 AM|\b(?:{_AGENCIES})\b"
    rf"|{_HEADINGS}|\b(?:{SPACE}):[0-9]|\.php\b|/(?:news|menu|archive|author)/|/rss\b|/sitemap"
)
# Words that say it only when they stand alone.
OWN_WORDS = frozenset(
    word.casefold() for word in ("bn", *site.MARKUPS, *site.SECTIONS.values(), *site.DATED_SPACES)
)
# Where a letter or two is a space or an edition, and no more an HTML tag or a language of ours.
OWN_KEYS = frozenset((*site.LANGUAGES, *site.SPACES.values(), *site.DATED_SPACES))

# Scrapy decodes these lazily, by guessing, and destroys a Bangla page with one stray byte.
DECODED = frozenset(("text", "selector", "css", "xpath", "jmespath", "json", "urljoin", "follow"))


def files_of(house: Path) -> list[str]:
    """All Python files of a house, relative to it."""
    return sorted(path.relative_to(house).as_posix() for path in house.rglob("*.py"))


def row_of(file: str) -> Room | None:
    """The row that a file belongs to: an exact name before a pattern."""
    rows = [room for room in ROOMS if fnmatchcase(file, room.files)]
    return min(rows, key=lambda room: "*" in room.files, default=None)


def is_one_of(file: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file or module name fits one of the patterns."""
    return any(fnmatchcase(file, pattern) for pattern in patterns)


def tree_of(house: Path, file: str) -> ast.Module:
    """The syntax of one file."""
    return ast.parse((house / file).read_bytes(), file)


def imports_of(house: Path, file: str) -> Iterator[str]:
    """Every module that the import statements of a file name, absolute.

    `from x import y` names `x.y` when that is a module of the house, else `x`.
    """
    here = [PACKAGE, *file.removesuffix(".py").split("/")]
    for node in ast.walk(tree_of(house, file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join(here[: -node.level] if node.level else []) or None
            module = ".".join(part for part in (origin, node.module) if part)
            yield from (_module_of(house, module, alias.name) for alias in node.names)


def _module_of(house: Path, module: str, name: str) -> str:
    inside = house.joinpath(*module.split(".")[1:], name)
    is_house = module.partition(".")[0] == PACKAGE
    found = is_house and (inside.with_suffix(".py").exists() or inside.is_dir())
    return f"{module}.{name}" if found else module


def wrong_imports(house: Path, file: str) -> list[str]:
    """What a file imports beyond its row, in words."""
    room = row_of(file)
    if room is None:
        return [f"{file} has no row: decide where it belongs and add it to ROOMS"]
    return [
        f"{file} may not import {module}"
        for module in imports_of(house, file)
        if not _is_allowed(room, module)
    ]


def _is_allowed(room: Room, module: str) -> bool:
    top, _, rest = module.partition(".")
    if top == PACKAGE:
        return is_one_of(rest, room.house)
    return top in sys.stdlib_module_names or top in room.outside


def impurities(house: Path, file: str) -> list[str]:
    """What a file of the pure rooms uses of the world, in words."""
    tree = tree_of(house, file)
    modules = [module for module in imports_of(house, file) if _is_impure(module)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [f"{file} imports {module}" for module in modules] + [
        f"{file}:{call.lineno} calls {ast.unparse(call.func)}"
        for call in calls
        if _reads_the_world(call)
    ]


def _is_impure(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names and module not in PURE_LIBRARY


def _reads_the_world(call: ast.Call) -> bool:
    match call.func:
        case ast.Name(name):
            return name in IMPURE_NAMES
        case ast.Attribute(attr=name):
            given = len(call.args) + len(call.keywords)
            return name in CLOCKS or given < ZONED.get(name, 0)
    return False


def names_of_the_newspaper(house: Path, file: str) -> list[str]:
    """Where a file says which newspaper this is, in words."""
    text = (house / file).read_text("utf-8")
    found = [f"{file} names {match[0]!r}" for match in NEWSPAPER.finditer(text)]
    years = [
        f"{file}:{node.lineno} holds the first year"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value == 2014
    ]
    return found + years


def ways_of_the_newspaper(house: Path, file: str) -> list[str]:
    """Where a file does what is right for this newspaper alone, in words."""
    tree = tree_of(house, file)
    told = {id(text) for text in _docstrings(tree)} | {id(text) for text in _tags(tree)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    said = [node for node in constants if id(node) not in told and _is_a_way(node.value)]
    keys = [node for node in _keys(tree) if id(node) not in told and node.value in OWN_KEYS]
    found = {(node.lineno, repr(node.value)[:60]) for node in (*said, *keys)}
    return [f"{file}:{line} knows {what}" for line, what in sorted(found)]


def _is_a_way(value: object) -> bool:
    if isinstance(value, str):
        text = re.sub(r"--.*", "", value)  # a comment of SQL
        return bool(WAYS.search(text)) or text.casefold() in OWN_WORDS
    return type(value) is int and value in site.KNOWN.values()


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def _tags(tree: ast.Module) -> Iterator[ast.expr]:
    """Give what names an HTML tag: `tag("b", ...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "tag":
            yield from node.args[:1]


def _keys(tree: ast.Module) -> Iterator[ast.Constant]:
    """Give what is compared, looked up, called with or the default of something."""
    for node in ast.walk(tree):
        some: list[ast.expr | None] = []
        match node:
            case ast.Compare(left, _, others):
                some = [left, *others]
            case ast.Subscript(slice=index):
                some = [index]
            case ast.Dict(keys=keys):
                some = [*keys]
            case ast.Call(args=args):
                some = [*args]
            case ast.IfExp(body=one, orelse=other):
                some = [one, other]
            case ast.BoolOp(values=values):
                some = [*values]
            case ast.arguments(defaults=some_, kw_defaults=more):
                some = [*some_, *more]
            case ast.Assign(value=value) | ast.AnnAssign(value=value):
                some = [value]
        yield from (each for each in some if isinstance(each, ast.Constant))


def decoded_reads(house: Path, file: str) -> list[str]:
    """Where a file lets Scrapy decode a response, in words."""
    return [
        f"{file}:{node.lineno} reads response.{node.attr}"
        for node in ast.walk(tree_of(house, file))
        if isinstance(node, ast.Attribute)
        and node.attr in DECODED
        and ast.unparse(node.value).split(".")[-1] == "response"
    ]


def built_requests(house: Path, file: str) -> list[str]:
    """Where a file builds a Request, in words."""
    return [
        f"{file}:{node.lineno} builds a Request"
        for node in ast.walk(tree_of(house, file))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1].endswith("Request")
    ]


HOUSE_FILES = files_of(HOUSE)


@pytest.mark.parametrize("file", HOUSE_FILES)
def test_a_file_imports_only_what_its_row_allows(file: str) -> None:
    assert wrong_imports(HOUSE, file) == []


@pytest.mark.parametrize("file", [f for f in HOUSE_FILES if is_one_of(f, PURE_ROOMS)])
def test_extraction_reads_no_clock_file_network_setting_or_log(file: str) -> None:
    assert impurities(HOUSE, file) == []


@pytest.mark.parametrize("file", [f for f in HOUSE_FILES if not is_one_of(f, KNOWS_THE_NEWSPAPER)])
def test_the_newspaper_is_named_only_where_it_is_known(file: str) -> None:
    assert names_of_the_newspaper(HOUSE, file) == []


@pytest.mark.parametrize("file", [f for f in HOUSE_FILES if not is_one_of(f, KNOWS_ITS_WAYS)])
def test_what_holds_for_this_newspaper_alone_stands_where_it_is_known(file: str) -> None:
    assert ways_of_the_newspaper(HOUSE, file) == []


@pytest.mark.parametrize("file", [f for f in HOUSE_FILES if not f.startswith("replica/")])
def test_nothing_lets_scrapy_decode_a_page(file: str) -> None:
    assert decoded_reads(HOUSE, file) == []


@pytest.mark.parametrize("file", [f for f in HOUSE_FILES if f.startswith("spiders/")])
def test_spiders_build_no_requests(file: str) -> None:
    assert built_requests(HOUSE, file) == []


def test_a_row_names_only_rooms_above_it_or_itself() -> None:
    above: list[str] = []
    for room in ROOMS:
        above.append(room.files.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
        above.append(above[-1].removesuffix(".*"))
        doors = {"pages.*", "archives.*", "dataset.*", "spiders.*", "coverage.*", "alarm.*"}
        assert set(room.house) - {*above, *doors} == set(), room.files


# The judge itself: a small house with one fault each, to prove that the fault is seen.


def a_house_with(tmp_path: Path, file: str, text: str) -> Path:
    """Build a house whose one file is `file`, beside the doors that imports look for."""
    for name in ("pages/__init__.py", "pages/base.py", "urls.py", "store.py", file):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / file).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "module"),
    [
        ("items.py", "import scrapy", "scrapy"),
        ("items.py", "import scrapy.http", "scrapy.http"),
        ("processors.py", "from observer_crawler import urls", "observer_crawler.urls"),
        ("processors.py", "from . import urls", "observer_crawler.urls"),
        ("pages/markup_2014.py", "from .. import store", "observer_crawler.store"),
        ("pages/markup_2014.py", "from ..urls import kind", "observer_crawler.urls"),
        ("pages/markup_2014.py", "from observer_crawler.pages import x", "observer_crawler.pages"),
        ("spiders/base.py", "from ..pages import base", "observer_crawler.pages.base"),
        (
            "replica/server.py",
            "def f():\n    import observer_crawler.urls",
            "observer_crawler.urls",
        ),
        ("store.py", "if 1:\n    from lxml import html", "lxml"),
    ],
)
def test_a_wrong_import_is_reported(tmp_path: Path, file: str, line: str, module: str) -> None:
    house = a_house_with(tmp_path, file, line)
    assert wrong_imports(house, file) == [f"{file} may not import {module}"]


def test_a_right_import_is_not_reported(tmp_path: Path) -> None:
    text = "import re\nfrom w3lib.url import x\nfrom . import site\nfrom .exceptions import y\n"
    (tmp_path / "site.py").touch()
    assert wrong_imports(a_house_with(tmp_path, "urls.py", text), "urls.py") == []


def test_a_file_without_a_row_is_reported(tmp_path: Path) -> None:
    house = a_house_with(tmp_path, "utils/misc.py", "")
    assert "utils/misc.py has no row" in wrong_imports(house, "utils/misc.py")[0]


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import os.path",
        "from pathlib import Path",
        "import urllib.request",
        "import logging",
        "x = dt.datetime.now(ZONE)",
        "x = date.today()",
        "x = open('file')",
        "x = codecs.open('file')",
        "x = dt.datetime.fromtimestamp(0)",
        "x = moment.astimezone()",
    ],
)
def test_an_impure_line_is_reported(tmp_path: Path, line: str) -> None:
    assert len(impurities(a_house_with(tmp_path, "processors.py", line), "processors.py")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "import datetime as dt",
        "from urllib.parse import urljoin",
        "x = dt.datetime.fromtimestamp(0, ZONE)",
        "x = moment.astimezone(ZONE)",
        "x = re.compile('a').search('b')",
    ],
)
def test_a_pure_line_is_not_reported(tmp_path: Path, line: str) -> None:
    assert impurities(a_house_with(tmp_path, "processors.py", line), "processors.py") == []


@pytest.mark.parametrize(
    "line",
    [
        "HOST = 'www.observerbd.com'",
        "# the daily observer",
        "ZONE = 'Asia/Dhaka'",
        "FIRST = date(2014, 3, 1)",
        "FIRST = '2014-03-01'",
    ],
)
def test_the_name_of_the_newspaper_is_reported(tmp_path: Path, line: str) -> None:
    assert len(names_of_the_newspaper(a_house_with(tmp_path, "store.py", line), "store.py")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "ZONE = '+06:00'",
        "TIMEZONE = 'Asia/Kolkata'",
        "if space == 'a': pass",
        "if language != 'en': pass",
        "x = found or 'en'",
        "x = 'bn' if y else z",
        "def f(language='en'): pass",
        "NAMES = {'en': 'English'}",
        "x = article('b', 1)",
        "x = ORIGINS['en']",
        "SPACES = ('a', 'bn')",
        "MARKUPS = '2014', '2016'",
        "ID = '(a|b|bn):[0-9]' + 'b:1'",
        "SAMPLE = 370580",
        "x = 'type an id like b:370580'",
        "FEED = '/rss'",
        "x = f'{origin}/news/{number}'",
        "x = '/details.php?id='",
        "SECTION = 'Foreign News'",
        "SECTION = 'sports'",
        "BOX = 'links under Latest News'",
        "x = 'no paper at Eid'",
        "AGENCIES = 'AFP', 'dpa'",
        "x = 'articles in Bangla'",
        "MONTH = 'জুন'",
    ],
)
def test_a_way_of_the_newspaper_is_reported(tmp_path: Path, line: str) -> None:
    assert ways_of_the_newspaper(a_house_with(tmp_path, "store.py", line), "store.py") != []


@pytest.mark.parametrize(
    "line",
    [
        "# b:370580 is at /news/370580, AFP says so at Eid",
        "def f():\n    'Give `b:370580`, in Bangla too.'",
        "x = tag('b', text)",
        "x = page(lang='en')",
        "SQL = 'CREATE TABLE x (name TEXT) -- b:370580'",
        "OK = 200, 2026",
        "x = 'a story of the newspaper'",
    ],
)
def test_what_any_newspaper_has_is_not_reported(tmp_path: Path, line: str) -> None:
    assert ways_of_the_newspaper(a_house_with(tmp_path, "store.py", line), "store.py") == []


def test_the_name_of_a_markup_is_not_reported(tmp_path: Path) -> None:
    house = a_house_with(tmp_path, "items.py", "MARKUPS = '2014', '2016'\nDASH = '\\u2014'\n")
    assert names_of_the_newspaper(house, "items.py") == []


def test_a_decoded_read_is_reported(tmp_path: Path) -> None:
    house = a_house_with(tmp_path, "pipelines.py", "x = self.response.text\ny = response.body\n")
    assert decoded_reads(house, "pipelines.py") == ["pipelines.py:1 reads response.text"]


def test_a_request_in_a_spider_is_reported(tmp_path: Path) -> None:
    house = a_house_with(tmp_path, "spiders/observer.py", "yield_ = scrapy.Request('x')\n")
    assert built_requests(house, "spiders/observer.py") == [
        "spiders/observer.py:1 builds a Request"
    ]
