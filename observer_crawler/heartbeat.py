"""Tells a dead-man service that a run has begun and how it ended.

Such a service (Healthchecks and its like) sends an alarm when an expected call does not come, so it
also tells of what nobody is left to tell: a timer that is off, a kill -9, a machine that is away.
The convention is Healthchecks': `URL/start`, then `URL/CODE` with the exit code; 0 is a success.

The address is a secret (whoever knows it can say that all is well): only its origin is ever shown.
A call that cannot be delivered is one warning and changes nothing else. This file must not know
Scrapy.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from observer_crawler.calls import call, is_address, origin_of
from observer_crawler.exceptions import ObserverError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

# A night may wait for two calls, each of calls.SECONDS.
TRIES = 2


class Heartbeat:
    """One address, or none: then every call is nothing."""

    def __init__(self, url: str) -> None:
        """A text that is no address calls nobody: check_settings refuses it in words."""
        self._url = url if is_address(url) else ""

    def start(self) -> None:
        """Say that a run begins."""
        self._call("start", "")

    def end(self, code: int, line: str) -> None:
        """Say how it ended: the exit code in the address, the ending's line as the body."""
        self._call(str(code), line)

    @contextmanager
    def told_of_failure(self) -> Iterator[None]:
        """Tell of an error of ours that keeps a run from starting, and pass it on."""
        try:
            yield
        except ObserverError as err:
            self.end(err.code, str(err))
            raise

    def _call(self, word: str, body: str) -> None:
        if not self._url:
            return
        why = ""
        for _ in range(TRIES):
            if not (why := call(_below(self._url, word), body, "text/plain")):
                return
        logger.warning("the heartbeat /%s did not reach %s: %s", word, origin_of(self._url), why)


def _below(url: str, word: str) -> str:
    """Give the address of a call; a query stays behind it.

    >>> _below("https://hc.example.org/ping/5f1c/?create=1", "start")
    'https://hc.example.org/ping/5f1c/start?create=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}", fragment=""))
