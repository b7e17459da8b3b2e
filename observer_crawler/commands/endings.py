"""How a crawl ended: the exit code and the one line that says what to do. Pure: stats in.

0  nothing of the run is left and due, or a limit that was asked for was reached
3  something is left, or failed in this run: the same command goes on
4  an alarm stands for runs like this one, or the run could not be judged
5  the site refuses us: no further try before tomorrow

When several hold, 5 comes before 3 and 3 before 4. A start that was not possible (1) has no stats
and does not come here. What an earlier run reported as failed is no news, and what is due another
day keeps no timer busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

GO_ON = "The same command goes on."
_SEE = "scrapy status --failed shows why."
# Words for what ended a run against the will of whoever started it.
_TROUBLE = {
    "store": "Stopped, the articles can no longer be written",
    "ledger": "Stopped, the ledger can no longer be written",
    "capture": "Stopped, the answers can no longer be kept",
    "offline": "Stopped, nobody answers",
    "trouble": "Stopped, the site answers with errors only",
    "robots": "Stopped, nothing may be fetched without robots.txt",
    "private": "Stopped, the site is not asked where it is",
    "watchdog": "Stopped, nothing came to an end any more",
    "disk": "Stopped, the disk is nearly full",
    "pause": "Stopped, the site is busy",
}
# Words for limits that someone asked for, the last two of Scrapy's own CloseSpider extension.
_ASKED = {
    "limit": "Reached the limit that was asked for",
    "budget": "Used up the requests of the day",
    "hours": "The hours of the day that were asked for are over",
    "closespider_itemcount": "Reached the limit that was asked for",
    "closespider_pagecount": "Reached the limit that was asked for",
}
# Words for what the ledger keeps in one.
_REFUSALS = {"robots": "robots.txt forbids everything: every address is forbidden"}
# Kinds of answers on which nothing of the newspaper stands.
_NOTHING = frozenset(("missing", "challenge", "other"))


class Ending(NamedTuple):
    """What a crawl leaves behind for whoever started it."""

    code: int
    line: str


def ending_of(stats: Mapping[str, Any]) -> Ending:
    """Tell the ending of a crawl that was started from its stats.

    >>> ending_of({"finish_reason": "finished", "observer/pages/article": 2})
    Ending(code=0, line='Done.')
    """
    word = stats.get("observer/ending", "")
    detail = str(stats.get("observer/ending_detail", "")).rstrip(".")
    if word == "refused":
        why = _REFUSALS.get(detail, detail)
        return Ending(5, f"The site refuses us ({why}): no further try before tomorrow.")
    if word not in _TROUBLE and _is_all_denied(stats):
        return Ending(
            5, "The site refuses us: every address is forbidden. No try before tomorrow."
        )
    if word in _TROUBLE:
        return Ending(3, f"{_TROUBLE[word]}: {detail}. {GO_ON}")
    if error := stats.get("observer/feed_error"):
        return Ending(
            3, f"The file of -O or -o is not whole ({error}): what was stored is in the segments."
        )
    return _of_what_is_left(stats, word or stats.get("finish_reason", "killed"))


def with_alarms(ending: Ending, count: int) -> Ending:
    """Give the ending of a run for which so many alarms stand; what is worse comes first.

    >>> with_alarms(Ending(0, "Done."), 2)
    Ending(code=4, line='Done, but 2 alarms stand: scrapy status shows them.')
    """
    if ending.code or not count:
        return ending
    alarms = "an alarm stands" if count == 1 else f"{count:,} alarms stand"
    line = ending.line.rstrip(".")
    return Ending(
        4, f"{line}, but {alarms}: scrapy status shows {'it' if count == 1 else 'them'}."
    )


def unjudged(ending: Ending) -> Ending:
    """Give the ending of a run of which nobody can say whether it was like those before it.

    >>> unjudged(Ending(0, "Done."))
    Ending(code=4, line='Done, but the run could not be judged: the line before says why.')
    """
    if ending.code:
        return ending
    line = ending.line.rstrip(".")
    return Ending(4, f"{line}, but the run could not be judged: the line before says why.")


def _of_what_is_left(stats: Mapping[str, Any], word: str) -> Ending:
    left, failed = _figure(stats, "left"), _figure(stats, "failed_now")
    wait = f"{_addresses(left)} {_verb(left, 'wait')}"
    if failed:
        return Ending(3, f"{_addresses(failed)} failed, {left:,} {_verb(left, 'wait')}. {_SEE}")
    if word in _ASKED:
        return Ending(0, f"{_ASKED[word]}; {wait}.")
    if word != "finished":
        return Ending(3, f"Stopped ({word}), {wait}. {GO_ON}")
    if lack := wait if left else _lack(stats):
        return Ending(3, f"{lack}. {GO_ON}")
    if _is_of_archive(stats) and _figure(stats, "requests") and not _has(stats, "captures"):
        return Ending(0, "Done: the archive lists no capture of an article.")
    return Ending(0, _done(_figure(stats, "later")))


def _done(later: int) -> str:
    due = f"; {_addresses(later)} {_verb(later, 'are')} due later (scrapy status says when)"
    return f"Done{due if later else ''}."


def _lack(stats: Mapping[str, Any]) -> str:
    """Say what a site lacks that was asked and is not there at all; empty when it is."""
    if not _figure(stats, "requests") or _is_of_archive(stats) or _is_of_requisites(stats):
        return ""
    if _is_idle(stats):
        return ""
    if not _is_anything_read(stats) and not _figure(stats, "pages/other"):
        return "Neither the front page nor a section list nor a day index could be read"
    is_shown = _figure(stats, "shown") > 0 or _has(stats, "found")
    is_known = is_shown or _figure(stats, "addresses/stored") > 0
    if _is_anything_read(stats) and is_known:
        return ""
    return "No page that was read shows an article"


def _is_of_archive(stats: Mapping[str, Any]) -> bool:
    """Whether a web archive was asked in the newspaper's place."""
    return "observer/source" in stats


