"""What a site says of the training of AI: in robots.txt, in the headers of an answer, in a page.

A preference is nobody's licence and binds nobody here; it is read so that whoever takes the data
knows what was said. Three answers: `no`, `yes`, `not said`. Where words contradict each other the
no holds, and all of them are kept. What is not written as it should be says nothing. Pure: bytes
and pairs in, values out.

| words | say |
|---|---|
| `Content-Signal: ai-train=no` (contentsignals.org), in robots.txt or as a header | no, yes |
| `Content-Usage: train-ai=n` (IETF, draft-ietf-aipref-attach), in robots.txt or as a header | no, yes |
| a group of robots.txt that names a crawler of `trainers.py` and disallows the articles | no |
| `noai` in `X-Robots-Tag` or `<meta name=robots>`, to whomever | no |
| `tdm-reservation: 1`, `0` (W3C TDMRep), as header or meta | no, yes |

`noimageai` speaks of pictures alone: its words are kept and say nothing. TDMRep has 0 for "not
reserved: mine it without asking", so it is a yes to all that mining is for.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from protego import Protego

from observer_crawler import robots_text, urls
from observer_crawler.site import KNOWN, SPACES
from observer_crawler.trainers import TRAINING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class Says(StrEnum):
    """What the words come to."""

    NO = "no"
    YES = "yes"
    NOTHING = "not said"


class Asked(NamedTuple):
    """What was said in one place: the verdict, and the words in their order, each once."""

    says: Says = Says.NOTHING
    words: tuple[str, ...] = ()


# Whose group is ours: a yes in another one is said to somebody else, a no is a no.
_OURS = frozenset(("*", "observer_crawler"))
_NAMES = TRAINING | _OURS
# One of each kind of address that the articles have; `Disallow: /news/1` is no word on all of them.
_NUMBERS = (123_456, max(KNOWN.values()))
_ARTICLES = tuple(
    tuple(urls.article(space, number).canonical for number in _NUMBERS)
    for space in SPACES.values()
)
# What each signal has for yes and no. Of the categories of the IETF's vocabulary `train-ai` is
# ours, and what forbids all mining forbids it too.
_SIGNALS: Mapping[str, Mapping[str, Mapping[str, Says]]] = {
    "content-signal": {"ai-train": {"yes": Says.YES, "no": Says.NO}},
    "content-usage": {
        "train-ai": {"y": Says.YES, "n": Says.NO},
        "train-genai": {"n": Says.NO},
        "bots": {"n": Says.NO},
        "tdm": {"n": Says.NO},
    },
}
_TDM = {"1": Says.NO, "0": Says.YES}
# What is read of a name, header or meta, beside the signals.
_ROBOTS = ("x-robots-tag", "robots")
_RESERVATION, _POLICY = "tdm-reservation", "tdm-policy"
HEADERS = ("X-Robots-Tag", "TDM-Reservation", "TDM-Policy", "Content-Usage", "Content-Signal")
# What people are shown; a file may hold 50,000 lines that all say the same.
_MOST_WORDS = 30
_LONGEST = 200
# Bytes of robots.txt that are looked at. RFC 9309, 2.5: at least 500 KiB.
_MOST_BYTES = 500 * 1024
# Rules among which the one is looked for that people are shown.
_MOST_RULES = 200


def of_robots(status: int, body: bytes) -> Asked | None:
    r"""Say what an answer to robots.txt asks for; None where it tells nothing, not even silence.

    That is so of a server's error, of a redirect, and of a page that is sent for a file.

    >>> of_robots(200, b"User-agent: *\nContent-Signal: search=yes, ai-train=no")
    Asked(says=<Says.NO: 'no'>, words=('Content-Signal: search=yes, ai-train=no',))
    >>> of_robots(404, b"<h1>?"), of_robots(503, b"")
    (Asked(says=<Says.NOTHING: 'not said'>, words=()), None)
    """
    if status // 100 not in {2, 4} or status == 429:  # noqa: PLR2004 (what they are)
        return None
    if status // 100 == 4:  # noqa: PLR2004 (RFC 9309, 2.3.1.3: there is none)
        return Asked()
    if robots_text.is_page(body):
        return None
    lines = list(robots_text.lines_by_group(_beginning(body), _NAMES))
    return merged([_signalled(lines), *_forbidden(lines)])


def _beginning(body: bytes) -> bytes:
    """Give the first lines, whole ones: half of `/news/1` would be a rule for all of them."""
    if len(body) <= _MOST_BYTES:
        return body
    return body[:_MOST_BYTES].rpartition(b"\n")[0]


def of_headers(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Say what the headers of an answer ask for; each pair as it came, in any case.

    >>> of_headers([("X-Robots-Tag", "otherbot: noindex, NoAI"), ("Server", "x")]).words
    ('X-Robots-Tag: otherbot: noindex, NoAI',)
    """
    return _of_pairs(list(pairs), "{}: {}")


