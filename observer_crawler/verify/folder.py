"""One look at a whole folder, in the order in which a crawl beside it cannot mislead.

The ledger as of now, then the lines, which are written before it hears of them, then the
captures, which are written before the lines.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from observer_crawler import lock
from observer_crawler.exceptions import LedgerError
from observer_crawler.ledger import FILE
from observer_crawler.verify import ledger
from observer_crawler.verify.lines import Lines
from observer_crawler.verify.warcs import WarcCheck

if TYPE_CHECKING:
    from pathlib import Path

    from observer_crawler.verify.captures import CaptureCheck, Sample
    from observer_crawler.verify.findings import Findings


def verify(data: Path, findings: Findings, sample: Sample, captures: CaptureCheck) -> None:
    """Look at all that a folder holds."""
    running = lock.is_locked(data)
    copy = _copy(data, findings, running=running)
    with closing(Lines(data, findings, running=running)) as lines:
        if copy is not None:
            ledger.check(data, lines, copy, findings)
        captures.run(lines, sample)
    # A crawl that has begun meanwhile has opened a file.
    running = running or lock.is_locked(data)
    WarcCheck(data, findings, running=running, whole=sample.is_all).run()


def _copy(data: Path, findings: Findings, *, running: bool) -> ledger.Copy | None:
    path = data / "state" / FILE
    if not path.exists():
        findings.remark("there is no ledger: the next crawl makes it anew from the segments")
        return None
    try:
        return ledger.Copy(path, running=running)
    except LedgerError as err:
        findings.found(str(err))
        return None
