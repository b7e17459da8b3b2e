"""Which articles exist: five small columns, so that 100,000 of them cost a few megabytes.

An article is a row `k`; rows rise with the number and with the day. All else about an article is
derived from (seed, k) when it is asked for.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from datetime import date, datetime, timedelta

from observer_crawler.replica.days import has_print
from observer_crawler.replica.draw import mix, pick
from observer_crawler.replica.options import Options
from observer_crawler.replica.sections import SECTIONS, shares
from observer_crawler.replica.text import writers

_ANCHORS = (
    *(("2016-07-10", 61277), ("2020-01-07", 237425), ("2020-04-01", 252020)),
    *(("2021-01-16", 294361), ("2021-09-12", 330686), ("2022-06-16", 370580)),
    *(("2023-01-15", 402307), ("2023-09-13", 437093), ("2024-03-27", 466118)),
    *(("2025-01-01", 507000), ("2026-01-17", 562698), ("2026-09-15", 596644)),
)
"""Numbers of space b by day, as seen."""
FIRST_DAY = date(2014, 3, 1)
_EVENING = 20  # from about this hour on the next day's print edition goes up


def number_on(day: date, space: str) -> int:
    """Return about the number that an article of that day has in its space.

    >>> number_on(date(2022, 6, 16), "b"), number_on(date(2014, 9, 6), "a")
    (370580, 41457)
    """
    if space == "a":
        return round((day - FIRST_DAY).days * 41457 / 189)
    if space == "bn":
        return 55596 + (day - date(2022, 6, 16)).days * 15
    points = [(date.fromisoformat(text).toordinal(), number) for text, number in _ANCHORS]
    at = min(max(bisect_left(points, (day.toordinal(), 0)), 1), len(points) - 1)
    (day0, number0), (day1, number1) = points[at - 1 : at + 1]
    return round(number0 + (day.toordinal() - day0) * (number1 - number0) / (day1 - day0))


class Desk:
    """The rows, and who finds them: by number, by day, by section, by writer."""

    def __init__(self, options: Options) -> None:
        """Fill the rows for the last days up to the options' now."""
        self.options = options
        self.space = "bn" if options.language == "bn" else "a" if options.markup == "2014" else "b"
        self.numbers = array("q")
        self.days = array("i")
        self.sections = array("h")
        self.writers = array("h")
        self.printed = bytearray()
        self.by_day: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
        self.by_section: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
        self.by_writer: defaultdict[int, array[int]] = defaultdict(lambda: array("i"))
        self._shares = {flag: shares(options.language, printed=flag) for flag in (False, True)}
        self.section_numbers = tuple(part.number for part in SECTIONS[options.language])
        self._names = {section.number: section for section in SECTIONS[options.language]}
        self._fill(options.clock())

    def _fill(self, now: datetime) -> None:
        count, days = self.options.articles, self.options.days
        first = now.date().toordinal() - days + 1
        evening = now.hour >= _EVENING and has_print(now.date() + timedelta(days=1))
        tail = count - count // 20 if evening else count
        next_number = number_on(now.date(), self.space) - count - count // 12
        for k in range(count):
            tomorrow = k >= tail and (count - k) % 2 == 1
            day = first + (days if tomorrow else k * days // count)
            next_number = self._append(k, max(next_number, k + 1), day, tomorrow=tomorrow)

    def _append(self, k: int, number: int, day: int, *, tomorrow: bool) -> int:
        chance = mix(self.options.seed, k, 1)
        printed = tomorrow or (chance % 2 == 0 and has_print(date.fromordinal(day)))
        section = pick(self._shares[printed], chance >> 8).number
        writer = pick(range(len(writers(self.options.language))), chance >> 20)
        writer = writer if (chance >> 40) % 5 in (0, 1) else -1
        for column, value in ((self.numbers, number), (self.days, day), (self.sections, section)):
            column.append(value)
        self.writers.append(writer)
        self.printed.append(printed)
        self.by_day[day].append(k)
        self.by_section[section].append(k)
        if writer >= 0:
            self.by_writer[writer].append(k)
        return number + 1 + ((chance >> 48) % 12 == 0)

    def publish(self, now: datetime) -> int:
        """Add one article that goes up now; return its row."""
        k = len(self.numbers)
        tomorrow = now.date() + timedelta(days=1)
        early = now.hour >= _EVENING and k % 2 == 1 and has_print(tomorrow)
        day = (tomorrow if early else now.date()).toordinal()
        self._append(k, self.numbers[-1] + 1, day, tomorrow=early)
        return k

    def row(self, number: int) -> int | None:
        """Return the row of an article by its number, None for a number nobody has."""
        k = bisect_left(self.numbers, number)
        return k if k < len(self.numbers) and self.numbers[k] == number else None

    def day(self, k: int) -> date:
        """Return the day of publication of a row."""
        return date.fromordinal(self.days[k])

    def section_name(self, number: int) -> str:
        """Return a section's name as its edition prints it."""
        return self._names[number].name

    def topics(self, number: int) -> tuple[str, ...]:
        """Return what a section writes about."""
        return self._names[number].topics

    def id(self, k: int) -> str:
        """Return the key of a row: space and number."""
        return f"{self.space}:{self.numbers[k]}"

    def missing_number(self, near: int) -> int:
        """Return a number that no article has, near a given one."""
        while self.row(near) is not None:
            near -= 1
        return near
