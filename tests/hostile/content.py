"""Answers that say 200 and are not what they say: types, charsets, errors that look like pages."""

from __future__ import annotations

from observer_crawler.replica import Page
from tests.hostile.body import LATER, LOOKS
from tests.hostile.connection import FAILED, PATIENT
from tests.hostile.rows import Answer, Case, Fault, Where, always, html
from tests.hostile.status import TROUBLE

DOWN = "<title>Database Error</title><h1>Error establishing a database connection</h1>"
NO_PAGE = "no page of the newspaper: "
DATABASE = f"{NO_PAGE}'Error establishing a database connection'"
NOISE = bytes(range(256)) * 100


def typed(kind: str) -> Answer:
    """Give the right page with another Content-Type."""
    return lambda asked: Page(200, {"Content-Type": kind}, asked.body)


FAULTS = (
    Fault(
        "a soft error page (`Error establishing a database connection`) with 200 or 500",
        "`is failed (no page of the newspaper: '...')` and 3; `answers with errors only` where all are so",
        LATER,
        "nothing; the same command goes on",
        (
            Case(always(html(DOWN)), "failed", DATABASE, 4, 3, DATABASE, also="200"),
            Case(always(html(DOWN, 500)), "failed", "500", 4, 3, FAILED, also="500"),
            Case(
                always(html(DOWN)),
                *("failed", DATABASE, range(5, 30), 3, "4 addresses failed"),
                where=Where.START,
                also="200",
            ),
            Case(
                always(html(DOWN)),
                *("waiting", DATABASE, 1, 3, TROUBLE + DATABASE),
                where=Where.MIDDLE,
                settings=PATIENT,
                also="200",
            ),
        ),
    ),
    Fault(
        "an article as `application/octet-stream` or a picture's type",
        "`articles refused, not_text` in the closing table, and `due later`",
        LOOKS,
        "look at the address",
        tuple(
            Case(typed(kind), "refused", "not_text", 1, 0, "articles refused, not_text", also=kind)
            for kind in ("application/octet-stream", "image/jpeg")
        ),
    ),
    Fault(
        "a PDF or a picture as `text/html`",
        "`is failed (no page of the newspaper: '%PDF-...')` and 3",
        LATER,
        "look at the address; nothing where it is no article",
        (
            Case(
                always(html(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + NOISE)),
                *("failed", f"{NO_PAGE}'%PDF-1.4", 4, 3, FAILED),
                also="PDF",
            ),
            Case(
                always(html(b"\xff\xd8\xff\xe0\0\x10JFIF" + NOISE)),
                *("failed", NO_PAGE, 4, 3, FAILED),
                also="JPEG",
            ),
        ),
    ),
    Fault(
        "a wrong or unknown charset, no type, `text/plain`",
        "nothing",
        "the article, as it is: bytes that are sound UTF-8 are read as UTF-8 whatever is said of them",
        "nothing",
        tuple(
            Case(typed(kind), "stored", "", 1, 0, "Done.", also=kind)
            for kind in (
                "text/html; charset=iso-8859-1",
                "text/html; charset=utf-16",
                "text/html; charset=klingon",
                "text/plain",
            )
        ),
    ),
)
