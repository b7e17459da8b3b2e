"""What nobody may fetch or export, whatever the crawl finds: `exclude.txt` of the data folder.

Its author, or whoever the article is about, asked for that; so each line has a day and a
reason. A line that cannot be read stops the run at its start: fetching what was to be left alone
would be worse. Must not know Scrapy, the ledger or the segments.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from observer_crawler import urls
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.kinds import SPACE
from observer_crawler.site import KNOWN, LANGUAGES, SPACES

if TYPE_CHECKING:
    from pathlib import Path

FILE = "exclude.txt"

_ID = re.compile(rf"({SPACE}):0*([1-9][0-9]{{0,8}})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTS = 3
_KNOWN = f"{SPACES[LANGUAGES[0]]}:{KNOWN[LANGUAGES[0]]}"
_EXPECTED = f"expected an id or address, a day and a reason, like {_KNOWN} 2026-11-01 asked by ..."


def read(path: Path) -> dict[str, str]:
    """Give the reason, its day first, for the canonical name of each excluded address.

    A missing file excludes nothing. Raises ConfigurationError with the number of a wrong line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigurationError(f"{path} cannot be read: {err}") from err
    lines = enumerate(text.split("\n"), start=1)
    return dict(_read_line(path, number, line) for number, line in lines if _is_entry(line))


def _is_entry(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _read_line(path: Path, number: int, line: str) -> tuple[str, str]:
    parts = line.split(maxsplit=_PARTS - 1)
    name = _name(parts[0])
    if len(parts) < _PARTS or name is None or not _is_day(parts[1]):
        raise ConfigurationError(f"{path}, line {number}: {_EXPECTED}, got {line.strip()!r}")
    return name, f"{parts[1]} {parts[2].strip()}"


def _name(text: str) -> str | None:
    """Give the canonical name of an id or of any form of an address, None for what is neither.

    >>> _name("B:0370580"), _name("/details.php?id=370580"), _name("b:0")
    ('b:370580', 'b:370580', None)
    """
    if match := _ID.fullmatch(text.lower()):
        return f"{match[1]}:{match[2]}"
    is_bare = "://" not in text and not text.startswith("/")
    url = urls.resolve(f"//{text}" if is_bare else text, urls.front().url)
    address = urls.parse(url) if url else None
    return address.name if address and address.kind in urls.KEPT else None


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and dt.date.fromisoformat(text) is not None
    except ValueError:
        return False
