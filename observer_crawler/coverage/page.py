"""The report that a person looks at: one file of HTML, without a script, a font or a picture of others.

Its own policy forbids scripts and every request, so that no headline could start one, whatever
stands in it. Pure: a report in, text out.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from observer_crawler.coverage import charts
from observer_crawler.coverage.calendar_view import MEANINGS, calendar, legend
from observer_crawler.coverage.lists import lists
from observer_crawler.coverage.markup import Html, joined, tag
from observer_crawler.coverage.report import totals
from observer_crawler.coverage.words import NAMES, probe_text
from observer_crawler.site import EDITIONS
from observer_crawler.source import NEWSPAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from observer_crawler.coverage.days import Day
    from observer_crawler.coverage.report import Report
    from observer_crawler.coverage.survey import Edition

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What is there and what is not</title>
<style>
{style}</style>
</head>
"""


def as_html(report: Report) -> str:
    """Write the whole page."""
    style = (files("observer_crawler.coverage") / "report.css").read_text("utf-8")
    editions = [_edition(report, each) for each in report.editions]
    nothing = tag("p", "Nothing is known yet: no index, box or number says anything.")
    body = tag("body", _header(report), *(editions or [nothing]), _footer(report))
    return _HEAD.format(policy=_POLICY, style=style) + body + "\n</html>\n"


def _header(report: Report) -> Html:
    notice = tag("p", report.source.notice, class_=f"notice {report.source.kind}")
    return tag(
        "header",
        tag("p", report.source.origin or "", class_="origin"),
        tag("h1", "What is there, and what is not"),
        notice if report.source.kind != NEWSPAPER else Html(""),
    )


def _footer(report: Report) -> Html:
    parts = [report.source.notice]
    if report.last_fetched_at:
        parts.append(f"The newest article was fetched at {report.last_fetched_at}.")
    if report.from_date or report.until_date:
        parts.append(
            f"Days from {report.from_date or 'the first'} to {report.until_date or 'the last'}."
        )
    parts.append("Made by scrapy coverage from the ledger alone: the same ledger, the same page.")
    return tag("footer", tag("p", " ".join(parts)))


def _edition(report: Report, edition: Edition) -> Html:
    language = f"{EDITIONS.get(edition.language, edition.language)} edition"
    return tag(
        "main",
        tag("h2", language, class_="edition"),
        _summary(edition),
        tag("div", legend(edition.days), calendar(edition.days), class_="calendar"),
        _part("What is missing, and what brings it", lists(report, edition)),
        _part("Articles by section and month", charts.sections(edition)),
        _part("Which fields are filled", charts.fields(edition)),
        _part("Which boxes led to articles", charts.boxes(edition.boxes)),
        lang="en",
    )


def _part(title: str, inner: Html) -> Html:
    return tag("section", tag("h2", title), inner, class_="part")


def _summary(edition: Edition) -> Html:
    sums = totals(edition.days)
    known, stored = sums["known"], sums["stored"]
    days = edition.days
    span = f"{days[0].day} to {days[-1].day}" if days else "no day"
    share = f"{int(1000 * stored / known) / 10:.1f}" if known else "–"
    sentence = f"of {known:,} articles that are known to be of a day, {stored:,} are here"
    return tag(
        "div",
        tag("p", tag("b", share), tag("span", "%"), class_="big"),
        tag(
            "div",
            tag("p", sentence, class_="lead"),
            tag("p", " ".join(_further(edition, span)), class_="further"),
            _strip(days),
        ),
        class_="summary",
    )


def _further(edition: Edition, span: str) -> list[str]:
    """Say what the first sentence leaves out."""
    unplaced = sum(edition.unplaced.values())
    probe = probe_text(edition.probe)
    parts = [f"{len(edition.days):,} days, {span}."]
    if edition.gaps:
        parts.append(f"{edition.gaps:,} numbers between known ones no page links.")
        parts.append(probe or "How many of them are articles, only a probe can tell.")
    elif probe:
        parts.append(probe)
    if unplaced:
        parts.append(f"{unplaced:,} addresses have no day.")
    return parts


def _strip(days: Sequence[Day]) -> Html:
    """Draw all days as one strip, those of a status together."""
    counts = totals(days)["days"]
    parts = [
        tag(
            "i",
            class_=status.value,
            style=f"flex-grow:{counts[status.value]}",
            title=f"{NAMES[status]}: {counts[status.value]:,} days",
        )
        for status in MEANINGS
        if counts[status.value]
    ]
    return joined(tag("div", *parts, class_="strip"))
