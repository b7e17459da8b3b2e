"""README.md of a version: the card that people and Hugging Face read. Pure.

A function of the manifest's values and of the coverage report's JSON alone: what stands in neither
does not stand here. Every paragraph is one claim on a line of its own; tests/card_claims.py reads
each back and holds it against the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.dataset import card_coverage, card_rights
from observer_crawler.dataset.card_head import data_files, head, title
from observer_crawler.dataset.markdown import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BY = ("language", "edition", "year", "markup", "section", "host")
_METHODS = (
    "A crawler asked for pages (the rows by host say whom), and read each article from the bytes it "
    "was given. It says who it is, and obeys robots.txt. `METHODS.md` says what was asked, when and "
    "how fast, and what robots.txt said; it counts from all that is known down to what is here."
)
_NULL = "Null says that the page does not say, or that the line is older than the field."


def card(manifest: Mapping[str, Any], coverage: Mapping[str, Any] | None) -> str:
    """Write the whole card; `coverage` is None where no ledger was there to count."""
    parts = [
        head(manifest),
        f"# {title(manifest)}",
        *_what(manifest),
        *_size(manifest),
        "## Fields",
        _NULL,
        table(("field", "type", "meaning"), _columns(manifest)),
        *_gathered(manifest),
        *_made(manifest),
        *card_coverage.part(coverage),
        *card_rights.part(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _what(manifest: Mapping[str, Any]) -> Iterator[str]:
    rows, articles = plain(manifest["rows"]), plain(manifest["articles"])
    what = f"{rows} rows: the newest text of each of {articles} articles."
    if not manifest["with_text"]:
        what = f"{rows} rows: a list of {articles} articles, without their text."
    elif manifest["revisions"]:
        what = f"{rows} rows: every text that was stored of {articles} articles."
    yield what
    yield plain(manifest["notice"])
    if manifest["origin"]:
        yield f"Read from {plain(manifest['origin'])}."
    oldest, newest = plain(manifest["oldest_fetched_at"]), plain(manifest["newest_fetched_at"])
    yield f"The oldest was fetched at {oldest}, the newest at {newest}."
    if manifest["where"] is not None:
        yield f"Only rows that fit this condition: {plain(manifest['where'])}"
    why = "; ".join(map(plain, manifest["complete_not"]))
    yield "Complete." if manifest["complete"] else f"Not complete: {why}."


def _size(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Size"
    files = manifest["files"].items()
    yield table(("file", "bytes"), [(name, about["bytes"]) for name, about in files])
    if loaded := data_files(manifest):
        names = ", ".join(map(plain, loaded.values()))
        yield f"`datasets.load_dataset(FOLDER)`, of the folder that this card is in, loads {names}."
    counts = manifest["counts"]
    rows = [(by, value, count) for by in _BY for value, count in counts.get(by, {}).items()]
    yield table(("rows by", "value", "rows"), rows)


def _columns(manifest: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["name"], each["type"], each["description"]) for each in manifest["columns"]]


def _gathered(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## How it was gathered"
    yield _METHODS
    counted, bad = manifest["lines"].items(), manifest["lines"]["bad"].items()
    rows = [(name.replace("_", " "), count) for name, count in counted if isinstance(count, int)]
    yield table(("lines of the crawl", "count"), [*rows, *bad])
    versions = {**manifest["versions"], "extractor": manifest["extractors"]}
    yield table(("made by", "version"), versions.items())


def _made(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say what an export has made of the rows; nothing of what it was not asked for."""
    if found := manifest.get("clusters"):
        yield "## Near copies"
        yield "`cluster_id` has in common what is the same story; `is_canonical` is one row of each."
        yield table(("near copies", "value"), _named(found))
    if found := manifest.get("splits"):
        yield "## Splits"
        yield "By time, and near copies on one side: no copy of a training article is tested on."
        yield table(("split", "value"), _named(found))
    if found := manifest.get("redacted"):
        yield "## Masked"
        yield "What looks like one of these is masked in the texts; some may be left."
        yield table(("masked", "how many"), _named(found))
    if found := manifest.get("since"):
        yield "## Only what is new"
        yield "Rows that are new, or not as they were, since another version; `gone` is not in it now."
        yield table(("since", "value"), _named({**found, "gone": len(found.get("gone", ()))}))
    if found := manifest.get("gate"):
        yield "## Asserted before it was made"
        yield table(("asserted and found",), [(_flat(each),) for each in found])


def _named(values: Mapping[str, Any]) -> list[tuple[str, object]]:
    return [(name.replace("_", " "), _flat(value)) for name, value in values.items()]


def _flat(value: object) -> object:
    """Write what has parts in one text, each with its name."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_flat(inner)}" for name, inner in value.items())
    return value
