"""Faults below HTTP: nobody listens, the connection breaks, certificates, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from observer_crawler.replica.page import Raw
from tests.hostile.rows import HEAD, Asked, Case, Fault, Where, always
from tests.hostile.site import dripping, raw, reset, sent, stalled

if TYPE_CHECKING:
    from observer_crawler.replica import Page

# Seconds of silence that a row bears, far above what an answer of the replica takes.
IMPATIENT = {"DOWNLOAD_TIMEOUT": 2, "OBSERVER_RETRY_ATTEMPTS": 2}
# Seconds to the second try of an address: longer than ten first tries in a row take.
PATIENT = {"OBSERVER_RETRY_SECONDS": 60}
# How often an article is asked while the site is silent: time decides.
SOME = range(1, 100)
OFFLINE = "Stopped, nobody answers: offline since "
CLOSED = "Stopped, nothing may be fetched without robots.txt: {host} cannot be reached"
FAILED = "1 address failed, 0 wait. scrapy status --failed shows why."
BROKEN_OFF = "the connection broke off"
UNTRUSTED = "no certificate to trust (certificate verify failed)"
WAITS = "the articles read before it; all others wait"


def _gone(asked: Asked) -> Page:
    asked.site.server.stop()
    return Raw(0)


def _expired(asked: Asked) -> Page:
    asked.site.show("expired")
    return raw(reset)


def _forgotten(asked: Asked) -> Page:
    (asked.site.folder / "unknown").touch()
    return raw(reset)


FAULTS = (
    Fault(
        "connection refused",
        "at the start one line that names host and port, and 3; later `offline since`, then the answer or 3",
        WAITS,
        "at the start look at `-a site=`; else nothing, the same command goes on",
        (
            Case(
                always(Raw(0)),
                *(
                    "waiting",
                    "{host} cannot be reached (Connection was refused by other side",
                    0,
                    3,
                    f"{CLOSED} (Connection was refused",
                ),
                where=Where.START,
                world="down",
            ),
            Case(
                _gone,
                *("waiting", "Connection was refused by other side", 1, 3, OFFLINE),
                where=Where.MIDDLE,
            ),
        ),
    ),
    Fault(
        "connection reset, closed without an answer, or no HTTP at all",
        "of one article `is failed (the connection broke off)` and 3; of all `offline since`",
        "all other articles; one that failed is tried again after 1, 4, 16 and each 30 days",
        "nothing",
        (
            Case(
                always(raw(reset)),
                *("failed", BROKEN_OFF, 4, 3, "{name} is failed (the connection broke off)"),
                also="reset",
            ),
            Case(
                always(raw(sent(b""))),
                *("failed", BROKEN_OFF, 4, 3, FAILED),
                also="closed",
            ),
            Case(
                always(raw(sent(b"SSH-2.0-OpenSSH_9.2\r\n"))),
                *("failed", BROKEN_OFF, 4, 3, FAILED),
                also="another protocol",
            ),
            Case(
                always(raw(reset)),
                *(
                    "waiting",
                    f"{{host}} cannot be reached ({BROKEN_OFF})",
                    1,
                    3,
                    f"{CLOSED} ({BROKEN_OFF})",
                ),
                where=Where.START,
                also="reset",
            ),
            Case(
                always(raw(reset)),
                *("waiting", BROKEN_OFF, SOME, 3, OFFLINE),
                where=Where.MIDDLE,
                also="reset",
            ),
        ),
    ),
    Fault(
        "slow loris (a byte now and then), an answer that stalls",
        "`took longer than 60 seconds` (`DOWNLOAD_TIMEOUT`, for the whole answer), then as above",
        "as above; half an answer is thrown away",
        "nothing; on a slow line a larger `DOWNLOAD_TIMEOUT`",
        (
            Case(
                always(raw(dripping(HEAD * 50))),
                *("failed", "took longer than 2.0 seconds", 2, 3, "took longer than 2.0 seconds"),
                settings=IMPATIENT,
                also="headers drip",
            ),
            Case(
                always(raw(dripping(HEAD + b"Content-Length: 9000\r\n\r\n" + b"x" * 9000))),
                *("failed", "took longer than 2.0 seconds", 2, 3, FAILED),
                settings=IMPATIENT,
                also="the body drips",
            ),
            Case(
                lambda asked: raw(stalled(asked.cut(0.5, of=1.0))),
                *("failed", "took longer than 2.0 seconds", 2, 3, FAILED),
                settings=IMPATIENT,
                also="the body stalls",
            ),
            Case(
                always(raw(dripping(HEAD * 50))),
                *(
                    "waiting",
                    "{host} cannot be reached (Getting",
                    1,
                    3,
                    "took longer than 2.0 seconds",
                ),
                where=Where.START,
                settings=IMPATIENT,
                also="headers drip",
            ),
            Case(
                always(raw(stalled(b""))),
                *("waiting", "took longer than 2.0 seconds", SOME, 3, OFFLINE),
                where=Where.MIDDLE,
                settings=IMPATIENT,
                also="silence",
            ),
        ),
    ),
    Fault(
        "a certificate that is self-signed, expired or another host's",
        "`no certificate to trust` with the reason, and 3; in mid-crawl `offline since`",
        WAITS,
        "look at the site in a browser, and at the clock of this machine; nothing is asked unverified",
        (
            *tuple(
                Case(
                    always(None),
                    *(
                        "waiting",
                        "{host} cannot be reached (no certificate to trust",
                        0,
                        3,
                        f"{CLOSED} (no certificate to trust ({why}))",
                    ),
                    where=Where.START,
                    world=f"https {kind}",
                    also=kind,
                )
                for kind, why in (
                    ("own", "certificate verify failed"),
                    ("expired", "certificate verify failed"),
                    ("other", "it is of another host"),
                )
            ),
            Case(
                _expired,
                *("waiting", UNTRUSTED, 1, 3, UNTRUSTED),
                where=Where.MIDDLE,
                world="https sound",
                also="expired",
            ),
        ),
    ),
    Fault(
        "a name that DNS does not know",
        "`DNS lookup failed`, and 3; in mid-crawl `offline since`",
        WAITS,
        "look at `-a site=` and at the network; the same command goes on",
        (
            Case(
                always(None),
                *(
                    "waiting",
                    "{host} cannot be reached (DNS lookup failed",
                    0,
                    3,
                    f"{CLOSED} (DNS lookup failed",
                ),
                where=Where.START,
                world="nameless",
            ),
            Case(
                _forgotten,
                *("waiting", "DNS lookup failed", 1, 3, OFFLINE),
                where=Where.MIDDLE,
                world="named",
            ),
        ),
    ),
)
