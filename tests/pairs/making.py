"""Make labelled pairs of newspaper stories from the texts in `stories/` and the lists in `words/`.

`pairs()` yields the same 5,000 pairs at each call: 2,000 copies and 3,000 that are not.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import functools
import re
from typing import TYPE_CHECKING

from tests.pairs.edits import cut_tail, edit, print_online, recredit, retitle, retype
from tests.pairs.texts import Record, Rng, Story, fill, read_stories, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 19710326
COPIES = {
    "exact": 100,
    "address-variant": 250,
    "wire-twice": 360,
    "wire-cut": 220,
    "print-online": 370,
    **{f"edited-{n:02}": 70 for n in range(1, 11)},
}
OTHERS = {
    "template": 860,
    "one-event": 400,
    "boilerplate": 400,
    "one-headline": 400,
    "quotes-in-part": 560,
    "follow-up": 180,
    "unrelated": 200,
}
ADDS = (
    "Meanwhile, our correspondent adds:",
    "A report in this newspaper said earlier:",
    "Our staff correspondent reports separately:",
    "In other news of the day:",
)
COMMON_HEADS = (
    "Nation in brief",
    "Special report",
    "Around the country",
    "News in brief",
    "From our correspondents",
    "Crime and law",
    "Today's report",
    "In the news",
)
STORIES = read_stories()


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two stories, and whether a careful editor would call one a copy of the other."""

    a: Story
    b: Story
    is_copy: bool
    kind: str

    @property
    def language(self) -> str:
        """The language of the pair; both stories have the same."""
        return self.a.language


# Which stories.


@functools.cache
def plain(lang: str) -> list[Record]:
    """The stories of a language that are neither templates nor short, backgrounds or hosts."""
    return [r for r in STORIES.values() if r.language == lang and not r.get("kind")]


