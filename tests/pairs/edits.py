"""Change a story as editors, agencies and web sites do, so that it stays the same story."""

from __future__ import annotations

import dataclasses
import re

from tests.pairs.texts import Record, Rng, Story, read_words, size

EDGES = ".,;:!?\"'()।“”‘’"
EXTRAS = (
    "Calls to the office concerned went unanswered till the filing of this report.",
    "This newspaper could not verify the statement on its own.",
    "More details were awaited when this edition went to press.",
)
WORDS = {
    f"{lang}-{use}": read_words(f"{lang}-{use}.txt")
    for lang in ("en", "bn")
    for use in ("replace", "drop", "insert")
}


def ways(word: str, lang: str, rng: Rng, *, first: bool, numbers: bool) -> list[list[str]]:
    """What may stand in place of a word: another word, nothing, or two words."""
    core = word.strip(EDGES)
    if not core or (core[0].isupper() and not first):
        return []
    if core.isdigit():
        fit = numbers and len(core) < 4 and core.isascii() and core.isdecimal()
        new = str(int(core) + rng.randint(1, 1 + int(core) // 10))
        return [[word.replace(core, new)]] if fit else []
    low = core.lower()
    others = WORDS[lang + "-replace"].get(low, [])
    cased = (other.capitalize() if core[0].isupper() else other for other in others)
    found = [[word.replace(core, other)] for other in cased]
    if low in WORDS[lang + "-drop"] and word == core and not first:
        found.append([])
    inserted = WORDS[lang + "-insert"].get(low, []) if not first else []
    return found + [[other, word] for other in inserted]


def edit(story: Story, share: float, rng: Rng, *, numbers: bool = False) -> Story | None:
    """The story with just that share of its words edited; None if it has too few fit words."""
    if not share:
        return story
    body = [p.split() for p in story.body]
    wanted = max(1, round(share * size(story.body)))
    places = [(i, j) for i, p in enumerate(body) for j in range(len(p))]
    places.sort(key=lambda _: rng.random())
    done: dict[tuple[int, int], list[str]] = {}
    updated = 0
    for i, j in places:
        if len(done) == wanted:
            break
        if (i, j - 1) in done or (i, j + 1) in done:
            continue
        first = j == 0 or body[i][j - 1][-1] in ".?!।"
        choice = ways(
            body[i][j], story.language, rng, first=first, numbers=numbers and updated < 2
        )
        if choice:
            done[i, j] = rng.choice(choice)
            updated += body[i][j].strip(EDGES).isdigit()
    if len(done) < wanted:
        return None
    new = (
        " ".join(w for j, word in enumerate(p) for w in done.get((i, j), [word]))
        for i, p in enumerate(body)
    )
    return dataclasses.replace(story, body=tuple(new))


def retitle(record: Record, story: Story, rng: Rng) -> Story:
    """The story under another headline: mostly the record's second one, or the first one marked."""
    marks = {"en": ("LEAD: ", "Update: ", "(2nd LD) "), "bn": ("আবারও: ", "হালনাগাদ: ")}
    head = rng.choice(marks[story.language]) + story.headline
    if rng.random() < 0.85:
        head = record.get("other headline") or head
    return dataclasses.replace(story, headline=head)


def recredit(story: Story, rng: Rng) -> Story:
    """The story with another dateline, agency and credit line in or after the text."""
    if story.language == "bn":
        byline = rng.choice(("ডেস্ক", "অনলাইন ডেস্ক", "ইউএনবি"))
        dateline = rng.choice((None, "ঢাকা", story.dateline))
        return dataclasses.replace(story, byline=byline, dateline=dateline)
    agency = story.agency or rng.choice(("UNB", "BSS"))
    place = (story.dateline or "Dhaka").split(",")[0]
    date = f"{story.day:%b} {story.day.day}"
    body = list(story.body)
    form = rng.randrange(4)
    if form == 0:
        body[0] = f"{place.upper()}, {date} ({agency}) - {body[0]}"
    elif form == 1:
        hour = f"{rng.randint(9, 23):02}{rng.randint(10, 59)}"
        body.append(f"{agency}/{rng.choice(('MR', 'AKH', 'SSB'))}/{hour}hrs")
    signed = (
        None,
        agency,
        f"{agency}, {place}",
        "Agencies",
        "UNB/BSS",
        "BSS/UNB",
        "AFP, Reuters",
        "Reuters, AFP",
    )
    datelines = (
        None,
        place,
        f"{place.upper()}, {date}",
        f"{place}, {story.day:%B} {story.day.day}",
    )
    return dataclasses.replace(
        story,
        body=tuple(body),
        agency=rng.choice(signed),
        dateline=rng.choice(datelines),
        byline=rng.choice((None, story.byline, "Agency", "Desk")),
    )


def retype(story: Story, rng: Rng) -> Story:
    """The same words with other quotes, spaces, markup or breaks."""
    text = "\n".join(story.body)
    curly = re.sub(r'"([^"]*)"', r"“\1”", text).replace("'", "’")
    marked = text.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#039;")
    text = rng.choice((text, curly, marked))
    text = rng.choice(
        (
            text,
            text.replace(". ", ".  "),
            text.replace(", ", ",\u00a0"),
            text.replace(" the ", " the\t"),
            text.replace(" - ", " — "),
        )
    )
    form = rng.randrange(6)
    lines = text.split("\n")
    if form == 0:
        lines = [" ".join(lines)]
    elif form == 1:
        lines = [s for line in lines for s in re.split(r"(?<=[.।]) +", line)]
    elif form == 2:
        lines = [f"<p>{line}</p>" for line in lines]
    elif form == 3:
        lines = ["<br />\n".join(lines)]
    elif form == 4:
        lines = [f"<b>{lines[0]}</b>", *(f" {line} " for line in lines[1:])]
    else:
        lines = [part for line in lines for part in (line, "&nbsp;")][:-1]
    head = rng.choice(
        (
            story.headline,
            story.headline + " ",
            story.headline.upper(),
            story.headline.replace(" ", "  ", 1),
        )
    )
    return dataclasses.replace(story, body=tuple(lines), headline=head)


def cut_tail(story: Story, rng: Rng) -> Story | None:
    """The story without its last sentences, at most 20 % of its words."""
    body, limit = list(story.body), rng.uniform(0.06, 0.2) * size(story.body)
    lost, done = 0, 0
    while body:
        last = re.split(r"(?<=[.।\"]) +", body[-1])
        lost += len(last[-1].split())
        if lost > limit or size(body) == 0:
            break
        done = lost
        body[-1:] = [" ".join(last[:-1])] if len(last) > 1 else []
    return dataclasses.replace(story, body=tuple(body)) if done else None


def print_online(record: Record, story: Story, rng: Rng) -> Story | None:
    """The other edition: another headline, and a changed lead, a paragraph more or one less."""
    body, changed, form = list(story.body), 0, rng.randrange(1, 8)
    if form & 1 and record.get("other lead"):
        changed, body[0] = len(body[0].split()), record.fields["other lead"]
    elif form & 1:
        lead = edit(dataclasses.replace(story, body=(body[0],)), rng.uniform(0.15, 0.3), rng)
        changed, body[0] = len(body[0].split()) // 3, lead.body[0] if lead else body[0]
    if form & 2 and len(body) > 3:
        changed += len(body.pop(rng.randrange(2, len(body))).split())
    if form & 4:
        extra = record.get("extra") or (rng.choice(EXTRAS) if story.language == "en" else "")
        body[len(body) :] = [extra] if extra else []
        changed += len(extra.split())
    if tuple(body) == story.body or changed > 0.22 * size(story.body):
        return None
    return retitle(record, dataclasses.replace(story, body=tuple(body)), rng)
