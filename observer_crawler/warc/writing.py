"""Write one exchange, the question and the answer, as WARC records: bytes in, bytes out.

The body stands as it was received, still packed. What Scrapy does not hand on, or has changed,
is named in docs/captures.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from http.client import responses
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from observer_crawler.warc.records import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from warcio.recordloader import ArcWarcRecord

VERSION = "WARC/1.1"
Headers = tuple[tuple[str, str], ...]


@dataclass(slots=True, frozen=True)
class Exchange:
    """A request and its answer, next to the wire.

    `fetched_at` is UTC, ISO 8601 to the microsecond; headers are latin-1, without Host and
    Transfer-Encoding; `body` is as received. `source` is the web archive's address of an answer
    that was copied from there, `copied_at` when: then `fetched_at` is the date of the capture, and
    nobody asked the question.
    """

    url: str
    fetched_at: str
    method: str
    asked: Headers
    status: int
    protocol: str
    answered: Headers
    body: bytes
    address: str = ""
    source: str = ""
    copied_at: str = ""

    @property
    def written_at(self) -> str:
        """The moment of the writing, by which files are named."""
        return self.copied_at or self.fetched_at


@dataclass(slots=True, frozen=True)
class Original:
    """The record that holds a body which has come again."""

    url: str
    date: str
    record_id: str


def warc_date(fetched_at: str) -> str:
    """Write a moment as WARC/1.1 has it.

    >>> warc_date("2026-11-26T14:26:49.123456+00:00")
    '2026-11-26T14:26:49.123456Z'
    """
    return fetched_at.removesuffix("+00:00") + "Z"


class _AsReceived(StatusAndHeaders):  # type: ignore[misc] # warcio has no types
    """Headers byte for byte: warcio would rewrite those that are not ASCII."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:  # noqa: ANN401 (warcio's own)
        text: str = self.to_str(filter_func)
        return text.encode("latin-1") + b"\r\n"


class Records:
    """Packs records, each a gzip member of its own."""

    def __init__(self) -> None:
        self._out = BytesIO()
        self._writer = WARCWriter(self._out, gzip=True, warc_version=VERSION)
        self._info_id = ""

    def info(self, name: str, moment: str, fields: Mapping[str, str]) -> bytes:
        """Pack the first record of a file, which says how all others came about."""
        record = self._writer.create_warcinfo_record(name, fields)
        record.rec_headers.replace_header("WARC-Date", warc_date(moment))
        self._info_id = record.rec_headers.get_header("WARC-Record-ID")
        return self._pack([record])

    def exchange(
        self, exchange: Exchange, digest: str, original: Original | None
    ) -> tuple[bytes, str]:
        """Pack answer and request; gives them, the answer first, and the answer's record id.

        A copied answer has no request: that was another's.

        `digest` is that of the body. With an `original` the answer is a revisit record, without a body of its own.
        """
        answer = (
            self._revisit(exchange, digest, original)
            if original
            else self._answer(exchange, digest)
        )
        record_id: str = answer.rec_headers.get_header("WARC-Record-ID")
        if exchange.source:
            return self._pack([answer]), record_id.strip("<>")
        asked = _question(exchange)
        request = self._record(exchange, "request", asked, {"WARC-Concurrent-To": record_id})
        return self._pack([answer, request]), record_id.strip("<>")

    def _answer(self, exchange: Exchange, digest: str) -> ArcWarcRecord:
        more = {"WARC-Payload-Digest": digest}
        if exchange.address:
            more["WARC-IP-Address"] = exchange.address
        return self._record(exchange, "response", _answered(exchange), more, exchange.body)

    def _revisit(self, exchange: Exchange, digest: str, original: Original) -> ArcWarcRecord:
        return self._writer.create_revisit_record(
            exchange.url,
            digest,
            original.url,
            warc_date(original.date),
            http_headers=_answered(exchange),
            warc_headers_dict={
                **self._common(exchange),
                "WARC-Refers-To": f"<{original.record_id}>",
            },
        )

    def _record(
        self,
        exchange: Exchange,
        kind: str,
        http: StatusAndHeaders,
        more: Mapping[str, str],
        body: bytes = b"",
    ) -> ArcWarcRecord:
        return self._writer.create_warc_record(
            exchange.url,
            kind,
            payload=BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={**self._common(exchange), **more},
        )

    def _common(self, exchange: Exchange) -> dict[str, str]:
        common = {
            "WARC-Date": warc_date(exchange.fetched_at),
            "WARC-Warcinfo-ID": self._info_id,
        }
        if exchange.source:
            common[SOURCE] = exchange.source
            common["WARC-Creation-Date"] = warc_date(exchange.copied_at)
        return common

    def _pack(self, records: Iterable[ArcWarcRecord]) -> bytes:
        for record in records:
            self._writer.write_record(record)
        packed = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return packed


def _question(exchange: Exchange) -> StatusAndHeaders:
    """Write the request as it went out; the download handler added the Host."""
    parts = urlsplit(exchange.url)
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return _AsReceived(
        f"{exchange.method} {target} HTTP/1.1",
        [("Host", parts.netloc), *exchange.asked],
        is_http_request=True,
    )


def _answered(exchange: Exchange) -> StatusAndHeaders:
    reason = responses.get(exchange.status, "")
    return _AsReceived(
        f"{exchange.status} {reason}".rstrip(), list(exchange.answered), protocol=exchange.protocol
    )
