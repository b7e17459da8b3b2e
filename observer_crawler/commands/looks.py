"""A look: what one address answered, byte for byte, and what `read_page` made of it.

The doctor writes its looks into a zip file; `scrapy fixture` reads them back. The file comes
from another person, so its size, names and shapes are not trusted.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from observer_crawler import urls
from observer_crawler.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from observer_crawler.pages import Page

# What no page reaches, and several times what the doctor asks for (15 at most).
MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_LOOKS = 100
REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LOOK = re.compile(r"([0-9]{2}-[a-z0-9-]{1,40})/look\.json")
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
# zipfile's and json's ways of saying no; NotImplementedError is a packing zipfile cannot undo.
_UNREADABLE = (ValueError, KeyError, TypeError, NotImplementedError, EOFError, RecursionError)


@dataclass(slots=True)
class Look:
    """One address and what came of asking for it.

    `url` is the newspaper's own form, `asked` what was fetched, `body` as received (compressed
    when it came so). Without an answer `status` is None and `trouble` says why.
    """

    name: str
    url: str
    asked: str
    fetched_at: str | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    trouble: str | None = None
    target: str | None = None
    page: Page | None = None

    def header(self, name: str) -> str | None:
        """Give the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name), None)


def is_html(look: Look) -> bool:
    """Whether an answer calls itself a page, or says nothing."""
    kind = (look.header("content-type") or "text/html").lower()
    return bool(look.body) and "html" in kind


def is_old_form(url: str) -> bool:
    """Whether an address is an article's in a form of before the newest one."""
    address = urls.parse(url)
    return address.kind is urls.Kind.ARTICLE and address.url in address.forms[1:]


def has_forms(look: Look) -> bool:
    """Whether a look asked for an article whose address has several forms."""
    address = urls.parse(look.url)
    return address.kind is urls.Kind.ARTICLE and len(address.forms) > 1


def has_news(look: Look) -> bool:
    """Whether an answer shows an article, or sends on to the same one."""
    if look.target:
        return urls.parse(look.target).name == urls.parse(look.url).name
    return bool(look.status == HTTPStatus.OK and look.page and look.page.article)


def write_zip(path: Path, looks: Iterable[Look], report: str) -> None:
    """Write the looks in their order. Raises FileExistsError, OSError."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as file:
        file.writestr("report.txt", report)
        for number, look in enumerate(looks, 1):
            folder = f"{number:02}-{look.name}"
            told = asdict(look) | {"page": look.page and as_record(look.page)}
            del told["body"]
            file.writestr(f"{folder}/look.json", _json(told))
            file.writestr(f"{folder}/body", look.body)


def as_record(page: Page) -> dict[str, Any]:
    """Give what `read_page` made of a page as values of JSON."""
    return asdict(page)


def read_zip(path: Path) -> Iterator[tuple[str, Look]]:
    """Yield the looks with their folder's name. Raises ConfigurationError in one line."""
    try:
        with zipfile.ZipFile(path) as file:
            folders = [found[1] for name in file.namelist() if (found := _LOOK.fullmatch(name))]
            if not folders or len(folders) > MAX_LOOKS:
                raise ConfigurationError(
                    f"{path}: {len(folders)} looks; expected 1 to {MAX_LOOKS}"
                )
            for folder in folders:
                yield folder, _read_look(file, folder)
    except OSError as err:
        raise ConfigurationError(f"{path} cannot be read: {err.strerror or err}") from err
    except (zipfile.BadZipFile, zlib.error, *_UNREADABLE) as err:
        raise ConfigurationError(f"{path} was not written by scrapy doctor: {err}") from err


def _read_look(file: zipfile.ZipFile, folder: str) -> Look:
    told = json.loads(_read(file, f"{folder}/look.json"))
    headers = [(str(name), str(value)) for name, value in told["headers"]]
    name, url, asked = (str(told[key]) for key in ("name", "url", "asked"))
    fetched_at = told["fetched_at"] and str(told["fetched_at"])
    status = told["status"] and int(told["status"])
    return Look(name, url, asked, fetched_at, status, headers, _read(file, f"{folder}/body"))


def _read(file: zipfile.ZipFile, name: str) -> bytes:
    """Unpack one file, no further than a page may be long, whatever its header claims."""
    with file.open(name) as packed:
        data = packed.read(MAX_BODY_BYTES + 1)
    return _limited(data, name)


def decoded(look: Look) -> bytes:
    """Undo the compression of the transfer. Raises ConfigurationError."""
    encoding = (look.header("content-encoding") or "identity").strip().lower()
    if encoding == "identity" or not look.body:
        return look.body
    if encoding not in _WINDOWS:
        raise ConfigurationError(f"{look.url}: Content-Encoding {encoding!r} is not read here")
    for window in (_WINDOWS[encoding], -15):  # deflate comes with its frame or without
        unpacker = zlib.decompressobj(window)
        try:
            return _limited(unpacker.decompress(look.body, MAX_BODY_BYTES + 1), look.url)
        except zlib.error:
            continue
    raise ConfigurationError(f"{look.url}: its body is not {encoding}")


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BODY_BYTES:
        raise ConfigurationError(f"{name} unpacks to more than {MAX_BODY_BYTES:,} bytes")
    return data


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True)
