"""What stands next to the wire: the one reading of the clock, and the capture of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from observer_crawler.clock import Clock
from observer_crawler.exceptions import CaptureError
from observer_crawler.items import Capture
from observer_crawler.ledger import State
from observer_crawler.warc import Exchange, joined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from observer_crawler.archives import Source
    from observer_crawler.books import Books
    from observer_crawler.warc import Record

# The marks of a request that asks an archive: for a capture, for a page of its index.
OF_CAPTURE = "of_capture"
OF_INDEX = "of_index"
# Headers of the transfer: they speak of chunks that are gone, and of a length that is counted.
_OF_THE_TRANSFER = frozenset(("transfer-encoding", "content-length"))


# What only a proxy or a door was told. Records are given away.
_SECRET = frozenset(("proxy-authorization", "authorization", "cookie"))


class FetchTime:
    """Stamps an answer with the moment at which it came, in `meta["fetched_at"]`, UTC."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._clock = Clock(crawler.settings.get("OBSERVER_NOW") or "")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Count what goes out: each is one line in the site's access log."""
        self._crawler.stats.inc_value("observer/requests")

    def process_response(self, request: Request, response: Response) -> Response:
        """What is played from a record has the record's date already."""
        if "fetched_at" not in request.meta:
            books = books_of(self._crawler)
            now = (books.clock if books else self._clock).now()
            request.meta["fetched_at"] = now.isoformat(timespec="microseconds")
        return response


class FromArchive:
    """Turns the answer of a web archive into the one that it kept, with its own date.

    Nearest to the wire, so that all above see a page of the newspaper as it was answered then. What
    is the archive's own word (a refusal, an index) passes as it is.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raise NotConfigured for a crawl that asks no archive."""
        if getattr(crawler.spider, "source", None) is None:
            raise NotConfigured
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if not request.meta.get(OF_CAPTURE):
            return response
        source: Source = self._crawler.spider.source  # type: ignore[union-attr]
        found = source.archived(
            request.url, response.status, _pairs(response.headers), response.body
        )
        if found is None:
            return response
        request.meta["fetched_at"] = found.date
        request.meta["source_url"] = request.url
        return _response(found.url, found.status, found.headers, found.body)


class CaptureFailed(CaptureError, IgnoreRequest):
    """What Scrapy understands of CaptureError: the callback never sees the answer."""


class WarcCapture:
    """Keeps every answer as it came, before anything else is done with it.

    It stands next to FetchTime, whose stamp is the date of the record. An answer that cannot be
    kept ends the run: a signal's listener could not, for Scrapy only logs its errors.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        books = books_of(self._crawler)
        if books is None or not books.captures.is_on or "capture" in request.meta:
            return response
        try:
            request.meta["capture"] = books.captures.keep(_exchange(request, response, books))
        except CaptureError as err:
            scheduler: Any = self._crawler.engine.scheduler
            scheduler.end("capture", str(err))
            raise CaptureFailed(str(err)) from err
        self._crawler.stats.inc_value("observer/captured")
        return response


def _exchange(request: Request, response: Response, books: Books) -> Exchange:
    """Say what was asked and what came; the body was taken out of its chunks on the way."""
    answered = [
        pair for pair in _pairs(response.headers) if pair[0].lower() not in _OF_THE_TRANSFER
    ]
    source = request.meta.get("source_url", "")
    return Exchange(
        url=response.url if source else request.url,
        fetched_at=request.meta["fetched_at"],
        method=request.method,
        asked=tuple(pair for pair in _pairs(request.headers) if pair[0].lower() not in _SECRET),
        status=response.status,
        protocol=response.protocol or "HTTP/1.1",
        answered=(*answered, ("Content-Length", str(len(response.body)))),
        body=response.body,
        address=str(response.ip_address or ""),
        source=source,
        copied_at=books.clock.now().isoformat(timespec="microseconds") if source else "",
    )


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Give each header as often as it came."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


class AnswerFromCapture:
    """Reads an article again from its capture where only the links of its page are not known.

    That is so when a ledger was made anew, or when a run was killed between the line and the
    settlement. Nothing is asked, so neither manners nor the pace hold it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Give the answer as it was kept, None where the site must be asked."""
        books, visit = books_of(self._crawler), request.meta.get("visit")
        if books is None or visit is None or visit.lease.state is not State.WAITING:
            return None
        record = books.captured(visit.lease.name)
        if record is None:
            return None
        request.meta["fetched_at"] = record.date
        request.meta["capture"] = Capture(record.file, record.offset, record.id)
        self._crawler.stats.inc_value("observer/from_captures")
        return response_of(record)


def response_of(record: Record) -> Response:
    """Make of a record the response that it was made of."""
    return _response(record.url, record.status, record.http, joined(record))


def _response(url: str, status: int, pairs: Iterable[tuple[str, str]], body: bytes) -> Response:
    headers = Headers()
    for name, value in pairs:
        headers.appendlist(name.encode("latin-1"), value.encode("latin-1"))
    kind = responsetypes.from_args(headers=headers, url=url, body=body)
    return kind(url, status=status, headers=headers, body=body)


def books_of(crawler: Crawler) -> Books | None:
    """Give the ledger and the clock of a crawl; shell, fetch and check have none."""
    return getattr(crawler.spider, "books", None)
