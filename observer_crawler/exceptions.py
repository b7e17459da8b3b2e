"""Every error of the project, in one tree.

    ObserverError
    ├── ConfigurationError     a value someone typed is wrong: nothing was started
    │   ├── UnknownName        an argument, setting or section that does not exist
    │   └── WrongOrigin        the data folder belongs to another site
    ├── AddressError           an address that the grammar cannot read
    ├── StoreError             a segment cannot be written or read: the crawl ends
    ├── CaptureError           an answer cannot be kept or read back: the crawl ends
    ├── LedgerError            the ledger cannot be read or written: the crawl ends
    │   ├── LedgerBroken       its file is damaged: it is made anew from the segments
    │   └── LedgerTooNew       a newer program wrote it
    ├── AlarmError             the figures of the runs cannot be read or written: no alarm is told
    ├── SegmentLocked          another process writes to this data folder
    ├── DiskLow                too little is free to begin: the same command goes on later
    ├── ExportError            a dataset cannot be made: what was there before stays as it was
    ├── RefusedArticle         a page was read, its article is not storable
    └── RequestStopped         a request that is not made, or not any more
        ├── NoContact          it would go to another host without OBSERVER_CONTACT
        ├── RobotsForbids      robots.txt names its address
        ├── RobotsUnreachable  robots.txt could not be read: nothing may be fetched
        ├── AskedToWait        the site asked for a longer pause than a run stays for
        ├── PrivateAddress     its host is, or leads to, no address of the public internet
        └── NotRecorded        a replay has no record of it

This file must not know Scrapy or any other room.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class ObserverError(Exception):
    """Base of all errors that this project raises; its text is one line for a person.

    `code` is the exit code of a command that it ends.
    """

    code = 1


class ConfigurationError(ObserverError):
    """A typed value is wrong. Raised at the start by spiders, settings and commands."""


class UnknownName(ConfigurationError):
    """A name that does not exist. Raised where arguments and settings are read."""

    def __init__(self, what: str, got: str, known: Iterable[str]) -> None:
        """Say what `got` was meant to be and, when one is near, which of `known` is nearest."""
        names = sorted(set(known))
        near = get_close_matches(got.lower(), names, n=1, cutoff=0.5) or get_close_matches(
            got, names, n=1, cutoff=0.5
        )
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
        super().__init__(f"unknown {what} {got!r}; {hint}")


class WrongOrigin(ConfigurationError):
    """The data folder was filled from another site. Raised before anything is written."""


class AddressError(ObserverError):
    """An address that is none. Raised by `urls` for what a person typed, never for links."""


class StoreError(ObserverError):
    """A segment cannot be written or read. Raised by `store`; ends the crawl."""


class CaptureError(ObserverError):
    """A WARC file cannot be written or read. Raised by `warc`; ends the crawl."""


class LedgerError(ObserverError):
    """The ledger cannot be read or written. Raised by `ledger`; ends the crawl."""


class LedgerBroken(LedgerError):
    """The ledger's file is damaged. Raised by `ledger`; the next start makes it anew."""


class LedgerTooNew(LedgerError):
    """The ledger has a version that this program does not know. Raised when it is opened."""


class AlarmError(ObserverError):
    """Figures or alarms of the runs cannot be read or written. Raised by `alarm`; a crawl goes on."""


class SegmentLocked(ObserverError):
    """Another process writes to this data folder. Raised by `store` when it opens."""


class DiskLow(ObserverError):
    """Less than OBSERVER_MIN_FREE_GB is free. Raised by `extensions` before anything is asked."""

    code = 3


class ExportError(ObserverError):
    """A dataset cannot be made. Raised by `dataset`; nothing of it is left, the old ones stay."""


class RefusedArticle(ObserverError):
    """An article that may not be stored. Raised by the validation, with a short reason."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """`reason` is a short stable word (it becomes a statistic), `detail` is for people."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class RequestStopped(ObserverError):
    """A request that manners forbid. Raised by `middlewares`, met again in the spiders."""


class NoContact(RequestStopped):
    """Somebody else's host, and no OBSERVER_CONTACT to name."""


class RobotsForbids(RequestStopped):
    """robots.txt names the address."""

    def __init__(self, text: str, *, is_all: bool = False) -> None:
        """`is_all`: nothing else that a crawl asks for is allowed either."""
        super().__init__(text)
        self.is_all = is_all


class RobotsUnreachable(RequestStopped):
    """robots.txt answered 5xx, 429 or not at all (RFC 9309, 2.3.1.4)."""

    def __init__(self, text: str, *, unanswered: bool = False, is_private: bool = False) -> None:
        """`unanswered`: it failed below HTTP, as it does when we are offline.

        `is_private`: it stands, or is redirected to, where nothing is asked.
        """
        super().__init__(text)
        self.unanswered = unanswered
        self.is_private = is_private


class AskedToWait(RequestStopped):
    """A 429 or 503 came with a Retry-After beyond OBSERVER_WAIT_SECONDS, now or in an earlier run."""


class PrivateAddress(RequestStopped):
    """This machine, its network, or another place that is not public, and that nobody typed.

    Raised by `connections`, before anything is sent.
    """

    is_private = True


class NotRecorded(RequestStopped):
    """A replay was asked for an address that its files have no answer of."""


# Errors of the download that come without words, or with a list of Twisted's failures for one.
_WORDS = {
    "DownloadFailedError": "the connection broke off",
    "ResponseDataLossError": "only a part of the answer came",
}


def in_words(error: BaseException | None) -> str:
    """Say what went wrong.

    >>> in_words(OSError()), in_words(OSError("Connection refused."))
    ('OSError', 'Connection refused')
    """
    if error is not None and (why := _of_certificate(error)):
        return f"no certificate to trust ({why})"
    text = str(error)
    if text and "twisted" not in text:
        return text.rstrip(".")
    name = type(error).__name__
    return _WORDS.get(name, name)


def _of_certificate(error: BaseException) -> str:
    """Say what OpenSSL or service_identity found wrong, empty for any other error.

    Both are known by their shapes, for this room imports no library: a list of triples whose last
    part is the reason, and `errors` that say which name was not found.
    """
    for reason in getattr(error.__cause__, "reasons", ()):
        found = getattr(reason, "value", None)
        if getattr(found, "errors", None):
            return "it is of another host"
        told = found.args[0] if found is not None and found.args else None
        if isinstance(told, list) and told and "certificate" in str(told[0][-1]):
            return str(told[0][-1])
    return ""
