"""What `make prove` writes into docs/proof.md."""

from __future__ import annotations

import datetime as dt

from tests.prove import rows_of, table_of

REPORT = """<testsuites><testsuite>
<testcase name="test_a_killed_crawl_goes_on" time="12.34"><properties>
<property name="kills" value="200"/><property name="lost" value="0"/></properties></testcase>
<testcase name="test_a_broken_thing" time="0.2"><failure message="no"/></testcase>
</testsuite></testsuites>"""


def test_a_proof_is_a_sentence_with_outcome_seconds_and_figures() -> None:
    assert rows_of(REPORT) == [
        ("a broken thing", "FAILED", "0", ""),
        ("a killed crawl goes on", "holds", "12", "kills 200, lost 0"),
    ]


def test_a_run_is_a_section_with_its_day_and_commit() -> None:
    section = table_of(rows_of(REPORT), "abc1234", dt.date(2026, 11, 30))
    assert section.startswith("\n## 2026-11-30, abc1234\n")
    assert section.endswith("| a killed crawl goes on | holds | 12 | kills 200, lost 0 |\n")
