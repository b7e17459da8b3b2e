"""Writes an article: from a row of the desk to a `Story`, the same one whenever it is asked."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, time
from functools import lru_cache

from observer_crawler.replica import bodywork, pictures
from observer_crawler.replica.desk import Desk
from observer_crawler.replica.draw import dice, mix, pick
from observer_crawler.replica.oddities import IMPOSSIBLE, ODDITIES
from observer_crawler.replica.skins import words
from observer_crawler.replica.story import Byline, Story
from observer_crawler.replica.text import Words, phrases, words_of, writers

_LETTER_SECTIONS = (199, 200)


class Draft:
    """An article in the making: its chance, its words, and the oddities met so far."""

    def __init__(self, newsroom: "Newsroom", k: int) -> None:
        """Begin the article of row `k`."""
        options = newsroom.desk.options
        self.newsroom, self.desk, self.k = newsroom, newsroom.desk, k
        self.language, self.plain = options.language, options.plain
        self.chance = dice(options.seed, k, 2)
        self.words = newsroom.words(k)
        self.topic = newsroom.topic(k)
        self.headline = newsroom.headline(k)
        self.printed = bool(newsroom.desk.printed[k])
        self.letter = self.topic == "letter"
        self.met: list[str] = []

    def odd(self, name: str) -> bool:
        """Decide whether an oddity happens here, and note it if so."""
        rate = ODDITIES[name]
        happens = self.chance.random() < (rate or 0) and not self.plain
        if happens and name not in newsroom_impossible(self.language):
            self.met.append(name)
            return True
        return False

    def note(self, name: str) -> None:
        """Note what follows from the article itself."""
        if not self.plain:
            self.met.append(name)

    def say(self, name: str) -> str:
        """Return one sentence of a list."""
        return self.words.say(name, self.chance.randrange(1 << 30))


def newsroom_impossible(language: str) -> frozenset[str]:
    """Return the oddities that a language does not have."""
    return IMPOSSIBLE[language]


class Newsroom:
    """All articles of a desk. Edits are kept as a revision per row."""

    def __init__(self, desk: Desk) -> None:
        """Write for the rows of `desk`."""
        self.desk = desk
        self.language = desk.options.language
        self.words_of_site = words(desk.options.language, desk.options.skin)
        self.revisions: dict[int, int] = {}
        self.went_up: dict[int, datetime] = {}
        self._ranked: tuple[int, list[int]] = (0, [])
        self.headline = lru_cache(maxsize=20_000)(self._headline)
        self.story = lru_cache(maxsize=2_000)(self._story)

    def publish(self, now: datetime) -> int:
        """Add an article that goes up now; return its row."""
        k = self.desk.publish(now)
        self.went_up[k] = now
        self.story.cache_clear()
        return k

    def edit(self, k: int) -> None:
        """Change the text of an article."""
        self.revisions[k] = self.revisions.get(k, 0) + 1
        self.headline.cache_clear()
        self.story.cache_clear()

    def words(self, k: int) -> Words:
        """Return the people, places and numbers of an article."""
        return words_of(self.language, self.topic(k), mix(self.desk.options.seed, k, 3))

    def topic(self, k: int) -> str:
        """Return what an article is about."""
        section, chance = self.desk.sections[k], mix(self.desk.options.seed, k, 4)
        letters = section in _LETTER_SECTIONS and chance % 100 < (ODDITIES["letter"] or 0) * 100
        if letters and not self.desk.options.plain:
            return "letter"
        return pick(self.desk.topics(section), chance >> 16)

    def _headline(self, k: int) -> str | None:
        chance, plain = mix(self.desk.options.seed, k, 5), self.desk.options.plain
        if not plain and self.topic(k) != "letter":
            if chance % 1000 < (ODDITIES["no_headline"] or 0) * 1000:
                return None
            if (chance >> 10) % 1000 < (ODDITIES["repeated_headline"] or 0) * 1000:
                return pick(phrases(self.desk.options.language)["any.repeated"], chance >> 20)
        return self.words(k).say(f"{self.topic(k)}.headline", chance >> 20)

    def views(self, k: int) -> int:
        """Return how often a page was read before the replica began: few much, many little."""
        chance = mix(self.desk.options.seed, k, 6)
        return 20 + chance % 480 + (chance % 4700 if (chance >> 32) % 9 == 0 else 0)

    def teaser(self, k: int) -> str:
        """Return the line under an article's title in a list."""
        return self.words(k).say(f"{self.topic(k)}.detail", mix(self.desk.options.seed, k, 7))

    def most_read(self) -> list[int]:
        """Return the rows read most among the newest thousand."""
        count = len(self.desk.numbers)
        if count != self._ranked[0]:
            newest = range(max(count - 1000, 0), count)
            ranked = sorted(newest, key=lambda k: (-self.views(k), k))[:10]
            self._ranked = (count, ranked)
        return self._ranked[1]

    def link_text(self, k: int) -> str:
        """Return what a link to the article says; a photo story is called by its picture."""
        named = self.headline(k)
        return named or ("In pictures" if self.desk.options.language == "en" else "ছবিতে")

    def _story(self, k: int) -> Story:
        draft = Draft(self, k)
        _note_headline(draft)
        above, below = _shoulders(draft)
        moment = _moment(draft)
        section = (
            "" if draft.odd("empty_section") else self.desk.section_name(self.desk.sections[k])
        )
        views = _views(draft)
        bylines = tuple(_bylines(draft))
        figures = pictures.figures(draft)
        pieces = bodywork.pieces(draft, figures)
        tags = _tags(draft)
        return Story(
            k=k,
            headline=draft.headline,
            shoulder_above=above,
            shoulder_below=below,
            section=section,
            day=self.desk.day(k),
            moment=moment,
            views=views,
            bylines=bylines,
            og_image=pictures.og_image(draft, figures),
            summary=draft.say(f"{draft.topic}.detail"),
            pieces=pieces,
            tags=tags,
            tags_as_links=bool(tags) and "tags_as_links" in draft.met,
            related=_related(draft),
            oddities=tuple(dict.fromkeys(draft.met)),
        )


