"""The judge of a dataset's card: every line of it read back, and held against what it was made of.

Written from what a card may say, not from the code that writes it: it knows the forms of the
claims, and works out from manifest and coverage report which of them must stand there, and with
which values. A line that no claim explains is said too much; a claim without its line too little.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from observer_crawler.cells import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STATUSES = ("complete", "no_print", "gaps", "open", "holes", "unknown")
STATUS_NAMES = ("complete", "no paper", "gaps", "open", "holes", "unknown")
COUNTS = ("known", "stored", "failed", "denied", "refused", "missing", "waiting", "seen")
HOLES = {
    "article": "articles known and not had",
    "index": "days whose index cannot be read",
    "no_index": "days without an index, with articles",
    "not_read": "days not read yet",
    "linked": "articles linked and never asked for",
    "numbers": "numbers that no page links",
}
ACCEPTED = ("figure", "spider", "key", "expected", "found", "since")
STANDING = ("figure", "spider", "key", "expected", "found", "cases", "runs", "since", "marked")
Rows = list[tuple[str, ...]]
Data = tuple["Mapping[str, Any]", "Mapping[str, Any] | None"]


@dataclass
class Read:
    """A card, read back: its head, its headings, tables, and all other lines.

    A table is known by its first row, and by the heading over it where that names an edition.
    """

    head: dict[str, Any]
    headings: list[str] = field(default_factory=list)
    tables: list[tuple[tuple[str, ...], Rows]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def read(card: str) -> Read:
    """Read a card; raises ValueError where its form is broken."""
    opening, head, body = card.split("---\n", 2)
    if opening:
        raise ValueError("the head is not at the beginning")
    found, place = Read(_head(head)), ""
    for block in body.strip("\n").split("\n\n"):
        lines = block.split("\n")
        if block.startswith("#"):
            found.headings += lines
            place = lines[-1] if ", edition " in lines[-1] else ""
        elif block.startswith("|"):
            titles, rows = _table(lines)
            found.tables.append(((place, *titles), rows))
        elif len(lines) == 1 or all(line.startswith("- ") for line in lines):
            found.lines += [html.unescape(line) for line in lines]
        else:
            raise ValueError(f"neither table nor list nor one line: {block!r}")
    return found


@cache
def _head(text: str) -> dict[str, Any]:
    keys = re.findall(r"^(\w+):", text, re.MULTILINE)
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice: {keys}")
    try:
        found: dict[str, Any] = yaml.safe_load(text)
    except yaml.YAMLError as err:
        raise ValueError(f"the head is no YAML: {err}") from err
    return found


def _table(lines: list[str]) -> tuple[tuple[str, ...], Rows]:
    rows = [tuple(html.unescape(cell.strip(" ")) for cell in line.split("|")) for line in lines]
    if len(rows) < 2 or any(row[0] or row[-1] or len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"a row has not as many cells as its head: {lines!r}")
    if set(rows[1][1:-1]) != {"---"}:
        raise ValueError(f"a table without its rule: {lines[1]!r}")
    return rows[0][1:-1], [row[1:-1] for row in rows[2:]]


def shown(value: Any) -> str:  # noqa: ANN401 (JSON)
    """Give a value as a card shows it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return visible(str(value)).strip() or "-" if value is not None else "-"


def problems(
    card: str, manifest: Mapping[str, Any], coverage: Mapping[str, Any] | None
) -> list[str]:
    """Say what a card says too much, and too little."""
    try:
        found = read(card)
    except ValueError as err:
        return [f"cannot be read: {err}"]
    data = (manifest, coverage)
    return [
        *_difference("table", _counted(found.tables), _counted(tables(*data))),
        *_difference("heading", Counter(found.headings), Counter(headings(*data))),
        *_of_lines(found.lines, data),
        *_of_head(found.head, manifest),
    ]


def _counted(some: list[tuple[tuple[str, ...], Rows]]) -> Counter[Any]:
    return Counter((head, tuple(row)) for head, rows in some for row in rows) + Counter(
        (head, "a table") for head, _ in some
    )


