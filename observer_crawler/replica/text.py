"""Invented words: a sentence is a pattern with slots, and a story fills a slot always alike.

A slot such as `{place}` is drawn once per story, `{place2}` is another draw of the same word, so
that a story keeps its people and places from the headline to the last line.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

from observer_crawler.replica.days import bangla_digits
from observer_crawler.replica.draw import mark, mix, pick

AGENCIES = {
    "en": ("AFP", "BSS", "UNB", "AP", "Reuters", "Xinhua"),
    "bn": ("বাসস", "এএফপি", "রয়টার্স", "ইউএনবি"),
}


@lru_cache(maxsize=2)
def phrases(language: str) -> dict[str, tuple[str, ...]]:
    """Return every list of one language's text file by the name in its head."""
    text = files(__package__).joinpath(f"texts/{language}.txt").read_text("utf-8")
    lists: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = lists.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            current.append(line)
    return {name: tuple(lines) for name, lines in lists.items()}


_NEXT = 7 + (6 << 9)  # a prime: `person2` has another first and last name, `n2` another figure


class Words(dict[str, str]):
    """The slots of one story, filled when first asked for."""

    def __init__(self, language: str, base: int) -> None:
        """Fill from `base`, a number of the story's own."""
        super().__init__()
        self._language = language
        self._base = base

    def __missing__(self, slot: str) -> str:
        """Draw a slot's word."""
        kind = slot.rstrip("23456789")
        number = mix(self._base, mark(kind)) + (int(slot[len(kind) :] or 1) - 1) * _NEXT
        word = self[slot] = self._draw(kind, number)
        return word

    def _draw(self, kind: str, number: int) -> str:
        lists = phrases(self._language)
        if kind.endswith("_cap"):
            word = self[kind[:-4]]
            return word[0].upper() + word[1:]
        if kind == "person":
            return f"{pick(lists['word.first'], number)} {pick(lists['word.last'], number >> 9)}"
        if kind in _NUMBERS:
            text = _NUMBERS[kind](number)
            return text if self._language == "en" else bangla_digits(text)
        if kind == "agency":
            return pick(AGENCIES[self._language], number)
        return pick(lists[f"word.{kind}"], number)

    def say(self, name: str, number: int) -> str:
        """Return one sentence of a list, its slots filled, its first letter large."""
        text = pick(phrases(self._language)[name], number).format_map(self)
        return text[0].upper() + text[1:]


def words_of(language: str, topic: str, base: int) -> Words:
    """Return the words of a story; one from abroad has its places and people abroad."""
    words = Words(language, base)
    if topic == "world" and language == "en":
        words["place"] = words["capital"].title()
        words["ministry"] = "interior ministry"
        words["person"], words["person2"] = words["foreigner"], words["foreigner3"]
    return words


class Retold:
    """The slots of a further sentence: the story's people and places, numbers of its own."""

    def __init__(self, words: Words, fresh: Words) -> None:
        self._words, self._fresh = words, fresh

    def __getitem__(self, slot: str) -> str:
        """Return a slot's word; figures and weekdays are drawn anew."""
        kind = slot.rstrip("23456789")
        return self._fresh[slot] if kind in _NUMBERS or kind == "weekday" else self._words[slot]


def _nth(number: int) -> str:
    return pick(("second", "third", "fourth", "fifth", "sixth"), number)


_NUMBERS: dict[str, Callable[[int], str]] = {
    "n": lambda number: str(3 + number % 17),
    "nth": _nth,
    "hundred": lambda number: str(110 + 10 * (number % 80)),
    "thousand": lambda number: f"{1 + number % 24},{(number >> 8) % 10}00",
    "percent": lambda number: f"{1 + number % 19}.{1 + (number >> 8) % 9}",
}


@lru_cache(maxsize=2)
def writers(language: str) -> tuple[str, ...]:
    """Return the people who sign: sixty in all, in English every tenth in Bangla letters."""
    names = []
    for number in range(60):
        script = "bn" if number % 10 == 0 else language
        names.append(Words(script, mix(number, 77))["person"])
    return tuple(dict.fromkeys(names))
