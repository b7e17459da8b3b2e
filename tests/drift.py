"""What became of a mutated night: alarmed or not, and each stored field against the truth."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from observer_crawler.ledger.tables import look
from tests.balance import ledger_of
from tests.mutations import ALL
from tests.nights import alarms, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.mutations import Mutation
    from tests.nights import Season

# Of the fields that are on the page, the share that must be filled.
LEAST_FILLED = 0.9
# Characters of a value that the table shows.
_MOST_SHOWN = 100
_EMPTY: tuple[Any, ...] = (None, [], "")


@dataclass(slots=True)
class Score:
    """One mutation. `equal`, `null` and `differing` count fields of new articles and new texts.

    `on_page` counts the fields that the truth fills and the mutation left on the page.
    """

    name: str
    is_plain: bool
    code: int
    alarms: list[str]
    struck: int
    stored: int = 0
    refused: int = 0
    marked: int = 0
    equal: int = 0
    null: int = 0
    on_page: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def filled(self) -> float:
        return self.equal / self.on_page if self.on_page else 1.0

    @property
    def is_wrong(self) -> bool:
        """Whether a value that nobody saw was stored."""
        return bool(self.differing) and not self.is_plain

    @property
    def is_poor(self) -> bool:
        return self.filled < LEAST_FILLED and not self.is_plain


def judge(season: Season, mutation: Mutation) -> Score:
    """Crawl the evening with a mutation, and hold what was stored against the truth."""
    before = _sizes(season.data)
    night, data = season.night_after(mutation.mutate, f"night-{mutation.name}")
    assert season.site.struck or mutation.name == "identity", f"{mutation.name} changed nothing"
    found = [alarm["figure"] for alarm in alarms(data)]
    score = Score(mutation.name, mutation.plain, night.code, found, season.site.struck)
    states = runs(data)[-1]["states"]
    score.refused = states.get("article/refused", 0)
    known, lines = _ids(season.data), _new_lines(data, before)
    truth = season.truth()
    for name in season.site.asked:
        if name in lines:
            _compare(score, lines[name], truth[name], mutation)
        elif name not in known:
            _lack(score, truth[name], mutation)
    score.stored, score.marked = len(lines), _marked(data)
    return score


def _compare(
    score: Score, line: Mapping[str, Any], truth: Mapping[str, Any], mutation: Mutation
) -> None:
    for name in ALL:
        value, right = line[name], truth[name]
        if _is_right(name, value, right):
            score.equal += right not in _EMPTY and name not in mutation.gone
        elif value in _EMPTY or _is_less(name, value, right, mutation):
            score.null += 1
        elif name != "markup":
            score.differing[name] += 1
            told = f"{_short(value)}, not {_short(right)}"
            score.examples.append(f"{line['id']} {name}: {told}")
    score.on_page += _on_page(truth, mutation)


def _is_right(name: str, value: Any, right: Any) -> bool:  # noqa: ANN401
    """Whether a value is the truth.

    Of `removed`, adverts that the mutation put on the page are rightly there, and pictures that it
    moved stand where the page has them now: the other pieces must be the same ones.
    """
    if name != "removed" or value == right:
        return bool(value == right)
    return not _pieces(right) - _pieces(value) and all(
        kind == "advertisement" for kind, _ in _pieces(value) - _pieces(right)
    )


def _is_less(name: str, value: Any, right: Any, mutation: Mutation) -> bool:  # noqa: ANN401
    """Whether a value says a part of what is true and nothing else: the rest of it is null.

    A dateline without its day; of `removed` fewer pieces, where what they stood in is gone.
    """
    if name == "dateline":
        return bool(right) and value == {**right, "date": None}
    return name == "removed" and name in mutation.gone and not _pieces(value) - _pieces(right)


def _pieces(removed: Iterable[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    return Counter((piece["kind"], piece["text"]) for piece in removed)


def _short(value: object) -> str:
    """Write a value so that a line of the table holds it: its end, where texts differ."""
    text = repr(value)
    return text if len(text) <= _MOST_SHOWN else f"...{text[-_MOST_SHOWN:]}"


def _lack(score: Score, truth: Mapping[str, Any], mutation: Mutation) -> None:
    """Count an article that was asked for and not stored: all of its fields are missing."""
    score.null += sum(truth[name] not in _EMPTY for name in ALL)
    score.on_page += _on_page(truth, mutation)


def _on_page(truth: Mapping[str, Any], mutation: Mutation) -> int:
    return sum(truth[name] not in _EMPTY for name in ALL if name not in mutation.gone)


def _marked(data: Path) -> int:
    with closing(look(ledger_of(data))) as ledger:
        count: int = ledger.execute("SELECT count(marked) FROM line").fetchone()[0]
    return count


def _files(data: Path) -> Iterator[Path]:
    return (data / "articles").glob("*/*.jsonl")


def _sizes(data: Path) -> dict[str, int]:
    return {str(path.relative_to(data)): path.stat().st_size for path in _files(data)}


def _new_lines(data: Path, before: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Give the lines that this night added; segments are only ever added to."""
    found = {}
    for path in _files(data):
        start = before.get(str(path.relative_to(data)), 0)
        for line in path.read_bytes()[start:].splitlines():
            record = json.loads(line)
            found[record["id"]] = record
    return found


def _ids(data: Path) -> set[str]:
    return {
        json.loads(line)["id"] for path in _files(data) for line in path.read_bytes().splitlines()
    }


def table(scores: Iterable[Score]) -> str:
    """Write a line a mutation: alarmed by what, fields equal, null and differing, articles."""
    rows = [
        (
            "mutation",
            "code",
            "equal",
            "null",
            "differ",
            "filled",
            "stored",
            "refused",
            "marked",
            "alarms",
        )
    ]
    for score in scores:
        differing = str(score.differing.total())
        rows.append(
            (
                f"{score.name}{' (plain)' if score.is_plain else ''}",
                str(score.code),
                str(score.equal),
                str(score.null),
                differing + ("!" if score.is_wrong else ""),
                f"{score.filled:.1%}" + ("!" if score.is_poor else ""),
                str(score.stored),
                str(score.refused),
                str(score.marked),
                ", ".join(score.alarms[:4]) + ", ..." * (len(score.alarms) > 4) or "NONE",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    notes = [
        f"{score.name}: {example}"
        for score in scores
        if score.is_wrong
        for example in score.examples[:2]
    ]
    return "\n".join([*(line.rstrip() for line in lines), *notes])
