"""A data folder against itself: lines, captures, indexes, ledger. Only looks."""

from observer_crawler.verify.against import Comparison, compare
from observer_crawler.verify.captures import CaptureCheck, Sample
from observer_crawler.verify.findings import Findings
from observer_crawler.verify.folder import verify
from observer_crawler.verify.lines import Lines

__all__ = ["CaptureCheck", "Comparison", "Findings", "Lines", "Sample", "compare", "verify"]
