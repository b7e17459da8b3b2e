"""What of Scrapy stays shut in a crawl and in a look at the site, whatever was typed.

Some of its parts read pickles, which is running what stands in a file, and some answer other
addresses than those of the web.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy.utils.misc import load_object

from observer_crawler.cells import visible_lines
from observer_crawler.connections import OTHER_RESOLVER, PublicResolver
from observer_crawler.exceptions import ConfigurationError
from observer_crawler.ranges import place_of

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

_OTHER_SCHEMES = ("file", "data", "ftp", "s3")


def shut(settings: BaseSettings) -> None:
    """Refuse what reads pickles or goes round the check of addresses; leave http and https alone."""
    if settings.getbool("HTTPCACHE_ENABLED"):
        raise ConfigurationError(
            "HTTPCACHE_ENABLED is not used here: it keeps answers as pickles; captures "
            "(OBSERVER_CAPTURE) are kept as WARC"
        )
    if str(settings["STATS_CLASS"]).startswith("spidermon."):
        raise ConfigurationError(
            "STATS_CLASS: the statistics of Spidermon are kept as a pickle; runs.jsonl has ours"
        )
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise ConfigurationError(
            "TWISTED_REACTOR_ENABLED is off: the check of addresses needs the reactor"
        )
    if not issubclass(load_object(settings["TWISTED_DNS_RESOLVER"]), PublicResolver):
        raise ConfigurationError(OTHER_RESOLVER)
    handlers = settings.getdict("DOWNLOAD_HANDLERS")
    settings.set(
        "DOWNLOAD_HANDLERS", {**handlers, **dict.fromkeys(_OTHER_SCHEMES)}, priority="cmdline"
    )


def keep_logs_plain() -> None:
    """Let no log line carry what a terminal obeys; lines quote addresses, reasons, tracebacks."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_in_plain)


def _in_plain(record: logging.LogRecord) -> bool:
    record.msg, record.args = visible_lines(_text(record)), None
    if record.exc_info:
        record.exc_text = visible_lines(_FORMATTER.formatException(record.exc_info))
    return True


def _text(record: logging.LogRecord) -> str:
    """Give a line as it is; a mistake in one of somebody else's must not end what it tells of."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args!r}"


_FORMATTER = logging.Formatter()


def by_proxy(origin: str) -> str:
    """Say through which proxy an origin is asked, without its password; empty for none.

    Where the proxy connects to cannot be seen from here. Raises ConfigurationError for one that is
    no address; its password may stand anywhere in it.
    """
    parts = urlsplit(origin)
    proxy = getproxies().get(parts.scheme, "")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return ""
    try:
        host, port_number = place_of(proxy if "://" in proxy else f"http://{proxy}")
    except ValueError as err:
        raise ConfigurationError(
            f"{parts.scheme}_proxy: expected an address like http://proxy:3128, got something else "
            "(it is not shown here)"
        ) from err
    place = f"[{host}]" if ":" in host else host or "?"
    port = f":{port_number}" if port_number else ""
    return f"; through the proxy {place}{port} ({parts.scheme}_proxy), whose connections are not checked"
