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
import re
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from observer_crawler.exceptions import ObserverError

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

# Seconds for one call, all in: names, connection, answer. A night may wait for two of them.
SECONDS = 10.0
TRIES = 2
# A user or password before the host is refused: urllib does not send it.
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:[/?][!-~]*)?")


def is_address(text: str) -> bool:
    """Whether a text can be called; an empty one asks for no heartbeat at all.

    >>> is_address("https://hc.example.org/ping/5f1c"), is_address("hc.example.org/ping/5f1c")
    (True, False)
    """
    return not text or _ADDRESS.fullmatch(text) is not None


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
            if not (why := self._try(word, body)):
                return
        service = urlsplit(self._url)
        origin = f"{service.scheme}://{service.netloc}"
        logger.warning("the heartbeat /%s did not reach %s: %s", word, origin, why)

    def _try(self, word: str, body: str) -> str:
        """Call once; give what went wrong, empty when the service took it.

        In a thread of its own: a time-out of urllib counts from one packet to the next and not at
        all while a name is looked up.
        """
        request = urllib.request.Request(  # noqa: S310 (http or https: see is_address)
            _below(self._url, word), body.encode(), {"Content-Type": "text/plain; charset=utf-8"}
        )
        outcome: SimpleQueue[str] = SimpleQueue()
        asking = threading.Thread(target=lambda: outcome.put(_ask(request)), daemon=True)
        asking.start()
        try:
            return outcome.get(timeout=SECONDS)
        except Empty:
            return f"no answer within {SECONDS:g} s"


def _ask(request: urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 (as above)
            return ""
    except urllib.error.HTTPError as err:
        err.close()
        return f"it answered {err.code}"
    except OSError as err:
        reason = getattr(err, "reason", err)
        return getattr(reason, "strerror", "") or str(reason) or type(reason).__name__
    except (HTTPException, ValueError) as err:
        return type(err).__name__  # their texts may show the address


def _below(url: str, word: str) -> str:
    """Give the address of a call; a query stays behind it.

    >>> _below("https://hc.example.org/ping/5f1c/?create=1", "start")
    'https://hc.example.org/ping/5f1c/start?create=1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}", fragment=""))
