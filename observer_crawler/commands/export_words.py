"""The end of an export in words: what is there now, what to mind, and how to load it. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from observer_crawler.commands.standing_words import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from observer_crawler.dataset import Made

_SPLIT_FILES = ("train.parquet", "validation.parquet", "test.parquet")
_LOAD = {
    "parquet": 'pandas.read_parquet("{}")',
    "jsonl": 'pandas.read_json("{}", lines=True)',
    "csv": 'pandas.read_csv("{}")',
    "sqlite": "datasette {}",
    "wacz": "wb-manager add --unpack-wacz COLLECTION {}, or open it at replayweb.page",
}
# Of a folder with a file for each year or month.
_LOAD_PARTS = {
    "parquet": 'pandas.read_parquet("{}")',
    "jsonl": "duckdb.sql(\"FROM '{}/*.jsonl'\")",
    "csv": "duckdb.sql(\"FROM '{}/*.csv'\")",
}


def _asked(counts: dict[str, int]) -> str:
    """Say what the site asked when the rows were fetched; `not read`: nobody looked."""
    said = [f"{says} {count:,}" for says, count in counts.items() if count]
    return f"when fetched, the site said: {', '.join(said)}"


def closing(made: Made) -> str:
    """Say what is there now, and how to load it."""
    all_files = made.manifest["files"].items()
    files = {name: about for name, about in all_files if not name.endswith((".md", ".json"))}
    rows = [("rows", f"{made.manifest['rows']:,}")]
    rows += _sizes(files)
    rows.append(("where", str(made.version)))
    if (since := made.manifest["since"]) is not None:
        told = f"{since['new']:,} new, {since['changed']:,} changed, {len(since['gone']):,} gone"
        rows.append(("since", f"{since['version']}: {told}"))
    if (redacted := made.manifest["redacted"]) is not None:
        told = f"{redacted['email_addresses']:,} e-mail addresses"
        rows.append(("masked", f"{told}, {redacted['telephone_numbers']:,} telephone numbers"))
    rows += [("holds", f"{each['what']} {each['found']}") for each in made.manifest["gate"]]
    if not made.is_new:
        rows.append(("", "it was there already: nothing has changed since"))
    if not made.manifest["complete"]:
        rows.append(("complete", "no: " + "; ".join(made.manifest["complete_not"])))
    rows.append(("AI training", _asked(made.manifest["ai_train_rows"])))
    if made.manifest["made_from"] != "newspaper":
        rows.append(("mind", made.manifest["notice"]))
    rows += [("mind", note) for notes in made.manifest["warnings"].values() for note in notes]
    rows += [("dropped", path.name) for path in made.dropped]
    rows.append(
        ("card", "README.md there: read what it says of rights and gaps before you publish")
    )
    rows += [("load", line) for line in _loads(made, files)]
    return table(rows)


def _sizes(files: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str]]:
    """Give each file with its size, those of one folder together."""
    folders: defaultdict[str, list[int]] = defaultdict(list)
    for name, about in files.items():
        folders[name.partition("/")[0]].append(about["bytes"])
    for name, sizes in folders.items():
        many = f" in {len(sizes):,} files" if name not in files else ""
        yield name, f"{sum(sizes):,} bytes{many}"


def _loads(made: Made, files: Iterable[str]) -> Iterator[str]:
    """Give the lines that load the files; those of a split are loaded together."""
    if "train.parquet" in files:
        yield f'datasets.load_dataset("parquet", data_dir="{made.version}")'
    for name in dict.fromkeys(name.partition("/")[0] for name in files):
        if name not in _SPLIT_FILES:
            lines = _LOAD if name in files else _LOAD_PARTS
            yield lines[name.rpartition(".")[2]].format(made.version / name)
