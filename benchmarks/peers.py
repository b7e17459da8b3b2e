"""What other tools that read news pages take for the same pages, and how right they are.

Each tool runs in a process and an environment of its own (`worker.py`), ours too. A round asks
all of them for the same pages, one tool after another, and the next round the other way about;
lxml parses every page beside each, so that a tool's figure is a ratio within its own process.

CPU time on some pages of each markup and of Bangla, after others of the same site. Correctness
on 300 pages, or on 3,000 in the full run: a thousand of each markup.
"""

from __future__ import annotations

import base64
import fcntl
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.correctness import Truth, Verdict, judge, mean, truth
from benchmarks.extraction import ORIGINS
from observer_crawler.replica import Options, Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

ROOT = Path(__file__).parent.parent
OURS = "observer"
# How each is asked, in a few words; `worker.py` has the calls.
ASKED = {
    OURS: "read_page: all fields and links",
    "trafilatura": "bare_extraction with metadata, without comments of readers",
    "trafilatura fast": "the same with fast=True",
    "newspaper4k": "newspaper.article of the page at hand, its language named, no pictures",
    "news-please": "NewsPlease.from_html, no pictures; it takes no language",
}
TOOLS = tuple(ASKED)
ALL = "all"

# The look that each kind of page is timed on. A tool has its imports and its memory of the site
# after the first pages of each look, and so has ours in a crawl.
TIMED = {
    "2014": ("2014", 1, "en"),
    "2016": ("2016", 1, "en"),
    "2024": ("2024", 1, "en"),
    "Bangla": ("2016", 1, "bn"),
}
WARM, CLOCKED = 30, 25
ROUNDS = 4
# How many pages of each look are judged in a usual run; ten times as many in the full one.
JUDGED = {
    ("2014", 1, "en"): 34,
    ("2014", 2, "en"): 33,
    ("2014", 3, "en"): 33,
    ("2016", 1, "en"): 27,
    ("2016", 2, "en"): 27,
    ("2016", 3, "en"): 26,
    ("2016", 1, "bn"): 10,
    ("2016", 2, "bn"): 10,
    ("2024", 1, "en"): 27,
    ("2024", 2, "en"): 27,
    ("2024", 3, "en"): 26,
    ("2024", 3, "bn"): 20,
}
_SET_UP_TIMEOUT_SECONDS = 500

Look = tuple[str, int, str]
"""Markup, skin, language."""


class Page(NamedTuple):
    """A page that was written for the tools: its kind, its size in bytes, and what is right."""

    kind: str
    size: int
    true: Truth


class Answer(NamedTuple):
    """A line of the worker: CPU seconds of lxml and of the tool, and what the tool found."""

    parse: float
    read: float
    headline: str | None
    body: str | None
    date: str | None
    authors: str | None
    failed: str | None


class Cost(NamedTuple):
    """What one kind of page takes one tool in one round: CPU milliseconds a page."""

    parse: float
    read: float

    @property
    def ratio(self) -> float:
        """The tool's time as a multiple of lxml's."""
        return self.read / self.parse


class Speed(NamedTuple):
    """CPU times as medians over the rounds, ratios as one of each round."""

    pages: int  # of a round
    kilobytes: float  # a page, in thousands of bytes
    parse_ms: float
    read_ms: float
    ratios: list[float]  # its time over lxml's
    times_ours: list[float]  # its ratio over that of ours


class Row(NamedTuple):
    """One tool on one kind of page, or on all."""

    tool: str
    version: str
    kind: str
    speed: Speed
    judged: int  # pages
    failed: int  # pages on which the tool raised an error
    right: Verdict  # shares of the judged pages


def measure(
    *, full: bool, say: Callable[[str], None], tools: Sequence[str] = TOOLS, rounds: int = ROUNDS
) -> list[Row]:
    """Bring the environments, run all tools; give a row for each tool and kind of page."""
    for tool in tools:
        ready(tool)
    with TemporaryDirectory() as folder:
        path = Path(folder, "pages.jsonl")
        timed = write(path, dict.fromkeys(TIMED.values(), WARM + CLOCKED))
        costs: list[dict[str, dict[str, Cost]]] = []
        for number in range(rounds):
            say(f"peers: round {number + 1} of {rounds}, {len(timed)} pages, {len(tools)} tools")
            order = tools if number % 2 == 0 else tools[::-1]
            costs.append({tool: costs_of(timed, run(tool, path)) for tool in order})
        scale = 10 if full else 1
        judged = write(path, {look: count * scale for look, count in JUDGED.items()})
        answers = {}
        for tool in tools:
            say(f"peers: {tool} is judged on {len(judged)} pages")
            answers[tool] = run(tool, path)
    return [
        Row(tool, version_of(tool), kind, speed(timed, costs, tool, kind), *found)
        for tool in tools
        for kind, found in judge_all(judged, answers[tool]).items()
    ]