def _note_headline(draft: Draft) -> None:
    if draft.headline is None:
        draft.note("no_headline")
    elif draft.headline in phrases(draft.language)["any.repeated"]:
        draft.note("repeated_headline")


def _shoulders(draft: Draft) -> tuple[str | None, str | None]:
    if draft.headline is None:
        return None, None
    if draft.odd("shoulder_both"):
        return draft.say("any.shoulder"), draft.say("any.shoulder")
    if draft.odd("shoulder_above"):
        return draft.say("any.shoulder"), None
    if draft.odd("shoulder_below"):
        return None, draft.say("any.shoulder")
    return None, None


def _moment(draft: Draft) -> time | None:
    now = draft.newsroom.went_up.get(draft.k, draft.desk.options.clock())
    tomorrow = draft.desk.day(draft.k) > now.date()
    draft.note(
        "print_of_tomorrow" if tomorrow else "print_edition" if draft.printed else "online_edition"
    )
    minute = draft.chance.randrange(6 * 60, 23 * 60)
    if draft.desk.day(draft.k) == now.date():
        minute = min(minute, max(now.hour * 60 + now.minute, 1))
    if draft.odd("no_time"):
        return None
    return time(0, 0) if draft.printed else time(minute // 60, minute % 60)


def _views(draft: Draft) -> int | None:
    count = draft.newsroom.views(draft.k)
    if draft.odd("no_count"):
        return None
    if count > 999 and draft.k % 2:  # noqa: PLR2004
        draft.note("count_with_comma")
    return count


def _bylines(draft: Draft) -> Iterator[Byline]:
    desk, k = draft.desk, draft.k
    people = writers(draft.language)
    writer = desk.writers[k]
    if writer < 0 and (draft.letter or draft.odd("no_byline")):
        return
    if writer < 0:
        yield Byline(draft.say("word.desk"), None)
        return
    if people[writer][0] > "\u0900" and draft.language == "en":
        draft.note("author_in_bangla")
    yield Byline(people[writer], writer)
    if draft.odd("two_bylines"):
        yield Byline(draft.say("word.desk"), None)


def _tags(draft: Draft) -> tuple[str, ...]:
    if draft.printed:
        return ()
    as_links, in_line = draft.odd("tags_as_links"), draft.odd("tags_in_line")
    if not as_links and not in_line:
        return ()
    if as_links and in_line:
        draft.met.remove("tags_in_line")
    words = phrases(draft.language)["word.tag"]
    at = draft.chance.randrange(len(words))
    return tuple(
        words[(at + step * 4) % len(words)] for step in range(1 + draft.chance.randrange(4))
    )


def _related(draft: Draft) -> tuple[int | None, ...]:
    """Return the rows of You Might Also Like; None is a story that is gone."""
    desk, k = draft.desk, draft.k
    row = desk.by_section[desk.sections[k]]
    at = bisect_left(row, k)
    wanted = 4 if draft.odd("short_related") else 8
    near = [other for other in row[max(at - 6, 0) : at + 7] if other != k]
    near += [other for other in range(max(k - 12, 0), k) if other not in near]
    start = draft.chance.randrange(max(len(near) - wanted, 1))
    chosen: list[int | None] = list(near[start : start + wanted])
    if chosen and (draft.plain or draft.odd("own_story_in_related")):
        chosen[draft.chance.randrange(len(chosen))] = k
    if len(chosen) > 1 and draft.odd("related_to_missing"):
        chosen[-1] = None
    return tuple(chosen)
