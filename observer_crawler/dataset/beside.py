"""What lies beside the files of a version: its card, the coverage report, Croissant.

The report is the one of `scrapy coverage --json`, as of the export, without what must not go out
with a dataset: headlines of articles that are not in it, and the numbers of those that were to be
left alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.dataset.card import card
from observer_crawler.dataset.croissant import croissant
from observer_crawler.dataset.versions import about_file
from observer_crawler.site import SPACES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

CARD, COVERAGE, CROISSANT = "README.md", "coverage.json", "croissant.json"


def write(
    draft: Path, manifest: Mapping[str, Any], coverage: Mapping[str, Any] | None
) -> dict[str, dict[str, Any]]:
    """Write them; gives what the manifest says of each. `coverage` is None without a ledger."""
    (draft / CARD).write_text(card(manifest, coverage), "utf-8")
    (draft / CROISSANT).write_bytes(croissant(manifest))
    names = [CARD, CROISSANT]
    if coverage is not None:
        text = json.dumps(coverage, ensure_ascii=False, indent=1) + "\n"
        (draft / COVERAGE).write_text(text, "utf-8")
        names.append(COVERAGE)
    return {name: about_file(draft / name) for name in names}


def published(
    coverage: Mapping[str, Any], about: Mapping[str, Any], excluded: Collection[str]
) -> dict[str, Any]:
    """Give the report as it may go out; `about` is what the export knows of the source."""
    editions = {
        language: {
            **edition,
            "holes": [_hole(hole, language, excluded) for hole in edition["holes"]],
        }
        for language, edition in coverage["editions"].items()
    }
    source = {name: about[name] for name in ("made_from", "origin", "notice")}
    return {**coverage, **source, "editions": editions}


def _hole(hole: Mapping[str, Any], language: str, excluded: Collection[str]) -> dict[str, Any]:
    left = ",".join(_left(hole["ids"], SPACES.get(language, language), excluded))
    command = hole["command"] if left == hole["ids"] else ""
    return {**hole, "headlines": [], "ids": left, "command": command}


def _left(ids: str, space: str, excluded: Collection[str]) -> Iterator[str]:
    """Give the parts of `-a ids=` without what is excluded."""
    numbers = sorted(
        int(name.partition(":")[2]) for name in excluded if name.startswith(f"{space}:")
    )
    for part in filter(None, ids.split(",")):
        if "/" in part:
            if urls.parse(part).name not in excluded:
                yield part
            continue
        first, _, last = part.partition("-")
        yield from _around(int(first), int(last or first), numbers)


def _around(first: int, last: int, numbers: list[int]) -> Iterator[str]:
    """Give a range without some numbers.

    >>> list(_around(5, 9, [3, 6, 9])), list(_around(5, 5, []))
    (['5', '7-8'], ['5'])
    """
    for number in [*(each for each in numbers if first <= each <= last), last + 1]:
        if number > first:
            yield f"{first}-{number - 1}" if number - 1 > first else f"{first}"
        first = number + 1
