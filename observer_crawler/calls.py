"""A call to a service of somebody's own: one POST, bounded in time, its address kept a secret.

Whoever knows such an address can speak in its name, so only its origin is ever shown. A call that
fails is a text and never an error. This file must not know Scrapy.
"""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds for one call, all in: names, connection, answer. The end of a run waits for it.
SECONDS = 10.0
# A user or password before the host is refused: urllib does not send it.
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:[/?][!-~]*)?")


def is_address(text: str) -> bool:
    """Whether a text can be called; an empty one asks for no call at all.

    >>> is_address("https://hooks.example.org/5f1c"), is_address("hooks.example.org/5f1c")
    (True, False)
    """
    return not text or _ADDRESS.fullmatch(text) is not None


def origin_of(url: str) -> str:
    """Give the part of an address that is no secret.

    >>> origin_of("https://hooks.example.org:8443/5f1c?key=2")
    'https://hooks.example.org:8443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def call(url: str, body: str, content_type: str) -> str:
    """Post a body; give what went wrong, empty when the service took it."""
    headers = {"Content-Type": f"{content_type}; charset=utf-8"}
    request = urllib.request.Request(url, body.encode(), headers)  # noqa: S310 (see is_address)
    return in_time(lambda: _ask(request))


def in_time(ask: Callable[[], str]) -> str:
    """Do something that gives what went wrong, within SECONDS.

    In a thread of its own: a time-out of a socket counts from one packet to the next and not at
    all while a name is looked up.
    """
    outcome: SimpleQueue[str] = SimpleQueue()
    asking = threading.Thread(target=lambda: outcome.put(ask()), daemon=True)
    asking.start()
    try:
        return outcome.get(timeout=SECONDS)
    except Empty:
        return f"no answer within {SECONDS:g} s"


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the address is the user's word, where it leads to is a stranger's."""

    def redirect_request(self, *_: object) -> None:
        """Give nothing to go on with, so that the answer counts as it is."""


def _ask(request: urllib.request.Request) -> str:
    try:
        with urllib.request.build_opener(_StayHere).open(request, timeout=SECONDS):
            return ""
    except urllib.error.HTTPError as err:
        err.close()
        return f"it answered {err.code}"
    except OSError as err:
        return why(err)
    except (HTTPException, ValueError) as err:
        return type(err).__name__  # their texts may show the address


def why(err: OSError) -> str:
    """Say why nothing was reached, in few words."""
    reason = getattr(err, "reason", err)
    return getattr(reason, "strerror", "") or str(reason) or type(reason).__name__
