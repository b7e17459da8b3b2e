"""Answers that point elsewhere: in a circle, off the site, to this machine, out of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.body import DONE_LATER, LATER, LOOKS
from tests.hostile.connection import FAILED
from tests.hostile.rows import Answer, Asked, Case, Fault, Where, html

if TYPE_CHECKING:
    from observer_crawler.replica import Page


def to(target: str) -> Answer:
    """Point to an address; `{trap}` is a port at which nothing may be asked, `{path}` the own."""
    return lambda asked: html(
        "", 302, Location=target.format(trap=asked.site.trap, path=asked.path)
    )


def _chain(asked: Asked) -> Page:
    sign = "&" if "?" in asked.path else "?"
    return html("", 302, Location=f"{asked.path}{sign}n={asked.visit}")


def _away(also: str, target: str, reason: str = "to offsite") -> Case:
    return Case(to(target), "redirected", reason, 1, 0, DONE_LATER, also=also)


FAULTS = (
    Fault(
        "a redirect without an end: to itself, or on and on",
        "`is failed`, in `scrapy status --failed` as `redirect loop`, and 3; six requests at most",
        LATER,
        "nothing",
        (
            Case(to("{path}"), "failed", "redirect loop", 3, 3, FAILED, also="to itself"),
            Case(_chain, "failed", "redirect loop", 6, 3, FAILED, also="on and on"),
            Case(
                to("{path}"),
                *("waiting", "robots.txt of {host} redirects more than 5 times", 6, 3),
                "robots.txt of {host} redirects more than 5 times",
                where=Where.START,
            ),
        ),
    ),
    Fault(
        "a redirect off the site: another host or port, this machine, a private address",
        "`addresses redirected` in the closing table, and `due later`",
        f"{LOOKS}; nothing is asked there",
        "where the newspaper has moved, tell us",
        (
            _away("another host", "https://www.example.org/news/1"),
            _away("this machine, another port", "http://127.0.0.1:{trap}{path}"),
            _away("its other name", "http://localhost:{trap}{path}"),
            _away("a private address", "http://10.0.0.1/news/1"),
            _away("where clouds keep secrets", "http://169.254.169.254/latest/meta-data/"),
            Case(
                to("https://www.example.org/"),
                *("redirected", "to offsite", 1, 0, "addresses are due later"),
                where=Where.MIDDLE,
            ),
        ),
    ),
    Fault(
        "a redirect out of the web: `file:`, `javascript:`, no address at all",
        "the same",
        LOOKS,
        "nothing",
        (
            _away("file:", "file:///etc/passwd", "nowhere"),
            _away("javascript:", "javascript:alert(1)", "nowhere"),
            _away("no address", "http://[bad", "nowhere"),
            _away("a megabyte", "/news/1?" + "x" * 10_000, "nowhere"),
        ),
    ),
)
