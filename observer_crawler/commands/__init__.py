"""The project's commands, one door each, and what they check before they open it.

Every error that a person can make with a name or a value ends a command with one line on
standard error and exit code 1, before anything is started or written.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scrapy.utils.conf import closest_scrapy_cfg

from observer_crawler import cells, mails, urls
from observer_crawler import settings as defaults
from observer_crawler.calls import is_address
from observer_crawler.exceptions import ConfigurationError, ObserverError, UnknownName
from observer_crawler.origins import without_password
from observer_crawler.pace import Hours
from observer_crawler.site import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scrapy.settings import BaseSettings

_PREFIX = "OBSERVER_"
# RFC 9309, 2.4: robots.txt should not be remembered for more than 24 hours.
MOST_HOURS = 24
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_YEARS = range(1000, 9000)
_WEB = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?(/[!-~]*)?")


class Value(NamedTuple):
    """What a setting must be, in words and as a test that may raise ValueError."""

    expected: str
    fits: Callable[[str], bool]
    is_secret: bool = False


@contextmanager
def one_line() -> Iterator[None]:
    """Turn an error of ours into one line on standard error and its exit code, 1 as a rule."""
    try:
        yield
    except ObserverError as err:
        tell(f"scrapy: {err}")
        sys.exit(err.code)


@contextmanager
def read_along() -> Iterator[None]:
    """End the writing in silence where whoever read along has enough (`| head`)."""
    try:
        yield
    except BrokenPipeError:
        # Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Write a text for whoever reads along, in UTF-8 whatever the locale, and nothing to obey."""
    with read_along():
        sys.stdout.buffer.write(f"{cells.visible_lines(text)}\n".encode("utf-8", "replace"))
        sys.stdout.flush()


def tell(text: str) -> None:
    """Write a text of our own to standard error: what it quotes of strangers stays text."""
    print(cells.visible_lines(text), file=sys.stderr)


def as_object(value: object) -> str:
    """Write a value for programs, and for the terminal that one looks at it with."""
    return cells.escaped(json.dumps(value, ensure_ascii=False, indent=2))


def check_settings(settings: BaseSettings) -> None:
    """Refuse a misspelt OBSERVER_ name, make the data folder absolute, and keep it private.

    From here on nobody else may read what this process writes, whatever its umask was. Raises
    UnknownName with the nearest right name.
    """
    os.umask(0o077)
    known = [name for name in vars(defaults) if name.startswith(_PREFIX)]
    for name in [*os.environ, *settings]:
        if name.startswith(_PREFIX) and name not in known:
            raise UnknownName("setting", name, known)
    for name, kind in _VALUES.items():
        _check_value(settings, name, kind)
    root = Path(closest_scrapy_cfg() or "scrapy.cfg").parent
    data = root / Path(settings["OBSERVER_DATA"]).expanduser()
    settings.set("OBSERVER_DATA", str(data.absolute()), priority="cmdline")


def _check_value(settings: BaseSettings, name: str, kind: Value) -> None:
    got = settings[name]
    try:
        is_right = kind.fits(str(got))
    except (ValueError, OverflowError):
        is_right = False
    if not is_right:
        shown = repr(without_password(str(got)))
        if kind.is_secret:
            shown = "something else (it is not shown here)"
        raise ConfigurationError(f"{name}: expected {kind.expected}, got {shown}")


def _is_moment(text: str) -> bool:
    """Whether the clock may start there; a year at either end of the calendar leaves no room."""
    moment = dt.datetime.fromisoformat(text) if text else None
    return moment is None or (moment.tzinfo is not None and moment.year in _YEARS)


def _are_hours(text: str) -> bool:
    try:
        Hours.read(text)
    except ConfigurationError:
        return False
    return True


def _are_days(text: str) -> bool:
    """Whether a text lists ages in days; an empty one asks for no revisit at all."""
    return all(0 < float(part) < math.inf for part in text.split(",") if text.strip())


