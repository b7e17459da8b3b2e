"""Invented stories, and what becomes of stories in a newspaper: edited, cut, quoted, filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from observer_crawler.items import content_sha256
from tests.stored import record

if TYPE_CHECKING:
    import random

_PARTS = "ba de gi ko lu ma ne pi ro su ta ve wi yo zu bran stel crim plon fras".split()
WORDS = [f"{one}{two}{end}" for one in _PARTS for two in _PARTS for end in ("", "n", "st", "ra")]


def story(draw: random.Random, paragraphs: int = 5, words: int = 40) -> list[str]:
    """Tell something that no other story tells."""
    return [" ".join(draw.choices(WORDS, k=words)).capitalize() + "." for _ in range(paragraphs)]


def edited(body: list[str], share: float, draw: random.Random) -> list[str]:
    """Put other words in place of a share of them, at least one."""
    parts = [paragraph.split() for paragraph in body]
    places = [(part, place) for part, told in enumerate(parts) for place in range(len(told))]
    for part, place in draw.sample(places, max(1, int(len(places) * share))):
        parts[part][place] = draw.choice(WORDS)
    return [" ".join(told) for told in parts]


def article(number: int, body: list[str], **more: Any) -> dict[str, Any]:  # noqa: ANN401 (fields)
    """Give the record of an article with a text."""
    headline = more.pop("headline", f"Headline {number}")
    told = {"headline": headline, "body": body, "content_sha256": content_sha256(headline, body)}
    return record(number, **told, **more)
