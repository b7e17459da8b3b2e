"""The head of a version's card, in YAML as Hugging Face reads it. Pure.

Texts stand in double quotes, whatever is in them, so that YAML never takes one for something else
(`no`, `1e3`, `a: b`). The hub's keys: huggingface.co/docs/hub/datasets-cards; the licence is
always `other`, with a name of its own, for no licence was given.
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler.cells import visible
from observer_crawler.source import NEWSPAPER, REPLICA, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# What `datasets` loads, the best first.
LOADABLE = (".parquet", ".jsonl", ".csv")
SPLITS = ("train", "validation", "test")
_LICENSE_NAMES = {
    NEWSPAPER: "all-rights-reserved-by-the-publisher",
    REPLICA: "invented-text-of-a-copy",
    UNKNOWN: "unknown",
}
# The hub's classes: below so many rows.
_CLASSES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}
_DTYPES = {"date": "date32"}
# What PyYAML takes for a line break, or not at all, within quotes; JSON leaves it as it is.
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_LIST = re.compile(r"list<(.+)>")
_STRUCT = re.compile(r"struct<(.+)>")


def title(manifest: Mapping[str, Any]) -> str:
    """Name the dataset; what was invented, or has no text, says so in its name."""
    what = "articles" if manifest["with_text"] else "list of articles"
    return {
        NEWSPAPER: f"{newspaper.NAME}: {what}",
        REPLICA: f"Invented text, from a copy of the site of {newspaper.NAME}: {what}",
        UNKNOWN: f"From an unknown site: {what}",
    }[manifest["made_from"]]


def head(manifest: Mapping[str, Any]) -> str:
    """Write the head with its two rules."""
    return "\n".join(["---", *_lines(values(manifest), ""), "---"])


def values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the head says."""
    kind = manifest["made_from"]
    languages = [name for name in manifest["counts"].get("language", {}) if name[0].isalpha()]
    link = {"license_link": newspaper.ORIGIN} if kind == NEWSPAPER else {}
    tasks = {"task_categories": ["text-generation"]} if manifest["with_text"] else {}
    return {
        "pretty_name": title(manifest),
        "language": languages,
        "license": "other",
        "license_name": _LICENSE_NAMES[kind],
        **link,
        "annotations_creators": ["no-annotation"],
        "language_creators": ["machine-generated" if kind == REPLICA else "found"],
        "source_datasets": ["original"],
        "size_categories": [size(manifest["rows"])],
        **tasks,
        "tags": ["news", "invented"] if kind == REPLICA else ["news"],
        **_loading(manifest),
    }


def size(rows: int) -> str:
    """Give the hub's class of a number of rows.

    >>> size(999), size(1_000), size(10_000_000)
    ('n<1K', '1K<n<10K', '10M<n<100M')
    """
    return next((name for below, name in _CLASSES.items() if rows < below), "10M<n<100M")


def data_files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give, by split, the files that a library should load: those of the best format alone.

    Rows that no file of its own parts are `train`, which is how the hub names a whole; with a
    column `split` they are `all`, for they are more than the training rows.
    """
    for ending in LOADABLE:
        found = {name.removesuffix(ending): name for name in manifest["files"]}
        found = {stem: name for stem, name in found.items() if name != stem}
        parts = {stem: found[stem] for stem in SPLITS if stem in found}
        if parts:
            return parts
        if found:
            whole = min(found.values())
            folder, _, inside = whole.partition("/")
            split = "all" if manifest.get("splits") else "train"
            return {split: f"{folder}/*{ending}" if inside else whole}
    return {}


def _loading(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Say which files are which split, and what is in them; nothing where none can be loaded."""
    files = data_files(manifest)
    if not files:
        return {}
    parts = [{"split": split, "path": name} for split, name in files.items()]
    info = {
        "config_name": "default",
        **_features(manifest, files.values()),
        **_sizes(manifest, files),
    }
    return {"configs": [{"config_name": "default", "data_files": parts}], "dataset_info": info}


def _features(manifest: Mapping[str, Any], files: Iterable[str]) -> dict[str, Any]:
    """Give the columns where the files say of what type they are: Parquet does, no other."""
    if not all(name.endswith(".parquet") for name in files):
        return {}
    return {"features": [feature(of["name"], of["type"]) for of in manifest["columns"]]}


def _sizes(manifest: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Give rows and bytes; the hub means bytes in memory, of which those on the disk are an idea."""
    rows = manifest.get("splits") or {}
    bytes_ = {split: _bytes(manifest["files"], name) for split, name in files.items()}
    return {
        "splits": [
            {"name": split, "num_bytes": bytes_[split], "num_examples": rows.get(split, total)}
            for split, total in dict.fromkeys(files, manifest["rows"]).items()
        ],
        "download_size": sum(bytes_.values()),
        "dataset_size": sum(bytes_.values()),
    }


def _bytes(files: Mapping[str, Mapping[str, Any]], pattern: str) -> int:
    return sum(about["bytes"] for name, about in files.items() if fnmatchcase(name, pattern))


def feature(name: str, type_: str) -> dict[str, Any]:
    """Give a column as the hub describes one.

    >>> feature("tags", "list<string>"), feature("published_date", "date")
    ({'name': 'tags', 'list': 'string'}, {'name': 'published_date', 'dtype': 'date32'})
    >>> feature("images", "list<struct<url: string>>")["list"]
    [{'name': 'url', 'dtype': 'string'}]
    """
    if match := _LIST.fullmatch(type_):
        inner = feature("", match[1])
        return {"name": name, "list": inner.get("dtype", inner.get("struct"))}
    if match := _STRUCT.fullmatch(type_):
        parts = (part.partition(": ") for part in fields_of(match[1]))
        return {"name": name, "struct": [feature(inner, of) for inner, _, of in parts]}
    return {"name": name, "dtype": _DTYPES.get(type_, type_)}


def fields_of(inside: str) -> list[str]:
    """Part what stands in a struct at its own commas.

    >>> fields_of("text: string, places: list<string>, at: timestamp[us, tz=UTC]")
    ['text: string', 'places: list<string>', 'at: timestamp[us, tz=UTC]']
    """
    return re.findall(r"(?:\w+): (?:[^,<\[]|<[^>]*>+|\[[^\]]*\])+", inside)


def _lines(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 (JSON)
    """Write an object in block style."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{name}:"
            yield from _lines(inner, indent + "  ")
        elif isinstance(inner, list):
            yield f"{indent}{name}:" if inner else f"{indent}{name}: []"
            yield from _items(inner, indent)
        else:
            yield f"{indent}{name}: {scalar(inner)}"


def _items(some: list[Any], indent: str) -> Iterator[str]:
    for each in some:
        if isinstance(each, dict):
            first, *others = _lines(each, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from others
        else:
            yield f"{indent}- {scalar(each)}"


def scalar(value: str | int) -> str:
    r"""Write a text or a number so that YAML reads the same; what a terminal obeys is a mark.

    >>> scalar("n<1K"), scalar(5), scalar("a: \x1b[2J\n#")
    ('"n<1K"', '5', '"a: \ufffd[2J #"')
    """
    if isinstance(value, int):
        return str(value)
    written = json.dumps(visible(value), ensure_ascii=False)
    return _UNREADABLE.sub("\ufffd", written)