def check_contact(settings: BaseSettings, url: str) -> None:
    """Refuse to ask somebody else's host without saying who asks."""
    contact = settings.get("OBSERVER_CONTACT") or ""
    if contact and not (_MAIL.fullmatch(contact) or _WEB.fullmatch(contact)):
        raise ConfigurationError(
            f"OBSERVER_CONTACT: expected a mail or web address like you@example.org or "
            f"https://example.org/about, got {contact!r}"
        )
    if urls.is_loopback(url):
        return
    if not contact:
        raise ConfigurationError(
            f"OBSERVER_CONTACT is not set: asking {urls.origin_of(url)} needs a mail or web "
            "address at which you can be reached, as in -s OBSERVER_CONTACT=you@example.org"
        )
    if not settings.getbool("ROBOTSTXT_OBEY"):
        raise ConfigurationError(f"ROBOTSTXT_OBEY is off: {urls.origin_of(url)} is not asked so")
    if defaults.BOT_NAME not in str(settings["USER_AGENT"]):
        raise ConfigurationError(
            f"USER_AGENT: expected {defaults.BOT_NAME!r} in it, got {settings['USER_AGENT']!r}"
        )


_EXAMPLE = dt.datetime(2022, 6, 16, 21, tzinfo=ZONE).isoformat()
_MOMENT = Value(f"a moment with its zone like {_EXAMPLE}", _is_moment)
_SECONDS = Value("a number from 0 up", lambda text: 0 <= float(text) < math.inf)
_NUMBER = Value("a whole number from 0 up", lambda text: int(text) >= 0)
_AT_LEAST_ONE = Value("a whole number from 1 up", lambda text: int(text) >= 1)
_A_DAY_AT_MOST = Value(
    f"a number above 0, at most {MOST_HOURS}", lambda text: 0 < float(text) <= MOST_HOURS
)
_ARCHIVE = Value(
    "an address like https://archive.example.org, or nothing",
    lambda text: all(map(is_address, text.split())),
)
_VALUES = {
    "OBSERVER_DATA": Value("a folder", lambda text: bool(text.strip()) and "\0" not in text),
    "OBSERVER_RETRY_ATTEMPTS": _AT_LEAST_ONE,
    "OBSERVER_RETRY_SECONDS": _SECONDS,
    "OBSERVER_WAIT_SECONDS": _SECONDS,
    "OBSERVER_WATCHDOG_SECONDS": _SECONDS,
    "OBSERVER_MIN_FREE_GB": _SECONDS,
    "OBSERVER_OFFLINE_LIMIT": _SECONDS,
    "OBSERVER_LIST_PAGES": _AT_LEAST_ONE,
    "OBSERVER_REVISIT_DAYS": Value("numbers of days like 1,7,30", _are_days),
    "OBSERVER_NOW": _MOMENT,
    "OBSERVER_ROBOTS_HOURS": _A_DAY_AT_MOST,
    "OBSERVER_DAILY_REQUESTS": _NUMBER,
    "OBSERVER_HOURS": Value("two different hours of the day like 22-06, or nothing", _are_hours),
    "OBSERVER_CAPTURE": Value("1, 0 or nothing", lambda text: text in {"", "0", "1"}),
    "OBSERVER_HEARTBEAT": Value(
        "an address like https://hc.example.org/ping/ID, or nothing", is_address, is_secret=True
    ),
    "OBSERVER_ALARM_WEBHOOK": Value(
        "an address like https://hooks.example.org/ID, or nothing", is_address, is_secret=True
    ),
    "OBSERVER_ALARM_MAIL": Value(
        "mail addresses like you@example.org with commas between, or nothing",
        lambda text: not text or bool(mails.addresses(text)),
        is_secret=True,
    ),
    "OBSERVER_ALARM_SMTP": Value(
        "a server like smtp://localhost or smtps://USER:PASSWORD@mail.example.org",
        lambda text: mails.read_server(text) is not None,
        is_secret=True,
    ),
    "OBSERVER_ARCHIVE_SECONDS": _SECONDS,
    "OBSERVER_ARCHIVE_INDEX_SECONDS": _SECONDS,
    "OBSERVER_ARCHIVE_PAUSE_SECONDS": _SECONDS,
    "OBSERVER_WAYBACK": _ARCHIVE,
    "OBSERVER_COMMON_CRAWL": _ARCHIVE,
    "OBSERVER_WARC_GB": Value("a number above 0", lambda text: 0 < float(text) < math.inf),
    "DOWNLOAD_DELAY": _SECONDS,
    "DOWNLOAD_DELAY_JITTER": _SECONDS,
    "DOWNLOAD_MAXSIZE": _NUMBER,
    "DOWNLOAD_TIMEOUT": Value("a number above 0", lambda text: 0 < float(text) < math.inf),
    "CONCURRENT_REQUESTS": _NUMBER,
    "CONCURRENT_REQUESTS_PER_DOMAIN": _AT_LEAST_ONE,
}