def _is_all_denied(stats: Mapping[str, Any]) -> bool:
    """Whether this run was forbidden all that it asked; a robots.txt that forbids is one answer.

    The ledger also counts what earlier runs were denied, so nothing else may have come.
    """
    if not _figure(stats, "requests") or not _figure(stats, "addresses/denied"):
        return False
    if _is_of_requisites(stats) or _is_idle(stats):
        return False
    came = {name for name in _pages(stats) if name != "challenge"}
    others = ("articles/unchanged", "failed_now", "left")
    return not (came or any(_figure(stats, name) for name in others))


def _is_idle(stats: Mapping[str, Any]) -> bool:
    """Whether a run of a folder with articles asked for robots.txt alone.

    What that forbids is looked up again each day: a range that is done has nothing else to do.
    """
    is_asked = _figure(stats, "requests") > int(stats.get("robotstxt/request_count", 0))
    return not is_asked and _figure(stats, "addresses/stored") > 0


def _is_anything_read(stats: Mapping[str, Any]) -> bool:
    """Whether the newspaper answered; a database that is down sends a page of one sentence."""
    return bool(_pages(stats) - _NOTHING) or _figure(stats, "articles/unchanged") > 0


def _is_of_requisites(stats: Mapping[str, Any]) -> bool:
    """Whether a run asked for no page, but for pictures that an earlier one had found."""
    prefix = "observer/requisites/"
    files = sum(int(count) for name, count in stats.items() if name.startswith(prefix))
    return 0 < files == _figure(stats, "settled")


def _pages(stats: Mapping[str, Any]) -> set[str]:
    """Give the kinds of pages that came in this run."""
    prefix = "observer/pages/"
    return {name.removeprefix(prefix) for name in stats if name.startswith(prefix)}


def _has(stats: Mapping[str, Any], group: str) -> bool:
    return any(name.startswith(f"observer/{group}/") for name in stats)


def _figure(stats: Mapping[str, Any], name: str) -> int:
    return int(stats.get(f"observer/{name}", 0))


def _addresses(count: int) -> str:
    return "1 address" if count == 1 else f"{count:,} addresses"


def _verb(count: int, many: str) -> str:
    return {"are": "is", "wait": "waits"}[many] if count == 1 else many
