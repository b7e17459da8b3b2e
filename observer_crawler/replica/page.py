"""An answer of the site."""

import gzip
from dataclasses import dataclass, field

HTML = "text/html"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. The body is not compressed; `headers` lack its length."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def gzipped(self) -> bytes:
        """Return the body compressed, the same bytes each time."""
        return gzip.compress(self.body, 5, mtime=0)


def plain(status: int, text: str) -> Page:
    """Return a short answer in plain text."""
    return Page(status, {"Content-Type": TEXT}, text.encode())
