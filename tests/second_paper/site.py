"""O Farol de Vela, an invented newspaper of Portuguese, one hour behind Greenwich."""

from __future__ import annotations

import datetime as dt

NAME = "O Farol de Vela"
DOMAIN = "ofarol.example"
ORIGINS = {"pt": f"https://{DOMAIN}"}
LANGUAGES, ORIGIN = tuple(ORIGINS), ORIGINS["pt"]
EDITIONS = {"pt": "Portuguese"}
LETTERS = "\u00c0-\u00ff"
SPACES = {"pt": "f"}
DATED_SPACES: dict[str, str] = {}
KNOWN, KNOWN_DAY = {"pt": 70_001}, dt.date(2023, 3, 1)
COUNTRY = "CV"
ZONE = dt.timezone(dt.timedelta(hours=-1), "Atlantic/Cape_Verde")
FIRST_DAY = dt.date(2019, 5, 2)
DAYS_AHEAD = 1
SECTIONS = {1: "Porto", 2: "Câmara", 3: "Tempo"}
DEFAULT_SECTION = 1
MARKUPS = ("farol",)
ERAS = (("current", 0, KNOWN_DAY, "f:70001"),)
FEED = SITEMAP = ""
MOST_WITHOUT_PRINT, NO_PAPER = 1, "a holiday"
PER_DAY, PAGES = 15, 20_000
AGENCIES = frozenset({"Lusa"})
HEADINGS = {"latest": "Últimas", "related": "Veja também"}
PHONE_WORDS, NUMBER_WORDS = "telemóvel|telefone", "número"
NUMERALS = "dois três quatro cinco seis sete oito nove dez"
FIELDS = {"id": "The key: f:70001. From the address.", "views": "Not shown: always null."}
