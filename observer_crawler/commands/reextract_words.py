"""The closing table of a re-extraction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from observer_crawler.reextract import Tally


def as_text(tally: Tally) -> str:
    """Write the table, a figure a line; what is none is left out but for the first few."""
    return "\n".join(f"{name:<16}{text}" for name, text in _lines(tally) if text)


def _lines(tally: Tally) -> Iterator[tuple[str, str]]:
    yield "answers read", f"{tally.answers:,}"
    yield "other pages", _some(tally.others, "lists, days and the like")
    yield "other sites", _some(tally.elsewhere, "answers, passed over")
    yield "articles", f"{tally.articles:,}"
    yield "  same", _some(tally.same, "stand as this extractor reads them")
    yield "  unchanged", _some(tally.unchanged, "visits that show the text before them")
    yield "lines written", f"{tally.reread + tally.revisions + tally.news:,}"
    yield "  read again", _some(tally.reread, f"of lines by an older extractor, {_changed(tally)}")
    yield "  revisions", _some(tally.revisions, "texts that were not stored")
    yield "  new", _some(tally.news, "articles that had no line")
    yield "fields changed", _counts(tally.fields)
    yield "not articles", _counts(tally.refusals)
    yield "left alone", _counts(tally.skipped)
    yield "not read again", _some(tally.left, "lines of older extractors: no capture at hand")
    yield "still marked", _some(tally.marked, "articles: no newer extractor has read them")
    yield "lost", _some(tally.lost, "lines whose page gives no article now: see above")
    yield "not the same", _some(tally.broken, "lines of this very extractor: see above")
    yield "damage", f"{tally.damage:,}{' places: see above' * bool(tally.damage)}"


def _some(count: int, words: str) -> str:
    return f"{count:,} {words}" if count else ""


def _changed(tally: Tally) -> str:
    return f"{tally.changed:,} with another text or fact"


def _counts(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)
