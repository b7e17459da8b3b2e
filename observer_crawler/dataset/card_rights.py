"""The part of a version's card that says whose the texts are, and what whoever republishes them does.

Pure. No licence stands here, because nobody gave one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler import site as newspaper
from observer_crawler.dataset.markdown import plain, table
from observer_crawler.source import NEWSPAPER, REPLICA

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NO_CREDIT = "(none)"
_HOLDER = (
    f"The publisher of {newspaper.NAME} ({newspaper.ORIGIN}) holds the rights to its texts. "
    "It has given no licence for them: hence `license: other`. They are not in the public domain, "
    "and under no Creative Commons licence."
)
_OF_A_LIST = (
    "There is no text of an article here. What a list of addresses, dates and sums may be used for "
    "is for the law of your country to say."
)
_OF_AGENCIES = (
    "News agencies hold the rights to what they wrote: in rows with their credit they are a second "
    "holder, whose leave the publisher cannot give. A credit is read only where it stands alone at "
    "the end of a story, so rows without one may be an agency's too."
)
_INVENTED = (
    "The texts are invented by a copy of the site, which comes with the crawler: none of them is the "
    "newspaper's, nor an agency's, whatever credit they show. Whoever passes them on says so."
)
_UNKNOWN = "Nothing says from which site the lines came, so nobody knows whose the texts are."
_ASKED = (
    "What the site has said of training by machines, by days of fetching (UTC); `not said` is "
    "neither leave nor refusal."
)


def part(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Write the paragraphs and tables."""
    yield "## Rights"
    kind = manifest["made_from"]
    if kind == NEWSPAPER:
        yield from _of_the_newspaper(manifest)
    else:
        yield _INVENTED if kind == REPLICA else _UNKNOWN
    if manifest.get("ai_train"):
        yield "### What the site asked for"
        yield _ASKED
        keys = ("from", "until", "says", "because")
        rows = [[span.get(key) for key in keys] for span in manifest["ai_train"]]
        yield table(("first day", "last day", "training", "because"), rows)
    yield "## Before you publish it"
    yield "\n".join(f"- {duty}" for duty in _duties(manifest))
    yield "## Removal"
    yield (
        "Whoever wrote an article, or is named in it, can ask that it be left out. Its address or id "
        "goes into `exclude.txt` of the data folder, with the day and who asked, and neither the "
        "crawl nor an export takes it from then on."
    )
    yield f"{plain(manifest['lines']['excluded'])} lines were left out of this version so."


def _of_the_newspaper(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield _HOLDER
    if not manifest["with_text"]:
        yield _OF_A_LIST
    agencies = {n: c for n, c in manifest["counts"].get("agency", {}).items() if n != _NO_CREDIT}
    if not agencies:
        yield "No row shows the credit of a news agency."
        return
    yield _OF_AGENCIES
    yield table(("agency", "rows with its credit"), agencies.items())


def _duties(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Say what a machine cannot do for whoever publishes."""
    if manifest["made_from"] != REPLICA and manifest["with_text"]:
        yield "Get leave of the publisher, and of each agency named above, or know why you need none."
        yield "The texts name people: know which law of data protection holds for you."
    if manifest.get("ai_train"):
        yield "Heed what the site asked for."
    yield "Write here who you are, and where somebody asks for removal."
    yield "Look at `exclude.txt` again: what was asked for since is still in this version."
    yield "Keep METHODS.md, manifest.json and this card beside the files."
