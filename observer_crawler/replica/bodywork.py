"""Lays a body out: which paragraphs lie bare, where adverts and pictures stand between them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from observer_crawler.replica.prose import paragraphs
from observer_crawler.replica.story import Advert, Figure, Para, Piece, Run

if TYPE_CHECKING:
    from observer_crawler.replica.newsroom import Draft

LABELS = {"en": "Advertisement", "bn": "বিজ্ঞাপন"}
_LONG_ENOUGH = 8  # words: a sentence that an advert can stand in the middle of


def pieces(draft: "Draft", figures: list[Figure]) -> tuple[Piece, ...]:
    """Return the picture and body area in page order."""
    paras = _split_by_advert(draft, paragraphs(draft))
    bare = _bare_count(draft, len(paras))
    body: list[Piece] = [replace(para, bare=number < bare) for number, para in enumerate(paras)]
    _place_adverts(draft, body, bare)
    head = list(figures)
    if len(body) > 2 and head and draft.odd("picture_in_body"):  # noqa: PLR2004
        body.insert(2, head.pop())
    return (*head, *_with_breaks(draft, body))


def _bare_count(draft: "Draft", count: int) -> int:
    """Return how many paragraphs from the first on lie straight in the body's box."""
    if draft.odd("bare_lead"):
        return 1
    return count if draft.odd("all_bare") else 0


def _advert_text(draft: "Draft") -> str:
    return LABELS[draft.language] if draft.odd("advert_with_text") else ""


def _place_adverts(draft: "Draft", body: list[Piece], bare: int) -> None:
    if len(body) < 3 or not draft.odd("advert_between"):  # noqa: PLR2004
        return
    at = 1 if bare == 1 else 1 + draft.chance.randrange(len(body) - 1)
    body.insert(at, Advert(_advert_text(draft)))


def _split_by_advert(draft: "Draft", paras: list[Para]) -> list[Para]:
    """Put an advertisement into the middle of a sentence of the second paragraph."""
    if len(paras) < 3 or paras[1].role != "text" or not draft.odd("advert_in_sentence"):  # noqa: PLR2004
        return paras
    first, *rest = paras[1].runs
    words = first.text.split(" ")
    if first.kind != "text" or len(words) < _LONG_ENOUGH:
        draft.met.remove("advert_in_sentence")
        return paras
    half = len(words) // 2
    advert = Run("advert", _advert_text(draft))
    space = " " * (draft.k % 2)
    runs = (
        Run("text", " ".join(words[:half]) + space),
        advert,
        Run("text", " ".join(words[half:])),
    )
    return [paras[0], replace(paras[1], runs=(*runs, *rest)), *paras[2:]]


def _with_breaks(draft: "Draft", body: list[Piece]) -> list[Piece]:
    """Set the <br>s behind bare paragraphs; none behind the last piece of the body."""
    breaks = 1 + draft.chance.randrange(2)
    for number, piece in enumerate(body[:-1]):
        if isinstance(piece, Para) and piece.bare:
            glued = _may_be_glued(body[number + 1 :]) and draft.odd("lead_glued_to_advert")
            body[number] = replace(piece, breaks=0 if glued else breaks)
    return body


def _may_be_glued(rest: list[Piece]) -> bool:
    """Tell whether an advert follows, and a block behind it: then the block parts the text."""
    follows = rest[1] if len(rest) > 1 else None
    return isinstance(rest[0], Advert) and isinstance(follows, Para) and not follows.bare