@functools.cache
def weighted(lang: str) -> list[Record]:
    """The plain stories, those of 250 words twice, of 500 words three times."""
    return [r for r in plain(lang) for _ in range(1 + size(r.body) // 250)]


@functools.cache
def of_kind(lang: str, kind: str) -> list[Record]:
    """The records of a language and a kind: template, short, background or host."""
    return [r for r in STORIES.values() if r.language == lang and r.get("kind") == kind]


# Copies.


def whole(record: Record, rng: Rng) -> Record:
    """The record with all its text: a template filled, background added."""
    if record.slots:
        return fill(record, rng, {})[0]
    plate = STORIES[record.fields["background"]].body if record.get("background") else []
    return dataclasses.replace(record, body=record.body + plate)


def base(rng: Rng) -> Record:
    """A record to copy: one in eight in Bangla, one in ten short, some filled templates."""
    lot = rng.random()
    if lot < 0.12:
        return rng.choice(weighted("bn") + of_kind("bn", "short") + of_kind("bn", "template"))
    if lot < 0.22:
        return rng.choice(of_kind("en", "short"))
    return rng.choice(of_kind("en", "template") if lot < 0.37 else weighted("en"))


def wired(story: Story) -> bool:
    """Whether it is a report that an agency may have sent: no letter, column or photo."""
    reported = re.search("Correspondent|Reporter|Bureau|Desk", story.byline or "")
    return bool(story.agency or reported or story.language == "bn")


def copy_of(record: Record, story: Story, kind: str, rng: Rng) -> Story | None:
    """A copy of the story in the way that the kind says, or None if that cannot be done."""
    later = dataclasses.replace(story, day=story.day + dt.timedelta(days=rng.randrange(3)))
    numbers = not record.slots and rng.random() < 0.4
    if kind == "exact":
        return later
    if kind == "address-variant":
        return retype(later, rng)
    if kind.startswith("edited"):
        new = edit(later, int(kind[-2:]) / 100, rng, numbers=numbers)
        return retitle(record, new, rng) if new and rng.random() < 0.3 else new
    if kind.startswith("wire") and not wired(story):
        return None
    if kind == "wire-twice":
        new = retitle(record, later, rng)
    else:
        new = cut_tail(later, rng) if kind == "wire-cut" else print_online(record, later, rng)
    new = edit(new, rng.choice((0, 0, 0.01, 0.02)), rng) if new else None
    return recredit(new, rng) if new and kind.startswith("wire") else new


# Stories that are not copies.


def groups(records: list[Record], field: str) -> list[list[Record]]:
    """The records with one value in a field, where there are two or more."""
    found = collections.defaultdict(list)
    for record in records:
        found[record.get(field)].append(record)
    return [group for value, group in found.items() if value and len(group) > 1]


def some_language(rng: Rng) -> str:
    """Bangla once in seven times."""
    return "bn" if rng.random() < 0.14 else "en"


def template(rng: Rng) -> tuple[Story, Story]:
    """Two stories of one template with other facts."""
    record = rng.choice(of_kind(some_language(rng), "template"))
    first, facts = fill(record, rng, {})
    second, _ = fill(record, rng, facts, rng.choice((0, 0.1, 0.25, 0.4)))
    return first.story(), second.story()


def one_event(rng: Rng) -> tuple[Story, Story]:
    """Two reports of one event, written apart; at times one headline or one official statement."""
    fit = [
        r
        for r in plain(some_language(rng))
        if not r.get("background")
        and not r.get("follows")
        and not (r.get("set") or "").startswith("h-")
    ]
    records = rng.sample(rng.choice(groups(fit, "set")), 2)
    said = [
        p
        for r in of_kind("en", "background")
        if r.get("statement") == records[0].get("set") and rng.random() < 0.6
        for p in r.body
    ]
    first, second = (
        r.story(r.body[:k] + said + r.body[k:])
        for r in records
        for k in [rng.randint(2, len(r.body))]
    )
    head = first.headline if rng.random() < 0.3 else second.headline
    return first, dataclasses.replace(second, headline=head)


def boilerplate(rng: Rng) -> tuple[Story, Story] | None:
    """Two stories that end with the same standing paragraphs of background."""
    records = rng.sample(rng.choice(groups(plain(some_language(rng)), "background")), 2)
    plate = STORIES[records[0].fields["background"]].body
    shared = [p for p in plate if rng.random() < 0.6]
    if not shared or any(size(shared) > 0.55 * size(r.body + shared) for r in records):
        return None
    return records[0].story(records[0].body + shared), records[1].story(records[1].body + shared)


def one_headline(rng: Rng) -> tuple[Story, Story]:
    """Two stories of other matters under one headline, often a standing one."""
    if rng.random() < 0.65:
        lang = some_language(rng)
        fit = plain(lang) + of_kind(lang, "short")
        first, second = rng.sample(rng.choice(groups(fit, "headline")), 2)
        return first.story(), second.story()
    fit = [r for r in plain("en") if not r.get("set")]
    one, other = (r.story() for r in rng.sample(fit, 2))
    head = rng.choice(COMMON_HEADS)
    return dataclasses.replace(one, headline=head), dataclasses.replace(other, headline=head)


def excerpt(record: Record, rest: int, rng: Rng) -> list[str]:
    """One to three paragraphs in a row; none if more than 35 % of the story or of the other."""
    at, count = rng.randrange(len(record.body)), rng.randint(1, 3)
    part = record.body[at : at + count]
    fits = size(part) <= 0.35 * min(size(record.body), rest + size(part))
    return part if fits else []


def quotes_in_part(rng: Rng) -> tuple[Story, Story] | None:
    """A story and another one, of its own matter, in which paragraphs of the first are quoted."""
    lang = some_language(rng)
    source = rng.choice(weighted(lang))
    hosts = of_kind(lang, "host") if lang == "bn" or rng.random() < 0.5 else plain(lang)
    host = rng.choice(hosts)
    part = excerpt(source, size(host.body), rng)
    if not part or host is source or (source.get("set") and host.get("set") == source.get("set")):
        return None
    if host.get("kind") == "host":
        body = [q for p in host.body for q in (part if p == "{quote}" else [p])]
    else:
        body = [*host.body, rng.choice(ADDS), *part]
    return source.story(), host.story(body)


def follow_up(rng: Rng) -> tuple[Story, Story] | None:
    """A first report and a later one that repeats some of its paragraphs as background."""
    later = rng.choice([r for r in plain("en") if r.get("follows")])
    first = STORIES[later.fields["follows"]]
    at = sorted(rng.sample(range(1, len(first.body)), rng.randint(1, 3)))
    part = [first.body[i] for i in at]
    if size(part) > 0.4 * min(size(first.body), size(later.body + part)):
        return None
    return first.story(), later.story(later.body + part)


def unrelated(rng: Rng) -> tuple[Story, Story] | None:
    """Two stories that have nothing to do with each other."""
    lang = some_language(rng)
    first, second = rng.sample(weighted(lang) + of_kind(lang, "short"), 2)
    if first is second or (first.get("set") and first.get("set") == second.get("set")):
        return None
    return whole(first, rng).story(), whole(second, rng).story()


MAKERS: dict[str, Callable[[Rng], tuple[Story, Story] | None]] = {
    "template": template,
    "one-event": one_event,
    "boilerplate": boilerplate,
    "one-headline": one_headline,
    "quotes-in-part": quotes_in_part,
    "follow-up": follow_up,
    "unrelated": unrelated,
}


def blur(a: Story, b: Story, kind: str, rng: Rng) -> tuple[Story, Story]:
    """The two stories brought nearer: dateline, agency or day shared, some words edited."""
    if kind in ("one-event", "one-headline", "boilerplate") and a.dateline and b.dateline:
        if rng.random() < 0.5:
            b = dataclasses.replace(b, dateline=a.dateline, agency=a.agency)
    elif kind != "template" and rng.random() < 0.5:
        b = dataclasses.replace(b, agency=a.agency)
    if kind != "template" and rng.random() < 0.4:
        b = dataclasses.replace(b, day=a.day)
    a, b = (edit(s, rng.choice((0, 0, 0.01, 0.03)), rng) or s for s in (a, b))
    return (a, retype(b, rng)) if rng.random() < 0.1 else (a, b)


# All pairs.


def copy_pair(kind: str, rng: Rng) -> tuple[Story, Story] | None:
    """A story and a copy of it, in either order."""
    record = whole(base(rng), rng)
    story = record.story()
    new = copy_of(record, story, kind, rng)
    return None if new is None else (story, new) if rng.random() < 0.5 else (new, story)


def other_pair(kind: str, rng: Rng) -> tuple[Story, Story] | None:
    """Two stories that are not copies, in either order."""
    found = MAKERS[kind](rng)
    if found is None:
        return None
    first, second = rng.sample(found, 2)
    return blur(first, second, kind, rng)


def pairs() -> Iterator[Pair]:
    """The 5,000 pairs, no two of them alike, in an order that mixes the kinds."""
    rng, made = Rng(SEED), list[Pair]()
    seen: set[frozenset[tuple[str, tuple[str, ...]]]] = set()
    for kind, count in (COPIES | OTHERS).items():
        maker = copy_pair if kind in COPIES else other_pair
        wanted = len(made) + count
        while len(made) < wanted:
            found = maker(kind, rng)
            if found and frozenset((s.headline, s.body) for s in found) not in seen:
                seen.add(frozenset((s.headline, s.body) for s in found))
                made.append(Pair(*found, kind in COPIES, kind))
    rng.shuffle(made)
    yield from made