def _difference(what: str, found: Counter[Any], wanted: Counter[Any]) -> list[str]:
    return [
        *(f"{what} says too much: {each!r}" for each in found - wanted),
        *(f"{what} lacks: {each!r}" for each in wanted - found),
    ]


# Tables.


def tables(
    manifest: Mapping[str, Any], coverage: Mapping[str, Any] | None
) -> list[tuple[tuple[str, ...], Rows]]:
    """Give every table that must stand in the card."""
    found = [*_of_manifest(manifest)]
    placed: list[tuple[tuple[str, ...], list[Any]]] = []
    if coverage is not None:
        found.append((("a day is", "when"), [(name, MEANT[name]) for name in STATUS_NAMES]))
        for language, edition in coverage["editions"].items():
            placed += _of_edition(language, edition)
        found += _of_fields(coverage["editions"])
        found += _of_alarms(coverage.get("alarms", {}))
    placed += [(("", *head), rows) for head, rows in found]
    return [(head, [tuple(map(shown, row)) for row in rows]) for head, rows in placed]


MEANT = {
    "complete": "all that is known of the day is here, and no number is left to ask for",
    "no paper": "no paper was printed: Eid or a holiday; what went online is here",
    "gaps": "all that is known is here; numbers that no page links may be articles too",
    "open": "not read to its end yet, or it may still change",
    "holes": "something that is known to be there is not here",
    "unknown": "no index, no box and no number says anything",
}


