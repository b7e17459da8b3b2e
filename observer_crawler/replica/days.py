"""The newspaper's calendar: how a day is printed, and the days on which no paper appears."""

from datetime import date, datetime, time, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BANGLA_MONTHS = (
    *("জানুয়ারি", "ফেব্রুয়ারি", "মার্চ", "এপ্রিল", "মে", "জুন", "জুলাই"),
    *("আগস্ট", "সেপ্টেম্বর", "অক্টোবর", "নভেম্বর", "ডিসেম্বর"),
)
BANGLA_WEEKDAYS = (
    *("সোমবার", "মঙ্গলবার", "বুধবার", "বৃহস্পতিবার"),
    *("শুক্রবার", "শনিবার", "রবিবার"),
)
_DIGITS = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")

_HALVES = (("সময়", False), ("at", True))
"""Before the clock in Bangla, and whether AM and PM are spelt out: one way for a skin each."""

EIDS = (
    *("2014-07-29", "2014-10-06", "2015-07-18", "2015-09-25", "2016-07-07", "2016-09-13"),
    *("2017-06-26", "2017-09-02", "2018-06-16", "2018-08-22", "2019-06-05", "2019-08-12"),
    *("2020-05-25", "2020-08-01", "2021-05-14", "2021-07-21", "2022-05-03", "2022-07-10"),
    *("2023-04-22", "2023-06-29", "2024-04-11", "2024-06-17", "2025-03-31", "2025-06-07"),
    *("2026-03-21", "2026-05-27"),
)
"""The days of Eid; a paper is missing from the day before on, three to six days."""
_HOLIDAYS = frozenset({(2, 22), (4, 15), (5, 2), (12, 17)})
"""The day after a public holiday has no paper, for nobody worked on the holiday."""


def _holes() -> frozenset[date]:
    gaps = set()
    for number, text in enumerate(EIDS):
        eid = date.fromisoformat(text)
        length = 5 if text == "2025-06-07" else 3 + number % 4
        gaps |= {eid + timedelta(days=ahead) for ahead in range(-1, length - 1)}
    return frozenset(gaps)


_EID_HOLES = _holes()


def has_print(day: date) -> bool:
    """Tell whether a paper appeared that day.

    >>> [has_print(date(2025, 6, day)) for day in (5, 6, 10, 11)]
    [True, False, False, True]
    """
    return day not in _EID_HOLES and (day.month, day.day) not in _HOLIDAYS


def bangla_digits(text: object) -> str:
    """Return the text with its digits in Bangla."""
    return str(text).translate(_DIGITS)


def clock_text(moment: time) -> str:
    """Return the time as the site prints it.

    >>> clock_text(time(0, 0)), clock_text(time(14, 5))
    ('12:00 AM', '2:05 PM')
    """
    return f"{(moment.hour + 11) % 12 + 1}:{moment.minute:02} {('AM', 'PM')[moment.hour // 12]}"


def day_text(day: date) -> str:
    """Return a day as the site prints it: `Thursday, 16 June, 2022`."""
    return f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]}, {day.year}"


def bangla_day_text(day: date) -> str:
    """Return a day in Bangla: `বৃহস্পতিবার, ১৬ জুন, ২০২২`."""
    numbers = bangla_digits(day.day), bangla_digits(day.year)
    month, weekday = BANGLA_MONTHS[day.month - 1], BANGLA_WEEKDAYS[day.weekday()]
    return f"{weekday}, {numbers[0]} {month}, {numbers[1]}"


def published_text(day: date, moment: time | None, language: str, skin: int) -> str:
    """Return what stands after the label of the date line; without a moment the day alone."""
    if language == "en":
        return day_text(day) + (f" at {clock_text(moment)}" if moment else "")
    if moment is None:
        return bangla_day_text(day)
    clock = bangla_digits(clock_text(moment))
    half, spoken = _HALVES[skin % 2]
    if spoken:
        clock = clock.replace("AM", "এএম").replace("PM", "পিএম")
    return f"{bangla_day_text(day)} {half} {clock}"


def crawl_line(now: datetime, language: str) -> str:
    """Return the line at the top of every page: the day and time of the visit."""
    if language == "bn":
        return f"{bangla_day_text(now.date())}, {bangla_digits(clock_text(now.time()))}"
    return f"{day_text(now.date())}, {clock_text(now.time())}"