def ready(tool: str) -> None:
    """Bring a tool's environment to its lock; two processes take turns."""
    if tool == OURS:
        return
    lock = _environment(tool)
    with (ROOT / "requirements" / f"{lock}.txt").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        done = subprocess.run(
            ["sh", "requirements/install.sh", lock],
            cwd=ROOT,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=_SET_UP_TIMEOUT_SECONDS,
        )
    if done.returncode:
        raise RuntimeError(f"{tool} could not be set up: {done.stderr}")


def _environment(tool: str) -> str:
    return f"peer-{_package(tool)}"


def _package(tool: str) -> str:
    return tool.removesuffix(" fast")


def version_of(tool: str) -> str:
    """Name the version that a tool's lock holds; ours is the one at hand."""
    if tool == OURS:
        return version("observer-crawler")
    text = (ROOT / "requirements" / f"{_environment(tool)}.txt").read_text("utf-8")
    pins: dict[str, str] = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))
    return pins[_package(tool)]


def write(path: Path, counts: Mapping[Look, int]) -> list[Page]:
    """Write pages of each look as lines for the worker; give what is right about each."""
    pages = []
    with path.open("w", encoding="utf-8") as lines:
        for (markup, skin, language), count in counts.items():
            options = Options(markup=markup, skin=skin, language=language, articles=count)
            replica = Replica(options)
            facts = [fact for fact in replica.facts() if fact["kind"] == "article"]
            for fact in facts[:count]:
                body = replica.render(fact["path"]).body
                line = {
                    "url": ORIGINS[language] + fact["path"],
                    "language": language,
                    "body": base64.b64encode(body).decode("ascii"),
                }
                lines.write(json.dumps(line) + "\n")
                kind = "Bangla" if language == "bn" else markup
                pages.append(Page(kind, len(body), truth(fact)))
    return pages


def run(tool: str, path: Path) -> list[Answer]:
    """Let a tool read all pages in a process of its own, with an empty home."""
    python = sys.executable if tool == OURS else ROOT / f".venv-{_environment(tool)}/bin/python"
    done = subprocess.run(
        [str(python), "-I", "benchmarks/worker.py", tool, str(path)],
        cwd=ROOT,
        env={"HOME": str(path.parent), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr[-1000:]}")
    return [Answer(**json.loads(line)) for line in done.stdout.splitlines()]


def costs_of(pages: Sequence[Page], answers: Sequence[Answer]) -> dict[str, Cost]:
    """Average each kind's pages that were clocked, and all of them under `ALL`."""
    spent: dict[str, list[Answer]] = {}
    for page, answer in zip(pages, answers, strict=True):
        spent.setdefault(page.kind, []).append(answer)
    clocked = {kind: answers[WARM:] for kind, answers in spent.items()}
    clocked[ALL] = [answer for answers in clocked.values() for answer in answers]
    return {kind: _cost(answers) for kind, answers in clocked.items()}


def _cost(answers: Sequence[Answer]) -> Cost:
    parse = sum(answer.parse for answer in answers)
    read = sum(answer.read for answer in answers)
    return Cost(parse / len(answers) * 1000, read / len(answers) * 1000)


def speed(
    pages: Iterable[Page], costs: Sequence[Mapping[str, Mapping[str, Cost]]], tool: str, kind: str
) -> Speed:
    """Bring the rounds together."""
    sizes = [page.size for page in pages if kind in {page.kind, ALL}]
    its = [of_round[tool][kind] for of_round in costs]
    return Speed(
        pages=len(sizes) * CLOCKED // (WARM + CLOCKED),
        kilobytes=sum(sizes) / len(sizes) / 1000,
        parse_ms=median(cost.parse for cost in its),
        read_ms=median(cost.read for cost in its),
        ratios=[cost.ratio for cost in its],
        times_ours=[
            cost.ratio / of_round[OURS][kind].ratio
            for cost, of_round in zip(its, costs, strict=True)
        ],
    )


def judge_all(
    pages: Sequence[Page], answers: Sequence[Answer]
) -> dict[str, tuple[int, int, Verdict]]:
    """Count each kind's pages and failures, and average the verdicts; all under `ALL`."""
    found: dict[str, list[tuple[Answer, Verdict]]] = {kind: [] for kind in (*TIMED, ALL)}
    for page, answer in zip(pages, answers, strict=True):
        verdict = judge(answer.headline, answer.body, answer.date, page.true)
        for kind in (page.kind, ALL):
            found[kind].append((answer, verdict))
    return {
        kind: (
            len(pairs),
            sum(answer.failed is not None for answer, _ in pairs),
            mean(verdict for _, verdict in pairs),
        )
        for kind, pairs in found.items()
        if pairs
    }