def of_metas(pairs: Iterable[tuple[str, str]]) -> Asked:
    """Say what the meta elements of a page ask for, as pairs of name and content.

    >>> of_metas([("robots", "index,noimageai"), ("tdm-reservation", "0")])
    Asked(says=<Says.YES: 'yes'>, words=('robots=index,noimageai', 'tdm-reservation=0'))
    """
    return _of_pairs(list(pairs), "{}={}")


def merged(parts: Iterable[Asked]) -> Asked:
    """Put together what was said in several places."""
    parts = list(parts)
    found = {part.says for part in parts}
    words = list(dict.fromkeys(_short(word) for part in parts for word in part.words))
    more = [f"... {len(words) - _MOST_WORDS:,} more"] if len(words) > _MOST_WORDS else []
    return Asked(_strongest(found), (*words[:_MOST_WORDS], *more))


def day_of(moment: str) -> str:
    """Give the day, in UTC, of a moment that stands in a record or a line.

    >>> day_of("2026-11-20T03:00:00.000000+06:00"), day_of("2026-11-20T03:00:00Z")
    ('2026-11-19', '2026-11-20')
    """
    return dt.datetime.fromisoformat(moment).astimezone(dt.UTC).date().isoformat()


def _strongest(found: Iterable[Says]) -> Says:
    there = set(found)
    return next((says for says in (Says.NO, Says.YES) if says in there), Says.NOTHING)


def _short(words: str) -> str:
    """Give words as people are shown them: one line, no letter that a terminal would obey."""
    shown = "".join(letter if letter.isprintable() else " " for letter in words)
    flat = " ".join(shown.split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}..."


class _Signal(NamedTuple):
    """One line of robots.txt that speaks of training, for the addresses that begin so."""

    names: frozenset[str]
    key: str
    path: str
    says: Says
    line: str


def _signalled(lines: Iterable[tuple[frozenset[str], str]]) -> Asked:
    """Read the lines Content-Signal and Content-Usage of all groups.

    As with rules, of those of a group that fit an address the longest path holds. A yes must hold
    for every kind of address that articles have.
    """
    signals = [signal for names, line in lines if (signal := _signal(names, line))]
    by_group: dict[tuple[frozenset[str], str], list[_Signal]] = {}
    for signal in signals:
        by_group.setdefault((signal.names, signal.key), []).append(signal)
    held: list[_Signal] = []
    verdicts = []
    for numbers in _ARTICLES:
        holding = [each for group in by_group.values() for each in _holding(group, numbers)]
        held += holding
        verdicts.append(_strongest(each.says for each in holding))
    says = _strongest(verdicts)
    if says is Says.YES and Says.NOTHING in verdicts:
        says = Says.NOTHING
    words = [signal.line for signal in signals if signal in held]
    return Asked(says, tuple(words))


def _signal(names: frozenset[str], line: str) -> _Signal | None:
    key, _, value = line.partition("#")[0].partition(":")
    name, value = key.strip().lower(), value.strip()
    if name not in _SIGNALS:
        return None
    path = ""
    if value.startswith(("/", "*")):
        path, value = (*value.split(maxsplit=1), "")[:2]
    says = _preference(name, value)
    is_for_us = not names or not _OURS.isdisjoint(names)
    if says is Says.NOTHING or (says is Says.YES and not is_for_us):
        return None
    return _Signal(names, name, path, says, f"{key.strip()}: {line.partition(':')[2].strip()}")


