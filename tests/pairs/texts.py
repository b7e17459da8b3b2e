"""Read the written stories, templates and word lists."""

from __future__ import annotations

import dataclasses
import datetime as dt
import pathlib
import random
import re

HERE = pathlib.Path(__file__).resolve().parent
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
Rng = random.Random


@dataclasses.dataclass(frozen=True)
class Story:
    """One story as an archive would hold it."""

    headline: str
    body: tuple[str, ...]
    dateline: str | None
    agency: str | None
    byline: str | None
    day: dt.date
    language: str


@dataclasses.dataclass
class Record:
    """A story as written in a file, with what the pair maker needs to know about it."""

    name: str
    fields: dict[str, str]
    body: list[str]
    slots: dict[str, str]

    def get(self, key: str) -> str | None:
        """A field of the head, or None where it is empty or not given."""
        return self.fields.get(key) or None

    @property
    def language(self) -> str:
        """`en` or `bn`."""
        return self.get("language") or "en"

    def story(self, body: list[str] | None = None) -> Story:
        """The record as a story, with another body if one is given."""
        day = dt.date.fromisoformat(self.get("day") or "2010-01-01")
        return Story(
            self.fields["headline"],
            tuple(body or self.body),
            self.get("dateline"),
            self.get("agency"),
            self.get("byline"),
            day,
            self.language,
        )


def read_record(text: str) -> Record:
    """One record: its name, the head up to the first empty line, then paragraphs and slots."""
    head, _, rest = text.partition("\n\n")
    name, *lines = head.split("\n")
    fields = {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    body: list[str] = []
    slots: dict[str, str] = {}
    for part in (p.strip() for p in rest.strip().split("\n\n")):
        key, _, value = part.partition(":")
        if part.startswith("slot "):
            named = (line[5:].partition(": ") for line in part.split("\n"))
            slots.update((name, form) for name, _, form in named)
        elif key in ("other lead", "extra"):
            fields[key] = value.strip()
        else:
            body.append(part)
    return Record(name.strip(), fields, body, slots)


def read_stories() -> dict[str, Record]:
    """All records of the folder by name."""
    found = {}
    for path in sorted((HERE / "stories").glob("*.txt")):
        for text in path.read_text("utf-8").split("=== ")[1:]:
            record = read_record(text)
            found[record.name] = record
    return found


def read_words(name: str) -> dict[str, list[str]]:
    """A word list: each word with the words that belong to it (none in a plain list)."""
    lines = (HERE / "words" / name).read_text("utf-8").splitlines()
    parts = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {k.strip(): [w.strip() for w in v.split(",") if w.strip()] for k, _, v in parts}


def size(body: tuple[str, ...] | list[str]) -> int:
    """The number of words."""
    return sum(len(p.split()) for p in body)


def draw(form: str, rng: Rng) -> str:
    """A value of a slot: one of a list, or a number, time or decimal of a range."""
    if ".." not in form:
        return rng.choice(form.split(" | "))
    span, _, step = form.partition("/")
    low, high = span.split("..")
    if ":" in low:
        start, end = (int(t.split(":")[0]) * 60 + int(t.split(":")[1]) for t in (low, high))
        at = rng.randint(start, end)
        return f"{at // 60}:{at % 60:02}"
    if "." in low:
        places = len(low.split(".")[1])
        return f"{rng.uniform(float(low), float(high)):.{places}f}"
    number = rng.randrange(int(low), int(high) + 1, int(step or 1))
    if low[0] == "0":
        return f"{number:0{len(low)}}"
    return f"{number:,}" if number > 2999 else str(number)


def fill(
    record: Record, rng: Rng, unlike: dict[str, str], alike: float = 0
) -> tuple[Record, dict[str, str]]:
    """The template with facts other than the given ones, and its facts.

    A part of the facts, `alike`, may be the same, but never those the record names as its keys.
    """
    facts, keys = {}, (record.get("keys") or "").split()
    for name, form in record.slots.items():
        facts[name] = draw(form, rng)
        while facts[name] == unlike.get(name):
            facts[name] = draw(form, rng)
        if name in unlike and name not in keys and rng.random() < alike:
            facts[name] = unlike[name]

    def put(text: str) -> str:
        """The text with its facts, the first letter a capital."""
        text = re.sub(r"\{(\w+)\}", lambda m: facts[m[1]], text)
        return text[:1].upper() + text[1:]

    fields = {key: put(value) if "{" in value else value for key, value in record.fields.items()}
    month = MONTHS.find(facts.get("month", "Jan")[:3]) // 3 + 1
    day = dt.date(rng.randint(2006, 2016), month, int(facts.get("d", rng.randint(1, 28))))
    fields["day"] = str(day + dt.timedelta(days=1))
    return Record(record.name, fields, [put(p) for p in record.body], record.slots), facts
