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
# That of the first edition, which stands for the newspaper.
ORIGIN = ORIGINS[LANGUAGES[0]]
EDITIONS = {"en": "English", "bn": "Bangla"}
# The letters of its languages beside ASCII, as ranges of a regular expression.
LETTERS = "\u0980-\u09ff\u0964\u0965"

# The space of each edition's numbers. Those of a dated space, all of the first edition, are none
# without the day, which is part of their address: each has one like it.
SPACES = {"en": "b", "bn": "bn"}
DATED_SPACES = {"a": "/2014/09/06/41457.php"}
# The article of each edition that the project knows best, and a day whose index is known.
KNOWN = {"en": 370_580, "bn": 55_596}
KNOWN_DAY = dt.date(2022, 6, 16)

# Whose plan of telephone numbers a number without a country belongs to (ISO 3166).
COUNTRY = "BD"
# Bangladesh has kept +06:00 all year since 2010, before the first issue online.
ZONE = dt.timezone(dt.timedelta(hours=6), "Asia/Dhaka")
FIRST_DAY = dt.date(2014, 3, 1)
# How its pages have been built, oldest first.
MARKUPS = ("2014", "2016", "2024")
# Articles that are cited under their address of the time, the newest first: the era, which of an
# address's forms is its own (newest first), a day whose index is known, an article of that day.
ERAS = (
    ("current", 0, dt.date(2026, 1, 17), "b:562698"),
    ("php", 1, KNOWN_DAY, "b:370580"),
    ("dated", 2, dt.date(2014, 9, 6), "a:41457"),
)
# Paths of what every edition has once, where there is such a thing.
FEED, SITEMAP = "/rss", "/sitemap.php"
# Days. No paper of the city prints for three to six days at each Eid; nobody has seen more.
MOST_WITHOUT_PRINT, NO_PAPER = 6, "Eid or a holiday"
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

# Numbers of articles rise by about 149 a day (62 dated pages of 2016 to 2026); with the dated pages
# before that the archive has about so many.
PER_DAY, PAGES = 149, 600_000
# What it calls the boxes of its pages.
HEADINGS = {
    "related": "You Might Also Like",
    "latest": "Latest News",
    "most_read": "Most Read News",
}
# Words right before a telephone number, and for "number" after them, beside the English ones.
PHONE_WORDS, NUMBER_WORDS = "ফোন|মোবাইল|টেলিফোন|ফ্যাক্স", "নম্বর"
# Numbers as words, from two to ten, beside the English ones.
NUMERALS = "দুই তিন চার পাঁচ ছয় সাত আট নয় দশ"
# Where its pages show a field, for whoever reads the data; of all other fields `items` says it.
FIELDS = {
    "id": "Number space and number, the key: b:370580, a:41457, bn:55596. From the address.",
    "headline": "The h1, in 2014 the detail heading; null for a bare photo story.",
    "section": "As printed after Home in the breadcrumb; null when empty.",
    "edition": "print when the page gives 12:00 AM, online at any other time.",
    "published_date": "YYYY-MM-DD in the newspaper's zone, from the line Published.",
    "published_at": "ISO 8601 with +06:00 when the page gives a time (online), else null.",
    "byline": "The line between the date and the picture or text.",
    "agency": "From a credit that stands alone at the very end.",
    "images": "Pictures in page order, else og:image.",
    "tags": "Related Topics; null when the markup does not carry them (2014).",
    "views": "The Count when the page was fetched; it grows.",
    "related": "Ids under You Might Also Like, the page itself left out.",
    "previous": "Id behind Previous.",
    "next": "Id behind Next.",
}
