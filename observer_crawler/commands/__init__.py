"""The project's commands, one door each, and what they check before they open it.

Every error that a person can make with a name or a value ends a command with one line on
standard error and exit code 1, before anything is started or written.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.utils.conf import closest_scrapy_cfg

from observer_crawler import settings as defaults
from observer_crawler import urls
from observer_crawler.exceptions import ConfigurationError, ObserverError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.settings import BaseSettings

_PREFIX = "OBSERVER_"
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_WEB = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?(/[!-~]*)?")


@contextmanager
def one_line() -> Iterator[None]:
    """Turn an error of ours into one line on standard error and exit code 1."""
    try:
        yield
    except ObserverError as err:
        sys.exit(f"scrapy: {err}")


def check_settings(settings: BaseSettings) -> None:
    """Refuse a misspelt OBSERVER_ name, and make the data folder absolute.

    Raises UnknownName with the nearest right name.
    """
    known = [name for name in vars(defaults) if name.startswith(_PREFIX)]
    for name in [*os.environ, *settings]:
        if name.startswith(_PREFIX) and name not in known:
            raise UnknownName("setting", name, known)
    for name, kind in _VALUES.items():
        _check_value(settings, name, kind)
    root = Path(closest_scrapy_cfg() or "scrapy.cfg").parent
    data = root / Path(settings["OBSERVER_DATA"]).expanduser()
    settings.set("OBSERVER_DATA", str(data.absolute()), priority="cmdline")


def _check_value(settings: BaseSettings, name: str, kind: Callable[[str], object]) -> None:
    got = settings[name]
    try:
        value = kind(str(got))
    except ValueError as err:
        raise ConfigurationError(f"{name}: {err}") from err
    if isinstance(value, int | float) and value < 0:
        raise ConfigurationError(f"{name}: expected a number from 0 up, got {got!r}")


def _moment(text: str) -> dt.datetime | None:
    moment = dt.datetime.fromisoformat(text) if text else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"expected a moment with its zone, got {text!r}")
    return moment


def check_contact(settings: BaseSettings, url: str) -> None:
    """Refuse to ask somebody else's host without saying who asks."""
    contact = settings.get("OBSERVER_CONTACT") or ""
    if contact and not (_MAIL.fullmatch(contact) or _WEB.fullmatch(contact)):
        raise ConfigurationError(
            f"OBSERVER_CONTACT: expected a mail or web address like you@example.org or "
            f"https://example.org/about, got {contact!r}"
        )
    if not contact and not urls.is_loopback(url):
        raise ConfigurationError(
            f"OBSERVER_CONTACT is not set: asking {urls.origin_of(url)} needs a mail or web "
            "address at which you can be reached, as in -s OBSERVER_CONTACT=you@example.org"
        )


_VALUES: dict[str, Callable[[str], object]] = {
    "OBSERVER_RETRY_ATTEMPTS": int,
    "OBSERVER_RETRY_SECONDS": float,
    "OBSERVER_WAIT_SECONDS": float,
    "OBSERVER_NOW": _moment,
    "DOWNLOAD_DELAY": float,
    "CONCURRENT_REQUESTS": int,
}
