"""The newspaper in one place: hosts, zone, first day, languages, sections, eras, words.

Outside this file, `urls`, `processors`, `pages/`, `spiders/` and the replica no file names
the newspaper, its city or its first year. Facts only: nothing here reads an address or a page.
"""

from __future__ import annotations

import datetime as dt

NAME = "The Daily Observer"
DOMAIN = "observerbd.com"
ORIGINS = {"en": f"https://www.{DOMAIN}", "bn": f"https://bn.{DOMAIN}"}
LANGUAGES = tuple(ORIGINS)

# Whose plan of telephone numbers a number without a country belongs to (ISO 3166).
COUNTRY = "BD"
# Bangladesh has kept +06:00 all year since 2010, before the first issue online.
ZONE = dt.timezone(dt.timedelta(hours=6), "Asia/Dhaka")
FIRST_DAY = dt.date(2014, 3, 1)
# The last year in which an article's address was made of its day.
LAST_DATED_YEAR = 2016

# The print edition goes up the evening before: its date may lie this far ahead of the fetch.
DAYS_AHEAD = 2

# Section numbers seen in menus of 2020 to 2026. "(print)" tells a name that the menu has twice.
SECTIONS = {
    185: "Sports",
    186: "National",
    187: "International",
    188: "Countryside",
    191: "Business",
    195: "City News",
    198: "Foreign News",
    199: "Editorial",
    200: "Op-Ed",
    227: "Education",
    228: "Health",
    236: "Entertainment",
    238: "Dhaka",
    239: "Chattogram",
    240: "Rajshahi",
    241: "Khulna",
    242: "Sylhet",
    243: "Barishal",
    244: "Rangpur",
    245: "Mymensingh",
    246: "Opinion",
    247: "Analysis",
}
DEFAULT_SECTION = 198

# Agencies that sign stories. A credit in capitals that is not listed is one too.
AGENCIES = frozenset(
    "AFP AP ANI BBC BSS CNN IANS PTI TASS UNB Agencies Agency Bloomberg Reuters Xinhua "
    "বাসস এএফপি এপি রয়টার্স ইউএনবি বিবিসি সিনহুয়া পিটিআই".split()
)


def section_number(name: str, sections: dict[int, str] = SECTIONS) -> list[int]:
    """Give the numbers that a section's name stands for, none or several included.

    The menu has some names twice, for print and, in capitals, for online: both count.

    >>> section_number("foreign news")
    [198]
    >>> section_number("business", {191: "Business", 300: "BUSINESS"})
    [191, 300]
    """
    wanted = " ".join(name.split()).casefold()
    return [number for number, known in sections.items() if known.casefold() == wanted]
