"""Run cases of a target: in a process of its own, for an abort or a hang must not hide its case.

Case N of seed S is always the same. The process notes which case it is at; whoever started it
tells from that note what it died of.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import resource
import sys
import time
import traceback
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.cpu import TooLong, at_most
from tests.fuzz.files import sweep
from tests.fuzz.shrink import shrunk
from tests.fuzz.target import hundreds, most_seconds

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

from tests.fuzz.target import Target

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "data" / "fuzz"
# CPU seconds after which a case is stopped, whatever its size.
MOST_AT_ALL = 20.0
# A case that was slow once counts if it is slow each time.
_TRIES = 5
# The first cases fill the caches; from then on memory is flat.
_WARM_SHARE = 0.25
_PAGE = resource.getpagesize()


@dataclass(slots=True)
class Outcome:
    """What came of a run: `slowest` in CPU seconds for a hundred kilobytes, begun ones counted, memory in MB.

    `warm`, `last`: memory in use after a quarter of the cases, and at the end; `most`: at any time.
    """

    target: str
    seed: int
    cases: int = 0
    seconds: float = 0.0
    bytes: int = 0
    slowest: float = 0.0
    warm: float = 0.0
    last: float = 0.0
    most: float = 0.0
    finds: list[str] = field(default_factory=list)


def case_of(target: Target, seed: int, number: int) -> bytes:
    """Make a case."""
    return target.make(Random(f"{seed} {target.name} {number}"))


def run(
    target: Target, seed: int, cases: int | None, seconds: float | None, most_finds: int = 20
) -> Outcome:
    """Run cases until there were so many, so much time is gone, or so much was found."""
    fork = multiprocessing.get_context("fork")
    at = fork.RawValue("q", -1)
    ours, theirs = fork.Pipe(duplex=False)
    child = fork.Process(target=_work, args=(target, seed, cases, seconds, most_finds, at, theirs))
    child.start()
    theirs.close()
    try:
        outcome: Outcome = ours.recv()
    except EOFError:
        child.join()
        outcome = Outcome(target.name, seed, cases=at.value)
        why = f"ended the process with {child.exitcode}"
        outcome.finds.append(keep(target, case_of(target, seed, at.value), why))
    child.join()
    sweep(child.pid or 0)
    return outcome


def _work(  # noqa: PLR0913, PLR0917 (a process has no other way to be told)
    target: Target,
    seed: int,
    cases: int | None,
    seconds: float | None,
    most_finds: int,
    at: object,
    theirs: Connection,
) -> None:
    logging.disable()
    # What cases are made of is no garbage: looking through it takes longer than most readings.
    case_of(target, seed, 0)
    gc.collect()
    gc.freeze()
    outcome, start = Outcome(target.name, seed), time.monotonic()
    known: set[str] = set()
    while (cases is None or outcome.cases < cases) and len(outcome.finds) < most_finds:
        if seconds is not None and time.monotonic() - start > seconds:
            break
        at.value = outcome.cases  # type: ignore[attr-defined]  # it is a number in shared memory
        case = case_of(target, seed, outcome.cases)
        why = trouble(target, case, outcome)
        if why is not None and (key := _alike(why)) not in known:
            known.add(key)
            outcome.finds.append(keep(target, small(target, case, why), why))
        outcome.cases += 1
        outcome.bytes += len(case)
        elapsed = time.monotonic() - start
        done = max(outcome.cases / cases if cases else 0.0, elapsed / seconds if seconds else 0.0)
        if done >= _WARM_SHARE and not outcome.warm:
            outcome.warm = in_use()
    outcome.seconds = time.monotonic() - start
    outcome.last = in_use()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome.most = most / (1_000_000 if sys.platform == "darwin" else 1_000)
    theirs.send(outcome)


def trouble(target: Target, case: bytes, outcome: Outcome | None = None) -> str | None:
    """Read one case and judge it; say what is wrong, None for nothing."""
    try:
        with at_most(MOST_AT_ALL):
            start = time.process_time()
            found = target.read(case)
            seconds = time.process_time() - start
        if seconds > most_seconds(case):
            seconds = min(_again(target, case) for _ in range(_TRIES))
        if outcome is not None:
            outcome.slowest = max(outcome.slowest, seconds / hundreds(case))
        if seconds > most_seconds(case):
            return f"slow: {seconds:.2f} s of CPU for {len(case):,} bytes"
        target.judge(case, found)
    except TooLong:
        return f"hangs: more than {MOST_AT_ALL:.0f} s of CPU for {len(case):,} bytes"
    except Exception:  # noqa: BLE001 (whatever it is: that is what we look for)
        return traceback.format_exc()
    return None


def small(target: Target, case: bytes, why: str) -> bytes:
    """Shrink a case; one that hangs or is slow stays as it is."""
    if not why.startswith("Traceback"):
        return case
    key = _alike(why)
    return shrunk(case, lambda less: _alike(trouble(target, less) or "nothing") == key)


def _again(target: Target, case: bytes) -> float:
    start = time.process_time()
    target.read(case)
    return time.process_time() - start


def _alike(why: str) -> str:
    """Give what two finds of one cause share: the kind of error and the last line of code."""
    lines = why.strip().splitlines()
    places = [line for line in lines if line.lstrip().startswith("File ")]
    return f"{places[-1:]} {lines[-1].split(':')[0]}"


def keep(target: Target, case: bytes, why: str) -> str:
    """Write a case where it can be read again, and say how."""
    path = KEPT / target.name / f"{sha256(case).hexdigest()[:12]}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case)
    path.with_suffix(".txt").write_text(why, "utf-8", "replace")
    last = why.strip().splitlines()[-1]
    shown = path.relative_to(ROOT)
    return f"{target.name}: {last[:300]}\n    again: make fuzz REPLAY={shown}"


def in_use() -> float:
    """Give the memory of this process in MB; where there is no /proc, what it had at most."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000_000
    return pages * _PAGE / 1_000_000
