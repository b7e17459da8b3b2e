"""How a crawl ended: the exit code and the one line that says what to do. Pure: stats in.

0  nothing of the run is left, or a limit that was asked for was reached
3  something is left or failed: the same command goes on
5  the site refuses us: no further try before tomorrow
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Reasons of Scrapy's own CloseSpider extension that are limits someone asked for.
_LIMITS = ("closespider_itemcount", "closespider_pagecount")
_GO_ON = "The same command goes on."
_TROUBLE = {
    "store": "Stopped, the articles can no longer be written",
    "ledger": "Stopped, the ledger can no longer be written",
    "offline": "Stopped, nobody answers",
    "trouble": "Stopped, the site answers with errors only",
    "robots": "Stopped, nothing may be fetched without robots.txt",
}


class Ending(NamedTuple):
    """What a crawl leaves behind for whoever started it."""

    code: int
    line: str


def ending_of(stats: Mapping[str, Any]) -> Ending:
    """Tell the ending of a crawl that was started from its stats.

    >>> ending_of({"finish_reason": "finished", "observer/addresses/stored": 2})
    Ending(code=0, line='Done.')
    """
    word = stats.get("observer/ending", "")
    detail = stats.get("observer/ending_detail", "")
    if word == "refused":
        return Ending(5, f"The site refuses us ({detail}): no further try before tomorrow.")
    if word in _TROUBLE:
        return Ending(3, f"{_TROUBLE[word]}: {detail.rstrip('.')}. {_GO_ON}")
    if error := stats.get("observer/feed_error"):
        return Ending(
            3, f"The file of -O or -o is not whole ({error}): what was stored is in the segments."
        )
    if _is_all_denied(stats):
        return Ending(
            5, "The site refuses us: every address is forbidden. No try before tomorrow."
        )
    return _of_what_is_left(stats, word)


def _of_what_is_left(stats: Mapping[str, Any], word: str) -> Ending:
    waiting, failed = _addresses(stats, "waiting"), _addresses(stats, "failed")
    reason = stats.get("finish_reason", "killed")
    is_limit = word == "limit" or reason in _LIMITS
    if failed:
        return Ending(3, f"{failed:,} addresses failed, {waiting:,} wait. {_GO_ON}")
    if reason != "finished" and not is_limit:
        return Ending(3, f"Stopped ({reason}), {waiting:,} addresses wait. {_GO_ON}")
    if is_limit:
        return Ending(0, f"Reached the limit that was asked for; {waiting:,} addresses wait.")
    if waiting:
        return Ending(3, f"{waiting:,} addresses wait. {_GO_ON}")
    if lack := _lack(stats):
        return Ending(3, f"{lack}. {_GO_ON}")
    return Ending(0, "Done.")


def _lack(stats: Mapping[str, Any]) -> str:
    """Say what a site lacks that is not there at all; empty when it is."""
    if not _is_anything_read(stats):
        return "Neither the front page nor a section list could be read"
    return "" if _is_any_article_known(stats) else "No page that was read shows an article"


def _is_all_denied(stats: Mapping[str, Any]) -> bool:
    return _addresses(stats, "denied") > 0 and not _is_anything_read(stats)


def _is_anything_read(stats: Mapping[str, Any]) -> bool:
    return any(_addresses(stats, state) for state in ("stored", "read", "refused", "outside"))


def _is_any_article_known(stats: Mapping[str, Any]) -> bool:
    """A database that is down answers 200 with a page of one sentence."""
    is_found = any(name.startswith("observer/found/") for name in stats)
    return is_found or _addresses(stats, "stored") > 0


def _addresses(stats: Mapping[str, Any], state: str) -> int:
    return int(stats.get(f"observer/addresses/{state}", 0))
