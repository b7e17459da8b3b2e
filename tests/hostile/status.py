"""Faults that the status tells: refusals, absences, errors, a site that asks for a pause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.replica.robots import challenge
from tests.hostile.body import DONE_LATER, LATER
from tests.hostile.connection import FAILED, PATIENT
from tests.hostile.rows import Answer, Asked, Case, Fault, Where, always, html

if TYPE_CHECKING:
    from observer_crawler.replica import Page

TROUBLE = "Stopped, the site answers with errors only: "
REFUSES = "The site refuses us ({}): no further try before tomorrow."
FORBIDDEN = "The site refuses us: every address is forbidden. No try before tomorrow."
CLOSED = "Stopped, nothing may be fetched without robots.txt: robots.txt of {host} answered "
# A crawl that the site refuses is over after this many answers.
FEW = range(1, 12)
DAY = "all other articles; this one is asked again the next day, then more and more seldom"


def status(number: int, **headers: str) -> Answer:
    return always(html(f"<h1>{number}</h1>", number, **headers))


def _at_first(asked: Asked) -> Page | None:
    busy = html("busy", 429, Retry_After="1")
    return None if asked.visit else busy


def _error(number: int) -> Case:
    return Case(status(number), "failed", str(number), 4, 3, FAILED, also=str(number))


def _refusal(number: int) -> tuple[Case, ...]:
    told = str(number)
    answer = status(number)
    return (
        Case(answer, "denied", told, 1, 0, DONE_LATER, also=told),
        Case(answer, "denied", told, FEW, 5, FORBIDDEN, where=Where.START, also=told),
        Case(answer, "denied", told, 1, 5, REFUSES.format(told), where=Where.MIDDLE, also=told),
    )


FAULTS = (
    Fault(
        "401, 403",
        "of one `due later`, and 0; five in a row or all: `The site refuses us`, and 5",
        DAY,
        "write to the newspaper (`OBSERVER_CONTACT` is there for that); wait a day",
        (*_refusal(401), *_refusal(403)),
    ),
    Fault(
        "a challenge page",
        "the same, with `challenge`",
        "all other articles; nothing of the challenge",
        "as above: there is no way past one, and none is sought",
        (
            Case(always(challenge("page")), "denied", "challenge", 1, 0, DONE_LATER, also="403"),
            Case(
                always(challenge("page-200")), "denied", "challenge", 1, 0, DONE_LATER, also="200"
            ),
            Case(
                lambda asked: None if asked.path == "/robots.txt" else challenge("page-200"),
                *("denied", "challenge", FEW, 5, FORBIDDEN),
                where=Where.START,
            ),
            Case(
                always(challenge("page")),
                *("denied", "challenge", 1, 5, REFUSES.format("challenge")),
                where=Where.MIDDLE,
            ),
        ),
    ),
    Fault(
        "404, 410",
        "`addresses missing` in the closing table, after each form of the address was asked",
        "all other articles; this one is not asked again",
        "nothing; where all are missing, an alarm says so",
        (
            *(
                Case(
                    status(number),
                    *("missing", str(number), 3, 0, "Done."),
                    also=str(number),
                    heals=False,
                )
                for number in (404, 410)
            ),
            Case(
                status(404),
                *("missing", "404", FEW, 3),
                "Neither the front page nor a section list nor a day index could be read.",
                where=Where.START,
            ),
        ),
    ),
    Fault(
        "429 and 503 without Retry-After",
        "`answered 429: nothing for 2.0 s`, each time twice as long, 300 s at most",
        LATER,
        "nothing; a larger `DOWNLOAD_DELAY` where it comes again",
        (
            _error(429),
            _error(503),
            Case(
                status(429),
                *("waiting", "robots.txt of {host} answered 429", 1, 3, CLOSED + "429"),
                where=Where.START,
                also="429",
            ),
            Case(
                status(429),
                *("waiting", "429", 1, 3, "(robots.txt of {host} answered 429)"),
                where=Where.MIDDLE,
                also="429",
            ),
        ),
    ),
    Fault(
        "429 and 503 with Retry-After",
        "`nothing for` as long as it says; beyond `OBSERVER_WAIT_SECONDS` the run ends with 3",
        "the articles read before it; all others wait, in the next runs too",
        "nothing before that moment; the same command goes on after it",
        (
            Case(
                _at_first, "stored", "", 2, 0, "answered 429: nothing for 1.0 s", also="a second"
            ),
            *(
                Case(
                    status(number, Retry_After="3600"),
                    *("waiting", str(number), 1, 3),
                    "Stopped, the site is busy: the site asked to be left alone until ",
                    also=f"an hour, {number}",
                )
                for number in (429, 503)
            ),
        ),
    ),
    Fault(
        "500, 502 and the like",
        "of one `is failed (500)` and 3; ten first tries in a row: `answers with errors only`, and 3",
        LATER,
        "nothing; the same command goes on",
        (
            _error(500),
            _error(502),
            *(
                Case(
                    status(number),
                    *("waiting", f"robots.txt of {{host}} answered {number}", 1, 3),
                    f"{CLOSED}{number}",
                    where=Where.START,
                    also=str(number),
                )
                for number in (500, 503)
            ),
            Case(
                status(500),
                *("waiting", "500", 1, 3, f"{TROUBLE}500."),
                where=Where.MIDDLE,
                settings=PATIENT,
                also="500",
            ),
        ),
    ),
)