def _preference(name: str, value: str) -> Says:
    """Read `search=yes, ai-train=no`; what is no pair, or another word, says nothing."""
    found = set()
    for item in value.lower().split(","):
        key, _, word = item.partition(";")[0].partition("=")
        found.add(_SIGNALS[name].get(key.strip(), {}).get(word.strip(), Says.NOTHING))
    return _strongest(found)


def _holding(group: Sequence[_Signal], articles: Sequence[str]) -> list[_Signal]:
    """Give those of a group that hold for some articles: with the longest path that fits them."""
    fitting = [signal for signal in group if not signal.path or _covers(signal.path, articles)]
    longest = max((len(signal.path) for signal in fitting), default=0)
    return [signal for signal in fitting if len(signal.path) == longest]


@cache
def _covers(path: str, articles: tuple[str, ...]) -> bool:
    return _disallow((f"Disallow: {path}",), articles)


def _disallow(rules: Sequence[str], articles: Iterable[str]) -> bool:
    """Whether rules of one group disallow all of these articles."""
    parsed = Protego.parse("\n".join(("User-agent: *", *rules)))
    return not any(parsed.can_fetch(url, "*") for url in articles)


def _forbidden(lines: Iterable[tuple[frozenset[str], str]]) -> Iterator[Asked]:
    """Look for crawlers that gather for training and may not read the articles of one kind.

    Only those that are named: who forbids everybody to come says nothing of what they come for.
    """
    rules: dict[str, list[str]] = {}
    for names, line in lines:
        if robots_text.is_rule(line):
            for name in TRAINING & names:
                rules.setdefault(name, []).append(line)
    agents: dict[tuple[str, ...], list[str]] = {}
    for name, lines_of in rules.items():
        agents.setdefault(tuple(dict.fromkeys(lines_of)), []).append(name)
    for group, names_of in agents.items():
        if any(_disallow(group, articles) for articles in _ARTICLES):
            word = _telling(group)
            yield Asked(Says.NO, tuple(f"User-agent: {name} {word}" for name in sorted(names_of)))


def _telling(rules: Sequence[str]) -> str:
    """Give the first rule that disallows articles by itself."""
    by_itself = (
        rule
        for rule in rules[:_MOST_RULES]
        if any(_disallow((rule,), articles) for articles in _ARTICLES)
    )
    return next(by_itself, rules[0]).partition("#")[0].strip()


def _of_pairs(pairs: Sequence[tuple[str, str]], shown: str) -> Asked:
    parts = [_of_pair(name.strip().lower(), value) for name, value in pairs]
    # A policy says on which terms; without a reservation it is about nothing.
    is_reserved = any(
        says is not None and name.strip().lower() == _RESERVATION
        for (name, _), says in zip(pairs, parts, strict=True)
    )
    kept = [
        Asked(says or Says.NOTHING, (shown.format(name.strip(), value.strip()),))
        for (name, value), says in zip(pairs, parts, strict=True)
        if says is not None or (is_reserved and name.strip().lower() == _POLICY)
    ]
    return merged(kept)


def _of_pair(name: str, value: str) -> Says | None:
    """Say what a header or meta means, None for one that is not about training at all."""
    if name in _SIGNALS:
        says = _preference(name, value)
        return None if says is Says.NOTHING else says
    # `otherbot: noai` is one word to a bot; `unavailable_after: 25 Jun` is none of ours.
    words = {part.rpartition(":")[2].strip().lower() for part in value.split(",")}
    if name == _RESERVATION:
        found = {_TDM[word] for word in words if word in _TDM}
        return _strongest(found) if found else None
    if name in _ROBOTS:
        if "noai" in words:
            return Says.NO
        return Says.NOTHING if "noimageai" in words else None
    return None
