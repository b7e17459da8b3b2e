"""The captures of lines: the record is there, its body has its digest, and it reads as the line."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.exceptions import RefusedArticle
from observer_crawler.items import EXTRACTOR, to_record
from observer_crawler.kinds import edition_of
from observer_crawler.lines import differing
from observer_crawler.origins import page_of
from observer_crawler.rereading import article_of
from observer_crawler.store import origin_of
from observer_crawler.warc import FOLDER, OPEN, Damage, Finder, digest, sums

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.verify.findings import Findings
    from observer_crawler.verify.lines import Lines, Place
    from observer_crawler.warc import Record

# What a payload digest of ours begins with; those of others are left to them.
SHA1 = "sha1:"
# What the claim of a replay's folder begins with; its pages are the site's all the same.
_REPLAY = "replay+"
_NAMED = 10


class Sample:
    """How many captures are read: `most` of them, drawn by `seed`; None: all."""

    def __init__(self, most: int | None, seed: int) -> None:
        self._most = most
        self._seed = seed

    @property
    def is_all(self) -> bool:
        return self._most is None

    def draw(self, lines: Lines) -> Iterator[Place]:
        """Give the lines whose captures are read."""
        if self._most is None:
            yield from (place for _, place in lines.captured())
            return
        numbers = [number for number, _ in lines.captured()]
        count = min(self._most, len(numbers))
        drawn = set(Random(self._seed).sample(numbers, count))  # noqa: S311 (no secret)
        yield from (place for number, place in lines.captured() if number in drawn)


class CaptureCheck:
    """Reads captures again."""

    def __init__(
        self, data: Path, folders: Iterable[Path], most_bytes: int, findings: Findings
    ) -> None:
        """`folders` hold captures beside the folder's own; a body may unpack to `most_bytes`."""
        origin = (origin_of(data) or "").removeprefix(_REPLAY)
        self._folders = [data / FOLDER, *folders]
        self._site = origin if urls.parse(origin).kind is urls.Kind.OFFSITE else None
        self._most_bytes = most_bytes
        self._findings = findings
        self._gone: Counter[str] = Counter()
        self._summed: set[str] = set()
        for folder in self._folders:
            with suppress(OSError):  # WarcCheck names the own one; others only tell new names
                self._summed |= sums(folder).keys()

    def run(self, lines: Lines, sample: Sample) -> None:
        self._findings.counts["captures named"] = sum(1 for _ in lines.captured())
        with Finder(self._folders) as finder:
            for place in sample.draw(lines):
                record = lines.record(place)
                if record is not None:
                    self._check(finder, record, f"{place}: {record['id']}")
        for file, count in sorted(self._gone.items()):
            if count > _NAMED:
                self._findings.remark(f"{count:,} captures of {file} are nowhere, {_NAMED} named")

    def _check(self, finder: Finder, line: dict[str, Any], place: str) -> None:
        self._findings.counts["captures read"] += 1
        try:
            told = line["capture"]
            where = f"record {told['record_id']} of {told['file']}, byte {told['offset']}"
            holder = finder.find(told["file"], told["offset"], told["record_id"])
        except (TypeError, KeyError):
            return  # the shape of its line was found wrong already
        if holder is None:
            self._miss(told["file"], f"{place}: its capture, {where}, is nowhere")
        elif isinstance(holder, Damage):
            self._findings.found(f"{place}: its capture, {where}, {holder.why}")
        elif (
            holder.payload_digest.startswith(SHA1) and digest(holder.body) != holder.payload_digest
        ):
            self._findings.found(f"{place}: its capture, {where}, has not the body of its digest")
        else:
            self._place(holder, told, place)
            self._read_again(holder, line, place)

    def _place(self, holder: Record, told: dict[str, Any], place: str) -> None:
        """Say where a capture is not where its line says; its file may have another name now."""
        file = holder.file.removesuffix(OPEN)
        if (file, holder.offset) == (told["file"], told["offset"]):
            return
        self._findings.counts["captures found elsewhere"] += 1
        if file == told["file"] or told["file"] not in self._summed:
            self._findings.found(
                f"{place}: its capture is said to be in {told['file']}, byte {told['offset']}, and "
                f"is in {file}, byte {holder.offset}"
            )

    def _miss(self, file: str, what: str) -> None:
        """Name a few of the captures that went with their file: there may be 60,000."""
        self._gone[file] += 1
        if self._gone[file] <= _NAMED:
            self._findings.found(what)
        else:
            self._findings.wrong += 1

    def _read_again(self, holder: Record, line: dict[str, Any], place: str) -> None:
        """Compare the line with what its bytes give now; another extractor says nothing of it."""
        if line.get("extractor") != EXTRACTOR:
            self._findings.counts["lines of another extractor"] += 1
            return
        if not all(isinstance(line.get(name), str) for name in ("fetched_at", "source_url")):
            return  # the shape of its line was found wrong already
        # A line may come of a revisit, which has its own moment and address, and no body.
        source = line["source_url"]
        answer = replace(
            holder,
            date=line["fetched_at"],
            url=page_of(source) or holder.url,
            source=source if holder.source else "",
        )
        language = edition_of(line["id"])
        url = urls.parse(urls.from_site(answer.url, self._site, language)).url
        try:
            article = article_of(answer, holder, url, self._most_bytes)
        except RefusedArticle as err:
            self._findings.found(f"{place}: its page gives no article now ({err})")
            return
        if names := differing(to_record(article), line):
            self._findings.found(f"{place}: its page reads otherwise in {', '.join(names)}")
        else:
            self._findings.counts["lines read the same"] += 1