def _of_manifest(manifest: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    yield ("file", "bytes"), [(name, of["bytes"]) for name, of in manifest["files"].items()]
    by = ("language", "edition", "year", "markup", "section", "host")
    rows = [(b, value, n) for b in by for value, n in manifest["counts"].get(b, {}).items()]
    yield ("rows by", "value", "rows"), rows
    columns = [(of["name"], of["type"], of["description"]) for of in manifest["columns"]]
    yield ("field", "type", "meaning"), columns
    lines = dict(manifest["lines"])
    bad = lines.pop("bad")
    counted = [*((name.replace("_", " "), n) for name, n in lines.items() if type(n) is int)]
    yield ("lines of the crawl", "count"), [*counted, *bad.items()]
    made = [*manifest["versions"].items(), ("extractor", manifest["extractors"])]
    yield ("made by", "version"), made
    names = {"clusters": "near copies", "splits": "split", "redacted": "masked", "since": "since"}
    for key, name in names.items():
        if of := manifest.get(key):
            values = {**of, "gone": len(of["gone"])} if key == "since" else of
            second = "how many" if key == "redacted" else "value"
            yield (name, second), [(k.replace("_", " "), _flat(v)) for k, v in values.items()]
    if gate := manifest.get("gate"):
        yield ("asserted and found",), [(_flat(each),) for each in gate]
    if spans := manifest.get("ai_train"):
        keys = ("from", "until", "says", "because")
        head = ("first day", "last day", "training", "because")
        yield head, [tuple(span[key] for key in keys) for span in spans]
    agencies = [(n, c) for n, c in manifest["counts"].get("agency", {}).items() if n != "(none)"]
    if agencies and manifest["made_from"] == "newspaper":
        yield ("agency", "rows with its credit"), agencies


def _flat(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_flat(inner)}" for name, inner in value.items())
    return value


def _of_edition(
    language: str, edition: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    head = (
        f"### Days and articles, edition {language}",
        "days",
        *STATUS_NAMES,
        "articles known",
        *COUNTS[1:],
    )
    years = [*edition["years"].items(), ("all", edition["totals"])]
    yield (
        head,
        [
            (year, *(of["days"][status] for status in STATUSES), *(of[name] for name in COUNTS))
            for year, of in years
        ],
    )
    if edition["holes"]:
        rows = [
            (_days(hole), HOLES[hole["kind"]], hole["count"], hole["why"])
            for hole in edition["holes"]
        ]
        yield (f"### Holes, edition {language}", "days", "what", "how many", "why"), rows


def _days(hole: Mapping[str, Any]) -> str:
    ends = [hole[name] or "no day" for name in ("first_day", "last_day")]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def filled(editions: Mapping[str, Any]) -> Iterator[tuple[str, str, str, int, int]]:
    """Give edition, markup, field, in how many articles it is filled, and of how many."""
    for language, edition in editions.items():
        for markup, months in edition["fields"].items():
            articles = sum(of["articles"] for of in months.values())
            names = {name: None for of in months.values() for name in of if name != "articles"}
            for name in names:
                yield language, markup, name, sum(of[name] for of in months.values()), articles


def _of_fields(editions: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    counts = list(filled(editions))
    never = [(language, m, of, name) for language, m, name, count, of in counts if not count]
    if never:
        yield ("edition", "markup", "articles", "field never filled"), never
    some = [each for each in counts if 0 < each[3] < each[4]]
    if some:
        yield ("edition", "markup", "field", "filled", "of articles"), some


def _of_alarms(alarms: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    titles = {
        "key": "scope",
        "runs": "runs before",
        "since": "since the run",
        "marked": "articles marked",
    }
    for name, keys in (("standing", STANDING), ("accepted", ACCEPTED)):
        if some := alarms.get(name):
            head = tuple(titles.get(key, key) for key in keys)
            yield head, [tuple(each[key] for key in keys) for each in some]
    if marked := alarms.get("marked"):
        yield ("run that alarmed", "articles marked"), list(marked.items())


# Headings.


def headings(manifest: Mapping[str, Any], coverage: Mapping[str, Any] | None) -> Iterator[str]:
    """Give every heading that must stand there, but for the name at the top."""
    yield f"# {manifest_title(manifest)}"
    yield from ("## Size", "## Fields", "## How it was gathered", "## What is not here")
    made = {"clusters": "Near copies", "splits": "Splits", "redacted": "Masked"}
    made |= {"since": "Only what is new", "gate": "Asserted before it was made"}
    yield from (f"## {title}" for key, title in made.items() if manifest.get(key))
    for language in coverage["editions"] if coverage is not None else ():
        yield from (f"### Days and articles, edition {language}", f"### Holes, edition {language}")
    if coverage is not None:
        yield from ("### Fields that a markup does not carry", "### Alarms")
        yield "### Fields that are filled in part"
    yield from ("## Rights", "## Before you publish it", "## Removal")
    if manifest.get("ai_train"):
        yield "### What the site asked for"


def manifest_title(manifest: Mapping[str, Any]) -> str:
    """Give the name of a dataset."""
    what = "articles" if manifest["with_text"] else "list of articles"
    return {
        "newspaper": f"The Daily Observer: {what}",
        "replica": f"Invented text, from a copy of the site of The Daily Observer: {what}",
        "unknown": f"From an unknown site: {what}",
    }[manifest["made_from"]]


# All other lines.


@dataclass(frozen=True)
class Claim:
    """A form of line, and which values its groups must have, line by line."""

    form: str
    values: Callable[[Data], list[tuple[Any, ...]]]


def _when(test: Callable[[Mapping[str, Any]], Any]) -> Callable[[Data], list[tuple[Any, ...]]]:
    """Give a claim without values: it stands there once, or not at all."""
    return lambda data: [()] if test(data[0]) else []


def _covered(test: Callable[[Mapping[str, Any]], Any]) -> Callable[[Data], list[tuple[Any, ...]]]:
    return lambda data: [()] if data[1] is not None and test(data[1]) else []


def _each(values: Callable[[Mapping[str, Any]], tuple[Any, ...] | None]) -> Any:  # noqa: ANN401
    """Give a claim that stands there for each edition that has something to say."""

    def of_all(data: Data) -> list[tuple[Any, ...]]:
        editions = data[1]["editions"].values() if data[1] is not None else ()
        return [found for edition in editions if (found := values(edition)) is not None]

    return of_all


def _what(manifest: Mapping[str, Any]) -> str:
    if not manifest["with_text"]:
        return "list"
    return "revisions" if manifest["revisions"] else "newest"


def _rows(kind: str) -> Callable[[Data], list[tuple[Any, ...]]]:
    return lambda data: [(data[0]["rows"], data[0]["articles"])] if _what(data[0]) == kind else []


def _is_filled(editions: Mapping[str, Any], *, in_part: bool) -> bool:
    return any((0 < count < of) if in_part else not count for *_, count, of in filled(editions))


def _probe(edition: Mapping[str, Any]) -> tuple[Any, ...] | None:
    probe = edition["probe"]
    names = ("asked", "real", "gaps", "articles_low", "articles_high")
    return tuple(probe[name] for name in names) if probe else None


def _loaded(data: Data) -> list[tuple[Any, ...]]:
    found = loaded(data[0])
    return [(list(found.values()),)] if found else []


def loaded(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give, by split, the files that the card says a library loads."""
    for ending in ("parquet", "jsonl", "csv"):
        names = [name for name in manifest["files"] if name.endswith(f".{ending}")]
        parts = [s for s in ("train", "validation", "test") if f"{s}.{ending}" in names]
        if parts:
            return {part: f"{part}.{ending}" for part in parts}
        if names:
            return {"all" if manifest.get("splits") else "train": min(names)}
    return {}


def _marked(data: Data) -> list[tuple[Any, ...]]:
    marked = (data[1] or {}).get("alarms", {}).get("marked", {})
    return [(sum(marked.values()),)] if marked else []


def _alarms(*names: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda coverage: any(coverage.get("alarms", {}).get(name) for name in names)


def _is_by(kind: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda manifest: manifest["made_from"] == kind


def _credits(manifest: Mapping[str, Any]) -> bool:
    return bool(set(manifest["counts"].get("agency", {})) - {"(none)"})


CLAIMS = (
    Claim(r"([\d,]+) rows: the newest text of each of ([\d,]+) articles\.", _rows("newest")),
    Claim(r"([\d,]+) rows: a list of ([\d,]+) articles, without their text\.", _rows("list")),
    Claim(r"([\d,]+) rows: every text that was stored of ([\d,]+) articles\.", _rows("revisions")),
    Claim(
        r"(The articles belong to .+|Made from a copy .+|Nothing says from which site the lines came\.)",
        lambda d: [(d[0]["notice"],)],
    ),
    Claim(r"Read from (.+)\.", lambda d: [(d[0]["origin"],)] if d[0]["origin"] else []),
    Claim(
        r"The oldest was fetched at (.+), the newest at (.+)\.",
        lambda d: [(d[0]["oldest_fetched_at"], d[0]["newest_fetched_at"])],
    ),
    Claim(
        r"Only rows that fit this condition: (.*)",
        lambda d: [(d[0]["where"],)] if d[0]["where"] is not None else [],
    ),
    Claim(r"Complete\.", _when(lambda m: m["complete"])),
    Claim(
        r"Not complete: (.+)\.",
        lambda d: [] if d[0]["complete"] else [("; ".join(map(shown, d[0]["complete_not"])),)],
    ),
    Claim(r"`datasets\.load_dataset\(FOLDER\)`, of the folder .+, loads (.+)\.", _loaded),
    Claim(r"Null says that the page does not say, or that .+ older than the field\.", _when(bool)),
    Claim(r"A crawler asked for pages .+ obeys robots\.txt\. `METHODS\.md` .+", _when(bool)),
    Claim(r"`cluster_id` has in common .+", _when(lambda m: m.get("clusters"))),
    Claim(r"By time, and near copies on one side: .+", _when(lambda m: m.get("splits"))),
    Claim(
        r"What looks like one of these is masked .+ some may be left\.",
        _when(lambda m: m.get("redacted")),
    ),
    Claim(r"Rows that are new, or not as they were, since .+", _when(lambda m: m.get("since"))),
    Claim(r"No ledger was beside the lines: nobody knows .+", lambda d: [()] * (d[1] is None)),
    Claim(r"The tables of this part count all that the crawler knows of, .+", _covered(bool)),
    Claim(r"Nothing is known yet: .+", _covered(lambda c: not c["editions"])),
    Claim(
        r"From (\S+) to (\S+)\.",
        _each(lambda e: (e["first_day"], e["last_day"]) if e["first_day"] else None),
    ),
    Claim(
        r"Addresses of no day: (.+)\.",
        _each(
            lambda e: (
                (", ".join(f"{shown(n)} {shown(s)}" for s, n in e["totals"]["unplaced"].items()),)
                if e["totals"]["unplaced"]
                else None
            )
        ),
    ),
    Claim(
        r"([\d,]+) numbers between those known are linked by no page\.",
        _each(lambda e: (e["totals"]["gaps"],) if e["totals"]["gaps"] else None),
    ),
    Claim(
        r"A probe of such numbers asked ([\d,]+) and found ([\d,]+) articles; of the ([\d,]+) left, ([\d,]+) to ([\d,]+) are articles\.",
        _each(_probe),
    ),
    Claim(
        r"([\d,]+) holes are known\.", _each(lambda e: (len(e["holes"]),) if e["holes"] else None)
    ),
    Claim(r"No hole is known\.", _each(lambda e: None if e["holes"] else ())),
    Claim(
        r"Of each of these fields not one article is filled\.",
        _covered(lambda c: _is_filled(c["editions"], in_part=False)),
    ),
    Claim(
        r"Null or empty in the others\.",
        _covered(lambda c: _is_filled(c["editions"], in_part=True)),
    ),
    Claim(
        r"There is none\.",
        lambda d: [
            ()
            for part in (False, True)
            if d[1] is not None and not _is_filled(d[1]["editions"], in_part=part)
        ],
    ),
    Claim(
        r"No alarm stands, and none was accepted\.",
        _covered(lambda c: not _alarms("standing", "accepted")(c)),
    ),
    Claim(r"These stand: .+", _covered(_alarms("standing"))),
    Claim(r"These were accepted: .+", _covered(_alarms("accepted"))),
    Claim(r"([\d,]+) articles are marked: .+ neither read again nor accepted since\.", _marked),
    Claim(
        r"The publisher of The Daily Observer \(https://www\.observerbd\.com\) holds the rights .+ no licence .+ not in the public domain, and under no Creative Commons licence\.",
        _when(_is_by("newspaper")),
    ),
    Claim(
        r"There is no text of an article here\. .+",
        _when(lambda m: _is_by("newspaper")(m) and not m["with_text"]),
    ),
    Claim(
        r"News agencies hold the rights to what they wrote: .+ second holder, .+",
        _when(lambda m: _is_by("newspaper")(m) and _credits(m)),
    ),
    Claim(
        r"No row shows the credit of a news agency\.",
        _when(lambda m: _is_by("newspaper")(m) and not _credits(m)),
    ),
    Claim(r"The texts are invented by a copy of the site, .+", _when(_is_by("replica"))),
    Claim(r"Nothing says from which site the lines came, so nobody .+", _when(_is_by("unknown"))),
    Claim(
        r"What the site has said of training by machines, .+", _when(lambda m: m.get("ai_train"))
    ),
    Claim(
        r"- Get leave of the publisher, and of each agency .+",
        _when(lambda m: m["made_from"] != "replica" and m["with_text"]),
    ),
    Claim(
        r"- The texts name people: .+",
        _when(lambda m: m["made_from"] != "replica" and m["with_text"]),
    ),
    Claim(r"- Heed what the site asked for\.", _when(lambda m: m.get("ai_train"))),
    Claim(r"- Write here who you are, .+", _when(bool)),
    Claim(r"- Look at `exclude\.txt` again: .+", _when(bool)),
    Claim(r"- Keep METHODS\.md, manifest\.json and this card beside the files\.", _when(bool)),
    Claim(
        r"Whoever wrote an article, or is named in it, can ask .+ `exclude\.txt` .+", _when(bool)
    ),
    Claim(
        r"([\d,]+) lines were left out of this version so\.",
        lambda d: [(d[0]["lines"]["excluded"],)],
    ),
)


def _of_lines(lines: list[str], data: Data) -> list[str]:
    """Hold each line against the claims; none has a number beside the values of its claim."""
    found: dict[str, Counter[tuple[str, ...]]] = {claim.form: Counter() for claim in CLAIMS}
    faults = []
    for line in lines:
        forms = [(claim.form, m) for claim in CLAIMS if (m := re.fullmatch(claim.form, line))]
        if len(forms) != 1:
            faults.append(f"{len(forms)} claims explain {line!r}")
            continue
        ((form, match),) = forms
        found[form][match.groups()] += 1
        if re.search(r"\d", _beside(line, match)):
            faults.append(f"a number that nothing explains: {line!r}")
    for claim in CLAIMS:
        wanted = Counter(tuple(map(shown, values)) for values in claim.values(data))
        faults += _difference(claim.form, found[claim.form], wanted)
    return faults


def _beside(line: str, match: re.Match[str]) -> str:
    spans = [match.span(number) for number in range(1, len(match.groups()) + 1)]
    for first, last in reversed(spans):
        line = line[:first] + line[last:]
    return line


# The head.


def _of_head(head: dict[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    """Hold the head against the manifest, key by key."""
    wanted = wanted_head(manifest)
    return [
        f"head: {key}: {head.get(key)!r}, expected {wanted.get(key)!r}"
        for key in head.keys() | wanted.keys()
        if head.get(key) != wanted.get(key) and key not in {"configs", "dataset_info"}
    ] + _of_loading(head, manifest)


def wanted_head(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the head must say, without what is loaded."""
    kind, with_text = manifest["made_from"], manifest["with_text"]
    sizes = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 10**6: "100K<n<1M"}
    sizes |= {10**7: "1M<n<10M", 10**8: "10M<n<100M"}
    names = {"newspaper": "all-rights-reserved-by-the-publisher", "unknown": "unknown"}
    found = {
        "pretty_name": manifest_title(manifest),
        "language": [name for name in manifest["counts"]["language"] if name in {"en", "bn"}],
        "license": "other",
        "license_name": names.get(kind, "invented-text-of-a-copy"),
        "annotations_creators": ["no-annotation"],
        "language_creators": ["machine-generated" if kind == "replica" else "found"],
        "source_datasets": ["original"],
        "size_categories": [sizes[min(n for n in sizes if manifest["rows"] < n)]],
        "tags": ["news", "invented"] if kind == "replica" else ["news"],
    }
    link = {"license_link": "https://www.observerbd.com"} if kind == "newspaper" else {}
    return {**found, **link, **({"task_categories": ["text-generation"]} if with_text else {})}


def _of_loading(head: dict[str, Any], manifest: Mapping[str, Any]) -> list[str]:
    files = loaded(manifest)
    if not files:
        return ["head: says how to load nothing"] * bool({"configs", "dataset_info"} & head.keys())
    parts = [{"split": split, "path": name} for split, name in files.items()]
    splits, sizes = manifest.get("splits") or {}, manifest["files"]
    told = [
        {
            "name": split,
            "num_bytes": sizes[name]["bytes"],
            "num_examples": splits.get(split, manifest["rows"]),
        }
        for split, name in files.items()
    ]
    info = head.get("dataset_info", {})
    total = sum(sizes[name]["bytes"] for name in files.values())
    told_columns = [(of["name"], _type_of(of)) for of in info.get("features", [])]
    of_files = manifest["columns"] if "parquet" in str(files) else []
    columns = [(of["name"], of["type"]) for of in of_files]
    checks = (
        head.get("configs") == [{"config_name": "default", "data_files": parts}],
        info.get("splits") == told,
        {info.get("download_size"), info.get("dataset_size")} == {total},
        told_columns == columns,
        info.get("config_name") == "default",
    )
    return [
        f"head: loading, check {place} fails" for place, is_so in enumerate(checks) if not is_so
    ]


def _type_of(feature: Mapping[str, Any]) -> str:
    """Write the type of a feature as a manifest does."""
    if "list" in feature:
        inner = feature["list"]
        return f"list<{inner if isinstance(inner, str) else _struct(inner)}>"
    if "struct" in feature:
        return _struct(feature["struct"])
    type_ = str(feature.get("dtype"))
    return {"date32": "date"}.get(type_, type_)


def _struct(parts: list[dict[str, Any]]) -> str:
    inner = ", ".join(f"{of['name']}: {_type_of(of)}" for of in parts)
    return f"struct<{inner}>"
